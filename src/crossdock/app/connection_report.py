"""Connections as a person sees them: configuration, queue, state and trust of each in one value."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime

import msgspec

from crossdock.app.connections import address_of, open_connector
from crossdock.app.opening import Opened
from crossdock.app.vault import Unseal, unsealing
from crossdock.engine.configuration import load
from crossdock.engine.deliver_commands import trust
from crossdock.engine.deliver_rules import Breaker
from crossdock.kit.connection import AutonomySettings, Configured
from crossdock.store import delivery_inbound, delivery_look
from crossdock.store.delivery_look import Queue, Standing


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A connection at a glance."""

    name: str
    role: str
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


def reports(at: Opened) -> list[Report]:
    """Every configured connection, by name."""
    connections = load(at.connection, at.tenant).connections
    queues = delivery_look.queues(at.connection, at.tenant)
    standings = delivery_look.standings(at.connection, at.tenant)
    reading = delivery_inbound.reading_breakers(at.connection, at.tenant)
    return [
        _report(name, configured, queues.get(name), standings.get(name), reading.get(name, "{}"))
        for name, configured in sorted(connections.items())
    ]


def _report(name: str, configured: Configured, queue: Queue | None, standing: Standing | None, reading: str) -> Report:
    settings, limits = configured.connection, configured.connection.limits
    breaker = msgspec.json.decode(standing.breaker if standing else "{}", type=Breaker)
    read = msgspec.json.decode(reading, type=Breaker)
    level = trust(standing.autonomy if standing else "{}", settings.autonomy)
    return Report(
        name=name,
        role=settings.role,
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
