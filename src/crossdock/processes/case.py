"""One business object at work: its facts, and what was said, opened, asked and posted because of them.

`ask` is the core idea in one function: add what was told, fold, plan, take the difference. It is pure; the engine
reads and writes the record, and passes what the case says on to the cases that hear it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from crossdock.ledger.posting import Posting, standing
from crossdock.ledger.posting import difference as ledger_difference
from crossdock.processes import slots as slotting
from crossdock.processes.catalog import KINDS, Kind
from crossdock.processes.facts import NEW, NOT_HEARD, AnyKept, Telling, add
from crossdock.processes.plan import Plan, View, WorkItem
from crossdock.processes.policy import PolicyBook
from crossdock.processes.reference import Book, NotLoaded
from crossdock.processes.remembered import AnyDigest, CommandDecision, Outcome

PLAN_FAILED: Final = "PLAN_FAILED"
_FACTS_MAX: Final = 5_000
_TRACE_MAX: Final = 2_000


class Record(msgspec.Struct, array_like=True):
    """A case as it is stored: facts in business order, and what has followed from them.

    `rules` is the version of the rules it is on; `clock` the latest deadline that fired, in microseconds since 1970:
    the only time a plan knows; `said` what each other case was last told; `alarm` the wake-up that is set (it may
    ring early and in vain); `parked` the trace of a plan that failed.
    """

    rules: int
    clock: int = 0
    said: dict[str, AnyDigest] = {}
    items: dict[str, WorkItem] = {}
    slots: dict[str, slotting.Slot] = {}
    posted: list[Posting] = []
    alarm: int | None = None
    uses: list[str] = []
    parked: str | None = None
    facts: list[AnyKept] = []


_DECODER: Final = msgspec.msgpack.Decoder(Record)
_ENCODER: Final = msgspec.msgpack.Encoder()


def pack(record: Record) -> bytes:
    """A record as bytes: what changes at each asking first, then the facts, latest first.

    So two versions of a record end alike, and PostgreSQL logs only where they differ: with facts in their own order
    the log was a third longer.
    """
    record.facts.reverse()
    packed = _ENCODER.encode(record)
    record.facts.reverse()
    return packed


def unpack(packed: bytes) -> Record:
    """The record of these bytes. Raises `msgspec.DecodeError` when they are none."""
    record = _DECODER.decode(packed)
    record.facts.reverse()
    return record


class Said(NamedTuple):
    """A digest for another case, or the last one it was given, which holds no longer."""

    digest: AnyDigest
    withdrawn: bool = False


class Changes(msgspec.Struct, kw_only=True):
    """What follows from asking a case: to be written together with its record, or not at all.

    `says` maps a case to its new digest, or to the last one, withdrawn; `alarm` is a wake-up to set.
    """

    says: dict[str, Said] = {}
    opened: dict[str, WorkItem] = {}
    closed: list[str] = []
    commands: list[slotting.CommandChange] = []
    postings: list[Posting] = []
    alarm: int | None = None
    uses: list[str] = []
    view: View | None = None


NOTHING_FOLLOWS: Final = Changes()
"""The record has one more fact, and all else stays as it is."""


class Answer(NamedTuple):
    """What asking a case gave: its new record, what follows (`None`: nothing is new), what became of each telling."""

    record: Record
    changes: Changes | None
    tellings: list[Telling]


def kind_of(case: str) -> Kind:
    """The kind of a case, by its id: `shipment/SH0001`."""
    return KINDS[case.partition("/")[0]]


def new_record(case: str) -> Record:
    """A case nobody has spoken of yet; it will stay on today's rules."""
    return Record(rules=kind_of(case).rules)


def ask(
    case: str,
    record: Record,
    told: Iterable[AnyKept],
    *,
    clock: int,
    policies: PolicyBook,
    reference: Book,
    again: bool = False,
) -> Answer:
    """Tell a case facts, move its clock, and ask what should be true elsewhere.

    `clock` is a deadline that fired (0 for none), in microseconds since 1970; `again` asks even if nothing is new,
    because reference data changed. The given record is not touched. Raises `NotLoaded` when the plan needs records
    that `reference` does not hold. A plan that fails otherwise parks the case: its facts are kept, what it asked
    before stands, and a work item says why.
    """
    kind = kind_of(case)
    facts = list(record.facts)
    repeats, tellings = True, []
    for fact in told:
        is_repeat = kind.repeats(fact, facts)
        telling = add(facts, fact) if len(facts) < _FACTS_MAX else NOT_HEARD
        tellings.append(telling)
        repeats = repeats and (not telling.is_news or (is_repeat and telling is NEW))
    clock = max(record.clock, clock)
    if not again and clock == record.clock and repeats and len(facts) < _FACTS_MAX:
        if len(facts) == len(record.facts):
            return Answer(record, None, tellings)
        if record.parked is None and record.rules == kind.rules:
            return Answer(msgspec.structs.replace(record, facts=facts), NOTHING_FOLLOWS, tellings)
    try:
        _check(record, kind, facts)
        state = kind.fold(case.partition("/")[2], facts)
        plan = kind.plan(state, clock, policies, reference)
    except NotLoaded:
        raise
    except Exception as failure:  # noqa: BLE001  # whatever a plan's mistake is, it must hurt only its own case
        return Answer(*_parked(case, record, facts, clock, failure), tellings)
    followed, changes = _follow(record, facts, clock, plan, reference)
    if again:
        changes.alarm = followed.alarm  # asking again took the place of the wake-up that was set
    return Answer(followed, changes, tellings)


class CaseError(Exception):
    """A case cannot be planned as it is; the message says what a person can do."""


def _check(record: Record, kind: Kind, facts: list[AnyKept]) -> None:
    if record.rules != kind.rules:
        msg = f"the case is on version {record.rules} of its rules, this build has {kind.rules}: rehearse a migration"
        raise CaseError(msg)
    if len(facts) >= _FACTS_MAX:
        msg = f"the case holds {len(facts)} facts and hears no more of them: look for a sender in a loop"
        raise CaseError(msg)


def _follow(record: Record, facts: list[AnyKept], clock: int, plan: Plan, reference: Book) -> tuple[Record, Changes]:
    """The difference between what the plan wants and what has followed so far."""
    held = record.slots
    decisions: list[CommandDecision] = []
    if held:
        held = slotting.with_outcomes(held, [fact.data for fact in facts if type(fact.data) is Outcome])
        decisions = [fact.data for fact in facts if type(fact.data) is CommandDecision and not fact.retracted]
    slots, held_items = slotting.difference(held, plan.commands, plan.shown, decisions)
    items = plan.items | held_items if held_items else plan.items
    posted = standing(plan.postings)
    uses = sorted(reference.uses)
    alarm = _alarm(record, clock, plan)
    changes = Changes(
        commands=[*slotting.ended(record.slots, held, slots), *slotting.changes(record.slots, slots)],
        postings=ledger_difference(posted, record.posted),
        alarm=alarm if alarm != record.alarm else None,
        view=plan.view,
    )
    # Most askings change little: comparing whole dictionaries first is cheap.
    if plan.says != record.said:
        changes.says = {to: Said(digest) for to, digest in plan.says.items() if record.said.get(to) != digest}
        changes.says |= {to: Said(was, withdrawn=True) for to, was in record.said.items() if to not in plan.says}
    if items != record.items:
        changes.opened = {name: item for name, item in items.items() if record.items.get(name) != item}
        changes.closed = [name for name in record.items if name not in items]
    if uses != record.uses:
        changes.uses = [key for key in uses if key not in record.uses]
    return Record(record.rules, clock, plan.says, items, slots, posted, alarm, uses, facts=facts), changes


def _alarm(record: Record, clock: int, plan: Plan) -> int | None:
    """The wake-up to be set: the plan's, unless one is set that rings before it."""
    standing = record.alarm if record.alarm is not None and record.alarm > clock else None
    if plan.wake_at is None:
        return standing
    return plan.wake_at if standing is None else min(standing, plan.wake_at)


def _parked(case: str, record: Record, facts: list[AnyKept], clock: int, failure: Exception) -> tuple[Record, Changes]:
    trace = "".join(traceback.format_exception(failure))[-_TRACE_MAX:]
    item = WorkItem(
        PLAN_FAILED,
        case.partition("/")[2],
        f"The rules failed on this case: {type(failure).__name__}: {failure}"[:300],
        "integration",
        "Read the trace with `crossdock explain`, mend the rule or the fact, then ask again",
    )
    opened = {} if record.items.get(PLAN_FAILED) == item else {PLAN_FAILED: item}
    items = record.items | {PLAN_FAILED: item}
    parked = msgspec.structs.replace(record, facts=facts, clock=clock, items=items, parked=trace)
    return parked, Changes(opened=opened, alarm=parked.alarm)
