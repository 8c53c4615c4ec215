"""`crossdock bench settle`: how fast a day goes the whole way, beside what the database itself could do."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from crossdock.app import bench_latency, day, measuring
from crossdock.app.examples import distributor
from crossdock.app.scratch import scratch
from crossdock.sandbox.day import compare, generate
from crossdock.settings import Settings
from crossdock.store.connect import connect
from crossdock.store.intake import digest
from crossdock.store.raw_limit import insert_raw

_RAW_BATCH: Final = 500
_LATENCY_EVENTS_PER_SECOND: Final = 1_000


class WrongBooks(AssertionError):
    """The day came out wrong: its speed is worth nothing."""


def run(
    settings: Settings,
    *,
    orders: int,
    workers: int,
    preload: int,
    latency_seconds: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """One measurement: throughput of a day of `orders`, the raw limit, and latency from POST to settled.

    `preload` settles a day of so many other orders in the same database first. Everything is durable (fsync on).
    """
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as name, scratch(settings, "bench") as url:
        folder = Path(name)
        if preload:
            say(f"Loading {preload:,} other orders first.")
            generate(folder / "before", seed=7, orders=preload)
            day.run(folder / "before", url, config=distributor(), workers=workers, tenant_name="before")
        say(f"Making a day of {orders:,} orders.")
        oracle = generate(folder / "day", orders=orders)
        say("Settling it.")
        with connect(url, purpose="bench") as connection:
            own, server = measuring.own_cpu_seconds(), measuring.server_cpu_seconds(connection)
            report = day.run(folder / "day", url, config=distributor(), workers=workers)
            own, spent = measuring.own_cpu_seconds() - own, measuring.server_cpu_seconds(connection)
        differences = compare(oracle, report.result)
        if differences:
            raise WrongBooks("; ".join(differences[:3]))
        say("Measuring the raw limit.")
        raw = _raw_limit(settings, folder / "day", report.events)
        say(f"Measuring latency at {_LATENCY_EVENTS_PER_SECOND:,} events a second.")
        latency = bench_latency.run(settings, rate=_LATENCY_EVENTS_PER_SECOND, seconds=latency_seconds, workers=workers)
    speed = report.events / report.seconds
    cpu = own + (spent - server if spent is not None and server is not None else 0.0)
    return {
        "events_per_s": round(speed),
        "raw_limit_events_per_s": round(raw),
        "ratio": round(speed / raw, 3),
        "cpu_us_per_event": round(cpu / report.events * 1e6, 1),
        "peak_rss_mb": round(measuring.peak_memory_mb(), 1),
        "p50_ms": round(latency.p50_ms, 1),
        "p99_ms": round(latency.p99_ms, 1),
    }


def _raw_limit(settings: Settings, folder: Path, events: int) -> float:
    """Events a second when the same messages are only inserted, with deduplication, into one table."""
    with scratch(settings, "raw") as url, connect(url, purpose="raw limit") as connection:
        started = time.perf_counter()
        insert_raw(connection, _raw_batches(folder / "deliveries.ndjson"))
        return events / (time.perf_counter() - started)


def _raw_batches(path: Path) -> Iterator[list[tuple[bytes, bytes]]]:
    decoder = msgspec.json.Decoder(day.Delivery)
    batch = []
    with path.open("rb") as file:
        for line in file:
            body = decoder.decode(line).raw.encode()
            batch.append((digest(body), body))
            if len(batch) == _RAW_BATCH:
                yield batch
                batch = []
    if batch:
        yield batch
