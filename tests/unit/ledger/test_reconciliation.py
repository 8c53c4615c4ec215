from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crossdock.ledger.reconciliation import FINDINGS, Difference, InFlight, Side, Subject, difference

Amounts = Mapping[tuple[str, str], int]
PLACES = st.tuples(st.sampled_from(["DC01", "DC02", "DC03"]), st.sampled_from(["BRG-1", "BRG-2", "HYD-7"]))
AMOUNTS = st.dictionaries(PLACES, st.integers(1, 5_000), min_size=1, max_size=4)
SIDES = st.builds(Side, st.dictionaries(st.sampled_from(["A", "B", "C"]), AMOUNTS, max_size=3))
FLYING = st.lists(
    st.builds(
        InFlight, name=st.just("order/SO1/release/1"), state=st.just("sent"), amounts=st.none() | AMOUNTS,
        is_overdue=st.booleans(),
    ),
    max_size=2,
)  # fmt: skip
SUBJECTS = st.builds(
    Subject, key=st.just("K"), theirs=SIDES, ours=SIDES, in_flight=FLYING, is_told=st.booleans(),
    is_counted=st.booleans(), is_accepted=st.booleans(), is_recent=st.booleans(),
)  # fmt: skip


def one(**amounts: int) -> Side:
    return Side({"D1": {("DC01", name): amount for name, amount in amounts.items()}})


def named(theirs: Side, ours: Side, **more: object) -> Difference:
    found = difference(Subject(key="K", theirs=theirs, ours=ours, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


@given(SIDES, st.booleans())
def test_sides_that_agree_have_no_difference(side: Side, is_counted: bool) -> None:
    assert difference(Subject(key="K", theirs=side, ours=side, is_counted=is_counted)) is None


@given(SUBJECTS)
def test_sides_that_differ_always_get_a_name_and_an_action(subject: Subject) -> None:
    found = difference(subject)
    same_count = len(subject.theirs.documents) == len(subject.ours.documents) or not subject.is_counted
    agree = same_count and subject.theirs.amounts == subject.ours.amounts
    accepted = subject.is_accepted and not subject.ours.documents and len(subject.theirs.documents) <= 1
    if not agree and not accepted:
        assert found is not None
    if found:
        assert found.sentence
        assert found.next
        assert found.name in {*FINDINGS, "in_flight"}


@given(SUBJECTS)
def test_the_name_does_not_depend_on_the_order_in_which_documents_are_read(subject: Subject) -> None:
    def turned(side: Side) -> Side:
        return Side(dict(reversed(list(side.documents.items()))))

    other = Subject(
        key="K", theirs=turned(subject.theirs), ours=turned(subject.ours), in_flight=subject.in_flight,
        is_told=subject.is_told, is_counted=subject.is_counted, is_accepted=subject.is_accepted,
        is_recent=subject.is_recent,
    )  # fmt: skip
    assert difference(subject) == difference(other)


@given(AMOUNTS, st.integers(2, 5))
def test_a_deed_done_several_times_is_doubled(amounts: Amounts, times: int) -> None:
    theirs = Side({f"D{number}": amounts for number in range(times)})
    assert named(theirs, Side({"C": amounts})).name == "doubled"


@given(AMOUNTS, AMOUNTS)
def test_a_second_document_with_other_amounts_beside_the_right_one_is_doubled(right: Amounts, wrong: Amounts) -> None:
    assert named(Side({"D1": right, "D2": wrong}), Side({"C": right})).name == "doubled"


@given(AMOUNTS, st.booleans())
def test_what_the_system_does_not_hold_is_lost(amounts: Amounts, is_told: bool) -> None:
    assert named(Side(), Side({"C": amounts}), is_told=is_told).name == "lost"


@given(AMOUNTS, st.sampled_from([12, 144, 100]))
def test_a_pack_taken_for_a_piece_is_a_unit_in_both_directions(amounts: Amounts, factor: int) -> None:
    more = {place: factor * amount for place, amount in amounts.items()}
    assert named(Side({"D": more}), Side({"C": amounts})).name == "unit"
    assert named(Side({"D": amounts}), Side({"C": more})).name == "unit"


def test_one_line_in_another_unit_is_enough() -> None:
    found = named(one(A=5, B=24), one(A=5, B=2))
    assert found.name == "unit"
    assert "12 times as much" in found.sentence
    assert " A" not in found.sentence


@given(st.dictionaries(st.sampled_from(["BRG-1", "HYD-7"]), st.integers(1, 900), min_size=1))
def test_the_same_goods_elsewhere_are_in_the_wrong_place(goods: dict[str, int]) -> None:
    here = {("DC01", sku): amount for sku, amount in goods.items()}
    there = {("DC02", sku): amount for sku, amount in goods.items()}
    assert named(Side({"D": there}), Side({"C": here})).name == "wrong_place"
    assert named(Side({"D": there}), Side({"C": here}), is_counted=False).name == "wrong_place"


@pytest.mark.parametrize("theirs", [7, 9, 16, 56])
def test_any_other_amount_is_a_break(theirs: int) -> None:
    assert named(one(A=theirs), one(A=8)).name == "break"


def test_what_nobody_asked_for_is_a_break_and_what_was_not_told_is_late() -> None:
    assert named(one(A=8), Side()).name == "break"
    assert named(one(A=8), Side(), is_told=True).name == "late"
    assert named(one(A=8), Side(), is_told=True, is_recent=True).name == "in_flight"


def test_what_somebody_else_did_is_accepted_once() -> None:
    assert difference(Subject(key="K", theirs=one(A=8), ours=Side(), is_accepted=True)) is None
    twice = Side({"D1": {("", "A"): 1}, "D2": {("", "A"): 1}})
    assert named(twice, Side(), is_accepted=True).name == "doubled"


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_a_command_in_flight_explains_both_what_was_and_what_will_be(
    before: Amounts, after: Amounts, is_overdue: bool
) -> None:
    flying = [InFlight(name="order/SO1/release/2", state="sent", amounts=after, is_overdue=is_overdue)]
    for believed in (before, after):
        found = named(Side({"D": believed}), Side({"C": before}), in_flight=flying)
        assert found.name == ("late" if is_overdue else "in_flight")
        assert found.because == "order/SO1/release/2"


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_a_command_in_flight_excuses_nothing_else(before: Amounts, after: Amounts, believed: Amounts) -> None:
    assume(believed not in (before, after))
    flying = [InFlight(name="order/SO1/release/2", state="sent", amounts=after)]
    assert named(Side({"D": believed}), Side({"C": before}), in_flight=flying).name in FINDINGS
    twice = Side({"D": after, "E": after})
    assert named(twice, Side(), in_flight=flying).name == "doubled"


def test_stock_is_compared_by_its_sum() -> None:
    both = Side({"DC01": {("DC01", "A"): 5}, "DC02": {("DC02", "A"): 3}})
    one_row = Side({"all": {("DC01", "A"): 5, ("DC02", "A"): 3}})
    assert difference(Subject(key="A", theirs=both, ours=one_row, is_counted=False)) is None
    assert (
        difference(Subject(key="A", theirs=Side({"DC01": {("DC01", "A"): 0}}), ours=Side(), is_counted=False)) is None
    )
