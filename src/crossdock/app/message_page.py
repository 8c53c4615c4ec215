"""A message as its page shows it: the bytes bounded and harmless, what was made of them, what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
import psycopg

from crossdock.app import codes
from crossdock.app.journey import asked_view, entry_view
from crossdock.app.message_lookup import MessageDetail, message_detail
from crossdock.app.surroundings import Line, around
from crossdock.console.journey_views import Message, Repeat, Said
from crossdock.console.views import Letter, Tone
from crossdock.store import arrival as arrivals
from crossdock.store import messages

_RAW_BYTES_MAX: Final = 16_000
_ROWS_MAX: Final = 100
_SURROUNDED_MAX: Final = 5
_TONES: Final[dict[str, Tone]] = {"waiting": "", "read": "good", "partly read": "warn", "refused": "bad"}


def page_of(connection: psycopg.Connection, tenant: int, arrival: int, now: datetime) -> Message | None:
    """The page of a message; `None` where none has this arrival number."""
    detail = message_detail(connection, tenant, arrival)
    if detail is None:
        return None
    kept = messages.bodies(connection, tenant, [arrival])
    header, body, first_row = (kept[0].header or b"", bytes(kept[0].body), kept[0].first_row) if kept else (b"", b"", 0)
    rows = messages.letters(connection, tenant, arrival, _ROWS_MAX)
    letters = [
        letter_view(
            row, around(body, row.position, header=header, first_row=first_row) if place < _SURROUNDED_MAX else ()
        )
        for place, row in enumerate(rows)
    ]
    raw = header + body
    shown, form = _readable(raw[:_RAW_BYTES_MAX], detail.content_type, is_whole=len(raw) <= _RAW_BYTES_MAX)
    return Message(
        message=detail.message,
        source=detail.source or "a source that is gone",
        received=detail.received,
        settled=detail.settled,
        content_type=detail.content_type,
        name=detail.name or "",
        size_bytes=detail.size_bytes,
        state=detail.state,
        tone=_TONES.get(detail.state, ""),
        sentence=_sentence(detail),
        raw=shown,
        raw_left_out=max(0, len(raw) - _RAW_BYTES_MAX),
        form=form,
        events=[
            Said(
                event.row, event.type, event.key, event.owner, event.occurred_at, event.mapping or "", event.copy,
                msgspec.json.format(event.data, indent=2)[:_RAW_BYTES_MAX],
            )
            for event in messages.events_of(connection, tenant, arrival, _ROWS_MAX)
        ],
        events_count=detail.events_count,
        letters=letters,
        rejected_count=detail.rejected_count,
        repeats=[Repeat(one.received, one.copies, one.conflict) for one in detail.repeats[:_ROWS_MAX]],
        at=now,
        commands=[asked_view(one) for one in detail.commands[:_ROWS_MAX]],
        entries=[entry_view(one) for one in detail.entries[:_ROWS_MAX]],
    )  # fmt: skip


def letter_view(row: messages.LetterRow, lines: Sequence[Line] = ()) -> Letter:
    """A dead letter with the lines around it."""
    meaning = codes.meaning(row.rule)
    return Letter(
        message=arrivals.text(row.arrival),
        row=row.row,
        source=row.source or "",
        mapping=row.mapping or "",
        position=row.position,
        rule=row.rule,
        problem=row.problem,
        value=row.value,
        since=row.created_at,
        settled=row.settled_at,
        settlement=row.settlement,
        action=meaning.do if meaning else "",
        around=[(line.place, line.text, line.here) for line in lines],
    )


def _sentence(detail: MessageDetail) -> str:
    """What became of it, in one sentence."""
    open_letters = [letter for letter in detail.dead_letters if letter.settled is None]
    if detail.state == "waiting":
        return "It waits for a worker to settle it."
    if open_letters:
        meaning = codes.meaning(open_letters[0].rule)
        place = open_letters[0].position or "the whole message"
        action = f" {meaning.do}." if meaning else ""
        return f"Refused at {place}: {open_letters[0].problem}.{action}".replace("..", ".")
    events = detail.events_count
    return f"It was read, and said {events:,} event{'' if events == 1 else 's'}."


def _readable(raw: bytes, content_type: str, *, is_whole: bool) -> tuple[str, str]:
    """The bytes as text for a person, and how they were laid out; nothing is made up."""
    if is_whole and "json" in content_type:
        try:
            return msgspec.json.format(raw, indent=2).decode("utf-8", "backslashreplace"), "JSON, indented for reading"
        except msgspec.DecodeError:
            pass
    if raw.lstrip().startswith(b"ISA") and len(raw.lstrip()) > 106:  # noqa: PLR2004  # the fixed length of an ISA
        text = raw.lstrip()
        terminator = text[105:106]
        if terminator.strip() and not terminator.isalnum():
            lines = text.replace(terminator, terminator + b"\n")
            return lines.decode("utf-8", "backslashreplace"), "X12, one segment a line"
    return raw.decode("utf-8", "backslashreplace"), "as received"
