"""What changed in a Tryton, which tells nobody: its records are read again from a moment on, with an overlap.

A record's stamp is when its transaction *began*, so one with an earlier stamp may become visible after one with a
later stamp. Each round therefore reads from `overlap_seconds` before the latest stamp that was known when the round
before it started. Within a round records are read by number, not by stamp: one that changes meanwhile would move, and
push others over the edge of a page. What an earlier round showed with the same stamp is not shown again.

A message holds the record byte for byte as it was sent (`record`), others that belong to it (`beside`), and what they
say together in one plain form (`told`), which is what mappings read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Refused, Sent, Stop, Talk
from crossdock.connectors.tryton.wire import Row
from crossdock.kit.connector import Failed, Gone, Hint, Page, Record

_SEEN_MAX: Final = 5_000


class Composed(NamedTuple):
    """What a record says, in one plain form; and what else was read for that, each record byte for byte."""

    told: Row
    beside: Sequence[bytes] = ()


Compose = Callable[[Talk, list[Sent]], Awaitable[list[Composed]]]


async def _as_it_is(talk: Talk, sent: list[Sent]) -> list[Composed]:  # noqa: ARG001  # as any composing
    return [Composed(one.row) for one in sent]


class Watched(NamedTuple):
    """A kind of record that is read: its model, which of them count, and the fields that are asked of each.

    `compose` puts into one plain form what its record says, and others that belong to it.
    """

    entity: str
    model: str
    domain: Sequence[Any]
    fields: Sequence[str]
    compose: Compose = _as_it_is


class Cursor(msgspec.Struct, array_like=True):
    """Where reading stands: which kind of record, after which number.

    `since` is where each kind's round starts, `starting` the latest stamp that was known when this one began, `seen`
    the stamps that were shown, by record.
    """

    kind: int = 0
    after: int = 0
    since: dict[str, float] = {}
    starting: float = 0.0
    seen: dict[str, dict[int, str]] = {}


class Feed:
    """Reads the kinds one after another, page by page, round after round."""

    def __init__(self, settings: Settings, watched: Sequence[Watched]) -> None:
        self._settings = settings
        self._watched = watched
        self._begins = settings.begins.timestamp() if settings.begins else 0.0

    async def page(self, talk: Talk, text: str | None) -> Page | Failed:
        """The records of one page, as messages, and where to go on."""
        try:
            cursor = msgspec.json.decode(text, type=Cursor) if text else Cursor()
        except (msgspec.DecodeError, msgspec.ValidationError):
            return Failed(reason="its cursor cannot be read", is_evil=True)
        try:
            return await self._page(talk, cursor)
        except Stop as stopped:
            seconds = getattr(stopped.outcome, "seconds", None)
            return Failed(reason=stopped.outcome.reason, seconds=seconds, evidence=tuple(talk.evidence))
        except (Refused, KeyError, TypeError, ValueError) as odd:
            return Failed(reason=f"it cannot be believed: {odd}"[:300], is_evil=True, evidence=tuple(talk.evidence))

    async def _page(self, talk: Talk, cursor: Cursor) -> Page:
        kind = min(cursor.kind, len(self._watched) - 1)
        watched = self._watched[kind]
        since = cursor.since.get(watched.entity, self._begins)
        starting = cursor.starting if cursor.after else await self._latest(talk, watched)
        sent = await talk.search_sent(
            watched.model,
            [*watched.domain, ["id", ">", cursor.after], *_from(since)],
            [*watched.fields, "_timestamp"],
            order=[["id", "ASC"]],
            limit=self._settings.page,
        )
        seen = cursor.seen.get(watched.entity, {})
        fresh = [one for one in sent if seen.get(one.row["id"]) != one.row["_timestamp"]]
        records = await self._records(talk, watched, fresh)
        shown = seen | {one.row["id"]: one.row["_timestamp"] for one in fresh}
        if len(sent) == self._settings.page:
            last = sent[-1].row["id"]
            following = Cursor(kind, last, cursor.since, starting, {**cursor.seen, watched.entity: shown})
            return Page(records=records, cursor=msgspec.json.encode(following).decode(), more=True)
        next_since = max(since, starting - self._settings.overlap_seconds)
        kept = {number: stamp for number, stamp in shown.items() if float(stamp) >= next_since}
        if len(kept) > _SEEN_MAX:  # shown twice is harmless: it is the same message
            kept = {}
        is_last = kind + 1 >= len(self._watched)
        following = Cursor(
            0 if is_last else kind + 1,
            0,
            {**cursor.since, watched.entity: next_since},
            0.0,
            {**cursor.seen, watched.entity: kept},
        )
        return Page(records=records, cursor=msgspec.json.encode(following).decode(), more=not is_last)

    async def _latest(self, talk: Talk, watched: Watched) -> float:
        """The latest stamp before a round starts: what comes during the round is the next one's."""
        stamps = [0.0]
        for field in ("write_date", "create_date"):
            domain = [*watched.domain, [field, "!=", None]]
            rows = await talk.search(watched.model, domain, ["_timestamp"], order=[[field, "DESC"]], limit=1)
            stamps += [float(row["_timestamp"]) for row in rows]
        return max(stamps)

    async def _records(self, talk: Talk, watched: Watched, sent: list[Sent]) -> tuple[Record, ...]:
        composed = await watched.compose(talk, sent)
        return tuple(self._record(watched, one, its) for one, its in zip(sent, composed, strict=True))

    def _record(self, watched: Watched, sent: Sent, its: Composed) -> Record:
        body = {
            "entity": watched.entity,
            "record": msgspec.Raw(sent.bytes),
            "beside": [msgspec.Raw(one) for one in its.beside],
            "told": its.told,
        }
        return Record(
            entity=watched.entity,
            id=str(sent.row["id"]),
            body=msgspec.json.encode(body),
            content_type=self._settings.message_type,
            source=self._source(its.told),
        )

    def _source(self, told: Row) -> str | None:
        """The sender under whose name, where one system speaks for several warehouses: `wms/{warehouse}`."""
        if self._settings.source is None:
            return None
        return self._settings.source.replace("{warehouse}", str(told.get("warehouse") or ""))

    async def get(self, talk: Talk, hint: Hint) -> Record | Gone | Failed:
        """A record as it is now."""
        watched = next((one for one in self._watched if one.entity == hint.entity), None)
        if watched is None or not hint.id.isdigit():
            return Gone()
        try:
            domain = [*watched.domain, ["id", "=", int(hint.id)]]
            sent = await talk.search_sent(watched.model, domain, [*watched.fields, "_timestamp"], limit=1)
            return (await self._records(talk, watched, sent))[0] if sent else Gone()
        except Stop as stopped:
            return Failed(reason=stopped.outcome.reason, evidence=tuple(talk.evidence))
        except (Refused, KeyError, TypeError, ValueError) as odd:
            return Failed(reason=str(odd)[:300], is_evil=True, evidence=tuple(talk.evidence))


def _from(since: float) -> list[Any]:
    """The domain of records that were made or changed since a moment (seconds since 1970)."""
    if not since:
        return []
    moment = _moment(since)
    return [["OR", ["write_date", ">=", moment], [["write_date", "=", None], ["create_date", ">=", moment]]]]


def moment_of(stamp: object) -> str:
    """When a record was changed last, as a text."""
    return datetime.fromtimestamp(float(str(stamp)), UTC).isoformat()


def day_of(stamp: object) -> str:
    """The day on which a record was changed last."""
    return moment_of(stamp)[:10]


def _moment(seconds: float) -> Row:
    at = datetime.fromtimestamp(seconds, UTC)
    return {
        "__class__": "datetime", "year": at.year, "month": at.month, "day": at.day, "hour": at.hour,
        "minute": at.minute, "second": at.second, "microsecond": at.microsecond,
    }  # fmt: skip
