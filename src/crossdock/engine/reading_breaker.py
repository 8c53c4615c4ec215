"""Whether a system is read at all: the rules of the breaker, for feeds and hints, shared by all processes.

It is another breaker than that of sending: a system that answers questions may still lose what it is asked to do, and
successes of the one must not hide failures of the other.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.engine.deliver_rules import Answers, Breaker, allowed, heard, probing
from crossdock.kit.connection import Connection
from crossdock.store import delivery_inbound as store
from crossdock.store import delivery_state

WHAT: Final = "reading"
_JSON: Final = msgspec.json.Encoder(order="deterministic").encode


class Leave(NamedTuple):
    """It may be read; `is_probe`: once, to see whether it is well again."""

    is_probe: bool


def may_read(connection: psycopg.Connection, tenant: int, name: str, settings: Connection, worker: str) -> Leave | None:
    """May the system be read now? `None`: it is left alone for a while, or another process tries it."""
    with connection.transaction():
        state = store.lock_breaker(connection, tenant, name)
        if state is None:
            return None
        now, told = state
        breaker = msgspec.json.decode(told, type=Breaker)
        lets = allowed(breaker, settings.breaker, now)
        if lets.through is None:
            return Leave(is_probe=False)
        if lets.through == 0:
            return None
        trying = probing(breaker, now, settings.limits.timeout_seconds)
        _keep(connection, tenant, name, breaker, msgspec.structs.replace(trying, reason="the wait is over"), worker)
        return Leave(is_probe=True)


def heard_reading(
    connection: psycopg.Connection, tenant: int, name: str, settings: Connection, answers: Answers, worker: str
) -> None:
    """What reading it gave; within the caller's transaction or one of its own."""
    with connection.transaction():
        state = store.lock_breaker(connection, tenant, name, wait=True)
        if state is None:
            return
        now, told = state
        breaker = msgspec.json.decode(told, type=Breaker)
        if breaker.state == "closed" and not answers.bad and not breaker.bad:
            return  # nearly always: nothing to remember
        _keep(connection, tenant, name, breaker, heard(breaker, settings.breaker, answers, now), worker)


def _keep(connection: psycopg.Connection, tenant: int, name: str, before: Breaker, after: Breaker, worker: str) -> None:
    store.save_breaker(connection, tenant, name, _JSON(after).decode())
    if after.state != before.state:
        delivery_state.note(
            connection, tenant, name, what=WHAT, before=before.state, after=after.state,
            reason=after.reason or "the wait is over", who=worker,
        )  # fmt: skip
