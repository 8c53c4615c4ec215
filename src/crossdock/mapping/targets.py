"""What the canonical model wants: the fields of an event, each with the kind of value it takes.

Read from the model's own annotations, so a mapping is checked against the very types that events are made of.
"""

from __future__ import annotations

import types
import typing
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from crossdock.model.quantity import Quantity
from crossdock.model.types import PERSONAL, Change, Count, Day, Instant, Minor, MinorPositive, Number, UnitCode

Hint: TypeAlias = Any
"""A type annotation of the model."""


class Kind(Enum):
    """The kinds of fields, by what a mapping must say to fill one."""

    TEXT = "text"
    UNIT = "unit"
    MONEY = "money"
    INTEGER = "whole number"
    CHANGE = "whole number, negative for less"
    DATE = "date"
    INSTANT = "instant"
    QUANTITY = "quantity"
    OBJECT = "object"
    OBJECTS = "list of objects"
    TEXTS = "list of texts"
    IDENTIFIER = "identifier of the envelope"
    REVISION = "revision of the envelope"
    CHOICE = "choice of the envelope"


class Field(NamedTuple):
    """One field of an event or of a part of one.

    `type` is the annotation of a value, or of a member of a list of texts; `part` the struct of an object or of a
    list's members.
    """

    name: str
    kind: Kind
    type: Hint
    required: bool
    description: str = ""
    personal: bool = False
    part: type[msgspec.Struct] | None = None


_KINDS: Final = (
    (UnitCode, Kind.UNIT),
    (MinorPositive, Kind.MONEY),
    (Minor, Kind.MONEY),
    (Count, Kind.INTEGER),
    (Change, Kind.CHANGE),
    (Number, Kind.INTEGER),
    (Day, Kind.DATE),
    (Instant, Kind.INSTANT),
    (Quantity, Kind.QUANTITY),
)


@cache
def fields_of(struct: type[msgspec.Struct]) -> dict[str, Field]:
    """The fields of a struct of the model, by name."""
    hints = typing.get_type_hints(struct, include_extras=True)
    required = {field.name for field in msgspec.structs.fields(struct) if field.required}
    return {name: _field(name, hints[name], name in required) for name in struct.__struct_fields__}


def describe(struct: type[msgspec.Struct], steps: list[str | int]) -> str:
    """What the field at `steps` (names and list indexes) must be, in words; empty where the model does not say."""
    field: Field | None = None
    for step in steps:
        if isinstance(step, str):
            field = fields_of(struct).get(step)
            if field is not None and field.part is not None:
                struct = field.part
    return (field.description or f"a {field.kind.value}") if field is not None else ""


def _field(name: str, hint: Hint, required: bool) -> Field:  # noqa: FBT001
    inner = _without_none(hint)
    for known, kind in _KINDS:
        if inner == known:
            return Field(name, kind, hint, required, _description(inner), personal=_personal(inner))
    if _origin(inner) is list:
        member = typing.get_args(inner)[0]
        if isinstance(member, type) and issubclass(member, msgspec.Struct):
            return Field(name, Kind.OBJECTS, hint, required, part=member)
        return Field(name, Kind.TEXTS, member, required, _description(member), personal=_personal(member))
    if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
        return Field(name, Kind.OBJECT, hint, required, part=inner)
    return Field(name, Kind.TEXT, hint, required, _description(inner), personal=_personal(inner))


def _without_none(hint: Hint) -> Hint:
    if _origin(hint) in (types.UnionType, typing.Union):
        return next(each for each in typing.get_args(hint) if each is not type(None))
    return hint


def _metas(hint: Hint) -> list[Meta]:
    return [meta for meta in hint.__metadata__ if isinstance(meta, Meta)] if _annotated(hint) else []


def _annotated(hint: Hint) -> bool:
    return _origin(hint) is Annotated


def _origin(hint: Hint) -> object:
    """As typing's, whose stub leaves out the special forms it returns."""
    return typing.get_origin(hint)


def _description(hint: Hint) -> str:
    return next((meta.description for meta in reversed(_metas(hint)) if meta.description), "")


def _personal(hint: Hint) -> bool:
    return any((meta.extra or {}).get(PERSONAL) for meta in _metas(hint))
