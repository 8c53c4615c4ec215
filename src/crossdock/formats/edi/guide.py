"""How a partner's files are read: which flaws of form are mended, and where their grammar differs from the standard."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT, REPETITION
from crossdock.formats.edi.grammar import DocumentType, Element, Segment
from crossdock.formats.edi.overlay import Overlay, SegmentOf

# What is mended unless a partner's guide says otherwise. Nothing here loses or guesses content.
TOLERATED: Final = {
    "byte_order_mark": "a byte order mark before the first segment",
    "indentation": "blanks before a segment, blank lines between segments",
    "wrapped_lines": "line ends inside segments, as of files cut at 80 columns",
    "line_terminator": "segments that end with the line instead of their terminator",
    "header_width": "an interchange header whose fixed widths are not kept",
    "header_component": "an ISA that ends before its component separator",
    "odd_separators": "separators that the standard does not allow, such as letters of other alphabets",
    "no_envelope": "documents without an interchange around them",
    "trailing_elements": "empty elements at the end of a segment, beyond those it has",
    "decimal_point": "a decimal point in a number whose decimals are implied (659.40 for 65940)",
    "release_character": "a release character before a character that needs none",
    "charset": "characters that the declared character set does not have",
}
# What may be tolerated, and is not by itself: each of these may mean that something was lost on the way.
REFUSED: Final = {
    "wrong_counts": "a trailer that counts other than what stands there",
    "wrong_control": "a control number of a trailer that is not that of its header",
    "latin_1": "text that is not UTF-8, read as Latin-1",
}

ACKNOWLEDGES: Final = ("997", "999")

_POINTED: Final = re.compile(r"(-?)([0-9]*)\.([0-9]*)")


class Mended(NamedTuple):
    """What was mended in an element."""

    flaw: str
    reference: str
    before: str
    after: str


class Guide(NamedTuple):
    """What is agreed with a partner; `STANDARD` for everybody else.

    `acknowledges` is what answers an X12 group, `overlay` where their documents differ from the standard's.
    """

    name: str = ""
    tolerates: frozenset[str] = frozenset(TOLERATED)
    acknowledges: str = ACKNOWLEDGES[0]
    overlay: Overlay | None = None

    def without(self, *flaws: str) -> Guide:
        """The same guide, tolerating less."""
        return self._replace(tolerates=self.tolerates.difference(flaws))

    def applied(self, definition: DocumentType, segment_of: SegmentOf) -> DocumentType:
        """A document type as this guide has it. Raises `OverlayError`."""
        return definition if self.overlay is None else self.overlay.applied(definition, segment_of)

    def mend(self, definition: Segment, elements: list[str]) -> tuple[list[str], list[Mended]]:
        """A segment with its flaws of form mended, as far as they are tolerated."""
        mended: list[Mended] = []
        elements = list(elements)
        if "trailing_elements" in self.tolerates:
            width = len(definition.fields) + 1
            while len(elements) > width and not elements[-1]:
                elements.pop()
                mended.append(Mended("trailing_elements", definition.id, "an empty element at the end", ""))
        for place, field in enumerate(definition.fields[: len(elements) - 1], 1):
            value = elements[place]
            reference = f"{definition.id}-{place:02}"
            if isinstance(field.holds, Element):
                whole = _without_point(field.holds.type, value) if "decimal_point" in self.tolerates else None
                if whole is not None:
                    mended.append(Mended("decimal_point", reference, value, whole))
                    elements[place] = whole
            elif "trailing_elements" in self.tolerates:
                elements[place] = _trimmed(value, len(field.holds.fields))
                if elements[place] != value:
                    mended.append(Mended("trailing_elements", reference, value, elements[place]))
        return elements, mended


STANDARD: Final = Guide()


def _without_point(type_: str, value: str) -> str | None:
    """A number with a decimal point as one with implied decimals; None when it is none, or would lose a digit."""
    if type_[:1] != "N" or type_ == "N0":
        return None
    match = _POINTED.fullmatch(value)
    decimals = int(type_[1:])
    if match is None or not (match[2] or match[3]) or len(match[3].rstrip("0")) > decimals:
        return None
    whole = (match[2] + match[3][:decimals].ljust(decimals, "0")).lstrip("0")
    return f"{match[1] if whole else ''}{whole or '0'}"


def _trimmed(value: str, width: int) -> str:
    """A composite without empty components beyond those it has."""
    repetitions = []
    for each in value.split(REPETITION):
        parts = each.split(COMPONENT)
        while len(parts) > width and not parts[-1]:
            parts.pop()
        repetitions.append(COMPONENT.join(parts))
    return REPETITION.join(repetitions)
