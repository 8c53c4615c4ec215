"""What a move should cost by the contract: linehaul by hundredweight with a minimum, fuel, planned accessorials.

Source: common structure of US less-than-truckload tariffs (rate per hundredweight, minimum charge, fuel surcharge
as a percentage of linehaul, accessorial schedule). All amounts in minor units; each part is rounded half up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from crossdock.model.master_data import RatePublished
from crossdock.model.money import divide_half_up


class Quote(msgspec.Struct, frozen=True, gc=False):
    """The expected charges of one move, in minor units of `currency`."""

    linehaul: int
    fuel: int
    accessorials: int
    currency: str

    @property
    def total(self) -> int:
        """All of it."""
        return self.linehaul + self.fuel + self.accessorials


class UnknownAccessorial(msgspec.Struct, frozen=True, gc=False):
    """A service was ordered for which the schedule has no fee."""

    codes: tuple[str, ...]


def quote(
    rate: RatePublished, pounds: tuple[int, int], services: Sequence[str], fees: Mapping[str, int]
) -> Quote | UnknownAccessorial:
    """Rate a move of `pounds` (numerator, denominator) with the accessorial `services`.

    `fees` is the accessorial schedule: minor units by code.
    """
    missing = [code for code in services if code not in fees]
    if missing:
        return UnknownAccessorial(tuple(sorted(set(missing))))
    by_weight = divide_half_up(rate.per_hundredweight_minor * pounds[0], 100 * pounds[1])
    linehaul = max(rate.minimum_minor, by_weight)
    fuel = divide_half_up(linehaul * rate.fuel_basis_points, 10_000)
    return Quote(linehaul, fuel, sum([fees[code] for code in services]), rate.currency)
