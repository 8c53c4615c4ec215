"""Which characters separate an interchange: read from its ISA segment, counted rather than measured.

The standard fixes the ISA at 106 characters, but a third of real files collapse its blanks, wrap its lines, end
segments with a line feed or forget ISA16; so the sixteen element separators are counted.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

ISA_SEPARATORS: Final = 16
_ISA_MAX: Final = 400


class Separators(NamedTuple):
    """Element, component and segment separator of one interchange."""

    element: str
    component: str
    segment: str


class SeparatorError(ValueError):
    """The ISA segment does not say what separates the interchange; the message says what is wrong with it."""


def separators_of(text: str, start: int) -> Separators:
    """The separators of the interchange whose `ISA` begins at `start`."""
    if not text.startswith("ISA", start):
        raise SeparatorError(f"an interchange begins with ISA; found {text[start : start + 3]!r}")
    element = text[start + 3 : start + 4]
    if not element or element.isalnum() or element.isspace():
        raise SeparatorError(f"after ISA stands the element separator; found {element!r}")
    at = start + 2
    for count in range(ISA_SEPARATORS):
        at = text.find(element, at + 1, start + _ISA_MAX)
        if at < 0:
            raise SeparatorError(f"the ISA segment has {count} element separators; it needs {ISA_SEPARATORS}")
    component, segment = _next(text, at + 1), _next(text, at + 2)
    if segment in "\r\n" or text.startswith(f"GS{element}", at + 2):
        segment = _line_terminator(text, at + 1, component)
        component = "" if segment == component else component
    if not segment or segment.isalnum() or segment in (element, " "):
        raise SeparatorError(f"after ISA16 stands the segment terminator; found {segment!r}")
    return Separators(element, component, segment)


def _next(text: str, at: int) -> str:
    return text[at : at + 1]


def _line_terminator(text: str, at: int, last: str) -> str:
    """The terminator where a line ends after ISA16: the line feed, or ISA16's place when ISA16 was forgotten."""
    following = re.compile(r"\s*GS[^\r\n]*").match(text, at + 1)
    if following is not None and last and following.group().rstrip().endswith(last):
        return last
    return "\n"
