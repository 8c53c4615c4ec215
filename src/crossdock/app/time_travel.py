"""A case as it was known at an earlier moment: the facts received by then, asked by its rules; and what had followed.

The two are told apart: *known* is computed anew from what had been received, *asked* and *posted* are what the database
holds from before. Where they differ, somebody was late: a worker, or we.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

import msgspec
import psycopg

from crossdock.app.lookup import HEARD, Lookup
from crossdock.engine.configuration import policy_book
from crossdock.model.envelope import BY_ARRIVAL, Event, Receipt
from crossdock.model.event import Fact, Reference
from crossdock.model.events import CATALOGUE
from crossdock.model.time import instant, microseconds
from crossdock.processes.case import kind_of
from crossdock.processes.facts import AnyKept, add, fact_of, said
from crossdock.processes.plan import Plan
from crossdock.processes.reference import Book, NotLoaded, Records
from crossdock.store import arrival as arrivals
from crossdock.store import configuration as stored
from crossdock.store import time_travel as store


class KnownFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as it was known: when it happened, by which message, and what it said."""

    occurred: datetime
    message: str
    key: str
    withdrawn: bool
    data: Any


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A command that the rules wanted."""

    slot: str
    kind: str
    target: str


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A work item that held."""

    code: str
    subject: str
    title: str


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """What stood on a route of the ledger."""

    debit: str
    credit: str
    item: str
    amount: int


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A command that had been asked for."""

    slot: str
    generation: int
    kind: str
    target: str
    action: str
    asked: datetime


class Then(msgspec.Struct, frozen=True, kw_only=True):
    """A case as known at a moment, and what had followed by then."""

    id: str
    at: datetime
    last_message: str
    status: str
    facts: list[KnownFact]
    wanted: list[Wanted]
    items: list[Open]
    postings: list[Booked]
    asked: list[Asked]
    posted: list[Booked]


def as_of(connection: psycopg.Connection, tenant: int, case: str, at: datetime) -> Then:
    """The case as it was known at a moment; by the rules and policies that it is on today."""
    return _Past(connection, tenant, at).then(case)


class _Past:
    def __init__(self, connection: psycopg.Connection, tenant: int, at: datetime) -> None:
        self._connection = connection
        self._tenant = tenant
        self._at = at
        self._latest = store.last_arrival(connection, tenant, at)
        self._lookup = Lookup(connection, tenant)
        self._policies = policy_book(stored.read(connection, tenant))
        self._records: dict[str, list[Reference]] = {}
        self._plans: dict[str, Plan | None] = {}

    def then(self, case: str) -> Then:
        facts = self._facts(case)
        plan = self._plan(case, facts) if facts else Plan()
        return Then(
            id=case,
            at=self._at,
            last_message=arrivals.text(self._latest),
            status=plan.view.status if plan.view else "UNKNOWN",
            facts=[
                KnownFact(
                    occurred=instant(fact.occurred), message=arrivals.text((fact.told or fact.first).arrival),
                    key=fact.key, withdrawn=fact.retracted, data=msgspec.to_builtins(fact.data),
                )
                for fact in facts
                if not fact.key.startswith(HEARD)
            ],
            wanted=[
                Wanted(slot=slot, kind=command.kind, target=command.target)
                for slot, command in plan.commands.items()
                if slot not in plan.shown
            ],
            items=[Open(code=item.code, subject=item.subject, title=item.title) for item in plan.items.values()],
            postings=[
                Booked(debit=debit, credit=credit, item=item, amount=amount)
                for (debit, credit, item), amount in plan.postings.items()
            ],
            asked=[
                Asked(slot=one.slot, generation=one.generation, kind=one.kind, target=one.target, action=one.action,
                      asked=one.created)
                for one in store.commands(self._connection, self._tenant, case, self._at)
            ],
            posted=[
                Booked(debit=debit, credit=credit, item=item, amount=amount)
                for debit, credit, item, amount in store.posted(self._connection, self._tenant, case, self._at)
            ],
        )  # fmt: skip

    # -- what was known ------------------------------------------------------------------------------------------

    def _facts(self, case: str) -> list[AnyKept]:
        """Facts received by then, in the version of then, and what other cases would have said."""
        own: list[AnyKept] = []
        heard: list[AnyKept] = []
        for fact in self._lookup.case(case).record.facts:
            (heard if fact.key.startswith(HEARD) else own).append(fact)
        facts: list[AnyKept] = []
        changed: list[AnyKept] = []
        for fact in own:
            if fact.first.arrival > self._latest:
                continue
            (facts if (fact.told or fact.first).arrival <= self._latest else changed).append(fact)
        for telling in self._tellings(changed):
            add(facts, telling)
        facts.sort(key=lambda fact: (fact.occurred, fact.key))
        for fact in heard:
            self._hear(facts, case, fact.key.removeprefix(HEARD))
        return facts

    def _tellings(self, facts: Iterable[AnyKept]) -> list[AnyKept]:
        """Of facts that were revised since: what had been told of them."""
        revisions = {}
        for fact in facts:
            for receipt in {fact.first, *(fact.before or ())}:
                if receipt.arrival <= self._latest:
                    revisions[receipt.arrival, receipt.row] = fact.revision
        if not revisions:
            return []
        told = []
        for one in store.tellings(self._connection, self._tenant, revisions):
            by_arrival = revisions[one.arrival, one.row] == BY_ARRIVAL and not one.revision
            event = Event(
                row=one.row, data=cast("Fact", msgspec.json.decode(one.data, type=CATALOGUE[one.type])),
                occurred=one.occurred, revision=BY_ARRIVAL if by_arrival else one.revision, retracted=one.retracted,
            )  # fmt: skip
            told.append(fact_of(event, Receipt(one.arrival, one.row)))
        return told

    def _hear(self, facts: list[AnyKept], case: str, other: str) -> None:
        if other not in self._plans:
            theirs = self._facts(other)
            self._plans[other] = self._plan(other, theirs) if theirs else None
        plan = self._plans[other]
        if plan is not None and case in plan.says:
            add(facts, said(other, 1, plan.says[case], withdrawn=False))

    def _plan(self, case: str, facts: list[AnyKept]) -> Plan:
        record, kind = self._lookup.case(case).record, kind_of(case)
        rules = kind.versions.get(record.rules) or kind.versions[kind.latest]
        clock = min(record.clock, microseconds(self._at))
        policies = self._policies.as_of(record.policies)
        while True:
            try:
                return rules.plan(rules.fold(case.partition("/")[2], facts), clock, policies, Book(self._records))
            except NotLoaded as wanted:
                self._records = {**self._records, **self._read(wanted.key)}

    def _read(self, key: str) -> Records:
        form = cast("type[Reference]", CATALOGUE[key.partition("/")[0]])
        rows = store.reference(self._connection, self._tenant, [key], self._latest)
        return {key: [msgspec.json.decode(data, type=form) for _, data in rows]}
