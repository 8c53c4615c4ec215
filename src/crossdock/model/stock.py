"""What happens to stock without an order: goods come in, are counted, and are more or fewer than the books say."""

from __future__ import annotations

from typing import Literal

import msgspec

from crossdock.model.event import Fact, Owner
from crossdock.model.types import Change, Count, Identifier, Number, UnitCode

Reason = Literal["lost", "found", "damaged", "expired", "returned", "consumed", "other"]


class ReceiptLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came in of one line, in the item's base unit."""

    line: Number
    sku: Identifier
    quantity: Count
    unit: UnitCode


class GoodsReceived(Fact, frozen=True, kw_only=True):
    """Goods came into the warehouse. `shipment_no` is the inbound shipment, as its sender announced it."""

    type = "goods.received"
    owner = Owner("goods_receipt", ("warehouse", "receipt_no"))
    key = ("receipt_no",)
    identifies = ("receipt_no", "shipment_no")

    receipt_no: Identifier
    warehouse: Identifier
    shipment_no: Identifier | None = None
    supplier_no: Identifier | None = None
    lines: list[ReceiptLine]


class StockAdjusted(Fact, frozen=True, kw_only=True):
    """The warehouse found that it has more or less of an item than its books said, and knows why."""

    type = "stock.adjusted"
    owner = Owner("stock_adjustment", ("warehouse", "adjustment_no", "sku"))
    key = ("adjustment_no", "sku")
    identifies = ("adjustment_no",)

    adjustment_no: Identifier
    warehouse: Identifier
    sku: Identifier
    quantity: Change
    unit: UnitCode
    reason: Reason


class StockCounted(Fact, frozen=True, kw_only=True):
    """An item was counted. `expected` is what the warehouse's own books said at that moment, if it tells.

    The difference of the two is what a count changes: what is on its way to us is in both.
    """

    type = "stock.counted"
    owner = Owner("stock_count", ("warehouse", "count_no", "sku"))
    key = ("count_no", "sku")
    identifies = ("count_no",)

    count_no: Identifier
    warehouse: Identifier
    sku: Identifier
    counted: Count
    expected: Count | None = None
    unit: UnitCode
