"""Chooses the conversion of a field: what the model wants there decides what the mapping may and must say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Final, NamedTuple

from crossdock.mapping import conversions, pictured, silent, times
from crossdock.mapping.conversions import Convert
from crossdock.mapping.paths import Path
from crossdock.mapping.record import Context, Get, Node, Raw
from crossdock.mapping.scope import Scope, currency_of_record
from crossdock.mapping.source import Place
from crossdock.mapping.targets import Field, Kind
from crossdock.model.quantity import UNITS


class _Option(NamedTuple):
    """A way to fill a field: the word for it under `as`, the keys it takes, and who makes the converter."""

    word: str
    keys: tuple[str, ...]
    make: Callable[[Place, Field, Scope], Convert]


def conversion(place: Place, field: Field, scope: Scope) -> Convert:
    """The converter of a field. Raises `MappingError`."""
    option = _option(place, field)
    every = {key for each in _OPTIONS[field.kind] for key in each.keys}
    for key in sorted(every.difference(option.keys)):
        if place.has(key):
            other = next(each.word for each in _OPTIONS[field.kind] if key in each.keys)
            raise place.at(key).error(f"belongs to another conversion; add `as: {other}`")
    return option.make(place, field, scope)


def keys_of(kind: Kind) -> set[str]:
    """What a field of a kind may say beside the keys that all have."""
    return {key for option in _OPTIONS[kind] for key in option.keys}


def currency(place: Place, scope: Scope) -> str | Get:
    """A currency: three capital letters, or a path to them. Raises `MappingError`."""
    if isinstance(place.value, str):
        text = place.text()
        if len(text) != len("USD") or not (text.isascii() and text.isalpha() and text.isupper()):
            raise place.error(f"{text!r} is not an ISO 4217 code such as USD; for a path write {{path: {text}}}")
        return text
    place.object(("path", "default"), needed=("path",))
    default = currency(place.at("default"), scope) if place.has("default") else None
    return _or(_trimmed(scope.address.path(place.at("path"))), default)


def _or(find: Get, default: str | Get | None) -> Get:
    """What is found, or the default where nothing is."""
    return find if default is None else lambda node, context: find(node, context) or default


def _option(place: Place, field: Field) -> _Option:
    options = {option.word: option for option in _OPTIONS[field.kind]}
    if not place.has("as"):
        return _OPTIONS[field.kind][0]
    said = place.at("as").text()
    if said not in options:
        raise place.at("as").error(f"{field.name} is a {field.kind.value}: it takes {' or '.join(options)}")
    return options[said]


def _always(convert: Convert) -> Callable[[Place, Field, Scope], Convert]:
    return lambda _place, _field, _scope: convert


def _trimmed(path: Path) -> Get:
    if path.trimmed is not None:
        return path.trimmed
    find = path.get

    def get(node: Node, context: Context) -> Raw:
        raw = find(node, context)
        return raw.strip() or None if raw.__class__ is str else raw

    return get


def _choice(place: Place, field: Field, _scope: Scope) -> Convert:
    if not place.has("constant") and (not place.has("map") or place.has("unlisted")):
        raise place.error(f"map the sender's words to {field.description}, or give a constant")
    return conversions.text


# -- amounts and quantities ----------------------------------------------------------------------------------------


def _money(place: Place, _field: Field, scope: Scope) -> Convert:
    implied = place.has("implied_decimals") and place.at("implied_decimals").flag()
    said = currency(place.at("currency"), scope) if place.has("currency") else scope.currency
    if said is None:
        raise place.error("an amount needs a currency: `currency: USD` or `currency: {path: ...}`")
    return conversions.money(None if said is currency_of_record else said, implied_decimals=implied)


def _quantity(place: Place, field: Field, scope: Scope) -> Convert:
    if not place.has("unit"):
        raise place.error("a quantity needs a unit: `unit: LBR` or `unit: {path: uom}`")
    aliases, packs = _units(place.at("units"), scope) if place.has("units") else ({}, {})
    target = place.at("to").choice(sorted(UNITS)) if place.has("to") else None
    whole = field.kind in {Kind.INTEGER, Kind.CHANGE}
    if whole and target is None:
        raise place.error(f"{field.name} is a bare number; say in which unit with `to: EA`")
    source = _unit_of(place.at("unit"), scope)
    if isinstance(source, str) and target is not None and UNITS[source][0] != UNITS[target][0]:
        raise place.at("to").error(f"{source} is a {UNITS[source][0]}, {target} is a {UNITS[target][0]}")
    return conversions.quantity(source, aliases, target, whole=whole, signed=field.kind is Kind.CHANGE, packs=packs)


def _units(place: Place, scope: Scope) -> tuple[dict[str, str], dict[str, tuple[int, str]]]:
    """A sender's words for units, and for packs of so many of one: `{LB: LBR, CS: 12 EA}`."""
    said = scope.tables.of(place)
    packs = {word: pack for word, meaning in said.items() if (pack := silent.pack_of(meaning)) is not None}
    aliases = {word: meaning for word, meaning in said.items() if word not in packs}
    for word, meaning in [*aliases.items(), *((word, unit) for word, (_, unit) in packs.items())]:
        if meaning not in UNITS:
            raise place.error(f"{word} becomes {meaning!r}, which is no known unit")
    silent.check_unit_words(place, aliases)
    return aliases, packs


def _unit_of(place: Place, scope: Scope) -> str | Get:
    if isinstance(place.value, str):
        return place.choice(sorted(UNITS))
    place.object(("path", "default"), needed=("path",))
    default = place.at("default").choice(sorted(UNITS)) if place.has("default") else None
    return _or(_trimmed(scope.address.path(place.at("path"))), default)


# -- times ---------------------------------------------------------------------------------------------------------


def _style(place: Place, default: str) -> str:
    return place.at("style").choice(times.DATE_STYLES) if place.has("style") else default


def _date(place: Place, _field: Field, _scope: Scope) -> Convert:
    return times.day(_style(place, "iso"))


def _moment(place: Place, _field: Field, scope: Scope) -> Convert:
    zone = _zone(place.at("zone")) if place.has("zone") else None
    if not place.has("time"):
        if place.has("style") and not place.has("code") and place.at("style").value in times.MOMENT_STYLES:
            if zone is None:
                raise place.error("a moment in digits needs its `zone`, such as UTC")
            return times.digits(place.at("style").text(), zone)
        for key in ("code", "style"):
            if place.has(key):
                raise place.at(key).error("belongs to a date with a time beside it; add `time: ...`")
        return times.instant(zone)
    clock = _trimmed(scope.address.path(place.at("time")))
    code = _trimmed(scope.address.path(place.at("code"))) if place.has("code") else None
    if code is None and zone is None:
        raise place.error("a date and a time need a zone: `code: AT7-07`, `zone: America/Denver` or both")
    return times.day_and_time(times.day(_style(place, "ccyymmdd")), clock, code, zone)


def _moment_of_day(place: Place, _field: Field, _scope: Scope) -> Convert:
    if not place.has("at"):
        raise place.error('a date is no moment; say at what time of day: `at: "00:00Z"`')
    try:
        clock = times.clock_of(place.at("at").text())
    except ValueError:
        raise place.at("at").error('must be a time of day with its zone, such as "00:00Z"') from None
    return times.day_at(times.day(_style(place, "iso")), clock)


def _pictured_day(place: Place, _field: Field, scope: Scope) -> Convert:
    return pictured.day(_picture_code(place, scope))


def _pictured_moment(place: Place, _field: Field, scope: Scope) -> Convert:
    if not place.has("zone"):
        raise place.error("a moment needs its `zone`, such as Europe/Berlin")
    return pictured.moment(_picture_code(place, scope), _zone(place.at("zone")))


def _picture_code(place: Place, scope: Scope) -> Get:
    if not place.has("code"):
        raise place.error("say which code tells how it is written: `code: DTM[01:1=137]-01:3`")
    return _trimmed(scope.address.path(place.at("code")))


def _zone(place: Place) -> tzinfo:
    try:
        return times.zone_named(place.text())
    except ValueError:
        raise place.error("must be a zone such as America/Denver, UTC or -07:00") from None


# The first option of a kind is taken where the mapping says none.
_OPTIONS: Final[dict[Kind, tuple[_Option, ...]]] = {
    Kind.TEXT: (
        _Option("text", ("xref",), _always(conversions.text)),
        _Option("code", ("xref",), _always(conversions.code)),
    ),
    Kind.UNIT: (_Option("unit", (), _always(conversions.unit)),),
    Kind.MONEY: (_Option("money", ("currency", "implied_decimals", "sum"), _money),),
    Kind.INTEGER: (
        _Option("integer", (), _always(conversions.integer)),
        _Option("quantity", ("unit", "units", "to"), _quantity),
    ),
    Kind.CHANGE: (
        _Option("integer", (), _always(conversions.integer)),
        _Option("quantity", ("unit", "units", "to"), _quantity),
    ),
    Kind.QUANTITY: (_Option("quantity", ("unit", "units", "to"), _quantity),),
    Kind.DATE: (_Option("date", ("style",), _date), _Option("dtm", ("code",), _pictured_day)),
    Kind.INSTANT: (
        _Option("instant", ("style", "time", "code", "zone"), _moment),
        _Option("date", ("style", "at"), _moment_of_day),
        _Option("dtm", ("code", "zone"), _pictured_moment),
    ),
    Kind.IDENTIFIER: (_Option("text", ("xref",), _always(conversions.identifier)),),
    Kind.REVISION: (_Option("integer", (), _always(conversions.revision)),),
    Kind.CHOICE: (_Option("text", (), _choice),),
}
