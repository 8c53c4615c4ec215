"""Freight audit to settlement: a move is accrued when goods leave, and its freight invoice is matched and posted."""

from __future__ import annotations

from crossdock.audit.rating import Quote, UnknownAccessorial, quote
from crossdock.ledger import accounts
from crossdock.model.master_data import RatePublished
from crossdock.model.money import format_minor
from crossdock.model.quantity import measure
from crossdock.model.time import day_of
from crossdock.processes.freight_review import DESK, await_correction, counted
from crossdock.processes.order_to_ship import Stage
from crossdock.processes.plan import Command, Plan, View, WorkItem
from crossdock.processes.policy import MINUTE_US, FreightAudit, InForce
from crossdock.processes.reference import Book
from crossdock.processes.remembered import FreightInvoice, FreightInvoiceSaid, ShipmentSaid
from crossdock.processes.states import FreightInvoiceState, ShipmentState


def plan_freight_invoice(state: FreightInvoiceState, policy: InForce, plan: Plan) -> None:
    """The statement that counts is told to its shipment; a total that nobody decided about is a conflict."""
    if not state.statements:
        return
    statement, decision, conflicting, disputed_minor = counted(state)
    invoice = statement.data
    plan.view = View(status="DISPUTED" if conflicting else (decision or "received").upper())
    if not conflicting:
        plan.seal_after_us = policy.closing.seal_after_us
    plan.says[_billed(invoice)] = FreightInvoiceSaid(
        scac=invoice.scac,
        invoice_no=invoice.invoice_no,
        total_minor=invoice.total_minor,
        currency=invoice.currency,
        first=statement.first,
        occurred=statement.occurred,
        decision=decision,
        decided=state.decision.occurred if state.decision and decision else 0,
        disputed_minor=disputed_minor,
    )
    if conflicting:
        totals = ", ".join(format_minor(other.data.total_minor, other.data.currency) for other in conflicting)
        plan.items["conflicting_duplicate"] = WorkItem(
            "CONFLICTING_DUPLICATE",
            state.no,
            f"Billed {format_minor(invoice.total_minor, invoice.currency)} first, then {totals} under the same number",
            DESK,
            "Ask the carrier which one is right; the first one counts until then",
            max(abs(other.data.total_minor - invoice.total_minor) for other in conflicting),
            invoice.currency,
        )


def _billed(invoice: FreightInvoice) -> str:
    """The case that the invoice bills: a shipment, or a move that only the carrier can name."""
    if invoice.shipment_no is not None:
        return f"shipment/{invoice.shipment_no}"
    return f"carrier_move/{invoice.scac}/{invoice.pro_no or invoice.invoice_no}"


def plan_shipment(state: ShipmentState, stage: Stage, now: int, policy: InForce, reference: Book, plan: Plan) -> None:
    """Accrue at goods issue by the contract, then match the first freight invoice; say the order what it costs."""
    expected = _expected(state, policy.freight_audit, reference, plan) if state.issues else None
    accrued = expected.total if expected else 0
    posted = 0
    # A rejected bill is nobody's: the next one is the first.
    invoices = [invoice for invoice in state.freight_invoices if invoice.decision != "rejected"]
    for index, invoice in enumerate(invoices):
        await_correction(state.no, invoice, expected.total if expected else None, policy.freight_audit, now, plan)
        if not _is_due(invoice, None if index == 0 else invoices[0], expected, state, policy.freight_audit, plan):
            continue
        plan.post(accounts.FREIGHT_EXPENSE, accounts.FREIGHT_PAYABLE, invoice.currency, invoice.total_minor)
        slot = f"freight_invoice/{invoice.scac}/{invoice.invoice_no}"
        plan.commands[slot] = _post_freight_invoice(state.no, invoice)
        if expected is None or invoice.currency == expected.currency:
            posted += invoice.total_minor
        if index == 0:
            accrued = 0
    if expected:
        plan.post(accounts.FREIGHT_EXPENSE, accounts.FREIGHT_ACCRUED, expected.currency, accrued)
    if posted and stage is Stage.DELIVERED:
        plan.seal_after_us = policy.closing.seal_after_us
    if state.order_no:
        plan.says[f"order/{state.order_no}"] = ShipmentSaid(
            stage=stage,
            carrier=state.accepted.data.scac if state.accepted else None,
            issued=state.issued_lines,
            issued_no=state.issues[0].data.issue_no if state.issues else None,
            freight_accrued_minor=accrued,
            freight_posted_minor=posted,
        )


def _is_due(
    invoice: FreightInvoiceSaid,
    first: FreightInvoiceSaid | None,
    expected: Quote | None,
    state: ShipmentState,
    settings: FreightAudit,
    plan: Plan,
) -> bool:
    """Is it to be paid: because a person said so, or because it matches? `first` is the bill it comes after."""
    if invoice.decision is not None:
        return invoice.decision == "approved"
    if first is not None:
        _billed_twice(invoice, first, plan)
        return False
    return expected is not None and _matches(invoice, expected, state, settings, plan)


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
            DESK,
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
            DESK,
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
            DESK,
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
            DESK,
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
            DESK,
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
        DESK,
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


def await_shipment(state: ShipmentState, now: int, policy: InForce, plan: Plan) -> None:
    """A freight invoice for a shipment that nobody planned is not ours to pay until someone says so."""
    if state.shipment:
        return
    for invoice in state.freight_invoices:
        if invoice.decision is not None:
            continue
        due = invoice.occurred + policy.freight_audit.unmatched_after_minutes * MINUTE_US
        subject = f"{invoice.scac}/{invoice.invoice_no}"
        if now < due:
            plan.look_again(due)
        else:
            plan.items[f"unmatched/{subject}"] = WorkItem(
                "UNMATCHED",
                subject,
                f"{invoice.scac} bills shipment {state.no}, which nobody planned",
                DESK,
                "Reject the invoice, or correct the shipment number",
                invoice.total_minor,
                invoice.currency,
            )
