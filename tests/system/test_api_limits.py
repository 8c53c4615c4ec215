import asyncio
import io
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import pytest
from tests.running_server import Answer, RunningServer, configure, running_server


def fresh() -> bytes:
    return b'{"note":"%s"}' % secrets.token_hex(8).encode()


@contextmanager
def serving(url: str, *options: str) -> Iterator[RunningServer]:
    with running_server(url, configure(url), *options) as server:
        yield server


def test_a_source_that_sends_too_fast_is_told_when_to_come_back(database_url: str) -> None:
    with serving(database_url, "--messages-per-second", "5") as server:
        answers = [server.post(fresh()) for _ in range(30)]
        refused = [answer for answer in answers if answer.status != 202]
        assert refused
        assert server.messages() == len(answers) - len(refused)
        assert {(answer.status, answer.code) for answer in refused} == {(429, "rate-exceeded")}
        assert refused[0].headers["ratelimit-policy"] == '"messages";q=5;w=1'
        assert refused[0].headers["ratelimit"] == '"messages";r=0;t=1'
        assert server.post(fresh(), source="tms").status == 202, "another source pays for it"
        time.sleep(int(refused[-1].headers["retry-after"]))
        assert server.post(fresh()).status == 202


def test_a_batch_larger_than_a_second_holds_is_taken_and_paid_for(database_url: str) -> None:
    with serving(database_url, "--messages-per-second", "10") as server:
        assert server.batch(*[fresh() for _ in range(100)]).json["new"] == 100
        refused = server.batch(fresh())
        assert (refused.status, refused.code) == (429, "rate-exceeded")
        assert 5 <= int(refused.headers["retry-after"]) <= 9


def test_nothing_is_taken_in_while_too_much_waits_to_be_settled(database_url: str) -> None:
    with serving(database_url, "--backlog", "5") as server:
        assert server.batch(*[fresh() for _ in range(5)]).status == 202
        refused = _until(server, 503)
        assert refused.code == "backlog-full"
        assert int(refused.headers["retry-after"]) > 0
        batch = server.batch(fresh())
        assert (batch.status, batch.code) == (503, "backlog-full")
        ready = server.ask("GET", "/readyz")
        assert (ready.status, ready.code) == (503, "not-ready")
        assert ready.json["checks"]["intake"] == "backlog-full"
        assert ready.json["checks"]["backlog"] >= 5
        server.rows("delete from inbox returning arrival")
        assert _until(server, 202).json["status"] == "new"


def test_many_large_bodies_at_once_are_taken_in_one_after_the_other(database_url: str) -> None:
    padding = secrets.token_bytes(5_000_000).hex().encode()

    async def send(server: RunningServer) -> list[int]:
        headers = server.sender("oms") | {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(server.address, headers=headers) as session:

            async def one(number: int) -> int:
                async with session.post("/v1/messages", data=io.BytesIO(b"%d" % number + padding)) as answer:
                    return answer.status

            return await asyncio.gather(*(one(number) for number in range(16)))

    with serving(database_url) as server:
        before_mb = server.memory_mb()
        assert asyncio.run(send(server)) == [202] * 16
        assert server.memory_mb() - before_mb < 150
        assert server.messages() == 16


@pytest.mark.parametrize(("variable", "refused"), [("CROSSDOCK_MESSAGES_PER_SECOND", 429), ("CROSSDOCK_BACKLOG", 503)])
def test_limits_may_come_from_the_environment(database_url: str, variable: str, refused: int) -> None:
    with running_server(database_url, configure(database_url), environment={variable: "1"}) as server:
        assert _until(server, refused)


def _until(server: RunningServer, status: int) -> Answer:
    give_up_at = time.monotonic() + 20
    while (answer := server.post(fresh())).status != status:
        assert time.monotonic() < give_up_at, answer
    return answer
