"""What was acknowledged is stored, whatever is killed; what cannot be stored is refused, not left hanging."""

import asyncio
import secrets
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import aiohttp
import psycopg
from tests.running_server import RunningServer, configure, running_server, terminate_backend

from crossdock.store import arrival

CONNECTIONS = 20


class Sent(NamedTuple):
    """What senders were told: the arrival of each acknowledged body, and how often each other thing was said."""

    acknowledged: dict[str, bytes]
    refused: Counter[int]


def send_until(server: RunningServer, happened: Callable[[Sent], bool], trouble: Callable[[], object]) -> Sent:
    """Send fresh messages from 20 connections; after the 200th answer make trouble, once; go on until it happened."""
    sent = Sent({}, Counter())
    made = False

    async def sender(session: aiohttp.ClientSession) -> None:
        nonlocal made
        while not happened(sent):
            body = secrets.token_hex(300).encode()
            try:
                async with session.post("/v1/messages", data=body) as answer:
                    if answer.status == 202:
                        sent.acknowledged[(await answer.json())["message"]] = body
                    else:
                        assert answer.headers["Content-Type"] == "application/problem+json"
                        assert int(answer.headers["Retry-After"]) > 0
                        sent.refused[answer.status] += 1
            except aiohttp.ClientError:
                sent.refused[0] += 1
                await asyncio.sleep(0.01)
            if len(sent.acknowledged) > 200 and not made:
                made = True
                await asyncio.to_thread(trouble)

    async def send() -> None:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        headers = server.sender("oms") | {"Content-Type": "application/json"}
        async with (
            asyncio.timeout(60),
            aiohttp.ClientSession(server.address, connector=connector, headers=headers) as session,
        ):
            await asyncio.gather(*(sender(session) for _ in range(CONNECTIONS)))

    asyncio.run(send())
    return sent


def make_commits_slow(url: str) -> None:
    """Let each commit of the committer take 50 ms more, so that trouble meets it in the middle."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "create function linger() returns trigger language plpgsql as"
            " $$ begin perform pg_sleep(0.05); return null; end $$"
        )
        connection.execute(
            "create constraint trigger linger after insert on inbox deferrable initially deferred"
            " for each row execute function linger()"
        )


def assert_all_are_stored(server: RunningServer, sent: Sent) -> None:
    stored = {arrival.text(number): bytes(body) for number, body in server.rows("select arrival, body from message")}
    lost = sent.acknowledged.keys() - stored.keys()
    assert not lost, f"{len(lost)} of {len(sent.acknowledged)} acknowledged messages are lost"
    assert sent.acknowledged.items() <= stored.items()


def test_a_server_that_is_killed_loses_nothing_it_acknowledged(database_url: str) -> None:
    keys = configure(database_url)
    make_commits_slow(database_url)
    for _ in range(3):
        with running_server(database_url, keys) as server:
            sent = send_until(server, lambda sent: sent.refused[0] > 0, server.process.kill)
            assert len(sent.acknowledged) > 200
        assert_all_are_stored(server, sent)


def test_a_server_that_is_stopped_answers_what_it_has_begun(database_url: str) -> None:
    with running_server(database_url, configure(database_url)) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            head = f"POST /v1/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.keys['oms']}\r\n"
            connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 12\r\n\r\n".encode())
            connection.sendall(b'{"begun":')
            server.ask("GET", "/healthz")
            server.process.send_signal(signal.SIGTERM)
            _until(lambda: not _listens(server.port))
            connection.sendall(b"11}")
            answer = b""
            while chunk := connection.recv(65_536):
                answer += chunk
        assert answer.startswith(b"HTTP/1.1 202 ")
        assert server.process.wait(30) == 0
        assert server.rows("select body from message") == [(b'{"begun":11}',)]


def test_a_lost_connection_to_the_database_is_a_503_and_then_it_goes_on(database_url: str) -> None:
    with running_server(database_url, configure(database_url)) as server:
        make_commits_slow(database_url)
        for _ in range(3):
            sent = send_until(
                server,
                lambda sent: len(sent.acknowledged) > 300,
                lambda: terminate_backend(database_url, "intake"),
            )
            assert sent.refused.keys() == {503}
            assert_all_are_stored(server, sent)


def test_while_the_database_cannot_be_reached_senders_are_told_so(database_url: str, cluster_url: str) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]
    with (
        running_server(database_url, configure(database_url)) as server,
        psycopg.connect(cluster_url, autocommit=True) as operator,
    ):
        assert server.post(b"before").status == 202
        operator.execute(f'alter database "{name}" with allow_connections false'.encode())
        operator.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        refused = [server.post(b"while it is away", source=source) for source in ("oms", "oms", "erp")]
        assert {(answer.status, answer.code) for answer in refused} == {(503, "database-unreachable")}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert all(name not in answer.body.decode() for answer in refused), "it says more than a sender should know"
        for path in ("/readyz", "/v1/status"):
            assert server.ask("GET", path, headers=server.sender("oms")).status == 503
        assert server.ask("GET", "/healthz").status == 200
        operator.execute(f'alter database "{name}" with allow_connections true'.encode())
        _until(lambda: server.post(b"after").status == 202)
        assert server.rows("select body from message order by arrival") == [(b"before",), (b"after",)]


def test_a_fault_of_ours_is_a_500_that_tells_no_secrets_and_harms_no_neighbour(database_url: str) -> None:
    with running_server(database_url, configure(database_url)) as server:
        with psycopg.connect(database_url) as connection:
            connection.execute(
                "create function refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'a secret of the table'; end $$"
            )
            connection.execute(
                "create trigger refuse before insert on message for each row"
                " when (new.body = 'poison') execute function refuse()"
            )
        with ThreadPoolExecutor(20) as senders:
            bodies = [b"poison" if number % 10 == 5 else b"%d" % number for number in range(100)]
            answers = list(senders.map(server.post, bodies))
        for body, answer in zip(bodies, answers, strict=True):
            if body == b"poison":
                assert (answer.status, answer.code) == (500, "internal")
                assert b"secret" not in answer.body
                assert b"Traceback" not in answer.body
            else:
                assert answer.status == 202
        assert server.messages() == 90


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(true: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
