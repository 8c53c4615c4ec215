"""X12 interchanges written: strictly, by the standard."""

from __future__ import annotations

from typing import Final

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
from crossdock.formats.x12.reading import read_message
from crossdock.formats.x12.separators import WIDTHS

SEPARATORS: Final = Separators("*", ">", "~")
SEPARATORS_5010: Final = Separators("*", ":", "~", "^")
_FIRST_REPETITION: Final = "00402"
_CONTROL_WIDTH: Final = 9
# What separates elements, components, segments and repetitions where something else has to be found.
_CHOICES: Final = ("*|!", ">:\\<", "~\x1c\n", "^`%")
_REPETITION: Final = 3


class X12Trailers(Trailers):
    """SE, GE and IEA."""

    def document(self, document: WrittenDocument) -> Segment:
        """As `Trailers.document`."""
        return ["SE", str(len(document.segments) + 2), document.header[2]]

    def group(self, group: WrittenGroup) -> Segment:
        """As `Trailers.group`."""
        return ["GE", str(len(group.documents)), group.header[6]]

    def interchange(self, interchange: WrittenInterchange, count: int) -> Segment:
        """As `Trailers.interchange`."""
        return ["IEA", str(count), interchange.header[13]]


def write(interchange: WrittenInterchange, guide: Guide = STANDARD, *, lines: bool = True) -> str:
    """An interchange as text. Raises `CannotWrite` for what the standard, or the partner's guide, does not allow."""
    text = text_of(interchange, lines=lines)
    prove(read_message(text.encode(), guide.without(*guide.tolerates)))
    return text


def mended(interchange: WrittenInterchange) -> WrittenInterchange:
    """What was read, in separators that the standard allows: those it had, or others that its values do not hold."""
    used = {sign for segment in every_segment(interchange) for value in segment[1:] for sign in value}
    chosen: list[str] = []
    wanted = interchange.separators[:4]
    for place, (sign, choice) in enumerate(zip(wanted, _CHOICES, strict=True)):
        is_needed = place < _REPETITION or bool(sign)
        if not is_needed or (_is_sign(sign) and sign not in chosen):
            chosen.append(sign)
        else:
            free = (each for each in choice if each not in used and each not in chosen and each not in wanted)
            chosen.append(next(free, choice[0]))
    return interchange._replace(separators=Separators(*chosen))


def _is_sign(sign: str) -> bool:
    return sign.isascii() and not sign.isalnum() and sign not in ("", " ", "\t", "\r")


def text_of(interchange: WrittenInterchange, *, lines: bool = True) -> str:
    """The same without a look at grammars; raises `CannotWrite` for what these separators cannot hold."""
    separators = interchange.separators
    if not interchange.header:
        raise CannotWrite(NO_ENVELOPE)
    writer = Writer(separators, lines=lines)
    header = _header(interchange.header, separators)
    element, segment = separators.element, separators.segment
    texts = [element.join(header) + segment + writer.lines]
    _, *others = X12Trailers().segments(interchange._replace(header=header))
    texts += map(writer.segment, others)
    return "".join(texts)


def _header(elements: Segment, separators: Separators) -> Segment:
    """ISA in its fixed widths, with the separators that the interchange really has."""
    fixed = [element.strip().ljust(width) for element, width in zip(elements[1:], WIDTHS, strict=False)]
    if len(fixed) != len(WIDTHS):
        raise CannotWrite(f"ISA has {len(elements) - 1} elements; it needs 16")
    fixed[12] = elements[13].strip().rjust(_CONTROL_WIDTH, "0")
    has_repetition = fixed[11] >= _FIRST_REPETITION
    if has_repetition and separators.repetition:
        fixed[10] = separators.repetition
    elif separators.repetition:
        raise CannotWrite(f"an interchange of version {fixed[11]} has no repetition separator")
    if not separators.component:
        raise CannotWrite("an interchange needs a component separator")
    usage = elements[15] if len(elements) > len(WIDTHS) + 1 else "P"
    return ["ISA", *fixed, usage, separators.component]
