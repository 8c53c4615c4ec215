"""Which characters separate an interchange: read from its ISA segment, counted rather than measured.

The standard fixes the ISA at 106 characters, but a third of real files collapse its blanks, wrap its lines, end
segments with a line feed or forget ISA16; so the sixteen element separators are counted.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ISA_SEPARATORS: Final = 16
ISA_MAX: Final = 400
BLANKS: Final = " \t\r\n"
_NEXT_LINE: Final = re.compile(r"\s*GS[^\r\n]*")


class Separators(NamedTuple):
    """Element, component and segment separator of one interchange."""

    element: str
    component: str
    segment: str


class SeparatorError(ValueError):
    """The ISA segment does not say what separates the interchange; the message says what is wrong with it."""


def separators_of(text: str) -> Separators:
    """The separators of the interchange that `text` begins with. Raises `SeparatorError`."""
    if not text.startswith("ISA"):
        raise SeparatorError(f"an interchange begins with ISA; found {text[:3]!r}")
    element = text[3:4]
    if not element or not element.isascii() or element.isalnum() or element.isspace():
        raise SeparatorError(f"after ISA stands the element separator; found {element!r}")
    *parts, tail = text[:ISA_MAX].split(element, ISA_SEPARATORS)
    if len(parts) < ISA_SEPARATORS:
        raise SeparatorError(f"the ISA segment has {len(parts)} element separators; it needs {ISA_SEPARATORS}")
    component, segment = tail[:1], tail[1:2]
    if segment in "\r\n" or tail.startswith(f"GS{element}", 1):
        segment = _line_terminator(tail, component)
        component = "" if segment == component else component
    if not segment or segment.isalnum() or segment in (element, " "):
        raise SeparatorError(f"after ISA16 stands the segment terminator; found {segment!r}")
    following = tail.partition(segment)[2].lstrip(BLANKS)
    if not following.startswith((f"GS{element}", f"TA1{element}", f"IEA{element}")):
        raise SeparatorError(f"after the ISA segment comes GS; found {following[:3]!r}")
    return Separators(element, component, segment)


def _line_terminator(tail: str, last: str) -> str:
    """The terminator where a line ends after ISA16: the line feed, or ISA16's place when ISA16 was forgotten."""
    following = _NEXT_LINE.match(tail, 1)
    if following is not None and last and following.group().rstrip().endswith(last):
        return last
    return "\n"
