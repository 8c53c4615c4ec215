"""Which interchange, group and document of a message is open; what they hold, and where each finding goes.

The same for X12 and EDIFACT: what a header says and a trailer must agree with is each standard's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from crossdock.formats.edi.canonical import shown
from crossdock.formats.edi.document import Document, Group, GroupEnd, Interchange, InterchangeEnd, Part, Segment
from crossdock.formats.edi.findings import LINE_MAX, Finding, Findings, Flaw
from crossdock.formats.edi.guide import Guide
from crossdock.formats.excerpt import excerpt

_NUMBER_MAX: Final = 9


class Envelopes(ABC):
    """Where in which interchange, group and document the reading of a message is."""

    standard: str

    # The one that is being read, or was read last.
    interchange: Interchange
    group: Group
    document: Document

    place = 0
    in_interchange = in_group = in_document = False
    is_too_long = False
    # Whether the document follows a guide of its trade, which may have codes that the standard does not.
    codes_are_agreed = False

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.segments: list[Segment] = []
        self.places: list[int] = []
        self.parents: set[str] = set()
        self.parts: list[Part] = []
        self.envelope_findings = Findings()

    @abstractmethod
    def close(self) -> None:
        """No further segment of the interchange will come: tell what it lacks."""

    def finish_interchange(self) -> None:
        """The interchange that was being read, if one was, is over."""
        if not self.in_interchange:
            return
        self.close()
        if not self.interchange.documents:
            # However broken, an interchange counts for one place.
            self.place += 1
        self.parts.append(InterchangeEnd(self.interchange, self.place))

    def begin_group(self, header: Segment, number: int) -> Group:
        """A group begins."""
        group = self.group = Group(header, number, self.place)
        if self.envelope_findings.is_any:
            group.findings.take(self.envelope_findings)
        self.in_group = True
        self.parts.append(group)
        return group

    def finish_group(self, trailer: Segment) -> None:
        """The group is over."""
        if self.envelope_findings.is_any:
            self.group.findings.take(self.envelope_findings)
        self.parts.append(GroupEnd(self.group, trailer))
        self.in_group = False

    def begin_document(self, header: Segment, number: int) -> Document:
        """A document begins."""
        interchange, group = self.interchange, self.group
        document = self.document = Document(interchange, group, header, number, self.place)
        self.place += 1
        interchange.documents += 1
        group.documents += 1
        if self.envelope_findings.is_any:
            document.findings.take(self.envelope_findings)
        self.segments, self.places = document.segments, document.places
        if self.parents:
            self.parents = set()
        if self.is_too_long:
            self.is_too_long = False
        self.in_document = True
        return document

    def finish_document(self, trailer: Segment) -> None:
        """The document is over."""
        document = self.document
        if self.envelope_findings.is_any:
            document.findings.take(self.envelope_findings)
        document.trailer = trailer
        if document.findings.errors:
            self.group.refused += 1
        self.parts.append(document)
        self.in_document = False
        self.segments, self.places = [], []

    def break_off_document(self, found: str) -> None:
        """The document has no trailer where it should end."""
        document = self.document
        header = document.header[0]
        problem = f"the document has no trailer where it should end; found {excerpt(found)}. Have it sent whole"
        document.findings.add(self.finding(document.number, header, "", Flaw.TRUNCATED, problem))
        self.finish_document([])

    def break_off_group(self, found: str) -> None:
        """The group has no trailer where it should end."""
        group = self.group
        if group.header:
            problem = f"the group has no trailer where it should end; found {excerpt(found)}"
            group.findings.add(self.finding(group.number, group.header[0], "", Flaw.TRUNCATED, problem))
        self.finish_group([])

    def wrong_count(
        self, number: int, segment: str, element: str, problem: str, counted: str, actual: str, text: str
    ) -> None:
        """A trailer counts other than what stands there: something was lost on the way, or the counter is wrong."""
        self._disagrees("wrong_counts", Flaw.COUNT, number, segment, element, problem, counted, actual, text)

    def wrong_control(
        self, number: int, segment: str, element: str, problem: str, value: str, expected: str, text: str
    ) -> None:
        """A trailer has another control number than its header."""
        self._disagrees("wrong_control", Flaw.CONTROL, number, segment, element, problem, value, expected, text)

    def _disagrees(  # noqa: PLR0913, PLR0917  (one sentence, taken apart)
        self, tolerance: str, flaw: Flaw, number: int, segment: str, element: str, problem: str, value: str,
        expected: str, text: str,
    ) -> None:  # fmt: skip
        if tolerance in self.guide.tolerates:
            self.interchange.repairs.note(tolerance, number, element, value, expected)
        else:
            self.found.add(self.finding(number, segment, element, flaw, problem, value, text))

    @property
    def found(self) -> Findings:
        """Where findings go: to the innermost thing that is open."""
        if self.in_document:
            return self.document.findings
        return self.group.findings if self.in_group else self.interchange.findings

    def finding(
        self, number: int, segment: str, element: str, flaw: Flaw, problem: str, value: str = "", text: str = ""
    ) -> Finding:
        """A finding of this standard."""
        line = excerpt(self.written(text[:LINE_MAX]))
        value = excerpt(self.written(value))
        return Finding(number, excerpt(segment), element, self.standard, flaw, problem, value, line)

    def written(self, text: str) -> str:
        """A canonical text with the separators that its sender uses."""
        return shown(text, self.interchange.separators)


def padded(segment: Segment, width: int) -> Segment:
    """A segment with at least so many elements, its id counted."""
    return segment if len(segment) >= width else segment + [""] * (width - len(segment))


def number_in(text: str) -> int | None:
    """A count or control number; None for what is no number of a bearable length."""
    short = text.isascii() and text.isdigit() and len(text) <= _NUMBER_MAX
    return int(text) if short else None
