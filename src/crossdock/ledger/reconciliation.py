"""Names the difference between what another system believes of one thing and what we believe of it.

A function of two sides and of what is on its way between them. It is total: sides that differ always get a name, sides
that agree get one only if something is on its way. What it cannot explain is a break; it never guesses further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

Name = Literal["in_flight", "late", "lost", "doubled", "unit", "wrong_place", "break"]

FINDINGS: Final[tuple[Name, ...]] = ("late", "lost", "doubled", "unit", "wrong_place", "break")
"""Names that somebody has to look at; what is in flight settles by itself."""

# Pieces in a dozen, a gross and the usual packs; cents in a unit of money; grams in a kilogram.
_FACTORS: Final = frozenset({6, 10, 12, 20, 24, 36, 48, 60, 72, 96, 100, 120, 144, 240, 1000})
_SHOWN_MAX: Final = 5

Amounts = Mapping[tuple[str, str], int]
"""By place and item: units of a SKU in a warehouse, or minor units of a currency at no place."""


class Side(msgspec.Struct, frozen=True):
    """What one of the two believes: the amounts of each document, by its name."""

    documents: Mapping[str, Amounts] = {}

    @property
    def amounts(self) -> dict[tuple[str, str], int]:
        """What all documents sum to; what is zero is not there."""
        sums: dict[tuple[str, str], int] = {}
        for document in self.documents.values():
            for place, amount in document.items():
                sums[place] = sums.get(place, 0) + amount
        return {place: amount for place, amount in sums.items() if amount}


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """Something on its way that would change the other side to `amounts`, or ours to theirs if that is `None`.

    `name` is the key of a command, or a message; `is_overdue`: it should have arrived long ago.
    """

    name: str
    state: str
    amounts: Amounts | None = None
    is_overdue: bool = False
    next: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """One thing both speak of. `is_told`: the other system is the one who tells of it, else we ask it for it.

    `is_counted`: its documents are counted, else only what they sum to matters (stock). `is_accepted`: we know that
    somebody else did it. `is_recent`: the other system changed it only a moment ago.
    """

    key: str
    theirs: Side
    ours: Side
    in_flight: Sequence[InFlight] = ()
    is_told: bool = False
    is_counted: bool = True
    is_accepted: bool = False
    is_recent: bool = False


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A difference with its name: a sentence, the command or message behind it, and the one next action."""

    key: str
    name: Name
    sentence: str
    next: str
    because: str | None = None


def difference(subject: Subject) -> Difference | None:
    """The name of the difference; `None` where both agree and nothing is on its way."""
    agree = _agree(subject)
    explained = _explained(subject, agree=agree)
    if explained or agree:
        return explained
    theirs, ours = subject.theirs, subject.ours
    if subject.is_counted and not ours.documents:
        return _not_ours(subject)
    if subject.is_counted and not theirs.documents:
        return _say(subject, "lost", f"it should hold {words(ours.amounts)} and holds nothing", _LOST[subject.is_told])
    if subject.is_counted and _is_doubled(theirs, ours):
        named = ", ".join(sorted(theirs.documents)[:_SHOWN_MAX])
        sentence = f"it holds {len(theirs.documents)} documents ({named}) for {len(ours.documents)} of ours"
        return _say(subject, "doubled", sentence, "Cancel all but one there")
    return _by_amounts(subject)


_LOST: Final = {
    False: "Look at its evidence with `crossdock connection attempts`, then have it done again",
    True: "Ask the system why it no longer holds what it told",
}


def _agree(subject: Subject) -> bool:
    theirs, ours = subject.theirs, subject.ours
    if subject.is_accepted and not ours.documents:
        return len(theirs.documents) <= 1
    same_count = not subject.is_counted or len(theirs.documents) == len(ours.documents)
    return same_count and theirs.amounts == ours.amounts


def _explained(subject: Subject, *, agree: bool) -> Difference | None:
    """Is what is on its way enough? The system then holds what was before, or what will be."""
    believed = subject.theirs.amounts
    for one in subject.in_flight:
        if not (agree or one.amounts is None or (_nonzero(one.amounts) == believed and _is_single(subject))):
            continue
        sentence = f"{one.name} is {one.state}"
        action = one.next or ("Look why it takes so long" if one.is_overdue else "Wait")
        return _say(subject, "late" if one.is_overdue else "in_flight", sentence, action, one.name)
    return None


def _is_single(subject: Subject) -> bool:
    return not subject.is_counted or len(subject.theirs.documents) <= max(1, len(subject.ours.documents))


def _not_ours(subject: Subject) -> Difference:
    held = words(subject.theirs.amounts)
    if len(subject.theirs.documents) > 1:
        named = ", ".join(sorted(subject.theirs.documents)[:_SHOWN_MAX])
        sentence = f"it holds {len(subject.theirs.documents)} documents ({named}), and we none"
        return _say(subject, "doubled", sentence, "Cancel all but one there, and find out who did it")
    if not subject.is_told:
        return _say(subject, "break", f"it holds {held}, which we never asked for", "Find out there who did it")
    if subject.is_recent:
        return _say(subject, "in_flight", f"it holds {held} since a moment ago and has not told us", "Wait")
    return _say(
        subject, "late", f"it holds {held} and has not told us", "Look at its feed with `crossdock connection list`"
    )


def _is_doubled(theirs: Side, ours: Side) -> bool:
    if len(theirs.documents) <= len(ours.documents):
        return False
    wanted = ours.amounts
    if any(_nonzero(document) == wanted for document in theirs.documents.values()):
        return True
    times, rest = divmod(len(theirs.documents), len(ours.documents))
    return not rest and theirs.amounts == {place: times * amount for place, amount in wanted.items()}


def _by_amounts(subject: Subject) -> Difference:
    theirs, ours = subject.theirs.amounts, subject.ours.amounts
    sentence = f"it holds {words(theirs, ours)}, we {words(ours, theirs)}"
    if _by_item(theirs) == _by_item(ours):
        return _say(subject, "wrong_place", sentence, "Have it moved, or correct the place on the side that is wrong")
    factor = _factor(theirs, ours)
    if factor:
        return _say(subject, "unit", f"{sentence}: {factor}", "Correct the unit in its master data or in the mapping")
    return _say(subject, "break", sentence, "Compare the documents of both sides, and correct the one that is wrong")


def _factor(theirs: Amounts, ours: Amounts) -> str | None:
    """All that differs differs by one known factor: a pack is taken for a piece, or the other way round."""
    if theirs.keys() != ours.keys():
        return None
    pairs = [(theirs[place], ours[place]) for place in ours if theirs[place] != ours[place]]
    for more, less, said in ((0, 1, "times as much"), (1, 0, "times less")):
        factors = {pair[more] // pair[less] for pair in pairs if pair[less] and not pair[more] % pair[less]}
        if len(factors) == 1 and all(pair[less] * min(factors) == pair[more] for pair in pairs):
            factor = factors.pop()
            return f"{factor} {said}" if factor in _FACTORS else None
    return None


def _by_item(amounts: Amounts) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (_, item), amount in amounts.items():
        sums[item] = sums.get(item, 0) + amount
    return {item: amount for item, amount in sums.items() if amount}


def _nonzero(amounts: Amounts) -> dict[tuple[str, str], int]:
    return {place: amount for place, amount in amounts.items() if amount}


def words(amounts: Amounts, other: Amounts | None = None) -> str:
    """Amounts as people say them; against another side only what differs."""
    differing = sorted(
        place for place in {*amounts, *(other or ())} if other is None or amounts.get(place) != other.get(place)
    )
    said = [
        f"{amounts.get((place, item), 0)} {item}{f' in {place}' if place else ''}"
        for place, item in differing[:_SHOWN_MAX]
    ]
    if len(differing) > _SHOWN_MAX:
        said.append(f"{len(differing) - _SHOWN_MAX} more")
    return ", ".join(said) or "nothing"


def _say(subject: Subject, name: Name, sentence: str, action: str, because: str | None = None) -> Difference:
    if because is None and subject.in_flight:
        because = subject.in_flight[0].name
    return Difference(key=subject.key, name=name, sentence=sentence, next=action, because=because)
