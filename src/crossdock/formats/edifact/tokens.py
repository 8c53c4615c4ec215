"""EDIFACT bytes to segments: release characters resolved, character sets read."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION, REPLACED, TERMINATOR, shown
from crossdock.formats.edi.document import Interchange, Separators
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.guide import Guide
from crossdock.formats.edi.tokens import BLANKS, Opened, Tokenizer, cut_into_lines
from crossdock.formats.edifact.separators import Header, SeparatorError, header_of, is_released
from crossdock.formats.excerpt import excerpt

CHARACTER_SETS: Final = {
    "UNOC": "iso8859-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
}
ASCII_ONLY: Final = ("UNOA", "UNOB")
# What level A has, and what stands for separators and released characters.
_LEVEL_A: Final = r"A-Z0-9 .,\-()/='+:?!\"%&*;<>\r\n\x1c-\x1f\x01-\x07"
_LATIN_1: Final = "iso8859-1"
_START: Final = re.compile(r"UNB(?=[^A-Za-z0-9 \t\r\n])|UNA(?=.{5,6}[ \t\r\n]*UN[BGH])", re.DOTALL)
# A UNA at the end of a chunk, of which nobody can tell yet that it is one: its last sign ends a segment.
_UNFINISHED_ADVICE: Final = re.compile(r"UNA.{0,6}[ \t\r\n]*U?N?\Z", re.DOTALL)
_BAD_ADVICE: Final = re.compile(r"UNA.{0,12}?UN[BGH]", re.DOTALL)
_UNFINISHED_MAX: Final = 40
_NOTHING: Final = re.compile(r"(?!)")
# Characters that stand for released ones while a block is split; a file's own control characters are gone by then.
_STAND_INS: Final = "\x01\x02\x03\x04\x05\x06"
# Stands where a line ended behind a release character.
_CUT: Final = "\x07"


class EdifactTokenizer(Tokenizer):
    """Cuts one message of EDIFACT interchanges."""

    standard = "edifact"

    def __init__(self, guide: Guide) -> None:
        super().__init__(guide)
        self._character_set = ""
        self._odd: re.Pattern[str] | None = None
        self._looks_at_characters = False
        self._replaces: list[tuple[str, str]] = []
        self._stand_ins: list[tuple[str, str]] = []
        self._data_controls: dict[int, str] = {}
        self._canonical: dict[int, str] = {}
        self._cut_release = self._needless = _NOTHING

    def open(self, text: str) -> Opened:
        """As `Tokenizer.open`."""
        try:
            header = header_of(text)
        except SeparatorError as bad:
            self.separators = Separators("", "", "")
            interchange = Interchange(self.standard, self.guide, self.number, self.separators)
            found = (excerpt(text[:20]), excerpt(text[:80]))
            interchange.findings.add(Finding(self.number + 1, "UNB", "", "edifact", Flaw.HEADER, f"{bad}", *found))
            # What a UNA that cannot be read comes before cannot be read either.
            advised = _BAD_ADVICE.match(text)
            return Opened(interchange, [], advised.end() if advised else len("UNB"))
        self.separators = header.separators
        self.interchange = interchange = Interchange(self.standard, self.guide, self.number, header.separators)
        interchange.is_enveloped = header.ends > header.begins
        id_ = text[header.begins : header.begins + 3]
        if self.has_bom:
            interchange.repairs.note("byte_order_mark", self.number + 1, id_, "\\ufeff", "")
        for flaw, before, after in header.flaws:
            interchange.repairs.note(flaw, self.number + 1, id_, before, after)
        self._character_set, self._odd, self._looks_at_characters = "", None, False
        self.is_wrapped = cut_into_lines(text)
        self.plan()
        return Opened(interchange, self._header(text, header), header.ends)

    def next_start(self, text: str, *, at_segment: bool) -> int:
        """As `Tokenizer.next_start`."""
        if "UNB" not in text and "UNA" not in text:
            return -1
        for match in _START.finditer(text):
            if self._begins_segment(text, match.start(), at_segment=at_segment):
                return match.start()
        return -1

    def cut(self, text: str) -> int:
        """As `Tokenizer.cut`."""
        release, segment = self.separators.release, self.separators.segment
        at = text.rfind(segment)
        while at >= 0 and is_released(text, at, release):
            at = text.rfind(segment, 0, at)
        unfinished = _UNFINISHED_ADVICE.search(text, max(0, len(text) - _UNFINISHED_MAX))
        if unfinished is not None and self._begins_segment(text, unfinished.start(), at_segment=True):
            return min(at + 1, len(text[: unfinished.start()].rstrip(BLANKS)))
        return at + 1

    def texts(self, block: str) -> list[str]:
        """As `Tokenizer.texts`."""
        release, terminator = self.separators.release, self.separators.segment
        if self.has_controls:
            block = block.translate(self._data_controls)
        is_released_somewhere = release != "" and release in block
        is_stray = False
        if is_released_somewhere:
            block = self._stood_in(block)
            is_stray = release in block
        if self.has_controls:
            block = block.translate(self._canonical)
            terminator = "\n" if terminator == "\n" else TERMINATOR
        is_odd = self._looks_at_characters or not block.isascii()
        texts = self.split(block, terminator, self._replaces)
        if is_odd:
            texts = self._characters(texts)
        if is_released_somewhere and _CUT in block:
            texts = [self._joined(text, at) if _CUT in text else text for at, text in enumerate(texts)]
        if is_stray:
            texts = [self._without_stray(text, at) if release in text else text for at, text in enumerate(texts)]
        if is_released_somewhere:
            # All at once: a text holds no other control character that could be its end.
            texts = self._restored(TERMINATOR.join(texts)).split(TERMINATOR) if texts else texts
        return texts

    # -- beginnings ------------------------------------------------------------------------------------------------

    def _header(self, text: str, header: Header) -> list[str]:
        """The UNB, and what it says of characters."""
        if header.ends == header.begins:
            return []
        raw = text[header.begins : header.ends]
        self.is_wrapped = self.is_wrapped or ("\n" in raw.rstrip("\r\n") and self.separators.segment != "\n")
        code = raw[4:8]
        self._character_set = CHARACTER_SETS.get(code, "")
        if code in ASCII_ONLY or self._character_set:
            self._odd = outside_level_a(self.separators) if code == "UNOA" else _beyond_ascii(self.separators)
        self._looks_at_characters = code == "UNOA"
        return self.texts(raw)

    def _begins_segment(self, text: str, at: int, *, at_segment: bool) -> bool:
        back = at
        while back > 0 and text[back - 1] in BLANKS:
            back -= 1
        if back == 0:
            return at_segment
        terminator = self.separators.segment
        if terminator == "\n":
            return "\n" in text[back:at]
        last = text[back - 1]
        if terminator:
            return last == terminator and not is_released(text, back - 1, self.separators.release)
        return not (last.isascii() and last.isalnum())

    # -- characters ------------------------------------------------------------------------------------------------

    def _characters(self, texts: list[str]) -> list[str]:
        """Texts in the characters that their interchange declares; notes those that it does not have."""
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        # All at once, as when what was released is put back.
        joined = TERMINATOR.join(texts)
        odd = self._odd.search(joined) if self._odd is not None else None
        if odd is not None:
            # Noted once for an interchange.
            self._odd, self._looks_at_characters = None, False
            at = joined.count(TERMINATOR, 0, odd.start())
            self.interchange.repairs.note("charset", self.number + at + 1, texts[at][:3], odd[0], "read as it stands")
        character_set = self._character_set or (_LATIN_1 if "latin_1" in self.guide.tolerates else "")
        if not character_set or not texts:
            return texts
        decoded = joined.translate(_undecoded(character_set)).split(TERMINATOR)
        if not self._character_set and decoded != texts:
            at = next(at for at, text in enumerate(texts) if text != decoded[at])
            id_, read = texts[at][:3], shown(decoded[at], self.separators)
            self.interchange.repairs.note("latin_1", self.number + at + 1, id_, "bytes not UTF-8", read)
        return decoded

    # -- release characters ----------------------------------------------------------------------------------------

    def _stood_in(self, block: str) -> str:
        """A block with a stand-in for each character that is released."""
        for released, stand_in in self._stand_ins:
            block = block.replace(released, stand_in)
        release = self.separators.release
        if f"{release}\n" in block or f"{release}\r" in block:
            # A file cut into lines may have been cut there.
            block = self._cut_release.sub(_CUT, block)
            for released, stand_in in self._stand_ins:
                block = block.replace(_CUT + released[-1], _CUT + stand_in)
        return block

    def _joined(self, text: str, at: int) -> str:
        """A text in which a line ends behind a release character, without that."""
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        release, whole = self.separators.release, text.replace(_CUT, "")
        self.interchange.repairs.note("wrapped_lines", self.number + at + 1, text[:3], f"{release}\n", release)
        return whole

    def _restored(self, text: str) -> str:
        for released, stand_in in self._stand_ins:
            # A released control character is no text either.
            text = text.replace(stand_in, released[-1] if released[-1] >= " " else REPLACED)
        return text

    def _without_stray(self, text: str, at: int) -> str:
        """A text without release characters that need not be there; one before a blank is a question mark."""
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        whole = self._needless.sub(r"\1", text)
        before, after = (shown(each, self.separators) for each in (text, whole))
        self.interchange.repairs.note("release_character", self.number + at + 1, text[:3], before, after)
        return whole

    def plan(self) -> None:
        """As `Tokenizer.plan`."""
        element, component, segment, repetition, release, _ = self.separators
        signs = [sign for sign in (release, segment, element, component, repetition) if sign and sign != "\n"]
        wanted = [(element, ELEMENT), (component, COMPONENT), (repetition, REPETITION)]
        free = [sign for sign in _STAND_INS if sign not in signs]
        self._stand_ins = [(release + sign, stand_in) for sign, stand_in in zip(signs, free, strict=False)]
        mark = re.escape(release) if release else "(?!)"
        # Where segments end with their line, a release character before the line end makes it text.
        self._cut_release = re.compile(rf"{mark}\n" if segment == "\n" else rf"{mark}[\r\n]+")
        self._needless = re.compile(rf"{mark}(\S)")
        self._replaces = [(sign, canonical) for sign, canonical in wanted if sign]
        if self.has_controls:
            kept = {*BLANKS, *signs}
            self._data_controls = {code: REPLACED for code in (*range(32), 127) if chr(code) not in kept}
            self._canonical = {ord(sign): canonical for sign, canonical in wanted if sign}
            if segment != "\n":
                self._canonical[ord(segment)] = TERMINATOR
            self._replaces = []


@cache
def outside_level_a(separators: Separators) -> re.Pattern[str]:
    """Characters that the first character set does not have, and that separate nothing."""
    return re.compile(f"[^{_LEVEL_A}{re.escape(''.join(separators[:5]))}]")


@cache
def _beyond_ascii(separators: Separators) -> re.Pattern[str]:
    """Characters that were written in UTF-8 where another set is declared, and that separate nothing."""
    return re.compile(f"[^\x00-\x7f\ud800-\udfff{re.escape(''.join(separators[:5]))}]")


@cache
def _undecoded(character_set: str) -> dict[int, str]:
    """Bytes that were not UTF-8, by what they are in a character set."""
    return {
        0xDC00 + byte: bytes([byte]).decode(character_set, "replace").replace("\ufffd", chr(0xDC00 + byte))
        for byte in range(0x80, 0x100)
    }
