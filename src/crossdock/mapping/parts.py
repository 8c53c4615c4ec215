"""The compiled form of a set of fields: it builds the values of an event, and finds a field's place when asked.

`build` runs for every record and is written for speed; `locate` runs once per refused record and is written for
the person who reads the refusal.
"""

from __future__ import annotations

from typing import Any, Final, NoReturn, Protocol

from crossdock.mapping.conditions import Predicate
from crossdock.mapping.paths import Group, Where, join
from crossdock.mapping.record import Context, Get, Node, Ours, Refused

MEMBERS_MAX: Final = 10_000

Step = str | int
Position = tuple[str, bool]
"""Where a value stands in the message, and whether it is a person's."""


class Field(Protocol):
    """One field, made ready."""

    def build(self, node: Node, context: Context) -> Ours:
        """Its value for a node, None where it is absent and may be. Raises `Refused`."""

    def locate(self, steps: list[Step], node: Node, context: Context) -> Position:
        """Where the value stands that the model names by `steps`."""


class Value:
    """One value: how to get it, and where it stands in the message.

    `direct` is the member of the node that holds it and the type that needs no conversion there (a text but
    trimming): most values are taken by `Part` that way, and `build` sees the rest.
    """

    __slots__ = ("_get", "_where", "direct", "personal")

    def __init__(
        self, get: Get, where: Where, *, personal: bool = False, direct: tuple[str, type] | None = None
    ) -> None:
        self._get = get
        self._where = where
        self.personal = personal
        self.direct = direct

    @property
    def build(self) -> Get:
        """As `Field.build`: the function itself, so that calling it costs one call."""
        return self._get

    def locate(self, _steps: list[Step], node: Node, context: Context) -> Position:
        """As `Field.locate`."""
        return self._where(node, context), self.personal


class Part:
    """An object: its values by the model's field names."""

    __slots__ = ("_fields", "_numbers", "_others", "_texts")

    def __init__(self, fields: dict[str, Value | Part | Repeat]) -> None:
        self._fields = fields
        self._texts: list[tuple[str, str, Get]] = []
        self._numbers: list[tuple[str, str, Get]] = []
        self._others: list[tuple[str, Get]] = []
        for name, field in fields.items():
            if isinstance(field, Value) and field.direct is not None:
                member, type_ = field.direct
                (self._texts if type_ is str else self._numbers).append((name, member, field.build))
            else:
                self._others.append((name, field.build))

    def build(self, node: Node, context: Context) -> dict[str, Any]:
        """The values that are present. Raises `Refused` for one that cannot be used."""
        built: dict[str, Ours] = {}
        for name, member, build in self._texts:
            value = node.get(member)
            if value.__class__ is str:
                value = value.strip()
                if value:
                    built[name] = value
                    continue
            value = build(node, context)
            if value is not None:
                built[name] = value
        for name, member, build in self._numbers:
            value = node.get(member)
            if value.__class__ is int or (value := build(node, context)) is not None:
                built[name] = value
        for name, build in self._others:
            value = build(node, context)
            if value is not None:
                built[name] = value
        return built

    def locate(self, steps: list[Step], node: Node, context: Context) -> Position:
        """As `Field.locate`."""
        field = self._fields.get(str(steps[0])) if steps else None
        return field.locate(steps[1:], node, context) if field is not None else ("", False)


class Repeat:
    """A list: one member for each node of a group that meets its condition."""

    __slots__ = ("_group", "_inner", "_wanted")

    def __init__(self, group: Group, wanted: Predicate | None, inner: Value | Part) -> None:
        self._group = group
        self._wanted = wanted
        self._inner = inner

    def build(self, node: Node, context: Context) -> list[Ours]:
        """The members in their order. Raises `Refused` with the position of the member that cannot be used."""
        group, wanted, build = self._group, self._wanted, self._inner.build
        # Only the members of JSON may be of any type, and only as objects have they members of their own.
        objects = group.objects and isinstance(self._inner, Part)
        members = group.nodes(node, context)
        if len(members) > MEMBERS_MAX:
            problem = f"has {len(members)} members; {MEMBERS_MAX} are allowed"
            raise Refused("group.size", problem, len(members), group.where(node, context, 0))
        built = []
        at = 0
        try:
            for at, member in enumerate(members):  # noqa: B007  (the handler reads it)
                if objects and type(member) is not dict:
                    _refuse(member)
                if wanted is None or wanted(member, context):
                    built.append(build(member, context))
        except Refused as refused:
            refused.position = join(group.where(node, context, at), refused.position or "")
            raise
        return built

    def locate(self, steps: list[Step], node: Node, context: Context) -> Position:
        """As `Field.locate`."""
        nth = steps[0] if steps and isinstance(steps[0], int) else 0
        for at, member in enumerate(self._group.nodes(node, context)):
            if self._wanted is not None and not self._wanted(member, context):
                continue
            if nth == 0:
                inner, personal = self._inner.locate(steps[1:], member, context)
                return join(self._group.where(node, context, at), inner), personal
            nth -= 1
        return "", False


def _refuse(member: Node) -> NoReturn:
    raise Refused("field.type", "must be an object", member, "")
