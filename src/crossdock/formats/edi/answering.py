"""What a receiver answers to an interchange: taken or not, and in codes what is wrong with it.

An answer is made while the parts of a file go by, so that a file of any length is answered in flat memory. What is
only told (warnings) is no matter of the syntax: it is for the application's advice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import (
    Document,
    Group,
    GroupEnd,
    Interchange,
    InterchangeEnd,
    Part,
    Segment,
    Separators,
)
from crossdock.formats.edi.findings import Finding, Findings
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange

# Documents that are taken are named while they are few; those refused always are.
NAMED_MAX: Final = 1_000

ACCEPTED: Final = "accepted"
PARTLY: Final = "partly accepted"
REFUSED: Final = "refused"


class Answer(NamedTuple):
    """The answer to one interchange.

    `kind` is what answers (`TA1`, `997`, `999`, `CONTRL`; two joined by a plus), `code` its verdict and `means` that
    verdict in words, `text` the interchange to send. All but `means` are empty where there is nobody to answer, or
    nothing to be answered.
    """

    kind: str
    code: str
    means: str
    text: str


class Reference(NamedTuple):
    """A reference such as `AT7-05` or `DTM-01:2`, taken apart; 0 where it names none."""

    element: int
    component: int


class Answering(ABC):
    """Takes the parts of a file one by one, and gives an answer when an interchange is over.

    `at` is the moment to be written, `control` the number of the first interchange to be sent: they count on.
    """

    def __init__(self, at: datetime, control: int) -> None:
        self.at = at
        self.control = control
        self.group_is_answered = False

    def take(self, part: Part) -> Answer | None:
        """The next part; an answer when it ends an interchange."""
        if isinstance(part, Interchange):
            self.begin(part)
        elif isinstance(part, Group):
            self.begin_group(part)
        elif isinstance(part, Document):
            self.document(part)
        elif isinstance(part, GroupEnd):
            self.end_group(part.group)
        else:
            return self._answer(part)
        return None

    @abstractmethod
    def begin(self, interchange: Interchange) -> None:
        """An interchange begins."""

    @abstractmethod
    def begin_group(self, group: Group) -> None:
        """A group begins."""

    @abstractmethod
    def document(self, document: Document) -> None:
        """A document, with all that is wrong with it."""

    @abstractmethod
    def end_group(self, group: Group) -> None:
        """A group is over."""

    @abstractmethod
    def end(self, interchange: Interchange) -> Answer:
        """An interchange is over that somebody sent."""

    def _answer(self, part: InterchangeEnd) -> Answer:
        interchange = part.interchange
        if not interchange.is_enveloped:
            return Answer("", "", "there is no envelope, so nobody can be answered", "")
        if not interchange.header:
            return Answer("", "", "the header cannot be read, so nobody can be answered", "")
        return self.end(interchange)


def errors(findings: Findings) -> list[Finding]:
    """The findings that refuse."""
    return [each for each in findings.kept if not each.is_warning]


def reference(finding: Finding) -> Reference:
    """Which element of its segment a finding is about."""
    _, _, place = finding.element.partition("-")
    element, _, component = place.partition(":")
    return Reference(int(element or 0), int(component or 0))


def by_segment(found: list[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Findings of one segment together: the first of the segment itself or any, and those of its elements."""
    grouped: dict[tuple[int, str], list[Finding]] = {}
    for finding in found:
        grouped.setdefault((finding.number, finding.segment), []).append(finding)
    return [(each[0], each) for each in grouped.values()]


def without_separators(interchange: WrittenInterchange) -> WrittenInterchange:
    """An answer that can be written, whatever values it repeats: blanks for its separators and control characters.

    Only X12 needs it, which has no way to write separators.
    """
    signs = [sign for sign in interchange.separators[:4] if sign]
    table = dict.fromkeys((*range(32), 127, *map(ord, signs)), " ")
    del table[ord(COMPONENT)]

    def clean(segment: Segment) -> Segment:
        return [segment[0], *(value.translate(table) for value in segment[1:])]

    groups = [
        WrittenGroup(
            clean(group.header),
            [WrittenDocument(clean(each.header), [*map(clean, each.segments)]) for each in group.documents],
        )
        for group in interchange.groups
    ]
    acknowledges = [*map(clean, interchange.acknowledges)]
    return interchange._replace(header=clean(interchange.header), groups=groups, acknowledges=acknowledges)


def plain(separators: Separators, given: Separators) -> Separators:
    """The separators that a sender used, as they can read those; `given` where they are no ordinary signs."""
    signs = [sign for sign in separators[:4] if sign]
    ordinary = all(sign.isascii() and sign.isprintable() and not sign.isalnum() and sign != " " for sign in signs)
    return separators if ordinary and separators.component and len({*signs}) == len(signs) else given
