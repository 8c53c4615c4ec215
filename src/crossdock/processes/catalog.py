"""The kinds of case and the journeys each takes part in: this list is the feature list.

Kinds say upward only, lowest level first: freight invoice -> (carrier move ->) shipment -> order, customer invoice ->
order.

A change of rules that can change a plan is a new version beside the old one: cases stay on the version that first
planned them until a rehearsed migration moves them (`crossdock rehearse`). A version goes when no case is on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.processes import carrier_moves, freight_audit_to_settlement, order_to_ship, ship_to_invoice, states
from crossdock.processes.facts import AnyKept
from crossdock.processes.plan import Plan
from crossdock.processes.policy import InForce, PolicyBook, ShortPicks, Traits
from crossdock.processes.reference import Book


class Rules(NamedTuple):
    """One version of the rules of a kind: how facts become a state, and what a state wants.

    `repeats` tells, without asking the case, that a fact changes nothing beside the facts that are known: it is kept,
    and no plan is made.
    """

    fold: Callable[[str, Sequence[AnyKept]], Any]
    plan: Callable[[Any, int, PolicyBook, Book], Plan]
    repeats: Callable[[AnyKept, Sequence[AnyKept]], bool] = lambda _fact, _facts: False


class Kind:
    """A kind of case: its name, its level in the graph of saying, and the versions of its rules that are in use.

    `latest` is the version on which new cases begin.
    """

    __slots__ = ("latest", "level", "name", "versions")

    def __init__(self, name: str, level: int, versions: Mapping[int, Rules]) -> None:
        """At least one version."""
        self.name = name
        self.level = level
        self.versions = versions
        self.latest = max(versions)


def _policy_of_order(state: states.OrderState, policies: PolicyBook) -> InForce:
    if state.order is None:
        return policies.at(None)
    order = state.order.data
    return policies.at(state.order.occurred, Traits(customer=order.customer_no, warehouse=order.warehouse))


def _policy_of_shipment(state: states.ShipmentState, policies: PolicyBook) -> InForce:
    """A shipment does not know whose it is: the customer's terms are the order's business."""
    carrier = state.accepted.data.scac if state.accepted else None
    if state.shipment is None:
        return policies.at(None, Traits(carrier=carrier))
    shipment = state.shipment.data
    return policies.at(
        state.shipment.occurred, Traits(carrier=carrier, warehouse=shipment.warehouse, zone=shipment.zone)
    )


def _order(
    state: states.OrderState,
    now: int,  # noqa: ARG001  # every kind is asked the same way
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
    short_picks: ShortPicks | None = None,
) -> Plan:
    """`short_picks` stands for the policy's: the first version of the rules knew no such policy."""
    plan = Plan()
    policy = _with(_policy_of_order(state, policies), short_picks)
    order_to_ship.plan_order(state, policy.order_to_ship, plan)
    ship_to_invoice.plan_order(state, policy, plan)
    return plan


def _shipment(
    state: states.ShipmentState,
    now: int,
    policies: PolicyBook,
    reference: Book,
    short_picks: ShortPicks | None = None,
) -> Plan:
    plan = Plan()
    policy = _with(_policy_of_shipment(state, policies), short_picks)
    stage = order_to_ship.stage_of(state)
    order_to_ship.plan_shipment(state, stage, now, policy, plan)
    freight_audit_to_settlement.plan_shipment(state, stage, now, policy, reference, plan)
    freight_audit_to_settlement.await_shipment(state, now, policy, plan)
    return plan


def _with(policy: InForce, short_picks: ShortPicks | None) -> InForce:
    if short_picks is None:
        return policy
    return policy._replace(order_to_ship=msgspec.structs.replace(policy.order_to_ship, short_picks=short_picks))


_shipment_1 = partial(_shipment, short_picks="back_order")  # the ERP was told nothing
_order_1 = partial(_order, short_picks="cancel")  # and we waited for nothing


def _carrier_move(
    state: states.CarrierMoveState,
    now: int,
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001  # every kind is asked the same way
) -> Plan:
    plan = Plan()
    carrier_moves.plan_carrier_move(
        state, now, policies.at(carrier_moves.earliest(state), Traits(carrier=state.no.partition("/")[0])), plan
    )
    return plan


def _freight_invoice(
    state: states.FreightInvoiceState,
    now: int,  # noqa: ARG001  # every kind is asked the same way
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    policy = policies.at(
        state.statements[0].occurred if state.statements else None, Traits(carrier=state.no.partition("/")[0])
    )
    freight_audit_to_settlement.plan_freight_invoice(state, policy, plan)
    return plan


def _customer_invoice(
    state: states.CustomerInvoiceState,
    now: int,  # noqa: ARG001
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    policy = policies.at(state.invoice.occurred if state.invoice else None)
    ship_to_invoice.plan_customer_invoice(state, policy, plan)
    return plan


def _stock_opening(
    state: states.StockOpeningState,
    now: int,  # noqa: ARG001
    policies: PolicyBook,  # noqa: ARG001
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    order_to_ship.plan_stock_opening(state, plan)
    return plan


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("freight_invoice", 0, {1: Rules(states.fold_freight_invoice, _freight_invoice)}),
        Kind("customer_invoice", 0, {1: Rules(states.fold_customer_invoice, _customer_invoice)}),
        Kind("stock_opening", 0, {1: Rules(states.fold_stock_opening, _stock_opening)}),
        Kind("carrier_move", 1, {1: Rules(states.fold_carrier_move, _carrier_move)}),
        Kind(
            "shipment",
            2,
            {
                1: Rules(states.fold_shipment, _shipment_1, order_to_ship.is_further_milestone),
                2: Rules(states.fold_shipment, _shipment, order_to_ship.is_further_milestone),
            },
        ),
        Kind("order", 3, {1: Rules(states.fold_order, _order_1), 2: Rules(states.fold_order, _order)}),
    )
}
"""By name; the engine settles them level by level."""
