"""The real server for tests: `crossdock serve` as a process, over a database with the example configuration."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from crossdock.app import database
from crossdock.engine import configuration
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

EXAMPLE = Path(__file__).parents[1] / "examples" / "distributor"
TENANT = "main"
START_SECONDS = 60


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body, which must be JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of the problem it tells of."""
        assert self.headers["content-type"] == "application/problem+json", self
        kind: str = self.json["type"]
        assert kind.startswith("/problems/")
        assert self.json["status"] == self.status
        assert self.json["title"]
        assert self.json["detail"]
        return kind.removeprefix("/problems/")


class RunningServer:
    """A server that answers, the API keys of its sources, and its database."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, url: str, keys: dict[str, str]) -> None:
        self.process = process
        self.address = address
        self.url = url
        self.keys = keys

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(
        self,
        body: bytes,
        *,
        path: str = "/v1/messages",
        source: str = "oms",
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """Send as a source. `idempotency_key="x"` is the header `Idempotency-Key: x`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, {**self.sender(source), "Content-Type": content_type, **named})

    def batch(self, *lines: bytes, query: str = "", source: str = "oms", **headers: str) -> Answer:
        """Send lines as a source."""
        path = f"/v1/messages:batch{query}"
        return self.post(b"\n".join(lines), path=path, source=source, content_type="application/x-ndjson", **headers)

    def sender(self, source: str) -> dict[str, str]:
        """The header that says who sends."""
        return {"Authorization": f"Bearer {self.keys[source]}"}

    def rows(self, query: str, *values: object) -> list[Any]:
        """What its database says."""
        with connect(self.url, purpose="test") as connection:
            return connection.execute(query.encode(), values).fetchall()

    def messages(self) -> int:
        """How many messages are stored."""
        return int(self.rows("select count(*) from message")[0][0])

    def children(self) -> list[int]:
        """The processes it has started, which are its workers."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for thread in threads for child in thread.read_text().split()]

    def memory_mb(self) -> float:
        """The resident memory of the server's process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / 1024

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it; how it ended."""
        self.process.send_signal(how)
        return self.process.wait(60)


def configure(url: str, tenant: str = TENANT) -> dict[str, str]:
    """Apply the example configuration; the keys of the sources."""
    database.prepare(url)
    with connect(url, purpose="test") as connection:
        tenant_id = stored.tenant_id(connection, tenant)
        return configuration.apply(connection, tenant_id, configuration.read_folder(EXAMPLE))


def environment_of(url: str) -> dict[str, str]:
    """The environment of a process that works on the database at `url`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    return kept | {"CROSSDOCK_DATABASE_URL": url, "CROSSDOCK_TENANT": TENANT}


@contextmanager
def running_server(
    url: str, keys: dict[str, str], *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """A server without workers unless the options ask for some; killed at the end if it still runs."""
    program = [sys.executable, "-m", "crossdock", "serve", "--json", "--port", "0", "--workers", "0", *options]
    process = subprocess.Popen(program, env=environment_of(url) | dict(environment or {}), stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as out:
        try:
            line = out.readline()
            assert line, f"the server did not start: {process.wait(10)}"
            yield RunningServer(process, json.loads(line)["address"], url, keys)
        finally:
            process.kill()
            process.wait()


def terminate_backend(url: str, purpose: str) -> int:
    """Cut the connections that have a purpose, as an operator might; how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        return len(
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = %s",
                (f"crossdock {purpose}",),
            ).fetchall()
        )
