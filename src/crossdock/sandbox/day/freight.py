"""What a load should cost by the tariff, and how far its freight invoice may be off: whole cents, whole pounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

FUEL: Final = "FUE"
ACCESSORIAL_CENTS: Final = {"APT": 3_500, "DET": 12_000, "INS": 9_500, "LFT": 7_500, "RES": 6_500, "SOC": 4_000}

_CWT: Final = 100
_BASIS_POINTS: Final = 10_000
_TOLERANCE_FLOOR_CENTS: Final = 500


class Tariff(NamedTuple):
    """One line of rates.csv: the price of a hundred pounds, the least linehaul, the fuel in basis points of it."""

    cwt_cents: int
    min_cents: int
    fuel_bp: int


class Quote(NamedTuple):
    """The parts of a freight cost, in cents."""

    linehaul: int
    fuel: int
    fees: int

    @property
    def total(self) -> int:
        """Return linehaul, fuel and accessorials together."""
        return self.linehaul + self.fuel + self.fees


def quote(tariff: Tariff, weight_lb: int, services: Sequence[str]) -> Quote:
    """Price a load: linehaul by weight but at least the minimum, fuel on it, a fixed fee a service; halves go up."""
    linehaul = max(tariff.min_cents, _half_up(tariff.cwt_cents * weight_lb, _CWT))
    return Quote(
        linehaul,
        _half_up(linehaul * tariff.fuel_bp, _BASIS_POINTS),
        sum(ACCESSORIAL_CENTS[service] for service in services),
    )


def tolerance(accrual_cents: int) -> int:
    """Return the largest difference at which an invoice is still paid: five dollars or 2 %, whichever is more."""
    return max(_TOLERANCE_FLOOR_CENTS, accrual_cents // 50)


def _half_up(numerator: int, denominator: int) -> int:
    """Divide non-negative integers, rounding halves up; the denominator is even."""
    return (numerator + denominator // 2) // denominator
