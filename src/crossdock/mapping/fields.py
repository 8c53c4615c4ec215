"""Compiles sets of fields: every field of the event checked against the model, objects and lists followed down."""

from __future__ import annotations

import msgspec

from crossdock.mapping.conditions import condition
from crossdock.mapping.parts import Part, Repeat, Value
from crossdock.mapping.scope import Scope
from crossdock.mapping.source import Place, suggest
from crossdock.mapping.targets import Field, Kind, fields_of
from crossdock.mapping.values import value


def part(place: Place, struct: type[msgspec.Struct], scope: Scope) -> Part:
    """The compiled fields of a struct of the model. Raises `MappingError`."""
    known = fields_of(struct)
    if not isinstance(place.value, dict):
        raise place.error(f"must be an object of the fields {', '.join(known)}")
    for name, each in place.items():
        if name not in known:
            raise each.error(f"{struct.__name__} has no field {name!r}; {suggest(name, known)}")
    for name, wanted in known.items():
        if wanted.required and name not in place.value:
            raise place.error(f"the required field {name!r} ({wanted.kind.value}) is missing")
    return Part({name: _field(each, known[name], scope) for name, each in place.items()})


def _field(place: Place, field: Field, scope: Scope) -> Value | Part | Repeat:
    match field.kind:
        case Kind.OBJECT:
            return _object(place, field, scope)
        case Kind.OBJECTS | Kind.TEXTS:
            return _list(place, field, scope)
        case _:
            return value(place, field, scope)


def _object(place: Place, field: Field, scope: Scope) -> Part:
    place.object(("fields",), needed=("fields",))
    return part(place.at("fields"), _struct(field), scope)


def _list(place: Place, field: Field, scope: Scope) -> Repeat:
    """A list of objects is written with `fields`, a list of texts with `value` (by default the member itself)."""
    inside = "fields" if field.kind is Kind.OBJECTS else "value"
    place.object(("each", "where", inside), needed=("each", "fields") if inside == "fields" else ("each",))
    group = scope.address.group(place.at("each"))
    scope = scope._replace(address=group.inner)
    wanted = condition(place.at("where"), group.inner) if place.has("where") else None
    if inside == "fields":
        fields = part(place.at("fields"), _struct(field), scope)
        return Repeat(group, wanted, fields)
    if not place.has("value") and not group.objects:
        raise place.error("say which value of each member is meant: `value: ...`")
    said = place.at("value") if place.has("value") else place.spelt({"value": "."}).at("value")
    member = field._replace(kind=Kind.TEXT, required=True)
    return Repeat(group, wanted, value(said, member, scope))


def _struct(field: Field) -> type[msgspec.Struct]:
    assert field.part is not None, "the field of an object or a list of objects names its struct"  # noqa: S101
    return field.part
