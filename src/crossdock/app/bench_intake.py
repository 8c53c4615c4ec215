"""How fast intake is: events sent one a request by 20 senders, and 500 a request by 4, each answered when durable.

The server is `crossdock serve --workers 0`, on a database of its own; the client is a process of its own, on the same
machine; the events are the JSON messages of a generated day, each sent once.
"""

from __future__ import annotations

import asyncio
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import msgspec
import uvloop

from crossdock import settings
from crossdock.app.examples import distributor
from crossdock.app.scratch import scratch
from crossdock.engine import configuration
from crossdock.sandbox.day import generate
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

ORDERS: Final = 14_000
TENANT: Final = "bench"
CONNECTIONS: Final = 20
BULK_CONNECTIONS: Final = 4
LINES_PER_BATCH: Final = 500
# Of all events: sent before the clock starts, one a request, and the rest in batches.
_WARM_UP_SHARE: Final = 0.03
_SINGLE_SHARE: Final = 0.37
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n")


class BenchFailed(RuntimeError):
    """The figures cannot be had; the message says what the server answered instead."""


class _Delivery(msgspec.Struct):
    """What we need of a line of deliveries.ndjson."""

    source: str
    format: str
    raw: str


class _Errand(msgspec.Struct):
    """What the client is told: where, with which keys, and which deliveries."""

    port: int
    keys: dict[str, str]
    deliveries: str


# -- the side that measures ---------------------------------------------------------------------------------------


def run(orders: int = ORDERS, *, json: bool = False) -> dict[str, float]:
    """Measure with the events of a day of so many orders: 14,000 give 54,000 single events and 88,000 in batches.

    Says on stderr what it is at, unless `json`. Raises `BenchFailed`.
    """
    say = _quiet if json else _to_stderr
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name:
        folder = Path(name)
        say(f"making a day of {orders:,} orders")
        generate(folder, orders=orders)
        with scratch(settings.load(), "bench") as url:
            with connect(url, purpose="bench") as connection:
                tenant = stored.tenant_id(connection, TENANT)
                example = configuration.read_folder(distributor()).without_connections()
                keys = configuration.apply(connection, tenant, example)
            with server_on(url, workers=0) as port:
                say(f"sending from {CONNECTIONS} connections, then {LINES_PER_BATCH} a request from {BULK_CONNECTIONS}")
                figures = _client(_Errand(port, keys, str(folder / "deliveries.ndjson")))
    say(
        f"{figures['events_per_s']:,.0f} events/s, p50 {figures['p50_ms']:.1f} ms, p99 {figures['p99_ms']:.1f} ms; "
        f"in batches {figures['bulk_events_per_s']:,.0f} events/s"
    )
    return figures


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _quiet(_: str) -> None:
    """For a program, that reads the figures alone."""


@contextmanager
def server_on(url: str, *, workers: int) -> Iterator[int]:
    """The port of a server of the tenant `bench` on the database at `url`. Raises `BenchFailed`."""
    program = [sys.executable, "-P", "-m", "crossdock", "serve", "--workers", str(workers), "--port", "0", "--json"]
    environment = os.environ | {"CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_TENANT": TENANT}
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE) as server:  # noqa: S603  # our own program
        try:
            assert server.stdout is not None  # noqa: S101  # it is a pipe
            line = server.stdout.readline()
            if not line:
                raise BenchFailed("the server did not start; what it said stands above")
            yield int(msgspec.json.decode(line)["address"].rpartition(":")[2])
        finally:
            server.terminate()


def _client(errand: _Errand) -> dict[str, float]:
    program = [sys.executable, "-P", "-m", "crossdock.app.bench_intake"]
    # The keys go through the pipe: everybody on the machine may read a command line.
    done = subprocess.run(program, input=msgspec.json.encode(errand), stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise BenchFailed("the client failed; what it said stands above")
    figures: dict[str, float] = msgspec.json.decode(done.stdout)
    return figures


# -- the side that sends ------------------------------------------------------------------------------------------


class _Sender(asyncio.Protocol):
    """A keep-alive connection that sends one request after the other, each when the one before is answered."""

    def __init__(self, requests: Iterator[bytes], took: list[float], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._took = took
        self._done = done
        self._sent_at = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, blank, body = self._answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if blank else None
        if length is None or len(body) < int(length[1]):
            return
        if not head.startswith((b"HTTP/1.1 202", b"HTTP/1.1 200")):
            self._fail(self._answer[:500].decode("utf-8", "replace"))
            return
        self._took.append(time.perf_counter() - self._sent_at)
        self._answer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(f"the connection was lost: {exc}")

    def _fail(self, why: str) -> None:
        if not self._done.done():
            self._done.set_exception(BenchFailed(why))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def _send(port: int, requests: Sequence[bytes], connections: int) -> tuple[float, list[float]]:
    """How long it took in all, and each request, in seconds."""
    loop = asyncio.get_running_loop()
    queue, took = iter(requests), list[float]()
    done = [loop.create_future() for _ in range(connections)]
    started = time.perf_counter()
    for future in done:
        await loop.create_connection(lambda future=future: _Sender(queue, took, future), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*done)
    return time.perf_counter() - started, took


async def _measure(errand: _Errand) -> dict[str, float]:
    events = events_of(Path(errand.deliveries))
    warm_up = math.ceil(len(events) * _WARM_UP_SHARE)
    bulk_from = warm_up + math.ceil(len(events) * _SINGLE_SHARE)
    singles = [request("/v1/messages", errand.keys[who], "application/json", raw) for who, raw in events[:bulk_from]]
    batches = _batches(events[bulk_from:], errand.keys)
    await _send(errand.port, singles[:warm_up], CONNECTIONS)
    seconds, took = await _send(errand.port, singles[warm_up:], CONNECTIONS)
    bulk_seconds, _ = await _send(errand.port, batches, BULK_CONNECTIONS)
    took.sort()
    return {
        "events_per_s": round(len(took) / seconds, 1),
        "p50_ms": round(1000 * took[len(took) // 2], 2),
        "p99_ms": round(1000 * took[len(took) * 99 // 100], 2),
        "bulk_events_per_s": round((len(events) - bulk_from) / bulk_seconds, 1),
        "events": len(took),
        "bulk_events": len(events) - bulk_from,
    }


def events_of(deliveries: Path) -> list[tuple[str, bytes]]:
    """The source and the bytes of each JSON message, once each."""
    decoder = msgspec.json.Decoder(_Delivery)
    with deliveries.open("rb") as file:
        day = (decoder.decode(line) for line in file)
        return list(dict.fromkeys((one.source, one.raw.encode()) for one in day if one.format == "json"))


def _batches(events: Sequence[tuple[str, bytes]], keys: dict[str, str]) -> list[bytes]:
    """Requests of 500 lines, as a batch comes from one source; what is left of a source is a smaller one."""
    waiting: defaultdict[str, list[bytes]] = defaultdict(list)
    requests = []
    for source, raw in events:
        lines = waiting[source]
        lines.append(raw)
        if len(lines) == LINES_PER_BATCH:
            requests.append(_batch(keys[source], lines))
            lines.clear()
    return requests + [_batch(keys[source], lines) for source, lines in waiting.items() if lines]


def _batch(key: str, lines: list[bytes]) -> bytes:
    return request("/v1/messages:batch", key, "application/x-ndjson", b"\n".join(lines))


def request(path: str, key: str, content_type: str, body: bytes) -> bytes:
    """A whole POST, as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
        f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _main() -> None:
    errand = msgspec.json.decode(sys.stdin.buffer.read(), type=_Errand)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(_measure(errand))))


if __name__ == "__main__":
    _main()
