"""The page of held commands over the database, and what people do on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg

from crossdock.app import proposals
from crossdock.app.handling import NotDone, name_of
from crossdock.app.opening import Opened
from crossdock.app.proposals import HOLDS, NEEDS, Proposal
from crossdock.console.held_views import Field, Held, HeldCommand, HeldFilters, LetGo
from crossdock.console.views import HeldGroup, Money
from crossdock.store import delivery_held

_COMMANDS_MAX: Final = 50
_TEXT_MAX: Final = 400
# What waits for another reason is in the queue.
_NO_ITEMS: Final = frozenset({"propose", "rule"})


def held(at: Opened, filters: HeldFilters, now: datetime) -> Held:
    """All that waits, and the commands that the filters let through."""
    found = proposals.proposals(at)
    chosen = [
        one
        for one in found
        if (not filters.connection or one.connection == filters.connection)
        and (not filters.kind or one.kind == filters.kind)
        and (not filters.hold or one.hold == filters.hold)
    ]
    return Held(
        filters=filters,
        groups=[_group(one) for one in proposals.difference(chosen)],
        commands=[_command(one) for one in chosen[:_COMMANDS_MAX]],
        total=len(chosen),
        at=now,
    )


def to_release(connection: psycopg.Connection, tenant: int) -> list[HeldGroup]:
    """What waits for a person and is no work item: for the first page, without its money."""
    return [
        HeldGroup(
            connection=one.connection,
            kind=one.kind,
            action=one.action,
            hold=one.hold,
            documents=one.commands,
            amount=None,
            means=HOLDS[one.hold],
            needs=True,
        )
        for one in delivery_held.groups(connection, tenant)
        if one.hold in _NO_ITEMS
    ]


def release(at: Opened, commands: Mapping[str, str], who: str) -> LetGo:
    """Let commands go, each (by key) with the content of the hash that the person saw."""
    try:
        name = name_of(who)
    except NotDone as refused:
        return LetGo(refusal=str(refused))
    shown = [one for one in proposals.proposals(at) if commands.get(one.key) == one.hash]
    done = proposals.release(at, shown, name) if shown else 0
    return LetGo(done=done, changed=len(commands) - done)


def was_done(at: Opened, key: str, *, who: str, document_no: str) -> LetGo:
    """Somebody looked: a command whose outcome nobody could look up was done."""
    try:
        name = name_of(who)
    except NotDone as refused:
        return LetGo(refusal=str(refused))
    one = next((one for one in proposals.proposals(at, key=key) if one.hold == "person"), None)
    if one is None:
        return LetGo(refusal=f"no command called {key!r} waits for somebody to look")
    proposals.declare(at, one, name, document_no=document_no.strip() or None)
    return LetGo(done=1)


def _group(one: proposals.Difference) -> HeldGroup:
    return HeldGroup(
        connection=one.connection,
        kind=one.kind,
        action=one.action,
        hold=one.hold,
        documents=one.documents,
        amount=Money(one.minor, one.currency) if one.minor else None,
        means=HOLDS.get(one.hold, ""),
        needs=one.hold in NEEDS,
    )


def _command(one: Proposal) -> HeldCommand:
    before = one.before or {}
    names = sorted(one.content.keys() | before.keys())
    return HeldCommand(
        key=one.key,
        case=one.case,
        connection=one.connection,
        kind=one.kind,
        action=one.action,
        hold=one.hold,
        since=one.since,
        amount=Money(one.minor, one.currency),
        hash=one.hash,
        fields=[Field(name, _text(before.get(name)), _then(one, name)) for name in names],
    )


def _then(one: Proposal, name: str) -> str:
    return "" if one.action == "undo" else _text(one.content.get(name))


def _text(value: Any) -> str:  # noqa: ANN401  # whatever a document says
    if value is None:
        return ""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= _TEXT_MAX else text[:_TEXT_MAX] + "…"
