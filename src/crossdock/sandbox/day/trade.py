"""Who takes part in a day: warehouses, carriers, goods, tariffs and customers, all drawn from the seed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Final, Literal, NamedTuple

from crossdock.sandbox.day.freight import Tariff

Form = Literal["json", "x12", "csv"]

CARRIERS: Final[dict[str, Form]] = {
    **dict.fromkeys(("AACT", "FXFE", "RDWY", "XPOL"), "json"),
    **dict.fromkeys(("ESTE", "ODFL", "SAIA"), "x12"),
    **dict.fromkeys(("CNWY",), "csv"),
}


class Place(NamedTuple):
    """A town as messages name it."""

    city: str
    state: str


class Town(NamedTuple):
    """Where customers are, and the rate zone that this makes."""

    place: Place
    postcode: str
    zone: int


class Item(NamedTuple):
    """A thing we sell."""

    sku: str
    price_cents: int
    weight_lb: int


class Customer(NamedTuple):
    """Who buys: the columns of customers.csv, in its order."""

    customer_no: str
    name: str
    address: str
    city: str
    state: str
    zip: str
    zone: int

    @property
    def place(self) -> Place:
        """Return the customer's town."""
        return Place(self.city, self.state)

    @property
    def ship_to(self) -> dict[str, str]:
        """Return the address as order and shipment messages carry it."""
        return {"name": self.name, "address": self.address, "city": self.city, "state": self.state, "zip": self.zip}


class World(NamedTuple):
    """The master data of one day."""

    items: Sequence[Item]
    on_hand: dict[tuple[str, str], int]
    tariffs: dict[tuple[str, str, int], Tariff]
    customers: Sequence[Customer]


WAREHOUSES: Final = {
    "DC01": Place("Tacoma", "WA"),
    "DC02": Place("Phoenix", "AZ"),
    "DC03": Place("Memphis", "TN"),
    "DC04": Place("Harrisburg", "PA"),
}
TOWNS: Final = tuple(
    Town(Place(city, state), postcode, zone)
    for zone, pair in enumerate(
        (
            (("Spokane", "WA", "99201"), ("Sacramento", "CA", "95814")),
            (("Tucson", "AZ", "85701"), ("Salt Lake City", "UT", "84101")),
            (("Omaha", "NE", "68102"), ("Milwaukee", "WI", "53202")),
            (("Louisville", "KY", "40202"), ("Raleigh", "NC", "27601")),
            (("Scranton", "PA", "18503"), ("Portland", "ME", "04101")),
        ),
        start=1,
    )
    for city, state, postcode in pair
)

_FAMILIES: Final = ("BRG", "ELC", "FAS", "HYD", "PMP", "SAF", "SEA", "TOL", "VLV", "WLD")
_ITEMS_A_FAMILY: Final = 50
_CUSTOMERS: Final = 640
_OWNERS: Final = ("Abbott", "Castillo", "Dunne", "Ferrara", "Haddad", "Ito", "Kowalski", "Mbeki", "Novak", "Quinn")
_TRADES: Final = ("Builders Merchants", "Farm Stores", "Hardware & Paint", "Industrial Supply", "Marine", "Tool Hire")
_STREETS: Final = ("Canal St", "Depot Rd", "Foundry Ln", "Mill Ave", "Quarry Rd", "Station St", "Tannery Way")


def draw_world(rng: Random) -> World:
    """Draw the master data: 500 items in four warehouses, 160 tariffs, customers in ten towns."""
    items = [
        Item(f"{family}-{n:03d}", rng.randint(120, 26_500), rng.randint(1, 55))
        for family in _FAMILIES
        for n in range(1, _ITEMS_A_FAMILY + 1)
    ]
    return World(
        items=items,
        on_hand={(code, item.sku): rng.randint(3_000, 60_000) for code in WAREHOUSES for item in items},
        tariffs={
            (scac, code, zone): Tariff(
                cwt_cents=rng.randint(850 + 150 * zone, 2_900 + 300 * zone),
                min_cents=rng.randint(7_000, 15_500),
                fuel_bp=rng.randint(1_750, 3_400),
            )
            for scac in sorted(CARRIERS)
            for code in WAREHOUSES
            for zone in range(1, 6)
        },
        customers=[_customer(number, rng) for number in range(1, _CUSTOMERS + 1)],
    )


def _customer(number: int, rng: Random) -> Customer:
    town = rng.choice(TOWNS)
    name = f"{rng.choice(_OWNERS)} {rng.choice(_TRADES)}"
    address = f"{rng.randint(1, 4_800)} {rng.choice(_STREETS)}"
    return Customer(f"K{number:05d}", name, address, *town.place, town.postcode, town.zone)


def write_master_data(world: World, folder: Path) -> None:
    """Write initial_stock.csv, rates.csv and customers.csv, sorted by their keys."""
    _write(
        folder / "initial_stock.csv",
        ("warehouse", "sku", "on_hand"),
        ((*key, count) for key, count in sorted(world.on_hand.items())),
    )
    _write(
        folder / "rates.csv",
        ("scac", "warehouse", "zone", *Tariff._fields),
        ((*lane, *tariff) for lane, tariff in sorted(world.tariffs.items())),
    )
    _write(folder / "customers.csv", Customer._fields, world.customers)


def write_articles(world: World, folder: Path, issuer: str) -> None:
    """Write items.csv: what a shop calls our items. It calls them as we do, as long as nothing is new."""
    rows = ((issuer, item.sku, item.sku) for item in world.items)
    _write(folder / "items.csv", ("issuer", "theirs", "sku"), rows)


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
