"""The X12 envelope: bytes to transactions, one interchange at a time, each control number and count checked.

A defect refuses what it covers and nothing more: a wrong SE its transaction, a wrong GE its group, a wrong ISA or
IEA its interchange. Neighbours are read. Tolerated in silence because they change no content: a byte order mark,
line ends after or inside segments, indentation, an ISA with collapsed blanks, a missing ISA16.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12.separators import BLANKS, ISA_MAX, SeparatorError, Separators, separators_of
from crossdock.model.envelope import Rejection

# A transaction's events are numbered within its thousand, so a row names one event of a message.
ROWS_PER_TRANSACTION: Final = 1000
_CONTROL: Final = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1"})
_CONTROL_NUMBER_MAX: Final = 9
_ANY_TERMINATOR: Final = "[^A-Za-z0-9 ]"

Segment = list[str]


class Transaction(NamedTuple):
    """One ST..SE: its segments without ST and SE.

    `place` counts the transactions of the message from 0, `first` is the number in the message of the segment
    after ST, `component` the separator inside composite elements.
    """

    place: int
    code: str
    release: str
    sender: str
    receiver: str
    control: str
    component: str
    segments: list[Segment]
    first: int


class _Defect(NamedTuple):
    position: str
    rule: str
    problem: str
    value: str


class _Group(NamedTuple):
    header: Segment
    transactions: list[tuple[int, int]]  # slices of the interchange's segments, ST and SE included
    defect: _Defect | None


def read(raw: bytes) -> Iterator[Transaction | Rejection]:
    """The transactions of a message, a `Rejection` in place of what cannot be trusted.

    Rejections carry the row of the first transaction they cover.
    """
    found = False
    for interchange in _interchanges(raw):
        found = True
        yield from interchange.read()
    if not found:
        yield _rejection(0, _Defect("byte 0", "x12.empty", "the message is empty; send an interchange", ""))


def places_in(raw: bytes) -> int:
    """How many transactions `read` counts in a message: at least one for each interchange, however broken."""
    return sum(interchange.places for interchange in _interchanges(raw))


def interchange_end(text: str, start: int) -> int:
    """Where the interchange that begins at `start` ends: before the next ISA that stands where a segment may begin.

    -1 when no further interchange begins. Only ASCII decides, so it is the same for UTF-8 read as Latin-1.
    """
    if text.find("ISA", start + 1) < 0:
        return -1
    terminator = _ANY_TERMINATOR
    with suppress(SeparatorError):
        segment = separators_of(text[start : start + ISA_MAX]).segment
        terminator = re.escape(segment) if segment.isascii() else _ANY_TERMINATOR
    following = re.compile(rf"{terminator}[ \t\r\n]*(?=ISA[^A-Za-z0-9 \t\r\n])").search(text, start)
    return following.end() if following else -1


def _interchanges(raw: bytes) -> Iterator[_Interchange]:
    text = raw.decode("utf-8-sig", "surrogateescape").strip(BLANKS)
    index = start = number = 0
    while start < len(text):
        end = interchange_end(text, start)
        interchange = _Interchange(text[start : end if end >= 0 else len(text)], number, index)
        yield interchange
        start = end if end >= 0 else len(text)
        number += len(interchange.segments)
        index += interchange.places


class _Interchange:
    """One ISA..IEA: its segments, and where its numbering begins within the message."""

    def __init__(self, text: str, number: int, index: int) -> None:
        self.number = number
        self.index = index
        self.decoded = text.isascii() or _encodable(text)
        self.segments: list[Segment] = []
        self.component = ""
        self.flaw: _Defect | None = None
        try:
            separators = separators_of(text)
        except SeparatorError as bad:
            self.flaw = _Defect(self.at(0, "ISA"), "x12.isa", str(bad), excerpt(text[:20]))
        else:
            self.component = separators.component
            self.segments = _split(text, separators)
        self.places = max(1, sum(1 for segment in self.segments if segment[0] == "ST"))

    def read(self) -> Iterator[Transaction | Rejection]:
        groups: list[_Group] = []
        defect = self.flaw or self.survey(groups)
        if defect is not None:
            yield _rejection(self.index, defect)
            return
        index = self.index
        for group in groups:
            if group.defect is not None:
                yield _rejection(index, group.defect)
                index += len(group.transactions)
                continue
            for first, last in group.transactions:
                yield self.transaction(group.header, first, last, index)
                index += 1

    def at(self, place: int, reference: str) -> str:
        return f"segment {self.number + place + 1}, {reference}"

    def survey(self, groups: list[_Group]) -> _Defect | None:
        """Fills in the groups; returns the defect that covers the whole interchange, if there is one."""
        segments = self.segments
        place, end = 1, len(segments)
        while place < end:
            segment = segments[place]
            if segment[0] == "GS":
                place = self.group(place, groups)
            elif segment[0] == "IEA":
                return self.closing(place, len(groups))
            elif segment[0] == "TA1":
                place += 1
            else:
                problem = "expected GS or IEA; a segment of a transaction stands between GS and GE"
                return _Defect(self.at(place, segment[0]), "x12.envelope", problem, excerpt(segment[0]))
        problem = "the interchange ends without IEA; send it whole"
        return _Defect(self.at(end - 1, segments[-1][0]), "x12.truncated", problem, "")

    def closing(self, place: int, groups: int) -> _Defect | None:
        isa, iea = self.segments[0], self.segments[place]
        if place + 1 < len(self.segments):
            problem = "segments follow IEA; an interchange ends there"
            return _Defect(self.at(place + 1, self.segments[place + 1][0]), "x12.envelope", problem, "")
        if _number(_element(iea, 1)) != groups:
            problem = f"IEA01 counts {_element(iea, 1)[:12]!r} groups; there are {groups}"
            return _Defect(self.at(place, "IEA-01"), "x12.count", problem, excerpt(_element(iea, 1)))
        if not _same(_element(isa, 13), _element(iea, 2)):
            problem = f"ISA13 {_element(isa, 13)[:12]!r} and IEA02 {_element(iea, 2)[:12]!r} must be the same number"
            return _Defect(self.at(place, "IEA-02"), "x12.control", problem, excerpt(_element(iea, 2)))
        if groups == 0 and not any(segment[0] == "TA1" for segment in self.segments):
            return _Defect(self.at(place, "IEA"), "x12.empty", "the interchange holds no group", "")
        return None

    def group(self, place: int, groups: list[_Group]) -> int:
        """Adds the group that begins at `place`; returns the place after it."""
        header, transactions, defect = self.segments[place], list[tuple[int, int]](), None
        segments, end = self.segments, len(self.segments)
        start, place = place, place + 1
        while place < end and segments[place][0] == "ST":
            first = place
            place += 1
            while place < end and segments[place][0] not in _CONTROL:
                place += 1
            transactions.append((first, place))
            if place < end and segments[place][0] == "SE":
                place += 1
        if place < end and segments[place][0] == "GE":
            defect = self.group_defect(start, place, len(transactions))
            place += 1
        else:
            found = segments[place][0] if place < end else "the end"
            problem = f"the group has no GE where it should end; found {found}"
            defect = _Defect(self.at(start, "GS"), "x12.truncated", problem, "")
            while place < end and segments[place][0] not in ("GS", "IEA"):
                place += 1
        groups.append(_Group(header, transactions, defect))
        return place

    def group_defect(self, start: int, place: int, transactions: int) -> _Defect | None:
        header, trailer = self.segments[start], self.segments[place]
        if _number(_element(trailer, 1)) != transactions:
            problem = f"GE01 counts {_element(trailer, 1)[:12]!r} transactions; there are {transactions}"
            return _Defect(self.at(place, "GE-01"), "x12.count", problem, excerpt(_element(trailer, 1)))
        if not _same(_element(header, 6), _element(trailer, 2)):
            problem = (
                f"GS06 {_element(header, 6)[:12]!r} and GE02 {_element(trailer, 2)[:12]!r} must be the same number"
            )
            return _Defect(self.at(place, "GE-02"), "x12.control", problem, excerpt(_element(trailer, 2)))
        return None

    def transaction(self, group: Segment, first: int, last: int, index: int) -> Transaction | Rejection:
        defect = self.transaction_defect(first, last)
        if defect is not None:
            return _rejection(index, defect)
        isa, header = self.segments[0], self.segments[first]
        return Transaction(
            place=index,
            code=_element(header, 1),
            release=_element(group, 8),
            sender=_element(isa, 6).strip(),
            receiver=_element(isa, 8).strip(),
            control=_element(isa, 13),
            component=self.component,
            segments=self.segments[first + 1 : last],
            first=self.number + first + 2,
        )

    def transaction_defect(self, first: int, last: int) -> _Defect | None:
        header = self.segments[first]
        trailer = self.segments[last] if last < len(self.segments) else [""]
        if trailer[0] != "SE":
            problem = "the transaction has no SE where it should end; send it whole"
            return _Defect(self.at(first, "ST"), "x12.truncated", problem, "")
        counted, actual = _element(trailer, 1), last - first + 1
        if _number(counted) != actual:
            problem = f"SE01 counts {counted[:12]!r} segments; there are {actual}"
            return _Defect(self.at(last, "SE-01"), "x12.count", problem, excerpt(counted))
        if _element(header, 2) != _element(trailer, 2):
            problem = (
                f"ST02 {_element(header, 2)[:12]!r} and SE02 {_element(trailer, 2)[:12]!r} must be the same number"
            )
            return _Defect(self.at(last, "SE-02"), "x12.control", problem, excerpt(_element(trailer, 2)))
        return None if self.decoded else self.undecoded(first, last)

    def undecoded(self, first: int, last: int) -> _Defect | None:
        """The first element that is not UTF-8."""
        for place in range(first, last):
            segment = self.segments[place]
            for element, value in enumerate(segment):
                if not _encodable(value):
                    reference = f"{excerpt(segment[0])}-{element:02}"
                    problem = "not UTF-8; send the text encoded as UTF-8"
                    return _Defect(self.at(place, reference), "text.encoding", problem, excerpt(value))
        return None


def _split(text: str, separators: Separators) -> list[Segment]:
    if separators.segment != "\n":
        text = text.replace("\r", "").replace("\n", "")
    element = separators.element
    return [part.split(element) for part in map(str.strip, text.split(separators.segment)) if part]


def _element(segment: Segment, place: int) -> str:
    return segment[place] if len(segment) > place else ""


def _number(text: str) -> int | None:
    short = text.isascii() and text.isdigit() and len(text) <= _CONTROL_NUMBER_MAX
    return int(text) if short else None


def _same(one: str, other: str) -> bool:
    """Control numbers are numbers: 000000007 and 7 are the same."""
    return one == other or (_number(one) is not None and _number(one) == _number(other))


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _rejection(index: int, defect: _Defect) -> Rejection:
    row = index * ROWS_PER_TRANSACTION
    return Rejection(row=row, position=defect.position, rule=defect.rule, problem=defect.problem, value=defect.value)
