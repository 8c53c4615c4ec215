"""Every system that takes deeds: a key works once, whatever happens between, and the book can be believed."""

import http.client
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from tests.sandbox.talking import Talk

StartOne = Callable[..., Talk]
KEY = "order/ORD-1000001/slot/1"


class Dialect(NamedTuple):
    """How one deed of a system is asked for."""

    system: str
    path: str
    body: dict[str, Any]
    entity: str

    def numbered(self, number: int) -> dict[str, Any]:
        """The same deed for another object."""
        names = {"issue_no", "order_no", "orderNo", "invoice_no", "shipment_no"}
        return {name: f"{value}-{number}" if name in names else value for name, value in self.body.items()}


LINES = [{"line": 1, "sku": "BRG-001", "qty": 5}]
DEEDS = [
    Dialect(
        "erp",
        "/goods_issues",
        {"issue_no": "GDI-1", "order_no": "ORD-1", "shipment_no": "LTL-1", "warehouse": "DC01", "lines": LINES},
        "goods_issue",
    ),
    Dialect(
        "erp",
        "/invoices",
        {"order_no": "ORD-1", "customer_no": "K00001", "currency": "USD", "lines": LINES},
        "invoice",
    ),
    Dialect(
        "erp",
        "/freight_invoices",
        {"scac": "SAIA", "invoice_no": "70000001", "shipment_no": "LTL-1", "total_cents": 1, "currency": "USD"},
        "freight_invoice",
    ),
    Dialect(
        "tms",
        "/shipments",
        {"order_no": "ORD-1", "warehouse": "DC01", "customer_no": "K00001", "lines": LINES},
        "shipment",
    ),
    Dialect(
        "wms-a",
        "/api/v1/releases",
        {
            "orderNo": "ORD-1",
            "warehouseCode": "DC01",
            "lines": [{"lineNo": 1, "itemCode": "BRG-001", "quantity": 5}],
        },
        "release",
    ),
]


@pytest.fixture(params=DEEDS, ids=lambda dialect: f"{dialect.system}{dialect.path}")
def dialect(request: pytest.FixtureRequest) -> Dialect:
    deed: Dialect = request.param
    return deed


def test_the_same_key_twice_is_one_deed_and_one_answer(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    first = talk.do(dialect.path, dialect.body, KEY)
    second = talk.do(dialect.path, dialect.body, KEY)
    assert first.status in (201, 202), first
    assert (second.status, second.body) == (first.status, first.body)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    book = talk.fleet.book(dialect.system)
    assert [(deed["key"], deed["received"], deed["applied"]) for deed in book["deeds"]] == [(KEY, 2, 1)]
    assert len(book["records"][dialect.entity]) == 1


def test_a_key_finds_what_it_made(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    made = talk.do(dialect.path, dialect.body, KEY).json
    found = talk.ask("GET", f"{dialect.path}?reference={KEY}").json["items"]
    assert [one["id"] for one in found] == [made["id"]]
    assert talk.ask("GET", f"{dialect.path}?reference=other").json == {"items": [], "next": None}
    assert talk.ask("GET", f"{dialect.path}/{made['id']}").json["reference"] == KEY


def test_a_key_is_not_for_another_deed(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    talk.do(dialect.path, dialect.body, KEY)
    other = talk.do(dialect.path, dialect.numbered(2), KEY)
    assert (other.status, other.json["code"]) == (422, "key_reused")
    assert talk.do(dialect.path, dialect.body, "").json["code"] == "key_missing"


def test_the_same_deed_under_another_key_is_refused_for_good(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    made = talk.do(dialect.path, dialect.body, KEY).json
    for _ in range(2):
        again = talk.do(dialect.path, dialect.body, KEY + "0")
        assert (again.status, again.json["code"], again.json["document"]) == (422, "duplicate", made["id"])
    deed = talk.deed(KEY + "0")
    assert deed is not None
    assert (deed["received"], deed["applied"]) == (2, 0)


def test_what_was_undone_can_be_done_again(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    made = talk.do(dialect.path, dialect.body, KEY).json
    undo = f"{dialect.path}/{made['id']}/{'cancellation' if dialect.system == 'wms-a' else 'cancel'}"
    undone = talk.do(undo, {}, KEY + "/undo")
    assert (undone.status, undone.json["status"]) == (200, "cancelled"), undone
    assert talk.do(undo, {}, KEY + "/undo").body == undone.body
    assert talk.do(undo, {}, KEY + "/other").status == 409
    assert talk.ask("GET", f"{dialect.path}?reference={KEY}/undo").json["items"][0]["id"] == made["id"]
    assert talk.do(dialect.path, dialect.body, KEY + "1").status in (201, 202)


def test_a_timeout_after_the_work_leaves_the_deed_done(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    talk.fleet.control(dialect.system, timeout_after=1, hold_seconds=0.1)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        talk.do(dialect.path, dialect.body, KEY)
    talk.fleet.control(dialect.system, faults=None)
    deed = talk.deed(KEY)
    assert deed is not None
    assert deed["applied"] == 1
    assert talk.do(dialect.path, dialect.body, KEY).headers["idempotency-replayed"] == "true"
    assert len(talk.fleet.book(dialect.system)["records"][dialect.entity]) == 1


def test_an_error_leaves_nothing_done(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    talk.fleet.control(dialect.system, error=1)
    assert talk.do(dialect.path, dialect.body, KEY).status in (500, 502, 503)
    talk.fleet.control(dialect.system, error=0, refuse=1, refuse_reason="credit limit")
    refused = talk.do(dialect.path, dialect.body, KEY)
    assert (refused.status, refused.json["message"]) == (422, "credit limit")
    talk.fleet.control(dialect.system, faults=None)
    assert talk.deed(KEY) is None
    assert dialect.entity not in talk.fleet.book(dialect.system)["records"]


def test_a_killed_system_comes_back_with_its_book(start_one: StartOne, dialect: Dialect) -> None:
    talk = start_one(dialect.system)
    answers = {
        f"{KEY}/{number}": talk.do(dialect.path, dialect.numbered(number), f"{KEY}/{number}") for number in range(20)
    }
    talk.fleet.control(dialect.system, error=0.25)
    talk.fleet.kill(dialect.system)
    talk.fleet.restart(dialect.system)
    assert talk.ask("GET", "/control").json["faults"]["error"] == 0.25
    talk.fleet.control(dialect.system, faults=None)
    for number, (key, answer) in enumerate(answers.items()):
        again = talk.do(dialect.path, dialect.numbered(number), key)
        assert again.body == answer.body
        assert again.headers["idempotency-replayed"] == "true"
    assert {deed["applied"] for deed in talk.fleet.book(dialect.system)["deeds"]} == {1}
    fresh = talk.do(dialect.path, dialect.numbered(99), "fresh")
    assert fresh.status in (201, 202)
    assert fresh.json["id"] not in {answer.json["id"] for answer in answers.values()}


def test_an_amendment_names_the_version_it_means(start_one: StartOne) -> None:
    talk = start_one("erp")
    deed = DEEDS[0]
    made = talk.do(deed.path, deed.body, KEY)
    body = {**deed.body, "lines": [{"line": 1, "sku": "BRG-001", "qty": 4}]}
    there = f"{deed.path}/{made.json['id']}"
    assert made.headers["etag"] == '"1"'
    assert talk.do(there, body, "amend", method="PUT").status == 428
    assert talk.do(there, body, "amend", method="PUT", if_match='"7"').status == 412
    amended = talk.do(there, body, "amend", method="PUT", if_match='"1"')
    assert (amended.status, amended.json["version"], amended.headers["etag"]) == (200, 2, '"2"')
    assert talk.do(there, body, "later", method="PUT", if_match='"1"').status == 412
    assert talk.ask("GET", f"{deed.path}?reference=amend").json["items"][0]["lines"][0]["qty"] == 4


def test_the_number_of_an_invoice_comes_a_moment_later(start_one: StartOne) -> None:
    talk = start_one("erp", speed=200)
    made = talk.do("/invoices", DEEDS[1].body, KEY)
    assert (made.status, made.json["document_no"]) == (202, None)
    talk.wait(lambda: talk.ask("GET", f"/invoices/{made.json['id']}").json["document_no"] == "INV-1000001")
    assert talk.do("/invoices", DEEDS[1].body, KEY).body == made.body
    assert talk.ask("GET", "/records/customer_invoice/INV-1000001").json["type"] == "customer.invoiced"
    talk.fleet.control("erp", rules={"async_numbers": False})
    at_once = talk.do("/invoices", DEEDS[1].numbered(2), "two")
    assert (at_once.status, at_once.json["document_no"]) == (201, "INV-1000002")


def test_a_credit_takes_off_what_was_billed_and_no_more(start_one: StartOne) -> None:
    talk = start_one("erp")
    made = talk.do("/invoices", DEEDS[1].body, KEY).json
    line = made["lines"][0]
    credit = talk.do(f"/invoices/{made['id']}/credits", {"lines": [{**LINES[0], "qty": 2}]}, "credit")
    assert (credit.status, credit.json["total_cents"]) == (201, 2 * line["unit_price_cents"])
    too_much = talk.do(f"/invoices/{made['id']}/credits", {"lines": [{**LINES[0], "qty": 4}]}, "more")
    assert (too_much.status, too_much.json["code"]) == (422, "invalid"), "three are left"
    cancelled = talk.do(f"/invoices/{made['id']}/cancel", {}, "cancel")
    assert (cancelled.status, cancelled.json["code"]) == (422, "credited")


def test_what_a_system_does_not_know_it_refuses_for_good(start_one: StartOne) -> None:
    wms = start_one("wms-a")
    body = DEEDS[4].body
    other = {**body, "lines": [{"lineNo": 1, "itemCode": "NEW-999", "quantity": 1}]}
    assert wms.do("/api/v1/releases", other, "item").json["code"] == "unknown_item"
    assert wms.do("/api/v1/releases", {**body, "warehouseCode": "DC03"}, "place").json["code"] == "unknown_warehouse"
    assert wms.do("/api/v1/releases", {"orderNo": 7}, "shape").status == 422
    assert wms.ask("GET", "/api/v1/releases", authorization="Bearer wrong").status == 401


def test_a_release_is_amended_and_cancelled_only_until_it_is_picked(start_one: StartOne) -> None:
    talk = start_one("wms-a")
    body = DEEDS[4].body
    made = talk.do("/api/v1/releases", body, KEY).json
    less = {**body, "lines": [{"lineNo": 1, "itemCode": "BRG-001", "quantity": 3}]}
    amended = talk.do("/api/v1/releases/ORD-1", less, "amend", method="PUT", if_match='"1"')
    assert (amended.status, amended.json["lines"][0]["quantity"]) == (200, 3)
    stock = talk.ask("GET", "/api/v1/stock?warehouseCode=DC01").json["items"]
    assert {item["itemCode"]: item["reserved"] for item in stock if item["reserved"]} == {"BRG-001": 3}
    talk.fleet.control("wms-a", speed=100_000)
    talk.wait(lambda: talk.ask("GET", f"/api/v1/releases/{made['id']}").json["status"] == "picked")
    late = talk.do("/api/v1/releases/ORD-1", body, "late", method="PUT")
    assert (late.status, late.json["code"]) == (409, "already_picked")
    assert talk.do("/api/v1/releases/ORD-1/cancellation", {}, "late too").status == 409
