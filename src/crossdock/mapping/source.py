"""A mapping as written: YAML text to plain values, each with the line it stands on, and errors that name both.

Scalars stay text (`NO` is Norway, `2026-01-01` waits for its field's type); the compiler knows what each must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

import yaml

SOURCE_MAX: Final = 1_000_000
_DEPTH_MAX: Final = 32
_EXTENDS: Final = "extends"
_NULL: Final = "tag:yaml.org,2002:null"
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class MappingError(ValueError):
    """A mapping document cannot be compiled: `path` and `line` of the mistake, `problem` with what would be right."""

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        self.path = path
        self.problem = problem
        self.line = line
        where = path or "the document"
        super().__init__(f"{where} (line {line}): {problem}" if line else f"{where}: {problem}")


Written: TypeAlias = Any
"""A value of a mapping as written: text, list or object of such values, None where nothing stands."""


class Place:
    """One value of the mapping and where it stands; every complaint of the compiler starts from one.

    `origins` says of what was not written here where it comes from: `line 12 of carrier-status@3`. All methods that
    expect something raise `MappingError` when it is not there.
    """

    __slots__ = ("lines", "origins", "path", "value")

    def __init__(
        self,
        value: Written,
        path: tuple[str, ...] = (),
        lines: Mapping[tuple[str, ...], int] | None = None,
        origins: Mapping[tuple[str, ...], str] | None = None,
    ) -> None:
        self.value = value
        self.path = path
        self.lines = lines or {}
        self.origins = origins or {}

    def error(self, problem: str) -> MappingError:
        """A complaint about this place; its line is that of the nearest thing that was written."""
        around = [self.path[:length] for length in range(len(self.path), -1, -1)]
        nearest = next((path for path in around if path in self.lines or path in self.origins), ())
        if nearest not in self.lines and nearest in self.origins:
            problem = f"{problem} (it comes from {self.origins[nearest]})"
        line = next((self.lines[path] for path in around if path in self.lines), None)
        return MappingError(".".join(self.path), problem, line)

    def has(self, key: str) -> bool:
        """Whether it is an object with that key."""
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> Place:
        """The value of a key that is there."""
        return Place(self.value[key], (*self.path, key), self.lines, self.origins)

    def get(self, key: str) -> Place | None:
        """The value of a key, None where it is not there."""
        return self.at(key) if self.has(key) else None

    def items(self) -> list[tuple[str, Place]]:
        """The keys and values of an object."""
        if not isinstance(self.value, dict):
            raise self.error("must be an object")
        return [(key, self.at(key)) for key in self.value]

    def each(self) -> list[Place]:
        """The members of a list."""
        if not isinstance(self.value, list) or not self.value:
            raise self.error("must be a list with at least one member")
        return [Place(value, (*self.path, str(at)), self.lines, self.origins) for at, value in enumerate(self.value)]

    def spelt(self, value: Written) -> Place:
        """Another value in its place: what it is short for."""
        return Place(value, self.path, self.lines, self.origins)

    def object(self, known: Iterable[str], *, needed: Iterable[str] = ()) -> Place:
        """Itself, once sure that it is an object of known keys and has the needed ones."""
        known = sorted(known)
        if not isinstance(self.value, dict):
            raise self.error(f"must be an object with {', '.join(known)}")
        for key in self.value:
            if key not in known:
                raise self.at(key).error(f"unknown key {key!r}; {suggest(key, known)}")
        for key in needed:
            if key not in self.value:
                raise self.error(f"{key!r} is missing")
        return self

    def text(self) -> str:
        """A text, without outer blanks."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("must be a text")
        return self.value.strip()

    def flag(self) -> bool:
        """`true` or `false`."""
        if self.value not in ("true", "false"):
            raise self.error("must be true or false")
        return bool(self.value == "true")

    def whole(self, low: int, high: int) -> int:
        """A whole number between limits."""
        text = self.value if isinstance(self.value, str) else ""
        if not (text.isascii() and text.isdigit() and len(text) <= len(str(high)) and low <= int(text) <= high):
            raise self.error(f"must be a whole number from {low} to {high}")
        return int(text)

    def choice(self, choices: Iterable[str]) -> str:
        """One of several words."""
        text, known = self.text(), list(choices)
        if text not in known:
            raise self.error(f"{text!r} is not possible here; {suggest(text, known)}")
        return text


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'warehouse'?`, or the list of what is possible."""
    known = list(known)
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"possible are {', '.join(known) or 'none'}"


def parse(source: str | Mapping[str, Written]) -> Place:
    """The document with its lines. Raises `MappingError` for what is not plain YAML.

    A null is a text like any other, but where a document extends another one: there it removes (`None`).
    """
    if not isinstance(source, str):
        return Place(_plain(source, removes=_EXTENDS in source))
    if len(source) > SOURCE_MAX:
        raise MappingError("", f"longer than {SOURCE_MAX} characters; split the mapping")
    try:
        alias = next((each for each in yaml.parse(source, Loader=_Loader) if isinstance(each, yaml.AliasEvent)), None)
        root = yaml.compose(source, Loader=_Loader) if alias is None else None
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError, RecursionError) as bad:
        mark = getattr(bad, "problem_mark", None)
        problem = getattr(bad, "problem", None) or getattr(bad, "reason", "nested too deeply")
        raise MappingError("", f"not YAML: {problem}", mark.line + 1 if mark else None) from None
    if alias is not None:
        # An alias can make a short text endless, and hides what a field says from whoever reads it.
        raise MappingError(
            "",
            "aliases are not part of the language; use tables",
            alias.start_mark.line + 1 if alias.start_mark else None,
        )
    lines: dict[tuple[str, ...], int] = {}
    extends = isinstance(root, yaml.MappingNode) and any(key.value == _EXTENDS for key, _ in root.value)
    return Place(_value(root, (), lines, removes=extends), (), lines)


def _value(
    node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int], *, removes: bool
) -> Written:
    if node is None:
        return None
    lines[path] = node.start_mark.line + 1
    if len(path) > _DEPTH_MAX:
        raise MappingError(".".join(path), "nested too deeply", lines[path])
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Written] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                raise MappingError(".".join((*path, key)), "given twice; keep one", line)
            found[key] = (
                None
                if removes and value_node.tag == _NULL
                else _value(value_node, (*path, key), lines, removes=removes)
            )
            lines[(*path, key)] = line
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(member, (*path, str(at)), lines, removes=removes) for at, member in enumerate(node.value)]
    return str(node.value)


def _plain(value: Written, *, removes: bool) -> Written:
    """A mapping given as Python values, as if it had been YAML."""
    if isinstance(value, Mapping):
        return {
            str(key): None if member is None and removes else _plain(member, removes=removes)
            for key, member in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(member, removes=removes) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
