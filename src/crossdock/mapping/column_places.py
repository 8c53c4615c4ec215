"""Fixed columns: how a mapping says where they are, and how it addresses them.

`columns: {sku: 1-8, quantity: 9-14}` counts characters from 1, both ends included. Where lines are of several kinds,
`kind: 1-2` says where the kind stands, and `columns` are by kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from crossdock.formats.fixed import ENCODINGS, LINE_MAX, Columns, Layout, Row
from crossdock.mapping.paths import Group, Path
from crossdock.mapping.record import Context, Node
from crossdock.mapping.source import Place, suggest

KEYS: Final = ("columns", "kind", "record", "ignores", "width", "trimmed", "encoding")
_PLACES: Final = re.compile(r"([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?")


def layout_of(place: Place) -> Layout:
    """The layout that a mapping of fixed columns says. Raises `MappingError`."""
    if not place.has("columns"):
        raise place.error("needs `columns` with their places, such as columns: {sku: 1-8, quantity: 9-14}")
    kind = _places(place.at("kind")) if place.has("kind") else None
    columns = place.at("columns")
    if kind is None:
        for key in ("record", "ignores"):
            if place.has(key):
                raise place.at(key).error("needs `kind`: where the kind of a line stands")
        kinds: dict[str, Columns] = {"": _columns(columns)}
    else:
        kinds = {name: _columns(each) for name, each in columns.items()}
    ignores = frozenset(each.text() for each in place.at("ignores").each()) if place.has("ignores") else frozenset()
    for name in sorted(ignores & kinds.keys()):
        raise place.at("ignores").error(f"lines of kind {name!r} have columns; they are read or they say nothing")
    record = place.at("record").choice(kinds) if place.has("record") else None
    return Layout(
        kinds,
        kind,
        record,
        ignores,
        place.at("width").whole(1, LINE_MAX) if place.has("width") else None,
        place.has("trimmed") and place.at("trimmed").flag(),
        place.at("encoding").choice(ENCODINGS) if place.has("encoding") else "utf-8",
    )


def _columns(place: Place) -> Columns:
    if not place.items():
        raise place.error("must name columns with their places, such as {sku: 1-8, quantity: 9-14}")
    return {name: _places(each) for name, each in place.items()}


def _places(place: Place) -> tuple[int, int]:
    match = _PLACES.fullmatch(place.value) if isinstance(place.value, str) else None
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if last < first or last > LINE_MAX:
        raise place.error("must be places counted from 1, the first and the last one, such as 9-14")
    return first - 1, last


class FixedAddress:
    """A line by its columns; `kinds` are those of lines that may stand below it, `top` the line that begins all."""

    def __init__(self, columns: Columns, kinds: Mapping[str, Columns], top: Columns) -> None:
        self.columns = columns
        self.kinds = kinds
        self.top = top

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        name, is_absolute = text.removeprefix("/"), text.startswith("/")
        known = self.top if is_absolute else self.columns
        if name not in known:
            raise place.error(f"there is no column {name!r} in that line; {suggest(name, known)}")

        def where(node: Row, context: Context) -> str:
            row: Row = context.root if is_absolute else node
            return f"/line {row.number}, column {name}"

        if is_absolute:
            return Path(lambda _node, context: context.root[name], where, top_key=name)
        return Path(lambda node, _context: node.get(name), where, name)

    def group(self, place: Place) -> Group:
        """As `Address.group`: the lines of a kind in the record."""
        kind = place.text()
        if kind not in self.kinds:
            raise place.error(f"no lines of kind {kind!r} stand there; {suggest(kind, self.kinds)}")
        inner = FixedAddress(self.kinds[kind], {}, self.top)

        def nodes(node: Row, _context: Context) -> list[Node]:
            return [*node.inside.get(kind, ())]

        return Group(nodes, lambda _node, _context, _at: "", inner)


def address_of(layout: Layout, kind: str) -> FixedAddress:
    """How the lines of a kind are addressed that make a record, or begin one."""
    inside = {name: columns for name, columns in layout.kinds.items() if layout.record is not None and name != kind}
    return FixedAddress(layout.kinds[kind], inside, layout.kinds[kind])
