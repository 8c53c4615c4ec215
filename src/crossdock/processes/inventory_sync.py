"""Inventory: what a warehouse received, wrote off, found or counted moves the same units in our books.

A count says what was found and what the warehouse's own books said before. Only the difference is posted: what we know
and the warehouse did not (or the other way round) is no business of a count, and reconciliation names it. A case reads
its own facts only, so it never looks at a balance.
"""

from __future__ import annotations

from typing import Final

from crossdock.ledger import accounts
from crossdock.processes.plan import Plan, View, WorkItem
from crossdock.processes.policy import InForce
from crossdock.processes.states import GoodsReceiptState, StockAdjustmentState, StockCountState

_COUNTED: Final = "counted"
_WITHDRAWN: Final = View(status="WITHDRAWN")


def plan_goods_receipt(state: GoodsReceiptState, policy: InForce, plan: Plan) -> None:
    """What came in is on hand."""
    if not state.receipt:
        plan.view = _WITHDRAWN
        return
    receipt = state.receipt.data
    for line in receipt.lines:
        plan.post(accounts.on_hand(receipt.warehouse), accounts.received(receipt.warehouse), line.sku, line.quantity)
    plan.view = View(status="RECEIVED")
    plan.seal_after_us = policy.closing.seal_after_us


def plan_stock_adjustment(state: StockAdjustmentState, policy: InForce, plan: Plan) -> None:
    """What is more or less is on hand, or is not, by its reason."""
    if not state.adjustment:
        plan.view = _WITHDRAWN
        return
    made = state.adjustment.data
    against = accounts.adjusted(made.warehouse, made.reason)
    plan.post(accounts.on_hand(made.warehouse), against, made.sku, made.quantity)
    plan.view = View(status="ADJUSTED")
    plan.seal_after_us = policy.closing.seal_after_us


def plan_stock_count(state: StockCountState, policy: InForce, plan: Plan) -> None:
    """What a count changed in the warehouse's books, it changes in ours; a person hears of what is much."""
    if not state.count:
        plan.view = _WITHDRAWN
        return
    count = state.count.data
    if count.expected is None:
        plan.view = View(status="COUNTED")
        plan.items["not_comparable"] = WorkItem(
            "COUNT_NOT_COMPARABLE",
            state.no,
            f"Counted {count.counted} {count.sku}, and not told what the warehouse's books said: nothing is posted",
            "inventory",
            "Compare with `crossdock reconcile`, and have the warehouse adjust what differs",
        )
        return
    difference = count.counted - count.expected
    plan.post(accounts.on_hand(count.warehouse), accounts.adjusted(count.warehouse, _COUNTED), count.sku, difference)
    plan.view = View(status="ADJUSTED" if difference else "COUNTED")
    if abs(difference) > policy.inventory.count_tolerance_units:
        plan.items["difference"] = WorkItem(
            "COUNT_DIFFERENCE",
            state.no,
            f"Counted {count.counted} {count.sku} where the warehouse's books said {count.expected}",
            "inventory",
            "Find out what moved them, and note it",
        )
    else:
        plan.seal_after_us = policy.closing.seal_after_us
