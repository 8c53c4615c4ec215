"""Slots: what was asked of other systems, one deed in flight at a time, differences against the last known outcome.

A slot is a place for one deed (`invoice` of an order). Each asking is a generation of it. The rules:

* Wanted and not asked for yet: a new generation is issued. Not sent yet and wanted otherwise: it is revised; no
  longer wanted: withdrawn. So a plan that changes its mind quickly costs nothing elsewhere.
* Sent, or its outcome unknown: wait. Issuing the next generation at once left the remote system wrong in a quarter
  of simulated histories; waiting, in none.
* Applied and wanted otherwise: amended, undone and redone, or adjusted, as the command declares; irreversible deeds
  go to a person. Applied and no longer wanted: undone.
* Refused for good: held until other content is wanted, or a person says that it shall be asked again.
* Held, because too much would be undone in an hour, or because nobody can tell whether it was done: an item, until a
  person releases it.
* Done, wanted otherwise, and irreversible: an item, until a person accepts that it stays as it was asked.
* Shown by a fact: somebody did it already. What was not sent is satisfied, and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Final, Literal

import msgspec

from crossdock.model.money import minor_in
from crossdock.processes.plan import Command, WorkItem
from crossdock.processes.remembered import CommandDecision, Migration, Outcome

State = Literal["wanted", "sent", "unknown", "applied", "refused", "undone", "withdrawn", "satisfied"]
Action = Literal["do", "amend", "undo", "adjust"]

_IN_FLIGHT = frozenset({"sent", "unknown"})
_SETTLED = frozenset({"applied", "refused", "undone"})
_AT_REST = frozenset({"applied", "undone", "withdrawn", "satisfied"})
_DIFFERENCE_MAX: Final = 200
_JSON: Final = msgspec.json.Encoder(order="deterministic").encode


class Slot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One slot of a case.

    `asked` is the command of the current generation and `action` what was to be done with it; `applied` is what the
    remote system is known to hold, `None` for nothing.
    """

    generation: int
    state: State
    action: Action
    asked: Command | None
    applied: Command | None = None


class CommandChange(msgspec.Struct, frozen=True, gc=False):
    """A generation of a slot that is new, or whose state or content changed."""

    slot: str
    generation: int
    state: State
    action: Action
    command: Command | None
    is_new: bool


def at_rest(slot: Slot) -> bool:
    """Is nothing asked of anybody any more?"""
    return slot.state in _AT_REST


def in_flight(slot: Slot) -> bool:
    """Is its command on its way, or perhaps?"""
    return slot.state in _IN_FLIGHT


def with_outcomes(slots: Mapping[str, Slot], outcomes: Iterable[Outcome]) -> dict[str, Slot]:
    """Slots after what other systems answered. An answer to an earlier generation changes nothing."""
    settled = dict(slots)
    for outcome in outcomes:
        slot = settled.get(outcome.slot)
        if slot is None or slot.generation != outcome.generation or slot.state in _SETTLED:
            continue
        if slot.asked is None:  # withdrawn or satisfied: it is not on its way, whatever was told as it changed
            continue
        if outcome.outcome == "applied":
            undone = slot.action == "undo"
            settled[outcome.slot] = msgspec.structs.replace(
                slot, state="undone" if undone else "applied", applied=None if undone else slot.asked
            )
        elif outcome.outcome == "refused":
            settled[outcome.slot] = msgspec.structs.replace(slot, state="refused")
        elif outcome.outcome != "held" and (slot.state != "unknown" or outcome.outcome == "unknown"):
            settled[outcome.slot] = msgspec.structs.replace(
                slot, state="unknown" if outcome.outcome == "unknown" else "sent"
            )
    return settled


def waiting(outcomes: Iterable[Outcome]) -> set[tuple[str, int]]:
    """The slots and generations of which somebody said that they wait for a person."""
    return {(one.slot, one.generation) for one in outcomes if one.outcome == "held"}


def difference(
    slots: Mapping[str, Slot],
    wanted: Mapping[str, Command],
    shown: Iterable[str],
    decisions: Sequence[CommandDecision | Migration] = (),
    held: Collection[tuple[str, int]] = (),
) -> tuple[dict[str, Slot], dict[str, WorkItem]]:
    """Slots as they should become, and the items that only a person can settle; `decisions` are what people decided.

    `held` are the slots and generations that are not sent until a person has looked.
    """
    if not slots and not wanted:
        return {}, {}
    new: dict[str, Slot] = {}
    items: dict[str, WorkItem] = {}
    seen = set(shown)
    retried = {(one.slot, one.generation) for one in decisions if one.decision == "retried"}  # type: ignore[union-attr]
    accepted = _accepted(decisions) if decisions else {}
    for name in [*slots, *(name for name in wanted if name not in slots)]:
        old = slots.get(name)
        want = wanted.get(name)
        if name in seen:
            slot = _shown(old)
        elif old is not None and accepted and (name, wanted_hash(want)) in accepted:
            slot = _left(old, accepted[name, wanted_hash(want)])
        else:
            slot = _next(name, old, want, items, retried)
        if slot is not None:
            new[name] = slot
            if (name, slot.generation) in held and (waits := _held(name, slot)) is not None:
                items[f"held/{name}"] = waits
    return new, items


def _accepted(decisions: Sequence[CommandDecision | Migration]) -> dict[tuple[str, str | None], str | None]:
    """By slot and hash of what is wanted: the hash of what stands there and stays."""
    accepted: dict[tuple[str, str | None], str | None] = {}
    for one in decisions:
        if isinstance(one, Migration):
            accepted |= {(each.slot, each.wanted): each.stands for each in one.accepted}
        elif one.decision == "accepted":
            accepted[one.slot, one.wanted] = None
    return accepted


def _left(old: Slot, stands: str | None) -> Slot:
    """A slot that stays as it was asked; what else was wanted there on the way, and not sent, is withdrawn."""
    if old.state in _IN_FLIGHT or wanted_hash(old.asked) == stands:
        return old
    return _withdrawn(old)


def _shown(old: Slot | None) -> Slot | None:
    if old is None or old.state != "wanted":
        return old
    return Slot(old.generation, "satisfied", old.action, None, old.applied)


def content_hash(content: object) -> str:
    """A document in few characters: what a person decided about, or released."""
    return blake2b(_JSON(content), digest_size=16).hexdigest()


def wanted_hash(want: Command | None) -> str:
    """What is wanted of a slot, in few characters."""
    return content_hash(want.content if want is not None else None)


def _next(
    name: str, old: Slot | None, want: Command | None, items: dict[str, WorkItem], retried: set[tuple[str, int]]
) -> Slot | None:
    if old is None:
        return Slot(1, "wanted", "do", want) if want else None
    if old.state in _IN_FLIGHT:
        return old
    if want == old.applied:
        return _withdrawn(old)
    step = _step(old.applied, want)
    if step is None:
        items[f"irreversible/{name}"] = _irreversible(name, old.applied, want)
        return _withdrawn(old)
    action, command = step
    is_held = old.state == "refused" and (name, old.generation) not in retried
    if (is_held or old.state == "wanted") and (old.action, old.asked) == (action, command):
        if is_held:
            items[f"refused/{name}"] = _refused(name, command)
        return old
    generation = old.generation if old.state == "wanted" else old.generation + 1
    return Slot(generation, "wanted", action, command, old.applied)


def _withdrawn(old: Slot) -> Slot:
    if old.state != "wanted":
        return old
    return Slot(old.generation, "withdrawn", old.action, None, old.applied)


def _step(applied: Command | None, want: Command | None) -> tuple[Action, Command] | None:
    """What to do next to get from what is applied to what is wanted; `None` where only a person may."""
    if applied is None:
        return ("do", want) if want else None
    if applied.change == "irreversible":
        return None
    if want is None or applied.change == "undo":
        return "undo", applied
    return ("amend" if applied.change == "amend" else "adjust"), want


def _irreversible(name: str, applied: Command | None, want: Command | None) -> WorkItem:
    deed = applied or want
    kind = deed.kind if deed else name
    return WorkItem(
        "IRREVERSIBLE", name, f"{kind} was done and cannot be undone; wanted is now {_otherwise(applied, want)}",
        "operations", "Settle it with the other side by hand, then accept what was asked",
    )  # fmt: skip


def _otherwise(applied: Command | None, want: Command | None) -> str:
    """What a person has to compare: only what differs."""
    if want is None:
        return "nothing of it"
    before = applied.content if applied is not None else {}
    differs = {name: value for name, value in want.content.items() if before.get(name) != value}
    return f"{differs or want.kind}"[:_DIFFERENCE_MAX]


def _refused(name: str, command: Command) -> WorkItem:
    return WorkItem(
        "REFUSED", name, f"{command.target} refused {command.kind}", "operations",
        "Correct what it names, or ask again",
    )  # fmt: skip


def _held(name: str, slot: Slot) -> WorkItem | None:
    """Why a command waits for a person, as long as it does."""
    command = slot.asked
    if command is None:
        return None
    if slot.state == "unknown":
        return WorkItem(
            "OUTCOME_UNKNOWN", name, f"Nobody can tell whether {command.target} did {command.kind}", "operations",
            "Look there, then say that it was done (`crossdock propose done`) or release it",
        )  # fmt: skip
    if slot.state != "wanted":
        return None
    return WorkItem(
        "UNDO_LIMIT", name, f"{command.kind} is to be undone in {command.target}, beyond the limit of an hour",
        "operations", "Look why so much is taken back, then release it or mend the cause",
        at_stake_minor=minor_in(command.content), currency=str(command.content.get("currency", "")),
    )  # fmt: skip


def changes(old: Mapping[str, Slot], new: Mapping[str, Slot]) -> list[CommandChange]:
    """The generations that are new or changed, to be recorded."""
    if old == new:
        return []
    changed = []
    for name, slot in new.items():
        before = old.get(name)
        if before == slot:
            continue
        is_new = before is None or before.generation != slot.generation
        changed.append(CommandChange(name, slot.generation, slot.state, slot.action, slot.asked, is_new))
    return changed


def ended(old: Mapping[str, Slot], heard: Mapping[str, Slot], new: Mapping[str, Slot]) -> list[CommandChange]:
    """Generations whose outcome was heard in the same asking in which the next one was issued."""
    if old is heard:
        return []
    return [
        CommandChange(name, slot.generation, slot.state, slot.action, slot.asked, is_new=False)
        for name, slot in heard.items()
        if slot != old.get(name) and name in new and new[name].generation != slot.generation
    ]
