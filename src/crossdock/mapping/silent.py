"""Refuses, while compiling, what would go wrong in silence: pounds for kilograms, cases for pieces, cents for dollars.

What the mapping says of a value is held against what is known of the place where it stands: its name, the unit or the
currency beside it, the decimals that its standard implies. Saying how it is meant is always possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from crossdock.formats.edi.grammar import Composite, Element, Segment
from crossdock.formats.edi.grammar import Field as GrammarField
from crossdock.mapping.source import Place
from crossdock.mapping.targets import Field, Kind
from crossdock.model.quantity import UNITS

# Words that senders use for units, and whole packs, of which only the sender knows how much is in them.
_WORDS: Final = {
    "KG": "KGM", "KGS": "KGM", "KILO": "KGM", "KILOS": "KGM", "K": "KGM", "G": "GRM", "T": "TNE", "MT": "TNE",
    "LB": "LBR", "LBS": "LBR", "POUND": "LBR", "POUNDS": "LBR", "OZ": "ONZ", "CWT": "CWA", "DZ": "DZN", "DOZ": "DZN",
    "DOZEN": "DZN", "GR": "GRO", "GROSS": "GRO", "CM": "CMT", "M": "MTR", "IN": "INH", "FT": "FOT", "MI": "SMI",
    "L": "LTR", "CBM": "MTQ", "CFT": "FTQ",
}  # fmt: skip
_PACKS: Final = frozenset((
    "BAG", "BG", "BOX", "BX", "CA", "CARTON", "CASE", "CASES", "CS", "CT", "CTN", "LAYER", "LYR", "PACK", "PAL",
    "PALLET", "PK", "PL", "PLT", "RL", "ROLL", "SK", "SKID", "TRAY",
))  # fmt: skip
_ENDINGS: Final = {
    "kg": "KGM", "kgs": "KGM", "lb": "LBR", "lbs": "LBR", "oz": "ONZ", "g": "GRM", "cm": "CMT", "mm": "", "in": "INH",
    "ft": "FOT", "cbm": "MTQ",
}  # fmt: skip
_CENTS: Final = frozenset(("cents", "cent", "pence", "minor"))
_LAST_WORD: Final = re.compile(r"([a-z]+)\]?$")
_PACK: Final = re.compile(r"([1-9][0-9]{0,5}) ([A-Z0-9]{2,3})")


class _Beside(NamedTuple):
    """Dictionary entries that say the unit or currency of a value: wherever in the segment, or right behind it."""

    anywhere: str = ""
    behind: str = ""


_BESIDE: Final = {
    "81": _Beside("188", "355"),  # weight
    "183": _Beside("184", "355"),  # volume
    **dict.fromkeys(("65", "82", "189"), _Beside("90")),  # height, length, width
    **dict.fromkeys(("330", "358", "380", "382"), _Beside(behind="355")),  # quantities
    **dict.fromkeys(("6060", "6314"), _Beside("6411")),
    "5004": _Beside("6345"),
}


class Hint(NamedTuple):
    """What a standard says of an element: its type, and where the unit or currency of its value stands, if anywhere."""

    type: str = ""
    beside: str = ""


def hint_of(segment: Segment, element: int, component: int) -> Hint:
    """The hint of an element of a segment, or of a component of one."""
    if not 0 < element <= len(segment.fields):
        return Hint()
    holds = segment.fields[element - 1].holds
    fields = holds.fields if isinstance(holds, Composite) else segment.fields
    place = component if isinstance(holds, Composite) else element
    found = fields[place - 1].holds if 0 < place <= len(fields) else None
    if not isinstance(found, Element):
        return Hint()
    beside = _BESIDE.get(found.number, _Beside())
    unit = next((at for at, number in _numbered(fields) if at == place + 1 and number == beside.behind), 0)
    if not unit:
        anywhere = [at for at, number in _numbered(fields) if number == beside.anywhere]
        unit = min(anywhere, key=lambda at: abs(at - place), default=0)
    if not unit:
        return Hint(found.type)
    within = isinstance(holds, Composite)
    return Hint(found.type, f"{segment.id}-{element:02}:{unit}" if within else f"{segment.id}-{unit:02}")


def _numbered(fields: tuple[GrammarField, ...]) -> Iterator[tuple[int, str]]:
    """The places of a segment or composite, from 1, with their numbers in the dictionary."""
    for place, field in enumerate(fields, 1):
        if isinstance(field.holds, Element):
            yield place, field.holds.number


def check_value(place: Place, field: Field, hint: Hint | None, *, currency: object) -> None:
    """Raises `MappingError` where a path and what is said of its value do not fit together.

    `currency` is that of amounts that name none: a text where it is always the same.
    """
    text = place.at("path").text()
    ending = _LAST_WORD.search(text.lower())
    word = ending[1] if ending and text.lower()[: ending.start(1)][-1:] in {"_", "-"} else ""
    if field.kind is Kind.MONEY:
        _check_decimals(place, hint, word, text)
        own = place.get("currency")
        constant = isinstance(own.value, str) if own is not None else isinstance(currency, str)
        if hint is not None and hint.beside and constant:
            raise place.error(
                f"{hint.beside} beside it says its currency: `currency: {{path: {hint.beside}, default: USD}}`"
            )
    elif place.has("unit") and isinstance(place.at("unit").value, str):
        unit = place.at("unit").value
        if hint is not None and hint.beside:
            raise place.at("unit").error(
                f"{hint.beside} beside it says the unit: `unit: {{path: {hint.beside}, default: {unit}}}`"
            )
        said = _ENDINGS.get(word)
        if said and unit in UNITS and UNITS[said] != UNITS[unit]:
            raise place.at("unit").error(f"{text} is named after {said}, not {unit}; with `to` it is converted")


def _check_decimals(place: Place, hint: Hint | None, word: str, text: str) -> None:
    if place.has("implied_decimals"):
        return
    if hint is not None and hint.type == "N2":
        raise place.error(
            f"{text} has two implied decimals (65940 is 659.40): say `implied_decimals: true`, or false where this"
            " sender writes 659.40"
        )
    if word in _CENTS:
        raise place.error(f"{text} is named after {word}: say `implied_decimals: true`, or false where it is 659.40")


def check_unit_words(place: Place, meanings: Mapping[str, str]) -> None:
    """Raises `MappingError` where a word for a unit, or for a pack, is given the meaning of another one."""
    for word, meaning in meanings.items():
        if meaning not in UNITS:
            continue
        known = word if word in UNITS else _WORDS.get(word.upper())
        if known is not None and UNITS[known] != UNITS[meaning]:
            raise place.error(f"{word} is {known}, which is not {meaning}: map it to {known}, and convert by `to`")
        if word.upper() in _PACKS and UNITS[meaning][0] == "count":
            raise place.error(f"a {word} holds more than one: say how many, `{word}: 12 {meaning}`, under `units`")


def pack_of(meaning: str) -> tuple[int, str] | None:
    """`12 EA` as how many of what; `None` when it is no such thing."""
    match = _PACK.fullmatch(meaning)
    return (int(match[1]), match[2]) if match else None


def check_currency(fields: Place, said: Place | None) -> None:
    """Raises `MappingError` where amounts are read in one currency and the event says another one."""
    named = fields.get("currency")
    if named is None:
        return
    wanted = _source(named.value)
    for name, value in fields.items():
        if not name.endswith("_minor"):
            continue
        own = value.get("currency") if isinstance(value.value, dict) else None
        taken = own if own is not None else said
        source = wanted if taken is None else _source(taken.value, is_currency=True)
        if source != wanted:
            raise named.error(
                f"the event would say {_words(wanted)}, and {name} is read in {_words(source)}: say both alike"
            )


def _source(value: object, *, is_currency: bool = False) -> tuple[str, str]:
    """Where a currency comes from: always the same, or a path. A bare text is a constant or a path."""
    if isinstance(value, dict):
        kind = "constant" if "constant" in value else "path"
        return kind, str(value.get(kind, ""))
    return ("constant" if is_currency else "path"), str(value)


def _words(source: tuple[str, str]) -> str:
    return f"what {source[1]} says" if source[0] == "path" else source[1]
