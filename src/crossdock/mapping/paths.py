"""Paths into a record: how a mapping addresses a value, here in JSON and in a CSV row.

A path is compiled to a `Path`: `get` finds the value and runs for every record; `where` names the place for a
person and runs only when something is wrong. A leading `/` starts at the top of the record instead of at the
node being read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from crossdock.mapping.record import Context, Get, Node, Raw, Refused
from crossdock.mapping.silent import Hint
from crossdock.mapping.source import Place

_KEY: Final = re.compile(r"([^.\[\]/]+)((?:\[\d{1,4}\])*)")
_INDEX: Final = re.compile(r"\[(\d+)\]")

Where = Callable[[Node, Context], str]
Find = Callable[[Node], Raw]


class Path(NamedTuple):
    """A compiled path.

    `key` is the member it names when it is a plain member of the node itself, `top_key` when it is one of the
    record; `every` finds all values where several may match (`get` then refuses different ones). `is_single`: `get`
    refuses several matches even if they are equal. `trimmed`, of a path that never refuses, finds a text without the
    blanks around it, None for one of nothing else. `hint` is what a standard says of the place.
    """

    get: Get
    where: Where
    key: str | None = None
    top_key: str | None = None
    every: Get | None = None
    is_single: bool = False
    trimmed: Get | None = None
    hint: Hint | None = None


class Group(NamedTuple):
    """A repeated group: its nodes, where its n-th one (from 0) stands, and how values are addressed within one.

    `objects`: its nodes may be of any type and must be objects to be looked into.
    """

    nodes: Callable[[Node, Context], list[Node]]
    where: Callable[[Node, Context, int], str]
    inner: Address
    objects: bool = False


class Address(Protocol):
    """How one format is addressed from one kind of node."""

    def path(self, place: Place) -> Path:
        """The value at a path. Raises `MappingError` for a path that can never find one."""

    def group(self, place: Place) -> Group:
        """The nodes of `each`. Raises `MappingError`."""


def join(outer: str, inner: str) -> str:
    """The position of an inner value: absolute when it starts with `/`, else below (or, of a column, within) outer."""
    if inner.startswith("/") or not outer:
        return inner
    if not inner:
        return outer
    return outer.replace("{name}", inner) if "{name}" in outer else f"{outer}.{inner}"


class MemberAddress:
    """JSON: members by name, list members by index: `data.lines[0].sku`; `.` is the node itself."""

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        text = place.text()
        if text == ".":
            return Path(lambda node, _context: node, lambda _node, _context: "")
        steps = _steps(place, text)
        find = _finder(steps)

        def where(_node: Node, _context: Context) -> str:
            return text

        key = steps[0] if len(steps) == 1 and isinstance(steps[0], str) else None
        if text.startswith("/"):
            return Path(lambda _node, context: find(context.root), where, top_key=key)
        return Path(lambda node, _context: find(node), where, key)

    def group(self, place: Place) -> Group:
        """As `Address.group`."""
        path = self.path(place)
        get, where = path.get, path.where

        def nodes(node: Node, context: Context) -> list[Node]:
            found = get(node, context)
            if type(found) is list:
                return found
            if found is None:
                return []
            raise Refused("field.type", "must be a list", found, where(node, context))

        return Group(nodes, lambda node, context, at: f"{where(node, context)}[{at}]", self, objects=True)


def _steps(place: Place, text: str) -> list[str | int]:
    steps: list[str | int] = []
    for part in text.removeprefix("/").split("."):
        match = _KEY.fullmatch(part)
        if match is None:
            raise place.error(f"{text!r} is not a path; write member names with dots, such as data.lines[0].sku")
        steps.append(match[1])
        steps += [int(index) for index in _INDEX.findall(match[2])]
    return steps


def _finder(steps: list[str | int]) -> Find:
    """A function that follows the steps; None as soon as one leads nowhere. The usual paths have one of their own."""
    match steps:
        case [str(key)]:
            return _member(key)
        case [str(outer), str(inner)]:
            return _member_of_member(outer, inner)

    def find(node: Node) -> Raw:
        for step in steps:
            if type(node) is dict:
                node = node.get(step)
            elif type(node) is list and type(step) is int and step < len(node):
                node = node[step]
            else:
                return None
        return node

    return find


def _member(key: str) -> Find:
    def find(node: Node) -> Raw:
        return node.get(key) if type(node) is dict else None

    return find


def _member_of_member(outer: str, inner: str) -> Find:
    def find(node: Node) -> Raw:
        if type(node) is dict:
            node = node.get(outer)
            if type(node) is dict:
                return node.get(inner)
        return None

    return find


class ColumnAddress:
    """CSV: columns by name; `each: {columns: "c{n}_{name}", upto: 4}` reads c1_code, c1_amount, c2_code, ...

    `columns` learns every column that the mapping uses, so that a header without it is refused at once.
    """

    def __init__(self) -> None:
        self.columns: set[str] = set()

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
        name = place.text().removeprefix("/")
        self.columns.add(name)
        if place.text().startswith("/"):
            return Path(lambda _node, context: context.root[name], lambda _node, _context: f"/{name}", top_key=name)
        return Path(lambda node, _context: node.get(name), lambda _node, _context: name, name)

    def group(self, place: Place) -> Group:
        """As `Address.group`: the numbered groups that are not blank."""
        place.object(("columns", "upto"), needed=("columns", "upto"))
        pattern, upto = place.at("columns").text(), place.at("upto").whole(1, 999)
        if "{n}" not in pattern or "{name}" not in pattern:
            raise place.at("columns").error('must hold {n} and {name}, such as "c{n}_{name}"')
        inner = _NumberedColumns(self, pattern, upto)

        def present(node: Node) -> list[tuple[int, dict[str, str]]]:
            members = ({name: node[column] for name, column in columns} for columns in inner.columns_of)
            return [each for each in enumerate(members, 1) if any(map(str.strip, each[1].values()))]

        def where(node: Node, _context: Context, at: int) -> str:
            return pattern.replace("{n}", str(present(node)[at][0]))

        return Group(lambda node, _context: [member for _, member in present(node)], where, inner)


class _NumberedColumns:
    """The columns of one numbered group; learns the names as the mapping uses them."""

    def __init__(self, outer: ColumnAddress, pattern: str, upto: int) -> None:
        self.outer = outer
        self.pattern = pattern
        self.columns_of: list[list[tuple[str, str]]] = [[] for _ in range(upto)]

    def path(self, place: Place) -> Path:
        """As `Address.path`."""
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
        """Refuses: columns have no third dimension."""
        raise place.error("a group of columns holds no further group")
