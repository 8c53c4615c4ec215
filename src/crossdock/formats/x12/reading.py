"""The X12 envelope: interchanges, groups and transaction sets, each control number and count checked.

A defect refuses what it covers and nothing more: a wrong SE its document, a wrong GE its group, a wrong ISA or IEA its
interchange. Neighbours are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from crossdock.formats.edi.automaton import Row
from crossdock.formats.edi.document import (
    Interchange,
    Part,
    Segment,
    Separators,
)
from crossdock.formats.edi.envelopes import number_in, padded
from crossdock.formats.edi.findings import Flaw
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.reading import Anything, Reading, fixed
from crossdock.formats.edi.seen_numbers import SeenNumbers
from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12.dictionary import BEFORE_4010, R4010, RELEASES
from crossdock.formats.x12.grammars import TRAILER, control, grammar_of
from crossdock.formats.x12.tokens import X12Tokenizer

CONTROL_SEGMENTS: Final = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", "TA3", "ISB", "ISE"})
_RELEASE: Final = slice(0, 6)


def read(chunks: Iterable[bytes], guide: Guide = STANDARD, *, keep: bool = True) -> Iterator[Part]:
    """The parts of a file of X12, in its order.

    Without `keep` documents hold no segments, and a file of any length takes no memory.
    """
    reading = X12Reading(guide, keep=keep)
    return reading.parts_of(X12Tokenizer(guide).run(chunks))


def read_message(raw: bytes, guide: Guide = STANDARD) -> list[Part]:
    """As `read`, for a message that is all there."""
    return X12Reading(guide, keep=True).all_parts(X12Tokenizer(guide).whole(raw))


class X12Reading(Reading):
    """The reading of one X12 message."""

    standard = "x12"
    control_segments = CONTROL_SEGMENTS
    document_header = "ST"
    between_groups = frozenset({"GS", "IEA", "ISA", "TA1"})
    interchange_trailer = "IEA"

    def __init__(self, guide: Guide, *, keep: bool) -> None:
        super().__init__(guide, keep=keep)
        self.document_numbers = SeenNumbers()

    # -- interchanges ----------------------------------------------------------------------------------------------

    def open(self, interchange: Interchange) -> None:
        """As `Reading.open`."""
        self.row = _BEGINNING if interchange.is_enveloped else _FRAGMENT

    def start_interchange(self, _number: int, elements: Segment, _text: str) -> Row:
        """ISA."""
        interchange = self.interchange
        interchange.header = elements = padded(elements, 17)
        interchange.sender, interchange.receiver = elements[6].rstrip(), elements[8].rstrip()
        interchange.release, interchange.control = elements[12], elements[13]
        if self.envelope_findings.is_any:
            interchange.findings.take(self.envelope_findings)
        return _INTERCHANGE

    def acknowledged(self, _number: int, elements: Segment, _text: str) -> Row:
        """TA1."""
        self.interchange.acknowledges.append(elements)
        self.interchange.findings.take(self.envelope_findings)
        return _INTERCHANGE

    def end_interchange(self, number: int, elements: Segment, text: str) -> Row:
        """IEA."""
        interchange = self.interchange
        groups, control_number = padded(elements, 3)[1:3]
        if groups != str(interchange.groups) and number_in(groups) != interchange.groups:
            problem = f"IEA-01 counts {excerpt(groups[:12])!r} groups; there are {interchange.groups}"
            self.wrong_count(number, "IEA", "IEA-01", problem, groups, str(interchange.groups), text)
        elif not interchange.groups and not interchange.acknowledges:
            self.found.add(self.finding(number, "IEA", "", Flaw.EMPTY, "the interchange holds nothing", "", text))
        if not _same(interchange.control, control_number):
            problem = f"IEA-02 {excerpt(control_number[:12])!r} is not ISA-13 {excerpt(interchange.control)!r}"
            self.wrong_control(number, "IEA", "IEA-02", problem, control_number, interchange.control, text)
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
            problem = "the interchange ends without IEA; have it sent whole"
            self.found.add(self.finding(interchange.number + 1, "ISA", "", Flaw.TRUNCATED, problem))

    def row_of_group(self) -> Row:
        """As `Reading.row_of_group`."""
        return _GROUP

    def row_between_groups(self) -> Row:
        """As `Reading.row_between_groups`."""
        return _INTERCHANGE if self.interchange.is_enveloped else _FRAGMENT

    # -- groups ----------------------------------------------------------------------------------------------------

    def start_group(self, number: int, elements: Segment, _text: str) -> Row:
        """GS."""
        self.interchange.groups += 1
        elements = padded(elements, 9)
        group = self.begin_group(elements, number)
        group.code, group.control, group.version = elements[1], elements[6], elements[8]
        group.release = group.version[_RELEASE]
        self.document_numbers = SeenNumbers()
        return _GROUP

    def end_group(self, number: int, elements: Segment, text: str) -> Row:
        """GE."""
        group = self.group
        counted, control_number = padded(elements, 3)[1:3]
        if counted != str(group.documents) and number_in(counted) != group.documents:
            problem = f"GE-01 counts {excerpt(counted[:12])!r} documents; there are {group.documents}"
            self.wrong_count(number, "GE", "GE-01", problem, counted, str(group.documents), text)
        elif not group.documents:
            self.found.add(self.finding(number, "GE", "", Flaw.EMPTY, "the group holds no document", "", text))
        if not _same(group.control, control_number):
            problem = f"GE-02 {excerpt(control_number[:12])!r} is not GS-06 {excerpt(group.control[:12])!r}"
            self.wrong_control(number, "GE", "GE-02", problem, control_number, group.control, text)
        self.finish_group(elements)
        return self.row_between_groups()

    # -- documents -------------------------------------------------------------------------------------------------

    def start_document(self, number: int, elements: Segment, text: str) -> Row:
        """ST."""
        if not self.in_group:
            self.begin_group([], number)
        elements = padded(elements, 3)
        document = self.begin_document(elements, number)
        group = document.group
        document.code, document.control = elements[1], elements[2]
        document.version = elements[3] if len(elements) > 3 else group.version  # noqa: PLR2004  (ST-03)
        document.release = group.release or R4010
        if not self.document_numbers.is_new(document.control):
            problem = f"ST-02 {excerpt(document.control)!r} was the number of a document of this group before"
            found = self.finding(number, "ST", "ST-02", Flaw.DUPLICATE, problem, document.control, text)
            document.findings.add(found._replace(is_warning=True))
        grammar = grammar_of(document.code, document.release, self.guide)
        if grammar is None:
            problem = (
                f"we have no table of the {excerpt(document.code)!r}; `crossdock edi documents` lists those we have"
            )
            document.findings.add(self.finding(number, "ST", "ST-01", Flaw.SET, problem, document.code, text))
            return _UNKNOWN
        if not R4010 <= document.release <= RELEASES[-1]:
            column = grammar.definition.release if grammar.definition.release != BEFORE_4010 else R4010
            problem = f"release {excerpt(document.release)!r} is read by our tables of {column}"
            found = self.finding(number, "ST", "GS-08", Flaw.RELEASE, problem, document.release, text)
            document.findings.add(found._replace(is_warning=True))
        document.grammar = grammar
        self.counts = grammar.counters()
        return grammar.start

    def end_document(self, number: int, elements: Segment, text: str, missing: tuple[str, ...]) -> Row:
        """SE."""
        document = self.document
        for id_ in missing:
            problem = f"{id_} is missing; it is mandatory in the {document.code}"
            document.findings.add(self.finding(number, id_, "", Flaw.SEGMENT_REQUIRED, problem, "", text))
        counted, control_number = padded(elements, 3)[1:3]
        actual = number - document.number + 1
        if counted != str(actual) and number_in(counted) != actual:
            problem = f"SE-01 counts {excerpt(counted[:12])!r} segments; there are {actual}"
            self.wrong_count(number, "SE", "SE-01", problem, counted, str(actual), text)
        if control_number != document.control and not _same(control_number, document.control):
            problem = f"SE-02 {excerpt(control_number[:12])!r} is not ST-02 {excerpt(document.control[:12])!r}"
            self.wrong_control(number, "SE", "SE-02", problem, control_number, document.control, text)
        self.finish_document(elements)
        return _GROUP


def _same(one: str, other: str) -> bool:
    """Control numbers are numbers: 000000007 and 7 are the same."""
    return one == other or (number_in(one) is not None and number_in(one) == number_in(other))


_BEGINNING: Final = fixed({"ISA": (control("ISA"), X12Reading.start_interchange)})
_INTERCHANGE: Final = fixed(
    {
        "GS": (control("GS"), X12Reading.start_group),
        "TA1": (control("TA1"), X12Reading.acknowledged),
        "IEA": (control("IEA"), X12Reading.end_interchange),
        **dict.fromkeys(("ISB", "ISE", "TA3"), (None, X12Reading.passed)),
    }
)
_GROUP: Final = fixed(
    {"ST": (control("ST", RELEASES[-1]), X12Reading.start_document), "GE": (control("GE"), X12Reading.end_group)}
)
_FRAGMENT: Final = fixed(
    {
        "GS": (control("GS"), X12Reading.start_group),
        "ST": (control("ST", RELEASES[-1]), X12Reading.start_document),
        "GE": (control("GE"), X12Reading.end_group),
        "IEA": (control("IEA"), X12Reading.end_interchange),
    }
)
_AFTER: Final = fixed({})
_UNKNOWN: Final = Anything(CONTROL_SEGMENTS, TRAILER)


__all__ = ["Separators", "X12Reading", "read", "read_message"]
