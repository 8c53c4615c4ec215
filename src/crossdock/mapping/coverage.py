"""What a mapping leaves out: places of messages that nothing reads, and fields of events that nothing fills."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.formats import csv, fixed, json, xml
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document
from crossdock.formats.standards import STANDARDS
from crossdock.mapping.compiled import Compiled, CsvCompiled, EdiCompiled, FixedCompiled, XmlCompiled
from crossdock.mapping.outline import Outline
from crossdock.mapping.targets import fields_of
from crossdock.model.envelope import Event, Rejection
from crossdock.model.events import CATALOGUE

_PLACES_MAX: Final = 5_000


class Place(NamedTuple):
    """A place of messages that something stands in, and in how many records."""

    place: str
    times: int


class Target(NamedTuple):
    """A field of an event: in how many of so many events it was filled, and whether the mapping fills it at all."""

    target: str
    filled: int
    events: int
    is_mapped: bool


class Covered(NamedTuple):
    """`unused` places, the most frequent first, of all `places`; `empty` fields that no event had."""

    messages: int
    events: int
    rejected: int
    places: int
    unused: list[Place]
    targets: list[Target]

    @property
    def empty(self) -> list[Target]:
        """Fields that no event had."""
        return [target for target in self.targets if not target.filled]


class Coverage:
    """Counts over messages what a mapping reads of them."""

    def __init__(self, compiled: Compiled, outline: Outline) -> None:
        """Nothing was read yet."""
        self._compiled = compiled
        self._outline = outline
        self._places: Counter[str] = Counter()
        self._events: Counter[str] = Counter()
        self._filled: Counter[str] = Counter()
        self._messages = self._rejected = 0

    def add(self, body: bytes, *, header: bytes = b"") -> None:
        """Another message."""
        self._messages += 1
        for record in _records(self._compiled, body, header):
            for place in set(record):
                if place in self._places or len(self._places) < _PLACES_MAX:
                    self._places[place] += 1
        lookup = lambda _scheme, _issuer, theirs: theirs  # noqa: E731  # what it is called does not matter here
        for one in self._compiled.read(body, header=header, lookup=lookup):
            if isinstance(one, Event):
                self._events[one.data.type] += 1
                self._filled.update(set(_filled(msgspec.to_builtins(one.data), one.data.type, _names(one.data.type))))
            else:
                self._rejected += 1

    def found(self) -> Covered:
        """What was counted."""
        reads = self._outline.reads
        exact = self._compiled.format in {"json", "ndjson", "csv", "fixed"}
        ends = tuple(f"/{path}" for path in reads)
        unused = [
            Place(place, times)
            for place, times in self._places.most_common()
            if not (place in reads if exact else f"/{place}".endswith(ends) or _without_component(place) in reads)
        ]
        targets = [
            Target(name, self._filled[name], self._events[event], name in self._outline.mapped)
            for event in self._compiled.event_types
            for name in _names(event)
        ]
        return Covered(
            self._messages, self._events.total(), self._rejected, len(self._places), unused,
            [target for target in targets if target.events],
        )  # fmt: skip


def _without_component(place: str) -> str:
    return place.partition(":")[0]


@cache
def _names(event: str) -> tuple[str, ...]:
    """The fields of an event, each by its place."""
    return tuple(_fields(CATALOGUE[event], event))


def _fields(struct: type[msgspec.Struct], prefix: str) -> Iterator[str]:
    for name, field in fields_of(struct).items():
        is_list = field.kind.value.startswith("list")
        place = f"{prefix}.{name}" + ("[]" if is_list else "")
        if field.part is not None:
            yield from _fields(field.part, place)
        else:
            yield place


def _filled(value: Any, place: str, names: Collection[str]) -> Iterator[str]:  # noqa: ANN401  # JSON
    if place in names:  # a quantity is a list, but one value
        if value is not None:
            yield place
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _filled(each, f"{place}.{key}", names)
    elif isinstance(value, list):
        for each in value:
            yield from _filled(each, f"{place}[]", names)


# -- what stands in a message --------------------------------------------------------------------------------------


def _records(compiled: Compiled, body: bytes, header: bytes) -> Iterator[Iterable[str]]:
    """The places of each record that something stands in, as paths name them."""
    match compiled:
        case FixedCompiled():
            lines = (one for one in fixed.read(body, compiled.layout) if not isinstance(one, Rejection))
            return (_of_line(row) for _, row in lines)
        case XmlCompiled():
            elements = (one for one in xml.read(body, compiled.record) if not isinstance(one, Rejection))
            return (_of_element(element, "") for _, element in elements)
        case CsvCompiled():
            return _of_rows(compiled, body, header)
        case EdiCompiled():
            parts = STANDARDS[compiled.format].read_message(body)
            return (_of_document(part) for part in parts if isinstance(part, Document))
    decoded = (json.decode(line) for line in (json.lines(body) if compiled.format == "ndjson" else [body]))
    return (_of_member(one, "") for one in decoded if not isinstance(one, Rejection))


def _of_member(value: Any, place: str) -> Iterator[str]:  # noqa: ANN401  # JSON
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _of_member(each, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for each in value:
            yield from _of_member(each, f"{place}[]")
    elif value not in (None, ""):
        yield place


def _of_rows(compiled: CsvCompiled, body: bytes, header: bytes) -> Iterator[Iterable[str]]:
    names = csv.header_of(header or body, delimiter=compiled.delimiter)
    if isinstance(names, Rejection):
        return
    for found in csv.read(body, header=header, delimiter=compiled.delimiter, width=len(names)):
        if not isinstance(found, Rejection):
            yield [name for name, value in zip(names, found[1], strict=True) if value.strip()]


def _of_line(row: fixed.Row) -> Iterator[str]:
    yield from (name for name, value in row.items() if value.strip())
    for kind, lines in row.inside.items():
        for line in lines:
            yield from (f"{kind}[].{name}" for name, value in line.items() if value.strip())


def _of_element(element: xml.Element, place: str) -> Iterator[str]:
    yield from (f"{place}/@{name}".lstrip("/") for name, value in element.attributes.items() if value.strip())
    if element.text.strip():
        yield place
    for inner in element.inside:
        yield from _of_element(inner, f"{place}/{inner.name}".lstrip("/"))


def _of_document(document: Document) -> Iterator[str]:
    for segment in document.segments:
        for number, value in enumerate(segment[1:], 1):
            parts = re.split(re.escape(COMPONENT), value)
            for place, part in enumerate(parts, 1):
                if part:
                    yield f"{segment[0]}-{number:02}" + (f":{place}" if len(parts) > 1 else "")
