"""Reads dead letters' messages again: first to see what would happen, then in earnest.

In earnest means that the message goes back to the inbox: settling reads it as it reads any other. What was read of
it before is known, so it changes nothing; what fails again becomes a dead letter again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

import msgspec
import psycopg

from crossdock.engine.configuration import Configuration
from crossdock.engine.reading import read_messages
from crossdock.store import arrival as arrivals
from crossdock.store import messages as stored
from crossdock.store import waiting
from crossdock.store.settling import Message
from crossdock.store.waiting import Waiting

_BATCH: Final = 200
_SAMPLES_MAX: Final = 5


class StillRefused(msgspec.Struct, frozen=True, kw_only=True):
    """A part that would be refused again, and why."""

    id: str
    rule: str
    position: str
    problem: str


class Replayed(msgspec.Struct, kw_only=True):
    """What a replay did, or would do.

    `messages` have dead letters; `put_back` of them are (or would be) read again, because something changes;
    `readable` counts dead letters that are gone then, `events` what they say; `refused` counts by rule what is refused
    still, with samples; `lost` messages are not kept any more.
    """

    executed: bool
    messages: int = 0
    put_back: int = 0
    readable: int = 0
    events: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    samples: list[StillRefused] = msgspec.field(default_factory=list)
    lost: int = 0


def replay(
    connection: psycopg.Connection,
    tenant: int,
    configuration: Configuration,
    *,
    rule: str | None = None,
    arrival: int | None = None,
    execute: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Replayed:
    """Read the messages of dead letters (of one rule, or one message) by today's mappings; `execute` puts them back."""
    report = Replayed(executed=execute)
    batches = waiting.messages_with_letters(connection, tenant, rule=rule, arrival=arrival, batch=_BATCH)
    for batch in batches:
        bodies = {
            message.arrival: message for message in stored.bodies(connection, tenant, [one.arrival for one in batch])
        }
        known = stored.events_counted(connection, tenant, [one.arrival for one in batch])
        again = [
            one.arrival
            for one in batch
            if _changes(one, bodies.get(one.arrival), known.get(one.arrival, 1), configuration, report)
        ]
        report.messages += len(batch)
        report.put_back += len(again)
        if execute and again:
            waiting.put_back(connection, tenant, again)
        progress(report.messages)
    return report


def _changes(one: Waiting, message: Message | None, known: int, configuration: Configuration, report: Replayed) -> bool:
    """Would reading the message again change anything? Counts what it would."""
    if message is None:
        report.lost += 1
        return False
    read, refused = read_messages([message], configuration)
    for each in refused:
        rejection = each.rejection
        report.refused[rejection.rule] += 1
        if len(report.samples) < _SAMPLES_MAX:
            name = f"{arrivals.text(one.arrival)}:{rejection.row}"
            report.samples.append(
                StillRefused(id=name, rule=rejection.rule, position=rejection.position, problem=rejection.problem)
            )
    report.readable += max(0, len(one.rows) - len(refused))
    report.events += max(0, len(read) - known)
    found = {(each.rejection.row, each.rejection.rule) for each in refused}
    # What failed in settling was read well before: only trying again tells.
    return found != set(zip(one.rows, one.rules, strict=True))
