"""Compiles one value of a mapping: where it comes from, its value map, its conversion, its default.

What a field may say follows from what the model wants there; anything that would go wrong in silence (text for
money, an amount without currency, a weight without unit) is refused while compiling.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

import msgspec

from crossdock.mapping import conversions, times
from crossdock.mapping.conversions import Convert
from crossdock.mapping.parts import Value
from crossdock.mapping.paths import Path
from crossdock.mapping.refusal import Context, Get, Refused
from crossdock.mapping.scope import Scope
from crossdock.mapping.source import Place
from crossdock.mapping.targets import Field, Kind
from crossdock.model.quantity import UNITS

_COMMON: Final = ("path", "constant", "as", "map", "unlisted", "default", "required")
_KEYS: Final = {
    Kind.TEXT: ("xref",),
    Kind.UNIT: (),
    Kind.MONEY: ("currency", "implied_decimals", "sum"),
    Kind.INTEGER: ("unit", "units", "to"),
    Kind.DATE: ("style",),
    Kind.INSTANT: ("style", "time", "code", "zone", "at"),
    Kind.QUANTITY: ("unit", "units", "to"),
    Kind.IDENTIFIER: ("xref",),
    Kind.REVISION: (),
    Kind.CHOICE: (),
}
_AS: Final = {
    Kind.TEXT: ("text", "code"),
    Kind.UNIT: ("unit",),
    Kind.MONEY: ("money",),
    Kind.INTEGER: ("integer", "quantity"),
    Kind.DATE: ("date",),
    Kind.INSTANT: ("instant", "date"),
    Kind.QUANTITY: ("quantity",),
    Kind.IDENTIFIER: ("text",),
    Kind.REVISION: ("integer",),
    Kind.CHOICE: ("text",),
}


def value(place: Place, field: Field, scope: Scope) -> Value:
    """The compiled value of a field. Raises `MappingError`."""
    if isinstance(place.value, str):
        place = Place({"path": place.value}, place.path, place.lines)
    place.object((*_COMMON, *_KEYS[field.kind]))
    if place.has("path") == place.has("constant"):
        raise place.error("needs a path or a constant, one of them")
    convert = _conversion(place, field, scope)
    if place.has("constant"):
        return _constant(place, field, convert)
    path = scope.address.path(place.at("path"))
    table = _table(place, field, scope)
    xref = _xref(place.at("xref")) if place.has("xref") else None
    default = _default(place, field, convert)
    required = _required(place, field, default)
    get = _reader(path, _Steps(table, xref, convert, default, _missing(field, path) if required else None))
    return Value(get, path.where, personal=field.personal)


class _Steps:
    """What happens to a raw value on its way, each step None where the mapping has none."""

    __slots__ = ("convert", "default", "missing", "table", "xref")

    def __init__(
        self,
        table: Convert | None,
        xref: Convert | None,
        convert: Convert,
        default: Any,
        missing: Get | None,
    ) -> None:
        self.table = table
        self.xref = xref
        self.convert = convert
        self.default = default
        self.missing = missing


def _reader(path: Path, steps: _Steps) -> Get:
    """The function that runs for every record, the shortest one that does what the mapping asks."""
    plain = steps.table is None and steps.xref is None
    if plain and steps.convert is conversions.text and path.key is not None:
        return _plain_text(path.key, steps.default, steps.missing)
    before = [step for step in (steps.table, steps.xref) if step is not None]
    return _converted(path, before, steps.convert, steps.default, steps.missing)


def _plain_text(key: str, default: Any, missing: Get | None) -> Get:
    def get(node: Any, context: Context) -> Any:
        raw = node.get(key)
        if raw.__class__ is str:
            raw = raw.strip()
        if raw is None or raw == "":
            return default if missing is None else missing(node, context)
        return raw

    return get


def _converted(path: Path, before: list[Convert], convert: Convert, default: Any, missing: Get | None) -> Get:
    find, where = path.get, path.where

    def get(node: Any, context: Context) -> Any:
        try:
            raw = find(node, context)
            if raw.__class__ is str:
                raw = raw.strip()
            if raw is None or raw == "":
                return default if missing is None else missing(node, context)
            for step in before:
                raw = step(raw, node, context)
            return convert(raw, node, context)
        except Refused as refused:
            if refused.position is None:
                refused.position = where(node, context)
            raise

    return get


def _missing(field: Field, path: Path) -> Get:
    name, where = field.name, path.where

    def refuse(node: Any, context: Context) -> Any:
        raise Refused("field.required", f"is empty or missing; {name} needs it", "", where(node, context))

    return refuse


def _required(place: Place, field: Field, default: Any) -> bool:
    said = place.get("required")
    wanted = field.required if said is None else said.flag()
    if said is not None and field.required and not wanted and default is None:
        raise said.error(f"the event requires {field.name}; give a default or drop `required: false`")
    return wanted and default is None


def _conversion(place: Place, field: Field, scope: Scope) -> Convert:
    possible = _AS[field.kind]
    said = place.at("as").text() if place.has("as") else possible[0]
    if said not in possible:
        raise place.at("as").error(f"{field.name} is a {field.kind.value}: it takes {' or '.join(possible)}")
    match field.kind:
        case Kind.TEXT:
            return conversions.code if said == "code" else conversions.text
        case Kind.UNIT:
            return conversions.unit
        case Kind.IDENTIFIER:
            return conversions.identifier
        case Kind.REVISION:
            return conversions.revision
        case Kind.CHOICE:
            return _choice(place, field)
        case Kind.MONEY:
            return _money(place, scope)
        case Kind.DATE:
            return times.day(_style(place))
        case Kind.INSTANT:
            return _instant(place, said, scope)
        case _:
            if said == "quantity":
                return _quantity(place, field, scope)
            for key in ("unit", "units", "to"):
                if place.has(key):
                    raise place.at(key).error("only a quantity has a unit; add `as: quantity`")
            return conversions.integer


def _choice(place: Place, field: Field) -> Convert:
    if not place.has("constant") and (not place.has("map") or place.has("unlisted")):
        raise place.error(f"map the sender's words to {field.description}, or give a constant")
    return conversions.text


def _money(place: Place, scope: Scope) -> Convert:
    implied = place.has("implied_decimals") and place.at("implied_decimals").flag()
    found = currency(place.at("currency"), scope) if place.has("currency") else scope.currency
    if found is None:
        raise place.error("an amount needs a currency: `currency: USD` or `currency: {path: ...}`")
    return conversions.money(found, implied_decimals=implied)


def currency(place: Place, scope: Scope) -> str | Get:
    """A currency: three capital letters, or a path to them."""
    if isinstance(place.value, str):
        text = place.text()
        if len(text) != 3 or not (text.isascii() and text.isalpha() and text.isupper()):  # noqa: PLR2004
            raise place.error(f"{text!r} is not an ISO 4217 code such as USD; for a path write {{path: {text}}}")
        return text
    place.object(("path",), needed=("path",))
    return trimmed(scope.address.path(place.at("path")))


def currency_of_record(_node: Any, context: Context) -> Any:
    """The currency that the document said once for all its amounts."""
    return context.currency


def trimmed(path: Path) -> Get:
    """The value of a path without outer blanks, None when nothing is left."""
    find = path.get

    def get(node: Any, context: Context) -> Any:
        raw = find(node, context)
        return raw.strip() or None if raw.__class__ is str else raw

    return get


def _quantity(place: Place, field: Field, scope: Scope) -> Convert:
    if not place.has("unit"):
        raise place.error("a quantity needs a unit: `unit: LBR` or `unit: {path: uom}`")
    aliases = scope.tables.of(place.at("units")) if place.has("units") else {}
    for alias, meaning in aliases.items():
        if meaning not in UNITS:
            raise place.at("units").error(f"{alias} becomes {meaning!r}, which is no known unit")
    target = _unit(place.at("to")) if place.has("to") else None
    whole = field.kind is Kind.INTEGER
    if whole and target is None:
        raise place.error(f"{field.name} is a bare number; say in which unit with `to: EA`")
    unit_place = place.at("unit")
    source: str | Get
    if isinstance(unit_place.value, str):
        source = _unit(unit_place)
        if target is not None and UNITS[source][0] != UNITS[target][0]:
            raise place.at("to").error(f"{source} is a {UNITS[source][0]}, {target} is a {UNITS[target][0]}")
    else:
        unit_place.object(("path",), needed=("path",))
        source = trimmed(scope.address.path(unit_place.at("path")))
    return conversions.quantity(source, aliases, target, whole=whole)


def _unit(place: Place) -> str:
    return place.choice(sorted(UNITS))


def _style(place: Place, default: str = "iso") -> str:
    return place.at("style").choice(times.DATE_STYLES) if place.has("style") else default


def _instant(place: Place, said: str, scope: Scope) -> Convert:
    zone = _zone(place.at("zone")) if place.has("zone") else None
    if place.has("time"):
        path = trimmed(scope.address.path(place.at("time")))
        code = trimmed(scope.address.path(place.at("code"))) if place.has("code") else None
        if code is None and zone is None:
            raise place.error("a date and a time need a zone: `code: AT7-07`, `zone: America/Denver` or both")
        return times.day_and_time(times.day(_style(place, "ccyymmdd")), path, code, zone)
    if place.has("code"):
        raise place.at("code").error("a time code belongs to a time; add `time: ...`")
    if said == "date" or place.has("at"):
        if not place.has("at"):
            raise place.error('a date is no moment; say at what time of day: `at: "00:00Z"`')
        try:
            clock = times.clock_of(place.at("at").text())
        except ValueError:
            raise place.at("at").error('must be a time of day with its zone, such as "00:00Z"') from None
        return times.day_at(times.day(_style(place)), clock)
    if place.has("style"):
        raise place.at("style").error("a style belongs to a date; a moment is RFC 3339")
    return times.instant(zone)


def _zone(place: Place) -> tzinfo:
    try:
        return times.zone_named(place.text())
    except ValueError:
        raise place.error("must be a zone such as America/Denver, UTC or -07:00") from None


def _table(place: Place, field: Field, scope: Scope) -> Convert | None:
    if not place.has("map"):
        if place.has("unlisted"):
            raise place.at("unlisted").error("belongs to a `map`")
        return None
    entries = scope.tables.of(place.at("map"))
    keep = place.has("unlisted") and place.at("unlisted").choice(("keep", "reject")) == "keep"
    if field.kind in (Kind.TEXT, Kind.UNIT, Kind.CHOICE):
        for meaning in entries.values():
            _fits(place.at("map"), field, meaning)
    known = ", ".join(sorted(entries)[:40])

    def look_up(raw: Any, _node: Any, _context: Context) -> Any:
        try:
            found = entries.get(raw)
        except TypeError:
            found = None
        if found is not None:
            return found
        if keep:
            return raw
        raise Refused("map.unlisted", f"is not in the value map; add it or send one of {known}", raw)

    return look_up


def _xref(place: Place) -> Convert:
    place.object(("scheme", "issuer"), needed=("scheme", "issuer"))
    scheme, issuer = place.at("scheme").text(), place.at("issuer").text()

    def look_up(raw: Any, _node: Any, context: Context) -> Any:
        if context.lookup is None:
            problem = f"needs the cross-references of {scheme}, and none are at hand; map again with them"
            raise Refused("xref.unavailable", problem, raw)
        found = context.lookup(scheme, issuer, raw) if type(raw) is str else None
        if found is None:
            problem = f"is unknown among the {scheme} identifiers of {issuer}; add the cross-reference"
            raise Refused("xref.unknown", problem, raw)
        return found

    return look_up


def _default(place: Place, field: Field, convert: Convert) -> Any:
    return _literal(place.at("default"), field, convert) if place.has("default") else None


def _constant(place: Place, field: Field, convert: Convert) -> Value:
    for key in place.value:
        if key in ("map", "unlisted", "default", "required", "xref", "time", "code"):
            raise place.at(key).error("a constant needs none")
    literal = _literal(place.at("constant"), field, convert)
    return Value(lambda _node, _context: literal, lambda _node, _context: "/the mapping's constant")


def _literal(place: Place, field: Field, convert: Convert) -> Any:
    """A value written in the mapping, converted as one from a message would be."""
    text = place.text()
    try:
        literal = convert(text, None, Context(None))
    except Refused as refused:
        raise place.error(f"{text!r} {refused.problem}") from None
    except (AttributeError, TypeError):
        raise place.error("a value written here needs a constant unit and currency") from None
    return _fits(place, field, literal)


def _fits(place: Place, field: Field, literal: Any) -> Any:
    try:
        return msgspec.convert(literal, field.type)
    except msgspec.ValidationError:
        wanted = field.description or f"a {field.kind.value}"
        raise place.error(f"{literal!r} does not fit {field.name}: it must be {wanted}") from None
