"""A document in words: what each segment and element is, what its code means, and what is wrong where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, REPETITION, shown
from crossdock.formats.edi.document import Document, Segment
from crossdock.formats.edi.findings import Finding
from crossdock.formats.edi.grammar import Composite, Element, Field
from crossdock.formats.edi.grammar import Segment as Definition


class ToldElement(NamedTuple):
    """An element that is given: `reference` (`AT7-05`), what it is, what stands there, and what that means."""

    reference: str
    name: str
    value: str
    meaning: str


class ToldSegment(NamedTuple):
    """A segment; `depth` is how many loops it stands in, `number` counts the segments of the message."""

    number: int
    depth: int
    id: str
    name: str
    elements: list[ToldElement]
    findings: list[Finding]


def told(document: Document, segment_of: Callable[[str], Definition | None]) -> Iterator[ToldSegment]:
    """A document from header to trailer; `segment_of` defines segments that stand nowhere in its grammar."""
    places = document.grammar.places if document.grammar is not None else []
    by_number: dict[int, list[Finding]] = {}
    for finding in document.findings.kept:
        by_number.setdefault(finding.number, []).append(finding)
    separators = document.interchange.separators
    standing = [-1, *document.places, -1]
    number = document.number
    for segment, at in zip([document.header, *document.segments, document.trailer], standing, strict=True):
        if segment:
            definition = places[at].check.definition if at >= 0 else segment_of(segment[0])
            name = definition.name if definition is not None else ""
            elements = list(_elements(segment, definition, separators))
            depth = document.grammar.depth(at) + 1 if document.grammar is not None and at >= 0 else 0
            yield ToldSegment(number, depth, segment[0], name, elements, by_number.get(number, []))
        number += 1


def _elements(segment: Segment, definition: Definition | None, separators: tuple[str, ...]) -> Iterator[ToldElement]:
    fields = definition.fields if definition is not None else ()
    for place, value in enumerate(segment[1:], 1):
        if not value:
            continue
        field = fields[place - 1] if place <= len(fields) else None
        reference = f"{segment[0]}-{place:02}"
        for repetition in value.split(REPETITION):
            yield from _told(reference, field, repetition, separators)


def _told(reference: str, field: Field | None, value: str, separators: tuple[str, ...]) -> Iterator[ToldElement]:
    if field is None:
        yield ToldElement(reference, "", shown(value, separators), "")
    elif isinstance(field.holds, Composite):
        for place, part in enumerate(value.split(COMPONENT), 1):
            inner = field.holds.fields[place - 1] if place <= len(field.holds.fields) else None
            if part:
                yield from _told(f"{reference}:{place}", inner, part, separators)
    else:
        yield ToldElement(reference, field.holds.name, shown(value, separators), _meaning(field, field.holds, value))


def _meaning(field: Field, element: Element, value: str) -> str:
    """What a code stands for; an amount with its decimals, a date with its dashes."""
    if field.codes is not None and value in field.codes.meanings:
        return field.codes.meanings[value]
    if element.type == "N2" and value.lstrip("-").isdigit():
        digits = value.lstrip("-").rjust(3, "0")
        return f"{'-' if value.startswith('-') else ''}{digits[:-2]}.{digits[-2:]}"
    if element.type == "DT" and value.isdigit() and len(value) == len("CCYYMMDD"):
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return ""
