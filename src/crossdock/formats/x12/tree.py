"""A transaction's segments grouped into loops as its grammar says, checked on the way.

One walk serves reading and explaining: it gives the tree that mappings address and every violation found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from crossdock.formats.excerpt import excerpt
from crossdock.formats.x12.elements import SegmentCheck
from crossdock.formats.x12.grammar import Loop, TransactionSet, Use

VIOLATIONS_MAX: Final = 20

Segment = list[str]


class Node(msgspec.Struct, gc=False):
    """A loop of a transaction, or the transaction itself: segments by id, and loops by the id that opens them."""

    segments: dict[str, list[Segment]]
    loops: dict[str, list[Node]]


class Violation(NamedTuple):
    """One broken rule: `number` counts segments in the message, `element` is a reference such as `AT7-05`."""

    number: int
    segment: str
    element: str
    rule: str
    problem: str
    value: str

    @property
    def position(self) -> str:
        """For a person: `segment 12, AT7-05`."""
        return f"segment {self.number}, {self.element or self.segment}"


class _Place(NamedTuple):
    """Where a segment id may stand in a loop: `opens` is the loop that it begins."""

    order: int
    limit: int
    check: SegmentCheck
    opens: _Plan | None


class _Plan(NamedTuple):
    places: dict[str, _Place]
    required: tuple[str, ...]


class _Open:
    """A loop that segments are being added to, and how far its order has come."""

    __slots__ = ("node", "order", "plan")

    def __init__(self, plan: _Plan, node: Node, order: int) -> None:
        self.plan = plan
        self.node = node
        self.order = order


class Grammar:
    """A transaction set, made ready to read transactions by."""

    def __init__(self, definition: TransactionSet) -> None:
        self.definition = definition
        self._plan = _compile(definition.uses, definition.codes)

    def arrange(self, segments: list[Segment], first: int) -> tuple[Node, list[Violation]]:
        """The tree of a transaction's segments, and the rules it breaks (at most 20).

        `first` is the number in the message of the first of `segments` (the one after ST).
        """
        root = Node({}, {})
        walk = _Walk(self._plan, root)
        for number, segment in enumerate(segments, first):
            walk.add(number, segment)
            if len(walk.violations) >= VIOLATIONS_MAX:
                return root, walk.violations[:VIOLATIONS_MAX]
        walk.close(0, first + len(segments))
        return root, walk.violations


class _Walk:
    """One pass over a transaction: the loops that are open, and what was found wrong so far."""

    def __init__(self, plan: _Plan, root: Node) -> None:
        self.open = [_Open(plan, root, 0)]
        self.violations: list[Violation] = []

    def add(self, number: int, segment: Segment) -> None:
        id_, loops = segment[0], self.open
        level, place = len(loops) - 1, None
        while level >= 0:
            place = loops[level].plan.places.get(id_)
            if place is not None and place.order >= loops[level].order:
                break
            level -= 1
        if place is None or level < 0:
            level, place = self.out_of_order(number, id_)
            if place is None:
                return
        if level < len(loops) - 1:
            self.close(level + 1, number)
        parent = loops[level]
        if place.order > parent.order:  # noqa: PLR1730  (runs for every segment, and a call costs more)
            parent.order = place.order
        if place.opens is None:
            siblings = parent.node.segments.setdefault(id_, [])
            siblings.append(segment)
            count = len(siblings)
        else:
            node = Node({id_: [segment]}, {})
            turns = parent.node.loops.setdefault(id_, [])
            turns.append(node)
            count = len(turns)
            # The opening segment stands at 0; a second one belongs to the next turn of the loop.
            self.open.append(_Open(place.opens, node, 1))
        if count > place.limit:
            problem = f"{id_} may stand here {place.limit} times"
            self.violations.append(Violation(number, id_, "", "x12.repeat", problem, str(count)))
        if not place.check.passes(segment):
            self.explain(number, segment, place.check)

    def out_of_order(self, number: int, id_: str) -> tuple[int, _Place | None]:
        """The innermost open loop that knows the segment, were it not too late for it; notes the violation."""
        for level in range(len(self.open) - 1, -1, -1):
            place = self.open[level].plan.places.get(id_)
            if place is not None and place.order > 0:
                problem = f"{id_} stands after segments that must follow it"
                self.violations.append(Violation(number, id_, "", "x12.order", problem, ""))
                return level, place
        shown = excerpt(id_)
        problem = f"segment {shown!r} does not belong here"
        self.violations.append(Violation(number, shown, "", "x12.unexpected", problem, shown))
        return -1, None

    def close(self, level: int, number: int) -> None:
        """Leaves the loops from `level` inwards, telling what they lack."""
        for loop in self.open[level:]:
            for id_ in loop.plan.required:
                if id_ not in loop.node.segments and id_ not in loop.node.loops:
                    problem = f"{id_} is mandatory before this point"
                    self.violations.append(Violation(number, id_, "", "x12.required", problem, ""))
        del self.open[level:]

    def explain(self, number: int, segment: Segment, check: SegmentCheck) -> None:
        id_ = segment[0]
        for flaw in check.flaws(segment):
            element = f"{id_}-{flaw.place:02}" if flaw.place else ""
            problem = f"{element or id_} {flaw.problem}" if flaw.place else flaw.problem
            self.violations.append(Violation(number, id_, element, flaw.rule, problem, flaw.value))


def _compile(uses: tuple[Use | Loop, ...], codes: Mapping[str, Mapping[str, str]]) -> _Plan:
    places: dict[str, _Place] = {}
    for order, use in enumerate(uses):
        if isinstance(use, Use):
            id_, check, opens = use.segment.id, SegmentCheck(use.segment, codes), None
        else:
            opening = use.uses[0]
            id_, opens = use.id, _compile(use.uses, codes)
            check = SegmentCheck(opening.segment, codes) if isinstance(opening, Use) else opens.places[id_].check
        places[id_] = _Place(order, use.limit, check, opens)
    required = tuple(use.segment.id if isinstance(use, Use) else use.id for use in uses if use.required)
    return _Plan(places, required)
