"""The types of an EDI grammar: elements, composites, segments, loops and document types, all of them data.

Types of elements are those of the standard they come from. X12 (X12.6): AN text, ID code, DT date, TM time, N0 whole
number, N2 number with two implied decimals, R decimal number, B bytes. EDIFACT (ISO 9735): an text, a letters, n
number.

Conditions are those of X12.6 section 3.8.3 and of ISO 9735 (D1 to D7), by one set of letters:

| letter | of the places named | EDIFACT |
|---|---|---|
| P | all or none | D2 |
| R | at least one | D3 |
| E | at most one | D4 |
| C | if the first, then all others | D5 |
| L | if the first, then one of the others | D6 |
| N | if the first, then none of the others | D7 |
| O | exactly one | D1 |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

UNBOUNDED: Final = 999_999


class Codes:
    """A code list: `meanings` in our own words; `closed` when no other code may stand there."""

    __slots__ = ("closed", "meanings")

    def __init__(self, meanings: Mapping[str, str], *, closed: bool) -> None:
        self.meanings = meanings
        self.closed = closed


class Element(NamedTuple):
    """An entry of the data dictionary; `name` in our own words."""

    number: str
    type: str
    shortest: int
    longest: int
    name: str = ""


class Pictures(NamedTuple):
    """How the date in a component is written, by the code in the component behind it: `102` means `CCYYMMDD`."""

    place: int
    by_code: tuple[tuple[str, str], ...]


class Composite(NamedTuple):
    """Several components in one place."""

    number: str
    fields: tuple[Field, ...]
    conditions: tuple[Condition, ...] = ()
    name: str = ""
    pictures: Pictures | None = None


class Field(NamedTuple):
    """One place of a segment or composite; `repeats` is how often its value may be given there, 0 for never."""

    holds: Element | Composite
    required: bool = False
    repeats: int = 1
    codes: Codes | None = None


class Condition(NamedTuple):
    """A rule between places, counted from 1."""

    kind: str
    places: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + "".join(f"{place:02}" for place in self.places)


class When(NamedTuple):
    """A rule by value: where `place` holds one of `values`, the places of `needs` are required."""

    place: int
    values: frozenset[str]
    needs: tuple[int, ...]
    says: str


class CheckDigit(NamedTuple):
    """Where `qualifier` holds one of `values` (or always, if it is 0), `place` holds a number of a `scheme`.

    A place is an element and, of a composite, a component: `(2, 1)`.
    """

    scheme: str
    place: tuple[int, int]
    qualifier: tuple[int, int] = (0, 0)
    values: frozenset[str] = frozenset()


class Segment(NamedTuple):
    """A segment's places and rules.

    `open`: elements beyond those known are taken as they come; `grows`: they are told and refuse nothing, as a later
    release may have them. `may_be_empty`: an id alone is a segment, too (in EDIFACT; not so in X12).
    """

    id: str
    fields: tuple[Field, ...] = ()
    conditions: tuple[Condition, ...] = ()
    name: str = ""
    whens: tuple[When, ...] = ()
    check_digits: tuple[CheckDigit, ...] = ()
    open: bool = False
    grows: bool = False
    may_be_empty: bool = False


class Use(NamedTuple):
    """A segment where it stands in a document."""

    segment: Segment
    required: bool = False
    limit: int = 1


class Loop(NamedTuple):
    """Segments that repeat together (EDIFACT: a segment group); the first use opens it and gives it its id."""

    uses: tuple[Use | Loop, ...]
    required: bool = False
    limit: int = UNBOUNDED

    @property
    def opener(self) -> Use:
        """The use that opens it."""
        first = self.uses[0]
        assert isinstance(first, Use), "a loop begins with a segment"  # noqa: S101
        return first

    @property
    def id(self) -> str:
        """The id of the segment that opens it."""
        return self.opener.segment.id


class DocumentType(NamedTuple):
    """A kind of document as one release defines it: an X12 transaction set, an EDIFACT message.

    `standard` is `x12` or `edifact`, `group` what the functional group of such documents is called, `guide` whose
    guide made it what it is.
    """

    standard: str
    code: str
    release: str
    group: str
    name: str
    uses: tuple[Use | Loop, ...]
    guide: str = ""


def id_of(use: Use | Loop) -> str:
    """The segment id that a use or loop is met by."""
    return use.segment.id if isinstance(use, Use) else use.id


def segments_in(uses: tuple[Use | Loop, ...]) -> Iterator[Segment]:
    """Every segment of a grammar, in order, as often as it stands there."""
    for use in uses:
        if isinstance(use, Use):
            yield use.segment
        else:
            yield from segments_in(use.uses)


def conditions_of(text: str) -> tuple[Condition, ...]:
    """Conditions as written: `P0102 C0605`."""
    return tuple(_condition(each) for each in text.split())


def _condition(text: str) -> Condition:
    digits = text[1:]
    if text[0] not in "PRECLNO" or not digits.isdigit() or len(digits) % 2:
        raise ValueError(f"{text!r} is no condition; write a letter and places of two digits, such as P0102")
    return Condition(text[0], tuple(int(digits[at : at + 2]) for at in range(0, len(digits), 2)))
