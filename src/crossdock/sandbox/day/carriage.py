"""What the carrier tells of one load: milestones, proof of delivery, freight invoices, and what it gets wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final, NamedTuple

from crossdock.sandbox.day.facts import Effect, Fact, Load, minutes, money, on_date, stamp
from crossdock.sandbox.day.freight import ACCESSORIAL_CENTS, FUEL, Quote, tolerance
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.trade import CARRIERS, TOWNS, Place

_PROOF: Final = "D1"
_MOST_CHARGES: Final = 4
_SIGNERS: Final = ("A BAUER", "DOCK 3", "M OKAFOR", "RIVERA, L", "T LINDQVIST")
# A load with three services has no room for a fifth charge; of the others two in three make half of all variances.
_UNPLANNED_ACCESSORIAL: Final = 2 / 3
_OFF_BUT_TOLERATED: Final = 0.35
_STRAY_INVOICE: Final = 0.2


class Bill(NamedTuple):
    """What a freight invoice asks for, in cents; a charge is its code and its amount."""

    linehaul: int
    charges: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        """Return all charges together."""
        return self.linehaul + sum(cents for _, cents in self.charges)


class Carriage(NamedTuple):
    """What a carrier tells: what every complete order has, what comes on top, and of shipments that do not exist."""

    expected: Sequence[Fact]
    on_top: Sequence[Fact]
    strays: Sequence[Fact]


def carriage(
    load: Load,
    quote: Quote,
    services: Sequence[str],
    *,
    issued_ms: int,
    shares: Shares,
    numbers: Counter[str],
    rng: Random,
) -> Carriage:
    """Return all that the carrier of a load tells after the goods issue; `numbers` counts each carrier's invoices."""
    journey = _journey(load, issued_ms, rng)
    agreed = rng.random() >= shares.variance
    bill = _tolerable_bill(quote, services, rng) if agreed else _bill_beyond_tolerance(quote, services, rng)
    number, billed_ms = _next_number(load, numbers), journey[-1].at_ms + minutes(rng, 60, 180)
    settled = (
        Effect(figures={"freight_accrued": 0, "freight_posted": bill.total})
        if agreed
        else Effect(exceptions=(f"FREIGHT_VARIANCE {load.scac}/{number}",))
    )
    invoice = _freight_invoice(load, number, bill, billed_ms, settled)
    on_top = []
    if rng.random() < shares.conflicting:
        other = bill._replace(linehaul=bill.linehaul + rng.randint(1, 4_000))
        conflict = Effect(exceptions=(f"CONFLICTING_DUPLICATE {invoice.key}",))
        on_top.append(_freight_invoice(load, number, other, billed_ms + minutes(rng, 10, 120), conflict))
    if rng.random() < shares.double_billed:
        again = _next_number(load, numbers)
        doubled = Effect(exceptions=(f"DUPLICATE_BILLING {load.scac}/{again}",))
        on_top.append(_freight_invoice(load, again, bill, billed_ms + minutes(rng, 10, 120), doubled))
    strays = [_stray(load, bill, issued_ms, numbers, rng)] if rng.random() < shares.unmatched else []
    return Carriage([*journey, invoice], on_top, strays)


def _journey(load: Load, issued_ms: int, rng: Random) -> list[Fact]:
    """Pick-up, departure, one to three sightings on the way, arrival, proof of delivery."""
    stops = [
        ("X3", load.origin),
        ("AF", load.origin),
        *(("X6", rng.choice(TOWNS).place) for _ in range(rng.randint(1, 3))),
        ("X1", load.destination),
        (_PROOF, load.destination),
    ]
    facts, at_ms = [], issued_ms
    for stop_no, (code, place) in enumerate(stops, start=1):
        at_ms += minutes(rng, 20, 60)
        effect = Effect("DELIVERED" if code == _PROOF else "IN_TRANSIT")
        facts.append(_status(load, code, stop_no, place, at_ms, rng, effect))
    return facts


def _status(load: Load, code: str, stop_no: int, place: Place, at_ms: int, rng: Random, effect: Effect) -> Fact:
    return Fact(
        "shipment.delivered" if code == _PROOF else "shipment.milestone",
        f"carrier/{load.scac}",
        CARRIERS[load.scac],
        at_ms,
        f"{load.scac}/{load.shipment_no}/{code}/{stop_no}",
        {
            "scac": load.scac,
            "shipment_no": load.shipment_no,
            "pro_no": load.pro_no,
            "status_code": code,
            "reason": "NS",
            "stop_no": stop_no,
            "city": place.city,
            "state": place.state,
            "event_time": stamp(at_ms),
            "signed_by": rng.choice(_SIGNERS) if code == _PROOF else "",
        },
        load,
        effect,
    )


def _tolerable_bill(quote: Quote, services: Sequence[str], rng: Random) -> Bill:
    """Ask for what was quoted, or for a little more or less, up to the very edge of the tolerance."""
    edge = tolerance(quote.total)
    off = rng.choice((-edge, edge, rng.randint(-edge, edge))) if rng.random() < _OFF_BUT_TOLERATED else 0
    return Bill(quote.linehaul + off, _planned_charges(quote, services))


def _bill_beyond_tolerance(quote: Quote, services: Sequence[str], rng: Random) -> Bill:
    """Ask for an accessorial that nobody planned, or for a linehaul too high or too low, sometimes by a single cent."""
    charges, off = _planned_charges(quote, services), tolerance(quote.total) + 1
    if len(charges) < _MOST_CHARGES and rng.random() < _UNPLANNED_ACCESSORIAL:
        code = rng.choice([code for code in ACCESSORIAL_CENTS if code not in services])
        return Bill(quote.linehaul, [*charges, (code, off + rng.randint(0, 16_000))])
    off += rng.choice((0, rng.randint(0, 19_000)))
    too_low = off < quote.linehaul and rng.random() < 1 / 2
    return Bill(quote.linehaul + (-off if too_low else off), charges)


def _planned_charges(quote: Quote, services: Sequence[str]) -> list[tuple[str, int]]:
    return [(FUEL, quote.fuel), *((code, ACCESSORIAL_CENTS[code]) for code in services)]


def _next_number(load: Load, numbers: Counter[str]) -> str:
    """Every carrier counts its own invoices, so two carriers use the same number."""
    numbers[load.scac] += 1
    return f"{70_000_000 + numbers[load.scac]}"


def _freight_invoice(load: Load, number: str, bill: Bill, at_ms: int, effect: Effect) -> Fact:
    return Fact(
        "freight.invoiced",
        f"carrier/{load.scac}",
        CARRIERS[load.scac],
        at_ms,
        f"{load.scac}/{number}",
        {
            "scac": load.scac,
            "invoice_no": number,
            "shipment_no": load.shipment_no,
            "pro_no": load.pro_no,
            "invoice_date": on_date(at_ms),
            "linehaul": money(bill.linehaul),
            "charges": [{"code": code, "amount": money(cents)} for code, cents in bill.charges],
            "total": money(bill.total),
            "currency": "USD",
        },
        load,
        effect,
    )


def _stray(load: Load, bill: Bill, issued_ms: int, numbers: Counter[str], rng: Random) -> Fact:
    """Tell of a shipment that nobody creates: the carrier has mistyped our number, all else is right."""
    mistyped = load._replace(shipment_no=load.shipment_no.replace("LTL", "LLT"))
    at_ms = issued_ms + minutes(rng, 20, 300)
    if rng.random() < _STRAY_INVOICE:
        number = _next_number(load, numbers)
        unmatched = Effect(exceptions=(f"UNMATCHED {load.scac}/{number}",))
        return _freight_invoice(mistyped, number, bill, at_ms, unmatched)
    sighting = _status(mistyped, "X6", 3, rng.choice(TOWNS).place, at_ms, rng, Effect())
    return replace(sighting, effect=Effect(exceptions=(f"UNMATCHED {sighting.key}",)))
