"""A distributor with an empty house: the real engine on a database of the test's own, told one thing at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from crossdock.engine import configuration, outcome_messages
from crossdock.engine.settle import Settled, Settler
from crossdock.store import configuration as stored
from crossdock.store import day_end, waiting
from crossdock.store.connect import connect
from crossdock.store.delivery import Key
from crossdock.store.intake import Incoming, Received, digest, receive

DISTRIBUTOR = Path(__file__).resolve().parents[2] / "examples" / "distributor"
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
RATES = "scac,warehouse,zone,cwt_cents,min_cents,fuel_bp\nRDWY,DC01,1,1500,9000,2500\n"


class Distributor:
    """Says things in the words of the trade, and shows what followed."""

    def __init__(self, connection: psycopg.Connection, *, tenant: str = "story") -> None:
        self.connection = connection
        self.tenant = stored.tenant_id(connection, tenant)
        configuration.apply(connection, self.tenant, configuration.read_folder(DISTRIBUTOR))
        self.configuration = configuration.load(connection, self.tenant)
        self.settler = Settler(connection, self.tenant, self.configuration)
        self.now = MORNING
        self.told = 0

    def bytes(self, source: str, body: bytes, content_type: str = "application/json") -> Received:
        """A message, as its sender would post it; not settled yet."""
        sender = self.configuration.named(source)
        assert sender is not None
        content = digest(body)
        return receive(self.connection, self.tenant, [Incoming(sender.id, content, content, content_type, body)])[0]

    def say(self, source: str, what: str, /, **data: Any) -> Received:
        """A JSON event; each one happens a minute after the last one."""
        self.told += 1
        at = (MORNING + timedelta(minutes=self.told)).isoformat().replace("+00:00", "Z")
        if what in {"shipment.milestone", "shipment.delivered"}:
            data.setdefault("event_time", at)
        if what == "goods.issued":
            data.setdefault("posted_at", at)
        envelope = {
            "id": f"e{self.told}",
            "source": source,
            "type": what,
            "specversion": "1.0",
            "time": at,
            "data": data,
        }
        return self.bytes(source, json.dumps(envelope).encode())

    def settle(self, *, later: timedelta = timedelta(0)) -> Settled:
        """Settle all that waits, after some time has passed."""
        self.now += later
        total = Settled()
        while done := self.settler.settle(batch=500, now=self.now):
            total = Settled(*(a + b for a, b in zip(total, done, strict=True)))
        return total

    def put_back(self, numbers: list[int]) -> None:
        """Have messages read again, whatever was read of them."""
        waiting.put_back(self.connection, self.tenant, numbers)

    def items(self) -> list[str]:
        """Every condition that holds: code and subject."""
        return [f"{code} {subject}" for code, subject in day_end.open_items(self.connection, self.tenant)]

    def view(self, kind: str, number: str) -> dict[str, Any]:
        """What a case shows."""
        shown = day_end.views(self.connection, self.tenant, kind)[number]
        assert shown is not None
        return shown

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Whatever else a story wants to see."""
        return self.connection.execute(query, parameters).fetchall()

    # -- the trade -----------------------------------------------------------------------------------------------

    def ordered(self, number: int = 1, quantity: int = 10) -> None:
        """A customer ordered; the transport system planned a shipment, tendered it, and the carrier took it."""
        ship_to = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}
        line = {"line": 1, "sku": "SKU1", "qty": quantity, "uom": "EA", "unit_price": "10.00"}
        self.say(
            "oms", "order.created", order_no=f"SO{number}", customer_no="C1", warehouse="DC01", currency="USD",
            ship_to=ship_to, requested_date="2026-03-05", freight_charge="0.00", lines=[line],
        )  # fmt: skip
        self.say(
            "tms", "shipment.created", shipment_no=f"SH{number}", order_no=f"SO{number}", warehouse="DC01", mode="LTL",
            zone=1, ship_to=ship_to, pieces=quantity, planned_weight_lb=700, equipment="TF", service_level="STD",
            bol_no=f"BOL{number}",
        )  # fmt: skip
        self.say(
            "tms", "load.tendered", tender_id=f"TN{number}", shipment_no=f"SH{number}", scac="RDWY", services=[],
            respond_by="2026-03-02T12:00:00Z", notes="",
            pickup={"facility": "DC01", "city": "Reno", "state": "NV",
                    "window": ["2026-03-02T09:00:00Z", "2026-03-02T12:00:00Z"]},
            delivery={"city": "Tulsa", "state": "OK", "zip": "74103"},
        )  # fmt: skip
        self.say(
            "carrier/RDWY", "tender.accepted", tender_id=f"TN{number}", shipment_no=f"SH{number}", scac="RDWY",
            pro_no=f"PRO{number}", driver_eta="2026-03-02T10:00:00Z", reason=None,
            contact={"name": "D", "phone": "1", "email": "d@rdwy.example"},
        )  # fmt: skip

    def issued(self, number: int = 1, quantity: int = 10) -> None:
        """The goods left the warehouse: 700 pounds, which the contract rates at 131.25."""
        self.say(
            "wms/DC01", "goods.issued", gi_doc=f"GI{number}", order_no=f"SO{number}", shipment_no=f"SH{number}",
            warehouse="DC01", gross_weight_lb=700, pallets=1, seal_no=f"S{number}",
            lines=[{"line": 1, "sku": "SKU1", "qty": quantity, "uom": "EA"}],
        )  # fmt: skip

    def delivered(self, number: int = 1) -> None:
        """The consignee signed."""
        self.say(
            "carrier/RDWY", "shipment.delivered", scac="RDWY", shipment_no=f"SH{number}", pro_no=f"PRO{number}",
            status_code="D1", reason="NS", stop_no=5, city="Tulsa", state="OK", signed_by="J SMITH",
        )  # fmt: skip

    def freight_billed(self, total: str, number: int = 1, invoice: str = "F1") -> None:
        """The carrier billed."""
        self.say(
            "carrier/RDWY", "freight.invoiced", scac="RDWY", invoice_no=invoice, shipment_no=f"SH{number}",
            pro_no=f"PRO{number}", invoice_date="2026-03-02", linehaul=total, charges=[], total=total, currency="USD",
        )  # fmt: skip

    def all_done(self) -> None:
        """Every system has done what it was asked."""
        ours = self.configuration.named(outcome_messages.SOURCE)
        assert ours is not None
        asked = self.rows("select owner, slot, generation from command where state = 'wanted' order by owner, slot")
        told = [outcome_messages.message(ours.id, Key(*row), "applied", self.now) for row in asked]
        receive(self.connection, self.tenant, told)
        self.settle()

    def rates_published(self) -> None:
        """The contract's rates came."""
        self.bytes("master-data", RATES.encode(), "text/csv; layout=rates")


@pytest.fixture
def distributor(database_url: str) -> Iterator[Distributor]:
    """A distributor with an empty house."""
    with connect(database_url, purpose="story") as connection:
        yield Distributor(connection)
