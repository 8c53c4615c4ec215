"""X12 bytes to segments."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION, REPLACED, TERMINATOR, shown
from crossdock.formats.edi.document import Interchange, Separators
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.tokens import BLANKS, Opened, Tokenizer, cut_into_lines
from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12.separators import SeparatorError, fragment_of, header_of

_PLANS_MAX: Final = 256
_UNNAMED: Final = ">"
_CONTROLS: Final = frozenset(map(chr, (*range(32), 127)))
_DATA: Final = {code: REPLACED for code in (*range(32), 127) if chr(code) not in BLANKS}
_LATIN_1: Final = {0xDC00 + byte: chr(byte) for byte in range(0x80, 0x100)}


class X12Tokenizer(Tokenizer):
    """Cuts one message of X12 interchanges."""

    standard = "x12"

    def open(self, text: str) -> Opened:
        """As `Tokenizer.open`."""
        is_fragment = text.startswith(("GS", "ST"))
        try:
            header = fragment_of(text) if is_fragment else header_of(text)
        except SeparatorError as bad:
            self.separators = Separators("", "", "")
            interchange = Interchange(self.standard, self.guide, self.number, self.separators)
            interchange.findings.add(
                Finding(
                    self.number + 1, "ISA", "", "x12", Flaw.HEADER, f"{bad}", excerpt(text[:20]), excerpt(text[:80])
                )
            )
            return Opened(interchange, [], len("ISA"))
        self.separators = header.separators
        interchange = Interchange(self.standard, self.guide, self.number, header.separators)
        interchange.is_enveloped = not is_fragment
        if self.has_bom:
            interchange.repairs.note("byte_order_mark", self.number + 1, "ISA", "\\ufeff", "")
        self.is_wrapped = cut_into_lines(text)
        for flaw, before, after in header.flaws:
            self.is_wrapped = self.is_wrapped or flaw == "wrapped_lines"
            interchange.repairs.note(flaw, self.number + 1, "ISA", before, after)
        self.plan()
        # A separator that is a control character cannot stand in a canonical text, not even where it is named.
        elements = header.elements
        if elements and (self.has_controls or not elements[-1]):
            elements = [_UNNAMED if each in _CONTROLS or not each else each.translate(_DATA) for each in elements]
        return Opened(interchange, [ELEMENT.join(elements)] if elements else [], header.taken)

    def next_start(self, text: str, *, at_segment: bool) -> int:
        """As `Tokenizer.next_start`."""
        return next_isa(text, 0, self.separators.segment, at_segment=at_segment)

    def cut(self, text: str) -> int:
        """As `Tokenizer.cut`."""
        return text.rfind(self.separators.segment) + 1

    def texts(self, block: str) -> list[str]:
        """As `Tokenizer.texts`."""
        if self.has_controls:
            block = block.translate(self._controls)
        texts = self.split(block, self._terminator, self._replaces)
        if "latin_1" in self.guide.tolerates and not block.isascii():
            texts = self._decoded(texts)
        return texts

    def _decoded(self, texts: list[str]) -> list[str]:
        """Texts in which bytes that were not UTF-8 are read as Latin-1."""
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        decoded = []
        for at, text in enumerate(texts):
            whole = text.translate(_LATIN_1)
            if whole != text:
                self.interchange.repairs.note(
                    "latin_1", self.number + at + 1, text[:3], "bytes not UTF-8", shown(whole, self.separators)
                )
            decoded.append(whole)
        return decoded

    def plan(self) -> None:
        """As `Tokenizer.plan`."""
        plan = _plain(self.separators) if not self.has_controls else _among_controls(self.separators)
        self._replaces, self._terminator, self._controls = plan


_Plan = tuple[list[tuple[str, str]], str, dict[int, str]]


@lru_cache(_PLANS_MAX)
def _plain(separators: Separators) -> _Plan:
    """What is replaced by what, the terminator, and what else is translated."""
    element, component, segment, repetition, *_ = separators
    wanted = [(element, ELEMENT), (component, COMPONENT), (repetition, REPETITION)]
    return [(sign, canonical) for sign, canonical in wanted if sign], segment, {}


@lru_cache(_PLANS_MAX)
def _among_controls(separators: Separators) -> _Plan:
    """The same where control characters separate, or stand in the data: all have to be told apart at once."""
    replaces, segment, _ = _plain(separators)
    terminator = "\n" if segment == "\n" else TERMINATOR
    controls = _DATA | {ord(sign): canonical for sign, canonical in replaces}
    controls[ord(segment)] = terminator
    return [], terminator, controls


def next_isa(text: str, start: int, terminator: str, *, at_segment: bool) -> int:
    """Where the next ISA stands that begins an interchange: after `terminator`, or any sign when that is unknown.

    `at_segment`: a segment begins at `start`. -1 when there is none. Only ASCII decides, so it is the same for UTF-8
    read as Latin-1.
    """
    at = text.find("ISA", start)
    while at >= 0:
        sign = text[at + 3 : at + 4]
        can_separate = sign and not (sign.isascii() and sign.isalnum()) and sign not in BLANKS
        if can_separate and _begins_segment(text, at, start, terminator, at_segment=at_segment):
            return at
        at = text.find("ISA", at + 3)
    return -1


def _begins_segment(text: str, at: int, start: int, terminator: str, *, at_segment: bool) -> bool:
    back = at
    while back > start and text[back - 1] in BLANKS:
        back -= 1
    if back == start:
        return at_segment
    if terminator == "\n":
        return "\n" in text[back:at]
    last = text[back - 1]
    if terminator.isascii() and terminator:
        return last == terminator
    return not (last.isascii() and last.isalnum())
