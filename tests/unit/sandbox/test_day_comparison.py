"""The comparison finds every difference and says it in a sentence; it forgives only what may differ."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crossdock.sandbox.day import FreightChoice, compare, freight_choices, generate, replay
from crossdock.sandbox.day.auditor import Freight

Result = dict[str, Any]


def _order(status: str = "PAID", posted: int = 500) -> Result:
    figures = {"freight_accrued": 0, "freight_posted": posted, "invoiced": 900, "paid": 900}
    return {"status": status, "carrier": "ABCD", **figures}


ORACLE: Result = {
    "duplicates_dropped": 4,
    "malformed_exceptions": 2,
    "orders": {name: _order() for name in ("O1", "O2", "O3", "O4", "O5")},
    "stock": {"W/A": [10, 0], "W/B": [20, 5]},
    "exceptions": ["OUT_OF_SEQUENCE S1", "DUPLICATE_BILLING ABCD/F2", "SHORT_PICK P3"],
}
# O1 was billed twice: F1 for 500, F2 for 700, which is too much.
CHOICES = {
    "O1": FreightChoice(
        frozenset({"ABCD/F1", "ABCD/F2"}),
        frozenset(
            {
                Freight(0, 500, frozenset({"DUPLICATE_BILLING ABCD/F2"})),
                Freight(490, 0, frozenset({"DUPLICATE_BILLING ABCD/F1", "FREIGHT_VARIANCE ABCD/F2"})),
            }
        ),
    )
}


def _changed(change: Callable[[Result], object]) -> Result:
    result = copy.deepcopy(ORACLE)
    change(result)
    return result


def test_equal_results_have_no_differences() -> None:
    assert compare(ORACLE, copy.deepcopy(ORACLE)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda r: r.update(duplicates_dropped=5), "duplicates_dropped should be 4, is 5"),
        (lambda r: r.pop("malformed_exceptions"), "malformed_exceptions should be 2, is None"),
        (lambda r: r["orders"].pop("O2"), "1 of 5 orders are missing: O2"),
        (lambda r: r["orders"].update(O9=_order()), "1 of 5 orders were invented: O9"),
        (
            lambda r: r["orders"]["O3"].update(status="INVOICED"),
            "1 of 5 orders have another status: O3 should have PAID, has INVOICED",
        ),
        (
            lambda r: r["orders"]["O3"].pop("paid"),
            "1 of 5 orders have another paid: O3 should have 900, has None",
        ),
        (
            lambda r: r["stock"].update({"W/A": [9, 0]}),
            "1 of 2 stock balances [on hand, reserved] differ: W/A should be [10, 0], is [9, 0]",
        ),
        (
            lambda r: r["stock"].update({"W/C": [0, 0]}),
            "1 of 2 stock balances [on hand, reserved] differ: W/C should be None, is [0, 0]",
        ),
        (lambda r: r["exceptions"].remove("SHORT_PICK P3"), "1 of 3 exceptions are missing: SHORT_PICK P3"),
        (
            lambda r: r["exceptions"].append("SHORT_PICK P3"),
            "1 of 3 exceptions were invented: SHORT_PICK P3",
        ),
    ],
)
def test_a_difference_is_a_sentence(change: Callable[[Result], object], sentence: str) -> None:
    assert compare(ORACLE, _changed(change)) == [sentence]


def test_a_sentence_gives_a_few_examples_of_many() -> None:
    (sentence,) = compare(ORACLE, {**ORACLE, "orders": {}})
    assert sentence == "5 of 5 orders are missing: O1; O2; O3, ..."


def test_an_empty_result_is_all_differences() -> None:
    assert len(compare(ORACLE, {})) == 5


def test_only_the_counts_may_differ_when_a_day_was_sent_again() -> None:
    counted = _changed(lambda r: r.update(duplicates_dropped=40, malformed_exceptions=3))
    assert compare(ORACLE, counted, resent=True) == []
    assert compare(ORACLE, {**counted, "orders": {}}, resent=True) != []


def _swap(result: Result) -> None:
    result["orders"]["O1"].update(freight_accrued=490, freight_posted=0)
    result["exceptions"] = ["DUPLICATE_BILLING ABCD/F1", "FREIGHT_VARIANCE ABCD/F2", "SHORT_PICK P3"]


def test_in_any_order_another_freight_invoice_may_be_the_counted_one() -> None:
    swapped = _changed(_swap)
    assert compare(ORACLE, swapped, any_order=True, choices=CHOICES) == []
    assert len(compare(ORACLE, swapped)) == 4


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r["orders"]["O1"].update(freight_posted=700),
        lambda r: r["orders"]["O1"].update(freight_accrued=0),
        lambda r: r["exceptions"].remove("FREIGHT_VARIANCE ABCD/F2"),
        lambda r: r["exceptions"].append("DUPLICATE_BILLING ABCD/F2"),
        lambda r: r["exceptions"].append("DUPLICATE_BILLING ABCD/F1"),
    ],
)
def test_figures_and_exceptions_must_follow_from_one_and_the_same_choice(spoil: Callable[[Result], object]) -> None:
    swapped = _changed(_swap)
    spoil(swapped)
    (sentence,) = compare(ORACLE, swapped, any_order=True, choices=CHOICES)
    assert sentence.startswith("1 of 1 orders with several freight invoices follow from none of them: O1 has accrued")


def test_in_any_order_everything_else_must_still_be_equal() -> None:
    for change in (
        lambda r: r["orders"]["O2"].update(freight_posted=0),
        lambda r: r["orders"]["O1"].update(status="INVOICED"),
        lambda r: r["exceptions"].append("DUPLICATE_BILLING ABCD/F7"),
        lambda r: r.update(duplicates_dropped=0),
    ):
        assert len(compare(ORACLE, _changed(change), any_order=True, choices=CHOICES)) == 1


def test_any_order_cannot_be_judged_without_knowing_the_choices() -> None:
    with pytest.raises(ValueError, match="freight_choices"):
        compare(ORACLE, ORACLE, any_order=True)


def test_every_choice_of_a_day_passes_and_no_mixture_of_two(tmp_path: Path) -> None:
    generate(tmp_path, seed=3, orders=250, trouble=8)
    oracle, choices = replay(tmp_path), freight_choices(tmp_path)
    for name, choice in choices.items():
        others = [
            each
            for each in oracle["exceptions"]
            if not (each.startswith(("FREIGHT_VARIANCE", "DUPLICATE_BILLING")) and each.split()[1] in choice.invoices)
        ]
        for figures in choice.outcomes:
            order = {**oracle["orders"][name], "freight_accrued": figures.accrued, "freight_posted": figures.posted}
            for raised in choice.outcomes:
                result = {
                    **oracle,
                    "orders": {**oracle["orders"], name: order},
                    "exceptions": [*others, *raised.exceptions],
                }
                possible = figures._replace(exceptions=raised.exceptions) in choice.outcomes
                assert (compare(oracle, result, any_order=True, choices=choices) == []) == possible
