"""The TMS: plans a shipment when asked, tenders it to one carrier after the other, and shows what it did."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.day.freight import ACCESSORIAL_CENTS
from crossdock.sandbox.day.trade import CARRIERS, WAREHOUSES, Customer
from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.clock import MINUTE_MS, stamp
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.web import Answer, Refused, Request, said

_SCACS: Final = sorted(CARRIERS)
_SERVICES: Final = sorted(ACCESSORIAL_CENTS)
_MOST_SERVICES: Final = 3
_NOTES: Final = "Check in at the gate. Straps and blankets required, no hazardous goods."


class TmsRules(Rules, frozen=True, forbid_unknown_fields=True):
    """How long a carrier may think, and which carriers are asked (all, if none is named)."""

    answer_within_minutes: Annotated[float, Meta(gt=0)] = 45
    carriers: tuple[str, ...] = ()


class Line(msgspec.Struct):
    """A line of an order."""

    line: Annotated[int, Meta(ge=1)]
    sku: str
    qty: Annotated[int, Meta(ge=1)]


class Wanted(msgspec.Struct):
    """What `plan_shipment` says; zone and address default to the customer file."""

    order_no: Annotated[str, Meta(min_length=1, max_length=64)]
    warehouse: str
    customer_no: str
    lines: Annotated[list[Line], Meta(min_length=1)]
    zone: Annotated[int, Meta(ge=1, le=5)] | None = None
    requested_date: str | None = None


class Answered(msgspec.Struct):
    """What a carrier says to a tender."""

    accepted: bool
    pro_no: str | None = None
    reason: str | None = None


class Tms(RestSystem[TmsRules]):
    """Shipments and their tenders."""

    rules_type = TmsRules
    collections: ClassVar[dict[str, str]] = {"/shipments": "shipment", "/tenders": "tender"}

    def routes(self) -> dict[str, Any]:
        """Deeds of Crossdock, and the answers of carriers."""
        return self.reading() | {
            "POST /shipments": self.deed("plan_shipment", self.plan),
            "PUT /shipments/*": self.deed("amend_shipment", self.amend),
            "POST /shipments/*/cancel": self.deed("cancel_shipment", self.cancel),
            "POST /tenders/*/answers": self.answered,
        }

    def jobs(self) -> dict[str, Doing]:
        """Tender, and tender again if nobody answers."""
        return {"tender": self.tender, "ask": self.ask, "expire": self.expire}

    # -- what Crossdock asks ------------------------------------------------------------------------------------------

    def plan(self, request: Request, key: str) -> Answer:
        """Plan a shipment for an order, which has none yet."""
        wanted = request.read(Wanted)
        customer = self._customer(wanted)
        taken = self.book.get("shipment", str(self.book.values.get(f"shipment/{wanted.order_no}")))
        if taken and taken.body["status"] != "cancelled":
            raise Refused(422, "duplicate", f"{wanted.order_no} is planned already", document=taken.id)
        shipment_no = self._number(wanted.order_no, again=taken is not None)
        body = {**self._planned(wanted, customer), "shipment_no": shipment_no, "status": "planned", "reference": key}
        record = self.enter("shipment", shipment_no, body)
        self.point(record, wanted.order_no)
        self._tell(record, customer)
        self.later(1, 6, "tender", {"shipment_no": shipment_no, "n": 1})
        return self.made(record, key, 201)

    def amend(self, request: Request, key: str) -> Answer:
        """Plan it anew, until a carrier has taken it."""
        record = self._open(request)
        self.match(request, record, needed=True)
        wanted = request.read(Wanted)
        customer = self._customer(wanted)
        record = self.change(record, **self._planned(wanted, customer), amend_reference=key)
        self._tell(record, customer)
        return self.made(record, key)

    def cancel(self, request: Request, key: str) -> Answer:
        """Give it up, until a carrier has taken it."""
        record = self._open(request)
        return self.made(self.change(record, status="cancelled", cancel_reference=key), key)

    def _open(self, request: Request) -> Record:
        record = self.one("shipment", request.args[0])
        status = record.body["status"]
        if status == "accepted":
            raise Refused(409, "accepted_by_carrier", f"{record.id} is with {record.body['scac']}", document=record.id)
        if status == "cancelled":
            raise Refused(409, "already_cancelled", f"{record.id} was cancelled", document=record.id)
        return record

    def _customer(self, wanted: Wanted) -> Customer:
        if wanted.warehouse not in WAREHOUSES:
            raise Refused(422, "unknown_warehouse", f"we do not ship from {wanted.warehouse[:40]!r}")
        for customer in self.world.customers:
            if customer.customer_no == wanted.customer_no:
                return customer
        raise Refused(422, "unknown_customer", f"we do not know {wanted.customer_no[:40]!r}")

    def _planned(self, wanted: Wanted, customer: Customer) -> Document:
        return {
            "order_no": wanted.order_no,
            "customer_no": customer.customer_no,
            "warehouse": wanted.warehouse,
            "zone": customer.zone if wanted.zone is None else wanted.zone,
            "lines": [msgspec.to_builtins(line) for line in wanted.lines],
        }

    def _number(self, order_no: str, *, again: bool) -> str:
        """The house rule: ORD-n ships as LTL-n; what is planned a second time gets a number of its own."""
        if order_no.startswith("ORD-") and not again:
            return "LTL-" + order_no.removeprefix("ORD-")
        return f"LTL-X{self.book.count('shipments'):06d}"

    def _tell(self, record: Record, customer: Customer) -> None:
        body, weights = record.body, {item.sku: item.weight_lb for item in self.world.items}
        data = {
            "shipment_no": record.id,
            "order_no": body["order_no"],
            "warehouse": body["warehouse"],
            "mode": "LTL",
            "zone": body["zone"],
            "ship_to": customer.ship_to,
            "pieces": sum(line["qty"] for line in body["lines"]),
            "planned_weight_lb": sum(line["qty"] * weights.get(line["sku"], 10) for line in body["lines"]),
            "equipment": "TF",
            "service_level": "STD",
            "bol_no": f"B{record.id.removeprefix('LTL-')}",
        }
        self.tell("shipment", record.id, "shipment.created", "tms", data)

    # -- what carriers are asked --------------------------------------------------------------------------------------

    def tender(self, body: Document) -> None:
        """Offer the load to the next carrier."""
        shipment = self.one("shipment", body["shipment_no"])
        if shipment.body["status"] in ("accepted", "cancelled"):
            return
        n, luck = body["n"], self.luck("tender", shipment.id)
        scacs = self.rules.carriers or _SCACS
        scac = luck.sample(scacs, len(scacs))[(n - 1) % len(scacs)]
        tender_id = f"TND-{shipment.id.removeprefix('LTL-')}-{n}"
        data = self._offer(shipment, tender_id, scac)
        self.enter("tender", tender_id, {**data, "n": n, "status": "asked"})
        self.change(shipment, status="tendered", scac=scac)
        self.tell("tender", tender_id, "load.tendered", "tms", data)
        self.later(0, 0, "ask", {"tender_id": tender_id})
        wait = int(self.rules.answer_within_minutes * MINUTE_MS)
        self.at(self.clock.now_ms() + wait, "expire", {"tender_id": tender_id})

    def _offer(self, shipment: Record, tender_id: str, scac: str) -> Document:
        now, luck, from_ = self.now_ms(), self.luck("offer", tender_id), WAREHOUSES[shipment.body["warehouse"]]
        to = next(one for one in self.world.customers if one.customer_no == shipment.body["customer_no"])
        respond_by = now + int(self.rules.answer_within_minutes * MINUTE_MS)
        return {
            "tender_id": tender_id,
            "shipment_no": shipment.id,
            "scac": scac,
            "services": sorted(luck.sample(_SERVICES, luck.randint(0, _MOST_SERVICES))),
            "respond_by": stamp(respond_by),
            "pickup": {
                "facility": shipment.body["warehouse"],
                "city": from_.city,
                "state": from_.state,
                "window": [stamp(now + 75 * MINUTE_MS), stamp(now + 255 * MINUTE_MS)],
            },
            "delivery": {"city": to.city, "state": to.state, "zip": to.zip},
            "notes": _NOTES,
        }

    async def ask(self, body: Document) -> None:
        """Send the tender to the carrier."""
        tender = self.one("tender", body["tender_id"])
        shipment = self.one("shipment", tender.body["shipment_no"])
        known = {name: shipment.body[name] for name in ("order_no", "warehouse", "customer_no", "zone")}
        await self.call("carriers", "/tenders", {**tender.body, **known})

    def answered(self, request: Request) -> Answer:
        """A carrier answers; a second answer is welcome if it is the same."""
        tender, answer = self.one("tender", request.args[0]), request.read(Answered)
        shipment = self.one("shipment", tender.body["shipment_no"])
        status = "accepted" if answer.accepted else "declined"
        if tender.body["status"] == status:
            return said({"tender_id": tender.id, "status": status})
        if tender.body["status"] != "asked" or shipment.body["status"] == "cancelled":
            raise Refused(409, "too_late", f"{tender.id} is {tender.body['status']}")
        self.change(tender, status=status, pro_no=answer.pro_no, reason=answer.reason)
        if answer.accepted:
            self.change(shipment, status="accepted", scac=tender.body["scac"], pro_no=answer.pro_no)
        else:
            self.later(1, 6, "tender", {"shipment_no": shipment.id, "n": tender.body["n"] + 1})
        return said({"tender_id": tender.id, "status": status})

    def expire(self, body: Document) -> None:
        """A carrier that said nothing in time is not waited for."""
        tender = self.one("tender", body["tender_id"])
        if tender.body["status"] == "asked":
            self.change(tender, status="expired")
            self.tender({"shipment_no": tender.body["shipment_no"], "n": tender.body["n"] + 1})
