"""The ERP: posts goods issues and freight invoices, cancels back orders, bills customers, cancels what it posted.

Documents have versions, an amendment names the one it means. The number of a customer invoice comes a moment later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.day.facts import DAY_MS, money, on_date
from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.web import Answer, Refused, Request

_DAYS_TO_PAY: Final = 30
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Cents = Annotated[int, Meta(ge=0)]


class ErpRules(Rules, frozen=True, forbid_unknown_fields=True):
    """`async_numbers`: an invoice gets its number later, within `number_seconds` of simulated time."""

    async_numbers: bool = True
    number_seconds: Annotated[float, Meta(ge=0)] = 20
    first_invoice: Annotated[int, Meta(ge=1)] = 1_000_001


class Line(msgspec.Struct):
    """A line of a document; the price defaults to the price list."""

    line: Annotated[int, Meta(ge=1)]
    sku: Name
    qty: Annotated[int, Meta(ge=1)]
    unit_price_cents: Cents | None = None


class GoodsIssue(msgspec.Struct):
    """What `post_goods_issue` says."""

    issue_no: Name
    order_no: Name
    shipment_no: Name
    warehouse: Name
    lines: list[Line]


class BackOrder(msgspec.Struct):
    """What `cancel_back_order` says: what of an order will not come."""

    order_no: Name
    shipment_no: Name
    warehouse: Name
    lines: Annotated[list[Line], Meta(min_length=1)]


class Invoice(msgspec.Struct):
    """What `create_invoice` says."""

    order_no: Name
    customer_no: Name
    currency: Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
    lines: Annotated[list[Line], Meta(min_length=1)]
    freight_charge_cents: Cents = 0


class Credit(msgspec.Struct):
    """What is taken off an invoice."""

    lines: Annotated[list[Line], Meta(min_length=1)]


class FreightInvoice(msgspec.Struct):
    """What `post_freight_invoice` says."""

    scac: Name
    invoice_no: Name
    shipment_no: Name
    total_cents: Cents
    currency: Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]


class Erp(RestSystem[ErpRules]):
    """Documents and their numbers."""

    rules_type = ErpRules
    collections: ClassVar[dict[str, str]] = {
        "/orders": "order",
        "/goods_issues": "goods_issue",
        "/cancelled_back_orders": "cancelled_back_order",
        "/invoices": "invoice",
        "/credits": "credit",
        "/freight_invoices": "freight_invoice",
    }

    def routes(self) -> dict[str, Any]:
        """Post, amend, cancel."""
        return self.reading() | {
            "POST /goods_issues": self.deed("post_goods_issue", self.post_goods_issue),
            "PUT /goods_issues/*": self.deed("amend_goods_issue", self.amend_goods_issue),
            "POST /goods_issues/*/cancel": self.deed("cancel_goods_issue", self.canceller("goods_issue", "49")),
            "POST /cancelled_back_orders": self.deed("cancel_back_order", self.cancel_back_order),
            "POST /invoices": self.deed("create_invoice", self.create_invoice),
            "PUT /invoices/*": self.deed("amend_invoice", self.amend_invoice),
            "POST /invoices/*/cancel": self.deed("cancel_invoice", self.canceller("invoice", "SV")),
            "POST /invoices/*/credits": self.deed("credit_invoice", self.credit),
            "POST /freight_invoices": self.deed("post_freight_invoice", self.post_freight_invoice),
            "POST /freight_invoices/*/cancel": self.deed(
                "cancel_freight_invoice", self.canceller("freight_invoice", "51")
            ),
        }

    def jobs(self) -> dict[str, Doing]:
        """Numbers are given, and the customer gets mail."""
        return {"number": self.number, "mail": self.mail}

    # -- goods issues and freight invoices ----------------------------------------------------------------------------

    def post_goods_issue(self, request: Request, key: str) -> Answer:
        """Book goods out, once for each issue of a warehouse."""
        said = request.read(GoodsIssue)
        self._refuse_second("goods_issue", said.issue_no)
        self._note_order(said.order_no)
        body = {**_plain(said), "document_no": self._number("49"), "status": "posted", "reference": key}
        return self._posted("goods_issue", "GI", body, said.issue_no, key)

    def amend_goods_issue(self, request: Request, key: str) -> Answer:
        """Correct what was booked."""
        record, said = self._live("goods_issue", request), request.read(GoodsIssue)
        self.match(request, record, needed=True)
        return self.made(self.change(record, **_plain(said), amend_reference=key), key)

    def cancel_back_order(self, request: Request, key: str) -> Answer:
        """Wait no longer for what was ordered and not found, once for each shipment."""
        said = request.read(BackOrder)
        self._refuse_second("cancelled_back_order", said.shipment_no)
        self._note_order(said.order_no)
        body = {**_plain(said), "document_no": self._number("46"), "status": "posted", "reference": key}
        return self._posted("cancelled_back_order", "BO", body, said.shipment_no, key)

    def post_freight_invoice(self, request: Request, key: str) -> Answer:
        """Owe a carrier, once for each of its invoices."""
        said = request.read(FreightInvoice)
        name = f"{said.scac}/{said.invoice_no}"
        self._refuse_second("freight_invoice", name)
        body = {**_plain(said), "document_no": self._number("51"), "status": "posted", "reference": key}
        return self._posted("freight_invoice", "FI", body, name, key)

    def canceller(self, entity: str, series: str) -> Callable[[Request, str], Answer]:
        """A deed that cancels documents of a kind by a document of its own."""

        def cancel(request: Request, key: str) -> Answer:
            record = self._live(entity, request)
            if self.book.values.get(f"credited/{record.id}"):
                raise Refused(422, "credited", f"{record.id} was credited in part: credit the rest")
            number = self._number(series)
            record = self.change(record, status="cancelled", cancel_document_no=number, cancel_reference=key)
            if entity == "invoice" and record.body["document_no"]:
                self.later(0, 1, "mail", {"invoice": record.id, "cancelled": True})
            return self.made(record, key)

        return cancel

    # -- customer invoices --------------------------------------------------------------------------------------------

    def create_invoice(self, request: Request, key: str) -> Answer:
        """Bill an order, once."""
        said = request.read(Invoice)
        self._refuse_second("invoice", said.order_no)
        priced = self._priced(said)
        self._note_order(said.order_no)
        body = {**priced, "document_no": None, "status": "numbering", "reference": key}
        record = self.enter("invoice", self._id("CI"), body)
        self.point(record, said.order_no)
        if not self.rules.async_numbers:
            return self.made(self._give_number(record), key, 201)
        self.later(self.rules.number_seconds / 1_200, self.rules.number_seconds / 60, "number", {"invoice": record.id})
        return self.made(record, key, 202)

    def amend_invoice(self, request: Request, key: str) -> Answer:
        """Bill it in another way, under the same number."""
        record, said = self._live("invoice", request), request.read(Invoice)
        self.match(request, record, needed=True)
        record = self.change(record, **self._priced(said), amend_reference=key)
        if record.body["document_no"]:
            self._bill(record)
        return self.made(record, key)

    def credit(self, request: Request, key: str) -> Answer:
        """Take something off an invoice by a document of its own."""
        invoice, said = self._live("invoice", request), request.read(Credit)
        billed = {(line["line"], line["sku"]): line for line in invoice.body["lines"]}
        for line in said.lines:
            known = billed.get((line.line, line.sku))
            if known is None or known["qty"] - self._credited(invoice, line) < line.qty:
                raise Refused(422, "invalid", f"line {line.line}: {line.qty} {line.sku} were not billed")
        total = sum(line.qty * billed[line.line, line.sku]["unit_price_cents"] for line in said.lines)
        named = {"invoice": invoice.id, "order_no": invoice.body["order_no"], "total_cents": total, "status": "posted"}
        for line in said.lines:
            self.book.set(self._credit_of(invoice, line), self._credited(invoice, line) + line.qty)
        self.book.set(f"credited/{invoice.id}", True)  # noqa: FBT003  # a fact of the book
        number = f"CRN-{self.book.count('number/CRN', 1_000_001)}"
        body = {**named, **_plain(said), "document_no": number, "reference": key}
        return self._posted("credit", "CN", body, number, key)

    def _credited(self, invoice: Record, line: Line) -> int:
        """How many of a line were taken off before."""
        return int(self.book.values.get(self._credit_of(invoice, line), 0))

    def _credit_of(self, invoice: Record, line: Line) -> str:
        return f"credited/{invoice.id}/{line.line}/{line.sku}"

    def number(self, body: Document) -> None:
        """The number of an invoice comes."""
        record = self.one("invoice", body["invoice"])
        if record.body["status"] == "numbering":
            self._give_number(record)

    def _give_number(self, record: Record) -> Record:
        invoice_no = f"INV-{self.book.count('number/INV', self.rules.first_invoice):07d}"
        record = self.change(record, document_no=invoice_no, status="open")
        self.point(record, invoice_no)
        self._bill(record)
        return record

    def _bill(self, record: Record) -> None:
        """Tell of an invoice, and send it to the customer."""
        body, today = record.body, self.now_ms()
        data = {
            "invoice_no": body["document_no"],
            "order_no": body["order_no"],
            "customer_no": body["customer_no"],
            "currency": body["currency"],
            "terms": f"NET{_DAYS_TO_PAY}",
            "invoice_date": on_date(today),
            "due_date": on_date(today + _DAYS_TO_PAY * DAY_MS),
            "lines": [
                {
                    "line": line["line"],
                    "sku": line["sku"],
                    "qty": line["qty"],
                    "unit_price": money(line["unit_price_cents"]),
                    "amount": money(line["qty"] * line["unit_price_cents"]),
                }
                for line in body["lines"]
            ],
            "freight_charge": money(body["freight_charge_cents"]),
            "total": money(body["total_cents"]),
        }
        self.tell("customer_invoice", body["document_no"], "customer.invoiced", "erp", data)
        self.later(0, 1, "mail", {"invoice": record.id, "version": record.version})

    async def mail(self, body: Document) -> None:
        """The customer gets the invoice, or the news that it is cancelled."""
        invoice = self.one("invoice", body["invoice"]).body
        named = {name: invoice[name] for name in ("order_no", "customer_no", "currency", "total_cents")}
        told = {"invoice_no": invoice["document_no"], **named, "cancelled": invoice["status"] == "cancelled"}
        await self.call("bank", "/mail/invoices", told)

    def _priced(self, said: Invoice) -> Document:
        lines = [self._priced_line(line) for line in said.lines]
        total = sum(line["qty"] * line["unit_price_cents"] for line in lines) + said.freight_charge_cents
        return {**_plain(said), "lines": lines, "total_cents": total}

    def _priced_line(self, line: Line) -> Document:
        price = self._prices.get(line.sku) if line.unit_price_cents is None else line.unit_price_cents
        if price is None:
            raise Refused(422, "unknown_item", f"line {line.line}: {line.sku[:40]!r} has no price")
        return {**_plain(line), "unit_price_cents": price}

    @property
    def _prices(self) -> dict[str, int]:
        if "_price_list" not in self.__dict__:
            self._price_list = {item.sku: item.price_cents for item in self.world.items}
        return self._price_list

    # -- documents ----------------------------------------------------------------------------------------------------

    def _posted(self, entity: str, prefix: str, body: Document, name: str, key: str) -> Answer:
        record = self.enter(entity, self._id(prefix), body)
        self.point(record, name)
        self.point(record, body["document_no"])
        return self.made(record, key, 201)

    def _refuse_second(self, entity: str, name: str) -> None:
        other = self.book.get(entity, str(self.book.values.get(f"{entity}/{name}")))
        if other and other.body["status"] != "cancelled":
            raise Refused(422, "duplicate", f"{name} is {other.id} already", document=other.id)

    def _live(self, entity: str, request: Request) -> Record:
        record = self.one(entity, request.args[0])
        if record.body["status"] == "cancelled":
            raise Refused(409, "already_cancelled", f"{record.id} was cancelled", document=record.id)
        return record

    def _note_order(self, order_no: str) -> None:
        if self.book.get("order", order_no) is None:
            self.enter("order", order_no, {"order_no": order_no})

    def _number(self, series: str) -> str:
        return f"{series}{self.book.count('number/' + series):08d}"

    def _id(self, prefix: str) -> str:
        return f"{prefix}-{self.book.count('id/' + prefix):06d}"


def _plain(said: msgspec.Struct | Sequence[msgspec.Struct]) -> Any:  # noqa: ANN401  # plain values, as JSON would have
    return msgspec.to_builtins(said)
