"""Eight carriers in one process: they answer tenders, fetch loads, tell where they are, deliver, and bill.

Four speak JSON, three X12, one sends CSV files; tenders are answered in JSON by all of them. What is JSON stands in a
feed and is hinted at, for who has a hook; it is posted to who has none. A disputed bill is corrected, or insisted on.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.day import wire
from crossdock.sandbox.day.carriage import carriage
from crossdock.sandbox.day.facts import Fact, Load, money
from crossdock.sandbox.day.freight import ACCESSORIAL_CENTS, quote
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.trade import CARRIERS, WAREHOUSES
from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.clock import MINUTE_MS, stamp
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.faults import Share
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.web import Answer, Refused, Request, said

_POUNDS_A_KILOGRAM: Final = 1 / Decimal("0.45359237")
_OK: Final = 200
_X12: Final = "application/edi-x12"
_SURPRISE_CENTS: Final = 8_400
_SURPRISES: Final = ("DET", *ACCESSORIAL_CENTS)
_MOST_CHARGES: Final = 4
_ARRIVAL_MINUTES: Final = (2.0, 25.0)


class CarrierRules(Rules, frozen=True, forbid_unknown_fields=True):
    """Shares of loads; `accessorial_84`: billed 84 dollars of detention that nobody planned; `silent`: never answers.

    `pace` stretches or shortens the way from the dock to the last bill; `insist`: disputes that change nothing.
    """

    decline: Share = 0.03
    silent: Share = 0
    accessorial_84: Share = 0
    doubled_210: Share = 0
    variance: Share = 0.03
    conflicting: Share = 0
    double_billed: Share = 0
    unmatched: Share = 0
    pace: Annotated[float, Meta(gt=0)] = 1
    insist: Share = 0.1
    first_invoice: Annotated[int, Meta(ge=0)] = 500_000


class Tendered(msgspec.Struct):
    """What the TMS asks; the rest of what it says is not looked at."""

    tender_id: str
    shipment_no: str
    scac: str
    services: list[str]
    order_no: str
    warehouse: str
    customer_no: str
    zone: int


class HandedOver(msgspec.Struct):
    """What a warehouse gives to the driver."""

    shipment_no: str
    gi_doc: str
    pallets: int
    gross_weight_lb: int | None = None
    gross_weight_kg: Decimal | None = None


class Dispute(msgspec.Struct):
    """What is wrong with a bill; without what is expected there is nothing to correct it to."""

    scac: str
    invoice_no: str
    billed_cents: Annotated[int, Meta(ge=0)]
    expected_cents: Annotated[int, Meta(ge=0)] | None = None


class Carriers(RestSystem[CarrierRules]):
    """Loads by their tender, each with its carrier."""

    rules_type = CarrierRules
    collections: ClassVar[dict[str, str]] = {
        "/loads": "load",
        "/milestones": "milestone",
        "/freight_invoices": "freight_invoice",
        "/disputes": "dispute",
    }

    def routes(self) -> dict[str, Any]:
        """The TMS tenders, warehouses hand over, bills are disputed."""
        return self.reading() | {
            "POST /tenders": self.tendered,
            "POST /handovers": self.handed_over,
            "POST /disputes": self.deed("dispute_freight_invoice", self.dispute),
            "POST /disputes/*/withdraw": self.deed("withdraw_dispute", self.withdraw),
        }

    def jobs(self) -> dict[str, Doing]:
        """Carriers take their time."""
        return {"answer": self.answer, "say": self.say, "table": self.send_table, "review": self.review}

    # -- tenders ------------------------------------------------------------------------------------------------------

    def tendered(self, request: Request) -> Answer:
        """Think about a tender; the same tender again is the same tender."""
        tender = request.read(Tendered)
        if tender.scac not in CARRIERS:
            raise Refused(404, "not_found", f"there is no carrier {tender.scac[:10]!r}")
        if self.book.get("load", tender.tender_id) is None:
            luck = self.luck("tender", tender.tender_id)
            silent, declined = luck.random() < self.rules.silent, luck.random() < self.rules.decline
            pro_no = _pro_no(self.book.count("pro_no"), tender.scac)
            body = {**msgspec.to_builtins(tender), "status": "offered", "pro_no": pro_no}
            self.enter("load", tender.tender_id, body)
            if not silent:
                self.later(*_ARRIVAL_MINUTES, "answer", {"tender_id": tender.tender_id, "accepted": not declined})
        return said({"tender_id": tender.tender_id, "received": True}, 202)

    async def answer(self, body: Document) -> None:
        """Say yes or no to the TMS, and to Crossdock; who is too late has no load."""
        load, accepted = self.one("load", body["tender_id"]), body["accepted"]
        reason = None if accepted else self.luck("reason", load.id).choice(("NO_CAPACITY", "NO_EQUIPMENT"))
        pro_no, scac = load.body["pro_no"], load.body["scac"]
        told = {"accepted": accepted, "pro_no": pro_no, "reason": reason}
        status, _ = await self.call("tms", f"/tenders/{load.id}/answers", told)
        if status != _OK:
            self.change(load, status="lost")
            return
        self.change(load, status="accepted" if accepted else "declined")
        if accepted:
            self.book.set(f"carries/{load.body['shipment_no']}", load.id)
        data = {
            "tender_id": load.id,
            "shipment_no": load.body["shipment_no"],
            "scac": scac,
            "pro_no": pro_no,
            "driver_eta": stamp(self.now_ms() + 95 * MINUTE_MS),
            "reason": reason,
            "contact": {"name": "Load desk", "phone": "+1-555-0142", "email": f"loads@{scac.lower()}.example"},
        }
        kind = "tender.accepted" if accepted else "tender.rejected"
        self._publish("tender_answer", kind, f"carrier/{scac}", load.id, data)

    # -- the way ------------------------------------------------------------------------------------------------------

    def handed_over(self, request: Request) -> Answer:
        """Take goods onto the truck; the way and the bill follow. More goods for the same load ride along."""
        given = request.read(HandedOver)
        load = self.book.get("load", str(self.book.values.get(f"carries/{given.shipment_no}")))
        if load is None:
            raise Refused(404, "no_load", f"nobody has accepted {given.shipment_no[:40]!r} yet")
        if load.body["status"] == "accepted":
            pounds = _pounds(given)
            load = self.change(load, status="in_transit", gi_doc=given.gi_doc, gross_weight_lb=pounds)
            self._drive(load, pounds)
        return said({"scac": load.body["scac"], "pro_no": load.body["pro_no"]})

    def _drive(self, load: Record, pounds: int) -> None:
        """Plan everything that will be told of the load."""
        body, now, luck = load.body, self.clock.now_ms(), self.luck("way", load.id)
        scac, rules = body["scac"], self.rules
        priced = quote(self.world.tariffs[scac, body["warehouse"], body["zone"]], pounds, body["services"])
        name = f"freight_invoices/{scac}"
        numbers = Counter({scac: self.book.values.get(name) or rules.first_invoice})
        shares = Shares(
            variance=0 if (surprised := luck.random() < rules.accessorial_84) else rules.variance,
            conflicting=rules.conflicting,
            double_billed=rules.double_billed,
            unmatched=rules.unmatched,
        )
        way = carriage(
            self._load(load, pounds), priced, body["services"], issued_ms=now, shares=shares, numbers=numbers, rng=luck
        )
        self.book.set(name, numbers[scac])
        for fact in (*way.expected, *way.on_top, *way.strays):
            if surprised and fact.kind == "freight.invoiced":
                _add_surprise(fact.data)
            at = now + int((fact.at_ms - now) * rules.pace)
            self.at(at, "say", {"load": load.id, "kind": fact.kind, "key": fact.key, "data": fact.data})

    def say(self, body: Document) -> None:
        """Tell one fact in the carrier's form, as of now; a carrier may send the same bill twice."""
        load, kind, now = self.one("load", body["load"]), body["kind"], self.now_ms()
        scac, data = load.body["scac"], body["data"]
        if "event_time" in data:
            data = {**data, "event_time": stamp(now)}
        known = self._load(load, load.body["gross_weight_lb"])._replace(shipment_no=data["shipment_no"])
        fact = Fact(kind, f"carrier/{scac}", CARRIERS[scac], now, body["key"], data, known)
        entity = "freight_invoice" if kind == "freight.invoiced" else "milestone"
        self.enter(entity, fact.key, data)
        if entity == "freight_invoice":
            self.book.set(f"billed/{fact.key}", load.id)
        if kind == "shipment.delivered":
            self.change(load, status="delivered", signed_by=data["signed_by"])
        twice = entity == "freight_invoice" and self.luck("twice", fact.key).random() < self.rules.doubled_210
        for number in range(2 if twice else 1):
            self._send(fact, known, entity, number)

    def _send(self, fact: Fact, load: Load, entity: str, number: int) -> None:
        if fact.form == "json":
            # Another total under the same number is another message, and so is the same one said again.
            name = "~".join(str(part) for part in (fact.key, fact.data.get("total", ""), number) if part)
            self._publish(entity, fact.kind, fact.source, fact.key, fact.data, name)
        elif fact.form == "csv":
            self.row(fact.source, wire.LAYOUT_OF[fact.kind], wire.row(fact))
        else:
            control = self.book.count(f"control/{load.scac}")
            text = wire.interchange(fact.kind, load.scac, fact.at_ms, wire.segments(fact, load), control)
            self.outbox.message(fact.source, _X12, text)

    def _publish(self, entity: str, kind: str, source: str, key: str, data: Document, name: str | None = None) -> None:
        """Show it in the feed and hint at it, for who has a hook; else post it."""
        if self.control.hooks.address:
            self.tell(entity, (name or key).replace("/", "~"), kind, source, data)
        else:
            self.post(kind, source, key, data)

    # -- disputes -----------------------------------------------------------------------------------------------------

    def dispute(self, request: Request, key: str) -> Answer:
        """Look at a bill again, in a while."""
        said_ = request.read(Dispute)
        name = f"{said_.scac}/{said_.invoice_no}"
        if self.book.get("freight_invoice", name) is None:
            raise Refused(422, "unknown_bill", f"nobody billed {name[:60]!r}")
        number = f"DSP-{self.book.count('number/DSP'):06d}"
        body = {**msgspec.to_builtins(said_), "bill": name, "status": "open", "reference": key}
        record = self.enter("dispute", number, body)
        self.later(5, 40, "review", {"dispute": number})
        return self.made(record, key, 201)

    def withdraw(self, request: Request, key: str) -> Answer:
        """Forget a dispute; a bill that was corrected meanwhile stays so."""
        record = self.one("dispute", request.args[0])
        return self.made(self.change(record, status="withdrawn", withdraw_reference=key), key)

    def review(self, body: Document) -> None:
        """Correct the bill to what the customer expects, or insist."""
        record = self.one("dispute", body["dispute"])
        expected, name = record.body["expected_cents"], record.body["bill"]
        if record.body["status"] != "open":
            return
        if expected is None or self.luck("insist", record.id).random() < self.rules.insist:
            self.change(record, status="insisted")
            return
        self.change(record, status="corrected")
        bill = {**self.one("freight_invoice", name).body, "linehaul": money(expected), "charges": []}
        data = {**bill, "total": money(expected)}
        self.say({"load": self.book.values[f"billed/{name}"], "kind": "freight.invoiced", "key": name, "data": data})

    def _load(self, load: Record, pounds: int) -> Load:
        body = load.body
        customer = next(one for one in self.world.customers if one.customer_no == body["customer_no"])
        return Load(
            order_no=body["order_no"],
            shipment_no=body["shipment_no"],
            scac=body["scac"],
            pro_no=body["pro_no"],
            weight_lb=pounds,
            origin=WAREHOUSES[body["warehouse"]],
            destination=customer.place,
            ship_to=customer.ship_to,
        )


def _pounds(given: HandedOver) -> int:
    if given.gross_weight_lb is not None:
        return given.gross_weight_lb
    return round((given.gross_weight_kg or Decimal(0)) * _POUNDS_A_KILOGRAM)


def _add_surprise(bill: Document) -> None:
    """Add a charge that nobody planned; a bill with no room for it makes an accessorial that it has dearer."""
    charges, planned = bill["charges"], {charge["code"] for charge in bill["charges"]}
    if len(charges) < _MOST_CHARGES:
        code = next(code for code in _SURPRISES if code not in planned)
        bill["charges"] = [*charges, {"code": code, "amount": money(_SURPRISE_CENTS)}]
    else:
        dearer = money(_cents(charges[-1]["amount"]) + _SURPRISE_CENTS)
        bill["charges"] = [*charges[:-1], {**charges[-1], "amount": dearer}]
    bill["total"] = money(_cents(bill["total"]) + _SURPRISE_CENTS)


def _cents(amount: str) -> int:
    return int(amount.replace(".", ""))


def _pro_no(number: int, scac: str) -> str:
    """A carrier's own number of a load; its last digit is a check digit, modulo seven as in the trade."""
    serial = 50_000_000 + number * len(CARRIERS) + sorted(CARRIERS).index(scac)
    return f"{serial}{serial % 7}"
