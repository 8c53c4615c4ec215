"""Works out the books of a day from its deliveries alone, by the rules of the reference day, in plain steps.

It shares no code with the product and none with what decided the day, so the three can check each other.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from crossdock.sandbox.day.evidence import Evidence, Heard, gather
from crossdock.sandbox.day.freight import ACCESSORIAL_CENTS

# What is known of an order by the kinds of its facts, from the furthest to the first; money goes before all of them.
_PROGRESS: Final = (
    ("shipment.delivered", "DELIVERED"),
    ("shipment.milestone", "IN_TRANSIT"),
    ("goods.issued", "SHIPPED"),
    ("pick.confirmed", "PICKED"),
    ("tender.accepted", "ACCEPTED"),
    ("load.tendered", "TENDERED"),
    ("shipment.created", "PLANNED"),
    ("order.created", "CREATED"),
)
Rates = Mapping[tuple[str, str, str], tuple[Decimal, Decimal, Decimal]]


class Freight(NamedTuple):
    """How an order stands with its carrier when one of its freight invoices is the counted one."""

    accrued: int
    posted: int
    exceptions: frozenset[str]


class FreightChoice(NamedTuple):
    """The freight invoices of one order (`scac/invoice_no`) and how it may stand, by which of them counts as first."""

    invoices: frozenset[str]
    outcomes: frozenset[Freight]


class Dossier(NamedTuple):
    """All facts of one order, by kind."""

    order: Heard
    facts: Mapping[str, Sequence[Heard]]

    def one(self, kind: str) -> Heard | None:
        """Return the fact of a kind that an order has once, or None."""
        return next(iter(self.facts.get(kind, ())), None)


def replay(folder: Path) -> dict[str, Any]:
    """Return the end of the day as a system must export it, from deliveries.ndjson and the master data of a folder."""
    evidence, rates = gather(folder), _rates(folder)
    dossiers, strays = _by_order(evidence)
    books = {dossier.order.key: _settle(dossier, rates) for dossier in dossiers}
    stock = {key: [count, 0] for key, count in _initial_stock(folder)}
    for place, on_hand, reserved in chain.from_iterable(map(_movements, dossiers)):
        stock[place][0] += on_hand
        stock[place][1] += reserved
    found = chain(
        (f"UNMATCHED {fact.key}" for fact in strays),
        (f"CONFLICTING_DUPLICATE {key}" for (_, key), facts in evidence.facts.items() if len(facts) > 1),
        chain.from_iterable(exceptions for _, exceptions in books.values()),
    )
    return {
        "duplicates_dropped": evidence.duplicates,
        "malformed_exceptions": evidence.malformed,
        "orders": {order_no: order for order_no, (order, _) in books.items()},
        "stock": stock,
        "exceptions": sorted(found),
    }


def freight_choices(folder: Path) -> dict[str, FreightChoice]:
    """Return, by order, what may depend on the order of arrival: conflicting or doubled freight invoices.

    Every distinct total of every invoice number of a shipment may be the one that counts.
    """
    rates = _rates(folder)
    choices = {}
    for dossier in _by_order(gather(folder))[0]:
        invoices = dossier.facts.get("freight.invoiced", ())
        if len(invoices) > 1:
            outcomes = frozenset(_freight(dossier, counted, rates) for counted in invoices)
            choices[dossier.order.key] = FreightChoice(frozenset(invoice.key for invoice in invoices), outcomes)
    return choices


def _by_order(evidence: Evidence) -> tuple[list[Dossier], list[Heard]]:
    """Lay every fact to its order; return the dossiers, and the facts whose shipment nobody created."""
    of_shipment = {fact.key: fact.members["order_no"] for fact in evidence.of_kind("shipment.created")}
    of_invoice = {fact.key: fact.members["order_no"] for fact in evidence.of_kind("customer.invoiced")}
    facts: defaultdict[str, defaultdict[str, list[Heard]]] = defaultdict(lambda: defaultdict(list))
    strays = []
    for fact in chain.from_iterable(evidence.facts.values()):
        members = fact.members
        if "shipment_no" in members and members["shipment_no"] not in of_shipment:
            strays.append(fact)
            continue
        if fact.kind == "order.created":
            order_no = fact.key
        elif fact.kind == "payment.received":
            order_no = of_invoice.get(members["invoice_no"], "")
        else:
            order_no = members.get("order_no") or of_shipment[members["shipment_no"]]
        facts[order_no][fact.kind].append(fact)
    return [Dossier(order, facts[order.key]) for order in evidence.of_kind("order.created")], strays


def _settle(dossier: Dossier, rates: Rates) -> tuple[dict[str, Any], list[str]]:
    """Apply all rules to one order: its result, and the exceptions that are true of it."""
    accepted, issued, invoice = map(dossier.one, ("tender.accepted", "goods.issued", "customer.invoiced"))
    payment, picked, proof = map(dossier.one, ("payment.received", "pick.confirmed", "shipment.delivered"))
    exceptions = [f"TENDER_REJECTED {rejected.key}" for rejected in dossier.facts.get("tender.rejected", ())]

    if picked and any(line["qty_picked"] < line["qty_ordered"] for line in picked.members["lines"]):
        exceptions.append(f"SHORT_PICK {picked.key}")

    if proof and issued and proof.arrival < issued.arrival:
        exceptions.append(f"OUT_OF_SEQUENCE {proof.members['shipment_no']}")

    invoiced = 0
    if invoice and issued:
        if _quantities(invoice) == _quantities(issued):
            invoiced = invoice.cents
        else:
            exceptions.append(f"BILLING_MISMATCH {invoice.key}")

    paid = payment.cents if payment else 0
    if payment and paid < invoiced:
        exceptions.append(f"PAYMENT_SHORT {payment.key}")

    invoices = dossier.facts.get("freight.invoiced", ())
    freight = _freight(dossier, min(invoices, key=lambda one: one.arrival, default=None), rates)
    order = {
        "status": _status(dossier, invoiced, paid),
        "carrier": accepted.members["scac"] if accepted else None,
        "freight_accrued": freight.accrued,
        "freight_posted": freight.posted,
        "invoiced": invoiced,
        "paid": paid,
    }
    return order, [*exceptions, *freight.exceptions]


def _status(dossier: Dossier, invoiced: int, paid: int) -> str:
    if invoiced:
        return "PAID" if paid >= invoiced else "PARTIALLY_PAID" if paid else "INVOICED"
    return next(status for kind, status in _PROGRESS if dossier.facts.get(kind))


def _quantities(document: Heard) -> dict[int, int]:
    return {line["line"]: line["qty"] for line in document.members["lines"]}


def _freight(dossier: Dossier, counted: Heard | None, rates: Rates) -> Freight:
    """Match the counted freight invoice; every other invoice number of the shipment is a second billing."""
    exceptions = {
        f"DUPLICATE_BILLING {other.key}"
        for other in dossier.facts.get("freight.invoiced", ())
        if counted and other.key != counted.key
    }
    accrual = _accrual(dossier, rates)
    if counted is None or accrual is None:
        return Freight(accrual or 0, 0, frozenset(exceptions))
    if abs(counted.cents - accrual) <= max(Decimal(500), accrual * Decimal("0.02")):
        return Freight(0, counted.cents, frozenset(exceptions))
    return Freight(accrual, 0, frozenset({*exceptions, f"FREIGHT_VARIANCE {counted.key}"}))


def _accrual(dossier: Dossier, rates: Rates) -> int | None:
    """Return what the load should cost: by the accepted carrier's rate, the weight issued and the last tender."""
    accepted, issued, shipment = map(dossier.one, ("tender.accepted", "goods.issued", "shipment.created"))
    if not (accepted and issued and shipment):
        return None
    lane = (accepted.members["scac"], shipment.members["warehouse"], str(shipment.members["zone"]))
    per_hundredweight, least, fuel_basis_points = rates[lane]
    linehaul = max(least, _whole(per_hundredweight * issued.members["gross_weight_lb"] / 100))
    fuel = _whole(linehaul * fuel_basis_points / 10_000)
    last_tender = max(dossier.facts["load.tendered"], key=lambda tender: str(tender.members["time"]))
    return int(linehaul + fuel) + sum(ACCESSORIAL_CENTS[service] for service in last_tender.members["services"])


def _whole(cents: Decimal) -> Decimal:
    return cents.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def _movements(dossier: Dossier) -> Iterator[tuple[str, int, int]]:
    """Yield stock place (`warehouse/sku`), change of on hand, change of reserved (only until goods are issued)."""
    issued = dossier.one("goods.issued")
    members = (issued or dossier.order).members
    for line in members["lines"]:
        place = f"{members['warehouse']}/{line['sku']}"
        yield (place, -line["qty"], 0) if issued else (place, 0, line["qty"])


def _initial_stock(folder: Path) -> Iterator[tuple[str, int]]:
    with (folder / "initial_stock.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield f"{row['warehouse']}/{row['sku']}", int(row["on_hand"])


def _rates(folder: Path) -> Rates:
    with (folder / "rates.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["scac"], row["warehouse"], row["zone"]): (
                Decimal(row["cwt_cents"]),
                Decimal(row["min_cents"]),
                Decimal(row["fuel_bp"]),
            )
            for row in csv.DictReader(file)
        }
