"""A compiled mapping at work: messages in, events and rejections out, one at a time.

`read` never raises for what a sender wrote. A defect of the mapping itself that only a record brings to light
becomes that record's rejection (`mapping.failed`); its neighbours are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import structs

from crossdock.formats import csv, fixed, json, xml
from crossdock.formats.edi.cutting import ROWS_PER_DOCUMENT
from crossdock.formats.edi.document import Document as EdiDocument
from crossdock.formats.edi.document import Group, Interchange, InterchangeEnd, Part, first_error
from crossdock.formats.edi.findings import Finding, Findings
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.excerpt import excerpt
from crossdock.formats.split import RecordEnd
from crossdock.formats.standards import STANDARDS
from crossdock.mapping.emission import Document
from crossdock.mapping.paths import Path
from crossdock.mapping.record import Context, Lookup
from crossdock.model.envelope import Event, Rejection

# Where a document says what it is.
_CODE_AT: Final = {"x12": "ST-01", "edifact": "UNH-02:1"}


class Head(NamedTuple):
    """What a mapping says of itself, and its documents by the value of the discriminator."""

    name: str
    version: int
    format: str
    event_types: tuple[str, ...]
    documents: dict[str, Document]
    discriminator: Path | None
    guide: Guide = STANDARD


class Compiled(ABC):
    """A mapping that was compiled: `event_types` are the types it can emit."""

    def __init__(self, head: Head) -> None:
        self.name = head.name
        self.version = head.version
        self.format = head.format
        self.event_types = head.event_types
        self.record_end: RecordEnd | None = None
        """Finds the ends of records where the format alone does not tell them."""
        self._documents = head.documents
        self._discriminator = head.discriminator

    def read(
        self, raw: bytes, *, header: bytes = b"", first_row: int = 0, lookup: Lookup | None = None
    ) -> Iterator[Event | Rejection]:
        """The events of a message in its order, a `Rejection` in place of each part that has a defect.

        `header` is the header row of a CSV part that does not begin with it, `first_row` the row of the first
        record (as `formats.split` gives them). `lookup` resolves cross-references.
        """
        return self._read(raw, header, first_row, lookup)

    @abstractmethod
    def _read(
        self, raw: bytes, header: bytes, first_row: int, lookup: Lookup | None, /
    ) -> Iterator[Event | Rejection]: ...

    def _apply(self, context: Context, row: int) -> list[Event | Rejection]:
        """The events of one record."""
        try:
            if self._discriminator is None:
                return self._documents[""].apply(context, row)
            kind = self._discriminator.get(context.root, context)
            document = self._documents.get(kind.strip()) if type(kind) is str else None
            if document is None:
                return [self._unknown(kind, self._discriminator.where(context.root, context), row)]
            return document.apply(context, row)
        except Exception as failed:  # noqa: BLE001  (a defect of ours in one record must not cost its neighbours)
            return [_failed(failed, row)]

    def _unknown(self, kind: object, position: str, row: int) -> Rejection:
        position = position.removeprefix("/")
        known = f"the mapping {self.name} knows {', '.join(sorted(self._documents))}"
        if kind is None or kind == "":
            problem = f"{position} is empty or missing; it says what the message is: {known}"
            return Rejection(row=row, position=position, rule="type.missing", problem=problem)
        shown = excerpt(kind)
        problem = f"{position} is {shown[:40]!r}; {known}"
        return Rejection(row=row, position=position, rule="type.unknown", problem=problem, value=shown)


class JsonCompiled(Compiled):
    """Reads a JSON object, or (`ndjson`) one on each line."""

    def _read(
        self, raw: bytes, _header: bytes, first_row: int, lookup: Lookup | None, /
    ) -> Iterator[Event | Rejection]:
        if self.format == "json":
            return iter(self._document(raw.removeprefix(json.BOM), first_row, lookup))
        return self._lines(raw, first_row, lookup)

    def _lines(self, raw: bytes, first_row: int, lookup: Lookup | None) -> Iterator[Event | Rejection]:
        for row, line in enumerate(json.lines(raw), first_row):
            for each in self._document(line, row, lookup):
                yield _in_row(each, row) if isinstance(each, Rejection) else each

    def _document(self, raw: bytes, row: int, lookup: Lookup | None) -> list[Event | Rejection]:
        document = json.decode(raw, row=row)
        if type(document) is dict:
            return self._apply(Context(document, lookup), row)
        if isinstance(document, Rejection):
            return [document]
        problem = "the message must be a JSON object"
        return [Rejection(row=row, position="byte 0", rule="field.type", problem=problem, value=excerpt(document))]


class CsvCompiled(Compiled):
    """Reads delimited text; `columns` are those that the header must name."""

    def __init__(self, head: Head, columns: frozenset[str], delimiter: str) -> None:
        super().__init__(head)
        self._columns = columns
        self.delimiter = delimiter

    def _read(self, raw: bytes, header: bytes, first_row: int, lookup: Lookup | None, /) -> Iterator[Event | Rejection]:
        names = csv.header_of(header or raw, delimiter=self.delimiter)
        if isinstance(names, Rejection):
            yield structs.replace(names, row=first_row)
            return
        missing = sorted(self._columns.difference(names))
        if missing:
            problem = f"the header lacks {', '.join(missing)}; send the columns the mapping {self.name} reads"
            value = excerpt(self.delimiter.join(names))
            yield Rejection(row=first_row, position="header", rule="csv.header", problem=problem, value=value)
            return
        for each in csv.read(raw, header=header, first_row=first_row, delimiter=self.delimiter, width=len(names)):
            if isinstance(each, Rejection):
                yield each
                continue
            row, fields = each
            for made in self._apply(Context(dict(zip(names, fields, strict=True)), lookup), row):
                yield _in_row(made, row, "column ") if isinstance(made, Rejection) else made


class FixedCompiled(Compiled):
    """Reads lines of fixed columns."""

    def __init__(self, head: Head, layout: fixed.Layout) -> None:
        super().__init__(head)
        self.layout = layout
        self.record_end = layout.record_end

    def _read(
        self, raw: bytes, _header: bytes, first_row: int, lookup: Lookup | None, /
    ) -> Iterator[Event | Rejection]:
        for each in fixed.read(raw, self.layout, first_row=first_row):
            if isinstance(each, Rejection):
                yield each
            else:
                yield from self._apply(Context(each[1], lookup), each[0])


class XmlCompiled(Compiled):
    """Reads XML: the root is the record, or each element at the path `record`."""

    def __init__(self, head: Head, record: tuple[str, ...]) -> None:
        super().__init__(head)
        self.record = record

    def _read(
        self, raw: bytes, _header: bytes, first_row: int, lookup: Lookup | None, /
    ) -> Iterator[Event | Rejection]:
        rows = ROWS_PER_DOCUMENT if self.record else 1
        for each in xml.read(raw, self.record):
            if isinstance(each, Rejection):
                yield structs.replace(each, row=first_row + each.row * rows)
                continue
            place, element = each
            row = first_row + place * rows
            made = self._apply(Context(element, lookup), row)
            if self.record and len(made) > ROWS_PER_DOCUMENT:
                yield _too_many(made, row, f"line {element.line}")
            else:
                yield from made


class EdiCompiled(Compiled):
    """Reads interchanges of X12 or EDIFACT; the header of a document says which one it is."""

    def __init__(self, head: Head) -> None:
        super().__init__(head)
        self._guide = head.guide

    def _read(
        self, raw: bytes, _header: bytes, first_row: int, lookup: Lookup | None, /
    ) -> Iterator[Event | Rejection]:
        try:
            parts = STANDARDS[self.format].read_message(raw, self._guide)
            begins = 0
            for ends, part in enumerate(parts, 1):
                if isinstance(part, InterchangeEnd):
                    for found in _sound(parts[begins:ends], first_row):
                        if isinstance(found, EdiDocument):
                            yield from self._document(found, first_row + found.place * ROWS_PER_DOCUMENT, lookup)
                        else:
                            yield found
                    begins = ends
        except Exception as failed:  # noqa: BLE001  (as in _apply)
            yield _failed(failed, first_row)

    def _document(self, found: EdiDocument, row: int, lookup: Lookup | None) -> list[Event | Rejection]:
        document = self._documents.get(found.code)
        if document is None:
            return [self._unknown(found.code, self._position(found), row)]
        if found.findings.errors:
            return [_broken(found.findings, row)]
        try:
            made = document.apply(Context(found.tree, lookup, found), row)
        except Exception as failed:  # noqa: BLE001  (as in _apply)
            return [_failed(failed, row)]
        return made if len(made) <= ROWS_PER_DOCUMENT else [_too_many(made, row, self._position(found))]

    def _position(self, found: EdiDocument) -> str:
        return f"segment {found.number}, {_CODE_AT[self.format]}"


def _sound(parts: list[Part], first_row: int) -> list[EdiDocument | Rejection]:
    """The documents of an interchange: what is wrong with its envelope refuses all that it covers."""
    first, last = parts[0], parts[-1]
    assert isinstance(first, Interchange), "an interchange begins its parts"  # noqa: S101
    assert isinstance(last, InterchangeEnd), "and its end ends them"  # noqa: S101
    if first.findings.errors:
        place = last.place - max(1, first.documents)
        return [_broken(first.findings, first_row + place * ROWS_PER_DOCUMENT)]
    found: list[EdiDocument | Rejection] = []
    for part in parts:
        if isinstance(part, EdiDocument):
            if not part.group.findings.errors:
                found.append(part)
        elif isinstance(part, Group) and part.findings.errors:
            found.append(_broken(part.findings, first_row + part.place * ROWS_PER_DOCUMENT))
    return found


def _in_row(rejection: Rejection, row: int, prefix: str = "") -> Rejection:
    position = f"row {row + 1}" + (f", {prefix}{rejection.position}" if rejection.position else "")
    return structs.replace(rejection, position=position)


def _too_many(made: list[Event | Rejection], row: int, position: str) -> Rejection:
    problem = f"the document holds {len(made)} events; {ROWS_PER_DOCUMENT} are allowed: split it"
    return Rejection(row=row, position=position, rule="events.too_many", problem=problem)


def _broken(findings: Findings, row: int) -> Rejection:
    finding = first_error(findings)
    assert isinstance(finding, Finding), "only what has an error is refused"  # noqa: S101
    more = findings.errors - 1
    problem = f"{finding.problem} (and {more} more in the same part)" if more else finding.problem
    return Rejection(row=row, position=finding.position, rule=finding.rule, problem=problem, value=finding.value)


def _failed(failed: Exception, row: int) -> Rejection:
    problem = f"the mapping failed on this record ({type(failed).__name__}); report it with the message"
    return Rejection(row=row, position="", rule="mapping.failed", problem=problem)
