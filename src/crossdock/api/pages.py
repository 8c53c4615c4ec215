"""Everything but intake, as a Litestar application: is it alive, is it ready, what came in today, what went wrong."""

from __future__ import annotations

import asyncio
import html
import logging
from typing import Any, Final

import msgspec
import psycopg
from litestar import Litestar, MediaType, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.types import LifespanHook
from sqlalchemy.exc import SQLAlchemyError

from crossdock import __version__
from crossdock.api.counts import Counts
from crossdock.api.long_work import LongWork
from crossdock.api.problems import KINDS, MEDIA_TYPE, Problem, internal
from crossdock.api.senders import Senders
from crossdock.engine.group_commit import GroupCommit
from crossdock.store import migrate
from crossdock.store.connect import DatabaseUnreachable

_LOG = logging.getLogger(__name__)
_GONE: Final = (DatabaseUnreachable, psycopg.OperationalError)
_PATIENCE_SECONDS: Final = 5.0
_CODES: Final = {404: "not-found", 405: "method-not-allowed"}


def pages(
    url: str,
    senders: Senders,
    committer: GroupCommit,
    counts: Counts,
    *,
    on_startup: list[LifespanHook],
    on_shutdown: list[LifespanHook],
) -> Litestar:
    """The application; it starts and stops what it is given."""
    expected = migrate.head()
    looking = LongWork("looking")

    @get("/", sync_to_thread=False)
    def front() -> dict[str, Any]:
        """What this is."""
        return {
            "name": "crossdock",
            "version": __version__,
            "send": ["POST /v1/messages", "POST /v1/messages:batch"],
            "look": ["/healthz", "/readyz", "/v1/status", "/problems"],
        }

    @get("/healthz", sync_to_thread=False)
    def alive() -> dict[str, bool]:
        """The process answers."""
        return {"live": True}

    @get("/readyz")
    async def ready() -> dict[str, Any]:
        """Would a message be taken now, and could it be settled?"""
        schema = None
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                schema = await looking.do(lambda: migrate.current(url))
        except (TimeoutError, psycopg.Error, SQLAlchemyError) as gone:
            _LOG.warning("not ready: %s", str(gone).partition("\n")[0])
        refusal = committer.refusal()
        checks = {
            "database": "reachable" if schema is not None else "unreachable",
            "schema": {"found": schema, "expected": expected},
            "intake": "open" if refusal is None else refusal.reason,
            "backlog": committer.backlog,
        }
        if schema != expected or refusal is not None:
            detail = str(refusal or "the schema of the database is not the one that this version needs")
            raise Problem("not-ready", detail, headers={"Retry-After": "5"}, checks=checks)
        return {"ready": True, "checks": checks}

    @get("/v1/status")
    async def status(request: Request[Any, Any, Any]) -> dict[str, Any]:
        """What the source of the key has sent today."""
        sender = await senders.authenticated(dict(request.scope["headers"]))
        try:
            today = await counts.of(sender.id)
        except _GONE as gone:
            detail = "the database cannot be reached"
            raise Problem("database-unreachable", detail, headers={"Retry-After": "5"}) from gone
        return {
            "source": sender.name,
            "today": msgspec.to_builtins(today),
            "content_types": sorted(sender.source.readers),
            "owns": sorted(sender.source.owns),
        }

    return Litestar(
        [front, alive, ready, status, problem_list, problem_page],
        on_startup=on_startup,
        on_shutdown=on_shutdown,
        exception_handlers={Problem: _of_problem, HTTPException: _of_framework, Exception: _of_failure},
        openapi_config=None,
        logging_config=None,
    )


@get("/problems", sync_to_thread=False)
def problem_list() -> dict[str, Any]:
    """All kinds of problem."""
    return {code: _described(code) for code in KINDS}


@get("/problems/{code:str}", sync_to_thread=False)
def problem_page(request: Request[Any, Any, Any], code: str) -> Response[Any]:
    """One kind of problem, for a program or, where HTML is asked for, for a person."""
    if code not in KINDS:
        raise Problem("not-found", f"there is no problem {code[:64]!r}; /problems lists them")
    if "text/html" not in request.headers.get("accept", ""):
        return Response(_described(code))
    kind = KINDS[code]
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(kind.title)}</title>'
        f"<h1>{html.escape(kind.title)}</h1><p>HTTP {kind.status}, <code>{code}</code></p>"
        f"<p>{html.escape(kind.advice)}</p></html>"
    )
    return Response(page, media_type=MediaType.HTML, headers={"Content-Security-Policy": "default-src 'none'"})


def _described(code: str) -> dict[str, Any]:
    kind = KINDS[code]
    return {"type": f"/problems/{code}", "status": kind.status, "title": kind.title, "advice": kind.advice}


def _of_problem(_: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return Response(problem.body(), status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def _of_framework(request: Request[Any, Any, Any], refused: HTTPException) -> Response[bytes]:
    code = _CODES.get(refused.status_code)
    if code is None:
        return _of_failure(request, refused)
    detail = f"{request.method} {request.url.path[:200]} is not something this server does"
    return _of_problem(request, Problem(code, detail, headers=refused.headers))


def _of_failure(request: Request[Any, Any, Any], failure: Exception) -> Response[bytes]:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=failure)
    return _of_problem(request, internal())
