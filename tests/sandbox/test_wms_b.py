"""The old warehouse software: 200 for everything, no keys, kilograms, and polling by the second."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.sandbox.talking import Talk

StartOne = Callable[..., Talk]


@pytest.fixture
def talk(start_one: StartOne) -> Talk:
    return start_one("wms-b")


def _order(ref: str = "order/ORD-1000001/release/1", qty: str = "5", **head: str) -> dict[str, Any]:
    return {
        "HDR": {"REF": ref, "ORDNO": "ORD-1000001", "WHSE": "DC03", **head},
        "POS": [{"POSNO": "00010", "ART": "BRG-001", "QTY": qty, "UOM": "PCE"}],
    }


def test_errors_stand_in_a_200(talk: Talk) -> None:
    wrong = {
        "E104": _order(WHSE="DC01"),
        "E105": _order(qty="5.5"),
        "E100": {"HDR": 7},
        "E200": None,
    }
    for code, body in wrong.items():
        path = "/wmsb/order.create" if body else "/wmsb/order.cancel"
        answer = talk.ask("POST", path, body or {"HDR": {"ORDNO": "ORD-9"}})
        assert (answer.status, answer.json["error"]["code"]) == (200, code)
    assert talk.ask("GET", "/wmsb/order.find?REF=none").json == {"result": []}


def test_what_is_sent_twice_is_done_twice_and_can_be_found(talk: Talk) -> None:
    first = talk.ask("POST", "/wmsb/order.create", _order()).json["result"]
    second = talk.ask("POST", "/wmsb/order.create", _order()).json["result"]
    assert first["DOCNO"] != second["DOCNO"]
    found = talk.ask("GET", "/wmsb/order.find?REF=order/ORD-1000001/release/1").json["result"]
    assert [(row["DOCNO"], row["ACT"]) for row in found] == [(first["DOCNO"], "CREATE"), (second["DOCNO"], "CREATE")]
    deed = talk.deed("order/ORD-1000001/release/1")
    assert deed is not None
    assert (deed["received"], deed["applied"]) == (2, 2)


def test_an_order_is_changed_and_cancelled(talk: Talk) -> None:
    made = talk.ask("POST", "/wmsb/order.create", _order()).json["result"]
    talk.ask("POST", "/wmsb/order.change", _order("change", qty="3", DOCNO=made["DOCNO"]))
    rows = talk.ask("GET", "/wmsb/orders").json["result"]["ROWS"]
    assert rows[0]["POS"] == [{"POSNO": "00010", "ART": "BRG-001", "QTY": "3", "UOM": "PCE"}]
    gone = talk.ask("POST", "/wmsb/order.cancel", {"HDR": {"REF": "cancel", "ORDNO": "ORD-1000001"}})
    assert gone.json["result"]["STAT"] == "99"
    assert talk.ask("POST", "/wmsb/order.cancel", {"HDR": {"ORDNO": "ORD-1000001"}}).json["error"]["code"] == "E302"
    assert talk.ask("GET", "/wmsb/order.find?REF=cancel").json["result"][0]["ACT"] == "CANCEL"


def test_a_pick_is_polled_by_time_page_by_page(talk: Talk) -> None:
    for number in range(5):
        talk.ask("POST", "/wmsb/order.create", _order(ORDNO=f"ORD-{number}"))
    talk.fleet.control("wms-b", speed=20_000, rules={"short_pick": 0})
    talk.wait(lambda: len(_rows(talk)) == 5)
    rows = _rows(talk)
    assert {row["TYP"] for row in rows} == {"PICK"}
    assert [row["TS"] for row in rows] == sorted(row["TS"] for row in rows)
    assert rows[0]["POS"][0] | {"LOC": "", "LOT": ""} == {
        "POSNO": "00010",
        "ART": "BRG-001",
        "SOLL": "5",
        "IST": "5",
        "LOC": "",
        "LOT": "",
    }
    since = talk.ask("GET", f"/wmsb/changes?SINCE={rows[2]['TS']}").json["result"]["ROWS"]
    assert {row["DOCNO"] for row in since} >= {row["DOCNO"] for row in rows[2:]}, "the second itself comes again"
    assert all(row["TS"] >= rows[2]["TS"] for row in since)
    assert talk.ask("GET", f"/wmsb/doc?TYP=PICK&DOCNO={rows[0]['DOCNO']}").json["result"] == rows[0]
    assert talk.ask("GET", "/wmsb/changes?SINCE=yesterday").json["error"]["code"] == "E100"


def _rows(talk: Talk) -> list[dict[str, Any]]:
    rows, page = [], 1
    while True:
        result = talk.ask("GET", f"/wmsb/changes?PAGE={page}&SIZE=2").json["result"]
        rows += result["ROWS"]
        if not result["MORE"]:
            return rows
        page += 1


def test_a_killed_system_comes_back_with_its_book(talk: Talk) -> None:
    made = talk.ask("POST", "/wmsb/order.create", _order()).json["result"]
    talk.fleet.kill("wms-b")
    talk.fleet.restart("wms-b")
    found = talk.ask("GET", "/wmsb/order.find?REF=order/ORD-1000001/release/1").json["result"]
    assert [row["DOCNO"] for row in found] == [made["DOCNO"]]
    stock = talk.ask("GET", "/wmsb/stock?WHSE=DC03&SIZE=500").json["result"]["ROWS"]
    assert {row["ART"]: row["RES"] for row in stock if row["RES"] != "0"} == {"BRG-001": "5"}
