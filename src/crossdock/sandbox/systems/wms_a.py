"""Warehouse software A (DC01, DC02): a modern REST API in camelCase, keys, hooks and a feed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing
from crossdock.sandbox.systems.clock import stamp
from crossdock.sandbox.systems.control import Control
from crossdock.sandbox.systems.floor import Floor, FloorRules
from crossdock.sandbox.systems.rest import RestSystem
from crossdock.sandbox.systems.stockroom import Stockroom
from crossdock.sandbox.systems.web import Answer, Refused, Request, said

_WAREHOUSES: Final = ("DC01", "DC02")
_RELEASES: Final = "/api/v1/releases"
_WORDS: Final = {
    "order_no": "orderNo",
    "shipment_no": "shipmentNo",
    "warehouse": "warehouseCode",
    "sku": "itemCode",
    "line": "lineNo",
    "qty": "quantity",
    "ordered": "orderedQuantity",
    "picked": "pickedQuantity",
    "on_hand": "onHand",
    "gross_weight_lb": "grossWeightLb",
    "seal_no": "sealNo",
    "changed_at": "changedAt",
}


class ReleaseLine(msgspec.Struct, rename="camel"):
    """A line to pick."""

    line_no: Annotated[int, Meta(ge=1)]
    item_code: str
    quantity: Annotated[int, Meta(ge=1)]


class Release(msgspec.Struct, rename="camel"):
    """What `release_order` says."""

    order_no: Annotated[str, Meta(min_length=1, max_length=64)]
    warehouse_code: str
    lines: Annotated[list[ReleaseLine], Meta(min_length=1)]
    shipment_no: str | None = None

    @property
    def picks(self) -> list[Document]:
        """The lines as the floor reads them."""
        return [{"line": line.line_no, "sku": line.item_code, "qty": line.quantity} for line in self.lines]


class WmsA(RestSystem[FloorRules]):
    """Releases, picks, goods issues and stock of two warehouses."""

    rules_type = FloorRules
    collections: ClassVar[dict[str, str]] = {
        _RELEASES: "release",
        "/api/v1/picks": "pick",
        "/api/v1/goodsIssues": "issue",
    }

    def __init__(self, name: str, folder: Path, control: Control) -> None:
        super().__init__(name, folder, control)
        self.floor = Floor(self, _WAREHOUSES, numbers="A", picked=self.picked, issued=self.issued)
        self.stockroom = Stockroom(self, self.floor, numbers="A", tell=self.moved)

    def routes(self) -> dict[str, Any]:
        """Deeds, and stock beside the lists."""
        return (
            self.reading()
            | self.stockroom.routes()
            | {
                f"POST {_RELEASES}": self.deed("release_order", self.release),
                f"PUT {_RELEASES}/*": self.deed("amend_release", self.amend),
                f"POST {_RELEASES}/*/cancellation": self.deed("cancel_release", self.cancel),
                "GET /api/v1/stock": self.stock,
            }
        )

    def jobs(self) -> dict[str, Doing]:
        """The floor works by itself."""
        return self.floor.jobs()

    # -- deeds --------------------------------------------------------------------------------------------------------

    def release(self, request: Request, key: str) -> Answer:
        """Let an order be picked."""
        wanted = request.read(Release)
        taken = self.book.get("release", str(self.book.values.get(f"release/{wanted.order_no}")))
        if taken and taken.body["status"] != "cancelled":
            raise Refused(422, "duplicate", f"{wanted.order_no} is released already", document=taken.id)
        self.floor.check(wanted.warehouse_code, wanted.picks)
        record = self.floor.release(wanted.order_no, wanted.shipment_no, wanted.warehouse_code, wanted.picks, key)
        self.point(record, wanted.order_no)
        return self.made(record, key, 201)

    def amend(self, request: Request, key: str) -> Answer:
        """Change what is to be picked, until it is."""
        record, wanted = self._open(request), request.read(Release)
        self.match(request, record, needed=False)
        more = {"shipment_no": wanted.shipment_no} if wanted.shipment_no else {}
        return self.made(self.floor.amend(record, wanted.picks, amend_reference=key, **more), key)

    def cancel(self, request: Request, key: str) -> Answer:
        """Take an order back, until it is picked."""
        record = self._open(request)
        self.match(request, record, needed=False)
        return self.made(self.floor.cancel(record, cancel_reference=key), key)

    def _open(self, request: Request) -> Record:
        record = self.one("release", request.args[0])
        status = record.body["status"]
        if status == "cancelled":
            raise Refused(409, "already_cancelled", f"{record.id} was cancelled", document=record.id)
        if status != "released":
            raise Refused(409, "already_picked", f"{record.id} is {status}", document=record.id)
        return record

    # -- what it tells ------------------------------------------------------------------------------------------------

    def picked(self, pick: Record) -> None:
        """A pick was confirmed."""
        body = pick.body
        lines = [
            {
                "line": line["line"],
                "sku": line["sku"],
                "qty_ordered": line["ordered"],
                "qty_picked": line["picked"],
                "location": line["location"],
                "lot": line["lot"],
            }
            for line in body["lines"]
        ]
        data = {"pick_id": pick.id, **body, "lines": lines}
        self.tell("pick", pick.id, "pick.confirmed", f"wms/{body['warehouse']}", data)

    def issued(self, issue: Record) -> None:
        """Goods have left."""
        body = issue.body
        told = ("order_no", "shipment_no", "warehouse", "gross_weight_lb", "pallets", "seal_no")
        data = {
            "gi_doc": issue.id,
            **{name: body[name] for name in told},
            "posted_at": stamp(self.now_ms()),
            "lines": [{**line, "uom": "EA"} for line in body["lines"]],
        }
        self.tell("goods_issue", issue.id, "goods.issued", f"wms/{body['warehouse']}", data)

    def moved(self, record: Record) -> None:
        """Goods came in, were written off or counted."""
        body, source = record.body, f"wms/{record.body['warehouse']}"
        if record.entity == "receipt":
            lines = [{**line, "uom": "EA"} for line in body["lines"]]
            data = {"receipt_id": record.id, "warehouse": body["warehouse"], "asn": body["asn"], "lines": lines}
            self.tell("receipt", record.id, "goods.received", source, data)
        elif record.entity == "adjustment":
            self.tell(
                "adjustment", record.id, "stock.adjusted", source, {"adjustment_id": record.id, **body, "uom": "EA"}
            )
        else:
            named = {"count_id": record.id, "warehouse": body["warehouse"], "sku": body["sku"]}
            counted = {"qty": body["found"], "book": body["book"], "uom": "EA"}
            self.tell("count", record.id, "stock.counted", source, named | counted)

    # -- its own words ------------------------------------------------------------------------------------------------

    def view(self, record: Record) -> Document:
        """An object in camelCase."""
        told = _camel(super().view(record))
        return {"releaseId": record.id, **told} if record.entity == "release" else told

    def stock(self, request: Request) -> Answer:
        """`GET /api/v1/stock`: everything there is, in one answer."""
        items = self.floor.all_stock(request.query.get("warehouseCode"))
        return said({"items": [_camel(item) for item in items], "next": None})


def _camel(body: Document) -> Document:
    told = {_WORDS.get(name, name): value for name, value in body.items()}
    if "lines" in told:
        told["lines"] = [_camel(line) for line in told["lines"]]
    return told
