"""Delimited text (RFC 4180) as a stream of rows; a bad row is refused alone and its neighbours are read.

A quote opens a quoted field only at the start of a field. A quoted field that is still open after 64 kB was opened
by mistake: its row is then the line it stands on, so one stray quote cannot swallow the rest of the file.
A blank line is not a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crossdock.formats.excerpt import excerpt
from crossdock.model.envelope import Rejection

FIELD_MAX: Final = 10_000
OPEN_ROW_MAX: Final = 65_536
_LINE_FEED: Final = 0x0A
BOM: Final = b"\xef\xbb\xbf"

# Where a row ends must not depend on the delimiter, or cutting a file and reading it could disagree.
_FIELD: Final = rb'(?:"[^"]*+(?:""[^"]*+)*+"|(?!"))[^,;|\t\n]*+'
_QUOTED_ROW: Final = re.compile(_FIELD + rb"(?:[,;|\t]" + _FIELD + rb")*+(?:\n|\Z)")
BLANK: Final = (b"\n", b"\r\n", b"")

Row = tuple[int, list[str]]


def row_end(data: bytes, start: int, *, final: bool) -> int:
    """Where the row that begins at `start` ends, its line feed included; -1 when more bytes are needed to tell."""
    newline = data.find(b"\n", start)
    line_end = newline + 1 if newline >= 0 else len(data)
    if newline < 0 and not final:
        return -1
    if data.find(b'"', start, line_end) < 0:
        return line_end
    window_end = min(len(data), start + OPEN_ROW_MAX)
    match = _QUOTED_ROW.match(data, start, window_end)
    if match is not None and (data[match.end() - 1] == _LINE_FEED or (final and match.end() == len(data))):
        return match.end()
    if window_end == len(data) and not final:
        return -1
    return line_end


def raw_rows(data: bytes) -> Iterator[bytes]:
    """The rows of a whole text as they stand, line ends included, blank lines left out."""
    start, size = 0, len(data)
    while start < size:
        end = row_end(data, start, final=True)
        row = data[start:end]
        if row not in BLANK:
            yield row
        start = end


def header_of(data: bytes, *, delimiter: str = ",") -> list[str] | Rejection:
    """The column names in the first row."""
    first = next(raw_rows(data.removeprefix(BOM)), b"")
    fields = fields_of(first, 0, delimiter)
    if isinstance(fields, Rejection):
        problem = f"the header cannot be read: {fields.problem}"
        return Rejection(row=0, position="header", rule=fields.rule, problem=problem, sample=excerpt(first))
    names = [field.strip() for field in fields]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if not first or doubled:
        problem = f"the header names {doubled[0]!r} twice" if doubled else "the file is empty; it needs a header row"
        return Rejection(row=0, position="header", rule="csv.header", problem=problem, sample=excerpt(first))
    return names


def read(
    data: bytes, *, header: bytes = b"", first_row: int = 0, delimiter: str = ",", width: int | None = None
) -> Iterator[Row | Rejection]:
    """The data rows of a text as `(row, fields)`, or a `Rejection` in place of a bad one.

    Without `header` the first row of `data` is the header. Rows count from `first_row`, from 0; a position
    for people counts data rows from 1. `width` is the number of columns; by default the header's.
    """
    rows = raw_rows(data)
    if not header:
        header = next(rows, b"")
    if width is None:
        names = header_of(header, delimiter=delimiter)
        if isinstance(names, Rejection):
            yield names
            return
        width = len(names)
    for row, raw in enumerate(rows, first_row):
        fields = fields_of(raw, row, delimiter)
        if isinstance(fields, Rejection):
            yield fields
        elif len(fields) != width:
            problem = f"{len(fields)} columns where the header has {width}; send the row again with all columns"
            yield _rejection(row, "csv.columns", problem, value=str(len(fields)), sample=raw)
        else:
            yield row, fields


def fields_of(raw: bytes, row: int, delimiter: str) -> list[str] | Rejection:
    """The fields of one row, unquoted."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as bad:
        problem = f"byte {bad.start} of the row is not UTF-8; send the file encoded as UTF-8"
        return _rejection(row, "text.encoding", problem, value=excerpt(raw[bad.start : bad.start + 1]), sample=raw)
    if "\x00" in text:
        return _rejection(row, "text.nul", f"a NUL at character {text.index(chr(0))} of the row; remove it", sample=raw)
    text = text.rstrip("\r\n")
    fields = text.split(delimiter)
    if '"' in text:
        unquoted = _unquote(text, delimiter)
        if unquoted is None:
            return _rejection(row, "csv.quote", "a quoted field is not closed; double the quotes inside it", sample=raw)
        fields = unquoted
    if len(text) > FIELD_MAX:
        longest = max(map(len, fields))
        if longest > FIELD_MAX:
            problem = f"a field of {longest} characters; the limit is {FIELD_MAX}"
            return _rejection(row, "csv.field_length", problem, sample=raw)
    return fields


def _unquote(text: str, delimiter: str) -> list[str] | None:
    """Fields of a row that has quotes; None where a quoted field does not end at a delimiter."""
    fields: list[str] = []
    at, size = 0, len(text)
    while True:
        if text.startswith('"', at):
            field, at = _quoted(text, at + 1)
            if at < 0 or (at < size and text[at] != delimiter):
                return None
            fields.append(field)
        else:
            end = text.find(delimiter, at)
            end = size if end < 0 else end
            fields.append(text[at:end])
            at = end
        if at >= size:
            return fields
        at += 1


def _quoted(text: str, start: int) -> tuple[str, int]:
    """The content of a quoted field and where it ends; -1 where it does not."""
    at = start
    while (quote := text.find('"', at)) >= 0:
        if not text.startswith('"', quote + 1):
            return text[start:quote].replace('""', '"'), quote + 1
        at = quote + 2
    return "", -1


def _rejection(row: int, rule: str, problem: str, *, value: str = "", sample: bytes = b"") -> Rejection:
    position = f"row {row + 1}"
    return Rejection(row=row, position=position, rule=rule, problem=problem, value=value, sample=excerpt(sample))
