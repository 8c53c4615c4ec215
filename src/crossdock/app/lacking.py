"""Which fact a case waits for next, by kind: a table of what is lacking, in the order in which the trade needs it.

Pure: a case's state (see `processes/states.py`) and the states of the cases it speaks to, in; a fact and who says
it, out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from crossdock.processes.order_to_ship import Stage
from crossdock.processes.states import (
    CustomerInvoiceState,
    FreightInvoiceState,
    OrderState,
    ShipmentState,
    StockOpeningState,
)


class Lack(NamedTuple):
    """A fact that is lacking, and who has to say it: `Lack("proof of delivery", "carrier RDWY")`."""

    what: str
    who: str


def lack_of(kind: str, state: Any, above: Sequence[Any]) -> Lack | None:
    """The next fact that a case needs; `None` when it needs none. `above` are states of the cases it speaks to."""
    return _LACKS[kind](state, above)


def done_of(kind: str) -> str:
    """How it stands with a case that needs nothing more."""
    return _DONE[kind]


def _shipment(state: ShipmentState, _above: Sequence[Any]) -> Lack | None:
    warehouse = f"warehouse {state.shipment.data.warehouse}" if state.shipment else "warehouse"
    carrier = _carrier(state)
    if state.shipment is None:
        return Lack("the plan of the shipment", "transport")
    if state.accepted is None:
        return _acceptance(state)
    if not state.picks and not state.issues:
        return Lack("the pick", warehouse)
    if not state.issues:
        return Lack("the goods issue", warehouse)
    if state.delivery is None:
        return Lack("proof of delivery", carrier)
    if not state.freight_invoices:
        return Lack("the freight invoice", carrier)
    return None


def _acceptance(state: ShipmentState) -> Lack:
    if not state.tenders:
        return Lack("a tender to a carrier", "transport")
    last = state.tenders[-1].data
    if last.tender_id in state.answered:
        return Lack("a tender to another carrier", "transport")
    return Lack("the answer to the tender", f"carrier {last.scac}")


def _carrier(state: ShipmentState) -> str:
    return f"carrier {state.accepted.data.scac}" if state.accepted else "carrier"


_AFTER: Final = {
    Stage.UNKNOWN: Lack("the plan of the shipment", "transport"),
    Stage.PLANNED: Lack("a tender to a carrier", "transport"),
    Stage.TENDERED: Lack("the answer to the tender", "carrier"),
    Stage.ACCEPTED: Lack("the pick", "warehouse"),
    Stage.PICKED: Lack("the goods issue", "warehouse"),
    Stage.SHIPPED: Lack("proof of delivery", "carrier"),
    Stage.IN_TRANSIT: Lack("proof of delivery", "carrier"),
}


def _order(state: OrderState, _above: Sequence[Any]) -> Lack | None:
    """An order waits for its least advanced shipment, then for its invoice and the money."""
    if state.order is None:
        return Lack("the order itself", "order management")
    if not state.invoices:
        if not state.shipments:
            return Lack("the plan of a shipment", "transport")
        least = min(state.shipments.values(), key=lambda said: said.stage)
        after = _AFTER.get(Stage(least.stage))
        if after is not None:
            return after._replace(who=f"carrier {least.carrier}") if after.who == "carrier" and least.carrier else after
        if not all(said.issued_no for said in state.shipments.values()):
            return _AFTER[Stage.PICKED]
        return Lack("the customer invoice", "ERP")
    if not any(said.issued_no for said in state.shipments.values()):
        return _AFTER[Stage.PICKED]
    if any(invoice.paid_minor < invoice.total_minor for invoice in state.invoices):
        return Lack("payment", f"customer {state.order.data.customer_no}")
    return None


def _freight_invoice(state: FreightInvoiceState, above: Sequence[Any]) -> Lack | None:
    """It is matched by its shipment, which must be planned, accepted and issued first."""
    if not state.statements:
        return Lack("the freight invoice itself", "carrier")
    for shipment in above:
        if isinstance(shipment, ShipmentState):
            lack = _shipment(shipment, ())
            # Delivery and billing come after the match.
            if lack is not None and lack.what not in {"proof of delivery", "the freight invoice"}:
                return lack if lack.what != "the pick" else Lack("the goods issue", lack.who)
    return None


def _customer_invoice(state: CustomerInvoiceState, above: Sequence[Any]) -> Lack | None:
    if state.invoice is None:
        return Lack("the invoice itself", "ERP")
    for order in above:
        if isinstance(order, OrderState) and not any(said.issued_no for said in order.shipments.values()):
            return Lack("the goods issue that it bills", "warehouse")
    invoice = state.invoice.data
    paid = sum(payment.data.amount_minor for payment in state.payments if payment.data.currency == invoice.currency)
    return Lack("payment", "customer") if paid < invoice.total_minor else None


def _stock_opening(state: StockOpeningState, _above: Sequence[Any]) -> Lack | None:
    return None if state.opening else Lack("the count", "warehouse")


_LACKS: Final[Mapping[str, Callable[[Any, Sequence[Any]], Lack | None]]] = {
    "order": _order,
    "shipment": _shipment,
    "freight_invoice": _freight_invoice,
    "customer_invoice": _customer_invoice,
    "stock_opening": _stock_opening,
}

_DONE: Final[Mapping[str, str]] = {
    "order": "paid and closed",
    "shipment": "delivered and billed",
    "freight_invoice": "matched by its shipment",
    "customer_invoice": "paid",
    "stock_opening": "the books were opened with it",
}
