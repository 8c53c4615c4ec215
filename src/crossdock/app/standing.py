"""Asks a case afresh, as settling would, and says what its rules want now and what it waits for. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

import psycopg

from crossdock.app.explaining import Beside, Deadline, Open, Standing
from crossdock.app.lacking import Lack, State, done_of, lack_of
from crossdock.app.lookup import ItemLine, Known, Lookup
from crossdock.engine.configuration import policy_book
from crossdock.engine.settle import ReferenceCache
from crossdock.model.time import instant
from crossdock.processes.case import Changes, ask, kind_of
from crossdock.processes.plan import Plan
from crossdock.processes.policy import InForce, PolicyBook
from crossdock.processes.reference import Book, NotLoaded
from crossdock.store import configuration as stored

_DEADLINES_MAX: Final = 5

T = TypeVar("T")


class Used(NamedTuple):
    """A policy that the plan asked for."""

    name: str
    valid_from: date


class Fresh(NamedTuple):
    """What the rules make of a case today. `state` and `plan` are missing where they fail."""

    state: State | None
    plan: Plan | None
    changes: Changes | None
    parked: str | None
    rules: int
    policies: list[Used]
    reference: list[str]
    deadlines: list[Deadline]


class _Noting(PolicyBook):
    """A policy book that remembers which policies were asked for."""

    def __init__(self, book: PolicyBook) -> None:
        super().__init__([policy for policy, _ in book.published], [edition for _, edition in book.published])
        self.used: dict[Used, None] = {}

    def at(self, occurred: int | None, **traits: Any) -> InForce:  # noqa: ANN401  # those of `PolicyBook.at`
        """As `PolicyBook.at`."""
        found = super().at(occurred, **traits)
        self.used |= {Used(policy.name, policy.valid_from): None for policy in found.policies}
        return found


class Asking:
    """Asks cases of a tenant, with the policies and the reference data of this moment."""

    def __init__(self, connection: psycopg.Connection, tenant: int, lookup: Lookup) -> None:
        """Raises `ConfigurationError` when no policy is stored."""
        self._lookup = lookup
        self._reference = ReferenceCache(connection, tenant)
        self._policies = policy_book(stored.read(connection, tenant))

    def fresh(self, case: str) -> Fresh:
        """Fold, plan and take the difference, as settling would."""
        known = self._lookup.case(case)
        record, number = known.record, case.partition("/")[2]
        clock = record.clock
        policies = _Noting(self._policies.as_of(record.policies))
        answer, _ = self._with_reference(
            lambda book: ask(case, known.record, (), clock=clock, policies=policies, reference=book, again=True)
        )
        rules = kind_of(case).versions.get(record.rules)
        if answer.record.parked is not None or rules is None:
            return Fresh(None, None, answer.changes, answer.record.parked, record.rules, [*policies.used], [], [])
        state = rules.fold(number, record.facts)
        plan, book = self._with_reference(lambda book: rules.plan(state, clock, policies, book))
        deadlines = self._deadlines(rules.plan, state, plan, policies)
        return Fresh(state, plan, answer.changes, None, record.rules, [*policies.used], sorted(book.uses), deadlines)

    def standing(self, case: str, fresh: Fresh) -> Standing:
        """What the one sentence is made of: the case, what is above it, and what speaks to it."""
        number = case.partition("/")[2]
        above = [id_ for id_ in self._lookup.above(case) if id_ in self._lookup.cases([id_])]
        below = list(self._lookup.cases(self._lookup.below(case)))
        items = [item for item in self._lookup.items([case, *above, *below]) if _waits(item)]
        mine = [item for item in items if item.case == case or (item.case in above and item.subject == number)]
        beside = []
        for id_ in below:
            known = self._lookup.case(id_)
            beside.append(
                Beside(
                    case=id_,
                    items=[_open(item) for item in items if item.case == id_],
                    lack=self._lack(id_),
                    deadline=_alarm(known),
                )
            )
        return Standing(
            case=case,
            done=done_of(kind_of(case).name),
            parked=fresh.parked is not None,
            items=[_open(item) for item in mine],
            lack=self._lack(case) if fresh.parked is None else None,
            deadline=fresh.deadlines[0] if fresh.deadlines else None,
            beside=beside,
        )

    def _lack(self, case: str) -> Lack | None:
        above = [self._state(id_) for id_ in self._lookup.cases(self._lookup.case(case).record.said)]
        return lack_of(kind_of(case).name, self._state(case), above)

    def _state(self, case: str) -> State:
        record, kind = self._lookup.case(case).record, kind_of(case)
        rules = kind.versions.get(record.rules) or kind.versions[kind.latest]
        state: State = rules.fold(case.partition("/")[2], record.facts)
        return state

    def _deadlines(
        self, planned: Callable[..., Plan], state: State, plan: Plan, policies: PolicyBook
    ) -> list[Deadline]:
        """When the rules want to be asked again if nothing is heard, and which items open then."""
        deadlines: list[Deadline] = []
        while plan.wake_at is not None and len(deadlines) < _DEADLINES_MAX:
            at = plan.wake_at
            later, _ = self._with_reference(lambda book, at=at: planned(state, at, policies, book))  # type: ignore[misc]
            opens = [f"{item.code} ({item.owner})" for name, item in later.items.items() if name not in plan.items]
            deadlines.append(Deadline(at=instant(at), opens=opens))
            plan = later
            if plan.wake_at is not None and plan.wake_at <= at:
                break
        return deadlines

    def _with_reference(self, question: Callable[[Book], T]) -> tuple[T, Book]:
        """Ask, reading the reference data that turns out to be needed."""
        records = self._reference.read(())
        while True:
            book = Book(records)
            try:
                return question(book), book
            except NotLoaded as wanted:
                records = self._reference.read([wanted.key])


def _alarm(known: Known) -> Deadline | None:
    record = known.record
    if record.alarm is None or record.alarm <= record.clock:
        return None
    return Deadline(at=instant(record.alarm))


def _waits(item: ItemLine) -> bool:
    return item.closed is None and not item.finding


def _open(item: ItemLine) -> Open:
    return Open(
        case=item.case,
        code=item.code,
        subject=item.subject,
        action=item.action,
        desk=item.desk,
        at_stake_minor=item.at_stake_minor,
        currency=item.currency,
    )
