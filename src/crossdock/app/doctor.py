"""Looks at everything that must be right for Crossdock to work, and says of each what to do when it is not."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec
import psycopg

import crossdock
from crossdock.app import connection_report, opening
from crossdock.engine import configuration
from crossdock.mapping import MappingError
from crossdock.processes.case import PLAN_FAILED
from crossdock.settings import ConfigurationError, Settings
from crossdock.store import embedded, health, migrate, reading
from crossdock.store.connect import DatabaseUnreachable, connect

Grade = Literal["ok", "warn", "fail"]

_POSTGRES_LEAST: Final = 150_000
_PARTITION_DAYS_FEW: Final = 3
_BACKLOG_OLD: Final = timedelta(minutes=1)
_BACKLOG_TOO_OLD: Final = timedelta(minutes=15)
_DISK_LITTLE: Final = 0.10
_DISK_FULL: Final = 0.03
_CONNECTIONS_MANY: Final = 0.8
_SKEW: Final = timedelta(seconds=5)
_PATIENCE_SECONDS: Final = 3.0


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at; `do` says what helps when it is not ok."""

    what: str
    grade: Grade
    found: str
    do: str = ""


class Unreachable(Exception):
    """The database cannot be reached; the findings so far end with the one that says so."""


def examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Findings, one after the other. Raises `Unreachable` after the finding that says so."""
    yield _ok("crossdock", f"{crossdock.__version__}, Python {platform.python_version()} on {platform.system()}")
    try:
        url = opening.url_of(settings)
        connection = connect(url, purpose="doctor", patience_seconds=_PATIENCE_SECONDS)
    except (DatabaseUnreachable, embedded.ServerNotStarted, embedded.DataDirRefused) as down:
        known = "does not exist" in str(down)
        do = "run `crossdock db migrate`" if known else "start the server, or set CROSSDOCK_DATABASE_URL"
        yield Finding(what="database", grade="fail", found=str(down).strip(), do=do)
        raise Unreachable from down
    with connection:
        yield from _server(connection, settings)
        yield _clock(connection, now)
        schema = _schema(connection)
        yield schema
        yield from _disk(connection, settings)
        if schema.grade != "fail":
            yield from _partitions(connection, now.astimezone(UTC))
            yield from _tenant(connection, settings, now)


def _tenant(connection: psycopg.Connection, settings: Settings, now: datetime) -> Iterator[Finding]:
    tenant = reading.tenant_named(connection, settings.tenant)
    if tenant is None:
        others = ", ".join(reading.tenant_names(connection)) or "none yet"
        yield Finding(
            what="configuration",
            grade="fail",
            found=f"there is no tenant {settings.tenant!r}; there is {others}",
            do="run `crossdock config apply DIR`, or name the tenant with --tenant",
        )
        return
    yield _configuration(connection, tenant)
    yield from _work(connection, tenant, now)
    yield from _waiting(connection, tenant)
    yield _connections(connection, tenant, now)


# -- the server --------------------------------------------------------------------------------------------------


def _server(connection: psycopg.Connection, settings: Settings) -> Iterator[Finding]:
    found = health.server_settings(connection)
    version = f"PostgreSQL {found['server_version']}"
    if settings.database_url:
        yield _ok("database", version)
    else:
        yield _ok("database", f"{version}, embedded: for laptops and demonstrations, not for production")
    if int(found["server_version_num"]) < _POSTGRES_LEAST:
        yield Finding(what="version", grade="fail", found=version, do="use PostgreSQL 15 or newer")
    off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if found[name] == "off"]
    if off:
        yield Finding(
            what="durability",
            grade="fail",
            found=f"{', '.join(off)} is off: what was acknowledged can be lost in a power cut",
            do=f"alter system set {off[0]} = on; select pg_reload_conf()",
        )
    else:
        yield _ok("durability", "fsync, synchronous_commit and full_page_writes are on")
    sessions = health.sessions(connection)
    text = f"{sessions.connections} of {sessions.connections_max} connections"
    many = sessions.connections > _CONNECTIONS_MANY * sessions.connections_max
    yield _graded("connections", "warn" if many else "ok", text, "raise max_connections, or look who holds them")


def _clock(connection: psycopg.Connection, now: datetime) -> Finding:
    """Deadlines fire by the worker's clock, messages are dated by the server's: they should agree."""
    apart = abs(health.now(connection) - now)
    if apart > _SKEW:
        found = f"this machine and the server are {apart.total_seconds():.0f} s apart"
        return Finding(what="clock", grade="warn", found=found, do="keep both on network time (NTP)")
    return _ok("clock", "this machine and the server agree")


def _schema(connection: psycopg.Connection) -> Finding:
    current, head = health.revision(connection), migrate.head()
    if current == head:
        return _ok("schema", f"at its head, {head}")
    found = f"at {current}, and this version needs {head}" if current else "there is none"
    return Finding(what="schema", grade="fail", found=found, do="run `crossdock db migrate`")


def _partitions(connection: psycopg.Connection, now: datetime) -> Iterator[Finding]:
    days = health.partition_days(connection)
    do = "run `crossdock db migrate`; a running worker makes them by itself"
    ahead = sum(1 for day in days if day > now.date())
    if now.date() not in days:
        yield Finding(what="partitions", grade="fail", found=f"none for today, {now.date()}", do=do)
    else:
        grade: Grade = "warn" if ahead < _PARTITION_DAYS_FEW else "ok"
        yield _graded("partitions", grade, f"{len(days)} days, {ahead} of them ahead", do)
    if health.has_strays(connection):
        yield Finding(
            what="partitions",
            grade="warn",
            found="rows lie outside the days' partitions: they were not there when their day came",
            do="keep a worker running; these rows outlive retention until they are moved",
        )


def _disk(connection: psycopg.Connection, settings: Settings) -> Iterator[Finding]:
    size = health.size_bytes(connection)
    text = f"the database takes {size / 1e9:.2f} GB"
    if settings.database_url:
        yield _ok("disk", f"{text} (the server's disk cannot be seen from here)")
        return
    home = settings.data_dir / "pg" if settings.data_dir else embedded.default_data_dir()
    usage = shutil.disk_usage(home if home.exists() else Path("/"))
    share = usage.free / usage.total
    grade: Grade = "fail" if share < _DISK_FULL else "warn" if share < _DISK_LITTLE else "ok"
    yield _graded("disk", grade, f"{text}, {usage.free / 1e9:.1f} GB are free ({share:.0%})", "make room")


# -- the work ----------------------------------------------------------------------------------------------------


def _configuration(connection: psycopg.Connection, tenant: int) -> Finding:
    try:
        loaded = configuration.load(connection, tenant)
    except (ConfigurationError, MappingError, msgspec.DecodeError) as wrong:
        return Finding(
            what="configuration", grade="fail", found=str(wrong), do="correct it and run `crossdock config apply DIR`"
        )
    readers = sum(len(source.readers) for source in loaded.sources.values())
    found = f"version {loaded.version}: {len(loaded.sources)} sources, {readers} ways to read them, all compile"
    return _ok("configuration", found)


def _work(connection: psycopg.Connection, tenant: int, now: datetime) -> Iterator[Finding]:
    workers = health.sessions(connection).workers
    backlog = health.backlog(connection, tenant)
    overdue = health.overdue(connection, tenant)
    do = "look at the workers" if workers else "start one: `crossdock worker`"
    needed = backlog.number or overdue.number
    yield _graded("workers", "ok" if workers or not needed else "warn", f"{workers} connected", do)
    age = now - backlog.first if isinstance(backlog.first, datetime) else timedelta()
    grade: Grade = "fail" if age > _BACKLOG_TOO_OLD else "warn" if age > _BACKLOG_OLD else "ok"
    text = f"{backlog.number} messages wait, the oldest for {_span(age)}" if backlog.number else "nothing waits"
    yield _graded("backlog", grade, text, do)
    late = now - overdue.first if isinstance(overdue.first, datetime) else timedelta()
    text = f"{overdue.number} passed unheard, the first {_span(late)} ago" if overdue.number else "none passed unheard"
    yield _graded("deadlines", "warn" if late > _BACKLOG_OLD else "ok", text, do)


def _waiting(connection: psycopg.Connection, tenant: int) -> Iterator[Finding]:
    parked = health.parked(connection, tenant, PLAN_FAILED)
    if parked.number:
        found = f"the rules failed on {parked.number}, {parked.first} among them"
        do = f"crossdock explain {parked.first}"
        yield Finding(what="parked cases", grade="fail", found=found, do=do)
    else:
        yield _ok("parked cases", "none")
    dead = health.dead(connection, tenant)
    text = f"{dead.number} wait" if dead.number else "none"
    yield _graded("dead letters", "warn" if dead.number else "ok", text, "crossdock dead list")


def _connections(connection: psycopg.Connection, tenant: int, now: datetime) -> Finding:
    """What waits longer for a system than the class of its connection allows."""
    found = connection_report.reports(connection, tenant, now)
    alarms = [f"{one.name}: {alarm}" for one in found for alarm in one.alarms]
    text = "; ".join(alarms) if alarms else f"{len(found)}, none waits longer than its class allows"
    return _graded("connections to systems", "warn" if alarms else "ok", text, "crossdock connection list")


def _span(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{max(0, seconds)} seconds"


def _ok(what: str, found: str) -> Finding:
    return Finding(what=what, grade="ok", found=found)


def _graded(what: str, grade: Grade, found: str, do: str) -> Finding:
    return Finding(what=what, grade=grade, found=found, do="" if grade == "ok" else do)
