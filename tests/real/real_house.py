"""A house whose ERP and warehouse are real: Crossdock's own engine and processes between two Trytons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
from tests.delivery.house import EXAMPLE, House
from tests.real.tryton import erp as seed
from tests.real.tryton import floor
from tests.real.tryton.rpc import Person, Refused
from tests.real.tryton.servers import Tryton, copied

from crossdock.app.connections import check
from crossdock.engine import configuration
from crossdock.engine.configuration import Ownership
from crossdock.engine.settle import Settler
from crossdock.kit.connection import Configured
from crossdock.store import day_end
from crossdock.store.intake import Incoming, digest, receive
from crossdock.testing.proxy import Between

TRYTON = EXAMPLE.with_name("tryton")
DIALECT = "application/json; dialect=tryton"
ITEMS = tuple(seed.ITEMS)[:5]
# Conflicts are how an ERP says "not yet": the order or the goods issue is still on its way there.
BRISK = {
    "limits": {"per_second": 200, "burst": 50, "concurrency": 4, "timeout_seconds": 20},
    "retry": {"first_seconds": 0.3, "longest_seconds": 3, "conflicts": 200},
    "breaker": {"failures": 20, "share_percent": 100, "least": 1000, "wait_seconds": 0.5, "longest_wait_seconds": 2},
    "poll": {"every_seconds": 0.5},
}


class RealHouse(House):
    """Orders are told; everything else follows, in real systems."""

    def __init__(self, url: str, erp: Tryton, wms: Tryton, *, between: dict[str, Between]) -> None:
        super().__init__(url)
        self.erp, self.wms = erp, wms
        self.between = between
        self.began = datetime.now(UTC)
        self.sent: set[str] = set()
        self.short: dict[str, dict[str, int]] = {}
        self._picker: Person | None = None
        self._configure()

    # -- configuration -----------------------------------------------------------------------------------------------

    def _configure(self) -> None:
        folder = configuration.read_folder(EXAMPLE)
        mappings = dict(folder.mappings)
        sources = dict(folder.sources)
        for name, senders in (("tryton-erp", ["erp"]), ("tryton-wms", ["wms/DC01", "wms/DC02"])):
            mappings[name, 1] = (TRYTON / "mappings" / f"{name}.yaml").read_text()
            for sender in senders:
                reads = {**sources[sender].reads, DIALECT: name}
                sources[sender] = msgspec.structs.replace(sources[sender], reads=reads)
        sources["erp"] = msgspec.structs.replace(
            sources["erp"], owns={**sources["erp"].owns, "item.published": Ownership()}
        )
        policy = folder.policies[0]
        replace = msgspec.structs.replace
        assert policy.order_to_ship is not None
        assert policy.ship_to_invoice is not None
        policy = replace(
            policy,
            order_to_ship=replace(policy.order_to_ship, enter_orders=True),
            ship_to_invoice=replace(policy.ship_to_invoice, post_payments=True, invoice_on="goods_issue"),
        )
        connections = self._connections()
        self.folder = folder._replace(mappings=mappings, sources=sources, policies=[policy], connections=connections)
        check(self.folder)
        configuration.apply(self.connection, self.tenant, self.folder)
        loaded = configuration.load(self.connection, self.tenant)
        self.settler = Settler(self.connection, self.tenant, loaded)
        self.roles = ["erp", "wms"]

    def _connections(self) -> dict[str, Configured]:
        made = {}
        from tests.real.yaml_file import read  # noqa: PLC0415

        for name, settings in read(TRYTON / "connections.yaml")["connections"].items():
            server = self.erp if name == "erp" else self.wms
            manifest = read(TRYTON / "manifests" / f"{settings['manifest']}.yaml")
            manifest |= {
                "database": server.database, "version": 1, "overlap_seconds": 5, "begins": self.began.isoformat()
            }  # fmt: skip
            configured = {"connection": {**settings, **BRISK}, "manifest": manifest}
            made[name] = msgspec.convert(configured, Configured, strict=False)
        return made

    def environment(self) -> dict[str, str]:
        """Where the Trytons are, through their proxies, and what lets us in."""
        said = {"CROSSDOCK_DATABASE_URL": self.url}
        for name, server in (("ERP", self.erp), ("WMS_A", self.wms)):
            address = self.between[name].address if name in self.between else server.address
            said |= {f"CROSSDOCK_{name}_ADDRESS": address, f"CROSSDOCK_{name}_TOKEN": seed.KEY,
                     f"CROSSDOCK_{name}_PASSWORD": seed.USER[1]}  # fmt: skip
        return said

    def deliverer(self, number: int = 0) -> subprocess.Popen[bytes]:
        """A deliverer between the two."""
        command = [sys.executable, "-P", "-m", "crossdock", "deliverer", "--supervised", "--shard", str(number)]
        process = subprocess.Popen(command, env=os.environ | self.environment(), stdin=subprocess.PIPE)
        self.processes.append(process)
        return process

    def reconciled(self) -> tuple[bool, dict[str, str]]:
        """What `crossdock reconcile` says: is all well, and the name of each difference by system, kind and key."""
        command = [sys.executable, "-P", "-m", "crossdock", "reconcile", "--json"]
        told = subprocess.run(command, env=os.environ | self.environment(), capture_output=True, check=False)
        document = json.loads(told.stdout)
        assert not document["unreachable"], document
        names = {
            f"{system['name']} {one['entity']} {one['key']}": one["name"]
            for system in document["systems"]
            for one in system["differences"]
        }
        return document["clean"], names

    # -- the trade ---------------------------------------------------------------------------------------------------

    def bytes(self, source: str, body: bytes, content_type: str) -> None:
        assert self.settler is not None
        sender = self.settler.configuration.named(source)
        assert sender is not None
        content = digest(body)
        receive(self.connection, self.tenant, [Incoming(sender.id, content, content, content_type, body)])

    def opened(self) -> None:
        """The books open: stock as both Trytons counted it, and the carrier's rates."""
        rows = "".join(f"{code},{sku},{seed.OPENING}\n" for code in seed.WAREHOUSES for sku in seed.ITEMS)
        self.bytes("master-data", f"warehouse,sku,on_hand\n{rows}".encode(), "text/csv; layout=initial_stock")
        rates = "scac,warehouse,zone,cwt_cents,min_cents,fuel_bp\nRDWY,DC01,1,1500,9000,2500\n"
        self.bytes("master-data", rates.encode(), "text/csv; layout=rates")

    def ordered(self, number: int, lines: dict[str, int], *, short: dict[str, int] | None = None) -> None:
        """A customer ordered, a carrier took the load; `short` is what the pickers will find less of."""
        ship_to = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}
        told = [
            {"line": n, "sku": sku, "qty": quantity, "uom": "EA", "unit_price": "10.00"}
            for n, (sku, quantity) in enumerate(lines.items(), 1)
        ]
        order_no, shipment_no = f"ORD-{number}", f"LTL-{number}"
        if short:
            self.short[shipment_no] = short
        self.say(
            "oms", "order.created", order_no=order_no, customer_no="K00001", warehouse="DC01", currency="USD",
            ship_to=ship_to, requested_date="2026-03-05", freight_charge=f"{number % 7}.50", lines=told,
        )  # fmt: skip
        self.say(
            "tms", "shipment.created", shipment_no=shipment_no, order_no=order_no, warehouse="DC01", mode="LTL",
            zone=1, ship_to=ship_to, pieces=10, planned_weight_lb=700, equipment="TF", service_level="STD",
            bol_no=f"BOL{number}",
        )  # fmt: skip
        self.say(
            "carrier/RDWY", "tender.accepted", tender_id=f"TN{number}", shipment_no=shipment_no, scac="RDWY",
            pro_no=f"PRO{number}", driver_eta="2026-03-02T10:00:00Z", reason=None,
            contact={"name": "D", "phone": "1", "email": "d@rdwy.example"},
        )  # fmt: skip

    def work_the_floor(self) -> None:
        """The warehouse picks and sends what is waiting there."""
        domain = [["state", "=", "waiting"], ["reference", "like", "LTL-%"]]
        try:
            person = self._picker = self._picker or self.wms.person()
            waiting = person.rows("stock.shipment.out", domain, ["reference"])
        except (OSError, Refused):  # the system is down, and so is the floor; or it knows the session no more
            self._picker = None
            return
        for row in waiting:
            shipment_no = row["reference"]
            if shipment_no in self.sent:
                continue
            try:
                floor.send(person, floor.pick(person, shipment_no, self.short.get(shipment_no)))
            except (Refused, OSError):  # it is just being changed, or down
                continue
            self.sent.add(shipment_no)

    def freight_billed(self, number: int, minor: int) -> None:
        """The carrier bills what was agreed."""
        total = f"{minor // 100}.{minor % 100:02d}"
        self.say(
            "carrier/RDWY", "freight.invoiced", scac="RDWY", invoice_no=f"F{number}", shipment_no=f"LTL-{number}",
            pro_no=f"PRO{number}", invoice_date="2026-03-02", linehaul=total, charges=[], total=total, currency="USD",
        )  # fmt: skip

    def paid(self, reference: str, invoice_no: str, minor: int) -> None:
        """The bank credited us."""
        header = "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo\n"
        on = datetime.now(UTC).date().isoformat()
        row = f"{reference},{invoice_no},K00001,{minor // 100}.{minor % 100:02d},USD,{on},ACH,thanks\n"
        self.bytes("bank", (header + row).encode(), "text/csv; layout=payments")

    # -- waiting and looking -----------------------------------------------------------------------------------------

    def work_until(self, condition: Callable[[], object], seconds: float) -> None:
        """Settle what comes, let the floor work, until something is true."""
        give_up_at = time.monotonic() + seconds
        while True:
            self.settle()
            if condition():
                return
            self.work_the_floor()
            if time.monotonic() > give_up_at:
                queue = self.rows("select owner, slot, told, hold, attempts, last_error from delivery limit 10")
                dead = self.rows("select * from dead_letter limit 3")
                states: dict[str, int] = {}
                for state in self.states().values():
                    states[state] = states.get(state, 0) + 1
                raise AssertionError(f"not within {seconds} s; {states}; queue {queue}; dead {dead}")
            time.sleep(0.1)

    def applied(self, kind: str) -> int:
        rows = self.rows("select count(*) from command where kind = %s and state = 'applied'", kind)
        return int(rows[0][0])

    def views(self, kind: str) -> dict[str, Any]:
        return dict(day_end.views(self.connection, self.tenant, kind))

    def balances(self, account: str) -> dict[tuple[str, str], int]:
        return dict(day_end.balances(self.connection, self.tenant, account))

    def invoices(self) -> dict[str, tuple[str, int]]:
        """Number and total of each order's invoice, as the ERP told us."""
        rows = self.rows("select data from event where type = 'customer_invoice.generated'")
        told = [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in rows]
        return {one["order_no"]: (one["invoice_no"], one["total_minor"]) for one in told}


class Books:
    """What a Tryton itself holds, as its own people read it."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def stock(self, warehouse: str, items: tuple[str, ...]) -> dict[str, int]:
        location = self.person.one("stock.location", ["code", "=", warehouse], ["type", "=", "warehouse"])
        found = self.person.model(
            "product.product", "search_read", [["code", "in", list(items)]], 0, None, None, ["code", "quantity"],
            locations=[location], stock_date_end=seed.today(), with_childs=True,
        )  # fmt: skip
        return {row["code"]: int(row["quantity"]) for row in found}

    def account(self, code: str) -> int:
        """Debit less credit of an account, in cents."""
        rows = self.person.rows("account.move.line", [["account.code", "=", code]], ["debit", "credit"])
        return int(sum((row["debit"] - row["credit"]) * 100 for row in rows))

    def carriage(self) -> dict[str, int]:
        """What was laid on the goods of each shipment for carrying them, in cents: it is part of what they cost."""
        out = self.person.rows("stock.shipment.out", [["state", "=", "done"]], ["reference"])
        names = {f"stock.shipment.out,{row['id']}": row["reference"].split("/")[1] for row in out}
        domain = [["shipment", "in", list(names)], ["shipment_out_cost_price", "!=", None]]
        laid: dict[str, Decimal] = {}
        for row in self.person.rows("stock.move", domain, ["shipment", "quantity", "shipment_out_cost_price"]):
            cost = Decimal(str(row["quantity"])) * row["shipment_out_cost_price"]
            laid[names[row["shipment"]]] = laid.get(names[row["shipment"]], Decimal(0)) + cost
        return {shipment_no: int(round(cost, 2) * 100) for shipment_no, cost in laid.items()}


@contextmanager
def real_house(url: str, *, harmed: tuple[str, ...] = ()) -> Iterator[RealHouse]:
    """A house with both Trytons; those of `harmed` are reached through a proxy."""
    with ExitStack() as stack:
        servers = {}
        for kind in ("erp", "wms"):
            servers[kind] = stack.enter_context(Tryton(stack.enter_context(copied(kind))))
        names = {"ERP": servers["erp"], "WMS_A": servers["wms"]}
        between = {name: stack.enter_context(Between(names[name].address)) for name in harmed}
        yield stack.enter_context(RealHouse(url, servers["erp"], servers["wms"], between=between))
