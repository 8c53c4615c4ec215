"""Where an X12 interchange ends: enough to cut a file into messages."""

from __future__ import annotations

from contextlib import suppress

from crossdock.formats.edi.tokens import HEADER_MAX
from crossdock.formats.x12.separators import SeparatorError, fragment_of, header_of
from crossdock.formats.x12.tokens import next_isa


def interchange_end(text: str, start: int) -> int:
    """Where the interchange that begins at `start` ends: before the next ISA that stands where a segment may begin.

    -1 when no further interchange begins. Only ASCII decides, so it is the same for UTF-8 read as Latin-1.
    """
    if text.find("ISA", start + 1) < 0:
        return -1
    terminator, taken, at_segment = "", len("ISA"), False
    with suppress(SeparatorError):
        beginning = text[start : start + HEADER_MAX]
        header = fragment_of(beginning) if beginning.startswith(("GS", "ST")) else header_of(beginning)
        terminator, taken, at_segment = header.separators.segment, header.taken, True
    return next_isa(text, start + taken, terminator, at_segment=at_segment)
