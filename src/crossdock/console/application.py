"""The console as a Litestar application: routes, headers, and pages for what went wrong."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final

from litestar import Litestar, MediaType, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.response import Stream
from litestar.types import ASGIApp, Receive, Scope, Send

from crossdock.console import dead_page, held_page, pages, queue_page
from crossdock.console.answers import HEADERS, Missing, page
from crossdock.console.data import Data, NoAnswer
from crossdock.console.guard import is_own_host
from crossdock.console.live import Live
from crossdock.console.render import ASSETS, VERSION, render

_LOG = logging.getLogger(__name__)
_FORM_BYTES_MAX: Final = 100_000
_FOREVER: Final = "public, max-age=31536000, immutable"
_PLACES: Final = frozenset({"", "dead", "held", "journey", "live", "message", "queue", "search", "static", "trail"})
_OTHERS: Final = frozenset({"healthz", "hooks", "problems", "readyz", "v1"})


class Console:
    """The console. `serves` says which requests are for it; `close` ends the live streams."""

    def __init__(self, data: Data) -> None:
        """Shows what `data` gives."""

        async def parts() -> bytes:
            return render("front_parts.html", front=await data.front())

        self._live = Live(parts)
        self._app: ASGIApp = Litestar(
            [
                *pages.handlers(data),
                *queue_page.handlers(data),
                *held_page.handlers(data),
                *dead_page.handlers(data),
                _static,
                _live(self._live),
            ],
            exception_handlers={
                NoAnswer: _of_no_answer,
                Missing: _of_missing,
                HTTPException: _of_framework,
                Exception: _of_failure,
            },
            before_request=_refuse_strange_names,
            request_max_body_size=_FORM_BYTES_MAX,
            openapi_config=None,
            logging_config=None,
        )

    def serves(self, scope: Scope) -> bool:
        """Is the request for a page? The front is one only for who asks for HTML; so is an address that is nothing."""
        first = scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
        if first:
            return first in _PLACES or (first not in _OTHERS and _wants_html(scope))
        return _wants_html(scope)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        await self._app(scope, receive, send)

    def close(self) -> None:
        """End the live streams, so that the server can stop."""
        self._live.close()


def _wants_html(scope: Scope) -> bool:
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    return any(name == b"accept" and b"text/html" in value for name, value in headers)


async def _refuse_strange_names(request: Request[Any, Any, Any]) -> Response[bytes] | None:
    if is_own_host(request.headers.get("host", "")):
        return None
    return page(
        request,
        "trouble.html",
        status=HTTPStatus.MISDIRECTED_REQUEST,
        title="Not by this name",
        text="The console answers only to this machine's own names, such as 127.0.0.1, as long as there is no sign-in: "
        "else a page on the web could read it through your browser.",
        advice="A proxy that authenticates has to pass on the Host of the address that it forwards to.",
    )


# -- files and the stream ----------------------------------------------------------------------------------------


@get("/static/{version:str}/{name:str}", sync_to_thread=False)
def _static(version: str, name: str) -> Response[bytes]:
    asset = ASSETS.get(name)
    if asset is None:
        raise Missing(f"There is no file {name[:80]!r}.")
    fresh = _FOREVER if version == VERSION else "no-cache"
    return Response(asset.body, media_type=asset.media_type, headers={**HEADERS, "Cache-Control": fresh})


def _live(live: Live) -> Any:  # noqa: ANN401  # a Litestar handler
    @get("/live", sync_to_thread=False)
    def stream(of: str = "changes") -> Response[Any]:
        """Server-sent events."""
        if live.is_full:
            headers = {**HEADERS, "Retry-After": "30"}
            return Response(b"", status_code=503, media_type=MediaType.TEXT, headers=headers)
        events: AsyncIterator[bytes] = live.watch(wants_front=of == "front")
        return Stream(events, media_type="text/event-stream", headers={**HEADERS, "X-Accel-Buffering": "no"})

    return stream


# -- what went wrong ---------------------------------------------------------------------------------------------


def _of_no_answer(request: Request[Any, Any, Any], trouble: NoAnswer) -> Response[bytes]:
    return page(
        request,
        "trouble.html",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="No answer",
        text=str(trouble),
        advice="Nothing is lost: what was acknowledged is stored. `crossdock doctor` says what is the matter.",
    )


def _of_missing(request: Request[Any, Any, Any], missing: Missing) -> Response[bytes]:
    return page(
        request,
        "trouble.html",
        status=HTTPStatus.NOT_FOUND,
        title="Not here",
        text=str(missing),
        advice=missing.advice,
    )


def _of_framework(request: Request[Any, Any, Any], refused: HTTPException) -> Response[bytes]:
    if refused.status_code == HTTPStatus.NOT_FOUND:
        return _of_missing(request, Missing(f"There is no page {request.url.path[:200]}."))
    if refused.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _of_failure(request, refused)
    text = {
        HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that kind of request.",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The form holds more than this page takes.",
    }.get(HTTPStatus(refused.status_code), "The address or the form has a part that cannot be read.")
    return page(
        request, "trouble.html", status=refused.status_code, title="Not understood", text=text,
        advice="Go back to the page that you came from, and try from there.",
    )  # fmt: skip


def _of_failure(request: Request[Any, Any, Any], failure: Exception) -> Response[bytes]:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=failure)
    return page(
        request,
        "trouble.html",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        title="A fault of ours",
        text="This page could not be made. It is in the server's log, with the cause.",
        advice="Messages are taken in and settled all the same. The command line may show what this page cannot: "
        "crossdock show ID.",
    )
