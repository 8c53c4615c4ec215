"""A case as a person reads it: what is known of it, from which messages, and everything that followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.model.envelope import Receipt
from crossdock.model.event import Fact
from crossdock.model.events import CATALOGUE
from crossdock.model.time import instant
from crossdock.processes.case import Record, unpack
from crossdock.processes.facts import AnyKept
from crossdock.store import arrival as arrivals
from crossdock.store import reading, work
from crossdock.store.reading import CaseRow

HEARD: Final = "said:"
_RELATED_MAX: Final = 200


class FactLine(msgspec.Struct, frozen=True, kw_only=True):
    """One fact: when it happened, when and from whom we learnt it, and how often we were told again."""

    case: str
    occurred: datetime
    received: datetime | None
    source: str | None
    event: str
    key: str
    message: str
    row: int
    mapping: str | None
    revision: int
    retracted: bool
    copies: int


class ItemLine(msgspec.Struct, frozen=True, kw_only=True):
    """A work item of a case, and what people do about it.

    `id` is what `crossdock queue show` takes; `content` names what it says, for whoever decides about it.
    """

    id: str
    case: str
    code: str
    subject: str
    title: str
    desk: str
    action: str
    at_stake_minor: int
    currency: str
    finding: bool
    opened: datetime
    closed: datetime | None
    message: str
    content: str
    claimed_by: str | None
    claimed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: str | None


class CommandLine(msgspec.Struct, frozen=True, kw_only=True):
    """What another system was asked to do."""

    case: str
    slot: str
    generation: int
    kind: str
    target: str
    action: str
    state: str
    content: msgspec.Raw
    message: str
    created: datetime
    changed: datetime


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger entry: `amount` in whole units of the item, or in minor units where the item is a currency."""

    case: str
    debit: str
    credit: str
    item: str
    amount: int
    posted: datetime
    message: str


class Node(msgspec.Struct, kw_only=True):
    """A case among its relations: `below` are those that say something to it, `more` how many are not shown."""

    id: str
    status: str
    this: bool = False
    below: list[Node] = []
    more: int = 0


class CaseDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A case, complete; facts, items, commands and entries also of the cases that speak to it."""

    id: str
    status: str
    view: msgspec.Raw | None
    known_as: list[str]
    rules: int
    changed: datetime
    relations: list[Node]
    facts: list[FactLine]
    items: list[ItemLine]
    commands: list[CommandLine]
    entries: list[EntryLine]
    deadline: datetime | None
    parked: str | None


class Known(NamedTuple):
    """A case as it lies in the database, its record decoded."""

    row: CaseRow
    record: Record

    @property
    def hears(self) -> list[str]:
        """The cases that say something to it."""
        return [fact.key.removeprefix(HEARD) for fact in self.record.facts if _is_heard(fact) and not fact.retracted]


class Lookup:
    """Reads cases of a tenant, each once."""

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Nothing read yet."""
        self._connection = connection
        self._tenant = tenant
        self._known: dict[str, Known] = {}

    def cases(self, ids: Iterable[str]) -> dict[str, Known]:
        """Cases by id, those that exist."""
        asked = list(dict.fromkeys(ids))
        missing = [case for case in asked if case not in self._known]
        if missing:
            for id_, row in reading.read_cases(self._connection, self._tenant, missing).items():
                self._known[id_] = Known(row, unpack(row.record))
        return {case: self._known[case] for case in asked if case in self._known}

    def case(self, id_: str) -> Known:
        """A case that is known to exist."""
        return self.cases([id_])[id_]

    # -- relations -----------------------------------------------------------------------------------------------

    def above(self, case: str) -> list[str]:
        """The cases it speaks to, and those that they speak to, nearest first."""
        found: dict[str, None] = {}
        level = [case]
        while level:
            known = self.cases(level)
            level = [to for each in known.values() for to in each.record.said if to not in found]
            found.update(dict.fromkeys(level))
        return list(found)

    def below(self, case: str) -> list[str]:
        """The cases that speak to it, and those that speak to them, nearest first; bounded."""
        found: dict[str, None] = {}
        level = [case]
        while level and len(found) < _RELATED_MAX:
            known = self.cases(level)
            level = [by for each in known.values() for by in each.hears if by not in found][:_RELATED_MAX]
            found.update(dict.fromkeys(level))
        return list(found)[:_RELATED_MAX]

    def relations(self, case: str) -> list[Node]:
        """The case among all it is related to, from the top: an order, its shipments, their freight invoices."""
        tops = [id_ for id_, known in self.cases([case, *self.above(case)]).items() if not known.record.said]
        left = [_RELATED_MAX]
        return [self._node(top, case, left) for top in tops]

    def _node(self, id_: str, this: str, left: list[int]) -> Node:
        known = self.case(id_)
        left[0] -= 1
        node = Node(id=id_, status=known.row.status, this=id_ == this)
        below = self.cases(known.hears)
        for each in below:
            if left[0] <= 0 and each != this:
                node.more += 1
            else:
                node.below.append(self._node(each, this, left))
        return node

    # -- one case ------------------------------------------------------------------------------------------------

    def detail(self, id_: str) -> CaseDetail:
        """Everything about a case."""
        row, record = self.case(id_)
        cases = [id_, *self.cases(self.below(id_))]
        since = min(since_of(self.case(each).record) for each in cases)
        facts, names = self.facts(cases)
        return CaseDetail(
            id=id_,
            status=row.status,
            view=msgspec.Raw(row.view.encode()) if row.view else None,
            known_as=names.get(id_, []),
            rules=record.rules,
            changed=row.updated_at,
            relations=self.relations(id_),
            facts=facts,
            items=self.items(cases),
            commands=[command_line(one) for one in reading.commands_of(self._connection, self._tenant, cases)],
            entries=[entry_line(one) for one in reading.entries_of(self._connection, self._tenant, cases, since)],
            deadline=instant(record.alarm) if record.alarm and record.alarm > record.clock else None,
            parked=record.parked,
        )

    def items(self, cases: Iterable[str]) -> list[ItemLine]:
        """Work items of cases, closed ones too, in the order in which they opened."""
        return [item_line(row) for row in work.items_of(self._connection, self._tenant, list(cases))]

    def facts(self, cases: Sequence[str]) -> tuple[list[FactLine], dict[str, list[str]]]:
        """The facts of cases in business order, and by which other names they made each case known."""
        kept = [(case, fact) for case in cases for fact in self.case(case).record.facts if not _is_heard(fact)]
        kept.sort(key=lambda one: (one[1].occurred, one[1].key))
        places = {place for _, fact in kept for place in (_told(fact), _place(fact.first))}
        arrived = {arrival for arrival, _ in places}
        events = reading.events_at(self._connection, self._tenant, places)
        again = reading.copies_of_facts(self._connection, self._tenant, cases, min(arrived, default=0))
        received_again = reading.copies_of_messages(self._connection, self._tenant, arrived)
        names: dict[str, dict[str, None]] = {}
        lines = []
        for case, fact in kept:
            told = _told(fact)
            event = events.get(told)
            copies = received_again.get(told[0], 0)
            if event is not None:
                names.setdefault(case, {}).update(dict.fromkeys(_names_in(event)))
                copies += again.pop((case, event.type, event.key), 0)
            lines.append(_fact_line(case, fact, event, events.get(_place(fact.first)), copies))
        return lines, {case: sorted(known) for case, known in names.items()}


def since_of(record: Record) -> int:
    """The arrival number before which nothing was heard of a case."""
    return min((fact.first.arrival for fact in record.facts), default=0)


def item_line(row: work.WorkRow) -> ItemLine:
    """A work item as it is shown."""
    return ItemLine(
        id=f"{row.owner}/{row.name}",
        case=row.owner,
        code=row.code,
        subject=row.subject,
        title=row.title,
        desk=row.desk,
        action=row.action,
        at_stake_minor=row.at_stake_minor,
        currency=row.currency,
        finding=row.finding,
        opened=row.opened_at,
        closed=row.closed_at,
        message=arrivals.text(row.arrival),
        content=row.content.hex(),
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        resolution=row.resolution,
    )


def _is_heard(fact: AnyKept) -> bool:
    return fact.key.startswith(HEARD)


def _told(fact: AnyKept) -> tuple[int, int]:
    """Where the telling that counts was read."""
    return _place(fact.told or fact.first)


def _place(receipt: Receipt) -> tuple[int, int]:
    return receipt.arrival, receipt.row


def _names_in(event: reading.EventRow) -> list[str]:
    """The identifiers in an event by which a person may look for its case."""
    form = CATALOGUE.get(event.type)
    if form is None or not issubclass(form, Fact) or not form.identifies:
        return []
    data: Mapping[str, object] = msgspec.json.decode(event.data)
    return [str(data[field]) for field in form.identifies if data.get(field)]


def command_line(row: reading.CommandRow) -> CommandLine:
    """A command as it is shown."""
    return CommandLine(
        case=row.owner,
        slot=row.slot,
        generation=row.generation,
        kind=row.kind,
        target=row.target,
        action=row.action,
        state=row.state,
        content=msgspec.Raw(row.content.encode()),
        message=arrivals.text(row.arrival),
        created=row.created_at,
        changed=row.changed_at,
    )


def entry_line(row: reading.EntryRow) -> EntryLine:
    """A ledger entry as it is shown."""
    return EntryLine(
        case=row.owner,
        debit=row.debit,
        credit=row.credit,
        item=row.item,
        amount=row.amount,
        posted=row.posted_at,
        message=arrivals.text(row.arrival),
    )


def _fact_line(
    case: str, fact: AnyKept, event: reading.EventRow | None, first: reading.EventRow | None, copies: int
) -> FactLine:
    """A fact with its envelope. An event that retention dropped leaves the fact itself."""
    tag, _, key = fact.key.partition(":")
    arrival, row = _told(fact)
    return FactLine(
        case=case,
        occurred=instant(fact.occurred),
        received=first.received_at if first else event.received_at if event else None,
        source=event.source if event else None,
        event=event.type if event else tag,
        key=event.key if event else key,
        message=arrivals.text(arrival),
        row=row,
        mapping=event.mapping if event else None,
        revision=fact.revision,
        retracted=fact.retracted,
        copies=copies,
    )
