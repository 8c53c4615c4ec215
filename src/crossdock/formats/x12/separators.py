"""Which characters separate an interchange: read from its ISA segment, counted rather than measured.

The standard fixes the ISA at 106 characters, but a third of real files collapse its blanks, wrap its lines, end
segments with a line feed or forget ISA16; so the sixteen element separators are counted.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from crossdock.formats.edi.document import Separators
from crossdock.formats.edi.tokens import BLANKS

ISA_SEPARATORS: Final = 16
ISA_MAX: Final = 400
WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1)
"""Of ISA01 to ISA14. ISA15 and ISA16 have one character and what separates them tells if not."""

_LINES_LOOKED_AT: Final = 4
_NO_BREAK: Final = "\xa0"
_FIRST_REPETITION: Final = "00402"
# What names, numbers and codes are full of separates no repetitions, whatever ISA11 says.
_NOT_REPETITION: Final = frozenset("-.,/()'\"#& ")
_NEXT: Final = ("GS", "TA1", "TA3", "ISB", "ISE", "IEA")
_ISA11, _ISA12 = 11, 12


class SeparatorError(ValueError):
    """The header does not say what separates the interchange; the message says what is wrong with it."""


class Header(NamedTuple):
    """A header that was read: its elements, how many characters it took, and its flaws of form."""

    separators: Separators
    elements: list[str]
    taken: int
    flaws: list[tuple[str, str, str]]


# An ISA of the standard's own form, which most are: its widths kept, its separators told, a group or trailer behind it.
_WELL_FORMED: Final = re.compile(
    r"ISA([!-/:-@\[-`{-~])"
    + "".join(rf"([^\r\n\xa0]{{{width}}})\1" for width in WIDTHS)
    + r"(.)\1([!-/:-@\[-`{-~])([!-/:-@\[-`{-~\n])[\r\n]*(?=(?:GS|TA1|IEA)\1)"
)


def header_of(text: str) -> Header:
    """The ISA that `text` begins with. Raises `SeparatorError`."""
    well = _WELL_FORMED.match(text)
    if well is not None:
        element, *elements, component, segment = well.groups()
        if element not in (component, segment) and segment not in (component, "\n"):
            return _well_formed(element, component, segment, elements, well.end(len(WIDTHS) + 4))
    if not text.startswith("ISA"):
        raise SeparatorError(f"an interchange begins with ISA; found {text[:3]!r}")
    element = text[3:4]
    if not element or element.isalnum() or element in BLANKS:
        raise SeparatorError(f"after ISA stands the element separator; found {element!r}")
    *parts, tail = text[:ISA_MAX].split(element, ISA_SEPARATORS)
    if len(parts) < ISA_SEPARATORS:
        raise SeparatorError(f"the ISA segment has {len(parts)} element separators; it needs {ISA_SEPARATORS}")
    flaws: list[tuple[str, str, str]] = []
    component, segment, ends = _tail(tail, element, flaws)
    elements = _elements(parts, flaws)
    repetition = _repetition(elements, element + component + segment, flaws)
    for sign, name in ((element, "element"), (component, "component"), (segment, "segment")):
        if not sign.isascii():
            flaws.append(("odd_separators", f"{sign} as {name} separator", "read as such"))
    elements.append(component)
    separators = Separators(element, component, segment, repetition)
    return Header(separators, elements, sum(map(len, parts)) + ISA_SEPARATORS + ends, flaws)


def _well_formed(element: str, component: str, segment: str, elements: list[str], taken: int) -> Header:
    flaws: list[tuple[str, str, str]] = []
    elements = ["ISA", *elements, component]
    repetition = _repetition(elements, element + component + segment, flaws)
    return Header(Separators(element, component, segment, repetition), elements, taken, flaws)


def fragment_of(text: str) -> Header:
    """The separators of documents or groups without an ISA, from their first segment. Raises `SeparatorError`."""
    element = text[2:3]
    if text[:2] not in ("GS", "ST") or not element or element.isalnum() or element in BLANKS:
        raise SeparatorError(f"an interchange begins with ISA, a group with GS, a document with ST; found {text[:3]!r}")
    after = re.compile(rf"[^A-Za-z0-9 {re.escape(element)}](?=[ \t\r\n]*[A-Z][A-Z0-9]{{1,2}}{re.escape(element)})")
    found = after.search(text[:ISA_MAX])
    if found is None:
        raise SeparatorError(f"nothing tells where the first segment ends: {text[:20]!r}")
    terminator = "\n" if found.group() == "\r" else found.group()
    flaw = ("no_envelope", text[: found.start()][:40], "read without sender, receiver and control number")
    return Header(Separators(element, "", terminator), [], 0, [flaw])


def _tail(tail: str, element: str, flaws: list[tuple[str, str, str]]) -> tuple[str, str, int]:
    """ISA16, the terminator, and how many characters of the tail the two take."""
    component, segment, ends = tail[:1], tail[1:2], 2
    if segment in "\r\n":
        segment = _by_lines(tail[1:], component)
        if segment == component:
            component, ends = "", 1
        elif segment != "\n":
            flaws.append(("line_terminator", "ISA ends with its line", f"ends with {segment}"))
    elif tail.startswith(f"GS{element}", 1):
        component, segment, ends = "", component, 1
    if not component and segment:
        flaws.append(("header_component", "ISA16 is missing", "no component separator"))
    if not segment or segment.isalnum() or segment in (element, " "):
        raise SeparatorError(f"after ISA16 stands the segment terminator; found {segment!r}")
    following = tail[ends:].lstrip(BLANKS)
    if not following.startswith(tuple(f"{id_}{element}" for id_ in _NEXT)):
        raise SeparatorError(f"after the ISA segment comes GS; found {following[:3]!r}")
    return component, segment, ends


def _by_lines(rest: str, isa16: str) -> str:
    """The terminator where a line ends after ISA16.

    The line feed; or what all lines end with: ISA16's own place when ISA16 was forgotten, else what ISA lacks.
    """
    lines = [line.strip() for line in rest.splitlines()[:-1] if line.strip()][:_LINES_LOOKED_AT]
    last = {line[-1] for line in lines}
    if len(last) != 1 or len(lines) < 2:  # noqa: PLR2004  # one line proves nothing
        return isa16 if lines and isa16 and lines[0].endswith(isa16) else "\n"
    (sign,) = last
    return "\n" if sign.isalnum() or sign.isspace() else sign


def _elements(parts: list[str], flaws: list[tuple[str, str, str]]) -> list[str]:
    """The elements of the ISA in their fixed widths; notes what had to be mended for that."""
    if any("\n" in part or "\r" in part for part in parts):
        whole = [part.replace("\r", "").replace("\n", "") for part in parts]
        flaws.append(("wrapped_lines", "*".join(parts), "*".join(whole)))
        parts = whole
    id_, *elements = parts
    # A no-break space is a blank that an editor or a web page has changed.
    fixed = [
        element
        if len(element) == width and _NO_BREAK not in element
        else element.replace(_NO_BREAK, " ").strip().ljust(width)
        for element, width in zip(elements, WIDTHS, strict=False)
    ]
    control = elements[12].strip()
    fixed[12] = control.rjust(WIDTHS[12], "0") if control.isdigit() else fixed[12]
    if fixed != elements[: len(WIDTHS)]:
        flaws.append(("header_width", "*".join(parts), "*".join([id_, *fixed])))
    return [id_, *fixed, *elements[len(WIDTHS) :]]


def _repetition(elements: list[str], taken: str, flaws: list[tuple[str, str, str]]) -> str:
    """The repetition separator, which ISA11 names since release 00402."""
    sign = elements[_ISA11]
    if elements[_ISA12] < _FIRST_REPETITION or len(sign) != 1 or sign.isalnum() or sign in taken or not sign.strip():
        return ""
    if sign in _NOT_REPETITION:
        flaws.append(("odd_separators", f"{sign} as repetition separator", "taken for text"))
        return ""
    return sign
