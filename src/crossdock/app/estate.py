"""A whole house for a demonstration: the systems of the sandbox, and Crossdock between them on a database of its own.

    with Estate(url, folder, speed=5_000) as estate:
        estate.order(20)
        estate.await_still(60)
        findings = estate.findings()

Everything it starts ends with it, also when it is killed.
"""

from __future__ import annotations

import http.client
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import psycopg

from crossdock.app import cross_references, database, day, deciding, governing, mapping_rehearsal, mapping_review
from crossdock.app import replay as replaying
from crossdock.app.deciding import Wish
from crossdock.app.examples import distributor
from crossdock.app.opening import Opened
from crossdock.app.reconciling import Books, Ours, findings
from crossdock.audit.tolerance import Tolerance
from crossdock.engine import configuration, deliver_queue
from crossdock.engine.configuration import Folder
from crossdock.kit.connection import BreakerSettings, Limits, Poll, Retry
from crossdock.ledger import accounts
from crossdock.mapping import MappingError
from crossdock.processes.decisions import Verb
from crossdock.processes.policy import FreightAudit, Policy
from crossdock.sandbox.systems.fleet import HOOKED, Fleet
from crossdock.store import configuration as stored
from crossdock.store import day_end, delivery, work
from crossdock.store import estate as store
from crossdock.store.connect import connect
from crossdock.store.waiting import Which
from crossdock.store.work import Wanted, WorkRow

SEED: Final = 7
TENANT: Final = "main"
CONNECTED: Final = ("tms", "wms-a", "wms-b", "erp", "carriers", "shop", "bank")
_LOOK_SECONDS: Final = 0.25
_STILL_LOOKS: Final = 6
_READINGS: Final = 2
_HISTORY_MAX: Final = 50_000
_ITEMS_MAX: Final = 1_000
# The shop looks for customers all the time.
_STANDING_JOBS: Final = {"shop": 1}
_END_SECONDS: Final = 20


class NotStill(TimeoutError):
    """Something was still on its way when time was up; the message says what."""


class Estate:
    """The systems and Crossdock, running. `url` is a database of its own."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        speed: float = 600.0,
        workers: int = 2,
        config: Path | None = None,
        timeout_seconds: float = 2.0,
        seed: int = SEED,
    ) -> None:
        """`timeout_seconds` is how long a system may take for an answer; `seed` draws the house and its luck."""
        self.folder = folder
        self._files = folder / "files"
        self._roots: dict[str, str] = {}
        self.fleet = Fleet(folder / "systems", seed=seed, speed=speed)
        self.address = ""
        self.url = url
        self._workers = workers
        self._config = config or distributor()
        self._timeout_seconds = timeout_seconds
        self._keys: dict[str, str] = {}
        self._serve: subprocess.Popen[bytes] | None = None
        self._before: dict[tuple[str, str], int] = {}

    # -- life --------------------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        """Open the books: sources known, master data settled. Nothing runs yet but the systems."""
        database.prepare(self.url)  # partitions must be there before the first message
        self.connection: psycopg.Connection = connect(self.url, purpose="estate")
        try:
            self.tenant = stored.tenant_id(self.connection, TENANT)
            folder = configuration.read_folder(self._config)
            self._keys = configuration.apply(self.connection, self.tenant, folder.without_connections())
            for exchange in folder.exchanges.values():
                (self._files / exchange.path).mkdir(parents=True, exist_ok=True)
                if exchange.root_env is not None:
                    self._roots[exchange.root_env] = str(self._files)
            self.fleet.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def open(self, port: int = 0, *, tolerance_minor: int | None = None) -> None:
        """Start Crossdock, and tell the systems where it is; with another tolerance of freight bills from today on."""
        loaded = configuration.load(self.connection, self.tenant)
        day.take_master_data(self.connection, self.tenant, loaded, self.fleet.folder / "master-data")
        folder = self._brisk(configuration.read_folder(self._config))
        if tolerance_minor is not None:
            folder = folder._replace(policies=[*folder.policies, _with_tolerance(folder.policies[-1], tolerance_minor)])
        configuration.apply(self.connection, self.tenant, folder)
        self._keep_history()
        self._before = day_end.balances(self.connection, self.tenant, accounts.on_hand("").rstrip("/"))
        self._serve = self._start(port)
        self.address = self._ready(self._serve)
        hooks = {name: f"{self.address}/v1/hooks/{name}" for name in HOOKED}
        self.fleet.connect_crossdock(self.address, self._keys, hooks=hooks, outbox=self._files)

    def write_environment(self) -> Path:
        """A file for a shell to read (`. FILE`): with it the commands speak to this house, and to all its systems."""
        path = self.folder / "environment"
        variables = self.environment() | {"CROSSDOCK_TENANT": TENANT}
        lines = [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]
        lines.append(f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH")
        path.touch(mode=0o600)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def stop(self) -> None:
        """End everything; the books stay."""
        if self._serve is not None:
            self._serve.terminate()
            try:
                self._serve.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._serve.kill()
                self._serve.wait()
            for pipe in (self._serve.stdin, self._serve.stdout):
                if pipe is not None:
                    pipe.close()
            self._serve = None
        self.fleet.stop()
        if not self.connection.closed:
            self.connection.close()

    def _brisk(self, folder: Folder) -> Folder:
        """The house's connections, in a hurry: a simulated day takes a minute, and so do its waits."""
        replace = msgspec.structs.replace
        connections = {}
        for name, configured in folder.connections.items():
            connection = replace(
                configured.connection,
                poll=Poll(every_seconds=0.4),
                limits=Limits(per_second=200, burst=200, concurrency=16, timeout_seconds=self._timeout_seconds),
                retry=Retry(first_seconds=0.2, longest_seconds=2),
                breaker=BreakerSettings(wait_seconds=1, longest_wait_seconds=3),
            )
            connections[name] = replace(configured, connection=connection)
        exchanges = {name: replace(one, every_seconds=0.2, still_seconds=0.0) for name, one in folder.exchanges.items()}
        return folder._replace(connections=connections, exchanges=exchanges)

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-P", "-m", "crossdock", "serve", "--supervised", "--json", "--port", str(port)]
        options = ["--workers", str(self._workers), "--deliverers", "1", "--tenant", TENANT]
        environment = os.environ | self.environment()
        with (self.folder / "crossdock.log").open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # our own program
                [*program, *options],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    @property
    def process(self) -> int:
        """The process of Crossdock's server, whose children work."""
        assert self._serve is not None  # noqa: S101  # it is open
        return self._serve.pid

    def environment(self) -> dict[str, str]:
        """Where the systems are and what lets us in, as connections.yaml names it."""
        said = {"CROSSDOCK_DATABASE_URL": self.url, **self._roots}
        for name in CONNECTED:
            prefix = f"CROSSDOCK_{name.upper().replace('-', '_')}"
            said |= {f"{prefix}_ADDRESS": self.fleet.address(name), f"{prefix}_TOKEN": self.fleet.tokens[name]}
            if name in self.fleet.hook_secrets:
                said[f"{prefix}_HOOK_SECRET"] = self.fleet.hook_secrets[name]
        return said

    def _ready(self, process: subprocess.Popen[bytes]) -> str:
        if process.stdout is None:
            raise RuntimeError("crossdock serve has no output")
        line = process.stdout.readline()  # ends when the process does
        if not line:
            raise RuntimeError(f"crossdock serve did not start, see {self.folder / 'crossdock.log'}")
        return str(msgspec.json.decode(line)["address"])

    def _keep_history(self) -> None:
        """Hold what a day before us still wants of warehouses and the TMS: they know nothing of its orders."""
        connections = configuration.load(self.connection, self.tenant).connections
        rows = delivery.unqueued(self.connection, self.tenant, ["tms", "wms"], _HISTORY_MAX)
        held = [
            delivery.Queued(row.key, name, row.kind, row.action, "before")
            for row in rows
            if (name := deliver_queue.route(connections, row.target, msgspec.json.decode(row.content))) is not None
        ]
        delivery.enqueue_if_new(self.connection, self.tenant, held)

    # -- traffic -----------------------------------------------------------------------------------------------------

    def order(self, count: int, per_second: float = 100.0, *, sku: str | None = None) -> None:
        """Let customers order; `sku` is on the first line of each order, if given."""
        wish = {"count": count, "per_second": per_second} | ({"sku": sku} if sku else {})
        self.fleet.ask("shop", "POST", "/control/orders", wish)

    def say(self, source: str, kind: str, data: dict[str, Any]) -> None:
        """Send a message as a source, as its system would."""
        body = {"id": f"evt_{kind}", "source": source, "type": kind, "specversion": "1.0", "data": data}
        body["time"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = {"Authorization": f"Bearer {self._keys[source]}", "Content-Type": "application/json"}
        door = http.client.HTTPConnection(self.address.removeprefix("http://"), timeout=_END_SECONDS)
        try:
            door.request("POST", "/v1/messages", msgspec.json.encode(body), headers)
            answer = door.getresponse()
            if answer.status >= http.client.BAD_REQUEST:
                raise RuntimeError(f"{kind} was not taken: {answer.status} {answer.read(500)!r}")
        finally:
            door.close()

    def learn(self, mapping: str, old: str, new: str) -> None:
        """Publish the next version of a mapping, with something in other words."""
        folder = self._brisk(configuration.read_folder(self._config))
        version, text = max((version, text) for (name, version), text in folder.mappings.items() if name == mapping)
        text = text.replace(f"version: {version}", f"version: {version + 1}", 1).replace(old, new)
        folder = folder._replace(mappings=folder.mappings | {(mapping, version + 1): text})
        configuration.apply(self.connection, self.tenant, folder)

    def rehearse(self, mapping: str, old: str, new: str) -> mapping_rehearsal.Report | str:
        """Write the next version of a mapping, with something in other words, and rehearse it; or why it cannot be."""
        path = self.folder / "proposed" / f"{mapping}.yaml"
        path.parent.mkdir(exist_ok=True)
        text = next(
            text for (name, _), text in configuration.read_folder(self._config).mappings.items() if name == mapping
        )
        path.write_text(text.replace("version: 1\n", "version: 2\n", 1).replace(old, new, 1), encoding="utf-8")
        at = Opened(self.connection, self.tenant, self.url)
        try:
            found = mapping_review.mapping_of(at, str(path))
        except MappingError as wrong:
            return str(wrong)
        return mapping_rehearsal.rehearse(at, found, days=1, limit=1_000)

    def publish(self, mapping: str, *, authored_by: str, approved_by: str) -> None:
        """Have the version that was written last submitted, approved and published."""
        at = Opened(self.connection, self.tenant, self.url)
        done = governing.submit_file(at, self.folder / "proposed" / f"{mapping}.yaml", who=authored_by)
        governing.take(at, "approve", done.version, who=approved_by)
        governing.take(at, "publish", done.version, who=approved_by)

    def count_events(self, kind: str) -> int:
        """How many events of a type were settled."""
        return store.count_events(self.connection, self.tenant, kind)

    @property
    def sku(self) -> str:
        """An item of the house."""
        with (self.fleet.folder / "master-data" / "initial_stock.csv").open(encoding="utf-8") as stock:
            return stock.readlines()[1].split(",")[1]

    def learn_item(self, asked: tuple[str, str, str], ours: str, who: str) -> bool:
        """Say what somebody's identifier (scheme, issuer, theirs) is; has somebody settled it?"""
        return cross_references.add(self.connection, self.tenant, asked, ours, who=who).is_settled

    def replay(self, value: str | None = None) -> int:
        """Read all dead letters again, or those in which `value` stood; how many can be read now."""
        loaded = configuration.load(self.connection, self.tenant)
        which = Which(dead=True, value=value)
        return replaying.replay(self.connection, self.tenant, loaded, which, execute="the demo").readable

    def waiting(self, code: str) -> list[WorkRow]:
        """Work items of a code that wait for a person."""
        return work.items(self.connection, self.tenant, Wanted(code=code), limit=_ITEMS_MAX)

    def decide(self, verb: Verb, item: WorkRow, who: str = "the demo", note: str = "as the story goes") -> int:
        """Decide about an item as a person would; how many items are gone because of it."""
        decided = deciding.decide(self.connection, self.tenant, Wish(verb, who, note), [item])
        return sum(one.closed is True for one in decided.done)

    def records(self, system: str, entity: str) -> dict[str, Any]:
        """What a system holds now."""
        return dict(self.fleet.book(system)["records"].get(entity, {}))

    def moving(self) -> store.Moving:
        """What is on its way in Crossdock."""
        return store.moving(self.connection, self.tenant, ["tms", "wms", "erp", "carrier"])

    def await_still(self, seconds: float, look: Callable[[], None] = lambda: None) -> None:
        """Wait until nothing happens any more, anywhere. Raises `NotStill`. `look` is called now and then.

        A hook may be lost, so silence says nothing until every feed was read twice: the first reading may have begun
        before.
        """
        give_up_at = time.monotonic() + seconds
        still, readings, latest, since = 0, 0, -1, 0.0
        while True:
            look()
            at = self.moving()
            busy = [] if not at.is_still else self._busy()
            if not at.is_still or busy or at.latest != latest:
                still, readings, latest, since = 0, 0, at.latest, at.now
            elif at.read_at is None or at.read_at > since:
                readings, since = readings + 1, at.now
            if still >= _STILL_LOOKS and readings >= _READINGS:
                return
            if time.monotonic() > give_up_at:
                raise NotStill(
                    f"after {seconds:g} s there are still {at.messages} messages, {at.commands} commands, "
                    f"{at.hints} hints, {readings} readings of all feeds since, and {', '.join(busy) or 'no system'} "
                    "at work"
                )
            still += 1
            time.sleep(_LOOK_SECONDS)

    def _busy(self) -> list[str]:
        """Systems that still have something to do or to say."""
        busy = []
        for name in self.fleet.running:
            jobs = self.fleet.ask(name, "GET", "/control/book?part=jobs")["jobs"]
            waiting = self.fleet.ask(name, "GET", "/control/book?part=outgoing")["outgoing"]["waiting"]
            if jobs > _STANDING_JOBS.get(name, 0) or waiting:
                busy.append(f"{name} ({jobs} to do, {waiting} to say)")
        left = sum(path.is_file() for path in self._files.glob("*/*"))
        return [*busy, f"{left} files"] if left else busy

    # -- the end -----------------------------------------------------------------------------------------------------

    def books(self) -> Books:
        """What every system believes."""
        return {name: self.fleet.book(name) for name in self.fleet.running}

    def ours(self) -> Ours:
        """What Crossdock believes."""
        on_hand = day_end.balances(self.connection, self.tenant, accounts.on_hand("").rstrip("/"))
        return Ours(
            commands=store.commands(self.connection, self.tenant),
            orders=day_end.views(self.connection, self.tenant, "order"),
            issued={
                place: self._before.get(place, 0) - amount
                for place, amount in on_hand.items()
                if amount != self._before.get(place, 0)
            },
            unbalanced=day_end.unbalanced(self.connection, self.tenant),
        )

    def findings(self) -> list[str]:
        """Where the books of the systems and ours differ: nowhere, if all is well."""
        return findings(self.books(), self.ours())


def _with_tolerance(policy: Policy, minor: int) -> Policy:
    """A policy from today on, with a flat tolerance of freight bills; all else of the audit as it was."""
    audit = policy.freight_audit or FreightAudit()
    flat = msgspec.structs.replace(audit, tolerance=Tolerance(absolute_minor=minor, basis_points=0))
    return Policy(name=f"{policy.name}-today", valid_from=datetime.now(UTC).date(), freight_audit=flat)
