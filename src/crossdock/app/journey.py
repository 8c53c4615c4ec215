"""One order's journey: what each system said and was asked, in its lane; what waits, and why it is where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg

from crossdock.app import codes
from crossdock.app.explaining import also, unblocks
from crossdock.app.journey_marks import LANES, marks_of
from crossdock.app.lookup import CaseDetail, CommandLine, EntryLine, Lookup, item_line
from crossdock.app.lookup import Node as Relation
from crossdock.app.standing import Asking
from crossdock.console.journey_views import Asked, Document, Entry, Journey, Node, Order
from crossdock.console.views import Item, Money, Tone, Verb
from crossdock.ledger import accounts
from crossdock.model.events import CommandSettled
from crossdock.model.money import format_minor
from crossdock.processes.decisions import MEANS, offers
from crossdock.store import arrival as arrivals
from crossdock.store import console, work

_MARKS_MAX: Final = 300
_ENTRIES_MAX: Final = 200
_DOCUMENTS_MAX: Final = 100
_CONTENT_MAX: Final = 4_000
_MONEY: Final = (
    ("Invoiced", "invoiced_minor"),
    ("Paid", "paid_minor"),
    ("Freight accrued", "freight_accrued_minor"),
    ("Freight posted", "freight_posted_minor"),
)
_STATES: Final[dict[str, Tone]] = {
    "sent": "",
    "wanted": "",
    "unknown": "warn",
    "refused": "bad",
    "applied": "good",
    "satisfied": "good",
    "undone": "quiet",
    "withdrawn": "quiet",
}


def journey_of(connection: psycopg.Connection, tenant: int, case: str, now: datetime) -> Journey | None:
    """The journey that a case belongs to: its order's, else its own; `None` where there is no such case."""
    lookup = Lookup(connection, tenant)
    if not lookup.cases([case]):
        return None
    top = top_of(lookup, case)
    detail = lookup.detail(top)
    cases = [top, *lookup.cases(lookup.below(top))]
    asking = Asking(connection, tenant, lookup)
    fresh = asking.fresh(top)
    standing = asking.standing(top, fresh)
    items = [item_view(row) for row in work.items_of(connection, tenant, cases)]
    waiting = [item for item in items if item.closed is None and not item.finding]
    marks = marks_of(lookup, detail, items)
    view: dict[str, Any] = msgspec.json.decode(detail.view) if detail.view else {}
    currency = str(view.get("currency", ""))
    known = detail.known_as
    return Journey(
        case=top,
        asked=case,
        status=detail.status,
        tone=_tone(detail, waiting),
        sentence=unblocks(standing, now),
        then=also(standing, now),
        trouble=fresh.parked,
        known_as=known,
        facts=[(_words(name), str(value)) for name, value in view.items() if _is_plain(name, value)],
        money=[(label, Money(int(view[field]), currency)) for label, field in _MONEY if field in view],
        items=sorted(waiting, key=lambda item: (item.resolved_by is not None, -abs(item.at_stake.minor), item.id)),
        past_items=[item for item in items if item not in waiting],
        lanes=[lane.name for lane in LANES],
        marks=marks[-_MARKS_MAX:],
        marks_left_out=max(0, len(marks) - _MARKS_MAX),
        commands=_orders(connection, tenant, cases, detail.commands),
        entries=[entry_view(entry) for entry in detail.entries[-_ENTRIES_MAX:]],
        entries_left_out=max(0, len(detail.entries) - _ENTRIES_MAX),
        documents=_documents(connection, tenant, detail),
        nodes=list(_nodes(detail.relations, case)),
        rules=detail.rules,
        changed=detail.changed,
        at=now,
    )


def item_view(row: work.WorkRow) -> Item:
    """A work item as the pages show it."""
    line = item_line(row)
    meaning = codes.meaning(line.code)
    return Item(
        id=line.id,
        case=line.case,
        code=line.code,
        subject=line.subject,
        title=line.title,
        desk=line.desk,
        action=line.action or (meaning.do if meaning else ""),
        at_stake=Money(line.at_stake_minor, line.currency),
        finding=line.finding,
        opened=line.opened,
        closed=line.closed,
        message=line.message,
        content=line.content,
        claimed_by=line.claimed_by,
        claimed_at=line.claimed_at,
        resolved_by=line.resolved_by,
        resolved_at=line.resolved_at,
        resolution=line.resolution,
        verbs=[] if line.closed else [Verb(verb, MEANS[verb]) for verb in offers(line.code, line.desk)],
    )


def top_of(lookup: Lookup, case: str) -> str:
    """The order above a case, where one is known; else the highest case."""
    above = list(lookup.cases(lookup.above(case)))
    orders = [id_ for id_ in above if id_.startswith("order/")]
    return (orders or above[-1:] or [case])[0]


def _tone(detail: CaseDetail, waiting: Sequence[Item]) -> Tone:
    if detail.parked:
        return "bad"
    if waiting:
        return "warn"
    return "good" if detail.status == "PAID" else ""


def _is_plain(name: str, value: object) -> bool:
    return not name.endswith("_minor") and name not in {"currency", "status"} and isinstance(value, str | int)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _orders(
    connection: psycopg.Connection, tenant: int, cases: Sequence[str], commands: Sequence[CommandLine]
) -> list[Order]:
    """Commands, those that are under way first."""
    tried = {(row.owner, row.slot, row.generation): row for row in console.deliveries(connection, tenant, cases)}
    found = []
    for one in commands:
        sent = tried.get((one.case, one.slot, one.generation))
        found.append(
            Order(
                case=one.case,
                slot=one.slot,
                generation=one.generation,
                target=one.target,
                what=_words(one.kind) if one.action == "do" else f"{one.action.capitalize()}: {_words(one.kind)}",
                state=one.state,
                tone=_STATES.get(one.state, ""),
                attempts=sent.attempts if sent else 0,
                last=(sent.last if sent else None) or "",
                hold=(sent.hold if sent else None) or "",
                content=msgspec.json.format(bytes(one.content), indent=2).decode()[:_CONTENT_MAX],
                changed=one.changed,
                message=one.message,
            )
        )
    return sorted(found, key=lambda order: order.tone in {"good", "quiet"})


def asked_view(one: CommandLine) -> Asked:
    """A command as the page of its message shows it."""
    what = _words(one.kind) if one.action == "do" else f"{one.action.capitalize()}: {_words(one.kind)}"
    name = f"{one.case}/{one.slot}/{one.generation}"
    return Asked(what, one.target, name, one.state, _STATES.get(one.state, ""), one.case)


def entry_view(entry: EntryLine) -> Entry:
    """A ledger entry as the pages show it."""
    amount = format_minor(entry.amount, entry.item) if accounts.holds_money(entry.debit) else f"{entry.amount:,}"
    return Entry(entry.posted, f"{amount} {entry.item}", entry.debit, entry.credit, entry.case, entry.message)


def _documents(connection: psycopg.Connection, tenant: int, detail: CaseDetail) -> list[Document]:
    # What became of our own commands stands beside them.
    names = dict.fromkeys(fact.message for fact in detail.facts if fact.event != CommandSettled.type)
    numbers = [number for name in names if (number := arrivals.parse(name)) is not None]
    rows = console.documents(connection, tenant, numbers, _DOCUMENTS_MAX)
    return [
        Document(arrivals.text(row.arrival), row.source or "", row.content_type, row.size_bytes, row.received_at)
        for row in rows
    ]


def _nodes(relations: Sequence[Relation], asked: str, depth: int = 0) -> Iterator[Node]:
    for relation in relations:
        yield Node(case=relation.id, status=relation.status, depth=depth, this=relation.id == asked, more=relation.more)
        yield from _nodes(relation.below, asked, depth + 1)
