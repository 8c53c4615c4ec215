"""Likely scale errors: values that are a hundred, twelve or twenty-four times what they were, or what is usual."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Final, TypeGuard

import msgspec

# What such a factor usually comes from.
FACTORS: Final = {
    Fraction(10): "a decimal place",
    Fraction(100): "cents for units, or implied decimals",
    Fraction(1000): "kilos for tons, or thousands",
    Fraction(12): "dozens for pieces, or months",
    Fraction(24): "hours for days, or a case of 24",
    Fraction(60): "minutes for hours",
    Fraction(220462, 100000): "kilograms for pounds",
    Fraction(28349523, 1000000): "ounces for grams",
}
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_EXACT: Final = Fraction(1, 100)
_NEAR: Final = Fraction(15, 100)
# Hardly any mix of business is a hundred times the usual one, or a hundredth: that need not be met exactly.
_WIDE: Final = Fraction(1, 2)
_WIDELY: Final = frozenset((Fraction(100), Fraction(1000)))
_SHARE: Final = Fraction(1, 2)
_VALUES_MIN: Final = 3
# Against history only factors that hardly any mix of business explains.
_FAR: Final = 10


class Suspicion(msgspec.Struct, frozen=True):
    """A field whose values look scaled: `factor` times what they were (`before`) or what is usual (`history`)."""

    field: str
    factor: str
    means: str
    values: int
    of: int
    against: str


def changed(pairs: Mapping[str, Iterable[tuple[Fraction, Fraction]]]) -> list[Suspicion]:
    """Fields of which at least half of the changed values, by (before, after), have one well-known factor."""
    found = []
    for field, values in sorted(pairs.items()):
        known = [(before, after) for before, after in values if before and after]
        counted = Counter(factor for before, after in known if (factor := _factor(before, after, _EXACT)) is not None)
        if counted:
            (factor, times), *_ = counted.most_common(1)
            if times >= min(_VALUES_MIN, len(known)) and times >= _SHARE * len(known):
                found.append(_suspicion(field, factor, times, len(known), "before"))
    return found


def unusual(values: Mapping[str, list[Fraction]], history: Mapping[str, list[Fraction]]) -> list[Suspicion]:
    """Fields whose middle value is far from that of history, by about a well-known factor."""
    found = []
    for field, mine in sorted(values.items()):
        theirs = [abs(value) for value in history.get(field, ()) if value]
        ours = [abs(value) for value in mine if value]
        if min(len(theirs), len(ours)) < _VALUES_MIN:
            continue
        factor = _factor(median(theirs), median(ours), _NEAR)
        if factor is not None and max(factor, 1 / factor) >= _FAR:
            found.append(_suspicion(field, factor, len(ours), len(ours), "history"))
    return found


def _factor(before: Fraction, after: Fraction, tolerance: Fraction) -> Fraction | None:
    ratio = after / before
    for known in FACTORS:
        for factor in (known, 1 / known):
            wide = tolerance == _NEAR and known in _WIDELY
            if abs(ratio / factor - 1) <= (_WIDE if wide else tolerance):
                return factor
    return None


def _suspicion(field: str, factor: Fraction, times: int, of: int, against: str) -> Suspicion:
    known = factor if factor in FACTORS else 1 / factor
    shown = f"{float(known):.4g}"
    return Suspicion(field, f"x{shown}" if factor == known else f"/{shown}", FACTORS[known], times, of, against)


def numbers(data: object, prefix: str) -> dict[str, list[Fraction]]:
    """The numbers of an event's data (as JSON) by field, without indexes of lists; years and such are no amounts."""
    found: dict[str, list[Fraction]] = defaultdict(list)
    _collect(data, prefix, found)
    return found


def _collect(value: object, place: str, found: dict[str, list[Fraction]]) -> None:
    if isinstance(value, dict):
        for key, each in value.items():
            _collect(each, f"{place}.{key}", found)
    elif _is_quantity(value):
        found[f"{place} in {value[1]}"].append(Fraction(value[0]))
    elif isinstance(value, list):
        for each in value:
            _collect(each, f"{place}[]", found)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        found[place].append(Fraction(value))


def _is_quantity(value: object) -> TypeGuard[list[str]]:
    """An exact number with its unit, as events have it."""
    return (
        isinstance(value, list)
        and len(value) == len(("587", "LBR"))
        and all(isinstance(each, str) for each in value)
        and _DECIMAL.fullmatch(value[0]) is not None
    )
