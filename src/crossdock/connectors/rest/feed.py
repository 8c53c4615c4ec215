"""A page of a feed: its records byte for byte, where to go on, and the ways in which a feed can lie."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from crossdock.connectors.rest.doubts import Unbelievable
from crossdock.connectors.rest.manifest import Feed
from crossdock.connectors.rest.template import value_at
from crossdock.kit.connector import Page, Record

_IN_SOURCE: Final = re.compile(r"\{([^{}]*)\}")
_CURSOR_MAX: Final = 500
_SPLIT: Final = "|"


def raw_at(body: bytes, path: str | None) -> bytes:
    """The bytes of the value at a path, as they were sent. Raises `Unbelievable` where there is none."""
    raw = msgspec.Raw(body)
    for step in path.split(".") if path else ():
        try:
            members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
            raw = members[step]
        except (msgspec.DecodeError, KeyError) as missing:
            raise Unbelievable(f"it has no {path}") from missing
    return bytes(raw)


def source_of(template: str | None, record: Any) -> str | None:  # noqa: ANN401  # any JSON
    """The sender under whose name a record is taken in: `wms/{WHSE}` filled from the record."""
    return _IN_SOURCE.sub(lambda place: str(value_at(record, place[1]) or ""), template) if template else None


def parameters(feed: Feed, cursor: str | None) -> dict[str, str]:
    """The query that asks for the page at a cursor."""
    query = dict(feed.query)
    if feed.style == "cursor":
        if cursor:
            query[feed.after] = cursor
        return query
    since, _, page = (cursor or "").partition(_SPLIT)
    if since:
        query[feed.after] = since
    assert feed.page is not None  # noqa: S101  # the manifest was checked
    query[feed.page] = page or "1"
    return query


def page_of(feed: Feed, body: bytes, document: Any, cursor: str | None, message_type: str) -> Page:  # noqa: ANN401
    """The records of a page. Raises `Unbelievable` for one that leads nowhere, back, or for ever."""
    rows = value_at(document, feed.rows)
    if not isinstance(rows, list):
        raise Unbelievable(f"{feed.rows} is no list of rows")
    raws = msgspec.json.decode(raw_at(body, feed.rows), type=list[msgspec.Raw])
    records = tuple(_record(feed, row, bytes(raw), message_type) for row, raw in zip(rows, raws, strict=True))
    more = value_at(document, feed.more) in {True, "X", "Y", "true"}
    if feed.style == "since":
        return Page(records=records, cursor=_next_since(feed, rows, cursor, more=more), more=more)
    following = value_at(document, str(feed.cursor))
    if not isinstance(following, str) or not following or len(following) > _CURSOR_MAX:
        raise Unbelievable(f"{feed.cursor} is no cursor")
    if more and following == (cursor or ""):
        raise Unbelievable("it says that there is more, and sends us where we came from")
    if cursor and len(following) == len(cursor) and following < cursor:
        raise Unbelievable(f"its cursor goes backwards, from {cursor} to {following}")
    if records and following == cursor:
        raise Unbelievable("it gives rows and the cursor we came with: the page would repeat for ever")
    return Page(records=records, cursor=following, more=more)


def _next_since(feed: Feed, rows: list[Any], cursor: str | None, *, more: bool) -> str:
    """The latest moment seen, from page 1 on once there is no more; within a moment, the next page."""
    since, _, page = (cursor or "").partition(_SPLIT)
    if more and not rows:
        raise Unbelievable("it says that there is more, and gives an empty page")
    moments = [value_at(row, str(feed.since)) for row in rows]
    if any(not isinstance(moment, str) or not moment for moment in moments):
        raise Unbelievable(f"a row has no {feed.since}")
    if since and any(moment < since for moment in moments):
        raise Unbelievable(f"a row is older than {since}, from which we asked")
    if more:
        return f"{since}{_SPLIT}{int(page or '1') + 1}"
    return f"{max([since, *moments])}{_SPLIT}1"


def _record(feed: Feed, row: Any, raw: bytes, message_type: str) -> Record:  # noqa: ANN401  # any JSON
    entity, name = value_at(row, feed.entity), value_at(row, feed.id)
    if not isinstance(entity, str) or not isinstance(name, str):
        raise Unbelievable(f"a row has no {feed.entity} or {feed.id} in words")
    body = raw_at(raw, feed.record)
    source = source_of(feed.source, value_at(row, feed.record) if feed.record else row)
    return Record(entity=entity, id=name, body=body, content_type=message_type, source=source)
