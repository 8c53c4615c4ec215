"""Crossdock's part played by hand: reads what systems say, and asks the others for what follows. Nothing clever."""

import json
import time
from contextlib import suppress
from typing import Any

from tests.sandbox.talking import Post, Recorder

from crossdock.sandbox.day.reading import events
from crossdock.sandbox.systems.fleet import Fleet, SystemSaidNo

FORMATS = {"application/json": "json", "application/edi-x12": "x12", "text/csv": "csv"}


class ByHand:
    """Polls, posts, and remembers under which key it asked for what."""

    def __init__(self, fleet: Fleet, recorder: Recorder) -> None:
        self.fleet = fleet
        self.orders: dict[str, dict[str, Any]] = {}
        self.issued: dict[str, dict[str, Any]] = {}
        self.delivered: set[str] = set()
        self.owed: dict[str, tuple[str, int]] = {}
        self.paid: dict[str, int] = {}
        self.shipments: dict[str, str] = {}
        self._recorder = recorder
        self._read: set[str] = set()
        self._cursors: dict[str, str] = {}
        self._done: set[str] = set()

    def play(self, orders: int, seconds: float) -> None:
        """Until so many orders are paid and their carriers' bills are posted."""
        end = time.monotonic() + seconds
        while len(self.paid) < orders or len(self.owed) < orders:
            left = end - time.monotonic()
            assert left > 0, f"{len(self.paid)} paid, {len(self.owed)} owed of {orders}; waiting {self._waiting()}"
            self._hear()
            with suppress(SystemSaidNo, OSError):
                self._poll()
            self._ask()
            time.sleep(0.02)

    def _waiting(self) -> dict[str, int]:
        return {name: len(getattr(self, name)) for name in ("orders", "shipments", "issued", "delivered")}

    # -- hearing ------------------------------------------------------------------------------------------------------

    def _hear(self) -> None:
        for post in self._recorder.messages():
            if post.headers["idempotency-key"] not in self._read:
                self._read.add(post.headers["idempotency-key"])
                self._heard(post)

    def _heard(self, post: Post) -> None:
        content_type = post.headers["content-type"]
        delivery = {
            "format": FORMATS[content_type.partition(";")[0]],
            "raw": post.body.decode(),
            "content_type": content_type,
        }
        for said in events(delivery):
            assert said is not None, post
            members: Any = said.members
            match said.kind:
                case "order.created":
                    self.orders[said.key] = members
                case "shipment.delivered":
                    self.delivered.add(members["shipment_no"])
                case "freight.invoiced":
                    cents = round(float(members["total"]) * 100)
                    self.owed.setdefault(said.key, (members["shipment_no"], cents))
                case "payment.received":
                    self.paid[members["invoice_no"]] = round(float(members["amount"]) * 100)

    def _poll(self) -> None:
        for name in ("tms", "wms-a", "erp"):
            page = self.fleet.ask(name, "GET", f"/feed?after={self._cursors.get(name, '')}&limit=50")
            self._cursors[name] = page["cursor"]
            for item in page["items"]:
                data = item["record"]["data"]
                if item["entity"] == "shipment":
                    self.shipments[data["shipment_no"]] = data["order_no"]
                elif item["entity"] == "goods_issue":
                    self.issued[data["order_no"]] = data
        for row in self.fleet.ask("wms-b", "GET", "/wmsb/changes?SIZE=500")["result"]["ROWS"]:
            if row["TYP"] == "GI":
                self.issued[row["ORDNO"]] = {
                    "gi_doc": row["DOCNO"],
                    "order_no": row["ORDNO"],
                    "shipment_no": row["SHPNO"],
                    "warehouse": row["WHSE"],
                    "lines": [
                        {"line": int(pos["POSNO"]) // 10, "sku": pos["ART"], "qty": int(pos["QTY"])}
                        for pos in row["POS"]
                    ],
                }

    # -- asking -------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        for order_no, order in self.orders.items():
            self._plan_and_release(order_no, order)
        for order_no, issue in self.issued.items():
            lines = [{name: line[name] for name in ("line", "sku", "qty")} for line in issue["lines"] if line["qty"]]
            named = {name: issue[name] for name in ("order_no", "shipment_no", "warehouse")}
            self._once(
                "erp", "/goods_issues", f"{order_no}/issue/1", {"issue_no": issue["gi_doc"], **named, "lines": lines}
            )
            if issue["shipment_no"] in self.delivered:
                order = self.orders[order_no]
                bill = {
                    "order_no": order_no,
                    "customer_no": order["customer_no"],
                    "currency": order["currency"],
                    "freight_charge_cents": round(float(order["freight_charge"]) * 100),
                    "lines": lines,
                }
                self._once("erp", "/invoices", f"{order_no}/invoice/1", bill)
        for key, (shipment_no, cents) in self.owed.items():
            scac, _, invoice_no = key.partition("/")
            named = {"scac": scac, "invoice_no": invoice_no, "shipment_no": shipment_no}
            self._once("erp", "/freight_invoices", f"{key}/1", {**named, "total_cents": cents, "currency": "USD"})

    def _plan_and_release(self, order_no: str, order: dict[str, Any]) -> None:
        lines = [{name: line[name] for name in ("line", "sku", "qty")} for line in order["lines"]]
        named = {name: order[name] for name in ("order_no", "warehouse", "customer_no")}
        self._once("tms", "/shipments", f"{order_no}/shipment/1", {**named, "lines": lines})
        ref = f"{order_no}/release/1"
        if order["warehouse"] in ("DC01", "DC02"):
            goods = [{"lineNo": one["line"], "itemCode": one["sku"], "quantity": one["qty"]} for one in lines]
            body = {"orderNo": order_no, "warehouseCode": order["warehouse"], "lines": goods}
            self._once("wms-a", "/api/v1/releases", ref, body)
        else:
            head = {"REF": ref, "ORDNO": order_no, "WHSE": order["warehouse"]}
            rows = [{"POSNO": f"{10 * one['line']:05d}", "ART": one["sku"], "QTY": str(one["qty"])} for one in lines]
            self._once("wms-b", "/wmsb/order.create", ref, {"HDR": head, "POS": rows})

    def _once(self, system: str, path: str, key: str, body: dict[str, Any]) -> None:
        """Ask until it is done; of the old software ask what it did before asking again."""
        if key in self._done:
            return
        try:
            if system == "wms-b" and self.fleet.ask(system, "GET", f"/wmsb/order.find?REF={key}")["result"]:
                self._done.add(key)
                return
            self.fleet.ask(system, "POST", path, body, {"Idempotency-Key": key})
        except (SystemSaidNo, OSError, json.JSONDecodeError):
            return
        self._done.add(key)
