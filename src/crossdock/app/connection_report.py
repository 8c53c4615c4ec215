"""Connections as a person sees them: configuration, class, queue, state, trust and alarms of each in one value."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec
import psycopg

from crossdock.app.connections import address_of, open_connector
from crossdock.app.opening import Opened
from crossdock.app.vault import Unseal, unsealing
from crossdock.engine.configuration import load
from crossdock.engine.deliver_commands import trust
from crossdock.engine.deliver_rules import Breaker
from crossdock.kit.classes import TERMS, Class, Terms
from crossdock.kit.connection import AutonomySettings, Configured
from crossdock.store import delivery_inbound, delivery_look
from crossdock.store.delivery_look import Queue, Standing

_IN_ORDER: Final = {1: "first", 2: "next"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A connection at a glance; `terms` is what its class means, in words."""

    name: str
    role: str
    integration: Class | None
    terms: str
    alarms: list[str]
    address: str | None
    manifest: str
    limits: str
    trust: str
    breaker: str
    breaker_reason: str
    reading: str
    reading_reason: str
    waiting: int
    sending: int
    held: int
    oldest: datetime | None
    last_error: str | None
    applied: int
    refused: int
    retried: int
    unknown: int
    hooks_forged: int


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What a system answered when it was asked whether it is there."""

    name: str
    is_well: bool
    detail: str


def reports(connection: psycopg.Connection, tenant: int, now: datetime) -> list[Report]:
    """Every configured connection, by name; alarms are those of this moment."""
    queues = delivery_look.queues(connection, tenant)
    standings = delivery_look.standings(connection, tenant)
    reading = delivery_inbound.reading_breakers(connection, tenant)
    polled = delivery_inbound.polled(connection, tenant)
    found = []
    for name, configured in sorted(load(connection, tenant).connections.items()):
        report = _report(name, configured, queues.get(name), standings.get(name), reading.get(name, "{}"))
        alarms = list(_alarms(configured, report, polled.get(name), now))
        found.append(msgspec.structs.replace(report, alarms=alarms))
    return found


def _alarms(configured: Configured, report: Report, polled: datetime | None, now: datetime) -> Iterator[str]:
    """What has waited longer than the class of the connection allows. Nothing is expected where there is no address."""
    settings = configured.connection
    seconds = TERMS[settings.integration].alarm_after_seconds
    if seconds is None or report.address is None:
        return
    allowed = timedelta(seconds=seconds)
    if report.oldest is not None and now - report.oldest > allowed:
        yield f"a command waits since {report.oldest:%d %b %H:%M} UTC; {settings.integration} allows {_span(seconds)}"
    if settings.poll is not None and polled is not None and now - polled > allowed:
        yield f"not read since {polled:%d %b %H:%M} UTC; {settings.integration} allows {_span(seconds)}"
    if settings.poll is not None and report.reading != "closed":
        yield f"it is not read: {report.reading_reason}"


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"  # noqa: PLR2004  # a minute


def _terms(terms: Terms) -> str:
    said = [
        "one effect a command" if terms.needs_one_effect else "",
        "the latest is read" if terms.needs_reading else "",
        f"may wait {terms.patience_seconds:g} s for our database",
        f"alarm after {_span(terms.alarm_after_seconds)}" if terms.alarm_after_seconds else "no alarm",
        f"put off at a peak, {_IN_ORDER[terms.put_off_from]}" if terms.put_off_from else "never put off",
    ]
    return "; ".join(one for one in said if one)


def _report(name: str, configured: Configured, queue: Queue | None, standing: Standing | None, reading: str) -> Report:
    settings, limits = configured.connection, configured.connection.limits
    breaker = msgspec.json.decode(standing.breaker if standing else "{}", type=Breaker)
    read = msgspec.json.decode(reading, type=Breaker)
    level = trust(standing.autonomy if standing else "{}", settings.autonomy)
    return Report(
        name=name,
        role=settings.role,
        integration=settings.integration,
        terms=_terms(TERMS[settings.integration]),
        alarms=[],
        address=address_of(settings, os.environ),
        manifest=settings.manifest,
        limits=f"{limits.per_second:g}/s, {limits.concurrency} at once, {limits.timeout_seconds:g} s each",
        trust=_in_words(level),
        breaker=breaker.state,
        breaker_reason=breaker.reason,
        reading=read.state,
        reading_reason=read.reason,
        waiting=queue.waiting if queue else 0,
        sending=queue.sending if queue else 0,
        held=queue.held if queue else 0,
        oldest=queue.oldest if queue else None,
        last_error=queue.last_error if queue else None,
        applied=standing.applied if standing else 0,
        refused=standing.refused if standing else 0,
        retried=standing.retried if standing else 0,
        unknown=standing.unknown if standing else 0,
        hooks_forged=standing.hooks_forged if standing else 0,
    )


def _in_words(level: AutonomySettings) -> str:
    return ", ".join([level.default, *(f"{kind} {one}" for kind, one in sorted(level.kinds.items()))])


def check(at: Opened, only: str | None = None) -> list[Check]:
    """Ask every system, or one."""
    connections = load(at.connection, at.tenant).connections
    wanted = {name: configured for name, configured in connections.items() if only in {None, name}}
    return asyncio.run(_check(wanted, unsealing(at.url, at.tenant, os.environ)))


async def _check(wanted: dict[str, Configured], unseal: Unseal) -> list[Check]:
    found = []
    for name, configured in sorted(wanted.items()):
        connector = open_connector(name, configured, os.environ, unseal)
        if connector is None:
            found.append(Check(name=name, is_well=False, detail="it has no address or its secret is missing"))
            continue
        try:
            checked = await connector.check()
        finally:
            await connector.close()
        found.append(Check(name=name, is_well=checked.is_well, detail=checked.detail))
    return found
