"""What is known before anything happens: opening stock, contract rates, parties."""

from __future__ import annotations

from crossdock.model.address import Address
from crossdock.model.event import Fact, Owner, Reference
from crossdock.model.types import Code, Count, Currency, Identifier, MinorPositive, Number, Scac, Text, UnitCode


class StockOpened(Fact, frozen=True, kw_only=True):
    """What a warehouse held of an item when the books were opened, in the item's base unit."""

    type = "stock.opened"
    owner = Owner("stock_opening", ("warehouse", "sku"))
    key = ("warehouse", "sku")

    warehouse: Identifier
    sku: Identifier
    quantity: Count
    unit: UnitCode


class RatePublished(Reference, frozen=True, kw_only=True):
    """A carrier's contract rate for a lane: hundredweight rate with a minimum, and fuel in basis points."""

    type = "rate.published"
    key = ("scac", "warehouse", "zone")

    scac: Scac
    warehouse: Identifier
    zone: Number
    currency: Currency
    per_hundredweight_minor: MinorPositive
    minimum_minor: MinorPositive
    fuel_basis_points: Count


class IdentifierCrossReferenced(Reference, frozen=True, kw_only=True):
    """What a partner calls a thing, and what we do: `theirs` of `issuer` is `ours`, among identifiers of a scheme."""

    type = "identifier.cross_referenced"
    key = ("scheme", "issuer", "theirs")

    scheme: Code
    issuer: Identifier
    theirs: Identifier
    ours: Identifier


class ItemPublished(Reference, frozen=True, kw_only=True):
    """An article's master record: what it is called, and the unit that it is counted in."""

    type = "item.published"
    key = ("sku",)

    sku: Identifier
    name: Text
    unit: UnitCode


class PartyPublished(Reference, frozen=True, kw_only=True):
    """A customer's master record; `zone` is that of rates, where its source knows them."""

    type = "party.published"
    key = ("customer_no",)

    customer_no: Identifier
    address: Address
    zone: Number | None = None
