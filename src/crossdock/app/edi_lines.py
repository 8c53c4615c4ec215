"""Lines of JSON to interchanges that can be written: what `crossdock edi parse --json` prints, or a program makes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION, TERMINATOR
from crossdock.formats.edi.document import Segment, Separators
from crossdock.formats.edi.writing import CannotWrite, WrittenDocument, WrittenGroup, WrittenInterchange

_CANONICAL: Final = frozenset((COMPONENT, ELEMENT, REPETITION, TERMINATOR))

SegmentLine: TypeAlias = list[str | list[str | list[str]]]
"""A segment: texts, lists of components, and lists of those where an element is repeated."""


class _Signs(msgspec.Struct):
    element: str
    component: str
    segment: str
    repetition: str = ""
    release: str = ""
    decimal: str = "."


class _Interchange(msgspec.Struct, tag_field="part", tag="interchange"):
    standard: Literal["x12", "edifact"]
    separators: _Signs
    header: SegmentLine


class _Group(msgspec.Struct, tag_field="part", tag="group"):
    header: SegmentLine


class _Document(msgspec.Struct, tag_field="part", tag="document"):
    header: SegmentLine
    segments: list[SegmentLine]


class _GroupEnd(msgspec.Struct, tag_field="part", tag="group_end"):
    pass


class _InterchangeEnd(msgspec.Struct, tag_field="part", tag="interchange_end"):
    acknowledges: list[SegmentLine] = []


_LINE: Final = msgspec.json.Decoder(_Interchange | _Group | _Document | _GroupEnd | _InterchangeEnd)


def interchanges_of(lines: Iterable[bytes]) -> list[WrittenInterchange]:
    """The interchanges that lines of JSON describe. Raises `CannotWrite` with the line and what is wrong with it."""
    made: list[WrittenInterchange] = []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = _LINE.decode(text)
            _take(line, made)
        except (msgspec.DecodeError, UnicodeDecodeError, CannotWrite) as wrong:
            raise CannotWrite(f"line {number}: {wrong}") from None
    return made


def _take(
    line: _Interchange | _Group | _Document | _GroupEnd | _InterchangeEnd, made: list[WrittenInterchange]
) -> None:
    if isinstance(line, _Interchange):
        separators = Separators(*msgspec.structs.astuple(line.separators))
        made.append(WrittenInterchange(line.standard, separators, _segment(line.header), []))
    elif not made:
        raise CannotWrite('an interchange comes first: a line with "part": "interchange"')
    elif isinstance(line, _Group):
        made[-1].groups.append(WrittenGroup(_segment(line.header), []))
    elif isinstance(line, _Document):
        if not made[-1].groups:
            made[-1].groups.append(WrittenGroup([], []))
        body = [_segment(each) for each in line.segments]
        made[-1].groups[-1].documents.append(WrittenDocument(_segment(line.header), body))
    elif isinstance(line, _InterchangeEnd):
        made[-1] = made[-1]._replace(acknowledges=[_segment(each) for each in line.acknowledges])


def _segment(line: SegmentLine) -> Segment:
    if line and not isinstance(line[0], str):
        raise CannotWrite("a segment begins with its id")
    return [_element(each) for each in line]


def _element(written: str | list[str | list[str]]) -> str:
    if isinstance(written, str):
        if not _CANONICAL.isdisjoint(written):
            raise CannotWrite(f"{written!r} holds a control character")
        return written
    mark = REPETITION if any(isinstance(each, list) for each in written) else COMPONENT
    return mark.join(_element(each if isinstance(each, str) else [*each]) for each in written)
