"""What a person decides is a fact: it changes what is planned, and the item closes because its condition is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.scenarios.conftest import Distributor

from crossdock.app import deciding, handling
from crossdock.app.deciding import Decided, Wish
from crossdock.processes.decisions import Verb
from crossdock.store import trail


@pytest.fixture(autouse=True)
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the story itself settles, after the decision."""
    monkeypatch.setattr(deciding, "SEEN_SECONDS", 0.0)


def decide(distributor: Distributor, verb: Verb, item: str, total: str | None = None) -> Decided:
    rows = handling.named(distributor.connection, distributor.tenant, [item])
    decided = deciding.decide(
        distributor.connection, distributor.tenant, Wish(verb, "Ann", "as agreed by phone", total), rows
    )
    distributor.settle()
    return decided


def freight(distributor: Distributor) -> tuple[int, int]:
    view = distributor.view("order", "SO1")
    return view["freight_accrued_minor"], view["freight_posted_minor"]


def asked(distributor: Distributor) -> list[tuple[str, str, str]]:
    return distributor.rows("select slot, action, state from command where kind like '%%freight%%' order by slot")


@pytest.fixture
def overbilled(distributor: Distributor) -> Distributor:
    """Contracted at 131.25, billed 84 dollars more."""
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("215.25")
    distributor.settle()
    return distributor


VARIANCE = "shipment/SH1/freight_variance"


def test_an_approved_charge_is_posted_as_billed_and_the_item_is_gone(overbilled: Distributor) -> None:
    decided = decide(overbilled, "approve", VARIANCE)
    assert ([one.says for one in decided.done], decided.refused) == (["approved: 215.25 USD"], [])
    assert overbilled.items() == []
    assert freight(overbilled) == (0, 21525)
    assert asked(overbilled) == [("freight_invoice/RDWY/F1", "do", "wanted")]
    (act,) = trail.latest(overbilled.connection, overbilled.tenant, 5)
    assert (act.seq, act.who, act.what, act.subject) == (decided.trail, "Ann", "work_item.approved", VARIANCE)
    assert overbilled.rows("select type, revision, data ->> 'decided_by' from event where type like '%%decided'") == [
        ("freight_invoice.decided", decided.trail, "Ann")
    ]


def test_who_decided_is_in_the_event_and_never_in_the_case(overbilled: Distributor) -> None:
    decide(overbilled, "approve", VARIANCE)
    rows = overbilled.rows("select record from case_record where id = 'freight_invoice/RDWY/F1'")
    assert b"freight_decision" in rows[0][0]
    assert b"Ann" not in rows[0][0]
    assert b"phone" not in rows[0][0]


def test_a_disputed_charge_goes_to_the_carrier_and_its_correction_is_posted(overbilled: Distributor) -> None:
    decide(overbilled, "dispute", VARIANCE)
    assert overbilled.items() == ["FREIGHT_DISPUTED RDWY/F1"]
    assert freight(overbilled) == (13125, 0)
    assert asked(overbilled) == [("dispute/RDWY/F1", "do", "wanted")]
    content = {"scac": "RDWY", "invoice_no": "F1", "shipment_no": "SH1", "currency": "USD"}
    assert overbilled.rows("select content from command where kind = 'dispute_freight_invoice'") == [
        (content | {"billed_minor": 21525, "expected_minor": 13125},)
    ]
    overbilled.freight_billed("131.25")
    overbilled.settle()
    assert overbilled.items() == []
    assert freight(overbilled) == (0, 13125)


def test_a_dispute_that_nobody_answers_comes_back_to_the_desk(overbilled: Distributor) -> None:
    decide(overbilled, "dispute", VARIANCE)
    overbilled.settle(later=timedelta(days=365 * 10))
    assert "DISPUTE_UNANSWERED RDWY/F1" in overbilled.items()
    decide(overbilled, "reject", "shipment/SH1/dispute_unanswered/RDWY/F1")
    assert "DISPUTE_UNANSWERED RDWY/F1" not in overbilled.items()
    assert freight(overbilled) == (13125, 0)


def test_a_correction_that_is_too_high_too_waits_for_a_person_again(overbilled: Distributor) -> None:
    decide(overbilled, "dispute", VARIANCE)
    overbilled.freight_billed("199.00")
    overbilled.settle()
    assert overbilled.items() == ["FREIGHT_VARIANCE RDWY/F1"]
    decide(overbilled, "approve", VARIANCE)
    assert overbilled.items() == []
    assert freight(overbilled) == (0, 19900)


def test_of_two_totals_under_one_number_a_person_chooses(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("131.25")
    distributor.freight_billed("142.36")
    distributor.settle()
    conflict = "freight_invoice/RDWY/F1/conflicting_duplicate"
    refused = decide(distributor, "approve", conflict, total="99.00")
    assert [one.why for one in refused.refused] == ["99.00 was not billed under RDWY/F1, but 131.25, 142.36"]
    decide(distributor, "approve", conflict, total="142.36")
    assert distributor.items() == []
    assert freight(distributor) == (0, 14236)
    distributor.freight_billed("150.00")
    distributor.settle()
    assert distributor.items() == ["CONFLICTING_DUPLICATE RDWY/F1"]


def test_a_second_bill_is_rejected_or_paid_beside_the_first(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("131.25")
    distributor.freight_billed("131.25", invoice="F1B")
    distributor.settle()
    second = "shipment/SH1/duplicate_billing/RDWY/F1B"
    decide(distributor, "approve", second)
    assert distributor.items() == []
    assert freight(distributor) == (0, 26250)
    assert [slot for slot, _, _ in asked(distributor)] == ["freight_invoice/RDWY/F1", "freight_invoice/RDWY/F1B"]


def test_a_rejected_bill_leaves_its_place_to_the_next(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("999.00")
    distributor.freight_billed("131.25", invoice="F2")
    distributor.settle()
    decide(distributor, "reject", VARIANCE)
    assert distributor.items() == []
    assert freight(distributor) == (0, 13125)


def test_the_latest_decision_counts_also_about_a_bill_that_has_no_item_any_more(overbilled: Distributor) -> None:
    decide(overbilled, "approve", VARIANCE)
    wish = Wish("reject", "Bob", "it was never ordered")
    decided = deciding.decide(overbilled.connection, overbilled.tenant, wish, [], bills=["RDWY/F1"])
    overbilled.settle()
    assert ([one.item for one in decided.done], decided.refused) == (["freight_invoice/RDWY/F1"], [])
    assert freight(overbilled) == (13125, 0)
    assert asked(overbilled) == [("freight_invoice/RDWY/F1", "do", "withdrawn")]


def test_what_cannot_be_decided_is_refused_with_what_could_be(overbilled: Distributor) -> None:
    decided = decide(overbilled, "retry", VARIANCE)
    assert [one.why for one in decided.refused] == ["FREIGHT_VARIANCE is settled by approve or dispute or reject"]
    assert decided.trail is None
    assert trail.latest(overbilled.connection, overbilled.tenant, 5) == []


def test_a_dry_run_tells_nobody(overbilled: Distributor) -> None:
    rows = handling.named(overbilled.connection, overbilled.tenant, [VARIANCE])
    wish = Wish("approve", "Ann", "fine", execute=False)
    decided = deciding.decide(overbilled.connection, overbilled.tenant, wish, rows)
    assert [one.says for one in decided.done] == ["approved: 215.25 USD"]
    overbilled.settle()
    assert overbilled.items() == ["FREIGHT_VARIANCE RDWY/F1"]
    assert decided.trail is None
