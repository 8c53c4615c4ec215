"""What must not pass: strangers' claims, poison, rules that fail. Neighbours go on, and nothing is half done."""

from __future__ import annotations

from typing import Any

import pytest
from tests.scenarios.conftest import Distributor

from crossdock.engine import reading
from crossdock.processes import order_to_ship
from crossdock.processes.facts import fact_of
from crossdock.processes.plan import WorkItem


def letters(distributor: Distributor) -> list[str]:
    return [row[0] for row in distributor.rows("select rule from dead_letter where settled_at is null order by rule")]


def test_a_carrier_may_not_speak_for_another(distributor: Distributor) -> None:
    distributor.say(
        "carrier/ODFL", "shipment.delivered", scac="RDWY", shipment_no="SH1", pro_no="PRO1", status_code="D1",
        reason="NS", stop_no=5, city="Tulsa", state="OK", signed_by="",
    )  # fmt: skip
    distributor.settle()
    assert letters(distributor) == ["ownership.scope"]
    assert distributor.rows("select 1 from case_record") == []


def test_a_shop_may_not_issue_goods(distributor: Distributor) -> None:
    distributor.say(
        "oms", "goods.issued", gi_doc="GI1", order_no="SO1", shipment_no="SH1", warehouse="DC01", gross_weight_lb=1,
        pallets=1, seal_no="S", lines=[],
    )  # fmt: skip
    distributor.settle()
    assert letters(distributor) == ["ownership.type"]


def test_bytes_nobody_can_read_wait_with_their_content_type(distributor: Distributor) -> None:
    distributor.bytes("oms", b"\x00\x01", "application/octet-stream")
    distributor.settle()
    assert letters(distributor) == ["mapping.none"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("total", "131.255"),
        ("total", "-1.00"),
        ("total", "9999999999999999999999.00"),
        ("total", "١٢.٠٠"),
        ("invoice_no", "X" * 10_000),
        ("invoice_no", "F\u00001"),
        ("invoice_no", {"value": "F1"}),
        ("invoice_date", "9999-12-31"),
        ("currency", "usd"),
        ("scac", "rdwy"),
    ],
)
def test_hostile_values_become_dead_letters_and_their_neighbours_go_on(
    distributor: Distributor, field: str, value: Any
) -> None:
    good = {
        "scac": "RDWY", "invoice_no": "F1", "shipment_no": "SH1", "pro_no": "P", "invoice_date": "2026-03-02",
        "linehaul": "1.00", "charges": [], "total": "1.00", "currency": "USD",
    }  # fmt: skip
    distributor.say("carrier/RDWY", "freight.invoiced", **(good | {field: value}))
    distributor.say("carrier/RDWY", "freight.invoiced", **(good | {"invoice_no": "F2"}))
    distributor.settle()
    assert len(letters(distributor)) == 1
    assert distributor.rows("select id from case_record where id like 'freight%%'") == [("freight_invoice/RDWY/F2",)]
    position, problem = distributor.rows("select position, problem from dead_letter")[0]
    assert position
    assert problem


def test_a_rule_that_fails_parks_its_case_and_hurts_nobody_else(
    distributor: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    distributor.rates_published()
    distributor.ordered(1)
    distributor.ordered(2)
    real = order_to_ship.stage_of

    def failing(state: Any) -> Any:
        if state.no == "SH1":
            raise ZeroDivisionError("a rule with a hole")
        return real(state)

    with monkeypatch.context() as patched:
        patched.setattr(order_to_ship, "stage_of", failing)
        distributor.settle()
    assert distributor.items() == ["PLAN_FAILED SH1"]
    assert distributor.rows("select id, status from case_record where id like 'shipment%%' order by id") == [
        ("shipment/SH1", "PARKED"),
        ("shipment/SH2", "ACCEPTED"),
    ]
    distributor.issued(1)
    distributor.settle()
    assert distributor.items() == []
    assert distributor.view("order", "SO1")["status"] == "SHIPPED"


def test_a_message_that_breaks_the_batch_is_found_and_buried_alone(
    distributor: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fact_of

    def poisoned(event: Any, receipt: Any, **known: Any) -> Any:
        if event.data.type == "order.created" and event.data.order_no == "SO3":
            raise OverflowError("poison")
        return real(event, receipt, **known)

    for number in range(1, 8):
        distributor.ordered(number)
    with monkeypatch.context() as patched:
        patched.setattr(reading, "fact_of", poisoned)
        settled = distributor.settle()
    assert settled.messages == 28
    assert letters(distributor) == ["settle.failed"]
    assert distributor.rows("select count(*) from case_record where id like 'order/%%' and view is not null") == [(6,)]


def test_what_the_database_refuses_is_buried_alone_too(
    distributor: Distributor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = order_to_ship.plan_order

    def poisoned(state: Any, settings: Any, plan: Any) -> None:
        real(state, settings, plan)
        if state.no == "SO3":
            plan.items["poison"] = WorkItem("POISON", "SO3", "a NUL \0 that PostgreSQL refuses", "desk")

    for number in range(1, 5):
        distributor.ordered(number)
    with monkeypatch.context() as patched:
        patched.setattr(order_to_ship, "plan_order", poisoned)
        distributor.settle()
    assert set(letters(distributor)) == {"settle.failed"}
    orders = distributor.rows("select id from case_record where id like 'order/%%' and view is not null order by id")
    assert orders == [("order/SO1",), ("order/SO2",), ("order/SO4",)]
    assert distributor.rows("select sum(amount)::int from balance where account like 'stock.reserved%%'") == [(30,)]
