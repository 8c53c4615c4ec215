"""What a move should cost by the contract: linehaul by hundredweight with a minimum, fuel, planned accessorials.

Source: common structure of US less-than-truckload tariffs (rate per hundredweight, minimum charge, fuel surcharge
as a percentage of linehaul, accessorial schedule). All amounts in minor units; each part is rounded half up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import msgspec

from crossdock.model.events import RatePublished
from crossdock.model.money import round_half_up


class Quote(msgspec.Struct, frozen=True):
    """The expected charges of one move, in minor units of `currency`."""

    linehaul: int
    fuel: int
    accessorials: int
    currency: str

    @property
    def total(self) -> int:
        """All of it."""
        return self.linehaul + self.fuel + self.accessorials


class UnknownAccessorial(msgspec.Struct, frozen=True):
    """A service was ordered for which the schedule has no fee."""

    codes: tuple[str, ...]


def quote(
    rate: RatePublished, pounds: Fraction, services: Iterable[str], fees: Mapping[str, int]
) -> Quote | UnknownAccessorial:
    """Rate a move of `pounds` with the accessorial `services`; `fees` is the schedule by code, in minor units."""
    ordered = list(services)
    missing = tuple(sorted({code for code in ordered if code not in fees}))
    if missing:
        return UnknownAccessorial(missing)
    linehaul = max(rate.minimum_minor, round_half_up(rate.per_hundredweight_minor * pounds / 100))
    fuel = round_half_up(Fraction(linehaul * rate.fuel_basis_points, 10_000))
    return Quote(linehaul, fuel, sum(fees[code] for code in ordered), rate.currency)
