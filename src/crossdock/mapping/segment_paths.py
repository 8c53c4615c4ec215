"""Paths into an X12 transaction: `B10-02`, `L11[02=PO]-01`, `LX/AT7/AT7-01`, `/B10-02`, `SV1-01:2`.

Steps before the last name loops of the grammar, the last a segment and an element. A qualifier picks the segment
whose element has a value; an empty one (`L1[08=]`) the segment that lacks it. Where several segments match with
different values the record is refused: picking one in silence would lose the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from crossdock.formats.x12.grammar import Loop, Use
from crossdock.formats.x12.tree import Node as Tree
from crossdock.mapping.paths import Group, Path
from crossdock.mapping.record import Context, Node, Raw, Refused
from crossdock.mapping.source import Place, suggest

_PATH: Final = re.compile(
    r"(?P<loops>(?:[A-Z0-9]{2,3}/)*)(?P<segment>[A-Z0-9]{2,3})"
    r"(?:\[(?P<qualifier>\d\d)=(?P<value>[^\]]*)\])?(?:-(?P<element>\d\d)(?::(?P<component>\d))?)?"
)
Uses = tuple[Use | Loop, ...]


class _Step(NamedTuple):
    """A segment path taken apart; `element` 0 where the whole segment is meant."""

    loops: tuple[str, ...]
    segment: str
    qualifier: int
    value: str
    element: int
    component: int


class TransactionAddress:
    """A loop of a transaction set, or the set itself: `uses` is what may stand in it."""

    def __init__(self, uses: Uses, top: Uses, name: str) -> None:
        self.uses = uses
        self.top = top
        self.name = name

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        step = _parse(place, text.removeprefix("/"))
        if not step.element:
            raise place.error(f"{text!r} names a segment; say which element, such as {text}-01")
        absolute = text.startswith("/")
        use = self._find(place, step, self.top if absolute else self.uses)
        _check_elements(place, step, use)
        find = _finder(step, alone=use.limit == 1)
        reference, place_in_segment = f"{step.segment}-{step.element:02}", step.element
        split = bool(step.component)

        def get(node: Node, context: Context) -> Raw:
            segment = find(context.root if absolute else node)
            if split:
                return _element(segment, step, context)
            return segment[place_in_segment] if segment is not None and len(segment) > place_in_segment else None

        def where(node: Node, context: Context) -> str:
            segments = _segments(context.root if absolute else node, step)
            return _position(segments[0] if segments else None, reference, context)

        def every(node: Node, context: Context) -> list[str]:
            segments = _segments(context.root if absolute else node, step)
            return [value for each in segments if (value := _element(each, step, context))]

        alone = use.limit == 1 and not step.loops
        return Path(get, where, every=None if alone else every)

    def group(self, place: Place) -> Group:
        """As `Address.group`: the loops, or the segments, that repeat at a path."""
        text = place.text()
        step = _parse(place, text)
        if step.element:
            raise place.error(f"{text!r} names an element; a group repeats a loop or a segment")
        uses = self.uses
        for loop in step.loops:
            uses = _loop(place, uses, loop, self.name).uses
        inner = next((use for use in uses if isinstance(use, Loop) and use.id == step.segment), None)
        if inner is not None and not step.qualifier:
            return Group(_loop_nodes(step), _no_prefix, TransactionAddress(inner.uses, self.top, step.segment))
        use = self._find(place, step, self.uses)
        _check_elements(place, step, use)
        return Group(_segment_nodes(step), _no_prefix, _SegmentAddress(use, self.top, self.name))

    def _find(self, place: Place, step: _Step, uses: Uses) -> Use:
        for loop in step.loops:
            uses = _loop(place, uses, loop, self.name).uses
        for use in uses:
            if isinstance(use, Use) and use.segment.id == step.segment:
                return use
        if any(isinstance(use, Loop) and use.id == step.segment for use in uses):
            raise place.error(f"{step.segment} opens a loop; write {step.segment}/{step.segment}")
        known = [use.segment.id if isinstance(use, Use) else f"{use.id}/" for use in uses]
        where = step.loops[-1] if step.loops else self.name
        raise place.error(f"{where} has no segment {step.segment}; {suggest(step.segment, known)}")


class _SegmentAddress:
    """Inside a group of segments: `L1-04` is an element of the segment at hand."""

    def __init__(self, use: Use, top: Uses, name: str) -> None:
        self.use = use
        self.outer = TransactionAddress(top, top, name)

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        if text.startswith("/"):
            return self.outer.path(place)
        step = _parse(place, text)
        id_ = self.use.segment.id
        if step.segment != id_ or not step.element or step.loops or step.qualifier:
            raise place.error(f"inside a group of {id_} write {id_}-01, {id_}-02, ...; or /{text} from the top")
        _check_elements(place, step, self.use)
        reference = f"{id_}-{step.element:02}"
        return Path(
            lambda node, context: _element(node, step, context),
            lambda node, context: _position(node, reference, context),
        )

    def group(self, place: Place) -> Group:
        """Refuses: below a segment there are only elements."""
        raise place.error("a segment holds no further group")


def _parse(place: Place, text: str) -> _Step:
    match = _PATH.fullmatch(text)
    if match is None:
        raise place.error(f"{text!r} is not a segment path; write B10-02, L11[02=PO]-01 or LX/AT7/AT7-01")
    loops = tuple(match["loops"].split("/")[:-1])
    numbers = [int(match[part] or 0) for part in ("qualifier", "element", "component")]
    return _Step(loops, match["segment"], numbers[0], match["value"] or "", numbers[1], numbers[2])


def _loop(place: Place, uses: Uses, id_: str, name: str) -> Loop:
    loops = {use.id: use for use in uses if isinstance(use, Loop)}
    if id_ not in loops:
        raise place.error(f"{name} has no loop {id_}; {suggest(id_, loops)}")
    return loops[id_]


def _check_elements(place: Place, step: _Step, use: Use) -> None:
    width = len(use.segment.elements)
    if not use.segment.open and max(step.element, step.qualifier) > width:
        raise place.error(f"{use.segment.id} has {width} elements")


def _nodes(node: Tree, loops: tuple[str, ...]) -> list[Tree]:
    nodes = [node]
    for loop in loops:
        nodes = [inner for outer in nodes for inner in outer.loops.get(loop, ())]
    return nodes


def _segments(node: Tree, step: _Step) -> list[list[str]]:
    """Every segment that a path may mean."""
    if step.loops:
        nodes = _nodes(node, step.loops)
        found = [segment for each in nodes for segment in each.segments.get(step.segment, ())]
    else:
        found = node.segments.get(step.segment, [])
    if step.qualifier:
        return [each for each in found if _value(each, step.qualifier) == step.value]
    return found


def _finder(step: _Step, *, alone: bool) -> Callable[[Tree], list[str] | None]:
    """A function that finds the one segment a path means."""
    id_ = step.segment
    if alone and not step.loops and not step.qualifier:

        def only(node: Tree) -> list[str] | None:
            segments = node.segments.get(id_)
            return segments[0] if segments else None

        return only

    def find(node: Tree) -> list[str] | None:
        segments = _segments(node, step)
        if len(segments) > 1 and len({_value(each, step.element) for each in segments}) > 1:
            values = ", ".join(_value(each, step.element) for each in segments)
            problem = "several segments match with different values; say which one counts"
            raise Refused("x12.ambiguous", problem, values)
        return segments[0] if segments else None

    return find


def _value(segment: list[str], place: int) -> str:
    return segment[place] if len(segment) > place else ""


def _element(segment: list[str] | None, step: _Step, context: Context) -> str | None:
    if segment is None or len(segment) <= step.element:
        return None
    value = segment[step.element]
    if step.component:
        separator = context.transaction.component if context.transaction is not None else ""
        parts = value.split(separator) if separator else [value]
        return parts[step.component - 1] if len(parts) >= step.component else None
    return value


def _position(segment: list[str] | None, reference: str, context: Context) -> str:
    transaction = context.transaction
    if segment is not None and transaction is not None:
        for number, each in enumerate(transaction.segments, transaction.first):
            if each is segment:
                return f"/segment {number}, {reference}"
    return f"/segment {reference.partition('-')[0]}, {reference}"


def _loop_nodes(step: _Step) -> Callable[[Node, Context], list[Node]]:
    path = (*step.loops, step.segment)
    return lambda node, _context: [*_nodes(node, path)]


def _segment_nodes(step: _Step) -> Callable[[Node, Context], list[Node]]:
    return lambda node, _context: [*_segments(node, step)]


def _no_prefix(_node: Node, _context: Context, _at: int) -> str:
    """Positions of X12 count segments of the message, whatever loop they are in."""
    return ""
