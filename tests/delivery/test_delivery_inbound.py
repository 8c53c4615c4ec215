"""What systems call about is read again before it counts; what they do not call about is found by polling."""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from tests.delivery.house import House, manifest

from crossdock.api.hooks import Hooks
from crossdock.app.hooks import Verifier
from crossdock.store import delivery_inbound

SECRET = "s3cret"
FEED = {
    "path": "/feed", "after": "after", "rows": "items", "record": "record", "entity": "entity", "id": "id",
    "cursor": "cursor", "more": "more",
}  # fmt: skip
SPOKEN = manifest(
    feed=FEED,
    reads={"goods_issue": {"path": "/records/goods_issue/{id}", "same": "data.gi_doc"}},
    hooks={
        "signature_header": "X-Signature", "timestamp_header": "X-Timestamp", "signed": "timestamp.body",
        "entity": "entity", "id": "id",
    },
)  # fmt: skip


def issue(number: int) -> dict[str, Any]:
    return {
        "id": f"g{number}", "source": "wms/DC01", "type": "goods.issued", "specversion": "1.0",
        "time": "2026-03-02T08:00:00Z",
        "data": {
            "gi_doc": f"GI{number}", "order_no": f"SO{number}", "shipment_no": f"SH{number}", "warehouse": "DC01",
            "gross_weight_lb": 700, "pallets": 1, "seal_no": "S", "posted_at": "2026-03-02T08:00:00Z",
            "lines": [{"line": 1, "sku": "SKU1", "qty": 1, "uom": "EA"}],
        },
    }  # fmt: skip


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("TEST_HOOK_SECRET", SECRET)
    return {
        "role": "wms",
        "source": "wms/DC01",
        "poll": {"every_seconds": 0.2},
        "credentials": {"hook_secret_env": "TEST_HOOK_SECRET"},
    }


def call(house: House, connection: str, body: bytes, headers: dict[str, str]) -> int:
    """A call as the server answers it."""

    async def ask() -> int:
        verify = Verifier(house.url, house.tenant)
        hooks = Hooks(house.url, house.tenant, verify)
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw.append((b"content-length", b"%d" % len(body)))
        scope: Any = {"type": "http", "method": "POST", "path": f"/v1/hooks/{connection}", "headers": raw,
                      "query_string": b""}  # fmt: skip
        await hooks(scope, receive, send)
        await hooks.close()
        verify.close()
        return int(sent[0]["status"])

    return asyncio.run(ask())


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()
    return {"X-Timestamp": timestamp, "X-Signature": f"sha256={digest}"}


def received(house: House) -> int:
    return int(
        house.rows("select count(*) from message join source on source.id = source where source.name = 'wms/DC01'")[0][
            0
        ]
    )


def test_a_genuine_call_leads_to_reading_the_record_which_is_taken_in_once(
    house: House, settings: dict[str, Any]
) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address, "poll": None}, SPOKEN)})
    wms.control(records={"GI1": issue(1)})
    body = json.dumps({"entity": "goods_issue", "id": "GI1"}).encode()
    for _ in range(2):
        assert call(house, "wms", body, signed(body)) == 202
    house.deliverer()
    house.until(lambda: received(house) == 1 and house.rows("select 1 from hook_hint") == [])
    house.settle()
    assert house.rows("select key from event where type = 'goods.issued'") == [("GI1",)]


@pytest.mark.parametrize(
    "headers",
    [
        lambda body: signed(body, "another"),
        lambda body: signed(body, at=time.time() - 4_000),
        lambda _: signed(b"another body"),
        lambda _: {},
        lambda body: signed(body) | {"X-Timestamp": "soon"},
    ],
)
def test_a_forged_call_is_refused_and_counted(
    house: House, settings: dict[str, Any], headers: Callable[[bytes], dict[str, str]]
) -> None:
    house.connect({"wms": (settings | {"address": "http://127.0.0.1:9"}, SPOKEN)})
    body = b'{"entity": "goods_issue", "id": "GI1"}'
    assert call(house, "wms", body, headers(body)) == 401
    assert house.rows("select hooks_forged from connection_state") == [(1,)]
    assert house.rows("select 1 from hook_hint") == []


def test_a_call_about_an_unknown_object_is_recorded_and_has_no_effect(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address, "poll": None}, SPOKEN)})
    body = b'{"entity": "goods_issue", "id": "GI404"}'
    assert call(house, "wms", body, signed(body)) == 202
    assert call(house, "nobody", body, signed(body)) == 404
    house.deliverer()
    house.until(lambda: house.rows("select what from feed_problem") == [("hook",)])
    assert house.rows("select 1 from hook_hint") == []
    assert received(house) == 0


def test_a_record_of_another_object_is_not_taken_in(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address, "poll": None}, SPOKEN)})
    wms.control(records={"GI1": issue(2)})
    body = b'{"entity": "goods_issue", "id": "GI1"}'
    assert call(house, "wms", body, signed(body)) == 202
    house.deliverer()
    house.until(lambda: house.rows("select what from feed_problem") == [("get",)])
    assert received(house) == 0


def test_records_that_cannot_be_believed_are_recorded_and_their_neighbour_is_read(
    house: House, settings: dict[str, Any]
) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address, "poll": None}, SPOKEN)})
    lies = {"GI1": "html", "GI2": "error_in_200", "GI3": "truncated", "GI4": "elsewhere", "GI5": "large"}
    wms.control(records={f"GI{number}": issue(number) for number in range(1, 7)}, record_says=lies)
    for number in range(1, 7):
        body = json.dumps({"entity": "goods_issue", "id": f"GI{number}"}).encode()
        assert call(house, "wms", body, signed(body)) == 202
    house.deliverer()
    house.until(lambda: house.rows("select count(*) >= 5 from feed_problem where what = 'get'") == [(True,)])
    house.until(lambda: received(house) == 1)
    house.settle()
    assert house.rows("select key from event where type = 'goods.issued'") == [("GI6",)]
    wms.control(record_says={})
    house.until(lambda: received(house) == 6)


def test_a_record_that_a_feed_told_since_the_hint_is_not_read_again(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address}, SPOKEN)})
    # Reading the records one by one fails, for as long as anybody likes; the feed tells them.
    wms.control(records={"GI1": issue(1), "GI2": issue(2)}, record_says={"GI1": "broken", "GI2": "broken"})
    for name in ("GI1", "GI3"):
        body = json.dumps({"entity": "goods_issue", "id": name}).encode()
        assert call(house, "wms", body, signed(body)) == 202
    house.rows("update hook_hint set due_at = now() + interval '1 hour' where id = 'GI3' returning 1")
    house.deliverer()
    house.until(lambda: received(house) == 2)
    house.until(lambda: house.rows("select id from hook_hint") == [("GI3",)])


def test_a_number_as_text_is_that_number_and_other_text_a_dead_letter(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address}, SPOKEN)})
    records = {f"GI{number}": issue(number) for number in (1, 2, 3)}
    records["GI1"]["data"]["lines"][0]["qty"] = "1"
    records["GI2"]["data"]["lines"][0]["qty"] = "1 piece"
    wms.control(records=records)
    house.deliverer()
    house.until(lambda: received(house) == 3)
    house.settle()
    issued = house.rows("select key, data -> 'lines' -> 0 ->> 'quantity' from event where type = 'goods.issued'")
    assert sorted(issued) == [("GI1", "1"), ("GI3", "1")]
    assert house.rows("select position, value from dead_letter") == [("data.lines[0].qty", "1 piece")]


def test_polling_finds_what_no_hook_told_and_the_cursor_lasts(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address}, SPOKEN)})
    wms.control(records={f"GI{number}": issue(number) for number in range(1, 8)})
    first = house.deliverer()
    house.until(lambda: received(house) == 7)
    first.kill()
    first.wait()
    wms.control(records={f"GI{number}": issue(number) for number in range(1, 10)})
    house.rows("update feed set lease_until = null")
    house.deliverer(1)
    house.until(lambda: received(house) == 9)
    assert house.rows("select cursor from feed") == [("c0009",)]
    assert house.rows("select sum(copies) from message_repeat") == [(None,)], "nothing is read twice"


@pytest.mark.parametrize(
    "lie", ["endless", "backwards", "html", "error_in_200", "truncated", "elsewhere", "large", "no_rows", "repeats"]
)
def test_a_feed_that_lies_is_recorded_and_believed_again_when_it_stops(
    house: House, settings: dict[str, Any], lie: str
) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address}, SPOKEN)})
    wms.control(records={"GI1": issue(1), "GI2": issue(2), "GI3": issue(3)})
    house.deliverer()
    house.until(lambda: received(house) == 3)
    wms.control(records={f"GI{number}": issue(number) for number in range(1, 6)}, feed_says=lie)
    house.until(lambda: house.rows("select what from feed_problem limit 1") == [("changes",)])
    assert received(house) == 3
    wms.control(feed_says=None)
    house.until(lambda: received(house) == 5)


def test_a_system_that_cannot_be_read_is_left_alone_until_one_try_succeeds(
    house: House, settings: dict[str, Any]
) -> None:
    wms = house.system()
    breaker = {"failures": 3, "wait_seconds": 1.5, "longest_wait_seconds": 1.5}
    quick = settings | {"address": wms.address, "breaker": breaker, "poll": {"every_seconds": 0.05}}
    house.connect({"wms": (quick, SPOKEN)})
    wms.control(feed_says="html", records={"GI1": issue(1), "GI2": issue(2)})
    house.deliverer()
    house.until(lambda: house.rows("select breaker ->> 'state' from feed") == [("open",)])
    asked = wms.book()["feed_asked"]
    body = b'{"entity": "goods_issue", "id": "GI1"}'
    assert call(house, "wms", body, signed(body)) == 202
    # Sending has a breaker of its own: what it is asked to do, it does.
    house.order(1)
    house.settle()
    house.until(lambda: set(house.states().values()) == {"applied"})
    assert received(house) == 0, "a hint is not followed while the system is left alone"
    assert wms.book()["feed_asked"] <= asked + 1
    wms.control(feed_says=None)
    house.until(lambda: received(house) == 2)
    house.until(lambda: house.rows("select 1 from hook_hint") == [])
    house.until(lambda: house.rows("select breaker ->> 'state' from feed") == [("closed",)])
    changes = house.rows("select before, after from connection_event where what = 'reading' order by id")
    assert changes[0] == ("closed", "open")
    assert changes[-1] == ("half_open", "closed")


def test_the_feed_of_a_killed_reader_is_read_by_another_within_seconds(house: House, settings: dict[str, Any]) -> None:
    wms = house.system()
    house.connect({"wms": (settings | {"address": wms.address, "limits": {"timeout_seconds": 1}}, SPOKEN)})
    delivery_inbound.take_feed(house.connection, house.tenant, "wms", "a dead one", 0.2, lease_seconds=5)
    wms.control(records={"GI1": issue(1)})
    house.deliverer()
    house.until(lambda: received(house) == 1, seconds=15)


def test_a_feed_is_read_by_one_process_at_a_time(house: House) -> None:
    with house.connection.transaction():
        taken = delivery_inbound.take_feed(house.connection, 1, "wms", "one", 1.0, lease_seconds=9)
        assert taken is not None
        assert taken.cursor is None
        to = delivery_inbound.Moved("", more=False, since=taken.at, told=[])
        assert delivery_inbound.take_feed(house.connection, 1, "wms", "two", 1.0, lease_seconds=9) is None
        delivery_inbound.move_feed(house.connection, 1, "wms", "one", [], to._replace(cursor="c1"), lease_seconds=9)
    with pytest.raises(delivery_inbound.LostFeed):
        delivery_inbound.move_feed(house.connection, 1, "wms", "two", [], to._replace(cursor="c9"), lease_seconds=9)


def test_a_feed_whose_page_takes_longer_than_a_lease_stays_with_its_reader(house: House) -> None:
    taken = delivery_inbound.take_feed(house.connection, 1, "wms", "one", 1.0, lease_seconds=0.01)
    assert taken is not None
    delivery_inbound.keep_feed(house.connection, 1, "wms", "another", lease_seconds=9)
    delivery_inbound.keep_feed(house.connection, 1, "wms", "one", lease_seconds=9)
    house.rows("select pg_sleep(0.02)")
    assert delivery_inbound.take_feed(house.connection, 1, "wms", "two", 1.0, lease_seconds=9) is None
    delivery_inbound.leave_feed(house.connection, 1, "wms", "one", None)
    delivery_inbound.keep_feed(house.connection, 1, "wms", "one", lease_seconds=9)
    assert delivery_inbound.take_feed(house.connection, 1, "wms", "two", 0.0, lease_seconds=9) is not None
