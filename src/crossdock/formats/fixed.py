"""Text in columns of fixed places: a line is a record, or lines of several kinds make one; a bad one is refused alone.

Places count characters from 1, as the descriptions of such files do. Blank lines say nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from msgspec import structs

from crossdock.formats.csv import BOM
from crossdock.formats.excerpt import excerpt
from crossdock.model.envelope import Rejection

LINE_MAX: Final = 10_000
LINES_MAX: Final = 10_000
ENCODINGS: Final = ("utf-8", "iso-8859-1", "windows-1252")
# What some systems still put behind the last line.
_END_OF_FILE: Final = b"\x1a"

Columns = Mapping[str, tuple[int, int]]
"""The places of each column: the first one from 0, and the one behind the last."""


class Row(dict[str, str]):
    """A line by column, blanks and all; `number` counts the lines of the message from 1, `kind` is what it is.

    Of the line that begins a record, `inside` are the record's other lines by their kind.
    """

    __slots__ = ("inside", "kind", "number")

    def __init__(self, values: dict[str, str], number: int, kind: str) -> None:
        super().__init__(values)
        self.number = number
        self.kind = kind
        self.inside: dict[str, list[Row]] = {}


class Layout(NamedTuple):
    """How the lines of a file are to be read.

    `kinds` are the columns of each kind of line, told by what stands at `kind`; one without a name where all lines are
    alike. A record begins with each line of the kind `record`; without one, every line is a record. `ignores` are kinds
    that say nothing. Lines are `width` characters long, if given; `trimmed`: blanks at their ends may be missing.
    """

    kinds: Mapping[str, Columns]
    kind: tuple[int, int] | None = None
    record: str | None = None
    ignores: frozenset[str] = frozenset()
    width: int | None = None
    trimmed: bool = False
    encoding: str = "utf-8"

    def kind_of(self, text: str) -> str:
        """What kind of line it is."""
        return text[self.kind[0] : self.kind[1]].strip() if self.kind is not None else ""

    def begins(self, line: bytes) -> bool:
        """Does a record begin with this line? Only its kind is looked at, so nothing else of it need be right."""
        return self.record is None or self.kind_of(line.decode(self.encoding, "replace")) == self.record

    def record_end(self, data: bytes, start: int, *, final: bool) -> int:
        """Where the record that begins at `start` ends; -1 when more bytes are needed to tell."""
        end = start
        while True:
            newline = data.find(b"\n", end)
            if newline < 0:
                return len(data) if final else -1
            end = newline + 1
            if self.record is None:
                return end
            following = data.find(b"\n", end)
            if following < 0 and not final:
                return -1
            if end < len(data) and self.begins(data[end : following if following >= 0 else len(data)]):
                return end


def read(raw: bytes, layout: Layout, *, first_row: int = 0) -> Iterator[tuple[int, Row] | Rejection]:
    """The records of a text with the rows on which they begin, or a `Rejection` in place of a bad one.

    Rows count all lines that are not blank, from `first_row`.
    """
    lines: list[_Line] = []
    for line in _lines(raw, first_row):
        if lines and layout.begins(line.raw):
            yield from _record(lines, layout)
            lines = []
        # Of a record that is too long, one line more than may be is enough to refuse it.
        if len(lines) <= LINES_MAX:
            lines.append(line)
    yield from _record(lines, layout)


def rows_in(raw: bytes) -> int:
    """How many rows a text has."""
    return sum(1 for _ in _lines(raw, 0))


def _record(lines: list[_Line], layout: Layout) -> Iterator[tuple[int, Row] | Rejection]:
    """A record, or what is wrong with it: one bad line refuses it, as half an order is another order."""
    record: Row | None = None
    for line in lines:
        found = _row(line, layout)
        if isinstance(found, Rejection):
            yield structs.replace(found, row=lines[0].row)
            return
        if found is None:
            continue
        if layout.begins(line.raw):
            record = found
        elif record is None:
            problem = f"a line of kind {found.kind!r} stands before any of kind {layout.record!r}, where records begin"
            yield structs.replace(_rejection(line, "fixed.order", problem), row=lines[0].row)
            return
        else:
            record.inside.setdefault(found.kind, []).append(found)
    if len(lines) > LINES_MAX:
        yield _rejection(lines[0], "fixed.lines", f"the record has more than {LINES_MAX:,} lines; split it")
    elif record is not None:
        yield lines[0].row, record


class _Line(NamedTuple):
    row: int
    number: int
    raw: bytes


def _lines(raw: bytes, first_row: int) -> Iterator[_Line]:
    """The lines that are not blank."""
    row, start, number = first_row, 0, 0
    raw = raw.rstrip(_END_OF_FILE).removeprefix(BOM)
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        number += 1
        line = raw[start:end].rstrip(b"\r\n")
        start = end
        if line.strip():
            yield _Line(row, number, line)
            row += 1


def _row(line: _Line, layout: Layout) -> Row | Rejection | None:
    """A line by column; `None` where it says nothing."""
    if len(line.raw) > 4 * LINE_MAX:
        return _rejection(line, "fixed.width", f"the line is longer than {LINE_MAX:,} characters")
    try:
        text = line.raw.decode(layout.encoding)
    except UnicodeDecodeError as bad:
        problem = f"byte {bad.start} of the line is not {layout.encoding}; send the file in that encoding"
        return _rejection(line, "text.encoding", problem, excerpt(line.raw[bad.start : bad.start + 1]))
    kind = layout.kind_of(text)
    columns = layout.kinds.get(kind)
    if columns is None:
        if kind in layout.ignores:
            return None
        known = ", ".join(sorted({*layout.kinds, *layout.ignores}))
        return _rejection(line, "fixed.kind", f"the line is of no kind that is known: {known}", kind)
    wrong = _wrong(text, columns, layout)
    if wrong is not None:
        return _rejection(line, *wrong)
    return Row({name: text[first:end] for name, (first, end) in columns.items()}, line.number, kind)


def _wrong(text: str, columns: Columns, layout: Layout) -> tuple[str, str, str] | None:
    """Rule, problem and value of what is wrong with a line, if anything."""
    size, wanted = len(text), layout.width
    if "\0" in text:
        return "text.nul", f"a NUL at character {text.index(chr(0)) + 1} of the line; remove it", ""
    if wanted is not None and (size > wanted or (size < wanted and not layout.trimmed)):
        problem = f"the line has {size} characters, not {wanted}; send it again with all of them"
        return "fixed.width", problem, str(size)
    cut = next((name for name, (_, end) in columns.items() if size < end), None)
    if cut is None or layout.trimmed:
        return None
    problem = f"the line ends after {size} characters, before the end of the column {cut}; send all of it"
    return "fixed.width", problem, str(size)


def _rejection(line: _Line, rule: str, problem: str, value: str = "") -> Rejection:
    return Rejection(
        row=line.row, position=f"line {line.number}", rule=rule, problem=problem, value=value, sample=excerpt(line.raw)
    )
