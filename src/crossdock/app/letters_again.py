"""Dead letters read again from the page: what they lack is said first, and what is told is what was seen."""

from __future__ import annotations

import time
from typing import Final

import psycopg

from crossdock.app import cross_references, replay
from crossdock.app.handling import NotDone, name_of
from crossdock.console.views import Again, Unknown
from crossdock.engine import configuration
from crossdock.store import dead_letters, waiting
from crossdock.store.waiting import Which

_RULE: Final = "xref.unknown"
_LETTERS_MAX: Final = 1_000
_SEEN_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.05


def unknown(connection: psycopg.Connection, tenant: int, rule: str) -> list[Unknown]:
    """The identifiers that dead letters of this rule lack, the most frequent first."""
    if rule != _RULE:
        return []
    rows = dead_letters.letters(connection, tenant, _LETTERS_MAX, rule=rule)
    numbers = list(dict.fromkeys(row.arrival for row in rows))
    if not numbers:
        return []
    found = replay.missing(connection, tenant, configuration.load(connection, tenant), numbers)
    return [Unknown(*asked, count) for asked, count in found.items()]


def read_again(
    connection: psycopg.Connection, tenant: int, rule: str, *, who: str, unknown: Unknown | None, ours: str
) -> Again:
    """Read letters of a rule again; with `unknown`, after it was said what it is, and only those that lack it."""
    if not rule:
        return Again(refusal="the form does not say which dead letters")
    try:
        by = name_of(who)
        added = cross_references.add(connection, tenant, unknown[:3], ours, who=by) if unknown is not None else None
    except NotDone as refused:
        return Again(refusal=str(refused))
    if added is not None and not added.is_settled:
        return Again(refusal="the cross-reference is recorded, but nobody has settled it yet: is a worker running?")
    which = Which(dead=True, rule=rule, value=unknown.theirs if unknown is not None else None)
    report = replay.replay(connection, tenant, configuration.load(connection, tenant), which, execute=by)
    return Again(
        messages=report.messages,
        put_back=report.put_back,
        settled=_settled(connection, tenant, report.put_back),
        refused=sum(report.refused.values()),
    )


def _settled(connection: psycopg.Connection, tenant: int, put_back: int) -> int:
    """How many of them a worker has settled, after a moment."""
    give_up_at = time.monotonic() + _SEEN_SECONDS
    while True:
        left = min(put_back, waiting.put_back_waiting(connection, tenant))
        if left == 0 or time.monotonic() > give_up_at:
            return put_back - left
        time.sleep(_LOOK_SECONDS)
