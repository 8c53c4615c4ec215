"""The books at the end of the day, kept from what the generator decided, never from messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crossdock.sandbox.day.facts import Data, Fact

_STAGES: Final = (
    "CREATED",
    "PLANNED",
    "TENDERED",
    "ACCEPTED",
    "PICKED",
    "SHIPPED",
    "IN_TRANSIT",
    "DELIVERED",
    "INVOICED",
    "PARTIALLY_PAID",
    "PAID",
)
_RANK: Final = {stage: rank for rank, stage in enumerate(_STAGES)}
_CENTS: Final = ("freight_accrued", "freight_posted", "invoiced", "paid")


@dataclass
class Books:
    """The truth of all orders told so far; `stock` is on hand and reserved, first as counted in the morning."""

    stock: dict[tuple[str, str], list[int]]
    orders: dict[str, Data] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)

    @classmethod
    def opened(cls, on_hand: Mapping[tuple[str, str], int]) -> Books:
        """Open the books with the initial stock; nothing is reserved."""
        return cls({key: [count, 0] for key, count in on_hand.items()})

    def enter(self, order_no: str, warehouse: str, facts: Iterable[Fact]) -> None:
        """Enter all that is told of an order, in business order: the furthest stage counts, and the last figures."""
        result: Data = {"status": _STAGES[0], "carrier": None, **dict.fromkeys(_CENTS, 0)}
        for effect in (fact.effect for fact in facts):
            if effect.stage and _RANK[effect.stage] > _RANK[result["status"]]:
                result["status"] = effect.stage
            result.update(effect.figures or {})
            for sku, on_hand, reserved in effect.stock:
                balance = self.stock[warehouse, sku]
                balance[0] += on_hand
                balance[1] += reserved
            self.exceptions += effect.exceptions
        self.orders[order_no] = result

    def result(self) -> dict[str, Any]:
        """Return orders, stock and exceptions as a system must export them, and their totals."""
        return {
            "orders": self.orders,
            "stock": {f"{warehouse}/{sku}": balance for (warehouse, sku), balance in sorted(self.stock.items())},
            "exceptions": sorted(self.exceptions),
            "totals": {
                "status": Counter(order["status"] for order in self.orders.values()),
                "exceptions": Counter(exception.partition(" ")[0] for exception in self.exceptions),
                **{name: sum(order[name] for order in self.orders.values()) for name in _CENTS},
            },
        }
