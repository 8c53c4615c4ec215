"""Freight: accrued when goods leave, matched when the carrier bills."""

from __future__ import annotations

from datetime import timedelta

from tests.scenarios.conftest import Distributor


def freight(distributor: Distributor) -> tuple[int, int]:
    view = distributor.view("order", "SO1")
    return view["freight_accrued_minor"], view["freight_posted_minor"]


def test_goods_issue_accrues_and_a_matching_invoice_is_posted(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    assert freight(distributor) == (13125, 0)
    distributor.freight_billed("135.00")
    distributor.settle()
    assert freight(distributor) == (0, 13500)
    assert distributor.items() == []
    assert distributor.rows("select kind, target, state from command where kind = 'post_freight_invoice'") == [
        ("post_freight_invoice", "erp", "wanted")
    ]


def test_a_charge_beyond_tolerance_waits_for_a_person_and_the_accrual_stays(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("215.25")
    distributor.settle()
    assert freight(distributor) == (13125, 0)
    assert distributor.items() == ["FREIGHT_VARIANCE RDWY/F1"]
    assert distributor.rows("select at_stake_minor, currency, desk from work_item") == [(8400, "USD", "freight audit")]


def test_a_missing_rate_is_a_work_item_and_closes_by_itself_when_the_rate_comes(distributor: Distributor) -> None:
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    assert distributor.items() == ["RATE_MISSING SH1"]
    assert freight(distributor) == (0, 0)
    distributor.rates_published()
    distributor.settle()
    assert distributor.items() == []
    assert freight(distributor) == (13125, 0)


def test_the_same_number_with_another_total_is_a_conflict_and_the_first_counts(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("131.25")
    distributor.freight_billed("142.36")
    distributor.freight_billed("142.36")
    settled = distributor.settle()
    assert settled.copies == 1
    assert distributor.items() == ["CONFLICTING_DUPLICATE RDWY/F1"]
    assert freight(distributor) == (0, 13125)


def test_a_second_number_for_the_same_move_is_not_posted(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("131.25")
    distributor.freight_billed("131.25", invoice="F1B")
    distributor.settle()
    assert distributor.items() == ["DUPLICATE_BILLING RDWY/F1B"]
    assert freight(distributor) == (0, 13125)


def test_an_invoice_for_a_shipment_nobody_planned_is_unmatched_after_a_while(distributor: Distributor) -> None:
    distributor.freight_billed("131.25", number=9)
    distributor.settle(later=timedelta(0))
    distributor.settle(later=timedelta(hours=5))
    assert distributor.items() == ["UNMATCHED RDWY/F1"]


def test_a_rate_that_comes_late_does_not_make_a_deadline_forgotten(distributor: Distributor) -> None:
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    distributor.rates_published()
    distributor.settle()
    distributor.settle(later=timedelta(days=11))
    assert distributor.items() == ["PROOF_OF_DELIVERY_OVERDUE SH1"]
