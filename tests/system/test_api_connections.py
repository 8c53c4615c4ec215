import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from crossdock.api.connections import Protocol, Server


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        body, more = body + message["body"], message["more_body"]
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server that waits half a second for whoever is silent."""
    config = uvicorn.Config(echo, http=Protocol, ws="none", lifespan="off", log_config=None)
    server = Server(config, silence_seconds=0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join(30)


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        yield connection


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"PO",
        HEAD,
        HEAD + b"Content-Length: 10\r\n\r\n",
        HEAD + b"Content-Length: 10\r\n\r\n12345",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n123",
    ],
    ids=["nothing", "a piece of a line", "half a head", "no body", "half a body", "half a chunk"],
)
def test_a_sender_that_falls_silent_is_let_go(connection: socket.socket, begun: bytes) -> None:
    connection.sendall(begun)
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert answer.status == 408
    assert b"/problems/body-too-slow" in answer.read()
    assert connection.recv(1) == b""


def test_a_sender_that_falls_silent_in_a_later_request_is_let_go_too(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 2\r\n\r\nab")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert (answer.status, answer.read()) == (200, b"ab")
    connection.sendall(b"POST")
    late = http.client.HTTPResponse(connection)
    late.begin()
    assert late.status == 408


def test_a_slow_but_steady_sender_is_heard_out(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 30\r\n\r\n")
    for _ in range(30):
        time.sleep(0.1)
        connection.sendall(b"x")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert (answer.status, answer.read()) == (200, b"x" * 30)


def test_a_body_in_chunks_of_a_byte_is_no_abuse(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 50_000 + b"0\r\n\r\n")
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert len(answer.read()) == 50_000


def test_idle_connections_between_requests_are_kept(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/", b"one")
        assert connection.getresponse().read() == b"one"
        first = connection.sock.getsockname()
        time.sleep(2.5)
        connection.request("POST", "/", b"two")
        assert connection.getresponse().read() == b"two"
        assert connection.sock.getsockname() == first


@pytest.mark.parametrize("name", [b"Upgrade", b"UPGRADE"])
def test_a_wish_for_http_2_costs_no_body(connection: socket.socket, name: bytes) -> None:
    body = b"\r\nUpgrade: a body"
    wish = b"Connection: Upgrade, HTTP2-Settings\r\n%s: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n" % name
    connection.sendall(HEAD + wish + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    assert (answer.status, answer.read()) == (200, body)
