"""What stands around the place where a message was refused: the row and its header, the segments, the member.

Pure: the bytes of the message and the position as the refusal gives it, in; lines for a person, out.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from crossdock.formats import csv
from crossdock.formats.excerpt import excerpt

_AROUND_BYTES: Final = 120
_AROUND_ROWS: Final = 1
_AROUND_SEGMENTS: Final = 2
_BEGINNING_LINES: Final = 8
_ROW: Final = re.compile(r"row (\d+)")
_SEGMENT: Final = re.compile(r"segment (\d+)")
_BYTE: Final = re.compile(r"byte (\d+)")
_LINE: Final = re.compile(r"line (\d+)")
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_TERMINATOR_AT: Final = 105


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a message: where it stands, its text (cut when long), and whether it is the one that was refused."""

    place: str
    text: str
    here: bool = False


def around(body: bytes, position: str, *, header: bytes = b"", first_row: int = 0) -> list[Line]:
    """The lines around a position; the beginning of the message where the position names no place in it."""
    for pattern, show in ((_ROW, _rows), (_SEGMENT, _segments), (_BYTE, _bytes), (_LINE, _numbered)):
        match = pattern.match(position)
        if match is not None:
            number = int(match[1])
            lines = show(body, number, header, first_row)
            if lines:
                return lines
    return _member(body, position) or _beginning(body)


def _rows(body: bytes, number: int, header: bytes, first_row: int) -> list[Line]:
    """Data rows count from 1; the header stands above them."""
    rows = csv.raw_rows(body)
    head = header or next(rows, b"")
    lines = [Line(place="header", text=excerpt(head.rstrip(b"\r\n")))]
    for count, row in enumerate(rows, first_row + 1):
        if count > number + _AROUND_ROWS:
            break
        if count >= number - _AROUND_ROWS:
            lines.append(Line(place=f"row {count}", text=excerpt(row.rstrip(b"\r\n")), here=count == number))
    return lines if any(line.here for line in lines) else []


def _segments(body: bytes, number: int, _header: bytes, _first_row: int) -> list[Line]:
    text = body.lstrip(csv.BOM).lstrip()
    terminator = text[_TERMINATOR_AT : _TERMINATOR_AT + 1]
    if not text.startswith(b"ISA") or not terminator:
        return []
    lines = []
    for count, segment in enumerate(text.split(terminator), 1):
        if abs(count - number) <= _AROUND_SEGMENTS and segment.strip():
            lines.append(Line(place=f"segment {count}", text=excerpt(segment.strip()), here=count == number))
    return lines


def _numbered(body: bytes, number: int, _header: bytes, _first_row: int) -> list[Line]:
    lines = [
        Line(place=f"line {count}", text=excerpt(line), here=count == number)
        for count, line in enumerate(body.split(b"\n"), 1)
        if abs(count - number) <= _AROUND_SEGMENTS
    ]
    return lines if any(line.here for line in lines) else []


def _bytes(body: bytes, number: int, _header: bytes, _first_row: int) -> list[Line]:
    start = max(0, number - _AROUND_BYTES)
    lines = [Line(place=f"byte {start}", text=excerpt(body[start:number]))]
    after = body[number : number + _AROUND_BYTES]
    lines.append(Line(place=f"byte {number}", text=excerpt(after) if after else "(the message ends here)", here=True))
    return lines


def _member(body: bytes, position: str) -> list[Line]:
    """The JSON object in which the member stands, or should stand."""
    try:
        node: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return []
    steps = [step[1] or int(step[2]) for step in _STEP.finditer(position)]
    last = steps[-1] if steps else ""
    for step in steps[:-1]:
        try:
            node = node[step]
        except (KeyError, IndexError, TypeError):
            break
    if not isinstance(node, dict):
        return []
    lines = [
        Line(place=name, text=excerpt(msgspec.json.encode(value)), here=name == last) for name, value in node.items()
    ]
    if last and last not in node:
        lines.append(Line(place=str(last), text="(missing)", here=True))
    return lines


def _beginning(body: bytes) -> list[Line]:
    lines = body[:4_000].splitlines()[:_BEGINNING_LINES]
    return [Line(place=f"line {number}", text=excerpt(line)) for number, line in enumerate(lines, 1)]
