"""A whole day of a distributor, from bytes to books: master data and deliveries in, the end-of-day state out.

The day goes the way everything goes: `receive` at the door, settle workers in processes of their own. Only the clock
is the day's: it stands still until everything is settled, then it moves to the end of the day, and deadlines fire.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from crossdock.app.workers import Workers
from crossdock.clock import FixedClock
from crossdock.engine import configuration
from crossdock.engine.configuration import Configuration
from crossdock.engine.settle import Settler
from crossdock.ledger import accounts
from crossdock.model.time import instant
from crossdock.store import configuration as stored
from crossdock.store import day_end
from crossdock.store.connect import connect, pin_plans
from crossdock.store.intake import Incoming, digest, position, receive

MASTER_SOURCE: Final = "master-data"
MASTER_FILES: Final = ("initial_stock", "rates", "customers")
_ARTICLES: Final = "items"
STANDING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLOSE_AFTER: Final = timedelta(hours=6)
_BATCH_BYTES: Final = 4_000_000


class DayError(ValueError):
    """A day cannot be taken in as it lies there, or nobody can settle it; the message says what is missing or wrong."""


class Delivery(msgspec.Struct):
    """One line of `deliveries.ndjson`: the exact bytes a sender sent."""

    source: str
    content_type: str
    raw: str


class Progress(NamedTuple):
    """How far a day has come: messages taken in, and the bytes of the file they came from."""

    messages: int
    done_bytes: int
    total_bytes: int


class Report(NamedTuple):
    """How a day went. `seconds` from the first message sent to the last effect durable."""

    messages: int
    events: int
    seconds: float
    restarts: int
    entries: int
    unbalanced: list[str]
    result: dict[str, Any]

    def summary(self) -> dict[str, Any]:
        """The day in a few figures; money in minor units."""
        orders = self.result["orders"].values()
        return {
            "messages": self.messages,
            "events": self.events,
            "seconds": round(self.seconds, 3),
            "events_per_s": round(self.events / max(self.seconds, 1e-9), 1),
            "restarts": self.restarts,
            "duplicates_dropped": self.result["duplicates_dropped"],
            "malformed_exceptions": self.result["malformed_exceptions"],
            "orders": dict(Counter(order["status"] for order in orders).most_common()),
            "exceptions": dict(Counter(item.partition(" ")[0] for item in self.result["exceptions"]).most_common()),
            "money_minor": {
                name: sum(order[name] for order in orders)
                for name in ("invoiced", "paid", "freight_accrued", "freight_posted")
            },
            "ledger_entries": self.entries,
            "unbalanced": self.unbalanced,
        }


_DELIVERY: Final = msgspec.json.Decoder(Delivery)


def run(  # noqa: PLR0913  # every one but two has a default
    folder: Path,
    url: str,
    *,
    config: Path,
    workers: int = 2,
    batch: int = 500,
    shuffle: int | None = None,
    repeat: int = 1,
    tenant_name: str = "main",
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """Take in and settle a day in the database at `url` (its schema at the head), and close it.

    `shuffle` is the seed of another order of arrival; `repeat` sends every message so many times. Run again on the
    same database it resumes where it was killed. Raises `DayError` and `ConfigurationError`.
    """
    _check(folder)
    with connect(url, purpose="day") as connection:
        tenant = stored.tenant_id(connection, tenant_name)
        configuration.apply(connection, tenant, configuration.read_folder(config).without_connections())
        loaded = configuration.load(connection, tenant)
        sources = {source.name: source.id for source in loaded.sources.values()}
        pin_plans(connection)
        take_master_data(connection, tenant, loaded, folder)
        before = day_end.events(connection, tenant)
        with Workers(url, tenant_name, workers, batch=batch, clock=STANDING) as crew:
            started = time.perf_counter()
            messages = 0
            for part, resumed_at, done in _batches(folder, sources, connection, tenant, batch, shuffle, repeat):
                receive(connection, tenant, part, position=resumed_at)
                messages += len(part)
                crew.check()
                progress(done._replace(messages=messages))
            while day_end.unsettled(connection, tenant):
                crew.check()
                if crew.hopeless:
                    raise DayError("the settle workers end as soon as they are started; their errors are above")
                time.sleep(0.01)
            seconds = time.perf_counter() - started
            restarts = crew.restarts
        close(connection, tenant, loaded)
        return Report(
            messages=messages,
            events=day_end.events(connection, tenant) - before,
            seconds=seconds,
            restarts=restarts,
            entries=day_end.entries(connection, tenant),
            unbalanced=day_end.unbalanced(connection, tenant),
            result=result(connection, tenant),
        )


def close(connection: psycopg.Connection, tenant: int, loaded: Configuration) -> None:
    """Move the clock to the end of the day, a few hours after the last thing that happened, and fire what is due."""
    end = instant(day_end.last_occurrence_us(connection, tenant)) + _CLOSE_AFTER
    settler = Settler(connection, tenant, loaded)
    clock = FixedClock(end)
    while settler.settle(batch=1000, now=clock.now()):
        pass


def result(connection: psycopg.Connection, tenant: int) -> dict[str, Any]:
    """The end-of-day state in the form that a reference day's oracle has."""
    orders = {
        number: {
            "status": view["status"],
            "carrier": view["carrier"],
            "freight_accrued": view["freight_accrued_minor"],
            "freight_posted": view["freight_posted_minor"],
            "invoiced": view["invoiced_minor"],
            "paid": view["paid_minor"],
        }
        for number, view in day_end.views(connection, tenant, "order").items()
        if view is not None
    }
    on_hand = day_end.balances(connection, tenant, accounts.on_hand("").rstrip("/"))
    reserved = day_end.balances(connection, tenant, accounts.reserved("").rstrip("/"))
    stock = {f"{place}/{item}": [amount, reserved.get((place, item), 0)] for (place, item), amount in on_hand.items()}
    stock |= {
        f"{place}/{item}": [0, amount] for (place, item), amount in reserved.items() if (place, item) not in on_hand
    }
    return {
        "duplicates_dropped": day_end.copies(connection, tenant),
        "malformed_exceptions": day_end.dead_letters(connection, tenant),
        "orders": orders,
        "stock": stock,
        "exceptions": [f"{code} {subject}" for code, subject in day_end.open_items(connection, tenant)],
    }


def _check(folder: Path) -> None:
    needed = ["deliveries.ndjson", *(f"{name}.csv" for name in MASTER_FILES)]
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        make = "`python -m crossdock.sandbox.day --out DIR` makes one"
        raise DayError(f"{folder} is no day: it lacks {', '.join(missing)} ({make})")


def take_master_data(connection: psycopg.Connection, tenant: int, loaded: Configuration, folder: Path) -> None:
    """Settle the master data files of a folder, once; a shop's own numbers of items, where there is such a file."""
    source = loaded.named(MASTER_SOURCE)
    if source is None:
        raise DayError(f"the configuration has no source {MASTER_SOURCE!r}, which sends a day's master data")
    for files in (MASTER_FILES, [_ARTICLES] if (folder / f"{_ARTICLES}.csv").is_file() else ()):
        _take_files(connection, tenant, source.id, folder, files)
    settler = Settler(connection, tenant, loaded)
    while settler.settle(batch=10, now=STANDING):
        pass


def _take_files(connection: psycopg.Connection, tenant: int, source: int, folder: Path, names: Sequence[str]) -> None:
    """Take in files, unless those of their kind were taken before."""
    place = f"master data {_ARTICLES}" if _ARTICLES in names else "master data"
    batch = []
    for name in names:
        body = (folder / f"{name}.csv").read_bytes()
        content = digest(body)
        batch.append(Incoming(source, content, content, f"text/csv; layout={name}", body))
    if batch and not position(connection, tenant, place):
        receive(connection, tenant, batch, position=(place, 1))


def _batches(
    folder: Path,
    sources: dict[str, int],
    connection: psycopg.Connection,
    tenant: int,
    batch: int,
    shuffle: int | None,
    repeat: int,
) -> Iterator[tuple[list[Incoming], tuple[str, int], Progress]]:
    """Batches of messages, each with the position to resume from once it is durable."""
    path = folder / "deliveries.ndjson"
    total = path.stat().st_size
    name = "deliveries"
    start = position(connection, tenant, name)
    if shuffle is None and repeat == 1:
        lines = _lines(path, start)
    else:
        lines = itertools.islice(_shuffled(path, shuffle, repeat), start, None)
    part: list[Incoming] = []
    size = 0
    for at, line in lines:
        message = _incoming(line, sources, path, at)
        part.append(message)
        size += len(message.body)
        if len(part) >= batch or size >= _BATCH_BYTES:
            yield part, (name, at), Progress(0, at, total)
            part, size = [], 0
    if part:
        yield part, (name, at), Progress(0, total, total)


def _lines(path: Path, start: int) -> Iterator[tuple[int, bytes]]:
    """Each line with the position behind it."""
    with path.open("rb") as file:
        file.seek(start)
        at = start
        for line in file:
            at += len(line)
            yield at, line


def _shuffled(path: Path, seed: int | None, repeat: int) -> Iterator[tuple[int, bytes]]:
    """Every line `repeat` times in another order, read by offsets: only the offsets are in memory."""
    offsets = [0]
    offsets.extend(at for at, _ in _lines(path, 0))
    places = [place for place in range(len(offsets) - 1) for _ in range(repeat)]
    if seed is not None:
        random.Random(seed).shuffle(places)  # noqa: S311  # an order of arrival, not a secret
    with path.open("rb") as file:
        for number, place in enumerate(places, 1):
            file.seek(offsets[place])
            yield number, file.read(offsets[place + 1] - offsets[place])


def _incoming(line: bytes, sources: dict[str, int], path: Path, at: int) -> Incoming:
    try:
        delivery = _DELIVERY.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise DayError(f"{path}, before byte {at}: {wrong}") from wrong
    source = sources.get(delivery.source)
    if source is None:
        known = ", ".join(sorted(sources))
        raise DayError(f"{path}, before byte {at}: source {delivery.source!r} is not configured; known are {known}")
    body = delivery.raw.encode()
    content = digest(body)
    return Incoming(source, content, content, delivery.content_type, body)
