"""What is decided of one order before anyone tells of it: who buys, who carries, what is short, what goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from crossdock.sandbox.day.facts import MINUTE_MS
from crossdock.sandbox.day.freight import ACCESSORIAL_CENTS, Quote, quote
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.trade import CARRIERS, WAREHOUSES, Customer, World

_SCACS: Final = sorted(CARRIERS)
_SERVICES: Final = sorted(ACCESSORIAL_CENTS)
_WAREHOUSES: Final = sorted(WAREHOUSES)
_LINES_AN_ORDER: Final = (1, 1, 2, 2, 3, 4)
_FREIGHT_CHARGES: Final = (0, 3_900, 7_900, 12_500)
_MOST_SERVICES: Final = 3
_BEFORE_NOON: Final = 0.6
_PALLET_LB: Final = 38
_POUNDS_A_PALLET: Final = 1_100


class Line(NamedTuple):
    """One line of an order and what the warehouse picked for it."""

    line: int
    sku: str
    ordered: int
    picked: int
    price_cents: int
    weight_lb: int


class Tender(NamedTuple):
    """One carrier asked to take the load, with the services wanted of it."""

    scac: str
    services: Sequence[str]


class Order(NamedTuple):
    """All that is settled about an order; the last of its tenders is the one that is accepted."""

    number: int
    start_ms: int
    customer: Customer
    warehouse: str
    lines: Sequence[Line]
    freight_charge_cents: int
    tenders: Sequence[Tender]
    pallets: int
    weight_lb: int
    quote: Quote

    @property
    def short(self) -> bool:
        """Return whether any line was picked short."""
        return any(line.picked < line.ordered for line in self.lines)

    def named(self, prefix: str) -> str:
        """Return the number of the order's document of one kind."""
        return f"{prefix}-{self.number:07d}"


def opening_times(orders: int, rng: Random) -> list[int]:
    """Draw when orders come in, earliest first: from seven to eighteen, a wave before noon and a smaller one after."""
    hours = (
        rng.triangular(7.0, 13.0, 9.5) if rng.random() < _BEFORE_NOON else rng.triangular(11.5, 18.0, 15.0)
        for _ in range(orders)
    )
    return sorted(int(hour * 60 * MINUTE_MS) for hour in hours)


def decide(number: int, start_ms: int, world: World, shares: Shares, rng: Random) -> Order:
    """Draw one order."""
    customer = rng.choice(world.customers)
    warehouse = rng.choice(_WAREHOUSES)
    lines = [
        Line(n, item.sku, pieces := rng.randint(1, 24), pieces, item.price_cents, item.weight_lb)
        for n, item in enumerate(rng.choices(world.items, k=rng.choice(_LINES_AN_ORDER)), start=1)
    ]
    if rng.random() < shares.short_pick:
        lines = _pick_short(lines, rng)
    tries = 2 if rng.random() < shares.rejected else 1
    tenders = [
        Tender(scac, sorted(rng.sample(_SERVICES, rng.randint(0, _MOST_SERVICES))))
        for scac in rng.sample(_SCACS, tries)
    ]
    goods_lb = sum(line.picked * line.weight_lb for line in lines)
    pallets = 1 + goods_lb // _POUNDS_A_PALLET
    weight_lb = goods_lb + pallets * _PALLET_LB
    accepted = tenders[-1]
    return Order(
        number=number,
        start_ms=start_ms,
        customer=customer,
        warehouse=warehouse,
        lines=lines,
        freight_charge_cents=rng.choice(_FREIGHT_CHARGES),
        tenders=tenders,
        pallets=pallets,
        weight_lb=weight_lb,
        quote=quote(world.tariffs[accepted.scac, warehouse, customer.zone], weight_lb, accepted.services),
    )


def _pick_short(lines: Sequence[Line], rng: Random) -> list[Line]:
    """Leave something of one line behind, but never everything of the order; one single piece cannot be short."""
    victim = rng.randrange(len(lines))
    keep = rng.randrange(lines[victim].ordered)
    if len(lines) == 1:
        keep = min(max(1, keep), lines[victim].ordered)
    return [line._replace(picked=keep) if n == victim else line for n, line in enumerate(lines)]
