import asyncio
import http.client
import json
import os
import secrets
import time
from collections import Counter
from collections.abc import Iterator

import aiohttp
import pytest
from tests.running_server import TENANT, RunningServer, configure, running_server
from tests.system.conftest import settle

from crossdock.engine.configuration import new_key
from crossdock.store import arrival
from crossdock.store import configuration as stored
from crossdock.store.connect import connect
from crossdock.store.databases import create_database, drop_database

HEADER = "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo"
PAYMENTS = "text/csv; layout=payments"


@pytest.fixture(scope="module")
def server(cluster_url: str) -> Iterator[RunningServer]:
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    url = create_database(cluster_url, name)
    try:
        with running_server(url, configure(url)) as server:
            yield server
    finally:
        drop_database(cluster_url, name)


def fresh() -> bytes:
    """A message that nobody has sent before."""
    return b'{"type":"order.created","note":"%s"}' % secrets.token_hex(8).encode()


def body_of(server: RunningServer, message: str) -> bytes:
    """The bytes that are kept under an arrival number."""
    ((body,),) = server.rows("select body from message where arrival = %s", arrival.parse(message))
    return bytes(body)


# -- one message ---------------------------------------------------------------------------------------------------


def test_a_message_is_durable_byte_for_byte_when_it_is_answered(server: RunningServer) -> None:
    body = b"\x00\xff not JSON at all \r\n" + fresh()
    answer = server.post(body)
    assert answer.status == 202
    assert answer.json.keys() == {"message", "status"}
    assert answer.json["status"] == "new"
    assert body_of(server, answer.json["message"]) == body


def test_a_message_sent_again_is_the_same_message(server: RunningServer) -> None:
    body = fresh()
    first, again = server.post(body), server.post(body)
    assert (again.status, again.json) == (200, {"message": first.json["message"], "status": "duplicate"})


def test_the_same_bytes_from_another_source_are_another_message(server: RunningServer) -> None:
    body = fresh()
    assert server.post(body).json["message"] != server.post(body, source="tms").json["message"]


@pytest.mark.parametrize("name", ["Idempotency-Key", "Message-Id"])
def test_one_identity_with_other_content_is_a_conflict_and_both_are_kept(server: RunningServer, name: str) -> None:
    key, body, other = secrets.token_hex(8), fresh(), fresh()
    first = server.post(body, **{name: key})
    again = server.post(body, **{name: key})
    conflict = server.post(other, **{name: key})
    conflict_again = server.post(other, **{name: key})
    assert [answer.status for answer in (first, again, conflict, conflict_again)] == [202, 200, 202, 200]
    assert [answer.json["status"] for answer in (first, again, conflict)] == ["new", "duplicate", "conflict"]
    assert body_of(server, first.json["message"]) == body
    assert body_of(server, conflict.json["message"]) == other
    assert conflict_again.json == {"message": conflict.json["message"], "status": "duplicate"}


def test_the_same_bytes_under_two_identities_are_two_messages(server: RunningServer) -> None:
    body = fresh()
    answers = [server.post(body, idempotency_key=secrets.token_hex(8)).json for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["new", "new"]
    assert answers[0]["message"] != answers[1]["message"]


def test_the_source_may_be_named_if_it_is_the_right_one(server: RunningServer) -> None:
    assert server.post(fresh(), source="wms/DC01", crossdock_source="wms/DC01").status == 202


def test_a_charset_does_not_make_another_content_type(server: RunningServer) -> None:
    assert server.post(fresh(), content_type="Application/JSON; charset=UTF-8").status == 202


def test_a_thousand_copies_at_once_from_fifty_connections_are_one_message(server: RunningServer) -> None:
    body = fresh()

    async def send() -> list[dict[str, str]]:
        connector = aiohttp.TCPConnector(limit=50)
        headers = server.sender("erp") | {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(server.address, connector=connector, headers=headers) as session:

            async def one() -> dict[str, str]:
                async with session.post("/v1/messages", data=body) as answer:
                    assert answer.status in (200, 202)
                    told: dict[str, str] = await answer.json()
                    return told

            return await asyncio.gather(*(one() for _ in range(1000)))

    answers = asyncio.run(send())
    assert Counter(answer["status"] for answer in answers) == {"new": 1, "duplicate": 999}
    (message,) = {answer["message"] for answer in answers}
    number = arrival.parse(message)
    assert server.rows("select count(*) from message where body = %s", body) == [(1,)]
    assert server.rows("select sum(copies)::int from message_repeat where arrival = %s", number) == [(999,)]


def test_a_valid_message_is_stored_when_validation_is_asked_for(server: RunningServer) -> None:
    row = f"{secrets.token_hex(8)},INV1,C1,12.10,USD,2026-03-02,ach,"
    body = f"{HEADER}\n{row}\n".encode()
    answer = server.post(body, path="/v1/messages?validate=true", source="bank", content_type=PAYMENTS)
    assert (answer.status, answer.json.get("status")) == (202, "new"), answer


def test_a_connection_is_kept_for_the_next_request_even_after_a_refusal(server: RunningServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    statuses, ports = [], set()
    for content_type in ["application/json", "text/plain", "application/json"]:
        connection.request("POST", "/v1/messages", fresh(), server.sender("oms") | {"Content-Type": content_type})
        ports.add(connection.sock.getsockname()[1])
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [202, 415, 202]
    assert len(ports) == 1


# -- large files ---------------------------------------------------------------------------------------------------


def test_a_large_file_is_cut_into_parts_that_read_as_the_whole_would(server: RunningServer) -> None:
    name = secrets.token_hex(4)
    rows = [f"{name}-{n},NOINV-{n},C{n},{n}.10,USD,2026-03-02,ach,{'memo ' * 8}" for n in range(1, 40_001)]
    body = "\n".join([HEADER, *rows]).encode()
    assert len(body) > 3_000_000
    answer = server.post(body, source="bank", content_type=PAYMENTS)
    assert answer.status == 202
    assert answer.json.keys() == {"message", "status", "parts", "last"}
    again = server.post(body, source="bank", content_type=PAYMENTS)
    assert (again.status, again.json) == (200, answer.json | {"status": "duplicate"})
    first, last = arrival.parse(answer.json["message"]), arrival.parse(answer.json["last"])
    parts = server.rows("select body from message where arrival between %s and %s order by arrival", first, last)
    assert b"".join(bytes(part) for (part,) in parts) == body
    assert answer.json["parts"] == len(parts) > 3
    with connect(server.url, purpose="test") as connection:
        settle(connection, stored.tenant_id(connection, TENANT))
    count = "select count(*), count(distinct key) from event where key like %s"
    assert server.rows(count, f"{name}-%") == [(40_000, 40_000)]


def test_the_same_bytes_sent_as_another_layout_are_another_message(server: RunningServer) -> None:
    body = fresh()
    statuses = [
        server.post(body, source="carrier/CNWY", content_type=f"text/csv; layout={layout}").json["status"]
        for layout in ("freight", "status", "status")
    ]
    assert statuses == ["new", "new", "duplicate"]


# -- batches -------------------------------------------------------------------------------------------------------


def test_each_line_of_a_batch_is_a_message(server: RunningServer) -> None:
    one, two = fresh(), fresh()
    answer = server.batch(one, b"", two + b"\r", one, b"")
    assert answer.status == 202
    first, last = answer.json.pop("first"), answer.json.pop("last")
    assert answer.json | {"first": 0, "last": 0} == {
        "received": 3,
        "new": 2,
        "duplicates": 1,
        "conflicts": 0,
        "first": 0,
        "last": 0,
    }
    assert body_of(server, first) == one
    assert first == last
    assert server.rows("select count(*) from message where body = %s", two) == [(1,)]


def test_a_batch_sent_again_holds_duplicates_only(server: RunningServer) -> None:
    lines = [fresh() for _ in range(20)]
    first, again = server.batch(*lines), server.batch(*lines)
    assert (first.status, again.status) == (202, 200)
    assert again.json == first.json | {"new": 0, "duplicates": 20}


def test_a_key_on_a_batch_identifies_each_line_by_its_number(server: RunningServer) -> None:
    key, same = secrets.token_hex(8), fresh()
    first = server.batch(same, same, idempotency_key=key).json
    assert (first["new"], first["duplicates"]) == (2, 0)
    again = server.batch(same, fresh(), idempotency_key=key).json
    assert (again["duplicates"], again["conflicts"]) == (1, 1)


def test_a_batch_larger_than_a_commit_is_stored_whole(server: RunningServer) -> None:
    lines = [fresh() for _ in range(10_000)]
    answer = server.batch(*lines)
    assert (answer.status, answer.json["received"], answer.json["new"]) == (202, 10_000, 10_000)
    first, last = arrival.parse(answer.json["first"]), arrival.parse(answer.json["last"])
    kept = server.rows("select body from message where arrival between %s and %s order by arrival", first, last)
    assert [bytes(body) for (body,) in kept] == lines


def test_the_lines_of_a_batch_may_be_of_another_content_type(server: RunningServer) -> None:
    answer = server.batch(b"ISA*1", query="?content_type=application/edi-x12", source="carrier/ODFL")
    assert answer.json["new"] == 1
    kept = server.rows("select content_type from message where arrival = %s", arrival.parse(answer.json["first"]))
    assert kept == [("application/edi-x12",)]


# -- looking -------------------------------------------------------------------------------------------------------


def test_a_source_sees_what_it_has_sent_today_and_nothing_of_others(server: RunningServer) -> None:
    key, body = secrets.token_hex(8), fresh()
    server.post(body, source="wms/DC02", idempotency_key=key)
    server.post(body, source="wms/DC02", idempotency_key=key)
    server.post(fresh(), source="wms/DC02", idempotency_key=key)
    server.batch(fresh(), body, source="wms/DC02")
    status = server.ask("GET", "/v1/status", headers=server.sender("wms/DC02"))
    assert status.status == 200
    assert status.json["source"] == "wms/DC02"
    today = status.json["today"]
    day = server.rows("select (now() at time zone 'UTC')::date::text")[0][0]
    assert today == {"day": day, "received": 5, "new": 3, "duplicates": 1, "conflicts": 1}
    assert {"goods.issued", "pick.confirmed"} <= set(status.json["owns"])
    assert "order.created" not in status.json["owns"]


def test_the_server_says_that_it_lives_and_is_ready(server: RunningServer) -> None:
    assert server.ask("GET", "/healthz").json == {"live": True}
    ready = server.ask("GET", "/readyz")
    assert ready.status == 200
    assert ready.json["ready"] is True
    assert ready.json["checks"]["database"] == "reachable"
    assert ready.json["checks"]["backlog"] >= 0


def test_the_front_page_says_where_to_send(server: RunningServer) -> None:
    assert "POST /v1/messages" in server.ask("GET", "/").json["send"]


# -- configuration changes -----------------------------------------------------------------------------------------


def test_a_replaced_key_ends_within_moments_and_the_new_one_goes(server: RunningServer) -> None:
    assert server.post(fresh(), source="wms/DC04").status == 202
    key, hashed = new_key()
    with connect(server.url, purpose="test") as connection:
        tenant = stored.tenant_id(connection, TENANT)
        assert stored.rotate_key(connection, tenant, "wms/DC04", hashed)
    _until_status(server, "wms/DC04", 401)
    server.keys["wms/DC04"] = key
    assert server.post(fresh(), source="wms/DC04").status == 202


def test_a_source_registered_while_the_server_runs_may_send_within_moments(server: RunningServer) -> None:
    key, hashed = new_key()
    document = json.dumps({"owns": {}, "reads": {"application/json": "distributor-json"}})
    server.keys["new"] = key
    assert server.post(fresh(), source="new").status == 401
    with connect(server.url, purpose="test") as connection:
        tenant = stored.tenant_id(connection, TENANT)
        stored.write(
            connection, tenant, stored.Wanted([stored.NewSource("new", document, hashed)], [], [], [], [], "{}", "")
        )
    _until_status(server, "new", 202)


def _until_status(server: RunningServer, source: str, status: int) -> None:
    give_up_at = time.monotonic() + 20
    while (answer := server.post(fresh(), source=source)).status != status:
        assert time.monotonic() < give_up_at, answer
