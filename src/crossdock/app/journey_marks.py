"""The marks of a journey: each fact in the lane of the system that said it, and what followed from it beside it.

Facts stand in the order in which they happened; one that names only its day stands at the end of that day. What
Crossdock made of them (commands, work items) stands behind the message because of which it did, whatever the time of
day: on a day that is played again the two clocks differ. What a command was answered is part of its own mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, NamedTuple, cast

from crossdock.app.lookup import HEARD, CaseDetail, CommandLine, FactLine, Lookup
from crossdock.console.journey_views import Mark
from crossdock.console.views import Item, Tone
from crossdock.model.money import format_minor
from crossdock.processes import remembered as facts
from crossdock.store import arrival as arrivals


class Lane(NamedTuple):
    """A system of the journey, the events it says, and the roles by which commands name it."""

    name: str
    says: frozenset[str]
    roles: frozenset[str]


LANES: Final = (
    Lane("Shop", frozenset({"order.created"}), frozenset({"shop", "oms"})),
    Lane("TMS", frozenset({"shipment.created", "load.tendered"}), frozenset({"tms"})),
    Lane("WMS", frozenset({"pick.confirmed", "goods.issued", "stock.opened"}), frozenset({"wms"})),
    Lane(
        "Carrier",
        frozenset({
            "load.tender_accepted", "load.tender_declined", "shipment.milestone_reported", "shipment.delivered",
            "freight_invoice.received",
        }),
        frozenset({"carrier"}),
    ),
    Lane("ERP", frozenset({"customer_invoice.generated"}), frozenset({"erp"})),
    Lane("Bank", frozenset({"payment.received"}), frozenset({"bank"})),
    Lane("People", frozenset({"freight_invoice.decided", "command.decided"}), frozenset()),
    Lane("Crossdock", frozenset(), frozenset()),
)  # fmt: skip
_OURS: Final = len(LANES) - 1
_BY_EVENT: Final = {event: place for place, lane in enumerate(LANES) for event in lane.says}
_PEOPLE: Final = LANES[-2].says
_ANSWER: Final = "command.settled"
_BY_ROLE: Final = {role: place for place, lane in enumerate(LANES) for role in lane.roles}

_DAY: Final = timedelta(days=1, microseconds=-1)
_MIDNIGHT: Final = time(tzinfo=UTC)
_STATES: Final[dict[str, Tone]] = {"refused": "bad", "unknown": "warn", "applied": "good", "satisfied": "good"}


def marks_of(lookup: Lookup, detail: CaseDetail, items: Sequence[Item]) -> list[Mark]:
    """All marks of a journey, in order."""
    told = _told(lookup, {line.case for line in detail.facts})
    behind: dict[str, list[Mark]] = defaultdict(list)
    answers = _answers(told.values())
    for command in detail.commands:
        behind[command.message].append(_asked(command, answers.get((command.slot, command.generation))))
    for item in items:
        behind[item.message].append(_waits(item))
    marks = []
    facts_said = [line for line in detail.facts if line.event != _ANSWER]
    lines = sorted(facts_said, key=lambda line: _when(line, facts_said))
    last = {line.message: place for place, line in enumerate(lines)}
    for place, line in enumerate(lines):
        marks.append(_said(line, told.get((line.case, line.message, line.row))))
        if last[line.message] == place:
            marks += behind.pop(line.message, [])
    for left in behind.values():
        marks += left
    return marks


def _when(line: FactLine, lines: Sequence[FactLine]) -> datetime:
    """A decision stands behind all that was known of its case when it was taken, whatever the clocks of systems say."""
    if line.event in _PEOPLE and line.received is not None:
        known = [one for one in lines if one.case == line.case and one.event not in _PEOPLE]
        return max([line.occurred, *(_occurred(one) for one in known if one.received and one.received < line.received)])
    return _occurred(line)


def _occurred(line: FactLine) -> datetime:
    return line.occurred + _DAY if line.occurred.timetz() == _MIDNIGHT else line.occurred


def _answers(told: Iterable[object]) -> dict[tuple[str, int], facts.Outcome]:
    """The last word on each command, by slot and generation."""
    found: dict[tuple[str, int], facts.Outcome] = {}
    for data in told:
        if isinstance(data, facts.Outcome) and data.outcome in {"applied", "refused"}:
            found[data.slot, data.generation] = data
    return found


def _told(lookup: Lookup, cases: set[str]) -> dict[tuple[str, str, int], Any]:
    """What a case remembers of each fact, by where it was told."""
    found = {}
    for case in cases:
        for fact in lookup.case(case).record.facts:
            if not fact.key.startswith(HEARD):
                place = fact.told or fact.first
                found[case, arrivals.text(place.arrival), place.row] = fact.data
    return found


def _said(line: FactLine, data: object) -> Mark:
    notes = []
    if line.retracted:
        notes.append("withdrawn")
    if line.copies:
        notes.append(f"told {line.copies + 1} times")
    if line.revision:
        notes.append(f"revision {line.revision}")
    describe = _DETAILS.get(type(data))
    return Mark(
        kind="said",
        lane=_BY_EVENT.get(line.event, _OURS),
        title=_TITLES.get(line.event, line.event.replace(".", " ").replace("_", " ").capitalize()),
        detail=describe(data) if describe else line.key,
        case=line.case,
        occurred=line.occurred,
        known=line.received,
        message=line.message,
        source=line.source or "",
        tone="quiet" if line.retracted else "",
        notes=notes,
    )


def _asked(command: CommandLine, answer: facts.Outcome | None) -> Mark:
    what = command.kind.replace("_", " ")
    return Mark(
        kind="asked",
        lane=_BY_ROLE.get(command.target, _OURS),
        title=what.capitalize() if command.action == "do" else f"{command.action.capitalize()}: {what}",
        detail=", ".join(part for part in (command.slot, *_answered(answer)) if part),
        case=command.case,
        occurred=None,
        known=command.created,
        message=command.message,
        source=f"to {command.target}",
        state=command.state,
        tone=_STATES.get(command.state, ""),
        notes=[f"generation {command.generation}"] if command.generation > 1 else [],
    )


def _waits(item: Item) -> Mark:
    is_open = item.closed is None and not item.finding
    state = "open" if is_open else "noted" if item.closed is None else "closed"
    return Mark(
        kind="waits" if is_open else "noted",
        lane=_OURS,
        title=item.code,
        detail=item.title,
        case=item.case,
        occurred=None,
        known=item.opened,
        message=item.message,
        source=item.desk,
        state="decided" if item.resolved_by else state,
        tone="warn" if is_open and not item.resolved_by else "quiet",
    )


# -- what a fact says, in a few words ----------------------------------------------------------------------------

_TITLES: Final = {
    "order.created": "Order placed",
    "shipment.created": "Shipment planned",
    "load.tendered": "Load tendered",
    "load.tender_accepted": "Tender accepted",
    "load.tender_declined": "Tender declined",
    "pick.confirmed": "Picked",
    "goods.issued": "Goods issued",
    "shipment.milestone_reported": "Milestone",
    "shipment.delivered": "Delivered",
    "freight_invoice.received": "Freight invoice",
    "customer_invoice.generated": "Customer invoice",
    "payment.received": "Payment",
    "freight_invoice.decided": "Decided",
    "command.decided": "Decided",
}


def _money(minor: int, currency: str) -> str:
    return f"{format_minor(minor, currency)} {currency}"


def _lines(count: int) -> str:
    return f"{count} line{'' if count == 1 else 's'}"


def _picked(pick: facts.Pick) -> str:
    ordered, picked = sum(line.ordered for line in pick.lines), sum(line.picked for line in pick.lines)
    return f"{pick.pick_id}: {picked} of {ordered} units"


def _answered(answer: facts.Outcome | None) -> tuple[str | None, ...]:
    return (answer.document_no, answer.reason) if answer is not None else ()


_DETAILS: Final = cast(
    "dict[type, Callable[[Any], str]]",
    {
        facts.Order: lambda one: f"customer {one.customer_no}, {_lines(len(one.lines))}, from {one.warehouse}",
        facts.Shipment: lambda one: f"{one.shipment_no}, {one.warehouse} to zone {one.zone}",
        facts.Tender: lambda one: f"{one.tender_id} to {one.scac}{_services(one.services)}",
        facts.TenderAccepted: lambda one: f"{one.scac} takes {one.tender_id}",
        facts.TenderDeclined: lambda one: f"{one.scac}: {one.reason or 'no reason given'}",
        facts.Pick: _picked,
        facts.Issue: lambda one: f"{one.issue_no}, {_lines(len(one.lines))} left {one.warehouse}",
        facts.Milestone: lambda one: f"{one.scac}: {one.milestone.replace('_', ' ').lower()}",
        facts.Delivery: lambda one: f"proof of delivery by {one.scac}",
        facts.FreightInvoice: lambda one: f"{one.scac} {one.invoice_no}, {_money(one.total_minor, one.currency)}",
        facts.CustomerInvoice: lambda one: f"{one.invoice_no}, {_money(one.total_minor, one.currency)}",
        facts.Payment: lambda one: f"{one.payment_ref}, {_money(one.amount_minor, one.currency)}",
        facts.Opening: lambda one: f"{one.quantity} {one.sku} in {one.warehouse}",
        facts.FreightDecision: lambda one: f"the bill of {_money(one.total_minor, one.currency)} is {one.decision}",
        facts.CommandDecision: lambda one: f"{one.slot}, generation {one.generation}: {one.decision}",
    },
)


def _services(services: Sequence[str]) -> str:
    return f" with {', '.join(services)}" if services else ""
