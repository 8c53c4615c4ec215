"""Compiles one value of a mapping: where it comes from, its value map, its conversion, its default.

What would go wrong in silence (text for money, an amount without currency, one of several amounts) is refused
while compiling.
"""

from __future__ import annotations

from typing import Final

import msgspec

from crossdock.mapping import conversions, silent
from crossdock.mapping.choose import conversion, keys_of
from crossdock.mapping.conversions import Convert
from crossdock.mapping.parts import Value
from crossdock.mapping.paths import Path
from crossdock.mapping.record import WITHHELD, Context, Get, Node, Ours, Raw, Refused
from crossdock.mapping.scope import Scope
from crossdock.mapping.source import Place, suggest
from crossdock.mapping.targets import Field, Kind
from crossdock.model.quantity import UNITS

_COMMON: Final = ("path", "constant", "as", "map", "unlisted", "default", "required")
_NOT_FOR_CONSTANTS: Final = ("map", "unlisted", "default", "required", "xref", "time", "code", "sum")
_SHOWN_MAX: Final = 40

# What needs no conversion when it already has the right type.
_DIRECT: Final[dict[Convert, type]] = {conversions.text: str, conversions.integer: int}


def value(place: Place, field: Field, scope: Scope) -> Value:
    """The compiled value of a field; a bare text is short for a path. Raises `MappingError`."""
    if isinstance(place.value, str):
        place = place.spelt({"path": place.value})
    place.object((*_COMMON, *keys_of(field.kind)))
    if place.has("path") == place.has("constant"):
        raise place.error("needs a path or a constant, one of them")
    convert = conversion(place, field, scope)
    if place.has("constant"):
        return _constant(place, field, convert)
    path = _single_or_sum(place, field, scope.address.path(place.at("path")))
    silent.check_value(place, field, path.hint, currency=scope.currency)
    default = _literal(place.at("default"), field, convert) if place.has("default") else None
    missing = _missing(field, path) if _required(place, field, default) else None
    steps = _lookups(place, field, scope)
    direct = (path.key, _DIRECT[convert]) if path.key is not None and not steps and convert in _DIRECT else None
    if place.has("sum"):
        steps.append(conversions.total(convert))
    elif convert is not conversions.text:
        steps.append(convert)
    if path.trimmed is not None and not steps and default is None:
        return Value(_plain(path.trimmed, missing), path.where, personal=field.personal)
    read = _reader(path, steps, default, missing, personal=field.personal)
    return Value(read, path.where, personal=field.personal, direct=direct)


def _single_or_sum(place: Place, field: Field, path: Path) -> Path:
    """The path itself; for an amount that may stand in several places the path of all of them."""
    if place.has("sum"):
        if path.every is None or not place.at("sum").flag() or place.has("map"):
            raise place.at("sum").error("only the amounts of a path that may match several segments are added up")
        return path._replace(get=path.every)
    if path.every is not None and not path.is_single and field.kind is Kind.MONEY:
        raise place.error("several segments may match, and taking one would lose the others; add `sum: true`")
    return path


def _reader(path: Path, steps: list[Convert], default: Ours, missing: Get | None, *, personal: bool) -> Get:
    """The function that runs for every record: find, trim, then each step in turn."""
    find, where, key, top_key = path.trimmed or path.get, path.where, path.key, path.top_key
    step = _chain(steps)

    def get(node: Node, context: Context) -> Ours:
        try:
            if key is not None:
                raw = node.get(key)
            elif top_key is not None:
                raw = context.root.get(top_key)
            else:
                raw = find(node, context)
            if raw.__class__ is str:
                raw = raw.strip()
            if not raw and (raw is None or raw in _EMPTY):
                return default if missing is None else missing(node, context)
            return step(raw, node, context)
        except Refused as refused:
            if refused.position is None:
                refused.position = where(node, context)
            if personal and refused.value:
                refused.value = WITHHELD
            raise

    return get


def _plain(find: Get, missing: Get | None) -> Get:
    """The same for a text as it stands, of a path that refuses nothing."""
    if missing is None:
        return find

    def get(node: Node, context: Context) -> Ours:
        found = find(node, context)
        return missing(node, context) if found is None else found

    return get


def _chain(steps: list[Convert]) -> Convert:
    """The steps as one; a single one is itself, so that it costs one call."""
    if len(steps) <= 1:
        return steps[0] if steps else conversions.text

    def convert(raw: Raw, node: Node, context: Context) -> Ours:
        for step in steps:
            raw = step(raw, node, context)
        return raw

    return convert


# Nothing was sent: a blank text, or no amount to add up.
_EMPTY: Final[tuple[object, ...]] = ("", [])


def _missing(field: Field, path: Path) -> Get:
    name, where = field.name, path.where

    def refuse(node: Node, context: Context) -> Ours:
        raise Refused("field.required", f"is empty or missing; {name} needs it", "", where(node, context))

    return refuse


def _required(place: Place, field: Field, default: Ours) -> bool:
    said = place.get("required")
    wanted = field.required if said is None else said.flag()
    if said is not None and field.required and not wanted and default is None:
        raise said.error(f"the event requires {field.name}; give a default or drop `required: false`")
    return wanted and default is None


# -- looking up ----------------------------------------------------------------------------------------------------


def _lookups(place: Place, field: Field, scope: Scope) -> list[Convert]:
    if place.has("unlisted") and not place.has("map"):
        raise place.at("unlisted").error("belongs to a `map`")
    steps = [_table(place, field, scope)] if place.has("map") else []
    return [*steps, _xref(place.at("xref"))] if place.has("xref") else steps


def _table(place: Place, field: Field, scope: Scope) -> Convert:
    entries = scope.tables.of(place.at("map"))
    keep = place.has("unlisted") and place.at("unlisted").choice(("keep", "reject")) == "keep"
    if field.kind in (Kind.TEXT, Kind.UNIT, Kind.CHOICE) and not place.has("xref"):
        for meaning in entries.values():
            _fits(place.at("map"), field, meaning)
            if field.kind is Kind.UNIT and meaning not in UNITS:
                raise place.at("map").error(f"{meaning!r} is no known unit; {suggest(meaning, sorted(UNITS))}")
        if field.kind is Kind.UNIT:
            silent.check_unit_words(place.at("map"), entries)
    known = ", ".join(sorted(entries)[:_SHOWN_MAX])

    def look_up(raw: Raw, _node: Node, _context: Context) -> Ours:
        if raw.__class__ is not str:
            raise Refused("field.type", "must be a text", raw)
        found = entries.get(raw)
        if found is not None:
            return found
        if keep:
            return raw
        raise Refused("map.unlisted", f"is not in the value map; add it or send one of {known}", raw)

    return look_up


def _xref(place: Place) -> Convert:
    place.object(("scheme", "issuer"), needed=("scheme", "issuer"))
    scheme, issuer = place.at("scheme").text(), place.at("issuer").text()

    def look_up(raw: Raw, _node: Node, context: Context) -> Ours:
        if context.lookup is None:
            problem = f"needs the cross-references of {scheme}, and none are at hand; map again with them"
            raise Refused("xref.unavailable", problem, raw)
        if raw.__class__ is not str:
            raise Refused("field.type", "must be a text", raw)
        found = context.lookup(scheme, issuer, raw)
        if found is None:
            problem = f"is unknown among the {scheme} identifiers of {issuer}; add the cross-reference"
            raise Refused("xref.unknown", problem, raw)
        return found

    return look_up


# -- values written in the mapping itself --------------------------------------------------------------------------


def _constant(place: Place, field: Field, convert: Convert) -> Value:
    for key in _NOT_FOR_CONSTANTS:
        if place.has(key):
            raise place.at(key).error("a constant needs none")
    literal = _literal(place.at("constant"), field, convert)
    return Value(lambda _node, _context: literal, lambda _node, _context: "/the mapping's constant")


def _literal(place: Place, field: Field, convert: Convert) -> Ours:
    """A value written in the mapping, converted as one from a message would be."""
    text = place.text()
    try:
        literal = convert(text, None, Context(None))
    except Refused as refused:
        raise place.error(f"{text!r} {refused.problem}") from None
    except (AttributeError, TypeError):  # a path of the conversion has no record to look into
        raise place.error("a value written here needs a constant unit, currency and zone") from None
    return _fits(place, field, literal)


def _fits(place: Place, field: Field, literal: Ours) -> Ours:
    try:
        return msgspec.convert(literal, field.type)
    except msgspec.ValidationError:
        wanted = field.description or f"a {field.kind.value}"
        raise place.error(f"{literal!r} does not fit {field.name}: it must be {wanted}") from None
