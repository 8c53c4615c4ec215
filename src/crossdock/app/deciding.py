"""Deciding about work items: an act in the trail and a fact through intake, in one transaction, and what followed.

A decision changes what is planned: an approved bill is posted, a disputed one goes to the carrier. So it is told like
anything else, the case is asked again by whoever settles, and the item closes because its condition is gone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.app.handling import ITEMS_MAX, NotDone, Refusal, changed, evidence, item_id, name_of, note_of
from crossdock.app.lookup import Known, Lookup
from crossdock.app.standing import Asking
from crossdock.clock import SystemClock
from crossdock.engine import decision_messages
from crossdock.model.decisions import CommandDecided, FreightInvoiceDecided, FreightVerdict
from crossdock.model.money import format_minor
from crossdock.processes.decisions import FREIGHT, Verb, offers
from crossdock.processes.freight_review import counted
from crossdock.processes.plan import Plan
from crossdock.processes.remembered import FreightInvoice
from crossdock.processes.slots import wanted_hash
from crossdock.processes.states import FreightInvoiceState, fold_freight_invoice
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store import intake, trail, work
from crossdock.store.work import WorkRow

SEEN_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.05
_VERDICTS: Final[dict[Verb, FreightVerdict]] = {"approve": "approved", "dispute": "disputed", "reject": "rejected"}
PAST: Final[dict[Verb, str]] = {
    "approve": "approved",
    "dispute": "disputed",
    "reject": "rejected",
    "accept": "accepted",
    "retry": "retried",
}


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision and what was seen to follow: `closed`, its item is gone; `None`, nobody has settled it yet."""

    item: str
    says: str
    closed: bool | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What became of deciding: decisions that were told, items about which nothing could be, the act in the trail."""

    verb: Verb
    who: str
    note: str
    done: list[Decision]
    refused: list[Refusal]
    trail: int | None


class _Ready(NamedTuple):
    """What is to be told about an item, or about a bill that has none; without the number of the act."""

    name: str
    row: WorkRow | None
    told: FreightInvoiceDecided | CommandDecided
    says: str


class _Cannot(Exception):
    """Why nothing can be decided about one item."""


class Wish(NamedTuple):
    """What a person decides, and why.

    `total` chooses, of a bill that was sent with several totals, the one that is meant (`612.70`); `seen` maps an item
    to the content that the person saw. Without `execute` it is only said what would be told.
    """

    verb: Verb
    who: str
    note: str
    total: str | None = None
    seen: Mapping[str, str] = MappingProxyType({})
    execute: bool = True


def decide(
    connection: psycopg.Connection, tenant: int, wish: Wish, rows: Sequence[WorkRow], *, bills: Sequence[str] = ()
) -> Decided:
    """Decide about items, and about freight invoices that have none (`XPOL/70000004`), in one act.

    Raises `NotDone` when the name or the note cannot be recorded.
    """
    wish = wish._replace(who=name_of(wish.who), note=note_of(wish.note, needed=True))
    if len(rows) > ITEMS_MAX:
        raise NotDone(f"these are more than {ITEMS_MAX:,} items: narrow them by desk, or name them")
    looked = Lookup(connection, tenant)
    refused: list[Refusal] = []
    ready: list[_Ready] = []
    for row in rows:
        try:
            _check(wish, row)
            if wish.verb in FREIGHT:
                ready.append(_about_bill(wish, looked, row.subject, row))
            else:
                plan = Asking(connection, tenant, looked).fresh(row.owner).plan
                ready.append(_about_command(wish, row, looked.case(row.owner), plan))
        except _Cannot as why:
            refused.append(Refusal(item_id(row), str(why)))
    for bill in bills:
        try:
            ready.append(_about_bill(wish, looked, bill, None))
        except _Cannot as why:
            refused.append(Refusal(bill, str(why)))
    act = _tell(connection, tenant, wish, ready) if wish.execute and ready else None
    done = [Decision(item=one.name, says=one.says) for one in ready]
    if act is not None:
        done = _seen(connection, tenant, ready)
    return Decided(verb=wish.verb, who=wish.who, note=wish.note, done=done, refused=refused, trail=act)


def _check(wish: Wish, row: WorkRow) -> None:
    if row.closed_at is not None:
        raise _Cannot("it is closed: the condition does not hold any more")
    able = offers(row.code, row.desk)
    if wish.verb not in able:
        raise _Cannot(f"{row.code} is settled by {' or '.join(able)}" if able else f"nobody decides about {row.code}")
    other = changed(row, wish.seen)
    if other:
        raise _Cannot(other)


def _about_bill(wish: Wish, looked: Lookup, number: str, row: WorkRow | None) -> _Ready:
    case = f"freight_invoice/{number}"
    known = looked.cases([case]).get(case)
    state = fold_freight_invoice(number, known.record.facts) if known is not None else None
    if state is None or not state.statements:
        raise _Cannot(f"there is no freight invoice {number}")
    if wish.verb not in FREIGHT:
        raise _Cannot(f"a freight invoice is settled by {' or '.join(FREIGHT)}")
    bill = counted(state).statement.data if wish.total is None else _billed(state, wish.total)
    amount = f"{format_minor(bill.total_minor, bill.currency)} {bill.currency}"
    told = FreightInvoiceDecided(
        scac=bill.scac,
        invoice_no=bill.invoice_no,
        decision=_VERDICTS[wish.verb],
        total_minor=bill.total_minor,
        currency=bill.currency,
        decided_by=wish.who,
        reason=wish.note,
        act=0,
    )
    return _Ready(item_id(row) if row else case, row, told, f"{PAST[wish.verb]}: {amount}")


def _billed(state: FreightInvoiceState, total: str) -> FreightInvoice:
    sums = {format_minor(one.data.total_minor, one.data.currency): one.data for one in state.statements}
    if total not in sums:
        raise _Cannot(f"{total} was not billed under {state.no}, but {', '.join(sums)}")
    return sums[total]


def _about_command(wish: Wish, row: WorkRow, case: Known, plan: Plan | None) -> _Ready:
    name = row.name.partition("/")[2]
    slot = case.record.slots.get(name)
    if slot is None or plan is None:
        raise _Cannot("its command cannot be told any more: see `crossdock explain`")
    told = CommandDecided(
        case=row.owner,
        slot=name,
        generation=slot.generation,
        decision="retried" if wish.verb == "retry" else "accepted",
        wanted=wanted_hash(plan.commands.get(name)) if wish.verb == "accept" else None,
        decided_by=wish.who,
        reason=wish.note,
        act=0,
    )
    return _Ready(item_id(row), row, told, f"{PAST[wish.verb]}: {name}, generation {slot.generation}")


# -- told, and seen ------------------------------------------------------------------------------------------------


def _tell(connection: psycopg.Connection, tenant: int, wish: Wish, ready: Sequence[_Ready]) -> int:
    """One act, and a message for each decision, in one transaction; the number of the act."""
    source = stored.source_named(connection, tenant, decision_messages.SOURCE)
    if source is None:
        raise ConfigurationError("source people is not registered: run `crossdock config apply` again")
    now = SystemClock().now()
    subject = ready[0].name if len(ready) == 1 else f"{len(ready)} items"
    with connection.transaction():
        act = trail.append(
            connection, tenant, who=wish.who, what=f"work_item.{PAST[wish.verb]}", subject=subject, note=wish.note,
            detail=evidence([one.row for one in ready if one.row is not None]),
        )  # fmt: skip
        told = [decision_messages.message(source, one.told, act, now, place=place) for place, one in enumerate(ready)]
        intake.receive(connection, tenant, told)
    return act


def _seen(connection: psycopg.Connection, tenant: int, ready: Sequence[_Ready]) -> list[Decision]:
    """Wait a moment for whoever settles, then say of each item whether it is gone: what was seen, not hoped."""
    give_up_at = time.monotonic() + SEEN_SECONDS
    before = {(one.row.owner, one.row.name): one.row for one in ready if one.row is not None}
    while True:
        rows = {(row.owner, row.name): row for row in work.items_at(connection, tenant, list(before))}
        gone = {item_id(row) for place, row in before.items() if _is_gone(row, rows.get(place))}
        if len(gone) == len(before) or time.monotonic() > give_up_at:
            return [Decision(item=one.name, says=one.says, closed=one.name in gone or None) for one in ready]
        time.sleep(_LOOK_SECONDS)


def _is_gone(before: WorkRow, now: WorkRow | None) -> bool:
    """Closed, or it says something else by now."""
    return now is None or now.closed_at is not None or now.content != before.content
