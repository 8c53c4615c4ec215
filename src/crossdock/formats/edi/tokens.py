"""Bytes to segments, in flat memory: what X12 and EDIFACT do alike.

A tokenizer gives each interchange and then, in lists, the canonical texts of its segments (see `canonical`). It holds
one chunk and the beginning of one segment, however long a file is; a segment that does not end is refused, and what
follows is skipped up to the next interchange.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from crossdock.formats.edi.canonical import CONTROLS, ELEMENT, shown
from crossdock.formats.edi.document import Interchange, Separators
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.guide import Guide
from crossdock.formats.excerpt import excerpt

SEGMENT_MAX: Final = 65_536
# How far the next interchange is looked for behind a defect.
SKIPPED_MAX: Final = 1_000_000_000
BLANKS: Final = " \t\r\n"
# The longest beginning that may be needed to tell what separates an interchange.
HEADER_MAX: Final = 800
_BOM: Final = "\ufeff"
_BLANKS_AND_BOM: Final = BLANKS + _BOM
_LINES_THAT_TELL: Final = 3
_KEPT_WHILE_SKIPPING: Final = 8
_DECODER: Final = getincrementaldecoder("utf-8")

Token: TypeAlias = Interchange | list[str]


class Opened(NamedTuple):
    """The beginning of an interchange: its first segments, and how much text they took."""

    interchange: Interchange
    texts: list[str]
    taken: int


class Tokenizer(ABC):
    """One message being cut into segments."""

    standard: str

    number = 0
    separators = Separators("", "", "")
    has_controls = has_bom = is_wrapped = False
    interchange: Interchange | None = None
    _rest = ""
    _skips = False
    _skipped = 0

    def __init__(self, guide: Guide) -> None:
        self.guide = guide

    def run(self, chunks: Iterable[bytes]) -> Iterator[Token]:
        """The interchanges of a file and their segments."""
        decoder = _DECODER("surrogateescape")
        for chunk in chunks:
            self._see(chunk)
            self._rest += decoder.decode(chunk)
            yield from self._advance(final=False)
            if self._skipped > SKIPPED_MAX:
                self._give_up()
                return
        self._rest += decoder.decode(b"", final=True)
        yield from self._advance(final=True)

    def whole(self, raw: bytes) -> list[Token]:
        """The same for a message that is all there."""
        self._see(raw)
        self._rest = text = raw.decode("utf-8", "surrogateescape")
        return self._alone(text) or list(self._advance(final=True))

    def _alone(self, text: str) -> list[Token]:
        """The same for a short interchange with nothing beside it, as most messages are; of any other nothing."""
        if not text or len(text) > SEGMENT_MAX or text[0] in _BLANKS_AND_BOM:
            return []
        opened = self.open(text)
        self.interchange, first = opened.interchange, opened.texts
        rest = text[opened.taken :]
        if not first or not rest or self.next_start(rest, at_segment=True) >= 0:
            self.interchange = None
            return []
        self.number = len(first)
        return [opened.interchange, first + self.texts(rest)]

    # -- what each standard does -----------------------------------------------------------------------------------

    @abstractmethod
    def open(self, text: str) -> Opened:
        """The interchange that a text begins with; one of nothing but an error where that cannot be read."""

    @abstractmethod
    def plan(self) -> None:
        """Work out how a text is made canonical, now that its separators are known, or that it holds controls."""

    @abstractmethod
    def next_start(self, text: str, *, at_segment: bool) -> int:
        """Where the next interchange begins, -1 when none does; `at_segment`: a segment begins where the text does."""

    @abstractmethod
    def cut(self, text: str) -> int:
        """Where the last whole segment of a text ends; 0 when none does."""

    @abstractmethod
    def texts(self, block: str) -> list[str]:
        """The canonical texts of a block of whole segments."""

    # -- the way of the bytes --------------------------------------------------------------------------------------

    def _see(self, chunk: bytes) -> None:
        if not self.has_controls and len(chunk.translate(None, CONTROLS)) != len(chunk):
            self.has_controls = True
            if self.interchange is not None and self.separators.element:
                self.plan()

    def _advance(self, *, final: bool) -> Iterator[Token]:
        first: list[str] = []
        while self._rest or first:
            if self.interchange is None:
                if not self._begins(final=final):
                    return
                opened = self.open(self._rest)
                self.has_bom = False
                self._rest = self._rest[opened.taken :]
                self._skipped = 0
                self.interchange = opened.interchange
                self._skips = opened.interchange.findings.errors > 0 and not opened.texts
                yield opened.interchange
                first = opened.texts
            elif self._skips:
                start = self.next_start(self._rest, at_segment=False)
                if start < 0:
                    self._skipped += len(self._rest)
                    self._rest = "" if final else _end_of(self._rest)
                    return
                self._rest = self._rest[start:]
                self.interchange = None
            else:
                # The header goes with the segments behind it: most messages are one block.
                self.number += len(first)
                yield from self._block(first, final=final)
                first = []
                if not final and self.interchange is not None:
                    return

    def _begins(self, *, final: bool) -> bool:
        """Whether there is enough to open an interchange; drops the blanks before it."""
        if self._rest[0] in _BLANKS_AND_BOM:
            blank = len(self._rest) - len(self._rest.lstrip(_BLANKS_AND_BOM))
            self.has_bom = self.has_bom or _BOM in self._rest[:blank]
            self._skipped += blank
            self._rest = self._rest[blank:]
        return bool(self._rest) and (final or len(self._rest) >= HEADER_MAX)

    def _block(self, first: list[str], *, final: bool) -> Iterator[Token]:
        """The segments up to the next interchange, or as many as are whole."""
        rest = self._rest
        start = self.next_start(rest, at_segment=True)
        end = start if start >= 0 else len(rest) if final else self.cut(rest)
        self._rest = rest[end:]
        texts = self.texts(rest[:end]) if end else []
        if end > SEGMENT_MAX and max(map(len, texts), default=0) > SEGMENT_MAX:
            whole = next(at for at, text in enumerate(texts) if len(text) > SEGMENT_MAX)
            yield first + self._too_long(texts[:whole], texts[whole])
        elif texts or first:
            self.number += len(texts)
            yield first + texts
        if start >= 0:
            self.interchange = None
        elif len(self._rest) > SEGMENT_MAX:
            yield self._too_long([], self._rest)

    def _too_long(self, before: list[str], text: str) -> list[str]:
        """Refuse a segment without an end; whatever follows it is skipped."""
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        self.number += len(before)
        text = text.lstrip(BLANKS)
        id_ = excerpt(text[:3].partition(self.separators.element or text[:3])[0])
        problem = f"a segment is longer than {SEGMENT_MAX:,} characters: its terminator is missing, or this is no EDI"
        number = self.number + 1
        self.interchange.findings.add(
            Finding(number, id_, "", self.standard, Flaw.SIZE, problem, excerpt(text), excerpt(text))
        )
        self._skips = True
        return before

    def _give_up(self) -> None:
        """What follows holds no interchange as far as anybody would look."""
        if self.interchange is None:
            return
        problem = f"no interchange begins in the {SKIPPED_MAX:,} characters behind it; what follows is not read"
        number = self.number + 1
        self.interchange.findings.add(Finding(number, "", "", self.standard, Flaw.SIZE, problem))

    # -- lines -----------------------------------------------------------------------------------------------------

    def split(self, block: str, terminator: str, replaces: list[tuple[str, str]]) -> list[str]:
        """The segments of a block, with canonical signs for those it `replaces`."""
        if terminator != "\n":
            block = self.without_lines(block, terminator)
        for sign, canonical in replaces:
            block = block.replace(sign, canonical)
        if terminator == "\n":
            return self.by_lines(block)
        texts = block.split(terminator)
        if not texts[-1]:
            texts.pop()
        return [text for text in texts if text] if "" in texts else texts

    def without_lines(self, block: str, terminator: str) -> str:
        """A block without the line ends after segments; those elsewhere, and blanks, are taken out and noted."""
        if "\r" in block:
            block = block.replace("\r\n", "\n")
        # A block may begin with the line end that belongs to the segment before it.
        flat = block.removeprefix("\n").replace(terminator + "\n", terminator)
        if "\n" in flat or "\r" in flat or flat.startswith((" ", "\t")):
            return self._cleaned(block.removeprefix("\n"), terminator)
        if terminator + " " in flat or terminator + "\t" in flat:
            return self._cleaned(flat, terminator)
        return flat

    def _cleaned(self, block: str, terminator: str) -> str:
        cleaned: list[str] = []
        # A line end with something that looks like a segment behind it, and that nothing looks open before.
        element = ELEMENT if self.has_controls else re.escape(self.separators.element)
        unterminated = re.compile(rf"(?<![{element}\r\n])[\r\n]+(?=[A-Z][A-Z0-9]{{1,2}}{element})")
        for part in block.split(terminator):
            text = part.lstrip(BLANKS).rstrip("\r\n")
            if not text:
                continue
            before = part[: len(part) - len(part.lstrip(BLANKS))]
            blanks = before.replace("\r", "").replace("\n", "")
            if blanks:
                self._note("indentation", cleaned, text, blanks, "")
            if "\n" not in text and "\r" not in text:
                cleaned.append(text)
                continue
            # A line end in a segment: its terminator is missing there, or the file was cut into lines.
            for line in [text] if self.is_wrapped else unterminated.split(text):
                whole = line.replace("\r", "").replace("\n", "")
                if whole != line:
                    self._note("wrapped_lines", cleaned, whole, line, whole)
                cleaned.append(whole)
            if not self.is_wrapped and unterminated.search(text):
                self._note("line_terminator", cleaned, cleaned[-1], text, "read as several segments")
        return terminator.join([*cleaned, ""])

    def _note(self, flaw: str, before: list[str], text: str, found: str, made: str) -> None:
        assert self.interchange is not None, "segments come after the start of an interchange"  # noqa: S101
        found, made, text = (shown(each, self.separators) for each in (found, made, text))
        id_ = text.partition(self.separators.element)[0][:3]
        self.interchange.repairs.note(flaw, self.number + len(before) + 1, id_, found, made)

    def by_lines(self, block: str) -> list[str]:
        """The segments of a block in which each ends with its line."""
        lines: list[str] = []
        for line in block.replace("\r", "").split("\n"):
            text = line.lstrip(BLANKS)
            if not text:
                continue
            if len(text) < len(line):
                self._note("indentation", lines, text, line[: len(line) - len(text)], "")
            lines.append(text)
        return lines


def cut_into_lines(beginning: str) -> bool:
    """Whether a file was cut into lines of one length, as the beginning of an interchange tells.

    Only so much is looked at as there is of any chunk, so that a file reads the same however it comes.
    """
    first = beginning.find("\n")
    second = beginning.find("\n", first + 1, HEADER_MAX)
    third = beginning.find("\n", second + 1, HEADER_MAX)
    if min(first, second, third) < 0 or abs(third - second - (second - first)) > 1:
        return False
    lengths = [len(line.rstrip("\r")) for line in beginning[:HEADER_MAX].split("\n")[1:-1]]
    return len(lengths) >= _LINES_THAT_TELL and len(set(lengths[:-1])) == 1 and lengths[-1] <= lengths[0]


def _end_of(text: str) -> str:
    """As much of a skipped text as may belong to the beginning of an interchange; its last blanks become one."""
    end = text.rstrip(BLANKS)
    blanks = text[len(end) :]
    return end[-_KEPT_WHILE_SKIPPING:] + ("\n" if "\n" in blanks else " " if blanks else "")
