"""JSON (RFC 8259) bytes to plain values: numbers exact, nesting bounded, a defect named by its byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from crossdock.formats.excerpt import around, excerpt
from crossdock.model.envelope import Rejection

BOM: Final = b"\xef\xbb\xbf"
NESTING_MAX: Final = 64

Document: TypeAlias = Any
"""A `dict`, `list`, `str`, `int`, `Decimal`, `bool` or `None`."""

# A fraction becomes a Decimal: 12.10 must not turn into 12.0999999999999996447.
_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)
_DEFECT: Final = re.compile(r"JSON is malformed: (.*) \(byte (\d+)\)")
_TRUNCATED: Final = "Input data was truncated"
_TRAILING: Final = "trailing characters"
_TOO_DEEP: Final = f"nested deeper than {NESTING_MAX} levels; flatten the message"


def decode(raw: bytes, *, row: int = 0) -> Document:
    """The document; a `Rejection` when it has a defect.

    An escaped NUL is valid JSON: the types of the model refuse it in any field. Of a member given twice the last
    one counts, as RFC 8259 section 4 describes most software.
    """
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as bad:
            return _rejection(row, raw, bad.start, "text.encoding", "not UTF-8; send the text encoded as UTF-8")
    try:
        document = _DECODER.decode(raw)
    except msgspec.DecodeError as bad:
        return _malformed(row, raw, str(bad))
    except RecursionError:
        return _rejection(row, raw, 0, "json.depth", _TOO_DEEP)
    except ValueError as bad:  # a number that Python refuses to convert, an escape that is half a character
        return _rejection(row, raw, 0, "json.malformed", f"{excerpt(bad)}; send valid JSON")
    # Every level opens a bracket, so few brackets need no walk (and leaving them out is the quickest way to count).
    if len(raw) - len(raw.translate(None, b"{[")) > NESTING_MAX and _too_deep(document):
        return _rejection(row, raw, 0, "json.depth", _TOO_DEEP)
    return document


def lines(raw: bytes) -> Iterator[bytes]:
    """The lines of newline-delimited JSON that are not blank, without the marks of files that were put together."""
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        line = raw[start:end]
        if not is_blank(line):
            yield line.removeprefix(BOM)
        start = end


def is_blank(line: bytes) -> bool:
    """Whether a line holds nothing."""
    return not line.removeprefix(BOM).strip()


def _malformed(row: int, raw: bytes, message: str) -> Rejection:
    if message == _TRUNCATED:  # msgspec gives no place where the text just ends
        return _rejection(row, raw, len(raw), "json.truncated", "the text ends too early; send the whole message")
    found = _DEFECT.fullmatch(message)
    problem, offset = (found[1], int(found[2])) if found else (excerpt(message), 0)
    if problem == _TRAILING:  # counted from one, unlike the others
        offset -= 1
    if raw[offset : offset + 1] == b"\x00":
        return _rejection(row, raw, offset, "text.nul", "a NUL byte; remove it")
    return _rejection(row, raw, offset, "json.malformed", f"{problem}; send valid JSON")


def _rejection(row: int, raw: bytes, offset: int, rule: str, problem: str) -> Rejection:
    value = excerpt(raw[offset : offset + 1])
    return Rejection(
        row=row, position=f"byte {offset}", rule=rule, problem=problem, value=value, sample=around(raw, offset)
    )


def _containers(level: list[Any]) -> list[Any]:
    inside = (child for node in level for child in (node.values() if type(node) is dict else node))
    return [child for child in inside if type(child) is dict or type(child) is list]


def _too_deep(document: object) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(NESTING_MAX):
        if not level:
            return False
        level = _containers(level)
    return bool(level)
