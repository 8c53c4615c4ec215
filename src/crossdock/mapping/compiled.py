"""A compiled mapping at work: messages in, events and rejections out, one at a time.

`read` never raises for what a sender wrote. A defect of the mapping itself that only a record brings to light
becomes that record's rejection (`mapping.failed`); its neighbours are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, Final

from crossdock.formats import csv, json
from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12 import envelope as x12
from crossdock.formats.x12.catalog import SETS
from crossdock.formats.x12.tree import Violation, arrange
from crossdock.mapping.emission import Document
from crossdock.mapping.paths import Path
from crossdock.mapping.refusal import Context, Lookup
from crossdock.mapping.source import suggest
from crossdock.model.envelope import Event, Rejection

_BLANK_LINE: Final = b" \t\r\n"


class Compiled(ABC):
    """A mapping that was compiled: `event_types` are the types it can emit."""

    def __init__(
        self,
        name: str,
        version: int,
        format_: str,
        event_types: tuple[str, ...],
        documents: dict[str, Document],
        discriminator: Path | None,
    ) -> None:
        self.name = name
        self.version = version
        self.format = format_
        self.event_types = event_types
        self._documents = documents
        self._discriminator = discriminator

    @abstractmethod
    def read(
        self, raw: bytes, *, header: bytes = b"", first_row: int = 0, lookup: Lookup | None = None
    ) -> Iterator[Event | Rejection]:
        """The events of a message in its order, a `Rejection` in place of each part that has a defect.

        `header` is the header line of a CSV part that comes without it, `first_row` the row of its first data row.
        `lookup` resolves cross-references.
        """

    def _apply(self, context: Context, row: int) -> list[Event | Rejection]:
        """The events of one record."""
        try:
            if self._discriminator is None:
                return self._documents[""].apply(context, row)
            kind = self._discriminator.get(context.root, context)
            document = self._documents.get(kind.strip()) if type(kind) is str else None
            if document is None:
                return [self._unknown(kind, context, row)]
            return document.apply(context, row)
        except Exception as failed:  # noqa: BLE001  (a defect of ours in one record must not cost its neighbours)
            return [_failed(failed, row)]

    def _unknown(self, kind: object, context: Context, row: int) -> Rejection:
        where = self._discriminator.where(context.root, context) if self._discriminator is not None else ""
        known = suggest("", self._documents)
        if kind is None or kind == "":
            problem = f"{where} is empty or missing; it says what the message is: {known}"
            return Rejection(row=row, position=where, rule="type.missing", problem=problem)
        shown = excerpt(kind)
        problem = f"{where} is {shown[:40]!r}, which this mapping does not know; {known}"
        return Rejection(row=row, position=where, rule="type.unknown", problem=problem, value=shown)


class JsonCompiled(Compiled):
    """Reads a JSON object, or one on each line."""

    def read(
        self, raw: bytes, *, header: bytes = b"", first_row: int = 0, lookup: Lookup | None = None
    ) -> Iterator[Event | Rejection]:
        """As `Compiled.read`; `header` has no meaning here."""
        if self.format == "json":
            yield from self._document(raw, first_row, lookup)
            return
        row = first_row
        for line in _lines(raw):
            for each in self._document(line, row, lookup):
                yield _in_row(each, row) if isinstance(each, Rejection) else each
            row += 1

    def _document(self, raw: bytes, row: int, lookup: Lookup | None) -> list[Event | Rejection]:
        document = json.decode(raw.removeprefix(csv.BOM), row=row)
        if type(document) is dict:
            return self._apply(Context(document, lookup), row)
        if isinstance(document, Rejection):
            return [document]
        problem = "the message must be a JSON object"
        return [Rejection(row=row, position="byte 0", rule="field.type", problem=problem, value=excerpt(document))]


class CsvCompiled(Compiled):
    """Reads delimited text with a header."""

    def __init__(self, *head: Any, columns: frozenset[str], delimiter: str) -> None:
        super().__init__(*head)
        self._columns = columns
        self._delimiter = delimiter

    def read(
        self, raw: bytes, *, header: bytes = b"", first_row: int = 0, lookup: Lookup | None = None
    ) -> Iterator[Event | Rejection]:
        """As `Compiled.read`."""
        names = csv.header_of(header or raw, delimiter=self._delimiter)
        if isinstance(names, Rejection):
            yield names
            return
        missing = sorted(self._columns.difference(names))
        if missing:
            problem = f"the header lacks {', '.join(missing)}; send the columns the mapping {self.name} reads"
            value = self._delimiter.join(names)
            yield Rejection(row=0, position="header", rule="csv.header", problem=problem, value=excerpt(value))
            return
        for each in csv.read(raw, header=header, first_row=first_row, delimiter=self._delimiter, width=len(names)):
            if isinstance(each, Rejection):
                yield each
                continue
            row, fields = each
            for made in self._apply(Context(dict(zip(names, fields, strict=True)), lookup), row):
                yield _in_row(made, row, "column ") if isinstance(made, Rejection) else made


class X12Compiled(Compiled):
    """Reads X12 interchanges; the transaction set says which document it is."""

    def read(
        self, raw: bytes, *, header: bytes = b"", first_row: int = 0, lookup: Lookup | None = None
    ) -> Iterator[Event | Rejection]:
        """As `Compiled.read`; `header` and `first_row` have no meaning here."""
        try:
            for each in x12.read(raw):
                if isinstance(each, Rejection):
                    yield each
                else:
                    yield from self._transaction(each, lookup)
        except Exception as failed:  # noqa: BLE001  (as in _apply)
            yield _failed(failed, 0)

    def _transaction(self, transaction: x12.Transaction, lookup: Lookup | None) -> list[Event | Rejection]:
        row = transaction.index * x12.ROWS_PER_TRANSACTION
        document = self._documents.get(transaction.code)
        if document is None:
            return [self._unknown_set(transaction, row)]
        try:
            tree, violations = arrange(SETS[transaction.code], transaction.segments, transaction.first)
            if violations:
                return [_broken(violations, row)]
            made = document.apply(Context(tree, lookup, transaction), row)
        except Exception as failed:  # noqa: BLE001  (as in _apply)
            return [_failed(failed, row)]
        if len(made) > x12.ROWS_PER_TRANSACTION:
            problem = f"the transaction holds {len(made)} events; split it: {x12.ROWS_PER_TRANSACTION} are allowed"
            position = f"segment {transaction.first - 1}, ST"
            return [Rejection(row=row, position=position, rule="events.too_many", problem=problem)]
        return made

    def _unknown_set(self, transaction: x12.Transaction, row: int) -> Rejection:
        known = ", ".join(sorted(self._documents))
        shown = excerpt(transaction.code)
        problem = f"the mapping does not know the transaction set {shown[:12]!r}; it knows {known}"
        position = f"segment {transaction.first - 1}, ST-01"
        return Rejection(row=row, position=position, rule="type.unknown", problem=problem, value=shown)


def _lines(raw: bytes) -> Iterator[bytes]:
    """The lines of a text that are not blank."""
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        line = raw[start:end]
        if line.strip(_BLANK_LINE):
            yield line
        start = end


def _in_row(rejection: Rejection, row: int, prefix: str = "") -> Rejection:
    position = f"row {row + 1}" + (f", {prefix}{rejection.position}" if rejection.position else "")
    return Rejection(
        row=rejection.row,
        position=position,
        rule=rejection.rule,
        problem=rejection.problem,
        value=rejection.value,
        sample=rejection.sample,
    )


def _broken(violations: list[Violation], row: int) -> Rejection:
    first, more = violations[0], len(violations) - 1
    problem = f"{first.problem} (and {more} more in this transaction)" if more else first.problem
    return Rejection(row=row, position=first.position, rule=first.rule, problem=problem, value=first.value)


def _failed(failed: Exception, row: int) -> Rejection:
    problem = f"the mapping failed on this record ({type(failed).__name__}); report it with the message"
    return Rejection(row=row, position="", rule="mapping.failed", problem=problem, value=excerpt(failed))
