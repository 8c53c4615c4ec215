"""The pages that only show: first page, search, journey, message, trail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import unquote

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from crossdock.console.answers import HEADERS, Missing, page, see_other
from crossdock.console.data import Data
from crossdock.console.journey_views import Found
from crossdock.console.render import journey_at, message_at

_QUERY_MAX: Final = 200
_MESSAGE: Final = re.compile(r"(\d{4}-\d\d-\d\d/\d+/\d+)(:\d+)?")

Asked = Request[Any, Any, Any]


def handlers(data: Data) -> list[HTTPRouteHandler]:
    """The routes."""
    return [*_lookups(data), *_lists(data)]


def _lists(data: Data) -> list[HTTPRouteHandler]:
    @get("/")
    async def front(request: Asked) -> Response[bytes]:
        """What needs a decision now, and the counts."""
        return page(request, "front.html", front=await data.front())

    @get("/trail")
    async def trail(request: Asked, before: int | None = None) -> Response[bytes]:
        """What people did."""
        return page(request, "trail.html", trail=await data.trail(before))

    return [front, trail]


def _lookups(data: Data) -> list[HTTPRouteHandler]:
    @get("/search")
    async def search(request: Asked, q: str = "") -> Response[bytes]:
        """Go to what has this name, or list what comes near."""
        text = q.strip()[:_QUERY_MAX]
        if not text:
            return see_other("/")
        return await _found(request, data, text)

    @get("/journey/{name:path}")
    async def journey(request: Asked, name: str) -> Response[bytes]:
        """The journey of whatever has this name."""
        asked = unquote(name).removeprefix("/")[:_QUERY_MAX]
        shown = await data.journey(asked) if "/" in asked and not _MESSAGE.fullmatch(asked) else None
        if shown is None:
            return await _found(request, data, asked)
        return page(request, "journey.html", journey=shown)

    @get("/message/{name:path}")
    async def message(request: Asked, name: str) -> Response[bytes]:
        """What came in, and what became of it."""
        asked = unquote(name).removeprefix("/")[:_QUERY_MAX]
        is_raw = asked.endswith("/raw")
        if is_raw:
            body = await data.raw(asked.removesuffix("/raw"))
            if body is not None:
                return _download(body, asked.removesuffix("/raw"))
        shown = None if is_raw else await data.message(asked.partition(":")[0])
        if shown is None:
            raise Missing(f"No message {asked!r} is kept here.", "A message is named like 2026-11-23/5021/17.")
        return page(request, "message.html", message=shown)

    return [search, journey, message]


async def _found(request: Asked, data: Data, text: str) -> Response[bytes]:
    """Whatever has this name: a message, a work item, a case; else what begins so, else what comes near."""
    letter = _MESSAGE.fullmatch(text)
    if letter is not None:
        return see_other(message_at(letter[1]))
    cases = await data.find(text)
    if len({case.journey for case in cases if case.is_exact}) == 1:
        return see_other(journey_at(cases[0].case))
    if not cases and "/" in text and (item := await data.item(text)) is not None:
        return see_other(journey_at(item.case))
    near: Sequence[Found] = () if cases else await data.near(text)
    return page(request, "search.html", status=200 if cases else 404, query=text, cases=cases, near=near)


def _download(body: bytes, name: str) -> Response[bytes]:
    """The bytes as a file: a browser must not take them for a page of ours."""
    file = re.sub(r"[^0-9-]", "_", name)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="message_{file}.txt"'}
    return Response(body, media_type="application/octet-stream", headers=headers)
