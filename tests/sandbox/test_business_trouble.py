"""What goes wrong in the trade itself: declined and unanswered tenders, surprises on the bill, late bookings, files."""

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.sandbox.talking import Post, Recorder, Talk

from crossdock.sandbox.day.reading import KEYS, events
from crossdock.sandbox.systems.fleet import Fleet

StartFleet = Callable[..., Fleet]
X12_CARRIERS = ["ESTE", "ODFL", "SAIA"]
SPEED = 20_000


def _plan(fleet: Fleet, number: int, warehouse: str = "DC01") -> str:
    lines = [{"line": 1, "sku": "BRG-001", "qty": 5}]
    order_no = f"ORD-{number:07d}"
    body = {"order_no": order_no, "warehouse": warehouse, "customer_no": "K00001", "lines": lines}
    made = Talk(fleet, "tms").do("/shipments", body, f"plan/{number}")
    assert made.status == 201, made
    goods = [{"lineNo": 1, "itemCode": "BRG-001", "quantity": 5}]
    release = {"orderNo": order_no, "warehouseCode": warehouse, "lines": goods}
    if "wms-a" in fleet.running:
        assert Talk(fleet, "wms-a").do("/api/v1/releases", release, f"release/{number}").status == 201
    return str(made.json["id"])


def _world(start_fleet: StartFleet, recorder: Recorder, **rules: Any) -> Fleet:
    fleet = start_fleet("tms", "carriers", "wms-a", speed=SPEED)
    fleet.control("tms", rules={"answer_within_minutes": 2_000, "carriers": X12_CARRIERS})
    fleet.control("carriers", rules={"variance": 0, "decline": 0, **rules})
    fleet.control("wms-a", rules={"short_pick": 0})
    fleet.connect_crossdock(recorder.address, {})
    return fleet


def _said(recorder: Recorder, kind: str) -> list[tuple[Post, Any]]:
    found = []
    for post in recorder.messages():
        content_type = post.headers["content-type"]
        form = "x12" if "x12" in content_type else "csv" if "csv" in content_type else "json"
        delivery = {"format": form, "raw": post.body.decode(), "content_type": content_type}
        found += [(post, said) for said in events(delivery) if said and said.kind == kind]
    return found


def test_a_declined_load_is_offered_to_the_next_carrier(start_fleet: StartFleet, recorder: Recorder) -> None:
    fleet = _world(start_fleet, recorder, decline=0.5)
    tms = Talk(fleet, "tms")
    shipments = [_plan(fleet, number) for number in range(8)]
    tms.wait(lambda: all(tms.ask("GET", f"/shipments/{no}").json["status"] == "accepted" for no in shipments))
    statuses = Counter(tender["status"] for tender in tms.ask("GET", "/tenders").json["items"])
    assert statuses["accepted"] == 8
    assert statuses["declined"] > 0
    tms.wait(lambda: len(_said(recorder, "tender.accepted")) == 8)
    assert len(_said(recorder, "tender.rejected")) == statuses["declined"]


def test_a_silent_carrier_is_not_waited_for(start_fleet: StartFleet, recorder: Recorder) -> None:
    fleet = _world(start_fleet, recorder, silent=1)
    fleet.control("tms", rules={"answer_within_minutes": 45})
    tms = Talk(fleet, "tms")
    _plan(fleet, 1)
    tms.wait(lambda: len(tms.ask("GET", "/tenders").json["items"]) >= 3)
    tenders = tms.ask("GET", "/tenders").json["items"]
    assert {tender["status"] for tender in tenders[:2]} == {"expired"}
    assert len({tender["scac"] for tender in tenders[:3]}) == 3


def test_a_bill_holds_84_dollars_that_nobody_planned_and_comes_twice(
    start_fleet: StartFleet, recorder: Recorder
) -> None:
    fleet = _world(start_fleet, recorder, accessorial_84=1, doubled_210=1)
    shipment_no = _plan(fleet, 1)
    carriers = Talk(fleet, "carriers")
    carriers.wait(lambda: len(_said(recorder, "freight.invoiced")) == 2)
    (first, bill), (second, again) = _said(recorder, "freight.invoiced")
    assert (bill.key, bill.members["total"]) == (again.key, again.members["total"])
    assert bill.members["shipment_no"] == shipment_no
    assert first.headers["content-type"] == "application/edi-x12"
    assert first.body != second.body, "another interchange"
    (invoice,) = carriers.ask("GET", "/freight_invoices").json["items"]
    assert "84.00" in [charge["amount"] for charge in invoice["charges"]]


def test_goods_may_be_delivered_before_the_warehouse_books_them_out(
    start_fleet: StartFleet, recorder: Recorder
) -> None:
    fleet = _world(start_fleet, recorder)
    fleet.control("wms-a", rules={"late_issue": 1, "late_issue_minutes": 1_440})
    _plan(fleet, 1)
    wms = Talk(fleet, "wms-a")
    wms.wait(lambda: _said(recorder, "shipment.delivered"))
    assert wms.ask("GET", "/api/v1/goodsIssues").json["items"] == []
    wms.wait(lambda: wms.ask("GET", "/api/v1/goodsIssues").json["items"])
    assert wms.ask("GET", "/feed?entity=goods_issue").json["items"][0]["record"]["type"] == "goods.issued"


def test_files_are_dropped_whole_and_named_for_what_they_hold(
    start_fleet: StartFleet, recorder: Recorder, tmp_path: Path
) -> None:
    fleet = _world(start_fleet, recorder)
    fleet.control("tms", rules={"carriers": ["SAIA", "CNWY"]})
    outbox = tmp_path / "outbox"
    fleet.connect_crossdock(recorder.address, {}, outbox=outbox)
    for number in range(6):
        _plan(fleet, number)
    end = time.monotonic() + 30
    while len(list(outbox.glob("carrier-CNWY/freight-*.csv"))) < 1 or not list(outbox.glob("carrier-SAIA/*.x12")):
        assert time.monotonic() < end
        time.sleep(0.02)
    for path in outbox.glob("*/*.csv"):
        layout = path.name.partition("-")[0]
        content_type = f"text/csv; layout={layout}"
        delivery = {"format": "csv", "raw": path.read_text(), "content_type": content_type}
        assert all(said and said.kind in KEYS for said in events(delivery)), path
    assert {json.loads(post.body)["type"] for post in recorder.messages()} <= {"tender.accepted", "tender.rejected"}


def test_a_customer_pays_short_or_not_at_all(start_fleet: StartFleet, recorder: Recorder) -> None:
    fleet = start_fleet("bank", speed=SPEED)
    fleet.control("bank", rules={"short": 1})
    fleet.connect_crossdock(recorder.address, {})
    bank = Talk(fleet, "bank")
    mail = {"customer_no": "K00001", "currency": "USD", "total_cents": 10_000}
    for number, cancelled in (("INV-1", False), ("INV-2", False), ("INV-2", True), ("INV-1", False)):
        assert bank.ask("POST", "/mail/invoices", {**mail, "invoice_no": number, "cancelled": cancelled}).status == 200
    bank.wait(lambda: _said(recorder, "payment.received"))
    ((post, payment),) = _said(recorder, "payment.received")
    assert post.headers["content-type"] == "text/csv; layout=payments"
    assert payment.members["invoice_no"] == "INV-1"
    assert 60 <= float(payment.members["amount"]) < 100
