"""The example's manifests against the sandbox's own systems: every kind and action, with the faults of bad days."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.house import EXAMPLE, House

from crossdock.app.connections import check, open_connector
from crossdock.engine import configuration
from crossdock.engine.deliver_commands import command_of
from crossdock.kit.outcomes import AnyFinding, AnyOutcome, Found
from crossdock.model.envelope import Receipt
from crossdock.processes.case import Record
from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.plan import Command as Asked
from crossdock.processes.remembered import Outcome
from crossdock.processes.slots import Slot, difference, with_outcomes
from crossdock.sandbox.systems.fleet import Fleet
from crossdock.store.delivery import Key

NAMES = ("erp", "tms", "wms-a", "wms-b")


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    """The systems, and the environment that says where they are."""
    with Fleet(tmp_path, names=NAMES, seed=7, speed=60) as made:
        for name in NAMES:
            place = f"CROSSDOCK_{name.upper().replace('-', '_')}"
            monkeypatch.setenv(f"{place}_ADDRESS", made.address(name))
            monkeypatch.setenv(f"{place}_TOKEN", made.tokens[name])
            monkeypatch.setenv(f"{place}_HOOK_SECRET", made.hook_secrets.get(name, "none"))
        yield made


def example(house: House) -> None:
    """The example's own connections, quicker to try again."""
    folder = configuration.read_folder(EXAMPLE)
    check(folder)
    house.connect(
        {
            name: (
                json.loads(json.dumps(_builtins(one.connection)))
                | {"retry": {"first_seconds": 0.05, "longest_seconds": 0.3}, "poll": None}
                | {"breaker": {"failures": 1_000, "least": 1_000}},
                one.manifest,
            )
            for name, one in folder.connections.items()
        }
    )


def _builtins(value: Any) -> Any:
    import msgspec  # noqa: PLC0415

    return msgspec.to_builtins(value)


def deeds(fleet: Fleet, name: str) -> dict[str, int]:
    return {one["key"]: one["applied"] for one in fleet.book(name)["deeds"] if one["applied"]}


@pytest.mark.timeout(120)
def test_the_systems_of_the_sandbox_do_every_deed_once_whatever_goes_wrong(house: House, fleet: Fleet) -> None:
    example(house)
    for name in NAMES:
        fleet.control(name, error=0.1, timeout_after=0.05, garbage=0.15, hold_seconds=1, rules={})
    for number in range(2):
        house.deliverer(number)
    for number in range(24):
        house.order(1_000_001 + number, warehouse=f"DC0{1 + number % 4}", sku="BRG-001")
        house.issue(2_000_001 + number, warehouse=f"DC0{1 + number % 4}", sku="BRG-001")
    house.settle()
    house.until(lambda: set(house.states().values()) <= {"applied", "refused", "satisfied"}, 60)
    applied = {key for key, state in house.states().items() if state == "applied"}
    assert len(applied) == 72, house.rows(
        "select owner, data->>'reason' from event where data->>'outcome' = 'refused' limit 5"
    )
    done: dict[str, int] = {}
    for name in NAMES:
        done |= deeds(fleet, name)
    assert done == dict.fromkeys(applied, 1)


def wanted(quantity: int, freight_minor: int = 500) -> Asked:
    content = {"order_no": "ORD-1", "customer_no": "K00001", "currency": "USD", "freight_charge_minor": freight_minor,
               "lines": [[1, "BRG-001", quantity], [2, "PMP-001", 1]]}  # fmt: skip
    return Asked("create_invoice", "erp", content, "adjust")


def test_an_invoice_for_less_is_adjusted_by_a_credit_of_the_difference_once(fleet: Fleet) -> None:
    """As its slot goes: ten units billed, nine wanted, then seven; and what a credit cannot say."""
    outcomes: list[Outcome] = []
    told: list[AnyOutcome | AnyFinding] = []

    async def follow() -> None:
        connector = open_connector("erp", configuration.read_folder(EXAMPLE).connections["erp"], os.environ)
        assert connector is not None
        slots: dict[str, Slot] = {}
        for want in (wanted(10), wanted(9), wanted(7), wanted(8), wanted(6, freight_minor=400)):
            slots, _ = difference(with_outcomes(slots, outcomes), {"invoice": want}, [])
            slot = slots["invoice"]
            record = Record(rules=1, slots=slots, facts=[kept(one) for one in outcomes])
            command = command_of(Key("order/ORD-1", "invoice", slot.generation), slot, record)
            found = [await connector.apply(command), await connector.apply(command), await connector.find(command)]
            told.extend(found)
            document_no = found[-1].document_no if isinstance(found[-1], Found) else None
            outcomes.append(Outcome("invoice", slot.generation, "applied" if document_no else "refused", document_no))
        await connector.close()

    asyncio.run(follow())
    names = [type(one).__name__ for one in told]
    assert names == ["Applied", "Already", "Found"] * 3 + ["Rejected", "Rejected", "NotFound"] * 2
    reasons = [getattr(one, "reason", "") for one in told]
    assert "more is wanted of lines 1, BRG-001" in reasons[9]
    assert "freight_charge_minor would be another, too" in reasons[12]
    records = fleet.book("erp")["records"]
    credited = [[(line["sku"], line["qty"]) for line in one["lines"]] for one in records["credit"].values()]
    assert credited == [[("BRG-001", 1)], [("BRG-001", 2)]]
    assert {one["invoice"] for one in records["credit"].values()} == set(records["invoice"])


def kept(outcome: Outcome) -> AnyKept:
    return Kept(f"outcome:invoice/{outcome.generation}", outcome.generation, 0, False, Receipt(1, 0), outcome)


def ask(address: str, token: str, path: str) -> Any:
    request = urllib.request.Request(f"{address}{path}", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.timeout(120)
def test_the_systems_of_the_sandbox_take_amendments_and_undos(house: House, fleet: Fleet) -> None:
    example(house)
    house.deliverer()
    for name in ("wms-a", "wms-b"):
        fleet.control(name, rules={"pick_minutes": 100_000})
    for number, warehouse in ((1, "DC01"), (2, "DC03")):
        house.order(1_000_000 + number, warehouse=warehouse, sku="BRG-001", quantity=5)
        house.issue(2_000_000 + number, warehouse=warehouse, sku="BRG-001", quantity=5)
    house.settle()
    house.until(lambda: list(house.states().values()) == ["applied"] * 6, 30)
    for number, warehouse in ((1, "DC01"), (2, "DC03")):
        house.order(1_000_000 + number, warehouse=warehouse, sku="BRG-001", quantity=3, revision=1)
        house.issue(2_000_000 + number, warehouse=warehouse, sku="BRG-001", quantity=5, revision=1, gone=True)
    house.settle()
    house.until(lambda: house.rows("select 1 from delivery") == [], 30)
    assert sorted(house.states().values()) == ["applied"] * 10 + ["undone"] * 2
    for name in NAMES:
        assert set(deeds(fleet, name).values()) == {1}
    found = ask(fleet.address("wms-b"), fleet.tokens["wms-b"], "/wmsb/orders")["result"]["ROWS"]
    assert [(row["ORDNO"], row["POS"][0]["QTY"]) for row in found] == [("SO1000002", "3")]
