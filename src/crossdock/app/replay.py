"""Reads stored messages again by today's mappings: first to see what would happen, then in earnest.

In earnest means that a message goes back to the inbox: settling reads it as it reads any other. What was read of it
before is known, so it changes nothing; what fails again becomes a dead letter again. So only messages of which
something new would be read are put back, whatever was chosen.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
import psycopg

from crossdock.app.replay_effects import Effects, Rehearsal
from crossdock.engine.configuration import Configuration, Reader
from crossdock.engine.cross_references import CrossReferences
from crossdock.engine.reading import Read, Refused, read_messages
from crossdock.store import arrival as arrivals
from crossdock.store import messages as stored
from crossdock.store import trail, waiting
from crossdock.store.waiting import Chosen, Which

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

    `messages` were chosen; `put_back` of them are (or would be) read again, because something changes; `readable`
    counts dead letters that are gone then, `events` what is said anew; `refused` counts by rule what is refused still,
    with samples; `lost` messages are not kept any more; `effects` is what follows from what is said anew.
    """

    executed: bool
    messages: int = 0
    put_back: int = 0
    readable: int = 0
    events: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    samples: list[StillRefused] = msgspec.field(default_factory=list)
    lost: int = 0
    effects: Effects = msgspec.field(default_factory=Effects)
    trail: int | None = None


def replay(
    connection: psycopg.Connection,
    tenant: int,
    configuration: Configuration,
    which: Which,
    *,
    execute: str | None = None,
    version: Reader | None = None,
    per_second: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Replayed:
    """Read messages again by today's mappings; `execute` names who puts them back, without it nothing changes.

    `version` of a mapping reads what the one in force would read. No more than `per_second` messages are put back in
    a second; a batch and its act in the trail are one transaction, so whoever is interrupted goes on where he was.
    """
    report = Replayed(executed=execute is not None)
    lookup = CrossReferences(connection, tenant)
    rehearsal = Rehearsal(connection, tenant, configuration.policies)
    pace = _Pace(per_second if execute is not None else None)
    for batch in waiting.chosen(connection, tenant, which, batch=pace.batch):
        numbers = [one.arrival for one in batch]
        bodies = {message.arrival: message for message in stored.bodies(connection, tenant, numbers)}
        known = stored.rows_of_events(connection, tenant, numbers)
        here = [one for one in batch if one.arrival in bodies]
        report.lost += len(batch) - len(here)
        chosen = {} if version is None else dict.fromkeys(numbers, version)
        messages = [bodies[one.arrival] for one in here]
        read, refused = _by_message(read_messages(messages, configuration, lookup, chosen=chosen))
        readable_before = report.readable
        again: list[int] = []
        news: list[Read] = []
        for one in here:
            told = read.get(one.arrival, [])
            found = _new_in(told, refused.get(one.arrival, []), one, known.get(one.arrival, frozenset()), report)
            if found is not None:
                again.append(one.arrival)
                news += found
        report.messages += len(batch)
        report.put_back += len(again)
        rehearsal.hear(news)
        if execute is not None and again:
            pace.wait()
            detail: dict[str, Any] = {"messages": len(again), "dead_letters": report.readable - readable_before}
            if version is not None:
                detail["mapping"] = f"{version.mapping.name}@{version.mapping.version}"
            with connection.transaction():
                report.trail = trail.append(
                    connection, tenant, who=execute, what="replayed", subject=which.words(),
                    detail=msgspec.json.encode(detail).decode(),
                )  # fmt: skip
                waiting.put_back(connection, tenant, again, mapping=version.mapping_id if version else None)
            pace.did(len(again))
        progress(report.messages)
    report.effects = rehearsal.effects
    return report


class _Pace:
    """How fast messages are put back: so that those of a bad day do not crowd out those of today."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._next_at = 0.0
        self.batch = _BATCH if per_second is None else max(1, min(_BATCH, per_second))

    def wait(self) -> None:
        if self._per_second is not None:
            time.sleep(max(0.0, self._next_at - time.monotonic()))

    def did(self, messages: int) -> None:
        if self._per_second is not None:
            self._next_at = time.monotonic() + messages / self._per_second


def _by_message(
    found: tuple[list[Read], list[Refused]],
) -> tuple[dict[int, list[Read]], dict[int, list[Refused]]]:
    read: dict[int, list[Read]] = {}
    refused: dict[int, list[Refused]] = {}
    for event in found[0]:
        read.setdefault(event.receipt.arrival, []).append(event)
    for letter in found[1]:
        refused.setdefault(letter.message.arrival, []).append(letter)
    return read, refused


def _new_in(
    read: Sequence[Read], refused: Sequence[Refused], one: Chosen, known: frozenset[int], report: Replayed
) -> list[Read] | None:
    """What reading the message again would say anew; `None` where nothing at all would change."""
    for each in refused:
        rejection = each.rejection
        report.refused[rejection.rule] += 1
        if len(report.samples) < _SAMPLES_MAX:
            name = f"{arrivals.text(one.arrival)}:{rejection.row}"
            report.samples.append(
                StillRefused(id=name, rule=rejection.rule, position=rejection.position, problem=rejection.problem)
            )
    report.readable += max(0, len(one.rows) - len(refused))
    news = [each for each in read if each.receipt.row not in known]
    report.events += len(news)
    # What failed in settling was read well before: only trying again tells.
    is_same = {(each.rejection.row, each.rejection.rule) for each in refused} == set(
        zip(one.rows, one.rules, strict=True)
    )
    return None if is_same and not news else news


def missing(
    connection: psycopg.Connection, tenant: int, configuration: Configuration, numbers: Sequence[int]
) -> dict[tuple[str, str, str], int]:
    """Identifiers (scheme, issuer, theirs) that these messages name and nobody has cross-referenced, and how often."""
    counted: Counter[tuple[str, str, str]] = Counter()
    messages = stored.bodies(connection, tenant, list(numbers))
    lookup = CrossReferences(connection, tenant)
    read_messages(messages, configuration, lookup)  # what they ask for is read for all at once
    for message in messages:
        lookup.missed.clear()
        read_messages([message], configuration, lookup)
        counted.update(list(lookup.missed))
    return dict(counted.most_common())
