"""Paths into XML: `Header/OrderNo`, `Lines/Line`, `@currency`, `Party[@role=SH]/Name`, `../Date`, `name()`, `.`.

Steps are local names of elements, the last one may be an attribute (`@id`). A qualifier picks among several elements by
an attribute or by the text of an element in them; without one, several that match are refused: taking one in silence
would lose the others. `../` leads to the element around; from the record it leads to what was read around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from crossdock.formats.xml import ANY, Element
from crossdock.mapping.paths import Group, Path
from crossdock.mapping.record import Context, Node, Raw, Refused
from crossdock.mapping.source import Place

_NAME: Final = r"[^\W\d][\w.-]*"
_ATTRIBUTE: Final = rf"@(?:{_NAME}:)?{_NAME}"
_STEP: Final = re.compile(
    rf"(?P<name>{_NAME}|\*)(?:\[(?:(?P<attribute>{_ATTRIBUTE})|(?P<element>{_NAME}))=(?P<value>[^\]]*)\])?"
)
_LAST: Final = re.compile(rf"{_ATTRIBUTE}|name\(\)|\.")
_OUT: Final = "../"
_ITSELF: Final = "."
_NAMED: Final = "name()"
_EXAMPLES: Final = "write Header/OrderNo, Line/@number or Party[@role=SH]/Name"


class Step(NamedTuple):
    """Elements by name; `attribute` or `element` with its `value` where only some of them are meant."""

    name: str
    attribute: str
    element: str
    value: str

    def picks(self, found: Element) -> bool:
        """Is this one of them?"""
        if self.attribute:
            return found.attributes.get(self.attribute, "").strip() == self.value
        if self.element:
            return any(each.text.strip() == self.value for each in found.named(self.element))
        return True


class ElementAddress:
    """An element of a record, or the record itself."""

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        plain, levels, absolute = _outwards(text)
        steps, last = _parse(place, plain)

        def found(node: Node, context: Context) -> list[Element]:
            return [*_walk([_start(node, context, levels, absolute=absolute)], steps)]

        def get(node: Node, context: Context) -> Raw:
            elements = found(node, context)
            if not elements:
                return None
            if len(elements) > 1:
                shown = ", ".join((_value(each, last) or "").strip() for each in elements)
                problem = "several elements match; say which one counts, as in Party[@role=SH]/Name"
                raise Refused("path.ambiguous", problem, shown)
            return _value(elements[0], last)

        def every(node: Node, context: Context) -> list[str]:
            return [value for each in found(node, context) if (value := _value(each, last)) and value.strip()]

        def where(node: Node, context: Context) -> str:
            start = _start(node, context, levels, absolute=absolute)
            elements = [*_walk([start], steps)]
            return f"/line {(elements or [start])[0].line}, {plain}"

        return Path(get, where, every=every, is_single=True)

    def group(self, place: Place) -> Group:
        """As `Address.group`: the elements at a path."""
        text = place.text()
        plain, levels, absolute = _outwards(text)
        steps, last = _parse(place, plain)
        if last != _ITSELF or not steps:
            raise place.error(f"{text!r} names no elements that repeat; write Lines/Line")

        def nodes(node: Node, context: Context) -> list[Node]:
            return [*_walk([_start(node, context, levels, absolute=absolute)], steps)]

        return Group(nodes, lambda _node, _context, _at: "", self)


def record_of(place: Place) -> tuple[str, ...]:
    """The names from the root down to a record: `Orders/Order`. Raises `MappingError`."""
    names = tuple(place.text().split("/"))
    for name in names:
        if name != ANY and not re.fullmatch(_NAME, name):
            raise place.error("must name elements from the root down to a record, such as Orders/Order")
    return names


def _outwards(text: str) -> tuple[str, int, bool]:
    """A path without its beginning, how many elements that leads out of, and whether from the record itself."""
    absolute = text.startswith("/")
    text, levels = text.removeprefix("/"), 0
    while text.startswith(_OUT):
        text, levels = text.removeprefix(_OUT), levels + 1
    return text, levels, absolute


def _parse(place: Place, text: str) -> tuple[list[Step], str]:
    """The steps of a path, and what of the last element is meant: its text (`.`), its name, or an attribute."""
    parts = re.split(r"/(?![^\[]*\])", text)
    last = _ITSELF
    if _LAST.fullmatch(parts[-1]):
        last = parts.pop()
    steps = []
    for part in parts:
        match = _STEP.fullmatch(part)
        if match is None:
            raise place.error(f"{place.value!r} is not a path into XML; {_EXAMPLES}")
        attribute = (match["attribute"] or "").removeprefix("@")
        steps.append(Step(match["name"], attribute, match["element"] or "", (match["value"] or "").strip()))
    return steps, last


def _start(node: Element, context: Context, levels: int, *, absolute: bool) -> Element:
    element: Element = context.root if absolute else node
    for _ in range(levels):
        if element.around is None:
            raise Refused("path.outside", "leads out of the document; take away a ../", "", f"/line {element.line}")
        element = element.around
    return element


def _walk(elements: list[Element], steps: list[Step]) -> Iterator[Element]:
    """Every element that the steps lead to."""
    for step in steps:
        elements = [inner for outer in elements for inner in outer.named(step.name) if step.picks(inner)]
    yield from elements


def _value(element: Element, last: str) -> str | None:
    if last == _ITSELF:
        return element.text
    return element.name if last == _NAMED else element.attributes.get(last[1:])
