"""The types of an X12 grammar: elements, segments, loops and transaction sets, written as nested tables of data.

An element is written as its number in the data dictionary, type, length and, when mandatory, `M`:
`"140 ID 2-4 M"`. Types (X12.6): AN text, ID code, DT date CCYYMMDD, TM time HHMM[SS[dd]], N0 whole number,
N2 number with two implied decimals, R decimal number. A condition is a letter and element positions (X12.6
section 3.8.3): P all or none, R at least one, E at most one, C if the first then all, L if the first then one more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

UNBOUNDED: Final = 999_999


class Element(NamedTuple):
    """One place of a segment."""

    number: str
    type: str
    shortest: int
    longest: int
    required: bool


class Condition(NamedTuple):
    """A rule between places of a segment."""

    kind: str
    places: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + "".join(f"{place:02}" for place in self.places)


class Segment(NamedTuple):
    """A segment's places and rules; `open` when only its id is known and its elements are taken as they come."""

    id: str
    elements: tuple[Element, ...] = ()
    conditions: tuple[Condition, ...] = ()
    open: bool = False


class Use(NamedTuple):
    """A segment where it stands in a set."""

    segment: Segment
    required: bool = False
    limit: int = 1


class Loop(NamedTuple):
    """A group of segments that repeats; its first use opens it and gives it its id."""

    uses: tuple[Use | Loop, ...]
    required: bool = False
    limit: int = UNBOUNDED

    @property
    def id(self) -> str:
        """The id of the segment that opens it."""
        first = self.uses[0]
        assert isinstance(first, Use), "a loop begins with a segment"  # noqa: S101
        return first.segment.id


class TransactionSet(NamedTuple):
    """A document between ST and SE, as its release defines it; `codes` lists values by element number."""

    code: str
    release: str
    group: str
    name: str
    uses: tuple[Use | Loop, ...]
    codes: Mapping[str, Mapping[str, str]]


def segment(id_: str, *elements: str, rules: str = "") -> Segment:
    """A segment from its table row: `segment("C3", "100 ID 3 M", "280 R 4-10")`."""
    return Segment(id_, tuple(map(_element, elements)), tuple(map(_condition, rules.split())))


def _element(text: str) -> Element:
    number, type_, length, *required = text.split()
    shortest, _, longest = length.partition("-")
    return Element(number, type_, int(shortest), int(longest or shortest), required == ["M"])


def _condition(text: str) -> Condition:
    digits = text[1:]
    return Condition(text[0], tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))
