"""What happens to a warehouse's stock without an order, on command: goods come in, are written off, are counted.

`POST /control/receipts`, `/control/adjustments`, `/control/counts`; each is entered into the book and told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import System
from crossdock.sandbox.systems.floor import Floor, FloorRules
from crossdock.sandbox.systems.web import Answer, Request, said

Sku = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Literal["lost", "found", "damaged", "expired"]


class Arrived(msgspec.Struct, forbid_unknown_fields=True):
    """So many of an article."""

    sku: Sku
    qty: Annotated[int, Meta(ge=1)]


class Receipt(msgspec.Struct, forbid_unknown_fields=True):
    """A truck was unloaded."""

    warehouse: str
    asn: Sku
    lines: Annotated[list[Arrived], Meta(min_length=1)]


class Adjustment(msgspec.Struct, forbid_unknown_fields=True):
    """There is more or less of an article, and somebody knows why."""

    warehouse: str
    sku: Sku
    qty: int
    reason: Reason


class Count(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody counted an article."""

    warehouse: str
    sku: Sku
    found: Annotated[int, Meta(ge=0)]


class Stockroom:
    """Moves the stock of a floor. Records: `receipt`, `adjustment`, `count`."""

    def __init__(
        self, system: System[FloorRules], floor: Floor, *, numbers: str, tell: Callable[[Record], None]
    ) -> None:
        """`numbers` stands in every number that it gives; `tell` is told when something happened."""
        self._system = system
        self._floor = floor
        self._numbers = numbers
        self._tell = tell

    def routes(self) -> dict[str, Any]:
        """What can be commanded."""
        return {
            "POST /control/receipts": self.receive,
            "POST /control/adjustments": self.adjust,
            "POST /control/counts": self.count,
        }

    def receive(self, request: Request) -> Answer:
        """Goods came in."""
        wish = request.read(Receipt)
        lines = [{"line": n, "sku": line.sku, "qty": line.qty} for n, line in enumerate(wish.lines, 1)]
        self._floor.check(wish.warehouse, lines)
        for line in wish.lines:
            self._move(wish.warehouse, line.sku, line.qty)
        return self._enter("receipt", "GRN", {"warehouse": wish.warehouse, "asn": wish.asn, "lines": lines})

    def adjust(self, request: Request) -> Answer:
        """Stock is written off, or found."""
        wish = request.read(Adjustment)
        self._floor.check(wish.warehouse, [{"line": 1, "sku": wish.sku}])
        self._move(wish.warehouse, wish.sku, wish.qty)
        return self._enter("adjustment", "ADJ", msgspec.to_builtins(wish))

    def count(self, request: Request) -> Answer:
        """An article was counted: the book says from now on what was found."""
        wish = request.read(Count)
        self._floor.check(wish.warehouse, [{"line": 1, "sku": wish.sku}])
        book = self._floor.stock(wish.warehouse, wish.sku)["on_hand"]
        self._move(wish.warehouse, wish.sku, wish.found - book)
        return self._enter("count", "CNT", {**msgspec.to_builtins(wish), "book": book})

    def _move(self, warehouse: str, sku: str, quantity: int) -> None:
        kept = self._floor.stock(warehouse, sku)
        self._floor.enter("stock", f"{warehouse}/{sku}", {**kept, "on_hand": kept["on_hand"] + quantity})

    def _enter(self, entity: str, prefix: str, body: Document) -> Answer:
        number = self._system.book.count(f"{entity}s")
        record = self._floor.enter(entity, f"{prefix}-{self._numbers}{number:07d}", body)
        self._tell(record)
        return said({entity: record.id}, 201)
