"""What a system shows: a feed without gaps, and hooks that only hint."""

import json
import threading
from collections.abc import Callable
from typing import Any

from tests.sandbox.talking import Post, Recorder, Talk

StartOne = Callable[..., Talk]


def _plan(number: int) -> dict[str, Any]:
    return {
        "order_no": f"ORD-{number:07d}",
        "warehouse": "DC01",
        "customer_no": "K00001",
        "lines": [{"line": 1, "sku": "BRG-001", "qty": 5}],
    }


def test_a_cursor_goes_on_without_gap_while_others_write(start_one: StartOne) -> None:
    talk = start_one("tms")
    threads = [
        threading.Thread(
            target=lambda base=base: [
                talk.do("/shipments", _plan(base + number), f"key/{base + number}") for number in range(50)
            ]
        )
        for base in (1_000, 2_000, 3_000, 4_000)
    ]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    cursor, cursors = "", [""]
    while any(thread.is_alive() for thread in threads) or len(seen) < 200:
        page = talk.ask("GET", f"/feed?after={cursor}&limit=7").json
        seen += [item["id"] for item in page["items"]]
        cursor = page["cursor"]
        cursors.append(cursor)
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == 200
    assert cursors == sorted(cursors)
    assert talk.ask("GET", f"/feed?after={cursor}").json == {"items": [], "cursor": cursor, "more": False}


def test_a_cursor_outlives_the_process(start_one: StartOne) -> None:
    talk = start_one("tms")
    for number in range(10):
        talk.do("/shipments", _plan(number), f"key/{number}")
    first = talk.ask("GET", "/feed?limit=4").json
    talk.fleet.restart("tms")
    rest = talk.ask("GET", f"/feed?after={first['cursor']}").json
    assert [item["id"] for item in first["items"] + rest["items"]] == [f"LTL-{number:07d}" for number in range(10)]
    assert (first["more"], rest["more"]) == (True, False)


def test_a_record_is_the_message_byte_for_byte_however_it_is_read(start_one: StartOne) -> None:
    talk = start_one("tms")
    talk.do("/shipments", _plan(1), "key")
    page = talk.ask("GET", "/feed?entity=shipment&warehouse=DC01")
    alone = talk.ask("GET", "/records/shipment/LTL-0000001")
    assert alone.body in page.body
    assert alone.body == talk.ask("GET", "/records/shipment/LTL-0000001").body
    assert alone.json["type"] == "shipment.created"
    assert alone.json["data"]["ship_to"].keys() == {"name", "address", "city", "state", "zip"}
    assert talk.ask("GET", "/feed?warehouse=DC02").json["items"] == []
    assert talk.ask("GET", "/records/shipment/LTL-9").status == 404
    assert talk.ask("GET", "/feed?after=nonsense").json["code"] == "malformed"


def _hints(recorder: Recorder) -> list[Post]:
    return [post for post in list(recorder.posts) if post.path == "/hooks/tms"]


def _hooked(talk: Talk, recorder: Recorder, **faults: float) -> None:
    talk.fleet.connect_crossdock(recorder.address, {}, hooks={"tms": recorder.address + "/hooks/tms"})
    talk.fleet.control("tms", **faults)


def test_a_hook_is_signed_and_names_no_more_than_the_object(start_one: StartOne, recorder: Recorder) -> None:
    talk = start_one("tms")
    _hooked(talk, recorder)
    talk.do("/shipments", _plan(1), "key")
    talk.wait(lambda: _hints(recorder))
    (hint,) = _hints(recorder)
    assert json.loads(hint.body) == {"entity": "shipment", "id": "LTL-0000001"}
    assert hint.headers["x-sandbox-system"] == "tms"
    assert hint.is_signed_with(talk.fleet.hook_secrets["tms"])
    assert not hint.is_signed_with("another secret")


def test_hooks_are_lost_doubled_and_forged_on_request(start_one: StartOne, recorder: Recorder) -> None:
    talk = start_one("tms")
    _hooked(talk, recorder, lost_hooks=0.2, doubled_hooks=0.3, forged_hooks=0.1)
    for number in range(60):
        talk.do("/shipments", _plan(number), f"key/{number}")
    talk.wait(lambda: talk.fleet.book("tms")["outgoing"]["waiting"] == 0)
    secret = talk.fleet.hook_secrets["tms"]
    good = [post.headers["x-sandbox-delivery"] for post in _hints(recorder) if post.is_signed_with(secret)]
    assert 0 < len(_hints(recorder)) - len(good) < 20, "forged"
    assert 60 - 25 < len(set(good)) < 60, "lost"
    assert 5 < len(good) - len(set(good)) < 35, "doubled"
    assert len(talk.ask("GET", "/feed?limit=1000").json["items"]) == 60, "the feed has them all"


def test_messages_wait_in_the_book_until_they_are_taken(start_one: StartOne, recorder: Recorder) -> None:
    talk = start_one("shop")
    talk.fleet.ask("shop", "POST", "/control/orders", {"count": 5, "per_second": 1_000})
    talk.wait(lambda: talk.fleet.book("shop")["outgoing"]["waiting"] == 5)
    talk.fleet.restart("shop")
    talk.fleet.connect_crossdock(recorder.address, {"oms": "the key of oms"})
    talk.wait(lambda: len(recorder.messages()) == 5)
    first = recorder.messages()[0]
    assert first.headers["authorization"] == "Bearer the key of oms"
    assert sorted(json.loads(post.body)["data"]["order_no"] for post in recorder.messages()) == [
        f"ORD-{number}" for number in range(1_000_001, 1_000_006)
    ]


def test_orders_come_at_a_rate_of_their_own(start_one: StartOne) -> None:
    talk = start_one("shop")
    talk.fleet.control("shop", rules={"orders_per_second": 100, "warehouses": ["DC04"]})
    talk.wait(lambda: len(talk.ask("GET", "/orders").json["items"]) >= 30)
    talk.fleet.control("shop", rules={"orders_per_second": 0})
    assert {order["warehouse"] for order in talk.ask("GET", "/orders").json["items"]} == {"DC04"}
