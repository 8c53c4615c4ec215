"""EDIFACT interchanges written: strictly, by the standard."""

from __future__ import annotations

from typing import Final

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Segment, Separators
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.writing import (
    NO_ENVELOPE,
    CannotWrite,
    Trailers,
    Writer,
    WrittenDocument,
    WrittenGroup,
    WrittenInterchange,
    every_segment,
    prove,
)
from crossdock.formats.edifact.reading import read_message
from crossdock.formats.edifact.separators import DEFAULT
from crossdock.formats.edifact.tokens import ASCII_ONLY, CHARACTER_SETS, outside_level_a

SEPARATORS: Final = Separators("+", ":", "'", "", "?")
SEPARATORS_4: Final = Separators("+", ":", "'", "*", "?")
_FIRST_REPETITION: Final = "4"
_WIDER: Final = ("UNOB", *CHARACTER_SETS)
_WIDEST: Final = "UNOY"
_NO_SIGN: Final = " "


class EdifactTrailers(Trailers):
    """UNT, UNE and UNZ."""

    def document(self, document: WrittenDocument) -> Segment:
        """As `Trailers.document`."""
        return ["UNT", str(len(document.segments) + 2), document.header[1]]

    def group(self, group: WrittenGroup) -> Segment:
        """As `Trailers.group`."""
        return ["UNE", str(len(group.documents)), group.header[5]]

    def interchange(self, interchange: WrittenInterchange, count: int) -> Segment:
        """As `Trailers.interchange`."""
        return ["UNZ", str(count), interchange.header[5]]


def write(interchange: WrittenInterchange, guide: Guide = STANDARD, *, lines: bool = True) -> str:
    """An interchange as text. Raises `CannotWrite` for what the standard, or the partner's guide, does not allow."""
    text = text_of(interchange, lines=lines)
    encoding = encoding_of(interchange)
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError as bad:
        problem = f"{text[bad.start : bad.end]!r} is no character of {interchange.header[1][:4]} ({encoding})"
        raise CannotWrite(f"{problem}; declare another character set") from None
    prove(read_message(raw, guide.without(*guide.tolerates)))
    return text


def mended(interchange: WrittenInterchange) -> WrittenInterchange:
    """What was read, with a character set declared that has all its characters."""
    text = "".join(value for segment in every_segment(interchange) for value in segment)
    declared = interchange.header[1][:4] if len(interchange.header) > 1 else ""
    if not declared or _fits(text, declared, interchange.separators):
        return interchange
    wider = next((each for each in _WIDER if _fits(text, each, interchange.separators)), _WIDEST)
    kind, header = interchange.header[1], list(interchange.header)
    header[1] = wider + kind[len(declared) :]
    return interchange._replace(header=header)


def _fits(text: str, character_set: str, separators: Separators) -> bool:
    """Whether a character set has all characters of a text."""
    if character_set == "UNOA":
        return not outside_level_a(separators).search(text)
    if character_set in ASCII_ONLY:
        return text.isascii()
    try:
        text.encode(CHARACTER_SETS.get(character_set, "utf-8"))
    except UnicodeEncodeError:
        return False
    return True


def encoding_of(interchange: WrittenInterchange) -> str:
    """What the text of an interchange is to be encoded in, by the character set that its header declares."""
    declared = interchange.header[1][:4] if len(interchange.header) > 1 else ""
    return CHARACTER_SETS.get(declared, "ascii" if declared in ASCII_ONLY else "utf-8")


def text_of(interchange: WrittenInterchange, *, lines: bool = True) -> str:
    """The same without a look at grammars; raises `CannotWrite` for what these separators cannot hold."""
    separators = interchange.separators
    if not interchange.header:
        raise CannotWrite(NO_ENVELOPE)
    if not separators.element or not separators.component or not separators.segment:
        raise CannotWrite("an interchange needs separators of elements, components and segments")
    version = interchange.header[1].partition(COMPONENT)[2][:1] if len(interchange.header) > 1 else ""
    if separators.repetition and version < _FIRST_REPETITION:
        raise CannotWrite(f"an interchange of syntax version {version} has no repetition separator")
    writer = Writer(separators, lines=lines)
    advice = ""
    if separators._replace(repetition="") != DEFAULT or version >= _FIRST_REPETITION:
        advice = f"UNA{_advice(separators)}{writer.lines}"
    return advice + "".join(map(writer.segment, EdifactTrailers().segments(interchange)))


def _advice(separators: Separators) -> str:
    element, component, segment, repetition, release, decimal = separators
    return component + element + (decimal or ".") + (release or _NO_SIGN) + (repetition or _NO_SIGN) + segment
