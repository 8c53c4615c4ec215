"""A small day, settled once, and the real command line against a copy of its database."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest

from crossdock.app import database
from crossdock.engine import configuration
from crossdock.engine.settle import Settler
from crossdock.sandbox import day
from crossdock.store import configuration as stored
from crossdock.store.connect import connect
from crossdock.store.databases import create_database, drop_database
from crossdock.store.intake import Incoming, digest, receive

EXAMPLE = Path(__file__).parents[2] / "examples" / "distributor"
STANDING = datetime(1970, 1, 1, tzinfo=UTC)


class Done(NamedTuple):
    """What a command line said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Its answer, which must be JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Crossdock = Callable[..., Done]


class SettledDay(NamedTuple):
    """A day that was settled: its files, the right answer, and the name of its database."""

    folder: Path
    oracle: dict[str, Any]
    database: str

    def order(self, status: str) -> str:
        """The number of an order that has this status at the end of the day."""
        orders: dict[str, dict[str, Any]] = self.oracle["orders"]
        return next(number for number, order in sorted(orders.items()) if order["status"] == status)


@pytest.fixture(scope="session")
def settled_day(cluster_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SettledDay]:
    """A day of 60 orders with much trouble; no deadline has fired."""
    folder = tmp_path_factory.mktemp("day")
    oracle = day.generate(folder, seed=7, orders=60, trouble=5.0)
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    url = create_database(cluster_url, name)
    database.prepare(url)
    with connect(url, purpose="test") as connection:
        tenant = stored.tenant_id(connection, "main")
        configuration.apply(connection, tenant, configuration.read_folder(EXAMPLE))
        loaded = configuration.load(connection, tenant)
        sources = {source.name: source.id for source in loaded.sources.values()}
        for name_ in ("initial_stock", "rates", "customers"):
            body = (folder / f"{name_}.csv").read_bytes()
            receive(connection, tenant, [_incoming(sources["master-data"], f"text/csv; layout={name_}", body)])
        deliveries = [json.loads(line) for line in (folder / "deliveries.ndjson").read_text().splitlines()]
        messages = [
            _incoming(sources[delivery["source"]], delivery["content_type"], delivery["raw"].encode())
            for delivery in deliveries
        ]
        for start in range(0, len(messages), 500):
            receive(connection, tenant, messages[start : start + 500])
        settle(connection, tenant)
    yield SettledDay(folder, oracle, name)
    drop_database(cluster_url, name)


def settle(connection: psycopg.Connection, tenant: int) -> None:
    """Settle all that waits; the clock stands still, so no deadline fires."""
    settler = Settler(connection, tenant, configuration.load(connection, tenant))
    while settler.settle(batch=500, now=STANDING):
        pass


def _incoming(source: int, content_type: str, body: bytes) -> Incoming:
    content = digest(body)
    return Incoming(source, content, content, content_type, body)


@contextmanager
def _copy(cluster_url: str, settled_day: SettledDay) -> Iterator[str]:
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    yield create_database(cluster_url, name, settled_day.database)
    drop_database(cluster_url, name)


def _command_line(url: str) -> Crossdock:
    def run(*arguments: str | Path, stdin: bytes | None = None) -> Done:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
        done = subprocess.run(
            [sys.executable, "-m", "crossdock", *map(str, arguments)],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
            env=environment | {"CROSSDOCK_DATABASE_URL": url, "COLUMNS": "120"},
            timeout=100,
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="module")
def url(cluster_url: str, settled_day: SettledDay) -> Iterator[str]:
    """A copy of the settled day for one module of tests, which leave it as it is or only add to it."""
    with _copy(cluster_url, settled_day) as url:
        yield url


@pytest.fixture(scope="module")
def crossdock(url: str) -> Crossdock:
    """Runs the real command line against the module's database: `crossdock("show", "SO1", "--json")`."""
    return _command_line(url)


@pytest.fixture
def books(url: str) -> Iterator[psycopg.Connection]:
    """A connection to the module's database."""
    with connect(url, purpose="test") as connection:
        yield connection


class Own(NamedTuple):
    """A copy of the settled day for one test, which may change it as it likes."""

    crossdock: Crossdock
    books: Any


@pytest.fixture
def own(cluster_url: str, settled_day: SettledDay) -> Iterator[Own]:
    """A database of the test's own, and the command line on it."""
    with _copy(cluster_url, settled_day) as url, connect(url, purpose="test") as connection:
        yield Own(_command_line(url), connection)
