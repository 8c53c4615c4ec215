"""The kinds of case and the journeys each takes part in: this list is the feature list.

Kinds say upward only, lowest level first: freight invoice -> (carrier move ->) shipment -> order, customer invoice ->
order.

A change of rules that can change a plan is a new version beside the old one: cases stay on the version that first
planned them until a rehearsed migration moves them (`crossdock rehearse`). A version goes when no case is on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crossdock.processes import (
    carrier_moves,
    freight_audit_to_settlement,
    inventory_sync,
    order_to_ship,
    ship_to_invoice,
    states,
)
from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.plan import Plan
from crossdock.processes.policy import InForce, PolicyBook
from crossdock.processes.reference import Book
from crossdock.processes.remembered import Adjustment, Counted, Received


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
    return policies.at(state.order.occurred, customer=order.customer_no, warehouse=order.warehouse)


def _policy_of_shipment(state: states.ShipmentState, policies: PolicyBook) -> InForce:
    """A shipment does not know whose it is: the customer's terms are the order's business."""
    carrier = state.accepted.data.scac if state.accepted else None
    if state.shipment is None:
        return policies.at(None, carrier=carrier)
    shipment = state.shipment.data
    return policies.at(state.shipment.occurred, carrier=carrier, warehouse=shipment.warehouse, zone=shipment.zone)


def _order(state: states.OrderState, now: int, policies: PolicyBook, reference: Book) -> Plan:  # noqa: ARG001
    plan = Plan()
    policy = _policy_of_order(state, policies)
    order_to_ship.plan_order(state, policy.order_to_ship, plan)
    ship_to_invoice.plan_order(state, policy, plan)
    return plan


def _shipment(state: states.ShipmentState, now: int, policies: PolicyBook, reference: Book) -> Plan:
    plan = Plan()
    policy = _policy_of_shipment(state, policies)
    stage = order_to_ship.stage_of(state)
    order_to_ship.plan_shipment(state, stage, now, policy, plan)
    freight_audit_to_settlement.plan_shipment(state, stage, now, policy, reference, plan)
    freight_audit_to_settlement.await_shipment(state, now, policy, plan)
    return plan


def _policy_of_stock(fact: Kept[Received] | Kept[Adjustment] | Kept[Counted] | None, policies: PolicyBook) -> InForce:
    if fact is None:
        return policies.at(None)
    return policies.at(fact.occurred, warehouse=fact.data.warehouse)


def _carrier_move(
    state: states.CarrierMoveState,
    now: int,
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001  # every kind is asked the same way
) -> Plan:
    plan = Plan()
    carrier_moves.plan_carrier_move(
        state, now, policies.at(carrier_moves.earliest(state), carrier=state.no.partition("/")[0]), plan
    )
    return plan


def _freight_invoice(
    state: states.FreightInvoiceState,
    now: int,  # noqa: ARG001  # every kind is asked the same way
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    policy = policies.at(state.statements[0].occurred if state.statements else None, carrier=state.no.partition("/")[0])
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


def _goods_receipt(
    state: states.GoodsReceiptState,
    now: int,  # noqa: ARG001
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    inventory_sync.plan_goods_receipt(state, _policy_of_stock(state.receipt, policies), plan)
    return plan


def _stock_adjustment(
    state: states.StockAdjustmentState,
    now: int,  # noqa: ARG001
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    inventory_sync.plan_stock_adjustment(state, _policy_of_stock(state.adjustment, policies), plan)
    return plan


def _stock_count(
    state: states.StockCountState,
    now: int,  # noqa: ARG001
    policies: PolicyBook,
    reference: Book,  # noqa: ARG001
) -> Plan:
    plan = Plan()
    inventory_sync.plan_stock_count(state, _policy_of_stock(state.count, policies), plan)
    return plan


KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("freight_invoice", 0, {1: Rules(states.fold_freight_invoice, _freight_invoice)}),
        Kind("customer_invoice", 0, {1: Rules(states.fold_customer_invoice, _customer_invoice)}),
        Kind("stock_opening", 0, {1: Rules(states.fold_stock_opening, _stock_opening)}),
        Kind("goods_receipt", 0, {1: Rules(states.fold_goods_receipt, _goods_receipt)}),
        Kind("stock_adjustment", 0, {1: Rules(states.fold_stock_adjustment, _stock_adjustment)}),
        Kind("stock_count", 0, {1: Rules(states.fold_stock_count, _stock_count)}),
        Kind("carrier_move", 1, {1: Rules(states.fold_carrier_move, _carrier_move)}),
        Kind("shipment", 2, {1: Rules(states.fold_shipment, _shipment, order_to_ship.is_further_milestone)}),
        Kind("order", 3, {1: Rules(states.fold_order, _order)}),
    )
}
"""By name; the engine settles them level by level."""
