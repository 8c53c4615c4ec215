"""Ship to invoice: what was issued is billed once, rightly, and paid."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.ledger import accounts
from crossdock.processes.order_to_ship import Stage, to_come
from crossdock.processes.plan import Command, Plan, View, WorkItem
from crossdock.processes.policy import InForce
from crossdock.processes.remembered import CustomerInvoice, CustomerInvoiceSaid, Line, Order
from crossdock.processes.states import CustomerInvoiceState, OrderState


class OrderView(View, frozen=True):
    """An order at a glance; money in minor units of `currency`."""

    carrier: str | None
    freight_accrued_minor: int
    freight_posted_minor: int
    invoiced_minor: int
    paid_minor: int
    currency: str


_STATUS = {
    Stage.UNKNOWN: "CREATED",
    Stage.PLANNED: "PLANNED",
    Stage.TENDERED: "TENDERED",
    Stage.ACCEPTED: "ACCEPTED",
    Stage.PICKED: "PICKED",
    Stage.SHIPPED: "SHIPPED",
    Stage.IN_TRANSIT: "IN_TRANSIT",
    Stage.DELIVERED: "DELIVERED",
}


def status_of(stage: Stage, *, invoiced: int, paid: int) -> str:
    """An order's status: by money once it is invoiced, else by its least advanced shipment."""
    if not invoiced:
        return _STATUS[stage]
    if paid >= invoiced:
        return "PAID"
    return "PARTIALLY_PAID" if paid else "INVOICED"


def plan_order(state: OrderState, policy: InForce, plan: Plan) -> None:
    """Every invoice is held against the goods issued; the right ones are receivable and revenue."""
    said = state.shipments
    invoiced = 0
    if state.invoices and any(one.issued_no for one in said):  # else the goods issue may be on its way
        issued = _quantities(line for one in said for line in one.issued)
        for invoice in state.invoices:
            billed = _quantities(invoice.lines)
            if billed == issued:
                invoiced += invoice.total_minor
                issued = {}
                revenue = invoice.total_minor - invoice.tax_minor
                plan.post(accounts.RECEIVABLE, accounts.REVENUE, invoice.currency, revenue)
                plan.post(accounts.RECEIVABLE, accounts.SALES_TAX, invoice.currency, invoice.tax_minor)
            else:
                plan.items[f"billing_mismatch/{invoice.invoice_no}"] = _mismatch(invoice, billed, issued)

    if state.order:
        order = state.order.data
        _create_invoice(order, state, policy, plan)
        view = plan.view = _view(order, state, invoiced)
        if view.status == "PAID" and all(one.stage == Stage.DELIVERED for one in said):
            plan.seal_after_us = policy.closing.seal_after_us


_Quantities = dict[tuple[int, str], int]
"""How many of what, by line number and SKU; a line of none is no line."""


def _quantities(lines: Iterable[Line]) -> _Quantities:
    quantities: _Quantities = {}
    for line in lines:
        if line.quantity:
            key = (line.line, line.sku)
            quantities[key] = quantities.get(key, 0) + line.quantity
    return quantities


def _mismatch(invoice: CustomerInvoiceSaid, billed: _Quantities, issued: _Quantities) -> WorkItem:
    wrong = [
        f"line {key[0]}: {billed.get(key, 0)} {key[1]} billed, {issued.get(key, 0)} issued"
        for key in sorted(billed.keys() | issued.keys())
        if billed.get(key, 0) != issued.get(key, 0)
    ]
    return WorkItem(
        "BILLING_MISMATCH",
        invoice.invoice_no,
        "; ".join(wrong[:5]),
        "billing",
        "Credit and bill again what was issued, or post the missing goods issue",
        invoice.total_minor,
        invoice.currency,
    )


def _create_invoice(order: Order, state: OrderState, policy: InForce, plan: Plan) -> None:
    """Unless somebody billed already, the invoice is due when all shipments have left and, by policy, are delivered.

    While something is on back order, it waits for that.
    """
    if state.invoices:
        plan.shown.add("invoice")
        return
    needed = Stage.DELIVERED if policy.ship_to_invoice.invoice_on == "proof_of_delivery" else Stage.SHIPPED
    said = state.shipments
    if not said or not all(one.issued_no and one.stage >= needed for one in said):
        return
    if policy.order_to_ship.short_picks == "back_order" and to_come(state, policy.order_to_ship):
        return
    lines = sorted([line.line, line.sku, line.quantity] for one in said for line in one.issued if line.quantity)
    content = {
        "order_no": order.order_no,
        "customer_no": order.customer_no,
        "currency": order.currency,
        "freight_charge_minor": order.freight_charge_minor,
        "lines": lines,
    }
    plan.commands["invoice"] = Command("create_invoice", "erp", content, "undo")


def _view(order: Order, state: OrderState, invoiced: int) -> OrderView:
    said = state.shipments
    stage = Stage(min((one.stage for one in said), default=Stage.UNKNOWN))
    paid = sum(invoice.paid_minor for invoice in state.invoices)
    return OrderView(
        status=status_of(stage, invoiced=invoiced, paid=paid),
        carrier=next((one.carrier for one in said if one.carrier), None),
        freight_accrued_minor=sum(one.freight_accrued_minor for one in said),
        freight_posted_minor=sum(one.freight_posted_minor for one in said),
        invoiced_minor=invoiced,
        paid_minor=paid,
        currency=order.currency,
    )


def plan_customer_invoice(state: CustomerInvoiceState, policy: InForce, plan: Plan) -> None:
    """Payments are cash at once; an invoice tells its order what it bills and what was paid."""
    for payment in state.payments:
        plan.post(accounts.CASH, accounts.RECEIVABLE, payment.data.currency, payment.data.amount_minor)
    if not state.invoice:
        plan.view = View(status="PAYMENT_WITHOUT_INVOICE" if state.payments else "UNKNOWN")
        return
    invoice = state.invoice.data
    paid = sum(payment.data.amount_minor for payment in state.payments if payment.data.currency == invoice.currency)
    _payment_difference(state, paid, plan)
    plan.view = View(status="PAID" if paid >= invoice.total_minor else "PART_PAID" if paid else "OPEN")
    if paid >= invoice.total_minor:
        plan.seal_after_us = policy.closing.seal_after_us
    plan.says[f"order/{invoice.order_no}"] = CustomerInvoiceSaid(
        invoice_no=invoice.invoice_no,
        invoiced_on=invoice.invoiced_on,
        lines=invoice.lines,
        total_minor=invoice.total_minor,
        paid_minor=paid,
        currency=invoice.currency,
        tax_minor=invoice.tax_minor,
    )
    if policy.ship_to_invoice.post_payments:
        _post_payments(state, invoice, plan)


def _post_payments(state: CustomerInvoiceState, invoice: CustomerInvoice, plan: Plan) -> None:
    """Each payment is posted as it came, whole or in part; one in another currency waits for a person."""
    for payment in state.payments:
        paid = payment.data
        if paid.currency == invoice.currency and paid.value_on is not None:
            content = {
                "payment_ref": paid.payment_ref,
                "invoice_no": invoice.invoice_no,
                "amount_minor": paid.amount_minor,
                "currency": paid.currency,
                "value_on": paid.value_on.isoformat(),
            }
            plan.commands[f"payment/{paid.payment_ref}"] = Command("post_payment", "erp", content, "irreversible")


def _payment_difference(state: CustomerInvoiceState, paid: int, plan: Plan) -> None:
    if not state.invoice or not state.payments:
        return
    invoice = state.invoice.data
    foreign = [payment.data for payment in state.payments if payment.data.currency != invoice.currency]
    for payment in foreign:
        plan.items[f"payment_currency/{payment.payment_ref}"] = WorkItem(
            "PAYMENT_CURRENCY",
            payment.payment_ref,
            f"Paid in {payment.currency}, invoiced in {invoice.currency}",
            "receivables",
            "Apply it by hand at the agreed rate",
            payment.amount_minor,
            payment.currency,
        )
    if paid < invoice.total_minor and len(foreign) < len(state.payments):
        last = state.payments[-1].data
        plan.items["payment_short"] = WorkItem(
            "PAYMENT_SHORT",
            last.payment_ref,
            f"{invoice.invoice_no} is paid short",
            "receivables",
            "Ask the customer for the rest, or write it off",
            invoice.total_minor - paid,
            invoice.currency,
        )
