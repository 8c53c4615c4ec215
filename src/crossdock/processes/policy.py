"""Dated settings of the processes: deadlines, triggers, tolerances, fees.

A policy is chosen by the business date of the object and by whom and what it is for (customer, carrier, warehouse,
zone), so a change of policy does not rewrite what was decided. Policies
that were published together are an *edition*: a case goes on with the edition it began with, so that a policy that is
published late, for days that have begun, changes nothing by itself (`crossdock rehearse` shows what it would change).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

import msgspec

from crossdock.audit.tolerance import Tolerance
from crossdock.model.time import start_of

MINUTE_US = 60_000_000
DAY_US = 1_440 * MINUTE_US
ShortPicks = Literal["cancel", "back_order"]


class OrderToShip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deadlines in minutes. `unmatched_after`: how long a carrier's report may wait for its shipment.

    `enter_orders`: orders come from elsewhere and are to be entered into the ERP. `short_picks`: what was ordered and
    not found is cancelled in the ERP too, or stays open there as a back order, stays reserved, and is billed with it.
    """

    unmatched_after_minutes: int = 240
    proof_of_delivery_within_minutes: int = 14_400
    tender_answer_grace_minutes: int = 1_440
    enter_orders: bool = False
    short_picks: ShortPicks = "cancel"


class ShipToInvoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes an order ready to bill: the proof of delivery, or already the goods issue.

    `post_payments`: the ERP does not hear of payments by itself: they are posted there.
    """

    invoice_on: Literal["proof_of_delivery", "goods_issue"] = "proof_of_delivery"
    post_payments: bool = False


class FreightAudit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tolerance of a match, the accessorial schedule (minor units by code), and the waits for shipment and answer."""

    tolerance: Tolerance = Tolerance()
    accessorial_fees_minor: dict[str, int] = {}
    unmatched_after_minutes: int = 240
    dispute_answer_within_minutes: int = 21_600


class Inventory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`count_tolerance_units`: how many units a count may differ from the warehouse's books unnoticed."""

    count_tolerance_units: int = 0


class Closing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`seal_after_days`: how long after the last thing that happened a case that needs nothing more is sealed."""

    seal_after_days: int = 90

    @property
    def seal_after_us(self) -> int:
        """The same in microseconds."""
        return self.seal_after_days * DAY_US


class Scope(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom and what a policy is for; each list names those it holds for, an empty one: all. `zones` are of rates."""

    customers: list[str] = []
    carriers: list[str] = []
    warehouses: list[str] = []
    zones: list[int] = []

    @property
    def width(self) -> int:
        """How many of its lists narrow it down: the more, the more particular."""
        return sum(bool(part) for part in (self.customers, self.carriers, self.warehouses, self.zones))

    def covers(self, of: Traits) -> bool:
        """Does it hold for an object with these traits? What is not known yet is not covered by a list."""
        return (
            (not self.customers or of.customer in self.customers)
            and (not self.carriers or of.carrier in self.carriers)
            and (not self.warehouses or of.warehouse in self.warehouses)
            and (not self.zones or of.zone in self.zones)
        )


class Traits(NamedTuple):
    """What policies tell objects apart by, as far as an object knows it of itself."""

    customer: str | None = None
    carrier: str | None = None
    warehouse: str | None = None
    zone: int | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings in force from a day on, for all objects or those in its scope; a part that is left out says nothing."""

    name: str
    valid_from: date
    scope: Scope = Scope()
    order_to_ship: OrderToShip | None = None
    ship_to_invoice: ShipToInvoice | None = None
    freight_audit: FreightAudit | None = None
    inventory: Inventory | None = None
    closing: Closing | None = None


class InForce(NamedTuple):
    """The settings that hold for one object, part by part, and the policies they come from."""

    order_to_ship: OrderToShip
    ship_to_invoice: ShipToInvoice
    freight_audit: FreightAudit
    inventory: Inventory
    closing: Closing
    policies: tuple[Policy, ...]


class _General(NamedTuple):
    """A policy for all: from when it holds (microseconds), and what holds where no other narrows it."""

    start: int
    policy: Policy
    alone: InForce


class PolicyBook:
    """The policies of a tenant; `edition` is the latest one in it.

    Each part of the settings comes from the most particular policy that says it: scoped before general, the later
    `valid_from` first. `published`: each policy with its edition, the latest `valid_from` first.
    """

    def __init__(self, policies: Sequence[Policy], editions: Sequence[int] | None = None) -> None:
        """At least one policy without a scope; the earliest of those also holds before its day.

        `editions`: of each policy, else 1.
        """
        published = sorted(
            zip(policies, editions or [1] * len(policies), strict=True),
            key=lambda one: (one[0].valid_from, one[1]),
            reverse=True,
        )
        self._general = [
            _General(start_of(policy.valid_from), policy, _merged((policy,)))
            for policy, _ in published
            if not policy.scope.width
        ]
        if not self._general:
            msg = "a policy book needs at least one policy without a scope: add one to the configuration folder"
            raise ValueError(msg)
        scoped = [policy for policy, _ in published if policy.scope.width]
        scoped.sort(key=lambda policy: policy.scope.width, reverse=True)  # stable: the later ones stay first
        self._scoped = [(start_of(policy.valid_from), policy) for policy in scoped]
        self.edition = max(edition for _, edition in published)
        self.published = published
        self._earlier: dict[int, PolicyBook] = {}
        self._cached: dict[tuple[int, ...], InForce] = {}

    def as_of(self, edition: int) -> PolicyBook:
        """The book as it was at an edition."""
        if edition >= self.edition:
            return self
        book = self._earlier.get(edition)
        if book is None:
            book = self._earlier[edition] = self._up_to(edition)
        return book

    def _up_to(self, edition: int) -> PolicyBook:
        published = [one for one in self.published if one[1] <= edition]
        return PolicyBook([policy for policy, _ in published], [number for _, number in published])

    def at(
        self,
        occurred: int | None,
        *,
        customer: str | None = None,
        carrier: str | None = None,
        warehouse: str | None = None,
        zone: int | None = None,
    ) -> InForce:
        """What holds at a moment (microseconds since 1970; without one, the latest) for an object of these traits."""
        in_force = self._general[-1]
        for one in self._general:
            if occurred is None or one.start <= occurred:
                in_force = one
                break
        if not self._scoped:
            return in_force.alone
        of = Traits(customer, carrier, warehouse, zone)
        narrowed = [
            policy
            for start, policy in self._scoped
            if (occurred is None or start <= occurred) and policy.scope.covers(of)
        ]
        return self._merged(*narrowed, in_force.policy) if narrowed else in_force.alone

    def _merged(self, *chosen: Policy) -> InForce:
        key = tuple(map(id, chosen))
        found = self._cached.get(key)
        if found is None:
            found = self._cached[key] = _merged(chosen)
        return found


def _merged(chosen: tuple[Policy, ...]) -> InForce:
    """The first policy that says a part decides it."""
    order_to_ship = next((policy for policy in chosen if policy.order_to_ship), chosen[-1])
    ship_to_invoice = next((policy for policy in chosen if policy.ship_to_invoice), chosen[-1])
    freight_audit = next((policy for policy in chosen if policy.freight_audit), chosen[-1])
    inventory = next((policy for policy in chosen if policy.inventory), chosen[-1])
    closing = next((policy for policy in chosen if policy.closing), chosen[-1])
    deciding = (order_to_ship, ship_to_invoice, freight_audit, inventory, closing)
    return InForce(
        order_to_ship.order_to_ship or OrderToShip(),
        ship_to_invoice.ship_to_invoice or ShipToInvoice(),
        freight_audit.freight_audit or FreightAudit(),
        inventory.inventory or Inventory(),
        closing.closing or Closing(),
        tuple({id(policy): policy for policy in deciding}.values()),
    )
