"""A move that a carrier knows by its own number: kept until somebody says which shipment it is, then passed on."""

from __future__ import annotations

from crossdock.processes.plan import Plan, View, WorkItem
from crossdock.processes.policy import MINUTE_US, InForce
from crossdock.processes.remembered import MoveSaid, Reported
from crossdock.processes.states import CarrierMoveState


def plan_carrier_move(state: CarrierMoveState, now: int, policy: InForce, plan: Plan) -> None:
    """Tell every shipment that it carries what the carrier said; a bill goes to one shipment, or to a person."""
    scac, _, pro_no = state.no.partition("/")
    shipments = sorted({link.data.shipment_no for link in state.links})
    for shipment in shipments:
        plan.says[f"shipment/{shipment}"] = MoveSaid(
            scac=scac,
            pro_no=pro_no,
            milestones=[
                Reported(fact.key, fact.occurred, fact.first, fact.data.milestone) for fact in state.milestones
            ],
            delivery=Reported(state.delivery.key, state.delivery.occurred, state.delivery.first)
            if state.delivery
            else None,
            bills=state.bills if len(shipments) == 1 else [],
        )
    if shipments:
        plan.view = View(status="DELIVERED" if state.delivery else "IN_TRANSIT" if state.milestones else "IDENTIFIED")
    else:
        plan.view = View(status="UNIDENTIFIED")
        _await_shipment(state, now, policy, plan)
    if shipments and state.delivery:
        plan.seal_after_us = policy.closing.seal_after_us
    if len(shipments) > 1:
        _unallocated(state, shipments, plan)


def earliest(state: CarrierMoveState) -> int | None:
    """When the carrier first said anything of it, in microseconds."""
    said = [fact.occurred for fact in state.milestones] + [bill.occurred for bill in state.bills]
    return min([*said, state.delivery.occurred] if state.delivery else said, default=None)


def _await_shipment(state: CarrierMoveState, now: int, policy: InForce, plan: Plan) -> None:
    since = earliest(state)
    if since is None:
        return
    due = since + policy.order_to_ship.unmatched_after_minutes * MINUTE_US
    if now < due:
        plan.look_again(due)
        return
    scac, _, pro_no = state.no.partition("/")
    plan.items["unmatched"] = WorkItem(
        "UNMATCHED",
        state.no,
        f"{scac} reports on {pro_no}, and no shipment has that number",
        "transport",
        "Find out which shipment it is: `crossdock queue assign`; or reject the number with the carrier",
        max((bill.total_minor for bill in state.bills), default=0),
        next((bill.currency for bill in state.bills), ""),
    )


def _unallocated(state: CarrierMoveState, shipments: list[str], plan: Plan) -> None:
    """Which shipment bears which part of a bill is in no fact."""
    for bill in state.bills:
        subject = f"{bill.scac}/{bill.invoice_no}"
        plan.items[f"unallocated/{subject}"] = WorkItem(
            "FREIGHT_UNALLOCATED",
            subject,
            f"It bills {state.no}, which carried {', '.join(shipments[:5])}",
            "freight audit",
            "Ask the carrier for a bill for each shipment",
            bill.total_minor,
            bill.currency,
        )
