"""Interchanges written: strictly, in the separators they name, with trailers that count right.

A value that cannot be written is refused, never changed: in X12 a separator within a value, which the standard gives
no way to write. EDIFACT releases it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION
from crossdock.formats.edi.document import (
    Document,
    Group,
    GroupEnd,
    Interchange,
    InterchangeEnd,
    Part,
    Segment,
    Separators,
    first_error,
)

NO_ENVELOPE: Final = "there is no interchange header: sender, receiver and control number have to be given"
_LINE_END: Final = "\n"


class WrittenDocument(NamedTuple):
    """A document to be written: header and body; the trailer is worked out."""

    header: Segment
    segments: list[Segment]


class WrittenGroup(NamedTuple):
    """A group to be written; without a header its documents stand in the interchange itself."""

    header: Segment
    documents: list[WrittenDocument]


class WrittenInterchange(NamedTuple):
    """An interchange to be written; `acknowledges` are segments before its groups (TA1)."""

    standard: str
    separators: Separators
    header: Segment
    groups: list[WrittenGroup]
    acknowledges: Sequence[Segment] = ()


class CannotWrite(ValueError):
    """A value cannot be written in these separators; the message names it and what to do."""


def as_written(parts: list[Part]) -> list[WrittenInterchange]:
    """What was read, as it is to be written: its documents with their repairs made."""
    interchanges: list[WrittenInterchange] = []
    for part in parts:
        if isinstance(part, Interchange):
            written = WrittenInterchange(part.standard, part.separators, part.header, [], part.acknowledges)
            interchanges.append(written)
        elif isinstance(part, Group):
            interchanges[-1].groups.append(WrittenGroup(part.header, []))
        elif isinstance(part, Document):
            interchanges[-1].groups[-1].documents.append(WrittenDocument(part.header, part.segments))
    return interchanges


def every_segment(interchange: WrittenInterchange) -> Iterator[Segment]:
    """Headers and bodies, in order; without trailers, which are worked out."""
    yield interchange.header
    yield from interchange.acknowledges
    for group in interchange.groups:
        yield group.header
        for document in group.documents:
            yield document.header
            yield from document.segments


def prove(parts: list[Part]) -> None:
    """Look at what was written, read as strictly as nobody does: neither an error nor a repair may be left."""
    for part in parts:
        if isinstance(part, InterchangeEnd):
            findings = part.interchange.findings
        elif isinstance(part, GroupEnd):
            findings = part.group.findings
        elif isinstance(part, Document):
            findings = part.findings
        else:
            continue
        error = first_error(findings)
        if error is not None:
            raise CannotWrite(f"{error.position}: {error.problem}")


class Writer:
    """Turns canonical segments into text of one interchange."""

    def __init__(self, separators: Separators, *, lines: bool) -> None:
        """`lines`: a line end after each segment, for people."""
        self.separators = separators
        self.lines = _LINE_END if lines and separators.segment != _LINE_END else ""
        element, component, segment, repetition, release, _ = separators
        self._meant = {ELEMENT: element, COMPONENT: component, REPETITION: repetition}
        self._signs = {sign for sign in (element, component, segment, repetition, release) if sign}
        if len(self._signs) != sum(bool(sign) for sign in (element, component, segment, repetition, release)):
            raise CannotWrite(f"separators must differ: {', '.join(sorted(self._signs))}")
        self._table = str.maketrans({sign: f"{release}{sign}" for sign in self._signs} if release else {})

    def segment(self, segment: Segment) -> str:
        """A segment as text, without empty elements at its end."""
        width = len(segment)
        while width > 1 and not segment[width - 1]:
            width -= 1
        values = [self._value(segment[0], value) for value in segment[1:width]]
        return self.separators.element.join([segment[0], *values]) + self.separators.segment + self.lines

    def _value(self, id_: str, value: str) -> str:
        if self.separators.release:
            value = value.translate(self._table)
        else:
            bad = self._signs.intersection(value)
            if bad:
                problem = f"{id_} holds {value!r}, and {min(bad)!r} separates this interchange"
                raise CannotWrite(f"{problem}; choose other separators or change the value")
        for canonical, sign in self._meant.items():
            if canonical in value:
                if not sign:
                    raise CannotWrite(f"{id_} has components, and the interchange names no separator for them")
                value = _trimmed(value, canonical).replace(canonical, sign)
        return value


def _trimmed(value: str, canonical: str) -> str:
    """A composite without empty components at its end."""
    return value.rstrip(canonical) if canonical == COMPONENT and REPETITION not in value else value


class Trailers(ABC):
    """How a document, a group and an interchange of one standard end."""

    @abstractmethod
    def document(self, document: WrittenDocument) -> Segment:
        """SE or UNT."""

    @abstractmethod
    def group(self, group: WrittenGroup) -> Segment:
        """GE or UNE."""

    @abstractmethod
    def interchange(self, interchange: WrittenInterchange, count: int) -> Segment:
        """IEA or UNZ; `count` is of groups, or of documents where none stands in a group."""

    def segments(self, interchange: WrittenInterchange) -> Iterator[Segment]:
        """All segments of an interchange in order, with their trailers."""
        groups = documents = 0
        yield interchange.header
        yield from interchange.acknowledges
        for group in interchange.groups:
            if group.header:
                groups += 1
                yield group.header
            for document in group.documents:
                documents += 1
                yield document.header
                yield from document.segments
                yield self.document(document)
            if group.header:
                yield self.group(group)
        yield self.interchange(interchange, groups or documents)
