"""Where an EDIFACT interchange ends: enough to cut a file into messages."""

from __future__ import annotations

from crossdock.formats.edi.guide import STANDARD
from crossdock.formats.edi.tokens import HEADER_MAX
from crossdock.formats.edifact.tokens import EdifactTokenizer


def interchange_end(text: str, start: int) -> int:
    """Where the interchange that begins at `start` ends: before the next UNA or UNB that stands where one may begin.

    -1 when no further interchange begins. Only ASCII decides, so it is the same for UTF-8 read as Latin-1.
    """
    if text.find("UNB", start + 1) < 0 and text.find("UNA", start + 1) < 0:
        return -1
    tokenizer = EdifactTokenizer(STANDARD)
    opened = tokenizer.open(text[start : start + HEADER_MAX])
    begin = start + opened.taken
    is_open = bool(opened.texts) or not opened.interchange.findings.errors
    end = tokenizer.next_start(text[begin:], at_segment=is_open)
    return begin + end if end >= 0 else -1
