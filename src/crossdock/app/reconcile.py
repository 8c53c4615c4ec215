"""Asks every system what it believes, and names every difference to the books at a watermark.

Systems go on working while they are asked, so what differs is looked at twice: a finding counts only if it is there
both times. Memory holds pages and differences; both sides lie in temporary tables of the database.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from crossdock.app.connections import open_connector
from crossdock.app.opening import Opened
from crossdock.app.reconcile_compare import Comparison, compare
from crossdock.app.vault import Unseal, unsealing
from crossdock.clock import SystemClock
from crossdock.engine.configuration import load
from crossdock.engine.cross_references import CrossReferences
from crossdock.kit.beliefs import Belief, BeliefPage, Believer
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Connector
from crossdock.ledger.reconciliation import FINDINGS, Difference
from crossdock.settings import ConfigurationError
from crossdock.store import arrival, reconcile
from crossdock.store.reconcile_positions import POSITIONS

_TRIES: Final = 5
_FIRST_PAUSE_SECONDS: Final = 0.1
_PAGES_MAX: Final = 100_000
_SECOND_LOOK_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 10.0
_ITEM: Final = "item"
_NO_DAY: Final = date(2300, 1, 1)


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A difference, with what it is about."""

    entity: str
    key: str
    name: str
    sentence: str
    because: str | None
    next: str


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing: documents on both sides, and how many things differ; `findings` by name."""

    entity: str
    theirs: int
    ours: int
    in_flight: int
    findings: dict[str, int]


class System(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one system. `problem`: it could not be asked; `unlisted`: differences that are only counted."""

    name: str
    problem: str | None = None
    entities: tuple[Counted, ...] = ()
    differences: tuple[Named, ...] = ()
    unlisted: int = 0

    @property
    def findings(self) -> int:
        """How many things somebody has to look at."""
        return sum(sum(one.findings.values()) for one in self.entities)


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """All systems at a watermark."""

    watermark: str | None
    began_at: datetime
    clean: bool
    findings: int
    unreachable: tuple[str, ...]
    systems: tuple[System, ...]


class Unreachable(Exception):
    """A system did not say what it believes; the message says why."""


def run(
    at: Opened,
    *,
    only: str | None = None,
    since: datetime | None = None,
    overdue_minutes: float = 60,
    environment: Mapping[str, str] = os.environ,
) -> Reconciliation:
    """Reconcile every connection, or one. Raises `ConfigurationError` where there is none of that name.

    Addresses and secrets are found in `environment`. It runs an event loop of its own.
    """
    connections = load(at.connection, at.tenant).connections
    if only is not None and only not in connections:
        known = ", ".join(sorted(connections)) or "none is configured"
        raise ConfigurationError(f"no connection is called {only!r}: {known}")
    began_at = SystemClock().now()
    watermark = reconcile.settled(at.connection, at.tenant)
    comparison = Comparison(
        at.connection, at.tenant, began_at=began_at, since=_arrival(at, since), overdue_seconds=overdue_minutes * 60
    )
    wanted = {name: one for name, one in sorted(connections.items()) if only in {None, name}}
    unseal = unsealing(at.url, at.tenant, environment)
    systems = asyncio.run(_systems(comparison, wanted, environment, unseal))
    unreachable = tuple(one.name for one in systems if one.problem)
    findings = sum(one.findings for one in systems)
    return Reconciliation(
        watermark=arrival.text(watermark) if watermark is not None else None,
        began_at=began_at,
        clean=not findings and not unreachable,
        findings=findings,
        unreachable=unreachable,
        systems=systems,
    )


def _arrival(at: Opened, since: datetime | None) -> int:
    if since is None:
        return 0
    base = arrival.base(since.astimezone(UTC).date(), 0)
    found = reconcile.first_since(at.connection, at.tenant, base, since)
    return found if found is not None else arrival.base(_NO_DAY, 0)


async def _systems(
    comparison: Comparison, wanted: Mapping[str, Configured], environment: Mapping[str, str], unseal: Unseal
) -> tuple[System, ...]:
    """One after the other: they share the temporary tables."""
    return tuple([await _system(comparison, name, one, environment, unseal) for name, one in wanted.items()])


async def _system(
    comparison: Comparison, name: str, configured: Configured, environment: Mapping[str, str], unseal: Unseal
) -> System:
    connector = open_connector(name, configured, environment, unseal)
    if connector is None:
        return System(name=name, problem="it has no address, or its secret is missing")
    try:
        return await _looked(comparison, name, configured, connector)
    except Unreachable as why:
        return System(name=name, problem=str(why))
    finally:
        await connector.close()


async def _looked(comparison: Comparison, name: str, configured: Configured, connector: Connector) -> System:
    if not isinstance(connector, Believer) or not connector.believes_in:
        return System(name=name)
    first = await _look(comparison, name, configured, connector)
    if not any(_is_doubtful(one) for one in first.differences):
        return first
    poll = configured.connection.poll
    await asyncio.sleep(min(_LONGEST_SECONDS, max(_SECOND_LOOK_SECONDS, poll.every_seconds if poll else 0)))
    second = await _look(comparison, name, configured, connector)
    return confirmed(first, second)


def confirmed(first: System, second: System) -> System:
    """The second look, without findings that only came since the first: those are on their way."""
    if first.unlisted or second.unlisted:
        return second
    before = {(one.entity, one.key) for one in first.differences if _is_doubtful(one)}
    differences = tuple(
        one if one.name not in FINDINGS or (one.entity, one.key) in before else _moving(one)
        for one in second.differences
    )
    entities = tuple(_counted(one, differences) for one in second.entities)
    return msgspec.structs.replace(second, differences=differences, entities=entities)


def _is_doubtful(one: Named) -> bool:
    """May it be a finding at the second look? So may what should be told to us: its feed is read meanwhile."""
    return one.name in FINDINGS or POSITIONS[one.entity].made_of != "commands"


def _moving(one: Named) -> Named:
    return msgspec.structs.replace(
        one, name="in_flight", sentence=f"{one.sentence}; it changed while we looked", next="Look again in a minute"
    )


def _counted(entity: Counted, differences: tuple[Named, ...]) -> Counted:
    names = [one.name for one in differences if one.entity == entity.entity]
    findings = {name: names.count(name) for name in FINDINGS if name in names}
    return msgspec.structs.replace(entity, in_flight=names.count("in_flight"), findings=findings)


async def _look(comparison: Comparison, name: str, configured: Configured, connector: Believer) -> System:
    """Ask everything, then compare it within one snapshot."""
    entities = _in_order(name, connector.believes_in)
    reconcile.begin(comparison.connection)
    ours = _Ours(comparison, configured.connection.source)
    for entity in entities:
        await _ask(comparison, connector, entity, ours)
    found = compare(comparison, name, configured.connection, entities)
    return System(
        name=name,
        entities=tuple(
            Counted(entity=one.entity, theirs=one.theirs, ours=one.ours, in_flight=one.in_flight, findings=one.findings)
            for one in found
        ),
        differences=tuple(_named(one.entity, difference) for one in found for difference in one.listed),
        unlisted=sum(one.unlisted for one in found),
    )


def _in_order(name: str, entities: tuple[str, ...]) -> list[str]:
    """As positions are listed, stock first: what is issued after it was counted is then known, too."""
    unknown = [entity for entity in entities if entity not in POSITIONS]
    if unknown:
        known = ", ".join(POSITIONS)
        raise ConfigurationError(f"connection {name}: beliefs of {unknown[0]!r} cannot be compared; known are {known}")
    return [entity for entity in POSITIONS if entity in entities]


def _named(entity: str, one: Difference) -> Named:
    return Named(entity=entity, key=one.key, name=one.name, sentence=one.sentence, because=one.because, next=one.next)


class _Ours:
    """A system's beliefs with items by our numbers, where somebody has said what it calls them."""

    def __init__(self, comparison: Comparison, issuer: str | None) -> None:
        self._issuer = issuer
        self._lookup = CrossReferences(comparison.connection, comparison.tenant)

    def of(self, beliefs: tuple[Belief, ...]) -> list[Belief]:
        if self._issuer is None:
            return list(beliefs)
        for one in beliefs:
            self._name(one.item)
        self._lookup.read()
        return [msgspec.structs.replace(one, item=self._name(one.item)) for one in beliefs]

    def _name(self, item: str) -> str:
        return self._lookup(_ITEM, self._issuer or "", item) or item


async def _ask(comparison: Comparison, connector: Believer, entity: str, ours: _Ours) -> None:
    """Keep all pages."""
    cursor: str | None = None
    for _ in range(_PAGES_MAX):
        page = await _page(connector, entity, cursor)
        reconcile.keep(comparison.connection, entity, ours.of(page.beliefs))
        cursor = page.cursor
        if cursor is None:
            return
    raise Unreachable(f"asked for {entity}: more than {_PAGES_MAX:,} pages")


async def _page(connector: Believer, entity: str, cursor: str | None) -> BeliefPage:
    """One page. Where it fails it is asked for again: reading has no effect. Raises `Unreachable`."""
    pause_seconds, reason = _FIRST_PAUSE_SECONDS, ""
    for _ in range(_TRIES):
        page = await connector.believes(entity, cursor)
        if isinstance(page, BeliefPage):
            return page
        reason = page.reason
        await asyncio.sleep(min(_LONGEST_SECONDS, max(page.seconds or 0, pause_seconds)))
        pause_seconds *= 2
    raise Unreachable(f"asked for {entity}: {reason}")
