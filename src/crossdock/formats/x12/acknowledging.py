"""X12 acknowledged: TA1 for the interchange, 997 or 999 for its groups."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crossdock.formats.edi.answering import (
    NAMED_MAX,
    Answer,
    Answering,
    by_segment,
    errors,
    plain,
    reference,
    without_separators,
)
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document, Group, Interchange, Segment
from crossdock.formats.edi.findings import Finding, Flaw
from crossdock.formats.edi.grammar import Composite
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.x12.dictionary import DICTIONARY, R5010, column_of
from crossdock.formats.x12.writing import SEPARATORS, SEPARATORS_5010, text_of

_ACKNOWLEDGEMENTS: Final = "FA"
_RELEASE_OF_999: Final = "005010X231A1"
_FIRST_REPETITION: Final = "00402"
_WANTED: Final = "1"
_BAD_VALUE_MAX: Final = 99
_CODES_MAX: Final = 5
_ERROR_CODES_OF_INTERCHANGES: Final = {
    Flaw.CONTROL: "001", Flaw.COUNT: "021", Flaw.ENVELOPE: "022", Flaw.TRUNCATED: "023", Flaw.DUPLICATE: "025",
}  # fmt: skip
# Of the elements ISA01 to ISA16, where one of them is wrong.
_ERROR_CODES_OF_HEADERS: Final = (
    "", "010", "011", "012", "013", "005", "006", "007", "008", "014", "015", "016", "017", "018", "019", "020", "027",
)  # fmt: skip
_BAD_CONTENT: Final = "024"
_ERROR_CODES_OF_GROUPS: Final = {Flaw.TRUNCATED: "3", Flaw.CONTROL: "4", Flaw.COUNT: "5"}
_ERROR_CODES_OF_DOCUMENTS: Final = {Flaw.SET: "1", Flaw.TRUNCATED: "2", Flaw.CONTROL: "3", Flaw.COUNT: "4"}
_BAD_SYNTAX_OF_GROUP, _SEGMENTS_IN_ERROR, _BAD_SET, _BAD_CONTROL = "6", "5", "6", "7"
_ERROR_CODES_OF_SEGMENTS: Final = {
    Flaw.SEGMENT_REQUIRED: "3", Flaw.LOOP_REPEAT: "4", Flaw.SEGMENT_REPEAT: "5", Flaw.ORDER: "7",
    Flaw.UNEXPECTED: "2", Flaw.UNKNOWN: "6", Flaw.ENVELOPE: "2", Flaw.SIZE: "2", Flaw.EMPTY: "8",
}  # fmt: skip
_ELEMENTS_IN_ERROR: Final = "8"
_ERROR_CODES_OF_ELEMENTS: Final = {
    Flaw.REQUIRED: "1", Flaw.CONDITION: "2", Flaw.EXTRA: "3", Flaw.SHORT: "4", Flaw.LONG: "5", Flaw.CHARACTER: "6",
    Flaw.NUMBER: "6", Flaw.ENCODING: "6", Flaw.CODE: "7", Flaw.PARENT: "7", Flaw.DUPLICATE: "7", Flaw.DATE: "8",
    Flaw.TIME: "9", Flaw.EXCLUSION: "10", Flaw.ELEMENT_REPEAT: "3", Flaw.UNUSED: "10",
}  # fmt: skip
_MEANS: Final = {"A": "accepted", "P": "partly accepted", "R": "refused", "E": "accepted, with errors"}


class X12Answering(Answering):
    """Answers X12; `kind` is 997 or 999."""

    def __init__(self, at: datetime, control: int, kind: str = "997") -> None:
        super().__init__(at, control)
        self.kind = kind
        self._groups: list[tuple[Group, list[Segment]]] = []
        self._segments: list[Segment] = []
        self._verdicts: list[str] = []

    def begin(self, interchange: Interchange) -> None:  # noqa: ARG002
        """As `Answering.begin`."""
        self._groups, self._verdicts = [], []

    def begin_group(self, group: Group) -> None:  # noqa: ARG002
        """As `Answering.begin_group`."""
        self._segments = []

    def document(self, document: Document) -> None:
        """As `Answering.document`."""
        group = document.group
        if group.code == _ACKNOWLEDGEMENTS or (not document.is_refused and group.documents > NAMED_MAX):
            return
        header = ["AK2", document.code[:3], document.control[:9]]
        if self.kind == "999" and len(document.header) > 3 and document.header[3]:  # noqa: PLR2004  (ST-03)
            header.append(document.header[3])
        self._segments.append(header)
        found = errors(document.findings)
        codes = [code for each in found if (code := self._document_code(each))]
        in_segments = [each for each in found if not self._document_code(each)]
        for first, of_segment in by_segment(in_segments):
            self._segments += self._segment(document, first, of_segment)
        if in_segments:
            codes.append(_SEGMENTS_IN_ERROR)
        verdict = ["R" if found else "A", *dict.fromkeys(codes)]
        self._segments.append(["AK5" if self.kind == "997" else "IK5", *verdict[: _CODES_MAX + 1]])

    def end_group(self, group: Group) -> None:
        """As `Answering.end_group`."""
        if group.code == _ACKNOWLEDGEMENTS or not group.header:
            return
        found = errors(group.findings)
        codes = dict.fromkeys(_ERROR_CODES_OF_GROUPS.get(each.flaw, _BAD_SYNTAX_OF_GROUP) for each in found)
        accepted = 0 if found else group.documents - group.refused
        verdict = "R" if not accepted and (found or group.documents) else "P" if group.refused else "A"
        version = [group.version] if self.kind == "999" or group.release >= R5010 else []
        opening = ["AK1", group.code[:2], group.control, *version]
        counts = [str(group.documents), str(group.documents), str(accepted)]
        closing = ["AK9", verdict, *counts, *list(codes)[:_CODES_MAX]]
        self._groups.append((group, [opening, *self._segments, closing]))
        self._verdicts.append(verdict)

    def end(self, interchange: Interchange) -> Answer:
        """As `Answering.end`."""
        refused = errors(interchange.findings)
        if refused:
            note = self._note(interchange, "R", _interchange_code(refused[0]))
            return Answer("TA1", "R", f"{_MEANS['R']}: {refused[0].problem}", self._text(interchange, [note], []))
        notes = []
        kinds = []
        if interchange.header[14] == _WANTED:
            notes.append(self._note(interchange, "A", "000"))
            kinds.append("TA1")
        if self._groups:
            kinds.append(self.kind)
        if not kinds:
            return Answer("", "", "there is nothing to be acknowledged", "")
        verdicts = set(self._verdicts)
        verdict = "A" if verdicts <= {"A"} else "R" if verdicts == {"R"} else "P"
        return Answer("+".join(kinds), verdict, _MEANS[verdict], self._text(interchange, notes, self._groups))

    # -- codes -----------------------------------------------------------------------------------------------------

    def _document_code(self, finding: Finding) -> str:
        """The code of a flaw that is one of the document's own envelope; empty for any other."""
        if finding.segment in ("ST", "SE"):
            if finding.flaw in _ERROR_CODES_OF_DOCUMENTS:
                return _ERROR_CODES_OF_DOCUMENTS[finding.flaw]
            return _BAD_CONTROL if reference(finding).element > 1 else _BAD_SET
        return ""

    def _segment(self, document: Document, first: Finding, found: list[Finding]) -> list[Segment]:
        """AK3 and its AK4s, or IK3 and its IK4s."""
        letter = "A" if self.kind == "997" else "I"
        place = max(1, first.number - document.number + 1)
        of_segment = [_ERROR_CODES_OF_SEGMENTS[each.flaw] for each in found if each.flaw in _ERROR_CODES_OF_SEGMENTS]
        of_elements = [each for each in found if each.flaw in _ERROR_CODES_OF_ELEMENTS]
        code = of_segment[0] if of_segment else _ELEMENTS_IN_ERROR
        made = [[f"{letter}K3", first.segment[:3], str(place), "", code]]
        if not of_segment:
            made += [self._element(f"{letter}K4", document, each) for each in of_elements]
        return made

    def _element(self, id_: str, document: Document, finding: Finding) -> Segment:
        element, component = reference(finding)
        if not element:
            element = _of_condition(document, finding)
        place = f"{element}{COMPONENT}{component}" if component else str(element)
        number = number_of(finding.segment, document.release, element, component)
        separators = {sign for sign in document.interchange.separators[:4] if sign}
        # A condition's value is its name, and a value with separators in it cannot be told.
        value = finding.value if finding.flaw not in (Flaw.CONDITION, Flaw.EXCLUSION, Flaw.REQUIRED) else ""
        told = "" if separators.intersection(value) or not value.isprintable() else value[:_BAD_VALUE_MAX].strip()
        return [id_, place, number, _ERROR_CODES_OF_ELEMENTS[finding.flaw], told]

    # -- envelopes -------------------------------------------------------------------------------------------------

    @staticmethod
    def _note(interchange: Interchange, verdict: str, code: str) -> Segment:
        header = interchange.header
        day, clock = ("".join(filter(str.isdigit, each)) for each in header[9:11])
        return ["TA1", header[13], f"{day:0>6}"[:6], f"{clock:0>4}"[:4], verdict, code]

    def _text(self, interchange: Interchange, notes: list[Segment], answered: list[tuple[Group, list[Segment]]]) -> str:
        received = interchange.header
        repeats = received[12] >= _FIRST_REPETITION and received[12][:5].isdigit()
        separators = plain(interchange.separators, SEPARATORS_5010 if repeats else SEPARATORS)
        header = [
            "ISA", "00", "", "00", "", *received[7:9], *received[5:7], f"{self.at:%y%m%d}", f"{self.at:%H%M}",
            received[11], received[12], str(self.control), "0", received[15] or "P", "",
        ]  # fmt: skip
        self.control += 1
        groups = [
            WrittenGroup(self._group_header(number, group), [WrittenDocument(self._header(number), segments)])
            for number, (group, segments) in enumerate(answered, 1)
        ]
        return text_of(without_separators(WrittenInterchange("x12", separators, header, groups, notes)))

    def _group_header(self, number: int, group: Group) -> Segment:
        version = _RELEASE_OF_999 if self.kind == "999" else group.release
        moment = [f"{self.at:%Y%m%d}", f"{self.at:%H%M}"]
        return ["GS", _ACKNOWLEDGEMENTS, group.header[3], group.header[2], *moment, str(number), "X", version]

    def _header(self, number: int) -> Segment:
        return ["ST", self.kind, f"{number:04}", *([_RELEASE_OF_999] if self.kind == "999" else [])]


def _interchange_code(finding: Finding) -> str:
    element = reference(finding).element
    if finding.segment == "ISA" and 0 < element < len(_ERROR_CODES_OF_HEADERS):
        return _ERROR_CODES_OF_HEADERS[element]
    return _ERROR_CODES_OF_INTERCHANGES.get(finding.flaw, _BAD_CONTENT)


def _of_condition(document: Document, finding: Finding) -> int:
    """The element that a broken condition (`P0304`) is about: the one that is missing, or the one too many."""
    digits = finding.value[1:]
    places = [int(digits[at : at + 2]) for at in range(0, len(digits), 2)] if digits.isdigit() else []
    at = finding.number - document.number - 1
    segment = document.segments[at] if 0 <= at < len(document.segments) else []
    given = [place for place in places if place < len(segment) and segment[place]]
    wanted = given if finding.flaw is Flaw.EXCLUSION else [place for place in places if place not in given]
    return (wanted or places or [1])[-1 if finding.flaw is Flaw.EXCLUSION else 0]


def number_of(id_: str, release: str, element: int, component: int) -> str:
    """The number of an element in the data dictionary; empty where we do not know it."""
    if id_ not in DICTIONARY.ids():
        return ""
    fields = DICTIONARY.segment(id_, column_of(release)).fields
    holds = fields[element - 1].holds if 0 < element <= len(fields) else None
    if isinstance(holds, Composite):
        holds = holds.fields[component - 1].holds if 0 < component <= len(holds.fields) else None
    return holds.number if holds is not None and holds.number.isdigit() else ""
