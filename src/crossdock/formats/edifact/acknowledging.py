"""EDIFACT acknowledged: CONTRL for an interchange, its groups and its messages."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crossdock.formats.edi.answering import NAMED_MAX, Answer, Answering, by_segment, errors, plain, reference
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document, Group, Interchange, Segment, Separators
from crossdock.formats.edi.findings import Finding, Findings, Flaw
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.edifact.writing import SEPARATORS, SEPARATORS_4, text_of

_ACKNOWLEDGEMENT: Final = "CONTRL"
_FIRST_REPETITION: Final = "4"
# Action codes (0083): refused with all that is in it; taken, and what is in it has answers of its own.
_REFUSED, _TAKEN = "4", "7"
ERROR_CODES: Final = {
    Flaw.REQUIRED: "13", Flaw.SEGMENT_REQUIRED: "13", Flaw.CONDITION: "13", Flaw.EXCLUSION: "15", Flaw.EXTRA: "16",
    Flaw.UNUSED: "15", Flaw.SHORT: "40", Flaw.LONG: "39", Flaw.CHARACTER: "37", Flaw.NUMBER: "37", Flaw.DATE: "12",
    Flaw.TIME: "12", Flaw.CODE: "12", Flaw.ENCODING: "21", Flaw.ELEMENT_REPEAT: "16", Flaw.SEGMENT_REPEAT: "35",
    Flaw.LOOP_REPEAT: "36", Flaw.ORDER: "15", Flaw.UNEXPECTED: "15", Flaw.UNKNOWN: "15", Flaw.ENVELOPE: "15",
    Flaw.COUNT: "29", Flaw.CONTROL: "28", Flaw.TRUNCATED: "13", Flaw.SET: "14", Flaw.DUPLICATE: "26",
    Flaw.EMPTY: "32", Flaw.PARENT: "12",
}  # fmt: skip
UNSPECIFIED: Final = "18"
_OF_ELEMENTS: Final = frozenset({
    Flaw.REQUIRED, Flaw.EXTRA, Flaw.UNUSED, Flaw.SHORT, Flaw.LONG, Flaw.CHARACTER, Flaw.NUMBER, Flaw.DATE, Flaw.TIME,
    Flaw.CODE, Flaw.ENCODING, Flaw.ELEMENT_REPEAT, Flaw.PARENT, Flaw.DUPLICATE,
})  # fmt: skip
_SERVICE: Final = frozenset({"UNB", "UNZ", "UNG", "UNE", "UNH", "UNT"})
_MEANS: Final = {_REFUSED: "refused", _TAKEN: "accepted"}


class EdifactAnswering(Answering):
    """Answers EDIFACT."""

    def __init__(self, at: datetime, control: int) -> None:
        super().__init__(at, control)
        self._segments: list[Segment] = []
        self._of_group: list[Segment] = []
        self._documents = self._acknowledgements = self._refused = 0

    def begin(self, interchange: Interchange) -> None:  # noqa: ARG002
        """As `Answering.begin`."""
        self._segments = []
        self._documents = self._acknowledgements = self._refused = 0

    def begin_group(self, group: Group) -> None:  # noqa: ARG002
        """As `Answering.begin_group`."""
        self._of_group = []

    def document(self, document: Document) -> None:
        """As `Answering.document`."""
        self._documents += 1
        if document.code == _ACKNOWLEDGEMENT:
            self._acknowledgements += 1
            return
        if not document.is_refused:
            if self._documents <= NAMED_MAX:
                self._of_group.append(["UCM", document.control, document.header[2], _TAKEN])
            return
        self._refused += 1
        found = errors(document.findings)
        self._of_group.append(["UCM", document.control, document.header[2], _REFUSED, *_service(document.findings)])
        for first, of_segment in by_segment([each for each in found if each.segment not in _SERVICE]):
            self._of_group += _segment(document, first, of_segment)

    def end_group(self, group: Group) -> None:
        """As `Answering.end_group`."""
        if group.header:
            action = _REFUSED if errors(group.findings) else _TAKEN
            self._segments.append(["UCF", group.control, *group.header[2:4], action, *_service(group.findings)])
        self._segments += self._of_group

    def end(self, interchange: Interchange) -> Answer:
        """As `Answering.end`."""
        refused = errors(interchange.findings)
        if not refused and self._documents == self._acknowledgements:
            return Answer("", "", "there is nothing to be acknowledged", "")
        action = _REFUSED if refused else _TAKEN
        parties = interchange.header[2:4]
        answer = ["UCI", interchange.control, *parties, action, *_service(interchange.findings)]
        segments = [answer] if refused else [answer, *self._segments]
        means = _MEANS[action]
        if refused:
            means = f"{means}: {refused[0].problem}"
        elif self._refused:
            means = f"{'partly accepted' if self._refused < self._documents else 'refused'}, see each message"
        return Answer("CONTRL", action, means, self._text(interchange, segments))

    def _text(self, interchange: Interchange, segments: list[Segment]) -> str:
        header = header_of_answer(interchange, self.at, self.control)
        later = header[1].partition(COMPONENT)[2] >= _FIRST_REPETITION
        separators = separators_of_answer(interchange, later=later)
        kind = COMPONENT.join([_ACKNOWLEDGEMENT, *(("4", "1") if later else ("D", "3")), "UN"])
        self.control += 1
        document = WrittenDocument(["UNH", "1", kind], segments)
        return text_of(WrittenInterchange("edifact", separators, header, [WrittenGroup([], [document])]))


def header_of_answer(interchange: Interchange, at: datetime, control: int) -> Segment:
    """UNB from the receiver back to the sender, in the character set and syntax that the sender used."""
    received = interchange.header
    character_set, *others = (received[1] or f"UNOC{COMPONENT}3").split(COMPONENT)
    version = others[0][:1] if others and others[0].startswith(("1", "2", "3", "4")) else "3"
    day = f"{at:%Y%m%d}" if version >= _FIRST_REPETITION else f"{at:%y%m%d}"
    return [
        "UNB", f"{character_set}{COMPONENT}{version}", received[3], received[2], f"{day}{COMPONENT}{at:%H%M}",
        str(control),
    ]  # fmt: skip


def separators_of_answer(interchange: Interchange, *, later: bool) -> Separators:
    """What the sender separates by; `later`: in the fourth version of the syntax, which has repetitions."""
    if later:
        return plain(interchange.separators, SEPARATORS_4)
    return plain(interchange.separators._replace(repetition=""), SEPARATORS)


def _service(findings: Findings) -> Segment:
    """Error code, service segment and element, where a flaw is one of an envelope."""
    found = next((each for each in errors(findings) if each.segment in _SERVICE), None)
    if found is None:
        return []
    element = reference(found)
    place = [str(each) for each in element if each]
    return [ERROR_CODES.get(found.flaw, UNSPECIFIED), found.segment, *([COMPONENT.join(place)] if place else [])]


def _segment(document: Document, first: Finding, found: list[Finding]) -> list[Segment]:
    """UCS and its UCDs."""
    of_elements = [each for each in found if each.flaw in _OF_ELEMENTS and reference(each).element]
    of_segment = [each for each in found if each not in of_elements]
    place = str(max(1, first.number - document.number + 1))
    made = [["UCS", place, *([ERROR_CODES.get(of_segment[0].flaw, UNSPECIFIED)] if of_segment else [])]]
    for each in of_elements:
        element, component = reference(each)
        where = f"{element}{COMPONENT}{component}" if component else str(element)
        made.append(["UCD", ERROR_CODES.get(each.flaw, UNSPECIFIED), where])
    return made
