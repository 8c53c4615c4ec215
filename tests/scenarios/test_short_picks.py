"""Less was found than ordered: by policy the rest is let go, in the ERP too, or it is waited for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.engine import configuration
from crossdock.processes.policy import OrderToShip, Policy, ShipToInvoice, ShortPicks


def choose(distributor: Distributor, short_picks: ShortPicks) -> None:
    policy = Policy(
        name=short_picks, valid_from=date(2026, 1, 1), order_to_ship=OrderToShip(short_picks=short_picks),
        ship_to_invoice=ShipToInvoice(invoice_on="goods_issue"),
    )  # fmt: skip
    folder = configuration.read_folder(DISTRIBUTOR)
    configuration.apply(distributor.connection, distributor.tenant, folder._replace(policies=[policy]))
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)


def picked(distributor: Distributor, found: int, ordered: int = 10) -> None:
    line = {"line": 1, "sku": "SKU1", "qty_ordered": ordered, "qty_picked": found, "location": "B01-1", "lot": "L"}
    distributor.say(
        "wms/DC01", "pick.confirmed", pick_id="PK1", order_no="SO1", shipment_no="SH1", warehouse="DC01", wave="V1",
        picker="P1", lines=[line],
    )  # fmt: skip


def asked(distributor: Distributor, kind: str) -> list[tuple[str, Any]]:
    return distributor.rows("select state, content -> 'lines' from command where kind = %s", kind)


def reserved(distributor: Distributor) -> int:
    rows = distributor.rows("select coalesce(sum(amount), 0)::int from balance where account = 'stock.reserved/DC01'")
    return int(rows[0][0])


def test_what_will_not_come_is_cancelled_in_the_erp_once_the_goods_have_left(distributor: Distributor) -> None:
    choose(distributor, "cancel")
    distributor.ordered()
    picked(distributor, 7)
    distributor.settle()
    assert asked(distributor, "cancel_back_order") == []
    distributor.issued(quantity=7)
    distributor.settle()
    assert asked(distributor, "cancel_back_order") == [("wanted", [[1, "SKU1", 3]])]
    assert asked(distributor, "create_invoice") == [("wanted", [[1, "SKU1", 7]])]
    assert reserved(distributor) == 0


def test_a_pick_that_is_heard_of_after_the_goods_issue_changes_nothing_that_was_posted(
    distributor: Distributor,
) -> None:
    choose(distributor, "cancel")
    distributor.ordered()
    distributor.issued(quantity=7)
    distributor.settle()
    distributor.all_done()
    picked(distributor, 7)
    distributor.settle()
    assert asked(distributor, "cancel_back_order") == [("wanted", [[1, "SKU1", 3]])]
    assert asked(distributor, "post_goods_issue") == [("applied", [[1, "SKU1", 7]])]


def test_what_is_waited_for_stays_reserved_and_is_billed_when_it_has_left(distributor: Distributor) -> None:
    choose(distributor, "back_order")
    distributor.ordered()
    picked(distributor, 7)
    distributor.issued(quantity=7)
    distributor.settle()
    assert asked(distributor, "cancel_back_order") == []
    assert asked(distributor, "create_invoice") == []
    assert reserved(distributor) == 3
    distributor.say(
        "wms/DC01", "goods.issued", gi_doc="GI2", order_no="SO1", shipment_no="SH2", warehouse="DC01",
        gross_weight_lb=200, pallets=1, seal_no="S2", lines=[{"line": 1, "sku": "SKU1", "qty": 3, "uom": "EA"}],
    )  # fmt: skip
    distributor.settle()
    assert reserved(distributor) == 0
    [(state, lines)] = asked(distributor, "create_invoice")
    assert state == "wanted"
    assert sorted(lines) == [[1, "SKU1", 3], [1, "SKU1", 7]]


@pytest.mark.parametrize("short_picks", ["cancel", "back_order"])
def test_where_nothing_is_short_the_policy_makes_no_difference(
    distributor: Distributor, short_picks: ShortPicks
) -> None:
    choose(distributor, short_picks)
    distributor.ordered()
    picked(distributor, 10)
    distributor.issued()
    distributor.settle()
    assert asked(distributor, "cancel_back_order") == []
    assert asked(distributor, "create_invoice") == [("wanted", [[1, "SKU1", 10]])]
    assert reserved(distributor) == 0
