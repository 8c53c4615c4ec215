"""The HTTP API of one tenant as an ASGI application: intake in front, all the rest behind it."""

from __future__ import annotations

from typing import Final, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from crossdock.api.counts import Counts
from crossdock.api.messages import Intake
from crossdock.api.pages import pages
from crossdock.api.senders import Senders
from crossdock.engine.group_commit import Database, GroupCommit, Limits

MESSAGES_PER_SECOND: Final = 20_000


class Application:
    """The application. Its lifespan connects to the database, and ends when what waits is committed."""

    def __init__(self, intake: Intake, rest: ASGIApp) -> None:
        """`rest` answers whatever is not intake, and has the lifespan."""
        self._intake = {"/v1/messages": intake.one, "/v1/messages:batch": intake.batch}
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the lifespan."""
        handle = self._intake.get(scope["path"]) if scope["type"] == ScopeType.HTTP else None
        if handle is not None:
            await handle(cast("HTTPScope", scope), receive, send)
        else:
            await self._rest(scope, receive, send)


def create_app(
    url: str, tenant: int, *, limits: Limits | None = None, messages_per_second: int = MESSAGES_PER_SECOND
) -> Application:
    """The API over the database at `url`; `messages_per_second` is what each source may send.

    The schema must be at its head and a configuration applied, or the lifespan fails to start.
    """
    senders = Senders(url, tenant, messages_per_second=messages_per_second)
    committer = GroupCommit(lambda: Database(url, tenant), limits)
    rest = pages(
        url,
        senders,
        committer,
        Counts(url, tenant),
        on_startup=[senders.start, committer.start],
        on_shutdown=[committer.close, senders.close],
    )
    return Application(Intake(senders, committer), rest)
