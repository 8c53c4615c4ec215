"""The compiled form of a set of fields: it builds the values of an event, and finds a field's place when asked.

`build` runs for every record and is written for speed; `locate` runs once per refused record and is written for
the person who reads the refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crossdock.mapping.conditions import Predicate
from crossdock.mapping.paths import Group, Where, join
from crossdock.mapping.refusal import Context, Get, Refused

MEMBERS_MAX: Final = 10_000

Step = str | int


class Value:
    """One value: how to get it, and where it stands in the message."""

    __slots__ = ("build", "personal", "where")

    def __init__(self, build: Get, where: Where, *, personal: bool = False) -> None:
        self.build = build
        self.where = where
        self.personal = personal

    def locate(self, _steps: list[Step], node: Any, context: Context) -> tuple[str, bool]:
        return self.where(node, context), self.personal


class Part:
    """An object: its values by the model's field names."""

    __slots__ = ("_plan", "fields")

    def __init__(self, fields: dict[str, Value | Part | Repeat]) -> None:
        self.fields = fields
        self._plan: list[tuple[str, Callable[[Any, Context], Any]]] = [(n, f.build) for n, f in fields.items()]

    def build(self, node: Any, context: Context) -> dict[str, Any]:
        built = {}
        for name, build in self._plan:
            value = build(node, context)
            if value is not None:
                built[name] = value
        return built

    def locate(self, steps: list[Step], node: Any, context: Context) -> tuple[str, bool]:
        """The position of the field that the model names by `steps`, and whether it holds personal data."""
        field = self.fields.get(str(steps[0])) if steps else None
        return field.locate(steps[1:], node, context) if field is not None else ("", False)


class Repeat:
    """A list: one member for each node of a group that meets its condition."""

    __slots__ = ("group", "inner", "objects", "wanted")

    def __init__(self, group: Group, wanted: Predicate | None, inner: Value | Part, *, objects: bool) -> None:
        self.group = group
        self.wanted = wanted
        self.inner = inner
        self.objects = objects

    def build(self, node: Any, context: Context) -> list[Any]:
        built: list[Any] = []
        build, wanted, objects = self.inner.build, self.wanted, self.objects
        where = ""
        try:
            for member, where in self.group.nodes(node, context):  # noqa: B007  (read by the handler below)
                if objects and type(member) is not dict:
                    raise Refused("field.type", "must be an object", member, "")
                if wanted is None or wanted(member, context):
                    built.append(build(member, context))
        except Refused as refused:
            refused.position = join(where, refused.position) if refused.position else where
            raise
        if len(built) > MEMBERS_MAX:
            raise Refused("group.size", f"has over {MEMBERS_MAX} members; split the message", len(built), where)
        return built

    def locate(self, steps: list[Step], node: Any, context: Context) -> tuple[str, bool]:
        wanted_at = steps[0] if steps and isinstance(steps[0], int) else 0
        at = 0
        for member, where in self.group.nodes(node, context):
            if self.wanted is None or self.wanted(member, context):
                if at == wanted_at:
                    inner, personal = self.inner.locate(steps[1:], member, context)
                    return join(where, inner) if inner else where, personal
                at += 1
        return "", False
