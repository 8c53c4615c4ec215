"""A document type made ready to read by: for each place of its grammar, which segment may follow and where it leads.

The uses of a grammar are numbered in the order they are written, a loop with its opening segment as one. Having just
seen a place, the next segment id leads to another place, or nowhere; that is looked up once and then a table entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from crossdock.formats.edi.document import Node, Segment
from crossdock.formats.edi.grammar import UNBOUNDED, DocumentType, Loop, Use
from crossdock.formats.edi.segment_check import SegmentCheck

if TYPE_CHECKING:
    from crossdock.formats.edi.reading import Reading

NOWHERE: Final = -1
_START: Final = -1
_HIERARCHICAL: Final = ("HL", "CPS")

Special = Callable[["Reading", int, Segment, str], "Row | None"]
"""What else a segment sets off: `(reading, number, elements, text)` to the row to go on from, None for the step's."""


class Step(NamedTuple):
    """What a segment does: the test of its text, where it leads, the place it takes.

    `limit` is how often it may stand there (0: no limit worth counting); `reset` the counters that begin anew with it;
    `special` what else there is to do.
    """

    match: Callable[[str], object]
    row: Row
    place: int
    limit: int
    reset: tuple[int, int, list[int]] | None
    special: Special | None
    check: SegmentCheck | None


class Row(dict[str, Step]):
    """The steps from one place, by segment id; a step is worked out when it is first taken."""

    __slots__ = ("grammar", "place")

    def __init__(self, grammar: Grammar | None, place: int) -> None:
        super().__init__()
        self.grammar = grammar
        self.place = place

    def __missing__(self, id_: str) -> Step:
        step = self.grammar.step(self, id_) if self.grammar is not None else None
        if step is None:
            # Not kept: an outsider could send any number of ids.
            return Step(ANYTHING, self, NOWHERE, 0, None, _stray, None)
        self[id_] = step
        return step


ANYTHING: Final = re.compile("").match


def _stray(reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    return reading.stray(number, elements, text)


class Place(NamedTuple):
    """A use of the grammar: `parent` is the place that opens the loop it stands in, `end` where its own loop ends."""

    id: str
    check: SegmentCheck
    parent: int
    order: int
    required: bool
    limit: int
    opens: bool
    end: int


class Grammar:
    """A document type, compiled."""

    def __init__(self, definition: DocumentType, trailer: str) -> None:
        """`trailer` is the id of the segment that ends a document of this standard."""
        self.definition = definition
        self.trailer = trailer
        self.places: list[Place] = []
        self._checks: dict[int, SegmentCheck] = {}
        self._children: dict[int, list[int]] = {_START: []}
        self._number(definition.uses, _START)
        self._ids = {place.id for place in self.places}
        self._rows: dict[int, Row] = {}
        self._followers: dict[int, list[int]] = {}
        self.is_hierarchical = not self._ids.isdisjoint(_HIERARCHICAL)

    @property
    def start(self) -> Row:
        """Where a document begins."""
        return self._row(_START)

    def knows(self, id_: str) -> bool:
        """Whether a segment may stand anywhere in such a document."""
        return id_ in self._ids

    def depth(self, at: int) -> int:
        """How many loops a place stands in; 0 for one that stands nowhere."""
        depth = 0
        while at >= 0 and self.places[at].parent >= 0:
            depth, at = depth + 1, self.places[at].parent
        return depth

    def counters(self) -> list[int]:
        """A counter for each place."""
        return [0] * len(self.places)

    def step(self, row: Row, id_: str) -> Step | None:
        """What a segment id leads to from a place; None when it leads nowhere."""
        if id_ == self.trailer:
            return Step(ANYTHING, row, NOWHERE, 0, None, partial(_end, self.lacking(row.place)), None)
        if id_ not in self._ids:
            return None
        found = self._target(row.place, id_)
        if found is None:
            return None
        target, missing = found
        place = self.places[target]
        specials: list[Special] = []
        if missing:
            specials.append(partial(_skipped, missing))
        if place.id in _HIERARCHICAL:
            specials.append(_hierarchy)
        if place.check.has_remarks:
            specials.append(partial(_remark, place.check))
        special = None if not specials else specials[0] if len(specials) == 1 else partial(_each, specials)
        reset = None
        if place.opens and place.end > target + 1:
            reset = (target + 1, place.end, [0] * (place.end - target - 1))
        # What may stand once is not offered a second time, so there is nothing to count.
        limit = place.limit if 1 < place.limit < UNBOUNDED else 0
        return Step(place.check.pattern.match, self._row(target), target, limit, reset, special, place.check)

    def following(self, at: int) -> list[int]:
        """The places that may follow a place (-1: the start) without anything mandatory being skipped."""
        if at not in self._followers:
            found = {self._target(at, id_) for id_ in self._ids}
            self._followers[at] = sorted(each[0] for each in found if each is not None and not each[1])
        return self._followers[at]

    def lacking(self, at: int) -> tuple[str, ...]:
        """The mandatory segments that are lacking when the document ends after a place (-1: before any)."""
        missing: list[str] = []
        inside = at < 0 or self.places[at].opens
        level, order = (at, 0) if inside else (self._parent(at), self.places[at].order + 1)
        while True:
            missing += [
                self.places[child].id
                for child in self._children[level]
                if self.places[child].required and self.places[child].order >= order
            ]
            if level == _START:
                return tuple(missing)
            order = self.places[level].order + 1
            level = self._parent(level)

    def place_of(self, row: Row, id_: str) -> tuple[int, bool]:
        """Where a segment that leads nowhere would have belonged: a place of an open loop, and whether it is used up.

        The place is -1 when no open loop knows the segment.
        """
        at, used = row.place, False
        while True:
            level = at if at >= 0 and self.places[at].opens and not used else self._parent(at)
            for child in self._children[level]:
                if self.places[child].id == id_:
                    return child, child == at
            if level == _START:
                return NOWHERE, False
            at, used = level, True

    def tree(self, segments: list[Segment], places: list[int]) -> Node:
        """The segments of a document grouped into loops; one that stands nowhere is left out."""
        root = Node({}, {})
        nodes = {_START: root}
        for segment, at in zip(segments, places, strict=True):
            if at < 0:
                continue
            id_, _, parent, _, _, _, opens, _ = self.places[at]
            node = nodes.get(parent, root)
            if opens:
                inner = nodes[at] = Node({id_: [segment]}, {})
                if id_ in node.loops:
                    node.loops[id_].append(inner)
                else:
                    node.loops[id_] = [inner]
            elif id_ in node.segments:
                node.segments[id_].append(segment)
            else:
                node.segments[id_] = [segment]
        return root

    # -- compiling -------------------------------------------------------------------------------------------------

    def _number(self, uses: tuple[Use | Loop, ...], parent: int) -> None:
        for order, use in enumerate(uses if parent == _START else uses[1:]):
            at = len(self.places)
            opener = use if isinstance(use, Use) else use.opener
            check = self._checks.setdefault(id(opener.segment), SegmentCheck(opener.segment))
            opens = isinstance(use, Loop)
            self.places.append(Place(opener.segment.id, check, parent, order, use.required, use.limit, opens, 0))
            self._children[parent].append(at)
            if isinstance(use, Loop):
                self._children[at] = []
                self._number(use.uses, at)
            self.places[at] = self.places[at]._replace(end=len(self.places))

    def _row(self, place: int) -> Row:
        if place not in self._rows:
            self._rows[place] = Row(self, place)
        return self._rows[place]

    def _parent(self, place: int) -> int:
        return self.places[place].parent if place >= 0 else _START

    def _target(self, at: int, id_: str) -> tuple[int, tuple[str, ...]] | None:
        """The place that a segment takes after another, innermost loops first, and the mandatory ones it skips."""
        missing: list[str] = []
        inside = at < 0 or self.places[at].opens
        level = at if inside else self._parent(at)
        order = 0 if inside else self.places[at].order
        while True:
            skipped: list[str] = []
            for child in self._children[level]:
                place = self.places[child]
                if place.order < order:
                    continue
                is_current = child == at
                if place.id == id_ and not (is_current and place.limit == 1):
                    return child, tuple(missing + skipped)
                if place.required and not is_current:
                    skipped.append(place.id)
            if level == _START:
                return None
            missing += skipped
            at, inside = level, False
            order = self.places[at].order
            level = self._parent(at)


def _end(missing: tuple[str, ...], reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    return reading.end_document(number, elements, text, missing)


def _skipped(missing: tuple[str, ...], reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    reading.skipped(number, elements, text, missing)
    return None


def _hierarchy(reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    reading.hierarchy(number, elements, text)
    return None


def _remark(check: SegmentCheck, reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    for flaw in check.remarks(elements):
        reading.report(number, elements, text, flaw)
    return None


def _each(specials: list[Special], reading: Reading, number: int, elements: Segment, text: str) -> Row | None:
    for special in specials:
        special(reading, number, elements, text)
    return None
