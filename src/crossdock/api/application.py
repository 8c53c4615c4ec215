"""The HTTP API of one tenant as an ASGI application: intake in front, all the rest behind it."""

from __future__ import annotations

from typing import Final, Protocol, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from crossdock.api.counts import Counts
from crossdock.api.hooks import Hooks, Verify
from crossdock.api.messages import Intake
from crossdock.api.pages import pages
from crossdock.api.senders import Senders
from crossdock.engine.group_commit import Database, GroupCommit, Limits

MESSAGES_PER_SECOND: Final = 20_000


class Site(Protocol):
    """Pages for people beside the API; without a lifespan of their own."""

    def serves(self, scope: Scope) -> bool:
        """Is the HTTP request for one of them?"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""


class Application:
    """The application. Its lifespan connects to the database, and ends when what waits is committed."""

    def __init__(self, intake: Intake, rest: ASGIApp, site: Site | None = None, hooks: Hooks | None = None) -> None:
        """`rest` answers whatever is neither intake, nor a hook, nor of the site, and has the lifespan."""
        self._intake = {"/v1/messages": intake.one, "/v1/messages:batch": intake.batch}
        self._rest = rest
        self._site = site
        self._hooks = hooks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        handle = self._intake.get(scope["path"]) if scope["type"] == ScopeType.HTTP else None
        if handle is not None:
            await handle(cast("HTTPScope", scope), receive, send)
        elif self._hooks is not None and scope["type"] == ScopeType.HTTP and self._hooks.serves(scope):
            await self._hooks(scope, receive, send)
        elif self._site is not None and scope["type"] == ScopeType.HTTP and self._site.serves(scope):
            await self._site(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def create_app(
    url: str,
    tenant: int,
    *,
    limits: Limits | None = None,
    messages_per_second: int = MESSAGES_PER_SECOND,
    site: Site | None = None,
    verify: Verify | None = None,
) -> Application:
    """The API over the database at `url`; `messages_per_second` is what each source may send, `site` pages beside it.

    `verify` says which calls of systems are genuine; without it none is taken.

    The schema must be at its head and a configuration applied, or the lifespan fails to start.
    """
    senders = Senders(url, tenant, messages_per_second=messages_per_second)
    committer = GroupCommit(lambda: Database(url, tenant), limits)
    hooks = Hooks(url, tenant, verify) if verify is not None else None
    rest = pages(
        url,
        senders,
        committer,
        Counts(url, tenant),
        on_startup=[senders.start, committer.start],
        on_shutdown=[committer.close, senders.close, *([hooks.close] if hooks else [])],
    )
    return Application(Intake(senders, committer), rest, site, hooks)
