"""Order to ship: an order's goods are reserved, planned, tendered, picked, issued, moved and delivered."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from crossdock.ledger import accounts
from crossdock.model.time import microseconds
from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.plan import Command, Plan, View, WorkItem
from crossdock.processes.policy import MINUTE_US, InForce, OrderToShip
from crossdock.processes.remembered import Delivery, Issue, Line, Milestone, Order, Pick, Shipment, TenderDeclined
from crossdock.processes.states import OrderState, ShipmentState, StockOpeningState


class Stage(IntEnum):
    """How far a shipment has come, by the furthest fact known."""

    UNKNOWN = 0
    PLANNED = 1
    TENDERED = 2
    ACCEPTED = 3
    PICKED = 4
    SHIPPED = 5
    IN_TRANSIT = 6
    DELIVERED = 7


_VIEWS = {stage: View(status=stage.name) for stage in Stage}


def stage_of(state: ShipmentState) -> Stage:  # noqa: PLR0911  # one return a stage
    """A function of the set of facts: never of the order in which they came."""
    if state.delivery:
        return Stage.DELIVERED
    if state.milestones:
        return Stage.IN_TRANSIT
    if state.issues:
        return Stage.SHIPPED
    if state.picks:
        return Stage.PICKED
    if state.accepted:
        return Stage.ACCEPTED
    if state.tenders:
        return Stage.TENDERED
    return Stage.PLANNED if state.shipment else Stage.UNKNOWN


def is_further_milestone(fact: AnyKept, facts: Sequence[AnyKept]) -> bool:
    """A third of all facts: a planned shipment that moves already is reported once more. Nothing follows from it."""
    if type(fact.data) is not Milestone or fact.retracted:
        return False
    known = {type(other.data) for other in facts if not other.retracted}
    return Milestone in known and Shipment in known


def plan_shipment(state: ShipmentState, stage: Stage, now: int, policy: InForce, plan: Plan) -> None:
    """What a shipment's own facts ask for: stock movements, exceptions, deadlines. `now` in microseconds."""
    plan.view = _VIEWS[stage]
    for issue in state.issues:
        goods = issue.data
        for line in goods.lines:
            plan.post(accounts.shipped(goods.warehouse), accounts.on_hand(goods.warehouse), line.sku, line.quantity)
        plan.commands[f"goods_issue/{goods.issue_no}"] = _post_goods_issue(state.no, goods)
    for pick in state.picks:
        _short_pick(pick.data, plan)
    if policy.order_to_ship.short_picks == "cancel":
        _cancel_back_order(state, plan)
    for declined in state.declined:
        _declined(declined.data, plan)
    if state.delivery and state.issues:
        _sequence(state, plan)
    elif state.issues:
        _await_delivery(state, now, policy.order_to_ship, plan)
    if not state.shipment:
        _await_shipment(state, now, policy.order_to_ship, plan)
    if state.tenders and not state.accepted:
        _await_answer(state, now, policy.order_to_ship, plan)


def _post_goods_issue(shipment_no: str, issue: Issue) -> Command:
    lines = [[line.line, line.sku, line.quantity] for line in issue.lines if line.quantity]
    return Command(
        "post_goods_issue",
        "erp",
        {
            "shipment_no": shipment_no,
            "issue_no": issue.issue_no,
            "order_no": issue.order_no,
            "warehouse": issue.warehouse,
            "lines": lines,
        },
        "undo",
    )


def _short_pick(pick: Pick, plan: Plan) -> None:
    short = [line for line in pick.lines if line.picked < line.ordered]
    if short:
        missing = ", ".join(f"{line.ordered - line.picked} of {line.ordered} {line.sku}" for line in short)
        plan.items[f"short_pick/{pick.pick_id}"] = WorkItem(
            "SHORT_PICK",
            pick.pick_id,
            f"Picked short: {missing}",
            "warehouse",
            "Ship the rest later, or tell the customer",
        )


def _cancel_back_order(state: ShipmentState, plan: Plan) -> None:
    """What was ordered of a shipment and did not leave with it will not come: the ERP shall not wait for it."""
    ordered: dict[tuple[int, str], int] = {}
    for pick in state.picks:
        for line in pick.data.lines:
            ordered[line.line, line.sku] = max(line.ordered, ordered.get((line.line, line.sku), 0))
    if not state.issues or not ordered:
        return
    for issued in state.issued_lines:
        if (issued.line, issued.sku) in ordered:
            ordered[issued.line, issued.sku] -= issued.quantity
    lines = [[number, sku, missing] for (number, sku), missing in sorted(ordered.items()) if missing > 0]
    if lines:
        goods = state.issues[0].data
        content: dict[str, object] = {
            "shipment_no": state.no,
            "order_no": goods.order_no,
            "warehouse": goods.warehouse,
            "lines": lines,
        }
        plan.commands["back_order"] = Command("cancel_back_order", "erp", content, "irreversible")


def _declined(tender: TenderDeclined, plan: Plan) -> None:
    plan.items[f"tender_rejected/{tender.tender_id}"] = WorkItem(
        "TENDER_REJECTED",
        tender.tender_id,
        f"{tender.scac} declined the load ({tender.reason or 'no reason given'})",
        "transport",
        finding=True,
    )


def _sequence(state: ShipmentState, plan: Plan) -> None:
    if state.delivery and state.delivery.first < min(issue.first for issue in state.issues):
        plan.items["out_of_sequence"] = WorkItem(
            "OUT_OF_SEQUENCE",
            state.no,
            "The proof of delivery was received before the goods issue",
            "warehouse",
            finding=True,
        )


def _await_delivery(state: ShipmentState, now: int, settings: OrderToShip, plan: Plan) -> None:
    due = min(issue.occurred for issue in state.issues) + settings.proof_of_delivery_within_minutes * MINUTE_US
    if now >= due:
        plan.items["proof_of_delivery_overdue"] = WorkItem(
            "PROOF_OF_DELIVERY_OVERDUE",
            state.no,
            "Goods left long ago, and no proof of delivery has come",
            "carrier desk",
            "Ask the carrier where the shipment is",
        )
    else:
        plan.look_again(due)


def _await_shipment(state: ShipmentState, now: int, settings: OrderToShip, plan: Plan) -> None:
    """Carriers report on a shipment that nobody planned: a wrong number, or a plan that is late."""
    reports: list[Kept[Milestone] | Kept[Delivery]] = [*state.milestones]
    if state.delivery:
        reports.append(state.delivery)
    for report in reports:
        due = report.occurred + settings.unmatched_after_minutes * MINUTE_US
        if now >= due:
            subject = report.key.partition(":")[2]
            plan.items[f"unmatched/{subject}"] = WorkItem(
                "UNMATCHED",
                subject,
                f"{report.data.scac} reports on shipment {state.no}, which nobody planned",
                "transport",
                "Correct the shipment number with the carrier, or create the shipment",
            )
        else:
            plan.look_again(due)


def _await_answer(state: ShipmentState, now: int, settings: OrderToShip, plan: Plan) -> None:
    last = state.tenders[-1].data
    if any(declined.data.tender_id == last.tender_id for declined in state.declined):
        return
    due = microseconds(last.respond_by) + settings.tender_answer_grace_minutes * MINUTE_US
    if now >= due:
        plan.items[f"tender_unanswered/{last.tender_id}"] = WorkItem(
            "TENDER_UNANSWERED",
            last.tender_id,
            f"{last.scac} has not answered the tender",
            "transport",
            "Call the carrier, or tender to another",
        )
    else:
        plan.look_again(due)


def to_come(state: OrderState, settings: OrderToShip) -> list[Line]:
    """What of an order is still to leave: lines that no goods issue lists, and of the others what is on back order."""
    if not state.order:
        return []
    issued: dict[int, int] = {}
    for said in state.shipments:
        for line in said.issued:
            issued[line.line] = issued.get(line.line, 0) + line.quantity
    waits = settings.short_picks == "back_order"
    return [
        Line(line.line, line.sku, line.quantity - (issued.get(line.line, 0) if waits else 0))
        for line in state.order.data.lines
        if line.line not in issued or (waits and issued[line.line] < line.quantity)
    ]


def plan_order(state: OrderState, settings: OrderToShip, plan: Plan) -> None:
    """An order holds what it ordered until the goods issue that lists the line, or until all of it has left."""
    if not state.order:
        return
    order = state.order.data
    for line in to_come(state, settings):
        plan.post(accounts.reserved(order.warehouse), accounts.promised(order.warehouse), line.sku, line.quantity)
    if settings.enter_orders:
        plan.commands["entry"] = _enter(order)
    if state.shipments:
        plan.shown.add("shipment")
    else:
        plan.commands["shipment"] = _plan_shipment(order)
    if any(said.stage >= Stage.PICKED for said in state.shipments):
        plan.shown.add("release")
    else:
        plan.commands["release"] = _release(order)


def _enter(order: Order) -> Command:
    """The ERP prices it by its own list: prices are its own to say."""
    content = {
        "order_no": order.order_no,
        "customer_no": order.customer_no,
        "warehouse": order.warehouse,
        "currency": order.currency,
        "lines": _lines(order),
    }
    return Command("enter_order", "erp", content, "irreversible")


def _plan_shipment(order: Order) -> Command:
    content = {
        "order_no": order.order_no,
        "customer_no": order.customer_no,
        "warehouse": order.warehouse,
        "lines": _lines(order),
    }
    return Command("plan_shipment", "tms", content, "amend")


def _release(order: Order) -> Command:
    content = {"order_no": order.order_no, "warehouse": order.warehouse, "lines": _lines(order)}
    return Command("release_order", "wms", content, "amend")


def _lines(order: Order) -> object:
    return [[line.line, line.sku, line.quantity] for line in order.lines]


def plan_stock_opening(state: StockOpeningState, plan: Plan) -> None:
    """The books open with what the warehouse counted."""
    if state.opening:
        opening = state.opening.data
        plan.view = View(status="OPENED")
        plan.post(
            accounts.on_hand(opening.warehouse), accounts.opening(opening.warehouse), opening.sku, opening.quantity
        )
