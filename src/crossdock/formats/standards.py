"""The standards of EDI side by side, each as what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from crossdock.formats.edi.answering import Answer, Answering
from crossdock.formats.edi.automaton import Grammar
from crossdock.formats.edi.document import Document, Part
from crossdock.formats.edi.findings import Finding
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.tables import Dictionary, Written
from crossdock.formats.edi.tokens import Token
from crossdock.formats.edi.writing import WrittenInterchange
from crossdock.formats.edifact import advising as edifact_advising
from crossdock.formats.edifact import catalog as edifact_catalog
from crossdock.formats.edifact import dictionary as edifact_dictionary
from crossdock.formats.edifact import grammars as edifact_grammars
from crossdock.formats.edifact import reading as edifact_reading
from crossdock.formats.edifact import writing as edifact_writing
from crossdock.formats.edifact.acknowledging import EdifactAnswering
from crossdock.formats.edifact.tokens import EdifactTokenizer
from crossdock.formats.x12 import advising as x12_advising
from crossdock.formats.x12 import catalog as x12_catalog
from crossdock.formats.x12 import dictionary as x12_dictionary
from crossdock.formats.x12 import grammars as x12_grammars
from crossdock.formats.x12 import reading as x12_reading
from crossdock.formats.x12 import writing as x12_writing
from crossdock.formats.x12.acknowledging import X12Answering
from crossdock.formats.x12.tokens import X12Tokenizer

_BLANKS_AND_BOM: Final = b" \t\r\n\xef\xbb\xbf"
_EDIFACT_BEGINS: Final = (b"UNA", b"UNB", b"UNG", b"UNH")


class Read(Protocol):
    """Reads a file of any length."""

    def __call__(self, chunks: Iterable[bytes], guide: Guide = STANDARD, *, keep: bool = True) -> Iterator[Part]:
        """The parts of a file, in its order; without `keep` documents hold no segments."""


class ReadMessage(Protocol):
    """Reads a message that is all there."""

    def __call__(self, raw: bytes, guide: Guide = STANDARD) -> list[Part]:
        """The parts of a message, in its order."""


class Write(Protocol):
    """Writes strictly."""

    def __call__(self, interchange: WrittenInterchange, guide: Guide = STANDARD, *, lines: bool = True) -> str:
        """An interchange as text. Raises `CannotWrite`."""


class GrammarOf(Protocol):
    """Finds grammars."""

    def __call__(self, code: str, release: str, guide: Guide = STANDARD) -> Grammar | None:
        """The grammar of a document in a release, as a guide has it; None when we have none of that code."""


class Advise(Protocol):
    """Writes an application's advice."""

    def __call__(self, document: Document, found: Sequence[Finding], at: datetime, control: int) -> Answer:
        """The 824 or APERAK about a document."""


class Standard(NamedTuple):
    """X12 or EDIFACT.

    `releases` are those that its tables tell apart; `answering` makes acknowledgements of what is dated so, beginning
    with so many as a control number.
    """

    name: str
    releases: tuple[str, ...]
    documents: dict[str, Written]
    dictionary: Dictionary
    control_segments: frozenset[str]
    tokens: Callable[[bytes, Guide], list[Token]]
    grammar_of: GrammarOf
    read: Read
    read_message: ReadMessage
    write: Write
    mended: Callable[[WrittenInterchange], WrittenInterchange]
    encoding_of: Callable[[WrittenInterchange], str]
    answering: Callable[[datetime, int, Guide], Answering]
    advise: Advise


X12: Final = Standard(
    "x12",
    x12_dictionary.RELEASES,
    x12_catalog.DOCUMENTS,
    x12_dictionary.DICTIONARY,
    x12_reading.CONTROL_SEGMENTS,
    lambda raw, guide: X12Tokenizer(guide).whole(raw),
    x12_grammars.grammar_of,
    x12_reading.read,
    x12_reading.read_message,
    x12_writing.write,
    x12_writing.mended,
    lambda _interchange: "utf-8",
    lambda at, control, guide: X12Answering(at, control, guide.acknowledges),
    x12_advising.advise,
)
EDIFACT: Final = Standard(
    "edifact",
    ("96A", "01B", "02A"),
    edifact_catalog.DOCUMENTS,
    edifact_dictionary.DICTIONARY,
    edifact_reading.CONTROL_SEGMENTS,
    lambda raw, guide: EdifactTokenizer(guide).whole(raw),
    edifact_grammars.grammar_of,
    edifact_reading.read,
    edifact_reading.read_message,
    edifact_writing.write,
    edifact_writing.mended,
    edifact_writing.encoding_of,
    lambda at, control, _guide: EdifactAnswering(at, control),
    edifact_advising.advise,
)
STANDARDS: Final = {standard.name: standard for standard in (X12, EDIFACT)}


def standard_of(beginning: bytes) -> Standard:
    """The standard of a file by how it begins; X12 where it begins like neither."""
    return EDIFACT if beginning.lstrip(_BLANKS_AND_BOM).startswith(_EDIFACT_BEGINS) else X12
