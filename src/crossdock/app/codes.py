"""What each code means and what to do about it: codes of work items, and rules by which a message was refused.

A test holds this table against the source: a code that is raised and not explained here fails it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from crossdock.formats.edi.findings import STANDARDS
from crossdock.formats.edi.guide import REFUSED, TOLERATED


class Meaning(NamedTuple):
    """What a code says, and the one thing to do."""

    means: str
    do: str


_RESEND: Final = "Have the sender correct and send it again"
_MAPPING: Final = "If the sender is right, teach the mapping; then `crossdock dead replay`"
_EITHER: Final = f"{_RESEND}; if the value is right, teach the mapping and `crossdock dead replay`"

_ITEMS: Final = {
    "ACCESSORIAL_UNKNOWN": Meaning(
        "A tender orders a service for which the policy has no fee, so the freight is not accrued",
        "Add the service to the accessorial schedule of a new policy, dated from the day on which it holds",
    ),
    "BILLING_MISMATCH": Meaning(
        "The customer invoice bills other quantities than the goods issues list; it is not booked as receivable",
        "Credit it and bill again what was issued, or have the missing goods issue posted",
    ),
    "CASE_LARGE": Meaning(
        "A case holds so many facts that it will soon hear no more of them",
        "Look for a sender in a loop, or a number that is used again and again",
    ),
    "CODE_UNKNOWN": Meaning(
        "A sender says a code, a unit or an identifier that our tables lack; what says it waits as dead letters",
        "Add it to the value map, or `crossdock xref add`; then `crossdock dead replay --cause ID`",
    ),
    "CONFLICTING_DUPLICATE": Meaning(
        "A carrier sent one invoice number with two totals; the first one received counts",
        "Ask the carrier which one is right, then approve that total",
    ),
    "COUNT_DIFFERENCE": Meaning(
        "A count found more or less than the warehouse's own books said; the difference is posted",
        "Find out what moved the goods, and note it; a tolerance is set by policy (`inventory.count_tolerance_units`)",
    ),
    "COUNT_NOT_COMPARABLE": Meaning(
        "A count says what was found and not what the warehouse's books said before, so nothing can be posted",
        "Compare with `crossdock reconcile`, and have the warehouse adjust what differs",
    ),
    "DISPUTE_UNANSWERED": Meaning(
        "A carrier was asked to correct a freight invoice, and has not done so in the time that the policy gives",
        "Ask the carrier again; or approve the bill, or reject it",
    ),
    "DUPLICATE_BILLING": Meaning(
        "A second freight invoice bills a move that was billed already; it is not posted",
        "Reject the second invoice, or approve it if it bills something else",
    ),
    "FREIGHT_CURRENCY": Meaning(
        "The freight invoice is in another currency than the contract", "Ask for an invoice in the contract's currency"
    ),
    "FREIGHT_DISPUTED": Meaning(
        "A person disputes a freight invoice; nothing of it is posted, and the carrier was asked to correct it",
        "Nothing until the carrier answers: another total under the same number is its correction",
    ),
    "FREIGHT_UNALLOCATED": Meaning(
        "A freight invoice names a carrier's move that carried several shipments; nobody said which bears what",
        "Ask the carrier for a bill for each shipment, and reject this one",
    ),
    "FREIGHT_VARIANCE": Meaning(
        "The freight invoice is further from the expected cost than the tolerance of the policy; it is not posted",
        "Approve the difference, or dispute it with the carrier",
    ),
    "IRREVERSIBLE": Meaning(
        "Something was done in another system, is now wanted otherwise, and cannot be undone",
        "Settle it with the other side by hand, then accept what was asked",
    ),
    "LATE_FACT": Meaning(
        "A case that needed nothing more for long was sealed, and something was received for it afterwards",
        "Nothing, if the books it led to are right: they were booked when it came, in the period that is open",
    ),
    "OUTCOME_UNKNOWN": Meaning(
        "A system gave no answer, cannot be asked whether it did what it was asked, and might do it twice",
        "Look there: `crossdock propose done KEY` if it was done, `crossdock propose release KEY` if it was not",
    ),
    "OUT_OF_SEQUENCE": Meaning(
        "The proof of delivery was received before the goods issue; the books are right all the same",
        "Nothing for this case; if it happens often, look at how late the warehouse posts",
    ),
    "PAYMENT_CURRENCY": Meaning(
        "A payment is in another currency than its invoice", "Apply it by hand at the agreed rate"
    ),
    "PAYMENT_SHORT": Meaning(
        "The payments for an invoice are less than its total", "Ask the customer for the rest, or write it off"
    ),
    "PLAN_FAILED": Meaning(
        "The rules failed on a case: it is parked with its facts, and what it asked before stands",
        "Read the trace with `crossdock explain CASE`, mend the rule or the fact",
    ),
    "PROOF_OF_DELIVERY_OVERDUE": Meaning(
        "Goods left, and no proof of delivery has come in the time that the policy gives",
        "Ask the carrier where the shipment is",
    ),
    "RATE_MISSING": Meaning(
        "No contract rate is known for the lane on the day of the goods issue, so the freight is not accrued",
        "Publish the rate: everything that waits for it is asked again by itself",
    ),
    "REFUSED": Meaning(
        "Another system refused a command for good", "Correct what it names, or have it asked again (retry)"
    ),
    "SHORT_PICK": Meaning("The warehouse found less than was ordered", "Ship the rest later, or tell the customer"),
    "TENDER_REJECTED": Meaning(
        "A carrier declined a load; this is a record of it", "Nothing, once the load is tendered to another carrier"
    ),
    "TENDER_UNANSWERED": Meaning(
        "A carrier has not answered a tender in time", "Call the carrier, or tender to another"
    ),
    "UNDO_LIMIT": Meaning(
        "More would be taken back from a system within an hour than its limit of undos allows",
        "Look why: a wrong rule or a wrong correction shows like this; then `crossdock propose release`",
    ),
    "UNMATCHED": Meaning(
        "A carrier reports on, or bills, a shipment that nobody planned",
        "Correct the shipment number with the carrier, or create the shipment",
    ),
    "WRONG_CARRIER": Meaning(
        "A carrier bills a move that another one accepted", "Reject the invoice, or correct the tender"
    ),
}

_RULES: Final = {
    "case.unknown": Meaning("The outcome of a command names no case of ours", "Look at the connector that sent it"),
    "csv.columns": Meaning("A row has more or fewer columns than the header", _RESEND),
    "csv.field_length": Meaning("A field of a row is too long", _RESEND),
    "csv.header": Meaning(
        "The header is missing, names a column twice, or lacks a column that the mapping reads",
        f"{_RESEND}, or name the layout it really has (--content-type)",
    ),
    "csv.quote": Meaning("A quoted field is not closed, or quotes inside it are not doubled", _RESEND),
    "date.syntax": Meaning("A date is not written as the mapping expects", _EITHER),
    "date.year": Meaning("A date lies outside the years that make sense", _RESEND),
    "event.none": Meaning("A record meets no condition of the mapping, so it says nothing we know", _MAPPING),
    "events.too_many": Meaning("One document holds more events than it may", f"{_RESEND}, split"),
    "field.length": Meaning("A value is longer or shorter than the field may be", _EITHER),
    "field.pattern": Meaning("A value has characters that the field may not have", _EITHER),
    "field.range": Meaning("A number is below or above what the field may hold", _EITHER),
    "field.required": Meaning("A value that the event needs is empty or missing", _RESEND),
    "field.type": Meaning("A value is of another kind than the field: a text for a number, a list for a text", _EITHER),
    "fixed.kind": Meaning("A line is of a kind that the mapping does not know", _MAPPING),
    "fixed.lines": Meaning("A record of lines is longer than it may be", f"{_RESEND}, split"),
    "fixed.order": Meaning("A line stands before the one that begins its record", _RESEND),
    "fixed.width": Meaning("A line has more or fewer characters than its columns need", _RESEND),
    "group.empty": Meaning("A message has none of the parts that make events", _EITHER),
    "group.size": Meaning("A list has more members than a message may hold", f"{_RESEND}, split"),
    "identifier.syntax": Meaning(
        "An identifier is empty, longer than 64 characters, or has others than printable ASCII", _RESEND
    ),
    "instant.syntax": Meaning("A time is not written as the mapping expects", _EITHER),
    "instant.time": Meaning("A time of day does not exist", _RESEND),
    "instant.year": Meaning("A time lies outside the years that make sense", _RESEND),
    "instant.zone": Meaning(
        "A time has no zone, or one that is not known, so nobody can say when it was",
        "Have the sender add the zone, or name the sender's zone in the mapping",
    ),
    "integer.syntax": Meaning("A value should be a whole number in digits", _EITHER),
    "json.depth": Meaning("The JSON is nested too deeply", f"{_RESEND}, flatter"),
    "json.malformed": Meaning("The text is not valid JSON at the byte named", _RESEND),
    "json.truncated": Meaning("The JSON ends too early: part of it was lost on the way", "Have it sent again, whole"),
    "map.unlisted": Meaning(
        "A code is not in the value map of the mapping", "Add the code to the map, then `crossdock dead replay`"
    ),
    "mapping.failed": Meaning("The mapping itself failed on a record: a defect of ours", "Report it with the message"),
    "mapping.none": Meaning(
        "The source has no mapping for this content type",
        "Add one to sources.yaml and `crossdock config apply`, then `crossdock dead replay --rule mapping.none`",
    ),
    "money.currency": Meaning("An amount has no currency", _EITHER),
    "money.implied_decimals": Meaning("An amount should be digits with two implied decimals", _EITHER),
    "money.syntax": Meaning("An amount is not a plain decimal number of its currency, such as 1234.50", _EITHER),
    "ownership.field": Meaning("A source fills a field that is not its own to say", f"{_RESEND} without it"),
    "ownership.scope": Meaning("A source speaks of objects that are not its own, such as another carrier's", _RESEND),
    "ownership.type": Meaning(
        "A source says an event that belongs to another source",
        "Have it stop, or give the event to it in sources.yaml, then `crossdock dead replay`",
    ),
    "path.ambiguous": Meaning("A value that should stand once stands several times, and differs", _EITHER),
    "path.outside": Meaning("A path of the mapping leads out of the document", "Correct the mapping"),
    "quantity.fraction": Meaning("A quantity should be a whole number of its unit", _EITHER),
    "quantity.range": Meaning("A quantity is negative or beyond 64 bits", _RESEND),
    "quantity.syntax": Meaning("A quantity is not a plain decimal number", _EITHER),
    "revision.range": Meaning("A revision is not a number that can be compared", _EITHER),
    "settle.failed": Meaning(
        "What the message says could not be settled, although it was read", "Report it with the message; then replay"
    ),
    "text.encoding": Meaning("The bytes are not text in the encoding expected, UTF-8", f"{_RESEND} as UTF-8"),
    "text.nul": Meaning("The text holds a NUL character", _RESEND),
    "type.missing": Meaning("The message does not say what it is", _RESEND),
    "type.unknown": Meaning("The message is of a type that the mapping does not know", _MAPPING),
    "unit.inexact": Meaning("A quantity has no exact value in the wanted unit", "Keep the sender's unit"),
    "unit.unknown": Meaning("A unit is not known", "Map the sender's unit, then `crossdock dead replay`"),
    "unit.unlike": Meaning("A unit measures something else, such as weight for a count", _EITHER),
    "xml.depth": Meaning("The elements are nested too deeply", f"{_RESEND}, flatter"),
    "xml.doctype": Meaning("The document defines something of its own in its DOCTYPE", f"{_RESEND} without it"),
    "xml.entity": Meaning("An entity is used or defined that XML itself does not know", f"{_RESEND} without it"),
    "xml.malformed": Meaning("The text is not valid XML at the line named", _RESEND),
    "xml.record": Meaning("The document holds none of the records that the mapping reads", _EITHER),
    "xml.record_length": Meaning("A record, or what stands around the records, is longer than it may be", _RESEND),
    "xml.truncated": Meaning("The XML ends too early: part of it was lost on the way", "Have it sent again, whole"),
    "xref.unavailable": Meaning("The mapping needs cross-references, and none are at hand", "Report it"),
    "xref.unknown": Meaning(
        "A sender's own number for something has no cross-reference to ours",
        "Say what it is (`crossdock xref add`, or on the page of dead letters), then `crossdock dead replay`",
    ),
}

_AS_AGREED: Final = f"{_RESEND}; if it is as agreed, say so in the partner's guide"
# What X12 and EDIFACT have in common: `x12.count`, `edifact.count`.
_EDI: Final = {
    "check_digit": Meaning(
        "A number does not prove itself: its check digit is wrong, so it was probably mistyped", _RESEND
    ),
    "code": Meaning("A code is not in the code list of its element", _AS_AGREED),
    "condition": Meaning("Elements of a segment contradict a condition of the standard", _AS_AGREED),
    "control": Meaning("A control number of a trailer is not that of its header", _RESEND),
    "count": Meaning("A trailer counts other than what stands there: something was lost or added", _RESEND),
    "duplicate": Meaning("A number that must be new was used before", _RESEND),
    "empty": Meaning("The message, interchange or group holds nothing", _RESEND),
    "envelope": Meaning("A segment of the envelope stands where it may not", _RESEND),
    "extra": Meaning("A segment has more elements than the standard gives it", _AS_AGREED),
    "form": Meaning("A flaw of form that the partner's guide does not tolerate", _AS_AGREED),
    "header": Meaning("The interchange header cannot be read", _RESEND),
    "length": Meaning("An element is shorter or longer than the standard allows", _AS_AGREED),
    "order": Meaning("A segment stands out of its order", _RESEND),
    "parent": Meaning("A level of a hierarchy names a level above it that did not come before", _RESEND),
    "release": Meaning(
        "The document is of a release that we have no tables of; it was read by the nearest", "Look at it"
    ),
    "repeat": Meaning("A segment, loop or element is repeated more often than allowed", _AS_AGREED),
    "required": Meaning("A mandatory segment or element is missing", _AS_AGREED),
    "set": Meaning("The document is of a kind that we have no table of", "Ask for it, or write its table"),
    "size": Meaning("A segment or document is longer than any may be", f"{_RESEND}, in several parts"),
    "truncated": Meaning("The interchange ends too early", "Have it sent again, whole"),
    "type": Meaning("An element is of another kind than the standard says", _RESEND),
    "unused": Meaning("An element is given that is not used with this partner", _AS_AGREED),
    "unexpected": Meaning("A segment stands where the document has none", _AS_AGREED),
}
_MENDED: Final = {
    flaw: Meaning(f"A flaw of form that was mended while reading: {what}", "Nothing; tell the partner if it goes on")
    for flaw, what in {**TOLERATED, **REFUSED}.items()
}

CODES: Final = (
    _ITEMS
    | _RULES
    | {f"{standard}.{rule}": meaning for standard in STANDARDS for rule, meaning in (_EDI | _MENDED).items()}
)


def meaning(code: str) -> Meaning | None:
    """What a code means, in whatever case it is typed; `None` when it is no code."""
    return CODES.get(code) or CODES.get(code.upper()) or CODES.get(code.lower())
