"""Quantities with a unit, converted exactly: a factor is a ratio of whole numbers, never a float.

Unit codes are UN/ECE Recommendation 20. Factors of weight, length and volume are the legal definitions of the
international yard and pound agreement (1959).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from crossdock.model.types import UnitCode


class Quantity(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An amount of something in a unit: `Quantity(Decimal("587"), "LBR")` is 587 pounds."""

    value: Annotated[Decimal, Meta(description="exact decimal number")]
    unit: UnitCode


class UnitError(ValueError):
    """A unit is not known or cannot become the other; the message says which are known."""


# code: (dimension, factor to the base unit of that dimension)
UNITS: Final[dict[str, tuple[str, Fraction]]] = {
    "EA": ("count", Fraction(1)),
    "C62": ("count", Fraction(1)),
    "PCE": ("count", Fraction(1)),
    "H87": ("count", Fraction(1)),
    "DZN": ("count", Fraction(12)),
    "GRO": ("count", Fraction(144)),
    "GRM": ("mass", Fraction(1, 1000)),
    "KGM": ("mass", Fraction(1)),
    "TNE": ("mass", Fraction(1000)),
    "LBR": ("mass", Fraction(45_359_237, 100_000_000)),
    "ONZ": ("mass", Fraction(45_359_237, 1_600_000_000)),
    "STN": ("mass", Fraction(45_359_237, 50_000)),
    "CWA": ("mass", Fraction(45_359_237, 1_000_000)),
    "MTR": ("length", Fraction(1)),
    "CMT": ("length", Fraction(1, 100)),
    "INH": ("length", Fraction(254, 10_000)),
    "FOT": ("length", Fraction(3048, 10_000)),
    "SMI": ("length", Fraction(1_609_344, 1000)),
    "MTQ": ("volume", Fraction(1)),
    "LTR": ("volume", Fraction(1, 1000)),
    "FTQ": ("volume", Fraction(28_316_846_592, 1_000_000_000_000)),
}


def factor(source: str, target: str) -> Fraction:
    """How many `target` one `source` is, exactly. Raises `UnitError` for unknown or unlike units."""
    try:
        source_dimension, source_factor = UNITS[source]
        target_dimension, target_factor = UNITS[target]
    except KeyError as unknown:
        known = ", ".join(sorted(UNITS))
        raise UnitError(f"unknown unit {unknown.args[0]!r}; known are {known}") from None
    if source_dimension != target_dimension:
        raise UnitError(f"{source} is a {source_dimension}, {target} is a {target_dimension}: no conversion")
    return source_factor / target_factor


def measure(quantities: Iterable[Quantity], unit: str) -> tuple[int, int]:
    """The exact number of `unit` in all the quantities together, as numerator and denominator."""
    total = (0, 1)
    for quantity in quantities:
        numerator, denominator = quantity.value.as_integer_ratio()
        if quantity.unit != unit:
            ratio = factor(quantity.unit, unit)
            numerator, denominator = numerator * ratio.numerator, denominator * ratio.denominator
        total = (total[0] * denominator + numerator * total[1], total[1] * denominator)
    return total
