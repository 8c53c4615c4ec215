"""Paths into a record: how a mapping addresses a value in JSON, a CSV row or an X12 transaction.

A path is compiled to a `Path`: `get` finds the value and runs for every record; `where` names the place for a
person and runs only when something is wrong. A leading `/` starts at the top of the record instead of at the
node being read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol

from crossdock.mapping.refusal import Context, Get, Refused
from crossdock.mapping.source import Place

_KEY: Final = re.compile(r"([^.\[\]/]+)((?:\[\d{1,4}\])*)")
_INDEX: Final = re.compile(r"\[(\d+)\]")

Where = Callable[[Any, Context], str]
Nodes = Callable[[Any, Context], Iterator[tuple[Any, str]]]


class Path(NamedTuple):
    """A compiled path; `key` is the member it names when it is a plain member of the node itself."""

    get: Get
    where: Where
    key: str | None = None


class Group(NamedTuple):
    """A repeated group: its nodes each with the position that goes before those of its values, and the inner scope."""

    nodes: Nodes
    inner: Address


class Address(Protocol):
    """How one format is addressed from one kind of node."""

    def path(self, place: Place) -> Path:
        """The value at a path. Raises `MappingError` for a path that can never find one."""

    def group(self, place: Place) -> Group:
        """The nodes of `each`."""


def join(outer: str, inner: str) -> str:
    """The position of an inner value: absolute when it starts with `/`, else below (or, of a column, within) the outer."""
    if inner.startswith("/") or not outer:
        return inner
    return outer.replace("{name}", inner) if "{name}" in outer else f"{outer}.{inner}"


class MemberAddress:
    """JSON: members by name, list members by index: `data.lines[0].sku`; `.` is the node itself."""

    def path(self, place: Place) -> Path:
        text = place.text()
        if text == ".":
            return Path(lambda node, _context: node, lambda _node, _context: "")
        steps = _steps(place, text)
        find = _finder(steps)

        def where(_node: Any, _context: Context) -> str:
            return text

        if text.startswith("/"):
            return Path(lambda _node, context: find(context.root), where)
        key = steps[0] if len(steps) == 1 and isinstance(steps[0], str) else None
        return Path(lambda node, _context: find(node), where, key)

    def group(self, place: Place) -> Group:
        path = self.path(place)

        def nodes(node: Any, context: Context) -> Iterator[tuple[Any, str]]:
            found = path.get(node, context)
            if found is None:
                return
            where = path.where(node, context)
            if type(found) is not list:
                raise Refused("field.type", "must be a list", found, where)
            for at, member in enumerate(found):
                yield member, f"{where}[{at}]"

        return Group(nodes, self)


def _steps(place: Place, text: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in text.removeprefix("/").split("."):
        match = _KEY.fullmatch(part)
        if match is None:
            raise place.error(f"{text!r} is not a path; write member names with dots, such as data.lines[0].sku")
        steps.append(match[1])
        steps += [int(index) for index in _INDEX.findall(match[2])]
    return steps


def _finder(steps: list[str | int]) -> Callable[[Any], Any]:
    """A function that follows the steps; None as soon as one leads nowhere."""
    if all(isinstance(step, str) for step in steps):
        if len(steps) == 1:
            return _member(str(steps[0]))
        if len(steps) == 2:  # noqa: PLR2004
            return _member_of_member(str(steps[0]), str(steps[1]))

    def find(node: Any) -> Any:
        for step in steps:
            if type(node) is dict:
                node = node.get(step)
            elif type(node) is list and type(step) is int and step < len(node):
                node = node[step]
            else:
                return None
        return node

    return find


def _member(key: str) -> Callable[[Any], Any]:
    def find(node: Any) -> Any:
        return node.get(key) if type(node) is dict else None

    return find


def _member_of_member(outer: str, inner: str) -> Callable[[Any], Any]:
    def find(node: Any) -> Any:
        if type(node) is dict:
            node = node.get(outer)
            if type(node) is dict:
                return node.get(inner)
        return None

    return find


class ColumnAddress:
    """CSV: columns by name; `each: {columns: "c{n}_{name}", upto: 4}` reads c1_code, c1_amount, c2_code, ..."""

    def __init__(self) -> None:
        self.columns: set[str] = set()

    def path(self, place: Place) -> Path:
        name = place.text().removeprefix("/")
        self.columns.add(name)
        absolute = place.text().startswith("/")

        def where(_node: Any, _context: Context) -> str:
            return f"/{name}" if absolute else name

        if absolute:
            return Path(lambda _node, context: context.root.get(name), where)
        return Path(lambda node, _context: node.get(name), where, name)

    def group(self, place: Place) -> Group:
        place.object(("columns", "upto"), needed=("columns", "upto"))
        pattern, upto = place.at("columns").text(), place.at("upto").whole(1, 999)
        if "{n}" not in pattern or "{name}" not in pattern:
            raise place.at("columns").error('must hold {n} and {name}, such as "c{n}_{name}"')
        inner = _NumberedColumns(self, pattern, upto)

        def nodes(node: Any, _context: Context) -> Iterator[tuple[Any, str]]:
            for number, columns in enumerate(inner.columns_of, 1):
                member = {name: node[column] for name, column in columns}
                if any(map(str.strip, member.values())):
                    yield member, pattern.replace("{n}", str(number))

        return Group(nodes, inner)


class _NumberedColumns:
    """The columns of one numbered group; learns the names as the mapping uses them."""

    def __init__(self, outer: ColumnAddress, pattern: str, upto: int) -> None:
        self.outer = outer
        self.pattern = pattern
        self.columns_of: list[list[tuple[str, str]]] = [[] for _ in range(upto)]

    def path(self, place: Place) -> Path:
        if place.text().startswith("/"):
            return self.outer.path(place)
        name = place.text()
        for number, columns in enumerate(self.columns_of, 1):
            column = self.pattern.replace("{n}", str(number)).replace("{name}", name)
            if (name, column) not in columns:
                columns.append((name, column))
                self.outer.columns.add(column)
        return Path(lambda node, _context: node.get(name), lambda _node, _context: name, name)

    def group(self, place: Place) -> Group:
        raise place.error("a group of columns holds no further group")
