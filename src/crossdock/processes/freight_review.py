"""Which statement under a freight invoice's number counts, given what a person decided about it; and disputes.

* Nobody decided: the first statement counts, every other total under the number is a conflict.
* Approved or rejected: the statement of that total counts; only totals received after the decision are a conflict.
* Disputed: the first statement received after the dispute is the carrier's correction, and counts as nobody's yet;
  until it comes, what was disputed stands and is not paid.
"""

from __future__ import annotations

from typing import NamedTuple

from crossdock.model.envelope import Receipt
from crossdock.model.money import format_minor
from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.plan import Command, Plan, WorkItem
from crossdock.processes.policy import MINUTE_US, FreightAudit
from crossdock.processes.remembered import FreightInvoice, FreightInvoiceSaid
from crossdock.processes.states import FreightInvoiceState

DESK = "freight audit"


class Counted(NamedTuple):
    """The statement that counts, what was decided about it, the totals that nobody decided about, what is disputed."""

    statement: Kept[FreightInvoice]
    decision: str | None
    conflicting: list[Kept[FreightInvoice]]
    disputed_minor: int | None


def counted(state: FreightInvoiceState) -> Counted:
    """Of an invoice with at least one statement."""
    first, *others = state.statements
    decision = state.decision
    if decision is None:
        return Counted(first, None, others, None)
    later = [one for one in state.statements if one.first > _received(decision)]
    what, total = decision.data.decision, decision.data.total_minor
    if what == "disputed" and later:
        return Counted(later[0], None, later[1:], total)
    meant = next((one for one in state.statements if one.data.total_minor == total), first)
    holds = what if meant.data.total_minor == total else None
    conflicting = [one for one in (later if holds else others) if one is not meant]
    return Counted(meant, holds, conflicting, total if what == "disputed" else None)


def _received(decision: AnyKept) -> Receipt:
    return decision.told or decision.first


def await_correction(
    shipment_no: str,
    invoice: FreightInvoiceSaid,
    expected_minor: int | None,
    settings: FreightAudit,
    now: int,
    plan: Plan,
) -> None:
    """Tell the carrier that its bill is disputed; while it does not answer, note it, and after a while ask for it."""
    subject = f"{invoice.scac}/{invoice.invoice_no}"
    if invoice.disputed_minor is not None:
        content: dict[str, object] = {
            "scac": invoice.scac,
            "invoice_no": invoice.invoice_no,
            "shipment_no": shipment_no,
            "billed_minor": invoice.disputed_minor,
            "expected_minor": expected_minor,
            "currency": invoice.currency,
        }
        plan.commands[f"dispute/{subject}"] = Command("dispute_freight_invoice", "carrier", content, "undo")
    if invoice.decision != "disputed":
        return
    due = invoice.decided + settings.dispute_answer_within_minutes * MINUTE_US
    billed = f"{format_minor(invoice.total_minor, invoice.currency)} {invoice.currency}"
    if now < due:
        plan.look_again(due)
        plan.items[f"disputed/{subject}"] = WorkItem(
            "FREIGHT_DISPUTED", subject, f"{billed} is disputed, and waits for the carrier's correction", DESK,
            at_stake_minor=invoice.total_minor, currency=invoice.currency, finding=True,
        )  # fmt: skip
    else:
        plan.items[f"dispute_unanswered/{subject}"] = WorkItem(
            "DISPUTE_UNANSWERED", subject, f"{invoice.scac} has not corrected the disputed bill of {billed}", DESK,
            "Ask the carrier again, or approve or reject the bill", invoice.total_minor, invoice.currency,
        )  # fmt: skip
