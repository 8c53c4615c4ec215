"""What all systems tell of one order, fact by fact, each with what it changes in the books (the truth of the day)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from crossdock.sandbox.day.carriage import carriage
from crossdock.sandbox.day.facts import (
    DAY_MS,
    MINUTE_MS,
    Effect,
    Fact,
    Load,
    arrives_ms,
    minutes,
    money,
    on_date,
    stamp,
)
from crossdock.sandbox.day.order import Order
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.trade import CARRIERS, WAREHOUSES

_METHODS: Final = ("ACH", "CHECK", "WIRE")
_LATER_THAN_FREIGHT_INVOICE: Final = 0.2
_LEAST_PAID_PERCENT: Final = 60


def tell(order: Order, shares: Shares, numbers: Counter[str], rng: Random) -> list[Fact]:
    """Return what is told of an order by the end of the day, in business order, with its trouble.

    `numbers` counts the invoices of each carrier and is carried on from order to order.
    """
    desk = _planning(order, rng)
    tenders = _tendering(order, desk[-1].at_ms, rng)
    floor = _warehouse(order, tenders[-1].at_ms, rng)
    issued_ms = floor[-1].at_ms
    bills = _billing(order, issued_ms, shares, rng)
    road = carriage(
        _load(order),
        order.quote,
        order.tenders[-1].services,
        issued_ms=issued_ms,
        shares=shares,
        numbers=numbers,
        rng=rng,
    )
    facts = sorted([*desk, *tenders, *floor, *bills, *road.expected], key=lambda fact: fact.at_ms)
    if rng.random() < shares.in_flight:
        return [*facts[: rng.randrange(1, len(facts))], *road.strays]
    if rng.random() < shares.late_goods_issue:
        facts = _late_goods_issue(facts, rng)
    return [*facts, *road.on_top, *road.strays]


def _planning(order: Order, rng: Random) -> list[Fact]:
    """The order is taken and a shipment planned for it."""
    customer, shipment_no = order.customer, order.named("LTL")
    planned_ms = order.start_ms + minutes(rng, 1, 12)
    return [
        Fact(
            "order.created",
            "oms",
            "json",
            order.start_ms,
            order.named("ORD"),
            {
                "order_no": order.named("ORD"),
                "customer_no": customer.customer_no,
                "warehouse": order.warehouse,
                "currency": "USD",
                "ship_to": customer.ship_to,
                "requested_date": on_date(order.start_ms + rng.randint(2, 6) * DAY_MS),
                "freight_charge": money(order.freight_charge_cents),
                "lines": [
                    {"line": n, "sku": sku, "qty": ordered, "uom": "EA", "unit_price": money(price_cents)}
                    for n, sku, ordered, _, price_cents, _ in order.lines
                ],
            },
            effect=Effect("CREATED", stock=[(line.sku, 0, line.ordered) for line in order.lines]),
        ),
        Fact(
            "shipment.created",
            "tms",
            "json",
            planned_ms,
            shipment_no,
            {
                "shipment_no": shipment_no,
                "order_no": order.named("ORD"),
                "warehouse": order.warehouse,
                "mode": "LTL",
                "zone": customer.zone,
                "ship_to": customer.ship_to,
                "pieces": sum(line.ordered for line in order.lines),
                "planned_weight_lb": sum(line.ordered * line.weight_lb for line in order.lines),
                "equipment": "TF",
                "service_level": "STD",
                "bol_no": f"B{order.number:08d}",
            },
            effect=Effect("PLANNED"),
        ),
    ]


def _tendering(order: Order, since_ms: int, rng: Random) -> list[Fact]:
    """Carriers are asked in turn; all but the last say no."""
    facts: list[Fact] = []
    customer, from_ = order.customer, WAREHOUSES[order.warehouse]
    at_ms = since_ms
    for n, (scac, services) in enumerate(order.tenders, start=1):
        accepted = n == len(order.tenders)
        tender_id = f"{order.named('TND')}-{n}"
        named = {"tender_id": tender_id, "shipment_no": order.named("LTL"), "scac": scac}
        at_ms += minutes(rng, 1, 6)
        asked = {
            **named,
            "services": services,
            "respond_by": stamp(at_ms + 45 * MINUTE_MS),
            "pickup": {
                "facility": order.warehouse,
                "city": from_.city,
                "state": from_.state,
                "window": [stamp(at_ms + 75 * MINUTE_MS), stamp(at_ms + 255 * MINUTE_MS)],
            },
            "delivery": {"city": customer.city, "state": customer.state, "zip": customer.zip},
            "notes": "Check in at the gate. Straps and blankets required, no hazardous goods.",
        }
        facts.append(Fact("load.tendered", "tms", "json", at_ms, tender_id, asked, effect=Effect("TENDERED")))
        at_ms += minutes(rng, 2, 25)
        answer = {
            **named,
            "pro_no": _pro_no(order.number, scac),
            "driver_eta": stamp(at_ms + 95 * MINUTE_MS),
            "reason": None if accepted else rng.choice(("NO_CAPACITY", "NO_EQUIPMENT")),
            "contact": {"name": "Load desk", "phone": "+1-555-0142", "email": f"loads@{scac.lower()}.example"},
        }
        effect = (
            Effect("ACCEPTED", {"carrier": scac}) if accepted else Effect(exceptions=(f"TENDER_REJECTED {tender_id}",))
        )
        kind = "tender.accepted" if accepted else "tender.rejected"
        facts.append(Fact(kind, f"carrier/{scac}", "json", at_ms, tender_id, answer, effect=effect))
    return facts


def _warehouse(order: Order, since_ms: int, rng: Random) -> list[Fact]:
    """The goods are picked and issued."""
    source, pick_id, gi_doc = f"wms/{order.warehouse}", order.named("PCK"), order.named("GDI")
    named = {"order_no": order.named("ORD"), "shipment_no": order.named("LTL"), "warehouse": order.warehouse}
    picked_ms = since_ms + minutes(rng, 10, 60)
    issued_ms = picked_ms + minutes(rng, 5, 45)
    picked = {
        "pick_id": pick_id,
        **named,
        "wave": f"V{picked_ms // (20 * MINUTE_MS):03d}",
        "picker": f"P{rng.randint(1, 350):04d}",
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "qty_ordered": line.ordered,
                "qty_picked": line.picked,
                "location": f"{rng.choice('BCDEFGHK')}{rng.randint(1, 48):02d}-{rng.randint(1, 6)}",
                "lot": f"{rng.getrandbits(24):06X}",
            }
            for line in order.lines
        ],
    }
    issued = {
        "gi_doc": gi_doc,
        **named,
        "posted_at": stamp(issued_ms),
        "gross_weight_lb": order.weight_lb,
        "pallets": order.pallets,
        "seal_no": f"N{rng.randrange(10**6):06d}",
        "lines": [{"line": line.line, "sku": line.sku, "qty": line.picked, "uom": "EA"} for line in order.lines],
    }
    short = (f"SHORT_PICK {pick_id}",) if order.short else ()
    leaves = [(line.sku, -line.picked, -line.ordered) for line in order.lines]
    shipped = Effect("SHIPPED", {"freight_accrued": order.quote.total}, leaves)
    return [
        Fact("pick.confirmed", source, "json", picked_ms, pick_id, picked, effect=Effect("PICKED", exceptions=short)),
        Fact("goods.issued", source, "json", issued_ms, gi_doc, issued, effect=shipped),
    ]


def _billing(order: Order, issued_ms: int, shares: Shares, rng: Random) -> list[Fact]:
    """The customer is invoiced and pays; a wrong invoice is not paid."""
    wrong = rng.random() < shares.billing_mismatch
    billed = _wrong_quantities(order, rng) if wrong else [line.picked for line in order.lines]
    amounts = [quantity * line.price_cents for quantity, line in zip(billed, order.lines, strict=True)]
    total_cents = sum(amounts) + order.freight_charge_cents
    at_ms = issued_ms + minutes(rng, 30, 90)
    invoice_no, customer_no = order.named("INV"), order.customer.customer_no
    invoice = {
        "invoice_no": invoice_no,
        "order_no": order.named("ORD"),
        "customer_no": customer_no,
        "currency": "USD",
        "terms": "NET30",
        "invoice_date": on_date(at_ms),
        "due_date": on_date(at_ms + 30 * DAY_MS),
        "lines": [
            {
                "line": line.line,
                "sku": line.sku,
                "qty": quantity,
                "unit_price": money(line.price_cents),
                "amount": money(amount),
            }
            for line, quantity, amount in zip(order.lines, billed, amounts, strict=True)
        ],
        "freight_charge": money(order.freight_charge_cents),
        "total": money(total_cents),
    }
    effect = (
        Effect(exceptions=(f"BILLING_MISMATCH {invoice_no}",))
        if wrong
        else Effect("INVOICED", {"invoiced": total_cents})
    )
    told = Fact("customer.invoiced", "erp", "json", at_ms, invoice_no, invoice, effect=effect)
    return [told] if wrong else [told, _payment(order, told, total_cents, shares, rng)]


def _wrong_quantities(order: Order, rng: Random) -> list[int]:
    """Bill what was ordered although less was picked, or one piece more than was picked."""
    if order.short:
        return [line.ordered for line in order.lines]
    victim = rng.randrange(len(order.lines))
    return [line.picked + (n == victim) for n, line in enumerate(order.lines)]


def _payment(order: Order, invoice: Fact, due_cents: int, shares: Shares, rng: Random) -> Fact:
    short = rng.random() < shares.payment_short
    paid_cents = rng.randint(due_cents * _LEAST_PAID_PERCENT // 100, due_cents - 1) if short else due_cents
    at_ms = invoice.at_ms + minutes(rng, 120, 300)
    payment_ref = order.named("PMT")
    data = {
        "payment_ref": payment_ref,
        "invoice_no": invoice.key,
        "customer_no": order.customer.customer_no,
        "amount": money(paid_cents),
        "currency": "USD",
        "value_date": on_date(at_ms),
        "method": rng.choice(_METHODS),
        "memo": f"{order.customer.name}, invoice {invoice.key}",
    }
    effect = Effect(
        "PARTIALLY_PAID" if short else "PAID",
        {"paid": paid_cents},
        exceptions=(f"PAYMENT_SHORT {payment_ref}",) if short else (),
    )
    return Fact("payment.received", "bank", "csv", at_ms, payment_ref, data, effect=effect)


def _late_goods_issue(facts: Sequence[Fact], rng: Random) -> list[Fact]:
    """Let the goods issue be told only after the proof of delivery has reached us, or even the freight invoice."""
    after = "freight.invoiced" if rng.random() < _LATER_THAN_FREIGHT_INVOICE else "shipment.delivered"
    delivered = next(fact for fact in facts if fact.kind == "shipment.delivered")
    late_ms = max(arrives_ms(fact) for fact in facts if fact.kind == after) + minutes(rng, 1, 30)
    seen = (f"OUT_OF_SEQUENCE {delivered.data['shipment_no']}",)
    return [
        replace(fact, at_ms=late_ms, effect=fact.effect._replace(exceptions=seen))
        if fact.kind == "goods.issued"
        else fact
        for fact in facts
    ]


def _pro_no(number: int, scac: str) -> str:
    """Return a carrier's own number of a load; its last digit is a check digit, modulo seven as in the trade."""
    serial = number * len(CARRIERS) + sorted(CARRIERS).index(scac) + 10_000_000
    return f"{serial}{serial % 7}"


def _load(order: Order) -> Load:
    scac = order.tenders[-1].scac
    return Load(
        order_no=order.named("ORD"),
        shipment_no=order.named("LTL"),
        scac=scac,
        pro_no=_pro_no(order.number, scac),
        weight_lb=order.weight_lb,
        origin=WAREHOUSES[order.warehouse],
        destination=order.customer.place,
        ship_to=order.customer.ship_to,
    )
