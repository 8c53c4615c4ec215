"""Warehouse software B (DC03, DC04): old, and not to be argued with.

Everything is text, weights are kilograms, lines are counted in tens. Every answer is 200, errors stand in the body.
It knows no keys: what is sent twice is done twice, and only `order.find` tells. It calls nobody and has to be asked.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing, System
from crossdock.sandbox.systems.clock import BEFORE_ALL, digits, from_digits, stamp
from crossdock.sandbox.systems.control import Control
from crossdock.sandbox.systems.floor import Floor, FloorRules
from crossdock.sandbox.systems.stockroom import Stockroom
from crossdock.sandbox.systems.web import Answer, Refused, Request, said

_WAREHOUSES: Final = ("DC03", "DC04")
_KILOGRAMS_A_POUND: Final = Decimal("0.45359237")
_PAGE: Final = 100
_PAGE_MOST: Final = 500
_STATES: Final = {"released": "10", "picked": "50", "issued": "90", "cancelled": "99"}
_CODES: Final = {
    "malformed": "E100",
    "invalid": "E100",
    "unknown_item": "E104",
    "unknown_warehouse": "E104",
    "quantity": "E105",
    "not_found": "E200",
    "already_picked": "E301",
    "already_cancelled": "E302",
    "refused": "E900",
}
_REASONS: Final = {"lost": "01", "found": "02", "damaged": "03", "expired": "04"}
_FROM_THE_GATEWAY: Final = 401


class Position(msgspec.Struct, rename="upper"):
    """A line of an order: `POSNO` is the line number times ten."""

    posno: Annotated[str, Meta(pattern=r"\A[0-9]{4}0\Z")]
    art: str
    qty: str
    uom: str = "PCE"


class Header(msgspec.Struct, rename="upper"):
    """Which order, and under which reference."""

    ref: str = ""
    docno: str = ""
    ordno: str = ""
    whse: str = ""
    shpno: str = ""


class Order(msgspec.Struct, rename="upper"):
    """What is posted."""

    hdr: Header
    pos: list[Position] = []

    @property
    def picks(self) -> list[Document]:
        """The lines as the floor reads them; none of nothing."""
        for one in self.pos:
            if not one.qty.isdecimal() or one.uom != "PCE":
                raise Refused(422, "quantity", f"POS {one.posno}: QTY {one.qty[:20]!r} {one.uom[:10]!r} IS NO QUANTITY")
        return [{"line": int(one.posno) // 10, "sku": one.art, "qty": int(one.qty)} for one in self.pos if int(one.qty)]


class WmsB(System[FloorRules]):
    """Orders, picks, goods issues and stock of two warehouses."""

    rules_type = FloorRules

    def __init__(self, name: str, folder: Path, control: Control) -> None:
        super().__init__(name, folder, control)
        self.floor = Floor(self, _WAREHOUSES, numbers="B", picked=self.picked, issued=self.issued)
        self.stockroom = Stockroom(self, self.floor, numbers="B", tell=self.moved)

    def routes(self) -> dict[str, Any]:
        """One address per transaction."""
        return self.stockroom.routes() | {
            "POST /wmsb/order.create": self.create,
            "POST /wmsb/order.change": self.change,
            "POST /wmsb/order.cancel": self.cancel,
            "GET /wmsb/order.find": self.find,
            "GET /wmsb/changes": self.changes,
            "GET /wmsb/doc": self.document,
            "GET /wmsb/orders": self.orders,
            "GET /wmsb/stock": self.stock,
        }

    def jobs(self) -> dict[str, Doing]:
        """The floor works by itself."""
        return self.floor.jobs()

    def worded(self, no: Refused) -> Answer:
        """All is well, says the status; the body says what is not."""
        if no.status == _FROM_THE_GATEWAY:
            return no.answer()
        return said({"error": {"code": _CODES.get(no.code, "E999"), "text": str(no)}})

    # -- transactions -------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Answer:
        """Release an order to the floor; once more each time it is asked."""
        wanted = request.read(Order)
        head, picks = wanted.hdr, wanted.picks
        self.floor.check(head.whse, picks)
        if not (head.ordno and picks):
            raise Refused(422, "invalid", "HDR.ORDNO AND POS ARE NEEDED")
        return self._did("CREATE", head, self.floor.release(head.ordno, head.shpno or None, head.whse, picks, head.ref))

    def change(self, request: Request) -> Answer:
        """Change all positions of an order."""
        wanted = request.read(Order)
        release, picks = self._open(wanted.hdr), wanted.picks
        more = {"shipment_no": wanted.hdr.shpno} if wanted.hdr.shpno else {}
        return self._did("CHANGE", wanted.hdr, self.floor.amend(release, picks, **more))

    def cancel(self, request: Request) -> Answer:
        """Take an order off the floor."""
        head = request.read(Order).hdr
        return self._did("CANCEL", head, self.floor.cancel(self._open(head)))

    def find(self, request: Request) -> Answer:
        """What was done under a reference: a row for each time."""
        done = self.book.values.get(f"ref/{request.query.get('REF', '')}") or []
        rows = [{**self._row(self._release(docno)), "ACT": act, "REF": ref} for act, docno, ref in done]
        return said({"result": rows})

    def _did(self, act: str, head: Header, release: Record) -> Answer:
        """Write down what was done under which reference."""
        if head.ref:
            deed = self.book.received(head.ref, act, stamp(self.now_ms()))
            deed.applied, deed.entity, deed.id, deed.status = deed.applied + 1, "release", release.id, 200
            name = f"ref/{head.ref}"
            self.book.set(name, [*(self.book.values.get(name) or []), [act, release.id, head.ref]])
        self.book.set(f"release/{release.body['order_no']}", release.id)
        return said({"result": {**self._row(release), "REF": head.ref}})

    def _open(self, head: Header) -> Record:
        release = self._release(head.docno or str(self.book.values.get(f"release/{head.ordno}")))
        if release.body["status"] == "cancelled":
            raise Refused(409, "already_cancelled", f"{release.id} IS CANCELLED")
        if release.body["status"] != "released":
            raise Refused(409, "already_picked", f"{release.id} IS PICKED")
        return release

    def _release(self, docno: str) -> Record:
        release = self.book.get("release", docno)
        if release is None:
            raise Refused(404, "not_found", f"NO ORDER {docno[:40]}")
        return release

    # -- what it shows ------------------------------------------------------------------------------------------------

    def changes(self, request: Request) -> Answer:
        """`SINCE` a second, and that second again: documents, oldest first."""
        return self._page(request, [one.body["data"] for one in self._since(request, "told")])

    def document(self, request: Request) -> Answer:
        """One document."""
        told = self.book.told(request.query.get("TYP", ""), request.query.get("DOCNO", ""))
        if told is None:
            raise Refused(404, "not_found", "NO SUCH DOCUMENT")
        return said({"result": told.body["data"]})

    def orders(self, request: Request) -> Answer:
        """Orders that changed since a second."""
        changed = self._since(request, "release")
        return self._page(request, [{**self._row(one), "POS": _asked(one)} for one in changed])

    def stock(self, request: Request) -> Answer:
        """What there is."""
        rows = [
            {"WHSE": one["warehouse"], "ART": one["sku"], "QTY": str(one["on_hand"]), "RES": str(one["reserved"])}
            for one in self.floor.all_stock(request.query.get("WHSE"))
        ]
        return self._page(request, rows)

    def picked(self, pick: Record) -> None:
        """Show a pick."""
        body = pick.body
        positions = [
            {
                "POSNO": _posno(line),
                "ART": line["sku"],
                "SOLL": str(line["ordered"]),
                "IST": str(line["picked"]),
                "LOC": line["location"],
                "LOT": line["lot"],
            }
            for line in body["lines"]
        ]
        self._show("PICK", pick, {"USR": body["picker"], "WAVE": body["wave"], "POS": positions})

    def issued(self, issue: Record) -> None:
        """Show a goods issue, its weight in kilograms to the gram."""
        body = issue.body
        kilograms = (body["gross_weight_lb"] * _KILOGRAMS_A_POUND).quantize(Decimal("0.001"))
        positions = [
            {"POSNO": _posno(line), "ART": line["sku"], "QTY": str(line["qty"]), "UOM": "PCE"} for line in body["lines"]
        ]
        weight = {"WGT": str(kilograms), "WGTU": "KG", "PAL": str(body["pallets"]), "SEAL": body["seal_no"]}
        self._show("GI", issue, {**weight, "POS": positions})

    def moved(self, record: Record) -> None:
        """Show that goods came in, were written off or counted."""
        body = record.body
        if record.entity == "receipt":
            positions = [
                {"POSNO": _posno(line), "ART": line["sku"], "QTY": str(line["qty"]), "UOM": "PCE"}
                for line in body["lines"]
            ]
            self._show("WE", record, {"ASN": body["asn"], "POS": positions})
        elif record.entity == "adjustment":
            self._show("KORR", record, {"ART": body["sku"], "QTY": str(body["qty"]), "UOM": "PCE",
                                        "GRUND": _REASONS[body["reason"]]})  # fmt: skip
        else:
            self._show("INV", record, {"ART": body["sku"], "IST": str(body["found"]), "SOLL": str(body["book"]),
                                       "UOM": "PCE"})  # fmt: skip

    def _show(self, kind: str, record: Record, more: Document) -> None:
        body = record.body
        trade = {"ORDNO": body["order_no"], "SHPNO": body["shipment_no"]} if "order_no" in body else {}
        named = {**trade, "WHSE": body["warehouse"]}
        now = self.now_ms()
        row = {"TYP": kind, "DOCNO": record.id, **named, "TS": digits(now), **more}
        self.book.tell(kind, record.id, {"data": row}, now)

    def _row(self, release: Record) -> Document:
        body = release.body
        return {
            "DOCNO": release.id,
            "ORDNO": body["order_no"],
            "SHPNO": body["shipment_no"],
            "WHSE": body["warehouse"],
            "STAT": _STATES[body["status"]],
            "REF": body["reference"],
            "TS": digits(release.changed_ms),
        }

    def _since(self, request: Request, entity: str) -> list[Record]:
        text = request.query.get("SINCE", "")
        try:
            since = from_digits(text) if text else BEFORE_ALL
        except ValueError as wrong:
            raise Refused(400, "malformed", f"SINCE {text[:20]} IS NO TIME") from wrong
        return [one for one in self.book.all(entity) if one.changed_ms >= since]

    def _page(self, request: Request, rows: list[Document]) -> Answer:
        page, size = request.whole("PAGE", 1, 10**9), request.whole("SIZE", _PAGE, _PAGE_MOST)
        shown = rows[(page - 1) * size : page * size]
        more = "X" if len(rows) > page * size else ""
        return said({"result": {"PAGE": str(page), "MORE": more, "ROWS": shown}})


def _posno(line: Document) -> str:
    return f"{line['line'] * 10:05d}"


def _asked(release: Record) -> list[Document]:
    return [
        {"POSNO": _posno(line), "ART": line["sku"], "QTY": str(line["qty"]), "UOM": "PCE"}
        for line in release.body["lines"]
    ]
