"""Which commands go into which queue: called where cases were settled, and when a connection is new.

Nothing is queued, and nothing is paid for, while no connection is configured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import psycopg

from crossdock.engine.rounds import Touched
from crossdock.kit.connection import Configured
from crossdock.store import delivery as store
from crossdock.store.delivery import Key, Queued

_STAYS: Final = frozenset({"sent", "unknown"})
_SWEEP_ROWS: Final = 5_000
HOLD: Final = "rule"
"""Why a command is not sent that only a new rule or policy wants."""


def route(connections: Mapping[str, Configured], target: str, content: dict[str, Any]) -> str | None:
    """The connection that takes a command; `None`: there is none, and it waits to be asked for."""
    for name, configured in connections.items():
        if configured.connection.takes(target, content):
            return name
    return None


def enqueue(
    connection: psycopg.Connection,
    tenant: int,
    connections: Mapping[str, Configured],
    cases: Mapping[str, Touched],
) -> None:
    """Queue what the cases of this transaction want, and take out what they no longer do, in the same transaction.

    What only a new rule or policy wants is held until a person releases it.
    """
    if not connections:
        return
    wanted, gone = [], []
    for owner, touched in cases.items():
        changes = touched.asked.changes if touched.asked is not None else None
        held = changes.held if changes is not None else ()
        for change in changes.commands if changes is not None else ():
            key = Key(owner, change.slot, change.generation)
            command = change.command
            if change.state == "wanted" and command is not None:
                name = route(connections, command.target, command.content)
                if name is not None:
                    hold = HOLD if change.slot in held else None
                    wanted.append(Queued(key, name, command.kind, change.action, hold))
                    continue
            if change.state not in _STAYS:
                gone.append(key)
    store.enqueue(connection, tenant, sorted(wanted))
    store.drop(connection, tenant, sorted(gone))


def sweep(connection: psycopg.Connection, tenant: int, connections: Mapping[str, Configured]) -> int:
    """Queue what was wanted before its connection was there; how many."""
    targets = sorted({configured.connection.role for configured in connections.values()})
    if not targets:
        return 0
    rows = list(_queued(connections, store.unqueued(connection, tenant, targets, _SWEEP_ROWS)))
    store.enqueue_if_new(connection, tenant, rows)
    return len(rows)


def _queued(connections: Mapping[str, Configured], rows: Iterable[store.Unqueued]) -> Iterable[Queued]:
    for row in rows:
        name = route(connections, row.target, msgspec.json.decode(row.content))
        if name is not None:
            yield Queued(row.key, name, row.kind, row.action, HOLD if row.by_rule else None)
