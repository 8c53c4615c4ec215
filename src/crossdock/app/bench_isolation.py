"""`crossdock bench isolation`: what one sick system costs the others, in alternating windows of one run.

An ERP that is well and a warehouse system get commands at a steady rate. In every second window the warehouse system
is sick: it answers in 5 s, or not at all. What counts is how long the ERP's commands take, from being wanted until
their outcome is known; and the longest transaction of whoever delivers, since a worker that waited for the sick system
would hold one.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from crossdock.app.bench_deliver import AT, environment, goods_issued
from crossdock.app.examples import distributor
from crossdock.app.scratch import scratch
from crossdock.app.workers import Workers
from crossdock.engine import configuration
from crossdock.engine.configuration import Folder
from crossdock.kit.connection import Configured, Limits, Retry
from crossdock.sandbox.systems.fleet import Fleet
from crossdock.settings import Settings
from crossdock.store import bench_isolation as store
from crossdock.store import configuration as stored
from crossdock.store.connect import connect
from crossdock.store.intake import Incoming, digest, receive

WINDOWS: Final = 5
_SICK: Final[dict[str, dict[str, Any]]] = {
    "slow": {"latency_ms": 5_000},
    "silent": {"hang": 1.0},
}
_WELL: Final = "wms/DC01"
_STEP_SECONDS: Final = 0.1
_LOOK_SECONDS: Final = 0.01
_PATIENCE_SECONDS: Final = 60.0
_SHARE_MAX: Final = 1.2
_MORE_MS_MAX: Final = 10.0
_NEARLY_ALL: Final = 0.95
_TIMEOUT_SECONDS: Final = {"erp": 5.0, "wms-a": 6.0}


class Window(NamedTuple):
    """Of one window: the 95th percentile of the well system's deliveries, and the longest transaction of deliverers."""

    p95_ms: float
    longest_ms: float


def run(settings: Settings, *, per_second: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Both kinds of sickness, each in five windows that alternate with five in which all is well."""
    with (
        tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name,
        Fleet(Path(name), names=("erp", "wms-a"), speed=60) as fleet,
        scratch(settings, "isolation") as url,
        connect(url, purpose="bench") as connection,
    ):
        fleet.control("erp", rules={"async_numbers": False})
        folder = _two(configuration.read_folder(distributor()))
        tenant = stored.tenant_id(connection, "main")
        configuration.apply(connection, tenant, folder)
        connected = [one.connection for one in folder.connections.values()]
        with (
            environment(fleet, folder.connections),
            Workers(url, "main", 1),
            Workers(url, "main", 1, program="deliverer"),
        ):
            bench = _Bench(connection, url, tenant, fleet, per_second)
            say(f"{len(connected)} systems, {per_second} commands a second for each.")
            bench.window(seconds)  # caches are cold
            found: dict[str, Any] = {}
            for kind, faults in _SICK.items():
                found |= bench.compare(kind, faults, seconds, say)
        found["is_isolated"] = all(found[f"{kind}_is_isolated"] for kind in _SICK)
    return found


class _Bench:
    def __init__(self, connection: psycopg.Connection, url: str, tenant: int, fleet: Fleet, per_second: int) -> None:
        self._connection = connection
        self._url = url
        self._tenant = tenant
        self._fleet = fleet
        self._each = max(1, round(per_second * _STEP_SECONDS))
        self._number = 0
        loaded = configuration.load(connection, tenant)
        sources = {name: loaded.named(name) for name in (_WELL, "oms")}
        self._sources = {name: one.id for name, one in sources.items() if one is not None}

    def compare(self, kind: str, faults: dict[str, Any], seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
        """Windows that alternate; medians of both sorts."""
        well, sick = [], []
        for number in range(WINDOWS):
            well.append(self.window(seconds))
            self._fleet.control("wms-a", **faults)
            sick.append(self.window(seconds))
            self._fleet.control("wms-a", faults=None)
            self._drained()
            say(f"{kind} {number + 1}: p95 {well[-1].p95_ms:.0f} ms well, {sick[-1].p95_ms:.0f} ms beside it")
        before, after = (median(one.p95_ms for one in some) for some in (well, sick))
        return {
            f"{kind}_well_p95_ms": round(before, 1),
            f"{kind}_beside_p95_ms": round(after, 1),
            f"{kind}_ratio": round(after / before, 3),
            f"{kind}_well_longest_transaction_ms": round(median(one.longest_ms for one in well), 1),
            f"{kind}_longest_transaction_ms": round(median(one.longest_ms for one in sick), 1),
            f"{kind}_is_isolated": after <= max(before * _SHARE_MAX, before + _MORE_MS_MAX),
        }

    def window(self, seconds: float) -> Window:
        """Commands for both systems at a steady rate; how the well one fared."""
        since = store.now(self._connection)
        with _watched(self._url) as longest:
            until = time.monotonic() + seconds
            due = time.monotonic()
            while due < until:
                self._tell()
                due += _STEP_SECONDS
                time.sleep(max(0.0, due - time.monotonic()))
            self._erp_done()
        took = sorted(store.took_ms(self._connection, self._tenant, "erp", since))
        return Window(took[int(len(took) * _NEARLY_ALL)], max(longest))

    def _tell(self) -> None:
        """Some goods issues that the ERP is to post, and as many orders that the warehouse is to pick."""
        incoming = []
        for _ in range(self._each):
            self._number += 1
            for source, body in ((_WELL, goods_issued(self._number)), ("oms", _ordered(self._number))):
                content = digest(body)
                incoming.append(Incoming(self._sources[source], content, content, "application/json", body))
        receive(self._connection, self._tenant, incoming)

    def _erp_done(self) -> None:
        self._await(lambda: store.applied(self._connection, self._tenant, "erp") == self._number)

    def _drained(self) -> None:
        self._await(lambda: store.waiting(self._connection, self._tenant) == 0)

    def _await(self, done: Callable[[], bool]) -> None:
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while not done():
            if time.monotonic() > give_up_at:
                raise TimeoutError("the commands do not come to an end")
            time.sleep(_LOOK_SECONDS)


@contextmanager
def _watched(url: str) -> Iterator[list[float]]:
    """The longest transaction of deliverers, looked for all the time; whole when it is left."""
    longest, stop = [0.0], threading.Event()

    def watch() -> None:
        with connect(url, purpose="watch") as connection:
            while not stop.wait(_LOOK_SECONDS):
                longest.append(store.longest_transaction_ms(connection))

    watching = threading.Thread(target=watch, name="watch")
    watching.start()
    try:
        yield longest
    finally:
        stop.set()
        watching.join()


def _two(folder: Folder) -> Folder:
    """The example with the ERP and one warehouse system, which is given its time before it is given up."""
    replace = msgspec.structs.replace
    connections = {}
    for name, timeout_seconds in _TIMEOUT_SECONDS.items():
        one = folder.connections[name]
        limits = Limits(per_second=1e3, burst=1_000, concurrency=16, timeout_seconds=timeout_seconds)
        retry = Retry(first_seconds=0.2, longest_seconds=1.0)
        breaker = replace(one.connection.breaker, wait_seconds=1.0, longest_wait_seconds=2.0)
        connection = replace(one.connection, limits=limits, retry=retry, breaker=breaker)
        connections[name] = Configured(connection=connection, manifest=one.manifest)
    return folder._replace(connections=connections)


def _ordered(number: int) -> bytes:
    ship_to = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}
    line = {"line": 1, "sku": "BRG-001", "qty": 1 + number % 9, "uom": "EA", "unit_price": "10.00"}
    data = {"order_no": f"W-{number}", "customer_no": "C1", "warehouse": "DC01", "currency": "USD", "ship_to": ship_to,
            "requested_date": "2026-03-05", "freight_charge": "0.00", "lines": [line]}  # fmt: skip
    return msgspec.json.encode(
        {"id": f"o{number}", "source": "oms", "type": "order.created", "specversion": "1.0", "time": AT, "data": data}
    )
