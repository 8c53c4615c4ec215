"""Which fact a case waits for next, by kind: a table of what is lacking, in the order in which the trade needs it.

Pure: a case's state (see `processes/states.py`) and the states of the cases it speaks to, in; a fact and who says
it, out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crossdock.processes.order_to_ship import Stage
from crossdock.processes.states import (
    CarrierMoveState,
    CustomerInvoiceState,
    FreightInvoiceState,
    GoodsReceiptState,
    OrderState,
    ShipmentState,
    StockAdjustmentState,
    StockCountState,
    StockOpeningState,
)

Trade = OrderState | ShipmentState | CarrierMoveState | FreightInvoiceState | CustomerInvoiceState
State = Trade | StockOpeningState | GoodsReceiptState | StockAdjustmentState | StockCountState


class Lack(NamedTuple):
    """A fact that is lacking, and who has to say it: `Lack("proof of delivery", "carrier RDWY")`."""

    what: str
    who: str


def lack_of(kind: str, state: State, above: Sequence[State]) -> Lack | None:
    """The next fact that a case needs; `None` when it needs none. `above` are states of the cases it speaks to."""
    return _LACKS[kind](state, above)


def done_of(kind: str) -> str:
    """How it stands with a case that needs nothing more."""
    return _DONE[kind]


def _first(needs: Iterable[tuple[object, Lack]]) -> Lack | None:
    """The first thing that is not there."""
    return next((lack for there, lack in needs if not there), None)


# -- a shipment --------------------------------------------------------------------------------------------------


def _shipment(state: ShipmentState, _above: Sequence[State]) -> Lack | None:
    warehouse = f"warehouse {state.shipment.data.warehouse}" if state.shipment else "warehouse"
    carrier = f"carrier {state.accepted.data.scac}" if state.accepted else "carrier"
    return _first((
        (state.shipment, Lack("the plan of the shipment", "transport")),
        (state.accepted, _acceptance(state)),
        (state.picks or state.issues, Lack("the pick", warehouse)),
        (state.issues, Lack("the goods issue", warehouse)),
        (state.delivery, Lack("proof of delivery", carrier)),
        (state.freight_invoices, Lack("the freight invoice", carrier)),
    ))  # fmt: skip


def _acceptance(state: ShipmentState) -> Lack:
    if not state.tenders:
        return Lack("a tender to a carrier", "transport")
    last = state.tenders[-1].data
    if any(declined.data.tender_id == last.tender_id for declined in state.declined):
        return Lack("a tender to another carrier", "transport")
    return Lack("the answer to the tender", f"carrier {last.scac}")


# -- an order ----------------------------------------------------------------------------------------------------

_ISSUE: Final = Lack("the goods issue", "warehouse")
_AFTER: Final = {
    Stage.UNKNOWN: Lack("the plan of the shipment", "transport"),
    Stage.PLANNED: Lack("a tender to a carrier", "transport"),
    Stage.TENDERED: Lack("the answer to the tender", "carrier"),
    Stage.ACCEPTED: Lack("the pick", "warehouse"),
    Stage.PICKED: _ISSUE,
    Stage.SHIPPED: Lack("proof of delivery", "carrier"),
    Stage.IN_TRANSIT: Lack("proof of delivery", "carrier"),
}


def _order(state: OrderState, _above: Sequence[State]) -> Lack | None:
    """An order waits for its least advanced shipment, then for its invoice and the money."""
    if state.order is None:
        return Lack("the order itself", "order management")
    if not state.invoices:
        return _shipping(state) or Lack("the customer invoice", "ERP")
    issued = any(said.issued_no for said in state.shipments)
    is_paid = all(invoice.paid_minor >= invoice.total_minor for invoice in state.invoices)
    return _first(((issued, _ISSUE), (is_paid, Lack("payment", f"customer {state.order.data.customer_no}"))))


def _shipping(state: OrderState) -> Lack | None:
    if not state.shipments:
        return Lack("the plan of a shipment", "transport")
    least = min(state.shipments, key=lambda said: said.stage)
    after = _AFTER.get(Stage(least.stage))
    if after is None:
        # Delivered, but a goods issue may still be on its way.
        return None if all(said.issued_no for said in state.shipments) else _ISSUE
    return after._replace(who=f"carrier {least.carrier}") if after.who == "carrier" and least.carrier else after


# -- invoices and stock ------------------------------------------------------------------------------------------

_AFTER_THE_MATCH: Final = frozenset({"proof of delivery", "the freight invoice"})


def _freight_invoice(state: FreightInvoiceState, above: Sequence[State]) -> Lack | None:
    """It is matched by its shipment, which must be planned, accepted and issued first."""
    if not state.statements:
        return Lack("the freight invoice itself", "carrier")
    lacks = [_shipment(shipment, ()) for shipment in above if isinstance(shipment, ShipmentState)]
    return next((lack for lack in lacks if lack is not None and lack.what not in _AFTER_THE_MATCH), None)


def _customer_invoice(state: CustomerInvoiceState, above: Sequence[State]) -> Lack | None:
    if state.invoice is None:
        return Lack("the invoice itself", "ERP")
    invoice = state.invoice.data
    orders = [order for order in above if isinstance(order, OrderState)]
    issued = all(any(said.issued_no for said in order.shipments) for order in orders)
    paid = sum(payment.data.amount_minor for payment in state.payments if payment.data.currency == invoice.currency)
    return _first((
        (issued, Lack("the goods issue that it bills", "warehouse")),
        (paid >= invoice.total_minor, Lack("payment", "customer")),
    ))  # fmt: skip


def _stock_opening(state: StockOpeningState, _above: Sequence[State]) -> Lack | None:
    return None if state.opening else Lack("the count", "warehouse")


def _nothing(_state: State, _above: Sequence[State]) -> Lack | None:
    """Goods that moved need nothing more."""
    return None


def _carrier_move(state: CarrierMoveState, _above: Sequence[State]) -> Lack | None:
    carrier = f"carrier {state.no.partition('/')[0]}"
    return _first((
        (state.links, Lack("the shipment that it carries", "transport")),
        (state.delivery, Lack("proof of delivery", carrier)),
    ))  # fmt: skip


_LACKS: Final[Mapping[str, Callable[[Any, Sequence[State]], Lack | None]]] = {
    "order": _order,
    "shipment": _shipment,
    "carrier_move": _carrier_move,
    "freight_invoice": _freight_invoice,
    "customer_invoice": _customer_invoice,
    "stock_opening": _stock_opening,
    "goods_receipt": _nothing,
    "stock_adjustment": _nothing,
    "stock_count": _nothing,
}

_DONE: Final[Mapping[str, str]] = {
    "order": "paid and closed",
    "shipment": "delivered and billed",
    "carrier_move": "delivered",
    "freight_invoice": "matched by its shipment",
    "customer_invoice": "paid",
    "stock_opening": "the books were opened with it",
    "goods_receipt": "it is in the books",
    "stock_adjustment": "it is in the books",
    "stock_count": "its difference is in the books",
}
