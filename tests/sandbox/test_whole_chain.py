"""Twenty orders from shop to bank with Crossdock's part played by hand: the books of all systems agree."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.sandbox.by_hand import ByHand
from tests.sandbox.readable import unreadable
from tests.sandbox.talking import Recorder

from crossdock.sandbox.systems.fleet import Fleet

ORDERS = 20
StartFleet = Callable[..., Fleet]
Records = dict[str, dict[str, dict[str, Any]]]


def _run(fleet: Fleet, recorder: Recorder) -> dict[str, Records]:
    """Play it to the end; what each system believes then."""
    keys = dict.fromkeys(("oms", "bank"), "key")
    fleet.connect_crossdock(recorder.address, keys)
    fleet.control("carriers", rules={"variance": 0, "decline": 0.2})
    fleet.control("tms", rules={"answer_within_minutes": 10_000})
    fleet.ask("shop", "POST", "/control/orders", {"count": ORDERS, "per_second": 100})
    ByHand(fleet, recorder).play(ORDERS, 90)
    return {name: fleet.book(name)["records"] for name in fleet.names}


def _assert_agreed(books: dict[str, Records]) -> None:
    orders = books["shop"]["order"]
    issues = {one["order_no"]: one for name in ("wms-a", "wms-b") for one in books[name].get("issue", {}).values()}
    loads = {one["order_no"]: one for one in books["carriers"]["load"].values() if one["status"] == "delivered"}
    assert issues.keys() == orders.keys() == loads.keys()
    erp = books["erp"]
    posted = {one["order_no"]: one for one in erp["goods_issue"].values()}
    assert len(erp["goods_issue"]) == len(erp["invoice"]) == ORDERS
    for order_no, issue in issues.items():
        assert _quantities(posted[order_no]) == _quantities(issue)
        assert posted[order_no]["issue_no"] in {name for one in ("wms-a", "wms-b") for name in books[one]["issue"]}
        assert abs(loads[order_no]["gross_weight_lb"] - issue["gross_weight_lb"]) == 0
    invoices = {one["document_no"]: one for one in erp["invoice"].values()}
    for invoice_no, invoice in invoices.items():
        assert _quantities(invoice) == _quantities(issues[invoice["order_no"]])
        assert books["bank"]["invoice"][invoice_no]["total_cents"] == invoice["total_cents"]
    paid = {one["invoice_no"]: one["amount_cents"] for one in books["bank"]["payment"].values()}
    assert paid == {number: one["total_cents"] for number, one in invoices.items()}
    billed = {key: one["total"].replace(".", "") for key, one in books["carriers"]["freight_invoice"].items()}
    owed = {f"{one['scac']}/{one['invoice_no']}": str(one["total_cents"]) for one in erp["freight_invoice"].values()}
    assert owed == billed


def _assert_readable(fleet: Fleet, recorder: Recorder) -> None:
    """Every message, and every record of a feed, is what the example mappings read."""
    for post in recorder.messages():
        source = post.headers["x-sandbox-source"]
        assert not unreadable(source, post.headers["content-type"], post.body), post
    for name in ("tms", "wms-a", "erp"):
        for item in fleet.ask(name, "GET", "/feed?limit=1000")["items"]:
            body = json.dumps(item["record"]).encode()
            assert not unreadable(item["record"]["source"], "application/json", body), item


def _quantities(document: dict[str, Any]) -> Counter[str]:
    return Counter({line["sku"]: line["qty"] for line in document["lines"] if line["qty"]})


def test_twenty_orders_come_to_the_same_end_in_all_books(start_fleet: StartFleet, recorder: Recorder) -> None:
    fleet = start_fleet(speed=5_000)
    fleet.control("bank", rules={"short": 0})
    books = _run(fleet, recorder)
    _assert_agreed(books)
    _assert_readable(fleet, recorder)
    for name in fleet.names:
        assert {deed["applied"] for deed in fleet.book(name)["deeds"]} <= {1}, name


def test_they_do_so_although_everything_goes_wrong_on_the_way(start_fleet: StartFleet, recorder: Recorder) -> None:
    fleet = start_fleet(speed=5_000)
    fleet.control("bank", rules={"short": 0})
    for name in fleet.names:
        fleet.control(name, error=0.05, timeout_after=0.02, hold_seconds=0.05, doubled_messages=0.1, latency_ms=2)
    books = _run(fleet, recorder)
    for name in ("erp", "carriers"):
        fleet.restart(name)
        assert fleet.book(name)["records"].keys() == books[name].keys()
    _assert_agreed(books)
    for name in fleet.names:
        assert {deed["applied"] for deed in fleet.book(name)["deeds"]} <= {1}, name
