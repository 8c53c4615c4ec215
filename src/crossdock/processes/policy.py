"""Dated settings of the processes: deadlines, triggers, tolerances, fees.

A policy is chosen by the business date of the object, so a change of policy does not rewrite what was decided. Policies
that were published together are an *edition*: a case goes on with the edition it began with, so that a policy that is
published late, for days that have begun, changes nothing by itself (`crossdock rehearse` shows what it would change).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from crossdock.audit.tolerance import Tolerance
from crossdock.model.time import start_of

MINUTE_US = 60_000_000


class OrderToShip(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Deadlines in minutes. `unmatched_after`: how long a carrier's report may wait for its shipment.

    `enter_orders`: orders come from elsewhere and are to be entered into the ERP.
    """

    unmatched_after_minutes: int = 240
    proof_of_delivery_within_minutes: int = 14_400
    tender_answer_grace_minutes: int = 1_440
    enter_orders: bool = False


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


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings in force from a day on, until a later policy."""

    name: str
    valid_from: date
    order_to_ship: OrderToShip = OrderToShip()
    ship_to_invoice: ShipToInvoice = ShipToInvoice()
    freight_audit: FreightAudit = FreightAudit()


class PolicyBook:
    """The policies of a tenant, by the day from which each holds; `edition` is the latest one in it.

    `published`: each policy with its edition, the latest `valid_from` first.
    """

    def __init__(self, policies: Sequence[Policy], editions: Sequence[int] | None = None) -> None:
        """At least one policy; the earliest one also holds before its day. `editions`: of each policy, else 1."""
        if not policies:
            msg = "a policy book needs at least one policy: add one to the configuration folder"
            raise ValueError(msg)
        published = sorted(
            zip(policies, editions or [1] * len(policies), strict=True),
            key=lambda one: (one[0].valid_from, one[1]),
            reverse=True,
        )
        self.edition = max(edition for _, edition in published)
        self.published = published
        self._policies = [(start_of(policy.valid_from), policy) for policy, _ in published]
        self._earlier: dict[int, PolicyBook] = {}

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

    def at(self, occurred: int | None) -> Policy:
        """The policy in force at a moment (microseconds since 1970); without one, the latest."""
        for start, policy in self._policies:
            if occurred is None or start <= occurred:
                return policy
        return self._policies[-1][1]
