"""A mapping as written: YAML text to plain values, each with the line it stands on, and errors that name both.

Scalars stay text (`NO` is Norway, `2026-01-01` waits for its field's type); the compiler knows what each must be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import yaml

SOURCE_MAX: Final = 1_000_000
_DEPTH_MAX: Final = 32


class MappingError(ValueError):
    """A mapping document cannot be compiled: `path` and `line` of the mistake, `problem` with what would be right."""

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        self.path = path
        self.problem = problem
        self.line = line
        where = path or "the document"
        super().__init__(f"{where} (line {line}): {problem}" if line else f"{where}: {problem}")


class Place:
    """One value of the mapping and where it stands; every complaint of the compiler starts from one."""

    __slots__ = ("lines", "path", "value")

    def __init__(self, value: Any, path: tuple[str, ...] = (), lines: Mapping[tuple[str, ...], int] | None = None):
        self.value = value
        self.path = path
        self.lines = lines or {}

    def error(self, problem: str) -> MappingError:
        return MappingError(".".join(self.path), problem, self.lines.get(self.path))

    def has(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> Place:
        return Place(self.value[key], (*self.path, key), self.lines)

    def get(self, key: str) -> Place | None:
        return self.at(key) if self.has(key) else None

    def items(self) -> list[tuple[str, Place]]:
        return [(key, self.at(key)) for key in self.value]

    def each(self) -> list[Place]:
        """The members of a list."""
        if not isinstance(self.value, list) or not self.value:
            raise self.error("must be a list with at least one member")
        return [Place(value, (*self.path, str(at)), self.lines) for at, value in enumerate(self.value)]

    def object(self, known: Iterable[str], *, needed: Iterable[str] = ()) -> Place:
        """Itself, once sure that it is an object of known keys."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be an object with {', '.join(sorted(known))}")
        known = sorted(known)
        for key in self.value:
            if key not in known:
                raise self.at(key).error(f"unknown key {key!r}; {suggest(key, known)}")
        for key in needed:
            if key not in self.value:
                raise self.error(f"{key!r} is missing")
        return self

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("must be a text")
        return self.value.strip()

    def flag(self) -> bool:
        if self.value in ("true", "false"):
            return bool(self.value == "true")
        raise self.error("must be true or false")

    def whole(self, low: int, high: int) -> int:
        if isinstance(self.value, str) and self.value.isascii() and self.value.isdigit() and len(self.value) < 10:  # noqa: PLR2004
            number = int(self.value)
            if low <= number <= high:
                return number
        raise self.error(f"must be a whole number from {low} to {high}")

    def choice(self, choices: Iterable[str]) -> str:
        text, known = self.text(), list(choices)
        if text not in known:
            raise self.error(f"{text!r} is not possible here; {suggest(text, known)}")
        return text


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean 'warehouse'?`, or the list of what is possible."""
    known = list(known)
    close = get_close_matches(word, known, 1)
    return f"did you mean {close[0]!r}?" if close else f"possible are {', '.join(known) or 'none'}"


def parse(source: str | Mapping[str, Any]) -> Place:
    """The document with its lines. Raises `MappingError` for what is not plain YAML."""
    if not isinstance(source, str):
        return Place(_plain(source))
    if len(source) > SOURCE_MAX:
        raise MappingError("", f"longer than {SOURCE_MAX} characters; split the mapping")
    try:
        _refuse_aliases(source)
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as bad:
        mark = getattr(bad, "problem_mark", None)
        problem = getattr(bad, "problem", None) or str(bad) or "nested too deeply"
        raise MappingError("", f"not YAML: {problem}", mark.line + 1 if mark else None) from None
    lines: dict[tuple[str, ...], int] = {}
    return Place(_value(root, (), lines), (), lines)


def _refuse_aliases(source: str) -> None:
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise MappingError("", "aliases are not part of the language; use tables", event.start_mark.line + 1)


def _value(node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> Any:
    if node is None:
        return None
    lines[path] = node.start_mark.line + 1
    if len(path) > _DEPTH_MAX:
        raise MappingError(".".join(path), "nested too deeply", lines[path])
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = str(key_node.value), key_node.start_mark.line + 1
            if key in found:
                raise MappingError(".".join((*path, key)), "given twice; keep one", line)
            found[key] = _value(value_node, (*path, key), lines)
            lines[(*path, key)] = line
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(member, (*path, str(at)), lines) for at, member in enumerate(node.value)]
    return str(node.value)


def _plain(value: Any) -> Any:
    """A mapping given as Python values, as if it had been YAML."""
    if isinstance(value, Mapping):
        return {str(key): _plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
