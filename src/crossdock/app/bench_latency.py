"""Latency from POST to settled: events sent one a request at a steady rate, whatever the answers do (an open loop).

The client is a process of its own. It notes when it sends each event and what arrival number the answer gives; a
second thread watches the table of events and notes when each number shows. What it measures late by is its own
look-out interval of a few milliseconds.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import uvloop

from crossdock.app.bench_intake import BenchFailed, events_of, request, server_on
from crossdock.app.examples import distributor
from crossdock.app.scratch import scratch
from crossdock.engine import configuration
from crossdock.sandbox.day import generate
from crossdock.settings import Settings
from crossdock.store import arrival, day_end
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

_TENANT: Final = "bench"
_CONNECTIONS: Final = 20
_WARM_UP_SECONDS: Final = 3
_LOOK_OUT_SECONDS: Final = 0.004
_WINDOW_COMMITS: Final = 400
_GIVE_UP_SECONDS: Final = 30.0
_ORDERS_PER_EVENT: Final = 1 / 10


class Latency(NamedTuple):
    """Milliseconds from sending an event to seeing what followed from it."""

    events: int
    p50_ms: float
    p99_ms: float


class _Errand(msgspec.Struct):
    """What the client is told."""

    port: int
    url: str
    tenant: int
    keys: dict[str, str]
    deliveries: str
    rate: int
    seconds: int


def run(settings: Settings, *, rate: int, seconds: int, workers: int) -> Latency:
    """Measure at `rate` events a second for `seconds`. Raises `BenchFailed`."""
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name, scratch(settings, "latency") as url:
        orders = int(rate * (seconds + _WARM_UP_SECONDS) * _ORDERS_PER_EVENT) + 100
        generate(Path(name), orders=orders)
        with connect(url, purpose="bench") as connection:
            tenant = stored.tenant_id(connection, _TENANT)
            folder = configuration.read_folder(distributor()).without_connections()
            keys = configuration.apply(connection, tenant, folder)
        with server_on(url, workers=workers) as port:
            errand = _Errand(port, url, tenant, keys, str(Path(name) / "deliveries.ndjson"), rate, seconds)
            program = [sys.executable, "-P", "-m", "crossdock.app.bench_latency"]
            done = subprocess.run(  # noqa: S603  # our own program
                program, input=msgspec.json.encode(errand), stdout=subprocess.PIPE, check=False
            )
    if done.returncode:
        raise BenchFailed("the client failed; what it said stands above")
    return msgspec.json.decode(done.stdout, type=Latency)


# -- the side that sends -----------------------------------------------------------------------------------------


class _LookOut(threading.Thread):
    """Notes when each arrival number shows in the table of events."""

    def __init__(self, errand: _Errand) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, float] = {}
        self._errand = errand
        self._enough = threading.Event()

    def run(self) -> None:
        with connect(self._errand.url, purpose="bench look-out", tenant=self._errand.tenant) as connection:
            while not self._enough.wait(_LOOK_OUT_SECONDS):
                after = max(self.seen, default=0) - (_WINDOW_COMMITS << arrival.PLACE_BITS)
                now_shown = day_end.arrivals_settled(connection, self._errand.tenant, after)
                now = time.perf_counter()
                for number in now_shown:
                    self.seen.setdefault(number, now)

    def end(self) -> None:
        """Look no more."""
        self._enough.set()
        self.join()


async def _measure(errand: _Errand) -> Latency:
    wanted = errand.rate * (errand.seconds + _WARM_UP_SECONDS)
    requests = [
        request("/v1/messages", errand.keys[source], "application/json", raw)
        for source, raw in events_of(Path(errand.deliveries))[:wanted]
    ]
    look_out = _LookOut(errand)
    look_out.start()
    sent: dict[int, float] = {}
    streams = [await asyncio.open_connection("127.0.0.1", errand.port) for _ in range(_CONNECTIONS)]
    queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    senders = [asyncio.create_task(_send(queue, *stream, sent)) for stream in streams]
    started = time.perf_counter()
    for number, one in enumerate(requests):
        due = started + number / errand.rate
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        queue.put_nowait((due, one))
    for _ in senders:
        queue.put_nowait(None)
    await asyncio.gather(*senders)
    begun = started + _WARM_UP_SECONDS
    measured = {number: at for number, at in sent.items() if at >= begun}
    give_up_at = time.perf_counter() + _GIVE_UP_SECONDS
    while not measured.keys() <= look_out.seen.keys() and time.perf_counter() < give_up_at:  # noqa: ASYNC110
        await asyncio.sleep(_LOOK_OUT_SECONDS)
    look_out.end()
    missing = measured.keys() - look_out.seen.keys()
    if missing:
        raise BenchFailed(f"{len(missing)} of {len(measured)} events did not settle within {_GIVE_UP_SECONDS:.0f} s")
    took = sorted(look_out.seen[number] - at for number, at in measured.items())
    return Latency(len(took), 1000 * took[len(took) // 2], 1000 * took[len(took) * 99 // 100])


async def _send(
    queue: asyncio.Queue[tuple[float, bytes] | None],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sent: dict[int, float],
) -> None:
    """Send what is due on one connection. The clock of an event starts when it was due, not when there was room."""
    while (job := await queue.get()) is not None:
        due, one = job
        writer.write(one)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        answer: dict[str, Any] = msgspec.json.decode(await reader.readexactly(length))
        number = arrival.parse(str(answer.get("message")))
        if number is None:
            raise BenchFailed(f"the server answered {answer}")
        if answer["status"] == "new":
            sent[number] = due
    writer.close()


def _main() -> None:
    errand = msgspec.json.decode(sys.stdin.buffer.read(), type=_Errand)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(_measure(errand))))


if __name__ == "__main__":
    _main()
