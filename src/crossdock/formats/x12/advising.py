"""The 824: what the application made of a document, with each error in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap
from typing import Final

from crossdock.formats.edi.answering import Answer, plain, reference, without_separators
from crossdock.formats.edi.document import Document, Segment
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.x12.acknowledging import number_of
from crossdock.formats.x12.dictionary import R4010, R5010
from crossdock.formats.x12.writing import SEPARATORS, SEPARATORS_5010, text_of

_TEXT_MAX: Final = 60
_NOTE_MAX: Final = 80
_VALUE_MAX: Final = 99
_OTHER: Final = "024"
_ERROR_CODES: Final = {
    Flaw.REQUIRED: "007", Flaw.SEGMENT_REQUIRED: "007", Flaw.CONDITION: "007", Flaw.DUPLICATE: "006", Flaw.COUNT: "010",
    Flaw.CONTROL: "011",
}  # fmt: skip
_MEANS: Final = {"TA": "accepted", "TE": "accepted, with errors", "TR": "refused"}


def advise(document: Document, found: Sequence[Finding], at: datetime, control: int) -> Answer:
    """The 824 about a document: refused if one of the findings is an error, else accepted with or without them.

    Raises `CannotWrite` where the headers of what was received cannot be answered.
    """
    received, group = document.interchange.header, document.group.header
    verdict = "TA" if not found else "TE" if all(each.is_warning for each in found) else "TR"
    release = document.release if document.release in (R4010, R5010) else R4010
    later = received[12] >= "00402" and received[12].isdigit()
    separators = plain(document.interchange.separators, SEPARATORS_5010 if later else SEPARATORS)
    gone = str.maketrans(dict.fromkeys((sign for sign in separators[:4] if sign), " "))
    day, clock = f"{at:%Y%m%d}", f"{at:%H%M}"
    segments: list[Segment] = [
        ["BGN", "11", f"{control:09}", day, clock],
        [
            "OTI", verdict, "TN", document.control, group[2], group[3], "", "", document.group.control,
            document.control, document.code[:3], document.version,
        ],
    ]  # fmt: skip
    for finding in found:
        segments += _error(document, finding, gone)
    header = [
        "ISA", "00", "", "00", "", *received[7:9], *received[5:7], f"{at:%y%m%d}", clock, received[11], received[12],
        str(control), "0", received[15] or "P", "",
    ]  # fmt: skip
    of_group = ["GS", "AG", group[3], group[2], day, clock, "1", "X", release]
    groups = [WrittenGroup(of_group, [WrittenDocument(["ST", "824", "0001"], segments)])]
    text = text_of(without_separators(WrittenInterchange("x12", separators, header, groups)))
    return Answer("824", verdict, _MEANS[verdict], text)


def _error(document: Document, finding: Finding, gone: dict[int, str]) -> list[Segment]:
    """TED, and the whole text as notes where it is longer than there is room for."""
    text = finding.problem.translate(gone)
    element, component = reference(finding)
    place = str(max(1, finding.number - document.number + 1))
    where = [finding.segment[:3], place, str(element) if element else ""]
    number = number_of(finding.segment, document.release, element, component)
    value = finding.value.translate(gone)[:_VALUE_MAX].strip()
    made = [["TED", _ERROR_CODES.get(finding.flaw, _OTHER), wrap(text, _TEXT_MAX)[0], *where, number, value]]
    if len(text) > _TEXT_MAX:
        made += [["NTE", "", line] for line in wrap(text, _NOTE_MAX)]
    return made
