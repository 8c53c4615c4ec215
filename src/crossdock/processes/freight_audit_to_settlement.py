"""Freight audit to settlement: a move is accrued when goods leave, and its freight invoice is matched and posted."""

from __future__ import annotations

from crossdock.audit.rating import Quote, UnknownAccessorial, quote
from crossdock.ledger import accounts
from crossdock.model.master_data import RatePublished
from crossdock.model.money import format_minor
from crossdock.model.quantity import measure
from crossdock.model.time import day_of
from crossdock.processes.order_to_ship import Stage
from crossdock.processes.plan import Command, Plan, View, WorkItem
from crossdock.processes.policy import MINUTE_US, FreightAudit, Policy
from crossdock.processes.reference import Book
from crossdock.processes.remembered import FreightInvoiceSaid, ShipmentSaid
from crossdock.processes.states import FreightInvoiceState, ShipmentState

_DESK = "freight audit"


def plan_freight_invoice(state: FreightInvoiceState, plan: Plan) -> None:
    """The first statement under a number counts; another total under the same number is a conflict."""
    if not state.statements:
        return
    counted, *others = state.statements
    invoice = counted.data
    plan.view = View(status="DISPUTED" if others else "RECEIVED")
    plan.says[f"shipment/{invoice.shipment_no}"] = FreightInvoiceSaid(
        scac=invoice.scac,
        invoice_no=invoice.invoice_no,
        total_minor=invoice.total_minor,
        currency=invoice.currency,
        first=counted.first,
        occurred=counted.occurred,
    )
    if others:
        totals = ", ".join(format_minor(other.data.total_minor, other.data.currency) for other in others)
        plan.items["conflicting_duplicate"] = WorkItem(
            "CONFLICTING_DUPLICATE",
            state.no,
            f"Billed {format_minor(invoice.total_minor, invoice.currency)} first, then {totals} under the same number",
            _DESK,
            "Ask the carrier which one is right; the first one counts until then",
            max(abs(other.data.total_minor - invoice.total_minor) for other in others),
            invoice.currency,
        )


def plan_shipment(state: ShipmentState, stage: Stage, policy: Policy, reference: Book, plan: Plan) -> None:
    """Accrue at goods issue by the contract, then match the first freight invoice; say the order what it costs."""
    expected = _expected(state, policy.freight_audit, reference, plan) if state.issues else None
    accrued = expected.total if expected else 0
    posted = 0
    for index, invoice in enumerate(state.freight_invoices):
        if index:
            _billed_twice(invoice, state.freight_invoices[0], plan)
        elif expected and _matches(invoice, expected, state, policy.freight_audit, plan):
            accrued, posted = 0, invoice.total_minor
            plan.post(accounts.FREIGHT_EXPENSE, accounts.FREIGHT_PAYABLE, invoice.currency, posted)
            plan.commands["freight_invoice"] = _post_freight_invoice(state.no, invoice)
    if expected:
        plan.post(accounts.FREIGHT_EXPENSE, accounts.FREIGHT_ACCRUED, expected.currency, accrued)
    if state.order_no:
        plan.says[f"order/{state.order_no}"] = ShipmentSaid(
            stage=stage,
            carrier=state.accepted.data.scac if state.accepted else None,
            issued=state.issued_lines,
            issued_no=state.issues[0].data.issue_no if state.issues else None,
            freight_accrued_minor=accrued,
            freight_posted_minor=posted,
        )


def _expected(state: ShipmentState, settings: FreightAudit, reference: Book, plan: Plan) -> Quote | None:
    """What the move should cost; a work item instead of a zero where that cannot be said."""
    if not state.accepted or not state.shipment:
        return None
    lane = f"{state.accepted.data.scac}/{state.issues[0].data.warehouse}/{state.shipment.data.zone}"
    issued_on = day_of(state.issues[0].occurred)
    rate = reference.get(RatePublished, lane, issued_on)
    if rate is None:
        plan.items["rate_missing"] = WorkItem(
            "RATE_MISSING",
            state.no,
            f"No rate for {lane} on {issued_on}: the freight of {state.no} is not accrued",
            _DESK,
            f"Publish a rate for {lane}",
        )
        return None
    pounds = measure([issue.data.gross_weight for issue in state.issues], "LBR")
    services = state.tenders[-1].data.services if state.tenders else []
    quoted = quote(rate, pounds, services, settings.accessorial_fees_minor)
    if isinstance(quoted, UnknownAccessorial):
        codes = ", ".join(quoted.codes)
        plan.items["accessorial_unknown"] = WorkItem(
            "ACCESSORIAL_UNKNOWN",
            state.no,
            f"No fee is agreed for {codes}: the freight of {state.no} is not accrued",
            _DESK,
            f"Add {codes} to the accessorial schedule of the policy",
        )
        return None
    return quoted


def _matches(
    invoice: FreightInvoiceSaid, expected: Quote, state: ShipmentState, settings: FreightAudit, plan: Plan
) -> bool:
    """May it be paid without a person? If not, a work item says why."""
    carrier = state.accepted.data.scac if state.accepted else None
    subject = f"{invoice.scac}/{invoice.invoice_no}"
    if invoice.scac != carrier:
        plan.items["wrong_carrier"] = WorkItem(
            "WRONG_CARRIER",
            subject,
            f"{invoice.scac} bills a move that {carrier} accepted",
            _DESK,
            "Reject the invoice, or correct the tender",
            invoice.total_minor,
            invoice.currency,
        )
        return False
    if invoice.currency != expected.currency:
        plan.items["freight_currency"] = WorkItem(
            "FREIGHT_CURRENCY",
            subject,
            f"Billed in {invoice.currency}, contracted in {expected.currency}",
            _DESK,
            "Ask for an invoice in the contract's currency",
            invoice.total_minor,
            invoice.currency,
        )
        return False
    if not settings.tolerance.accepts(billed=invoice.total_minor, expected=expected.total):
        billed = f"{format_minor(invoice.total_minor, invoice.currency)} {invoice.currency}"
        allowed = format_minor(settings.tolerance.allowance(expected.total), expected.currency)
        plan.items["freight_variance"] = WorkItem(
            "FREIGHT_VARIANCE",
            subject,
            f"Billed {billed}, expected {format_minor(expected.total, expected.currency)}; {allowed} is tolerated",
            _DESK,
            "Approve the difference, or dispute it with the carrier",
            invoice.total_minor - expected.total,
            invoice.currency,
        )
        return False
    return True


def _billed_twice(invoice: FreightInvoiceSaid, first: FreightInvoiceSaid, plan: Plan) -> None:
    subject = f"{invoice.scac}/{invoice.invoice_no}"
    plan.items[f"duplicate_billing/{subject}"] = WorkItem(
        "DUPLICATE_BILLING",
        subject,
        f"The move was billed already by {first.scac}/{first.invoice_no}",
        _DESK,
        "Reject the second invoice, unless it bills something else",
        invoice.total_minor,
        invoice.currency,
    )


def _post_freight_invoice(shipment_no: str, invoice: FreightInvoiceSaid) -> Command:
    content = {
        "shipment_no": shipment_no,
        "scac": invoice.scac,
        "invoice_no": invoice.invoice_no,
        "total_minor": invoice.total_minor,
        "currency": invoice.currency,
    }
    return Command("post_freight_invoice", "erp", content, "undo")


def await_shipment(state: ShipmentState, now: int, policy: Policy, plan: Plan) -> None:
    """A freight invoice for a shipment that nobody planned is not ours to pay until someone says so."""
    if state.shipment:
        return
    for invoice in state.freight_invoices:
        due = invoice.occurred + policy.freight_audit.unmatched_after_minutes * MINUTE_US
        subject = f"{invoice.scac}/{invoice.invoice_no}"
        if now < due:
            plan.look_again(due)
        else:
            plan.items[f"unmatched/{subject}"] = WorkItem(
                "UNMATCHED",
                subject,
                f"{invoice.scac} bills shipment {state.no}, which nobody planned",
                _DESK,
                "Reject the invoice, or correct the shipment number",
                invoice.total_minor,
                invoice.currency,
            )
