"""An order as Tryton keeps it: its sale, what of it waits to be shipped, and how much of each item a command lists."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Conflict

SALE: Final = "sale.sale"
OUT: Final = "stock.shipment.out"
MOVED: Final = ("_timestamp", "state", "number", "inventory_moves.product.code", "inventory_moves.quantity",
                "outgoing_moves.product.code", "outgoing_moves.quantity", "outgoing_moves.origin")  # fmt: skip


async def sale_of(talk: Talk, order_no: object, fields: list[str]) -> Row:
    """The order under the house's number; it may be on its way there, so its absence is no refusal."""
    rows = await talk.search(SALE, [["reference", "=", order_no], ["state", "in", ["processing", "done"]]], fields)
    if len(rows) == 1:
        return rows[0]
    raise Stop(Conflict(reason=f"it has {'no' if not rows else 'more than one'} order {order_no} under way"))


async def waiting(talk: Talk, sale: Row, warehouse: object) -> list[Row]:
    """What of an order waits to be shipped from a warehouse, and is nobody's yet; the oldest first."""
    domain = [["id", "in", sale["shipments"]], ["state", "in", ["draft", "waiting", "assigned"]],
              ["reference", "=", None], ["warehouse.code", "=", warehouse]]  # fmt: skip
    return await talk.search(OUT, domain, MOVED, order=[["id", "ASC"]])


def wanted(command: Command) -> Counter[str]:
    """How many of each item a command lists."""
    amounts: Counter[str] = Counter()
    for _, sku, quantity in command.content["lines"]:  # type: ignore[attr-defined]
        amounts[str(sku)] += int(quantity)
    return +amounts


def listed(moves: list[Row]) -> Counter[str]:
    """How many of each item moves list, or lines."""
    amounts: Counter[str] = Counter()
    for move in moves:
        if move["product"]:
            amounts[move["product"]["code"]] += int(move["quantity"])
    return Counter({sku: amount for sku, amount in amounts.items() if amount})


def less(moves: list[Row], taken: Counter[str]) -> list[Any]:
    """The operations on moves that leave only what is `taken` of them, and take that out of `taken`."""
    operations: list[Any] = []
    for move in moves:
        sku, planned = move["product"]["code"], int(move["quantity"])
        kept = min(planned, taken[sku])
        taken[sku] -= kept
        if kept == 0:
            operations.append(["delete", [move["id"]]])
        elif kept != planned:
            operations.append(["write", [move["id"]], {"quantity": kept}])
    return operations
