"""One business object at work: its facts, and what was said, opened, asked and posted because of them.

`ask` is the core idea in one function: add what was told, fold, plan, take the difference. It is pure; the engine
reads and writes the record, and passes what the case says on to the cases that hear it.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, cast

import msgspec

from crossdock.ledger.posting import Posting, standing
from crossdock.ledger.posting import difference as ledger_difference
from crossdock.model.time import day_of
from crossdock.processes import slots as slotting
from crossdock.processes.catalog import KINDS, Kind, Rules
from crossdock.processes.facts import NEW, NOT_HEARD, AnyKept, Telling, add
from crossdock.processes.plan import Command, Plan, View, WorkItem
from crossdock.processes.policy import PolicyBook
from crossdock.processes.reference import Book, NotLoaded
from crossdock.processes.remembered import AnyDigest, CommandDecision, Migration, Outcome

PLAN_FAILED: Final = "PLAN_FAILED"
LATE_FACT: Final = "LATE_FACT"
CASE_LARGE: Final = "CASE_LARGE"
_FACTS_MANY: Final = 1_000
_FACTS_MAX: Final = 5_000
_TRACE_MAX: Final = 2_000


class Seal(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a case was sealed (a deadline, in microseconds since 1970), and the latest message it had heard by then."""

    at: int
    arrival: int


class Record(msgspec.Struct, array_like=True):
    """A case as it is stored: facts in business order, and what has followed from them.

    `rules` is the version of the rules it is on, and `policies` the edition of the policies; `clock` the latest
    deadline that fired, in microseconds since 1970: the only time a plan knows; `said` what each other case was last
    told; `alarm` the wake-up that is set (it may ring early and in vain); `parked` the trace of a plan that failed;
    `by_rule` the slots in flight that a rule or policy wants otherwise: what follows there is held, whenever it comes;
    `sealed` when it was last found to need nothing more, for long.
    """

    rules: int
    policies: int = 1
    clock: int = 0
    said: dict[str, AnyDigest] = {}
    items: dict[str, WorkItem] = {}
    slots: dict[str, slotting.Slot] = {}
    posted: list[Posting] = []
    alarm: int | None = None
    uses: list[str] = []
    parked: str | None = None
    by_rule: list[str] = []
    sealed: Seal | None = None
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


Cause = Literal["facts", "clock", "reference", "policy", "rule"]
"""What made a case want something else. What only a rule or a policy wants is not done until a person releases it."""


BY_RULE: Final = frozenset({"policy", "rule"})


class Said(NamedTuple):
    """A digest for another case, or the last one it was given, which holds no longer."""

    digest: AnyDigest
    withdrawn: bool = False


class Changes(msgspec.Struct, kw_only=True):
    """What follows from asking a case: to be written together with its record, or not at all.

    `says` maps a case to its new digest, or to the last one, withdrawn; `alarm` is a wake-up to set; `held` are the
    slots whose new commands only a rule or policy wants, `waiting` those that will once an outcome is known; `wanted`
    is what the plan wants of every slot.
    """

    cause: Cause = "facts"
    held: frozenset[str] = frozenset()
    waiting: frozenset[str] = frozenset()
    wanted: dict[str, Command] = {}
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


def new_record(case: str, policies: PolicyBook) -> Record:
    """A case nobody has spoken of yet; it will stay on today's rules and policies."""
    return Record(rules=kind_of(case).latest, policies=policies.edition)


def ask(
    case: str,
    record: Record,
    told: Iterable[AnyKept],
    *,
    clock: int,
    policies: PolicyBook,
    reference: Book,
    again: bool = False,
    cause: Cause | None = None,
) -> Answer:
    """Tell a case facts, move its clock, and ask what should be true elsewhere.

    `clock` is a deadline that fired (0 for none), in microseconds since 1970; `again` asks even if nothing is new,
    because reference data changed; `cause` is given where a rule or policy made another case say what this one is
    told. The given record is not touched. Raises `NotLoaded` when the plan needs records that `reference` does not
    hold. A plan that fails otherwise parks the case: its facts are kept, what it asked before stands, and a work item
    says why.
    """
    kind = kind_of(case)
    rules = kind.versions.get(record.rules)
    facts = list(record.facts)
    repeats, migrates, tellings = True, False, []
    for fact in told:
        is_repeat = rules is not None and rules.repeats(fact, facts)
        telling = add(facts, fact) if len(facts) < _FACTS_MAX else NOT_HEARD
        tellings.append(telling)
        repeats = repeats and (not telling.is_news or (is_repeat and telling is NEW))
        migrates = migrates or type(fact.data) is Migration
    clock = max(record.clock, clock)
    if not again and clock == record.clock and repeats and len(facts) < _FACTS_MAX:
        if len(facts) == len(record.facts):
            return Answer(record, None, tellings)
        if record.parked is None:
            return Answer(msgspec.structs.replace(record, facts=facts), NOTHING_FOLLOWS, tellings)
    if cause is None:
        cause = "facts" if not repeats else "clock" if clock > record.clock else "reference"
    if migrates:
        before = record
        record = _migrated(record, facts)
        rules = kind.versions.get(record.rules)
        cause = "rule" if record.rules != before.rules else "policy" if record.policies != before.policies else cause
    try:
        checked = _checked(record, kind, rules, facts)
        state = checked.fold(case.partition("/")[2], facts)
        plan = checked.plan(state, clock, policies.as_of(record.policies), reference)
    except NotLoaded:
        raise
    except Exception as failure:  # noqa: BLE001  # whatever a plan's mistake is, it must hurt only its own case
        return Answer(*_parked(case, record, facts, clock, failure), tellings)
    followed, changes = _follow(case, record, facts, clock, plan, reference, cause)
    if again:
        changes.alarm = followed.alarm  # asking again took the place of the wake-up that was set
    return Answer(followed, changes, tellings)


class CaseError(Exception):
    """A case cannot be planned as it is; the message says what a person can do."""


def _migrated(record: Record, facts: list[AnyKept]) -> Record:
    """The record on the rules and policies that the latest decision about it names."""
    adopted = [data for fact in facts if type(data := fact.data) is Migration and data.decision == "adopt"]
    if not adopted:
        return record
    return msgspec.structs.replace(record, rules=adopted[-1].rules, policies=adopted[-1].policies)


def _checked(record: Record, kind: Kind, rules: Rules | None, facts: list[AnyKept]) -> Rules:
    if rules is None:
        known = ", ".join(str(version) for version in sorted(kind.versions))
        msg = (
            f"the case is on version {record.rules} of its rules, this build has {known}: move it with"
            " `crossdock rehearse` of a build that has both"
        )
        raise CaseError(msg)
    if len(facts) >= _FACTS_MAX:
        msg = f"the case holds {len(facts)} facts and hears no more of them: look for a sender in a loop"
        raise CaseError(msg)
    return rules


def _follow(
    case: str, record: Record, facts: list[AnyKept], clock: int, plan: Plan, reference: Book, cause: Cause
) -> tuple[Record, Changes]:
    """The difference between what the plan wants and what has followed so far."""
    held = record.slots
    decisions: list[CommandDecision | Migration] = []
    outcomes: list[Outcome] = []
    if held:
        outcomes, decisions = _answers(facts)
        held = slotting.with_outcomes(held, outcomes) if outcomes else held
    slots, held_items = slotting.difference(
        held, plan.commands, plan.shown, decisions, slotting.waiting(outcomes) if outcomes else ()
    )
    items = plan.items | held_items if held_items else plan.items
    sealed = record.sealed
    if sealed is not None and (late := _late(case, sealed, facts)) is not None:
        items = items | {LATE_FACT: late}
    if plan.seal_after_us is not None and _needs_nothing(items, slots):
        sealed = _sealed(record, facts, clock, plan)
    if len(facts) >= _FACTS_MANY:
        items = items | {CASE_LARGE: _large(case, facts)}
    posted = standing(plan.postings)
    uses = sorted(reference.uses)
    alarm = _alarm(record, clock, plan)
    changes = Changes(
        cause=cause,
        wanted=plan.commands,
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
    followed = Record(
        record.rules, record.policies, clock, plan.says, items, slots, posted, alarm, uses, sealed=sealed, facts=facts
    )
    if cause in BY_RULE or record.by_rule:
        changes.held, changes.waiting = _held(record, slots, changes)
        followed.by_rule = sorted(changes.waiting)
    return followed, changes


def _answers(facts: list[AnyKept]) -> tuple[list[Outcome], list[CommandDecision | Migration]]:
    """What other systems answered, and what people decided about commands."""
    outcomes: list[Outcome] = []
    decisions: list[CommandDecision | Migration] = []
    for fact in facts:
        data = fact.data
        kind = type(data)
        if kind is Outcome:
            outcomes.append(cast("Outcome", data))
        elif (kind is CommandDecision or kind is Migration) and not fact.retracted:
            decisions.append(cast("CommandDecision | Migration", data))
    return outcomes, decisions


def _needs_nothing(items: dict[str, WorkItem], slots: dict[str, slotting.Slot]) -> bool:
    """Does nobody have to do anything, and is nothing on its way?"""
    return all(item.finding for item in items.values()) and all(slotting.at_rest(slot) for slot in slots.values())


def _sealed(record: Record, facts: list[AnyKept], clock: int, plan: Plan) -> Seal | None:
    """The seal that the case has, or gets now that its time has come; else it asks to be asked again then."""
    heard = max((fact.first.arrival for fact in facts), default=0)
    if record.sealed is not None and record.sealed.arrival >= heard:
        return record.sealed
    due = max((fact.occurred for fact in facts), default=0) + (plan.seal_after_us or 0)
    if clock >= due:
        return Seal(clock, heard)
    plan.look_again(due)
    return record.sealed


def _late(case: str, sealed: Seal, facts: list[AnyKept]) -> WorkItem | None:
    """Facts that were received after the case was sealed: what follows from them is booked when it follows."""
    late = [fact for fact in facts if fact.first.arrival > sealed.arrival and type(fact.data) is not Migration]
    if not late:
        return None
    return WorkItem(
        LATE_FACT,
        case.partition("/")[2],
        f"Sealed on {day_of(sealed.at)}; received since: {', '.join(fact.key for fact in late[:5])}",
        "finance",
        finding=True,
    )


def _large(case: str, facts: list[AnyKept]) -> WorkItem:
    return WorkItem(
        CASE_LARGE,
        case.partition("/")[2],
        f"The case holds more than {_FACTS_MANY} facts, and hears no more at {_FACTS_MAX}; the last is {facts[-1].key}",
        "integration",
        "Look for a sender in a loop, or a number that is used again and again",
    )


def _held(record: Record, slots: dict[str, slotting.Slot], changes: Changes) -> tuple[frozenset[str], frozenset[str]]:
    """Slots whose new commands only a rule or policy wants, and those that will want them once an outcome is known."""
    candidates = slots if changes.cause in BY_RULE else record.by_rule
    changed = {change.slot for change in changes.commands if change.state == "wanted"}
    waiting = (
        name
        for name in candidates
        if name in slots and slotting.in_flight(slots[name]) and slots[name].asked != changes.wanted.get(name)
    )
    return frozenset(changed.intersection(candidates)), frozenset(waiting)


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
