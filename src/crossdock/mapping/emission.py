"""One event of a document: on which condition it is emitted and out of what it is made; and why it could not be."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple, NoReturn

import msgspec

from crossdock.formats.excerpt import excerpt
from crossdock.mapping.conditions import Predicate
from crossdock.mapping.parts import Part, Step
from crossdock.mapping.paths import Group, Path, join
from crossdock.mapping.record import WITHHELD, Context, Get, Node, Refused
from crossdock.mapping.targets import describe
from crossdock.model.envelope import Event, Rejection
from crossdock.model.event import Fact, Reference

_AT: Final = re.compile(r" - at `\$(.*)`$", re.DOTALL)
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")
_RULES: Final = (
    ("matching regex", "field.pattern"),
    ("of length", "field.length"),
    ("Expected `int` ", "field.range"),
)


class Emission(NamedTuple):
    """A compiled emission: `event` the struct it makes, `currency` where the record says that of its amounts."""

    event: type[Fact | Reference]
    when: Predicate | None
    currency: Get | None
    part: Part
    envelope: Part

    def emit(self, node: Node, context: Context, row: int) -> Event:
        """The event of one node. Raises `Refused`."""
        if self.currency is not None:
            context.currency = self.currency(node, context)
        fields = self.part.build(node, context)
        try:
            data = msgspec.convert(fields, self.event)
        except msgspec.ValidationError as invalid:
            raise self._explain(str(invalid), fields, node, context) from None
        return Event(row=row, data=data, **self.envelope.build(node, context))

    def _explain(self, message: str, fields: dict[str, Any], node: Node, context: Context) -> Refused:
        """The model's refusal in terms of the message: where the value came from and what it should be."""
        found = _AT.search(message)
        steps: list[Step] = [step[1] or int(step[2]) for step in _STEP.finditer(found[1])] if found else []
        value: object = fields
        for step in steps:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int):
                value = value[step]
        position, personal = self.part.locate(steps, node, context)
        wanted = describe(self.event, steps)
        rule = next((rule for sign, rule in _RULES if sign in message), "field.type")
        problem = f"must be {wanted}" if wanted else excerpt(message)
        return Refused(rule, problem, WITHHELD if personal else value, position)


class Document(NamedTuple):
    """What one kind of record means: where its values begin, what repeats, and its candidate emissions."""

    at: Path | None
    each: Group | None
    emissions: tuple[Emission, ...]
    every: bool

    def apply(self, context: Context, row: int) -> list[Event | Rejection]:
        """The events of a record, or a rejection in place of one; rows count up from `row`."""
        start = ""
        try:
            node = context.root
            if self.at is not None:
                node = _start(self.at, context)
                start = self.at.where(node, context)
            if self.each is None:
                return self._node(node, context, row, start)
            members = self._members(self.each, node, context)
        except Refused as refused:
            refused.position = join(start, refused.position or "")
            return [rejection(refused, row)]
        made: list[Event | Rejection] = []
        for at, member in enumerate(members):
            outer = join(start, self.each.where(node, context, at))
            made += self._node(member, context, row + len(made), outer)
        return made

    def _members(self, each: Group, node: Node, context: Context) -> list[Node]:
        members = each.nodes(node, context)
        if not members:
            raise Refused("group.empty", f"holds nothing that makes {self._types()}", "", each.where(node, context, 0))
        for at, member in enumerate(members):
            if each.objects and type(member) is not dict:
                raise Refused("field.type", "must be an object", member, each.where(node, context, at))
        return members

    def _node(self, node: Node, context: Context, row: int, outer: str) -> list[Event | Rejection]:
        """What one node makes: the event of the first emission whose condition holds, or of every one."""
        made: list[Event | Rejection] = []
        try:
            for emission in self.emissions:
                if emission.when is None or emission.when(node, context):
                    event = emission.emit(node, context, row + len(made))
                    if not self.every:
                        return [event]
                    made.append(event)
            if not made:
                self._refuse()
        except Refused as refused:
            refused.position = join(outer, refused.position or "")
            made.append(rejection(refused, row + len(made)))
        return made

    def _refuse(self) -> NoReturn:
        raise Refused("event.none", f"meets no condition of the mapping, which makes {self._types()}")

    def _types(self) -> str:
        return " or ".join(sorted({emission.event.type for emission in self.emissions}))


def _start(at: Path, context: Context) -> Node:
    node = at.get(context.root, context)
    if type(node) is dict:
        return node
    where = at.where(context.root, context)
    if node is None:
        raise Refused("field.required", "is missing; the whole content of the event stands there", "", where)
    raise Refused("field.type", "must be an object", node, where)


def rejection(refused: Refused, row: int) -> Rejection:
    """A refusal as the rejection that leaves the mapping; its position is still the record's own."""
    position = (refused.position or "").removeprefix("/")
    problem = f"{position or 'the message'} {refused.problem}"
    return Rejection(row=row, position=position, rule=refused.rule, problem=problem, value=excerpt(refused.value))
