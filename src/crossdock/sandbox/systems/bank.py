"""The bank, and the customers behind it: they get the ERP's mail, and pay, sometimes too little."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.day.facts import Fact, money, on_date
from crossdock.sandbox.day.wire import row
from crossdock.sandbox.systems.book import Document
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.faults import Share
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.web import Answer, Request, said

_METHODS: Final = ("ACH", "CHECK", "WIRE")
_LEAST_PAID_PERCENT: Final = 60


class BankRules(Rules, frozen=True, forbid_unknown_fields=True):
    """`short`: share of invoices paid in part; `pay_minutes`: the longest a customer waits, the least is 40 % of it."""

    short: Share = 0.015
    pay_minutes: Annotated[float, Meta(ge=0)] = 300
    first_payment: Annotated[int, Meta(ge=1)] = 1_000_001


class Mail(msgspec.Struct):
    """An invoice, or the news that it is cancelled."""

    invoice_no: str
    customer_no: str
    currency: str
    total_cents: Annotated[int, Meta(ge=0)]
    order_no: str = ""
    cancelled: bool = False


class Bank(RestSystem[BankRules]):
    """Invoices that customers hold, and what they paid."""

    rules_type = BankRules
    collections: ClassVar[dict[str, str]] = {"/invoices": "invoice", "/payments": "payment"}

    def routes(self) -> dict[str, Any]:
        """Mail arrives."""
        return self.reading() | {"POST /mail/invoices": self.mail}

    def jobs(self) -> dict[str, Doing]:
        """Customers pay, and the bank sends its statements."""
        return {"pay": self.pay, "table": self.send_table}

    def mail(self, request: Request) -> Answer:
        """A customer gets an invoice, a corrected one, or one less."""
        mail = request.read(Mail)
        known = self.book.get("invoice", mail.invoice_no)
        if known is None or known.body["status"] == "open":
            status = "cancelled" if mail.cancelled else "open"
            self.enter("invoice", mail.invoice_no, {**msgspec.to_builtins(mail), "status": status})
        if known is None and not mail.cancelled:
            most = self.rules.pay_minutes
            self.later(0.4 * most, most, "pay", {"invoice_no": mail.invoice_no})
        return said({"invoice_no": mail.invoice_no, "received": True})

    def pay(self, body: Document) -> None:
        """Pay an invoice, unless it was cancelled."""
        invoice = self.one("invoice", body["invoice_no"])
        if invoice.body["status"] != "open":
            return
        due, luck = invoice.body["total_cents"], self.luck("pay", invoice.id)
        short = luck.random() < self.rules.short and due > 1
        cents = luck.randint(due * _LEAST_PAID_PERCENT // 100, due - 1) if short else due
        reference = f"PMT-{self.book.count('payments', self.rules.first_payment):07d}"
        customer = next(
            (one.name for one in self.world.customers if one.customer_no == invoice.body["customer_no"]), ""
        )
        data = {
            "payment_ref": reference,
            "invoice_no": invoice.id,
            "customer_no": invoice.body["customer_no"],
            "amount": money(cents),
            "currency": invoice.body["currency"],
            "value_date": on_date(self.now_ms()),
            "method": luck.choice(_METHODS),
            "memo": f"{customer}, invoice {invoice.id}",
        }
        self.enter("payment", reference, {**data, "amount_cents": cents})
        self.change(invoice, status="paid_short" if short else "paid", payment_ref=reference)
        fact = Fact("payment.received", "bank", "csv", self.now_ms(), reference, data)
        self.row("bank", "payments", row(fact))
