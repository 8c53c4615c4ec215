"""A message as a person reads it: from whom, when, what it said by which mapping, what was refused, what followed."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
import psycopg

from crossdock.app.lookup import CommandLine, EntryLine, Lookup, command_line, entry_line
from crossdock.formats.excerpt import excerpt
from crossdock.store import arrival as arrivals
from crossdock.store import corrections, messages, reading

ROWS_MAX: Final = 10_000
_EXCERPT_BYTES: Final = 2_000
_CASES_MAX: Final = 200


class EventLine(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a message held."""

    row: int
    event: str
    key: str
    case: str
    occurred: datetime
    mapping: str | None
    copy: bool


class LetterLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter; `id` is what `crossdock dead show` takes."""

    id: str
    message: str
    row: int
    source: str | None
    mapping: str | None
    position: str
    rule: str
    problem: str
    value: str
    sample: str
    since: datetime
    settled: datetime | None
    settlement: str | None


class RepeatLine(msgspec.Struct, frozen=True, kw_only=True):
    """The message received again, or another content under its identity: `conflict` is that message."""

    received: datetime
    copies: int
    conflict: str | None


class CorrectionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a person wrote in the place of another one."""

    message: str
    original: str
    who: str
    why: str
    at: datetime
    act: int


class MessageDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A message and what became of it. `state` is waiting, read, partly read or refused."""

    message: str
    source: str | None
    received: datetime
    settled: datetime | None
    content_type: str
    name: str | None
    first_row: int
    size_bytes: int
    state: str
    events_count: int
    rejected_count: int
    excerpt: str
    events: list[EventLine]
    dead_letters: list[LetterLine]
    repeats: list[RepeatLine]
    corrections: list[CorrectionLine]
    commands: list[CommandLine]
    entries: list[EntryLine]


def message_detail(connection: psycopg.Connection, tenant: int, arrival: int) -> MessageDetail | None:
    """A message with what was read of it and what followed, bounded; `None` where none has this arrival number."""
    row = messages.message(connection, tenant, arrival, excerpt_bytes=_EXCERPT_BYTES)
    if row is None:
        return None
    said = messages.events_of(connection, tenant, arrival, ROWS_MAX)
    letters = messages.letters(connection, tenant, arrival, ROWS_MAX)
    settled = [event.processed_at for event in said] + [letter.created_at for letter in letters]
    events, rejected = (1, 0) if row.events is None or row.rejected is None else (row.events, row.rejected)
    if row.waits:
        events = rejected = 0
    return MessageDetail(
        message=arrivals.text(arrival),
        source=row.source,
        received=row.received_at,
        settled=max(settled, default=None),
        content_type=row.content_type,
        name=row.name,
        first_row=row.first_row,
        size_bytes=row.size_bytes,
        state="waiting" if row.waits else "read" if not rejected else "partly read" if events else "refused",
        events_count=events,
        rejected_count=rejected,
        excerpt="\n".join(excerpt(line) for line in row.excerpt.splitlines()[:12]),
        events=[
            EventLine(
                row=event.row,
                event=event.type,
                key=event.key,
                case=event.owner,
                occurred=event.occurred_at,
                mapping=event.mapping,
                copy=event.copy,
            )
            for event in said
        ],
        dead_letters=[letter_line(letter) for letter in letters],
        repeats=[
            RepeatLine(
                received=repeat.received_at,
                copies=repeat.copies,
                conflict=None if repeat.conflict is None else arrivals.text(repeat.conflict),
            )
            for repeat in messages.repeats(connection, tenant, arrival, ROWS_MAX)
        ],
        corrections=[
            CorrectionLine(
                message=arrivals.text(one.arrival),
                original=arrivals.text(one.original),
                who=one.who,
                why=one.why,
                at=one.at,
                act=one.act,
            )
            for one in corrections.of(connection, tenant, arrival)
        ],
        commands=_asked_because(connection, tenant, arrival, {event.owner for event in said}),
        entries=[entry_line(one) for one in reading.entries_because(connection, tenant, arrival, ROWS_MAX)],
    )


def _asked_because(connection: psycopg.Connection, tenant: int, arrival: int, cases: set[str]) -> list[CommandLine]:
    """What was asked of other systems because of a message, by the cases it told something and those they speak to."""
    lookup = Lookup(connection, tenant)
    known = lookup.cases(sorted(cases)[:_CASES_MAX])
    above = {to for case in known for to in lookup.above(case)}
    rows = reading.commands_of(connection, tenant, sorted({*known, *above}))
    return [command_line(row) for row in rows if row.arrival == arrival]


def letter_line(row: messages.LetterRow) -> LetterLine:
    """A dead letter as it is shown."""
    name = arrivals.text(row.arrival)
    return LetterLine(
        id=f"{name}:{row.row}",
        message=name,
        row=row.row,
        source=row.source,
        mapping=row.mapping,
        position=row.position,
        rule=row.rule,
        problem=row.problem,
        value=row.value,
        sample=row.sample,
        since=row.created_at,
        settled=row.settled_at,
        settlement=row.settlement,
    )


def parse_letter(text: str) -> tuple[int, int | None] | None:
    """`2026-11-23/5021/17:3` as (arrival, row), the row being optional; `None` when it is no such thing."""
    name, _, row = text.partition(":")
    arrival = arrivals.parse(name)
    if arrival is None or (row and not (row.isascii() and row.isdigit())):
        return None
    return arrival, int(row) if row else None
