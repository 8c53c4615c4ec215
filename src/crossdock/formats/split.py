"""Cuts an endless file into parts that are messages of their own, in flat memory.

The parts' bytes, one after the other, are the file. Reading each part with its header and first row gives what
reading the whole would give, because both find the ends of records with the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, Literal, NamedTuple, Protocol

from crossdock.formats import csv, fixed, json
from crossdock.formats.edi.cutting import ROWS_PER_DOCUMENT, places_in
from crossdock.formats.edi.guide import STANDARD
from crossdock.formats.edi.tokens import BLANKS, HEADER_MAX
from crossdock.formats.edifact import cutting as edifact
from crossdock.formats.edifact.tokens import EdifactTokenizer
from crossdock.formats.x12 import cutting as x12
from crossdock.formats.x12.tokens import X12Tokenizer

RECORD_MAX: Final = 16_000_000

Kind = Literal["csv", "ndjson", "fixed", "x12", "edifact"]


class RecordEnd(Protocol):
    """Finds ends of records."""

    def __call__(self, data: bytes, start: int, *, final: bool) -> int:
        """Where the record that begins at `start` ends; -1 when more bytes are needed to tell."""


class Part(NamedTuple):
    """A piece of a file, made of whole records.

    `header` is the header row of a CSV part that does not begin with it: empty for the first part, whose own bytes
    do. `offset` counts bytes, `first_row` is the row of the part's first record (see `Event.row`).
    """

    raw: bytes
    header: bytes
    offset: int
    first_row: int


class RecordTooLong(ValueError):
    """One row, line or interchange is longer than the limit; `offset` is the byte where it begins.

    The file has another format than it was declared to have, or a quote or terminator is missing there.
    """

    def __init__(self, offset: int, limit: int) -> None:
        super().__init__(f"the record that begins at byte {offset} is longer than {limit} bytes")
        self.offset = offset


def split(
    kind: Kind,
    chunks: Iterable[bytes],
    *,
    part_bytes: int = 1_000_000,
    record_bytes: int = RECORD_MAX,
    record_end: RecordEnd | None = None,
) -> Iterator[Part]:
    """The parts of a file: CSV cut between rows, NDJSON between lines, EDI between interchanges.

    Fixed columns are cut where `record_end` says, by default between lines. A part ends with the first record that
    makes it `part_bytes` long. Raises `RecordTooLong`.
    """
    cutter = _Cutter(kind, part_bytes, record_bytes, record_end)
    for chunk in chunks:
        yield from cutter.take(chunk)
    yield from cutter.finish()


class _Cutter:
    def __init__(self, kind: Kind, part_bytes: int, record_bytes: int, record_end: RecordEnd | None) -> None:
        ends: dict[Kind, RecordEnd] = {
            "csv": csv.row_end,
            "ndjson": _line_end,
            "fixed": record_end or _line_end,
            "x12": partial(_interchange_end, x12.interchange_end),
            "edifact": partial(_interchange_end, edifact.interchange_end),
        }
        self._end_of = ends[kind]
        self._kind = kind
        self._part_bytes = part_bytes
        self._record_bytes = record_bytes
        self._pending: list[bytes] = []
        self._size = 0
        self._wanted = part_bytes
        self._offset = 0
        self._row = 0
        self._header = b""

    def take(self, chunk: bytes) -> Iterator[Part]:
        self._pending.append(chunk)
        self._size += len(chunk)
        if self._size >= self._wanted:
            yield from self._cut(final=False)
            # A long record is looked at again only when there is twice as much of it.
            self._wanted = max(self._part_bytes, 2 * self._size)

    def finish(self) -> Iterator[Part]:
        yield from self._cut(final=True)

    def _cut(self, *, final: bool) -> Iterator[Part]:
        data = b"".join(self._pending)
        start = at = rows = 0
        while at < len(data):
            end = self._end_of(data, at, final=final)
            if (end if end >= 0 else len(data)) - at > self._record_bytes:
                raise RecordTooLong(self._offset + at, self._record_bytes)
            if end < 0:
                break
            rows += self._rows(data, at, end)
            at = end
            if at - start >= self._part_bytes:
                yield self._part(data[start:at], rows)
                start, rows = at, 0
        if final and start < len(data):
            yield self._part(data[start:], rows)
            start = len(data)
        self._pending = [data[start:]]
        self._size = len(data) - start

    def _rows(self, data: bytes, start: int, end: int) -> int:
        """How many rows a record counts for; remembers the header."""
        if self._kind == "x12":
            return ROWS_PER_DOCUMENT * places_in(X12Tokenizer(STANDARD).whole(data[start:end]), "ST")
        if self._kind == "edifact":
            return ROWS_PER_DOCUMENT * places_in(EdifactTokenizer(STANDARD).whole(data[start:end]), "UNH")
        record = data[start:end]
        if self._kind == "fixed":
            return fixed.rows_in(record)
        if self._kind == "ndjson":
            return 0 if json.is_blank(record) else 1
        return 0 if record in csv.BLANK else 1

    def _part(self, raw: bytes, rows: int) -> Part:
        part = Part(raw, self._header, self._offset, self._row)
        if self._kind == "csv" and not self._header:
            self._header = next(csv.raw_rows(raw), b"")
            rows -= 1 if self._header else 0
        self._offset += len(raw)
        self._row += rows
        return part


def _line_end(data: bytes, start: int, *, final: bool) -> int:
    newline = data.find(b"\n", start)
    if newline >= 0:
        return newline + 1
    return len(data) if final else -1


def _interchange_end(end_in: Callable[[str, int], int], data: bytes, start: int, *, final: bool) -> int:
    """As `row_end`, for interchanges. Latin-1 keeps every byte one character, so places are the same."""
    if not final and len(data) - start < HEADER_MAX:
        return -1
    begin = start + len(csv.BOM) if data.startswith(csv.BOM, start) else start
    begin = len(data) - len(data[begin:].lstrip(BLANKS.encode()))
    end = end_in(data.decode("latin-1"), begin)
    if end >= 0:
        return end
    return len(data) if final else -1
