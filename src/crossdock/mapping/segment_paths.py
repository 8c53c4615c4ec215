"""Paths into an EDI document: `B10-02`, `L11[02=PO]-01`, `LX/AT7/AT7-01`, `N1[01=SH]/N4-01`, `/B10-02`, `DTM-01:2`.

The same for X12 and EDIFACT. Steps before the last name loops of the grammar by the segment that opens them, the last
a segment, an element and, of a composite, a component. `../` leads to the loop around the one at hand. A qualifier
picks the segment (or the loop by its opening segment) whose element has a value; an empty one (`L1[08=]`) the segment
that lacks it. Where several segments match with different values the record is refused: picking one in silence would
lose the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Node as Tree
from crossdock.formats.edi.grammar import Composite, Loop, Use, id_of
from crossdock.mapping.paths import Group, Path
from crossdock.mapping.record import Context, Get, Node, Raw, Refused
from crossdock.mapping.silent import hint_of
from crossdock.mapping.source import Place, suggest

_QUALIFIED: Final = r"[A-Z0-9]{2,3}(?:\[\d\d(?::\d{1,2})?=[^\]]*\])?"
_PATH: Final = re.compile(
    rf"(?P<loops>(?:{_QUALIFIED}/)*)(?P<segment>{_QUALIFIED})(?:-(?P<element>\d\d)(?::(?P<component>\d\d?))?)?"
)
_STEP: Final = re.compile(
    r"(?P<id>[A-Z0-9]{2,3})(?:\[(?P<element>\d\d)(?::(?P<component>\d{1,2}))?=(?P<value>[^\]]*)\])?"
)
_OUT: Final = "../"
Uses = tuple[Use | Loop, ...]
Segment = list[str]


class _Step(NamedTuple):
    """A loop or segment by its id; `element` 0 where no qualifier picks among several."""

    id: str
    element: int
    component: int
    value: str

    def picks(self, segment: Segment) -> bool:
        return not self.element or _value(segment, self.element, self.component) == self.value


class _Steps(NamedTuple):
    """A path taken apart; `element` 0 where the whole segment is meant."""

    loops: tuple[_Step, ...]
    segment: _Step
    element: int
    component: int


class DocumentAddress:
    """A loop of a document, or the document itself: `uses` is what may stand in it."""

    def __init__(self, uses: Uses, top: Uses, name: str, around: DocumentAddress | None = None) -> None:
        self.uses = uses
        self.top = top
        self.name = name
        self.around = around

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        absolute = text.startswith("/")
        levels, plain = _levels(text)
        steps = _parse(place, plain)
        if not steps.element:
            raise place.error(f"{text!r} names a segment; say which element, such as {text}-01")
        address = self._outer(place, levels)
        uses = address._find(place, steps, self.top if absolute else address.uses)  # noqa: SLF001  (of the same class)
        _check_elements(place, steps, uses)
        alone = not steps.loops and len(uses) == 1 and uses[0].limit == 1
        element, part = steps.element, steps.component
        find = _finder(steps, alone=alone)
        reference = _reference(steps)

        def start(node: Node, context: Context) -> Node:
            if absolute:
                return context.root
            for _ in range(levels):
                assert context.document is not None, "a path into a document has one"  # noqa: S101
                node = context.document.around(node)
            return node

        def get(node: Node, context: Context) -> Raw:
            segment = find(start(node, context))
            if segment is None or len(segment) <= element:
                return None
            return _part(segment[element], part) if part else segment[element]

        def where(node: Node, context: Context) -> str:
            segments = _segments(start(node, context), steps)
            return _position(segments[0] if segments else None, reference, context)

        def every(node: Node, context: Context) -> list[str]:
            segments = _segments(start(node, context), steps)
            return [value for each in segments if (value := _value(each, element, part))]

        hint = hint_of(uses[0].segment, element, part)
        if alone and not (part or levels or steps.segment.element):
            trimmed = _trimmed(steps.segment.id, element, absolute=absolute)
            return Path(get, where, trimmed=trimmed, hint=hint)
        return Path(get, where, every=None if alone else every, hint=hint)

    def group(self, place: Place) -> Group:
        """As `Address.group`: the loops, or the segments, that repeat at a path."""
        text = place.text()
        steps = _parse(place, text)
        if steps.element:
            raise place.error(f"{text!r} names an element; a group repeats a loop or a segment")
        address = self
        for step in steps.loops:
            uses = _loop(place, address.uses, step.id, address.name).uses
            address = DocumentAddress(uses, self.top, step.id, address)
        last = steps.segment
        inner = next((use for use in address.uses if isinstance(use, Loop) and use.id == last.id), None)
        if inner is not None:
            path = (*steps.loops, last)
            address = DocumentAddress(inner.uses, self.top, last.id, address)
            return Group(lambda node, _context: _nodes(node, path), _no_prefix, address)
        found = self._find(place, steps, self.uses)
        _check_elements(place, steps, found)
        address_within = _SegmentAddress(found[0], self.top, self.name)
        return Group(lambda node, _context: [*_segments(node, steps)], _no_prefix, address_within)

    def _outer(self, place: Place, levels: int) -> DocumentAddress:
        address = self
        for _ in range(levels):
            if address.around is None:
                raise place.error(f"there is no loop around {address.name}; take away a ../")
            address = address.around
        return address

    def _find(self, place: Place, steps: _Steps, uses: Uses) -> list[Use]:
        """The uses of a segment at a path: several where a grammar has it twice at one level."""
        for step in steps.loops:
            uses = _loop(place, uses, step.id, self.name).uses
        id_ = steps.segment.id
        found = [use for use in uses if isinstance(use, Use) and use.segment.id == id_]
        if found:
            return found
        if any(isinstance(use, Loop) and use.id == id_ for use in uses):
            raise place.error(f"{id_} opens a loop; write {id_}/{id_}")
        known = [use.segment.id if isinstance(use, Use) else f"{use.id}/" for use in uses]
        where = steps.loops[-1].id if steps.loops else self.name
        raise place.error(f"{where} has no segment {id_}; {suggest(id_, known)}")


class _SegmentAddress:
    """Inside a group of segments: `L1-04` is an element of the segment at hand."""

    def __init__(self, use: Use, top: Uses, name: str) -> None:
        self.use = use
        self.outer = DocumentAddress(top, top, name)

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        if text.startswith("/"):
            return self.outer.path(place)
        steps = _parse(place, text)
        id_ = self.use.segment.id
        if steps.segment.id != id_ or not steps.element or steps.loops or steps.segment.element:
            raise place.error(f"inside a group of {id_} write {id_}-01, {id_}-02, ...; or /{text} from the top")
        _check_elements(place, steps, [self.use])
        reference = _reference(steps)
        element, part = steps.element, steps.component
        return Path(
            lambda node, _context: _value(node, element, part) or None,
            lambda node, context: _position(node, reference, context),
            trimmed=lambda node, _context: _value(node, element, part).strip() or None,
            hint=hint_of(self.use.segment, element, part),
        )

    def group(self, place: Place) -> Group:
        """Refuses: below a segment there are only elements."""
        raise place.error("a segment holds no further group")


def _levels(text: str) -> tuple[int, str]:
    """How many loops a path leads out of, and the rest of it."""
    levels = 0
    while text.startswith(_OUT):
        levels, text = levels + 1, text.removeprefix(_OUT)
    return levels, text.removeprefix("/")


def _parse(place: Place, text: str) -> _Steps:
    match = _PATH.fullmatch(text)
    if match is None:
        raise place.error(f"{text!r} is not a segment path; write B10-02, L11[02=PO]-01 or N1[01=SH]/N4-01")
    steps = tuple(
        _Step(step["id"], int(step["element"] or 0), int(step["component"] or 0), step["value"] or "")
        for step in _STEP.finditer(match["loops"] + match["segment"])
    )
    return _Steps(steps[:-1], steps[-1], int(match["element"] or 0), int(match["component"] or 0))


def _reference(steps: _Steps) -> str:
    part = f":{steps.component}" if steps.component else ""
    return f"{steps.segment.id}-{steps.element:02}{part}"


def _loop(place: Place, uses: Uses, id_: str, name: str) -> Loop:
    loops = {use.id: use for use in uses if isinstance(use, Loop)}
    if id_ not in loops:
        raise place.error(f"{name} has no loop {id_}; {suggest(id_, loops)}")
    return loops[id_]


def _check_elements(place: Place, steps: _Steps, uses: list[Use]) -> None:
    segment, id_ = uses[0].segment, id_of(uses[0])
    for element, part in ((steps.element, steps.component), (steps.segment.element, steps.segment.component)):
        if element > len(segment.fields):
            if segment.open:
                continue
            raise place.error(f"{id_} has {len(segment.fields)} elements")
        holds = segment.fields[element - 1].holds
        reference = f"{id_}-{element:02}"
        if element and isinstance(holds, Composite):
            if not part:
                raise place.error(f"{reference} has {len(holds.fields)} components; say which one: {reference}:1")
            if part > len(holds.fields):
                raise place.error(f"{reference} has {len(holds.fields)} components")
        elif part > 1:
            raise place.error(f"{reference} has no components")


def _nodes(node: Tree, loops: tuple[_Step, ...]) -> list[Tree]:
    nodes = [node]
    for step in loops:
        nodes = [inner for outer in nodes for inner in outer.loops.get(step.id, ())]
        if step.element:
            nodes = [inner for inner in nodes if step.picks(inner.segments[step.id][0])]
    return nodes


def _segments(node: Tree, steps: _Steps) -> list[Segment]:
    """Every segment that a path may mean."""
    id_ = steps.segment.id
    if steps.loops:
        found = [segment for each in _nodes(node, steps.loops) for segment in each.segments.get(id_, ())]
    else:
        found = node.segments.get(id_, [])
    _, element, component, value = steps.segment
    if component:
        return [each for each in found if steps.segment.picks(each)]
    return [each for each in found if (each[element] if len(each) > element else "") == value] if element else found


def _finder(steps: _Steps, *, alone: bool) -> Callable[[Tree], Segment | None]:
    """A function that finds the one segment a path means."""
    id_ = steps.segment.id
    if alone and not steps.segment.element:

        def only(node: Tree) -> Segment | None:
            segments = node.segments.get(id_)
            return segments[0] if segments else None

        return only

    def find(node: Tree) -> Segment | None:
        segments = _segments(node, steps)
        if not segments:
            return None
        if len(segments) > 1:
            values = [_value(each, steps.element, steps.component) for each in segments]
            if len(set(values)) > 1:
                problem = "several segments match with different values; say which one counts"
                raise Refused("path.ambiguous", problem, ", ".join(values))
        return segments[0]

    _, _, component, value = steps.segment
    return find if steps.loops or component or not value else _picker(steps.segment, find)


def _picker(step: _Step, find: Callable[[Tree], Segment | None]) -> Callable[[Tree], Segment | None]:
    """What `find` finds, in one call where one segment matches, as nearly always."""
    id_, element, _, value = step

    def pick(node: Tree) -> Segment | None:
        found: Segment | None = None
        for segment in node.segments.get(id_, ()):
            if len(segment) > element and segment[element] == value:
                if found is not None:
                    return find(node)
                found = segment
        return found

    return pick


def _trimmed(id_: str, element: int, *, absolute: bool) -> Get:
    """What most paths are, in one call: an element of the one segment of its id, here or at the top."""

    def get(node: Node, context: Context) -> Raw:
        segments = (context.root if absolute else node).segments.get(id_)
        if segments is None:
            return None
        segment = segments[0]
        return segment[element].strip() or None if len(segment) > element else None

    return get


def _value(segment: Segment, element: int, component: int) -> str:
    value = segment[element] if len(segment) > element else ""
    return (_part(value, component) or "") if component else value


def _part(value: str, component: int) -> str | None:
    parts = value.split(COMPONENT)
    return parts[component - 1] if len(parts) >= component else None


def _position(segment: Segment | None, reference: str, context: Context) -> str:
    document = context.document
    if segment is not None and document is not None:
        number = document.number_of(segment)
        if number:
            return f"/segment {number}, {reference}"
    return f"/segment {reference.partition('-')[0]}, {reference}"


def _no_prefix(_node: Node, _context: Context, _at: int) -> str:
    """Positions of EDI count segments of the message, whatever loop they are in."""
    return ""
