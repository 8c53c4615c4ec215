"""Where an X12 interchange ends, and how many documents it counts for: enough to cut a file into messages."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from crossdock.formats.edi.document import Interchange
from crossdock.formats.edi.guide import STANDARD
from crossdock.formats.x12.separators import SeparatorError, fragment_of, header_of
from crossdock.formats.x12.tokens import X12Tokenizer, next_isa

# A document's events are numbered within its thousand, so a row names one event of a message.
ROWS_PER_DOCUMENT: Final = 1000
_DOCUMENT: Final = "ST"


def interchange_end(text: str, start: int) -> int:
    """Where the interchange that begins at `start` ends: before the next ISA that stands where a segment may begin.

    -1 when no further interchange begins. Only ASCII decides, so it is the same for UTF-8 read as Latin-1.
    """
    if text.find("ISA", start + 1) < 0:
        return -1
    terminator, taken, at_segment = "", len("ISA"), False
    with suppress(SeparatorError):
        beginning = text[start : start + 800]
        header = fragment_of(beginning) if beginning.startswith(("GS", "ST")) else header_of(beginning)
        terminator, taken, at_segment = header.separators.segment, header.taken, True
    return next_isa(text, start + taken, terminator, at_segment=at_segment)


def places_in(raw: bytes) -> int:
    """How many documents reading counts in a message: at least one for each interchange, however broken."""
    places = documents = 0
    is_open = False
    for token in X12Tokenizer(STANDARD).whole(raw):
        if isinstance(token, Interchange):
            places += max(1, documents) if is_open else 0
            documents, is_open = 0, True
        else:
            documents += sum(text[:2] == _DOCUMENT and not text[2:3].isalnum() for text in token)
    return places + (max(1, documents) if is_open else 0)
