"""What reading an interchange gives: interchanges, groups, and documents with their tree.

The parts of a file come in its order: `Interchange`, then for each group `Group`, its documents and `GroupEnd`, then
`InterchangeEnd`. A part that ends tells what is wrong with all that it covers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.findings import Finding, Findings
from crossdock.formats.edi.guide import Guide
from crossdock.formats.edi.repairs import Repairs

if TYPE_CHECKING:
    from crossdock.formats.edi.automaton import Grammar

Segment = list[str]
"""A segment as its elements, the id first. Components within an element are told apart by `COMPONENT`."""


class Separators(NamedTuple):
    """The characters that separate an interchange as it was written; empty where it has none."""

    element: str
    component: str
    segment: str
    repetition: str = ""
    release: str = ""
    decimal: str = "."


class Node(msgspec.Struct, gc=False):
    """A loop of a document, or the document itself: segments by id, and loops by the id that opens them."""

    segments: dict[str, list[Segment]]
    loops: dict[str, list[Node]]


class Interchange(msgspec.Struct, eq=False, gc=False):
    """One ISA..IEA or UNB..UNZ: what its header says, and the repairs that reading it took so far.

    `number` is how many segments of the message come before it. A file without an envelope is one interchange of
    nobody: `is_enveloped` is false, and nobody can be answered.
    """

    standard: str
    guide: Guide
    number: int
    separators: Separators
    header: Segment = []
    trailer: Segment = []
    is_enveloped: bool = True
    sender: str = ""
    receiver: str = ""
    control: str = ""
    release: str = ""
    findings: Findings = msgspec.field(default_factory=Findings)
    acknowledges: list[Segment] = []
    documents: int = 0
    groups: int = 0
    _repairs: Repairs | None = None

    @property
    def repairs(self) -> Repairs:
        """What was mended."""
        if self._repairs is None:
            self._repairs = Repairs(self.standard, self.guide, self.findings)
        return self._repairs


class Group(msgspec.Struct, eq=False, gc=False):
    """One GS..GE or UNG..UNE; documents that stand in no group are in one whose header is empty.

    `place` is that of its first document. `version` is the release with whatever a guide adds to its name.
    """

    header: Segment
    number: int
    place: int
    code: str = ""
    control: str = ""
    release: str = ""
    version: str = ""
    findings: Findings = msgspec.field(default_factory=Findings)
    documents: int = 0
    refused: int = 0


class Document(msgspec.Struct, eq=False, gc=False):
    """One ST..SE or UNH..UNT.

    `code` says what it is (`214`, `IFTMIN`), `release` which edition (`004010`, `D96A`), `place` counts the documents
    of the message from 0, `number` is the segment number of its header. `segments` are those between header and
    trailer; `places` says for each where it stands in `grammar` (-1: nowhere).
    """

    interchange: Interchange
    group: Group
    header: Segment
    number: int
    place: int
    trailer: Segment = []
    code: str = ""
    release: str = ""
    control: str = ""
    version: str = ""
    grammar: Grammar | None = None
    segments: list[Segment] = []
    places: list[int] = []
    findings: Findings = msgspec.field(default_factory=Findings)
    _tree: Node | None = None
    _around: dict[int, Node] | None = None

    @property
    def is_refused(self) -> bool:
        """Whether it breaks a rule that it may not."""
        return self.findings.errors > 0

    @property
    def tree(self) -> Node:
        """The segments grouped into their loops."""
        if self._tree is None:
            self._tree = Node({}, {}) if self.grammar is None else self.grammar.tree(self.segments, self.places)
        return self._tree

    def around(self, node: Node) -> Node:
        """The loop of the tree that a loop of it stands in; the document itself stands in none."""
        if self._around is None:
            self._around = {}
            waiting = [self.tree]
            while waiting:
                outer = waiting.pop()
                for inner in (each for loops in outer.loops.values() for each in loops):
                    self._around[id(inner)] = outer
                    waiting.append(inner)
        return self._around[id(node)]

    def number_of(self, segment: Segment) -> int:
        """Where a segment of the document stands in the message; 0 when it is none of them."""
        for number, each in enumerate(self.segments, self.number + 1):
            if each is segment:
                return number
        return 0


class GroupEnd(NamedTuple):
    """The group is over; `trailer` is empty where it has none."""

    group: Group
    trailer: Segment


class InterchangeEnd(NamedTuple):
    """The interchange is over: its repairs and findings are complete; `place` is that of the next document."""

    interchange: Interchange
    place: int


Part: TypeAlias = Interchange | Group | Document | GroupEnd | InterchangeEnd


def component(value: str, place: int) -> str | None:
    """A component of an element, counted from 1; None where there are fewer."""
    parts = value.split(COMPONENT)
    return parts[place - 1] if len(parts) >= place else None


def first_error(findings: Findings) -> Finding | None:
    """The error that a refusal names."""
    return next((each for each in findings.kept if not each.is_warning), None)
