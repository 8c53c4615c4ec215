"""Each law has enemies: a guard is taken out of the code, and a property that holds otherwise must fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.properties import test_laws, test_migration, test_slots, world

from crossdock.engine import rounds
from crossdock.ledger.posting import Posting, difference
from crossdock.model.envelope import Receipt
from crossdock.processes import case, facts, slots

HUNT = settings(
    max_examples=400,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Sabotage(NamedTuple):
    """What is taken out: `place.name` becomes `instead`; `caught_by` is the property that must fail."""

    law: int
    what: str
    place: Any
    name: str
    instead: Any
    caught_by: Callable[..., None]


def _forget_first_receipt(known: list[Any], index: int, old: Any, new: Any) -> facts.Telling:
    known[index] = new if facts.counts_over(new, old) else old
    return facts.COPY if known[index] is old else facts.REVISION


def _keep_every_telling(known: list[Any], new: Any) -> facts.Telling:
    known.append(new)
    return facts.NEW


def _write_and_ignore_losers(real: Callable[..., set[str]]) -> Callable[..., set[str]]:
    def write(self: rounds.Rounds, asked: set[str]) -> set[str]:
        real(self, asked)
        return set()

    return write


def _said_without_version(by: str, version: int, digest: Any, *, withdrawn: bool) -> Any:
    del version
    return facts.Kept(f"said:{by}", 0, 0, withdrawn, Receipt(0, 0), digest)


def _post_everything_again(target: list[Posting], posted: list[Posting]) -> list[Posting]:
    del posted
    return target


def _never_reverse(target: list[Posting], posted: list[Posting]) -> list[Posting]:
    return [posting for posting in difference(target, posted) if posting.amount > 0]


def _one_side(postings: list[Posting]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = {}
    for posting in postings:
        sums[posting.debit, posting.item] = sums.get((posting.debit, posting.item), 0) + posting.amount
    return sums


def _redo_without_undo(applied: Any, want: Any) -> Any:
    return ("do", want) if want and want != applied else None


any_order = test_laws.test_the_same_facts_give_the_same_books_in_any_order_and_batching
twice = test_laws.test_telling_everything_again_changes_nothing
corrected = test_laws.test_of_a_sender_without_revisions_the_last_telling_counts
earliest = test_laws.test_a_fact_keeps_the_receipt_of_its_earliest_telling
zero = test_laws.test_units_and_money_sum_to_zero_after_every_batch
standing = test_laws.test_what_is_posted_is_what_the_cases_stand_for
races = test_laws.test_workers_that_race_for_the_same_cases_agree
remote = test_slots.test_the_remote_system_ends_with_what_is_wanted

held = test_migration.test_what_only_new_rules_want_is_held

SABOTAGES = [
    Sabotage(2, "drop the deduplication of facts", case, "add", _keep_every_telling, twice),
    Sabotage(
        2, "drop the sort into business order", facts, "bisect_left", lambda known, _, **__: len(known), any_order
    ),
    Sabotage(2, "let the last arrival win", facts, "counts_over", lambda *_: True, any_order),
    Sabotage(2, "forget when a correction was received", facts, "BY_ARRIVAL", None, corrected),
    Sabotage(2, "forget the earliest receipt", facts, "_again", _forget_first_receipt, earliest),
    Sabotage(2, "ignore a lost race", rounds.Rounds, "_write", _write_and_ignore_losers(rounds.Rounds._write), races),
    Sabotage(2, "say without a version", rounds, "said", _said_without_version, any_order),
    Sabotage(3, "issue the next generation while one is in flight", slots, "_IN_FLIGHT", frozenset(), remote),
    Sabotage(3, "redo without the undo", slots, "_step", _redo_without_undo, remote),
    Sabotage(3, "forget what was answered", test_slots, "with_outcomes", lambda held, _: dict(held), remote),
    Sabotage(3, "send at once what only a rule wants", case, "_held", lambda *_: (frozenset(), frozenset()), held),
    Sabotage(3, "forget the rule while a command is in flight", slots, "in_flight", lambda _: False, held),
    Sabotage(4, "post twice", case, "ledger_difference", _post_everything_again, standing),
    Sabotage(4, "never reverse a posting", case, "ledger_difference", _never_reverse, standing),
    Sabotage(4, "post one side only", world, "balances", _one_side, zero),
]


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: f"law {sabotage.law}: {sabotage.what}")
def test_a_sabotage_turns_a_property_red(sabotage: Sabotage, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = sabotage.caught_by.hypothesis.inner_test  # type: ignore[attr-defined]
    if sabotage.caught_by is remote:
        given_again = given(test_slots.wishes, test_slots.answers, st.sampled_from(["amend", "undo", "adjust"]))
    else:
        given_again = given(data=st.data())
    hunted = HUNT(given_again(inner))
    monkeypatch.setattr(sabotage.place, sabotage.name, sabotage.instead)
    with pytest.raises(AssertionError):  # a crash would prove nothing
        hunted()
