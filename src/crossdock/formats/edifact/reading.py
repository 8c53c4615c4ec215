"""The EDIFACT envelope: interchanges, groups and messages, each reference and count checked.

As in X12 a defect refuses what it covers and nothing more: a wrong UNT its message, a wrong UNE its group, a wrong
UNB or UNZ its interchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from crossdock.formats.edi.automaton import Row
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Interchange, Part, Segment
from crossdock.formats.edi.envelopes import number_in, padded
from crossdock.formats.edi.findings import Flaw
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.reading import Anything, Handler, Reading, fixed
from crossdock.formats.edi.seen_numbers import SeenNumbers
from crossdock.formats.edi.segment_check import SegmentCheck
from crossdock.formats.edifact.dictionary import D01B, D96A, order_of
from crossdock.formats.edifact.grammars import TRAILER, control, grammar_of
from crossdock.formats.edifact.tokens import EdifactTokenizer
from crossdock.formats.excerpt import excerpt

CONTROL_SEGMENTS: Final = frozenset({"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})
# Whose release is that of the syntax, not of a directory.
_OF_THE_SYNTAX: Final = "CONTRL"


def read(chunks: Iterable[bytes], guide: Guide = STANDARD, *, keep: bool = True) -> Iterator[Part]:
    """The parts of a file of EDIFACT, in its order.

    Without `keep` documents hold no segments, and a file of any length takes no memory.
    """
    reading = EdifactReading(guide, keep=keep)
    return reading.parts_of(EdifactTokenizer(guide).run(chunks))


def read_message(raw: bytes, guide: Guide = STANDARD) -> list[Part]:
    """As `read`, for a message that is all there."""
    return EdifactReading(guide, keep=True).all_parts(EdifactTokenizer(guide).whole(raw))


class EdifactReading(Reading):
    """The reading of one EDIFACT message."""

    standard = "edifact"
    control_segments = CONTROL_SEGMENTS
    document_header = "UNH"
    between_groups = frozenset({"UNG", "UNZ", "UNB"})
    interchange_trailer = "UNZ"

    def __init__(self, guide: Guide, *, keep: bool) -> None:
        super().__init__(guide, keep=keep)
        self.document_numbers = SeenNumbers()

    # -- interchanges ----------------------------------------------------------------------------------------------

    def open(self, interchange: Interchange) -> None:
        """As `Reading.open`."""
        self.document_numbers = SeenNumbers()
        self.row = _BEGINNING if interchange.is_enveloped else _FRAGMENT

    def start_interchange(self, _number: int, elements: Segment, _text: str) -> Row:
        """UNB."""
        interchange = self.interchange
        interchange.header = elements = padded(elements, 6)
        interchange.release = elements[1].replace(COMPONENT, ":")
        interchange.sender = elements[2].partition(COMPONENT)[0]
        interchange.receiver = elements[3].partition(COMPONENT)[0]
        interchange.control = elements[5]
        if self.envelope_findings.is_any:
            interchange.findings.take(self.envelope_findings)
        return _INTERCHANGE

    def end_interchange(self, number: int, elements: Segment, text: str) -> Row:
        """UNZ."""
        if self.in_group:
            self.finish_group([])
        interchange = self.interchange
        _, counted, reference, *_ = padded(elements, 3)
        actual = interchange.groups or interchange.documents
        if number_in(counted) != actual:
            what = "groups" if interchange.groups else "documents"
            problem = f"UNZ-01 counts {excerpt(counted[:12])!r} {what}; there are {actual}"
            self.wrong_count(number, "UNZ", "UNZ-01", problem, counted, str(actual), text)
        elif not actual:
            self.found.add(self.finding(number, "UNZ", "", Flaw.EMPTY, "the interchange holds nothing", "", text))
        if reference != interchange.control:
            problem = f"UNZ-02 {excerpt(reference[:14])!r} is not UNB-05 {excerpt(interchange.control[:14])!r}"
            self.wrong_control(number, "UNZ", "UNZ-02", problem, reference, interchange.control, text)
        interchange.trailer = elements
        if self.envelope_findings.is_any:
            interchange.findings.take(self.envelope_findings)
        return _AFTER

    def close(self) -> None:
        """As `Reading.close`."""
        interchange = self.interchange
        if self.in_document:
            self.break_off_document("the end")
        if self.in_group:
            self.break_off_group("the end")
        if interchange.is_enveloped and interchange.header and not interchange.trailer:
            problem = "the interchange ends without UNZ; have it sent whole"
            self.found.add(self.finding(interchange.number + 1, "UNB", "", Flaw.TRUNCATED, problem))

    def row_of_group(self) -> Row:
        """As `Reading.row_of_group`."""
        return _GROUP if self.group.header else self.row_between_groups()

    def row_between_groups(self) -> Row:
        """As `Reading.row_between_groups`."""
        return _INTERCHANGE if self.interchange.is_enveloped else _FRAGMENT

    # -- groups ----------------------------------------------------------------------------------------------------

    def start_group(self, number: int, elements: Segment, _text: str) -> Row:
        """UNG."""
        if self.in_group:
            self.finish_group([])
        self.interchange.groups += 1
        elements = padded(elements, 8)
        group = self.begin_group(elements, number)
        group.code, group.control = elements[1], elements[5]
        version, release, association = padded(elements[7].split(COMPONENT), 3)[:3]
        group.release = version + release
        group.version = ":".join(filter(None, (version, release, association)))
        return _GROUP

    def end_group(self, number: int, elements: Segment, text: str) -> Row:
        """UNE."""
        group = self.group
        _, counted, reference, *_ = padded(elements, 3)
        if number_in(counted) != group.documents:
            problem = f"UNE-01 counts {excerpt(counted[:12])!r} documents; there are {group.documents}"
            self.wrong_count(number, "UNE", "UNE-01", problem, counted, str(group.documents), text)
        elif not group.documents:
            self.found.add(self.finding(number, "UNE", "", Flaw.EMPTY, "the group holds no document", "", text))
        if reference != group.control:
            problem = f"UNE-02 {excerpt(reference[:14])!r} is not UNG-05 {excerpt(group.control[:14])!r}"
            self.wrong_control(number, "UNE", "UNE-02", problem, reference, group.control, text)
        self.finish_group(elements)
        return self.row_between_groups()

    # -- documents -------------------------------------------------------------------------------------------------

    def start_document(self, number: int, elements: Segment, text: str) -> Row:
        """UNH."""
        if not self.in_group:
            self.begin_group([], number)
        elements = padded(elements, 3)
        document = self.begin_document(elements, number)
        code, version, release, agency, association = padded(elements[2].split(COMPONENT), 5)[:5]
        document.code, document.control, document.release = code, elements[1], version + release
        document.version = ":".join(filter(None, (version, release, agency, association)))
        self.codes_are_agreed = association != ""
        if not self.document_numbers.is_new(document.control):
            problem = f"UNH-01 {excerpt(document.control)!r} was the reference of a document before"
            found = self.finding(number, "UNH", "UNH-01", Flaw.DUPLICATE, problem, document.control, text)
            document.findings.add(found._replace(is_warning=True))
        grammar = grammar_of(code, release, self.guide)
        if grammar is None:
            problem = f"we have no table of the {excerpt(code)!r}; `crossdock edi documents` lists those we have"
            document.findings.add(self.finding(number, "UNH", "UNH-02:1", Flaw.SET, problem, code, text))
            return _UNKNOWN
        if code != _OF_THE_SYNTAX and not D96A <= order_of(release) <= D01B:
            column = shown_of(grammar.definition.release)
            problem = f"release {excerpt(document.release)!r} is read by our tables of {column}"
            found = self.finding(number, "UNH", "UNH-02:3", Flaw.RELEASE, problem, document.release, text)
            document.findings.add(found._replace(is_warning=True))
        document.grammar = grammar
        self.counts = grammar.counters()
        return grammar.start

    def end_document(self, number: int, elements: Segment, text: str, missing: tuple[str, ...]) -> Row:
        """UNT."""
        document = self.document
        for id_ in missing:
            problem = f"{id_} is missing; it is mandatory in the {document.code}"
            document.findings.add(self.finding(number, id_, "", Flaw.SEGMENT_REQUIRED, problem, "", text))
        _, counted, reference, *_ = padded(elements, 3)
        actual = number - document.number + 1
        if counted != str(actual) and number_in(counted) != actual:
            problem = f"UNT-01 counts {excerpt(counted[:12])!r} segments; there are {actual}"
            self.wrong_count(number, "UNT", "UNT-01", problem, counted, str(actual), text)
        if reference != document.control:
            problem = f"UNT-02 {excerpt(reference[:14])!r} is not UNH-01 {excerpt(document.control[:14])!r}"
            self.wrong_control(number, "UNT", "UNT-02", problem, reference, document.control, text)
        self.finish_document(elements)
        return self.row_of_group()


def shown_of(column: str) -> str:
    """A column of the tables as people call it: `D96A`."""
    return "D01B" if column > D01B else f"D{column[2:]}"


_Steps: TypeAlias = dict[str, tuple[SegmentCheck | None, Handler]]

_DOCUMENT: Final[_Steps] = {"UNH": (control("UNH"), EdifactReading.start_document)}
_GROUPS: Final[_Steps] = {
    "UNG": (control("UNG"), EdifactReading.start_group),
    "UNZ": (control("UNZ"), EdifactReading.end_interchange),
}
_END_OF_GROUP: Final[_Steps] = {"UNE": (control("UNE"), EdifactReading.end_group)}
_BEGINNING: Final = fixed({"UNB": (control("UNB"), EdifactReading.start_interchange)})
_INTERCHANGE: Final = fixed(_DOCUMENT | _GROUPS)
_GROUP: Final = fixed(_DOCUMENT | _END_OF_GROUP)
_FRAGMENT: Final = fixed(_DOCUMENT | _GROUPS | _END_OF_GROUP)
_AFTER: Final = fixed({})
_UNKNOWN: Final = Anything(CONTROL_SEGMENTS, TRAILER)
