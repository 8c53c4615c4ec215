"""Laws 2, 3 and 4 over generated histories: any order, any number, any batching of arrival."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.properties.world import Arrived, histories, plan_of, run, run_raced, split

from crossdock.model.envelope import BY_ARRIVAL, Receipt
from crossdock.processes.case import kind_of
from crossdock.processes.facts import fact_of

DEEP = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@DEEP
@given(data=st.data())
def test_the_same_facts_give_the_same_books_in_any_order_and_batching(data: st.DataObject) -> None:
    arrived = data.draw(histories())
    expected = run([arrived]).net()
    assert run(data.draw(split(arrived))).net() == expected


@DEEP
@given(data=st.data())
def test_telling_everything_again_changes_nothing(data: st.DataObject) -> None:
    arrived = data.draw(histories())
    expected = run([arrived]).net()
    later = 10_000
    again = [Arrived(Receipt(receipt.arrival + later, 0), event) for receipt, event in arrived]
    assert run(data.draw(split([*arrived, *again, *again]))).net() == expected


@DEEP
@given(data=st.data())
def test_a_copy_that_is_read_before_its_original_changes_nothing(data: st.DataObject) -> None:
    arrived = data.draw(histories(orders=1))
    later = [Arrived(Receipt(receipt.arrival + 10_000, 0), event) for receipt, event in arrived]
    assert run([later, arrived]).net() == run([arrived]).net()


@DEEP
@given(data=st.data())
def test_a_fact_that_repeats_changes_no_plan(data: st.DataObject) -> None:
    clock = data.draw(st.sampled_from((0, 10**17)))
    for case, record in run([data.draw(histories())]).records().items():
        rules, number = kind_of(case).versions[record.rules], case.partition("/")[2]

        for index, fact in enumerate(record.facts):
            others = [*record.facts[:index], *record.facts[index + 1 :]]
            if rules.repeats(fact, others):
                assert plan_of(rules, number, others, clock) == plan_of(rules, number, record.facts, clock)


@DEEP
@given(data=st.data())
def test_units_and_money_sum_to_zero_after_every_batch(data: st.DataObject) -> None:
    world = run(data.draw(split(data.draw(histories()))))
    sums: dict[str, int] = {}
    for (_, item), amount in world.books.items():
        sums[item] = sums.get(item, 0) + amount
    assert not any(sums.values())


@DEEP
@given(data=st.data())
def test_what_is_posted_is_what_the_cases_stand_for(data: st.DataObject) -> None:
    world = run(data.draw(split(data.draw(histories()))))
    stand: dict[tuple[str, str], int] = {}
    for record in world.records().values():
        for posting in record.posted:
            stand[posting.debit, posting.item] = stand.get((posting.debit, posting.item), 0) + posting.amount
            stand[posting.credit, posting.item] = stand.get((posting.credit, posting.item), 0) - posting.amount
    assert {key: amount for key, amount in stand.items() if amount} == world.net()["books"]


@DEEP
@given(data=st.data())
def test_no_plan_fails_on_any_history(data: st.DataObject) -> None:
    world = run(data.draw(split(data.draw(histories()))))
    assert [record.parked for record in world.records().values() if record.parked] == []


@DEEP
@given(data=st.data())
def test_workers_that_race_for_the_same_cases_agree(data: st.DataObject) -> None:
    arrived = data.draw(histories())
    assert run_raced(data.draw(split(arrived))).net() == run([arrived]).net()


@DEEP
@given(data=st.data())
def test_a_fact_keeps_the_receipt_of_its_earliest_telling(data: st.DataObject) -> None:
    arrived = data.draw(histories(orders=1))
    earliest: dict[str, Receipt] = {}
    for receipt, event in arrived:
        kept = fact_of(event, receipt)
        earliest[kept.key] = min(receipt, earliest.get(kept.key, receipt))
    world = run(data.draw(split(arrived)))
    firsts = {f.key: f.first for r in world.records().values() for f in r.facts if not f.key.startswith("said:")}
    assert firsts == earliest


@DEEP
@given(data=st.data())
def test_of_a_sender_without_revisions_the_last_telling_counts(data: st.DataObject) -> None:
    arrived = data.draw(histories(orders=1))
    last: dict[str, tuple[Receipt, int, bool]] = {}
    revised: dict[str, int] = {}
    for receipt, event in arrived:
        kept = fact_of(event, receipt)
        revised[kept.key] = max(kept.revision, revised.get(kept.key, 0))
        if kept.revision == BY_ARRIVAL:
            told = (receipt, kept.occurred, kept.retracted)
            last[kept.key] = max(told, last.get(kept.key, told))
    world = run(data.draw(split(arrived)))
    known = {fact.key: fact for record in world.records().values() for fact in record.facts}
    counts = {key: (known[key].told or known[key].first, known[key].occurred, known[key].retracted) for key in last}
    for key, told in last.items():
        assert revised[key] or counts[key] == told
