"""The shop: takes orders from customers, as many as it is told to, and tells Crossdock of each."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.day.facts import DAY_MS, money, on_date
from crossdock.sandbox.day.order import Order, decide
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.systems.book import Document
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.faults import Share
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.web import Answer, Request, said

_CALM: Final = Shares().times(0)
_TICK_SECONDS: Final = 0.05
UNKNOWN_SKU: Final = "NEW-999"


class ShopRules(Rules, frozen=True, forbid_unknown_fields=True):
    """`orders_per_second` (real seconds) come by themselves; `unknown_sku`: share that wants what nobody stocks."""

    orders_per_second: Annotated[float, Meta(ge=0, le=1_000)] = 0
    first_order: Annotated[int, Meta(ge=1)] = 1_000_001
    unknown_sku: Share = 0
    warehouses: tuple[str, ...] = ()


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """So many orders, at such a rate (real seconds); `sku` is on the first line of each, if given."""

    count: Annotated[int, Meta(ge=1, le=1_000_000)]
    per_second: Annotated[float, Meta(gt=0, le=10_000)] = 50.0
    sku: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class Shop(RestSystem[ShopRules]):
    """Orders on command, or all the time."""

    rules_type = ShopRules
    speaks = "application/json; dialect=webshop"
    collections: ClassVar[dict[str, str]] = {"/orders": "order"}

    def routes(self) -> dict[str, Any]:
        """Orders can be asked for."""
        return self.reading() | {"POST /control/orders": self.wish}

    def jobs(self) -> dict[str, Doing]:
        """Customers come in small groups."""
        return {"orders": self.take_some, "open": self.stay_open}

    async def start(self) -> None:
        """Open the shop."""
        await super().start()
        if not any(job.kind == "open" for job in self.book.jobs.values()):
            self._again("open", {"owed": 0.0})

    def wish(self, request: Request) -> Answer:
        """`POST /control/orders`: have so many orders made."""
        wish = request.read(Wish)
        body = {"left": wish.count, "per_second": wish.per_second, "owed": 1.0, "sku": wish.sku}
        self.at(self.clock.now_ms(), "orders", body)
        return said({"orders": wish.count, "made": self.book.values.get("orders", 0)}, 202)

    def take_some(self, body: Document) -> None:
        """Take the orders of a moment, and come back for the rest."""
        owed = body["owed"] + body["per_second"] * _TICK_SECONDS
        some = min(int(owed), body["left"])
        for _ in range(some):
            self.take(body["sku"])
        if body["left"] > some:
            self._again("orders", {**body, "left": body["left"] - some, "owed": owed - some})

    def stay_open(self, body: Document) -> None:
        """Take the orders that come by themselves."""
        owed = body["owed"] + self.rules.orders_per_second * _TICK_SECONDS
        for _ in range(int(owed)):
            self.take()
        self._again("open", {"owed": owed - int(owed)})

    def take(self, sku: str | None = None) -> str:
        """Take one order, and tell of it."""
        number = self.book.count("orders")
        order_no = f"ORD-{self.rules.first_order + number - 1:07d}"
        luck = self.luck("order", number)
        order = decide(number, self.now_ms(), self.world, _CALM, luck)
        data = self._data(order, order_no)
        if self.rules.warehouses:
            data["warehouse"] = luck.choice(self.rules.warehouses)
        if sku is not None or luck.random() < self.rules.unknown_sku:
            data["lines"][0]["sku"] = sku or UNKNOWN_SKU
        self.enter("order", order_no, data)
        self.post("order.created", "oms", order_no, data)
        return order_no

    def _data(self, order: Order, order_no: str) -> Document:
        customer, luck = order.customer, self.luck("requested", order_no)
        return {
            "order_no": order_no,
            "customer_no": customer.customer_no,
            "warehouse": order.warehouse,
            "currency": "USD",
            "ship_to": customer.ship_to,
            "requested_date": on_date(order.start_ms + luck.randint(2, 6) * DAY_MS),
            "freight_charge": money(order.freight_charge_cents),
            "lines": [
                {"line": n, "sku": sku, "qty": ordered, "uom": "EA", "unit_price": money(price_cents)}
                for n, sku, ordered, _, price_cents, _ in order.lines
            ],
        }

    def _again(self, kind: str, body: Document) -> None:
        self.at(self.clock.now_ms() + int(_TICK_SECONDS * 1_000 * self.clock.speed), kind, body)
