"""The APERAK: what the application made of a message, with each error in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap
from typing import Final

from crossdock.formats.edi.answering import Answer
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document, Segment
from crossdock.formats.edi.findings import Finding
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.edifact.acknowledging import ERROR_CODES, UNSPECIFIED, header_of_answer, separators_of_answer
from crossdock.formats.edifact.writing import text_of

_TEXT_MAX: Final = 70
_TEXTS_MAX: Final = 5
_CAPITALS_ONLY: Final = "UNOA"
_NO_CAPITAL: Final = re.compile(r"[^A-Z0-9 .,\-()/=]")
_ACCEPTED, _ERRORS = "312", "313"


def advise(document: Document, found: Sequence[Finding], at: datetime, control: int) -> Answer:
    """The APERAK about a message: refused if one of the findings is an error, else accepted with or without them."""
    interchange = document.interchange
    is_refused = any(not each.is_warning for each in found)
    header = header_of_answer(interchange, at, control)
    capitals = header[1].startswith(_CAPITALS_ONLY)
    segments: list[Segment] = [
        ["BGM", _ERRORS if found else _ACCEPTED, str(control)],
        ["DTM", COMPONENT.join(["137", f"{at:%Y%m%d%H%M}", "203"])],
        ["RFF", f"ACW{COMPONENT}{document.control}"],
    ]
    for finding in found:
        text = f"segment {finding.number}: {finding.problem}"
        if capitals:
            text = _NO_CAPITAL.sub(" ", text.upper())
        parts = wrap(text, _TEXT_MAX)[:_TEXTS_MAX]
        segments.append(["ERC", ERROR_CODES.get(finding.flaw, UNSPECIFIED)])
        segments.append(["FTX", "AAO", "", "", COMPONENT.join(parts)])
    later = header[1].partition(COMPONENT)[2][:1] >= "4"
    separators = separators_of_answer(interchange, later=later)
    kind = COMPONENT.join(["APERAK", "D", "96A", "UN"])
    groups = [WrittenGroup([], [WrittenDocument(["UNH", "1", kind], segments)])]
    text = text_of(WrittenInterchange("edifact", separators, header, groups))
    verdict = "refused" if is_refused else "accepted, with errors" if found else "accepted"
    return Answer("APERAK", _ERRORS if found else _ACCEPTED, verdict, text)
