"""What waits for a person before it is sent: what it would change in documents and money, and letting it go."""

from __future__ import annotations

import getpass
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from crossdock.app.opening import Opened
from crossdock.engine import outcome_messages
from crossdock.engine.configuration import Configuration, load
from crossdock.engine.deliver_commands import trust
from crossdock.model.money import minor_in
from crossdock.processes.slots import content_hash
from crossdock.settings import ConfigurationError
from crossdock.store import delivery_held, delivery_look, delivery_state, trail
from crossdock.store.delivery import Key
from crossdock.store.delivery_held import Held
from crossdock.store.intake import receive

LIMIT: Final = 10_000
HOLDS: Final = {
    "propose": "This kind of command is proposed: a person lets each one go",
    "observe": "This kind of command is only observed: it is recorded what would be done",
    "limit": "More would be taken back within an hour than the limit of undos allows: look why before it goes",
    "rule": "Only a new rule or a new policy wants it: nothing that happened does",
    "person": "Nobody can tell whether it was done: look there, then release it or say that it was done",
    "before": "It was wanted before the system was connected, which may know nothing of it",
}
NEEDS: Final = frozenset({"propose", "limit", "rule", "person"})
"""The holds that ask somebody to decide."""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits. `minor` is the money it moves, negative where it is taken back; `hash` what is released.

    `cause` is `rule` or `policy` where only that wants it.
    """

    key: str
    case: str
    slot: str
    generation: int
    connection: str
    kind: str
    action: str
    hold: str
    since: datetime
    content: dict[str, Any]
    before: dict[str, Any] | None
    minor: int
    currency: str
    hash: str
    cause: str | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What releasing would change, summed: documents and money by connection, kind and action."""

    connection: str
    kind: str
    action: str
    hold: str
    documents: int
    minor: int
    currency: str


def proposals(
    at: Opened, *, connection: str | None = None, kind: str | None = None, key: str | None = None, limit: int = LIMIT
) -> list[Proposal]:
    """What waits, in order of asking."""
    configuration = load(at.connection, at.tenant)
    standings = delivery_look.standings(at.connection, at.tenant)
    levels = {
        name: trust(standings[name].autonomy if name in standings else "{}", configured.connection.autonomy)
        for name, configured in configuration.connections.items()
    }
    watched = [name for name, level in levels.items() if level.default != "act" or level.kinds]
    rows = delivery_held.held(at.connection, at.tenant, watched, name=connection, kind=kind, key=key, limit=limit)
    found = []
    for row in rows:
        hold = row.hold or (levels[row.connection].of(row.kind) if row.connection in levels else "act")
        if hold != "act":
            found.append(_proposal(row, hold))
    return found


def _proposal(row: Held, hold: str) -> Proposal:
    content = msgspec.json.decode(row.content)
    before = msgspec.json.decode(row.before) if row.before else None
    minor = -minor_in(content) if row.action == "undo" else minor_in(content) - minor_in(before)
    return Proposal(
        key=row.key.wire(),
        case=row.key.owner,
        slot=row.key.slot,
        generation=row.key.generation,
        connection=row.connection,
        kind=row.kind,
        action=row.action,
        hold=hold,
        since=row.since,
        content=content,
        before=before,
        minor=minor,
        currency=str(content.get("currency", "")),
        hash=content_hash(content),
        cause=row.cause,
    )


def difference(found: Iterable[Proposal]) -> list[Difference]:
    """What all of them would change."""
    sums: dict[tuple[str, str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for one in found:
        total = sums[one.connection, one.kind, one.action, one.hold, one.currency]
        total[0] += 1
        total[1] += one.minor
    return [
        Difference(
            connection=name, kind=kind, action=action, hold=hold, currency=currency, documents=count, minor=minor
        )
        for (name, kind, action, hold, currency), (count, minor) in sorted(sums.items())
    ]


def release(at: Opened, found: list[Proposal], who: str) -> int:
    """Let them go as they were shown; how many were still held. One act in the trail says who did it."""
    with at.connection.transaction():
        gone = delivery_held.release(
            at.connection, at.tenant, [_key(one) for one in found], [one.hash for one in found]
        )
        if gone:
            names = sorted({one.connection for one in found})
            detail = msgspec.json.encode({"commands": sorted(key.wire() for key in gone)}).decode()
            trail.append(
                at.connection, at.tenant, who=who, what="propose.release", subject=", ".join(names), detail=detail
            )
    return len(gone)


def declare(at: Opened, one: Proposal, who: str, *, document_no: str | None) -> None:
    """A person looked: it was done. Its case is told, as if the system had said so."""
    configuration: Configuration = load(at.connection, at.tenant)
    ours = configuration.named(outcome_messages.SOURCE)
    if ours is None:
        raise ConfigurationError("no connection is applied")
    told = outcome_messages.message(
        ours.id, _key(one), "applied", datetime.now(UTC), document_no=document_no, reason=f"declared by {who}"
    )
    with at.connection.transaction():
        receive(at.connection, at.tenant, [told])
        trail.append(at.connection, at.tenant, who=who, what="propose.done", subject=one.key, note=document_no or "")


def set_autonomy(at: Opened, name: str, kind: str, level: str | None, who: str) -> None:
    """Trust a connection so far from now on. Raises `ConfigurationError` for a connection that is not there."""
    known = load(at.connection, at.tenant).connections
    if name not in known:
        raise ConfigurationError(f"no connection is called {name!r}; there are {', '.join(sorted(known)) or 'none'}")
    with at.connection.transaction():
        delivery_state.set_autonomy(at.connection, at.tenant, name, kind=kind, level=level, who=who)
        trail.append(
            at.connection, at.tenant, who=who, what="connection.autonomy", subject=name,
            note=f"{kind}: {level or 'as configured'}",
        )  # fmt: skip


def _key(one: Proposal) -> Key:
    return Key(one.case, one.slot, one.generation)


def me() -> str:
    """Who asks, as this machine knows them."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
