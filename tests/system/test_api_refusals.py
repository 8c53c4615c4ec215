import http.client
import os
import secrets
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.running_server import Answer, RunningServer, configure, running_server

from crossdock.api.problems import KINDS
from crossdock.store.databases import create_database, drop_database

LINE = b'{"type":"order.created"}'


@pytest.fixture(scope="module")
def server(cluster_url: str) -> Iterator[RunningServer]:
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    url = create_database(cluster_url, name)
    try:
        keys = configure(url)
        other = configure(url, "other")
        with running_server(url, keys) as server:
            keys["of another tenant"] = other["oms"]
            yield server
    finally:
        drop_database(cluster_url, name)


@pytest.fixture(autouse=True)
def _nothing_is_stored(server: RunningServer) -> Iterator[None]:
    """Every test here sends what is refused."""
    before = server.messages()
    yield
    assert server.messages() == before


# -- who sends -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "key-missing"),
        ({"Authorization": "Basic b21zOnNlY3JldA=="}, "key-missing"),
        ({"Authorization": "Bearer"}, "key-missing"),
        ({"Authorization": "Bearer "}, "key-missing"),
        ({"Authorization": "Bearer cdk_nobody"}, "key-unknown"),
        ({"Authorization": "Bearer \xff\xfe"}, "key-unknown"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/v1/messages"), ("POST", "/v1/messages:batch"), ("GET", "/v1/status")]
)
def test_without_a_key_that_is_known_nothing_goes(
    server: RunningServer, headers: dict[str, str], code: str, method: str, path: str
) -> None:
    answer = server.ask(method, path, LINE, headers | {"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_a_key_of_another_tenant_is_unknown(server: RunningServer) -> None:
    answer = server.post(LINE, source="of another tenant")
    assert (answer.status, answer.code) == (401, "key-unknown")


def test_a_key_of_another_source_is_refused(server: RunningServer) -> None:
    answer = server.post(LINE, source="tms", crossdock_source="oms")
    assert (answer.status, answer.code) == (403, "source-not-yours")
    assert "tms" in answer.json["detail"]
    assert "oms" in answer.json["detail"]


# -- what is sent --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", ["text/csv", "application/xml", "", "application/json;v=2", "x" * 5_000])
def test_a_content_type_that_the_source_does_not_send_is_refused_with_those_it_does(
    server: RunningServer, content_type: str
) -> None:
    answer = server.post(LINE, source="carrier/ODFL", content_type=content_type)
    assert (answer.status, answer.code) == (415, "content-type-unknown")
    assert answer.json["accepted"] == ["application/edi-x12", "application/json"]
    assert "application/edi-x12, application/json" in answer.json["detail"]


def test_a_compressed_body_is_refused(server: RunningServer) -> None:
    answer = server.post(b"\x1f\x8b", content_encoding="gzip")
    assert (answer.status, answer.code) == (415, "content-coding-unknown")


def test_an_empty_body_is_refused(server: RunningServer) -> None:
    answer = server.post(b"")
    assert (answer.status, answer.code) == (422, "body-empty")


@pytest.mark.parametrize("name", ["Idempotency-Key", "Message-Id"])
@pytest.mark.parametrize("value", ["x" * 201, "caf\xe9", "", "a\tb"])
def test_an_identity_must_be_short_and_printable(server: RunningServer, name: str, value: str) -> None:
    answer = server.post(LINE, **{name: value})
    assert (answer.status, answer.code) == (422, "message-id-invalid")
    assert name.lower() in answer.json["detail"]


@pytest.mark.parametrize("query", ["validate=perhaps", "valid=true", "validate", "%ff=1", "&".join(["a=1"] * 50)])
def test_a_parameter_that_means_nothing_is_refused(server: RunningServer, query: str) -> None:
    answer = server.post(LINE, path=f"/v1/messages?{query}")
    assert (answer.status, answer.code) == (422, "parameter-invalid")


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(_head(server, "Content-Length: 2000000000"))
        answer = _answer(connection)
    assert (answer.status, answer.code) == (413, "body-too-large")
    assert "crossdock ingest" in answer.json["detail"]


def test_an_endless_body_is_refused_early_and_in_flat_memory(server: RunningServer) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    before_mb = server.memory_mb()
    sent = 0
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(_head(server, "Transfer-Encoding: chunked"))
        connection.setblocking(False)
        answer = b""
        pending = b""
        while not answer and sent < 2_000_000_000:
            pending = pending or chunk
            try:
                count = connection.send(pending)
                sent, pending = sent + count, pending[count:]
            except BlockingIOError:
                time.sleep(0.001)
            try:
                answer = connection.recv(65_536)
            except BlockingIOError:
                continue
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"/problems/body-too-large" in answer
    assert sent < 100_000_000
    assert server.memory_mb() - before_mb < 80


def test_what_is_not_http_is_answered(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"\x16\x03\x01 HELO\r\n\r\n")
        answer = _answer(connection)
    assert (answer.status, answer.code) == (400, "request-malformed")


def test_an_endless_head_is_refused(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: " + b"x" * 70_000)
        answer = _answer(connection)
    assert (answer.status, answer.code) == (431, "head-too-large")


def test_endless_trailers_are_cut_off(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        head = _head(server, "Transfer-Encoding: chunked")
        connection.sendall(head + b"1\r\n{\r\n0\r\nx: " + b"x" * 70_000)
        answer = _answer(connection)
    assert (answer.status, answer.code) == (431, "head-too-large")


def test_a_sender_that_hangs_up_in_the_middle_has_sent_nothing(server: RunningServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(_head(server, "Content-Length: 1000") + LINE)
    assert server.ask("GET", "/healthz").json == {"live": True}


# -- batches -------------------------------------------------------------------------------------------------------


def test_a_batch_is_ndjson(server: RunningServer) -> None:
    answer = server.post(LINE, path="/v1/messages:batch")
    assert (answer.status, answer.code, answer.json["accepted"]) == (
        415,
        "content-type-unknown",
        ["application/x-ndjson"],
    )


def test_the_lines_of_a_batch_have_a_content_type_that_the_source_sends(server: RunningServer) -> None:
    answer = server.batch(LINE, query="?content_type=text/csv")
    assert (answer.status, answer.code) == (415, "content-type-unknown")


def test_a_batch_of_blank_lines_is_empty(server: RunningServer) -> None:
    answer = server.batch(b"", b"  ", b"\r", b"")
    assert (answer.status, answer.code) == (422, "body-empty")


def test_a_batch_has_a_limited_number_of_lines(server: RunningServer) -> None:
    answer = server.batch(*[LINE] * 10_001)
    assert (answer.status, answer.code, answer.json["limit"]) == (413, "too-many-lines", 10_000)
    assert server.batch(*[b""] * 15_000_000).code == "too-many-lines"


def test_a_line_that_is_too_large_is_named_and_its_neighbours_are_not_stored(server: RunningServer) -> None:
    answer = server.batch(LINE, b"", b"x" * 1_000_001, LINE)
    assert (answer.status, answer.code, answer.json["line"]) == (413, "line-too-large", 3)


# -- addresses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1", "/v1/message", "/v1/messages/", "/v1/messages:bat", "/problems/none", "/%00"])
def test_an_address_that_does_not_exist_is_a_problem_too(server: RunningServer, path: str) -> None:
    answer = server.ask("GET", path)
    assert (answer.status, answer.code) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/messages", "POST"),
        ("PUT", "/v1/messages:batch", "POST"),
        ("DELETE", "/healthz", "GET"),
        ("POST", "/v1/status", "GET"),
    ],
)
def test_another_method_is_refused_with_those_that_go(
    server: RunningServer, method: str, path: str, allowed: str
) -> None:
    answer = server.ask(method, path)
    assert (answer.status, answer.code) == (405, "method-not-allowed")
    assert allowed in answer.headers["allow"]


@pytest.mark.parametrize("code", KINDS)
def test_every_problem_has_a_page(server: RunningServer, code: str) -> None:
    described = server.ask("GET", f"/problems/{code}").json
    assert (described["type"], described["status"]) == (f"/problems/{code}", KINDS[code].status)
    assert described["advice"]
    page = server.ask("GET", f"/problems/{code}", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert KINDS[code].title.encode() in page.body


def test_the_list_of_problems_is_whole(server: RunningServer) -> None:
    assert set(server.ask("GET", "/problems").json) == set(KINDS)


# -- validation ----------------------------------------------------------------------------------------------------

INTERCHANGE = (
    b"ISA*00*          *00*          *02*ODFL           *ZZ*SHIPPERHUB     *260302*0700*U*00401*000000001*0*P*>~"
    b"GS*QM*ODFL*SHIPPERHUB*20260302*0700*1*X*004010~ST*214*0001~B10*P1*SH1*ODFL~SE*9*0001~GE*1*1~IEA*1*000000001~"
)

GARBAGE: dict[str, tuple[str, str, bytes]] = {
    "truncated JSON": ("oms", "application/json", b'{"type":"order.created","data":{"order_no":"S'),
    "deep nesting": ("oms", "application/json", b"[" * 100_000),
    "a NUL": ("oms", "application/json", b'{"type":"order.created","data":{"order_no":"SO\x001"}}'),
    "wrong encoding": ("oms", "application/json", '{"type":"order.created","data":{"order_no":"é"}}'.encode("latin-1")),
    "an unknown type": ("oms", "application/json", b'{"type":"order.forgotten","data":{}}'),
    "a list": ("oms", "application/json", b"[1,2]"),
    "truncated X12": ("carrier/ODFL", "application/edi-x12", INTERCHANGE[:150]),
    "a wrong count in X12": ("carrier/ODFL", "application/edi-x12", INTERCHANGE),
    "not X12": ("carrier/ODFL", "application/edi-x12", b"hello"),
    "a wrong header in CSV": ("bank", "text/csv; layout=payments", b"a,b\n1,2\n"),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_validation_says_where_what_is_wrong_and_stores_nothing(server: RunningServer, what: str) -> None:
    source, content_type, body = GARBAGE[what]
    answer = server.post(body, path="/v1/messages?validate=true", source=source, content_type=content_type)
    assert (answer.status, answer.code) == (422, "message-invalid")
    errors: list[dict[str, Any]] = answer.json["errors"]
    assert answer.json["errors_total"] == len(errors) > 0
    for error in errors:
        assert error.keys() == {"position", "rule", "problem", "value"}
        assert error["position"]
        assert "." in error["rule"]
        assert error["problem"]


def test_validation_of_a_batch_names_the_lines(server: RunningServer) -> None:
    answer = server.batch(b'{"type":"x"}', b"", b"{", query="?validate=true")
    assert (answer.status, answer.code) == (422, "message-invalid")
    assert [error["line"] for error in answer.json["errors"]] == [1, 3]


def test_an_event_that_the_source_does_not_own_is_not_valid(server: RunningServer) -> None:
    body = b'{"type":"tender.accepted","time":"2026-03-02T07:00:00Z","data":{"tender_id":"T1","scac":"RDWY"}}'
    answer = server.post(body, path="/v1/messages?validate=true")
    assert (answer.status, answer.code) == (422, "message-invalid")


def _head(server: RunningServer, length: str) -> bytes:
    lines = [
        "POST /v1/messages HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {server.keys['oms']}",
        "Content-Type: application/json",
        length,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _answer(connection: socket.socket) -> Answer:
    connection.settimeout(30)
    response = http.client.HTTPResponse(connection)
    response.begin()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
