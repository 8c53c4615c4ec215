"""Webhooks: `POST /v1/hooks/{connection}`. Verified, noted, answered when the note is durable; nothing is believed.

A call is a hint that a record may have changed: it is read again from its system. Hints that come together share a
commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import psycopg
from litestar.types import HTTPScope, Receive, Send

from crossdock.api.bodies import Exchange, Gone, LargeBodies
from crossdock.api.problems import Problem, internal
from crossdock.kit.connector import Forged, Hint, Hook
from crossdock.store import delivery_inbound as store
from crossdock.store.connect import DatabaseUnreachable, connect

_LOG = logging.getLogger(__name__)
PREFIX: Final = "/v1/hooks/"
BODY_BYTES_MAX: Final = 65_536
_WAITING_MAX: Final = 5_000

Verify = Callable[[str, Hook], tuple[Hint, ...] | Forged | None]


class _Note(NamedTuple):
    """What is to be written down, and who waits for it."""

    connection: str
    hints: tuple[Hint, ...]
    is_forged: bool
    durable: asyncio.Future[None]


class Hooks:
    """The address at which systems call. Belongs to one event loop."""

    def __init__(self, url: str, tenant: int, verify: Verify) -> None:
        """`verify` says what a call to a connection hints at, `None` where there is no such connection."""
        self._url = url
        self._tenant = tenant
        self._verify = verify
        self._large = LargeBodies()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="hooks")
        self._connection: psycopg.Connection | None = None
        self._waiting: list[_Note] = []
        self._writing: asyncio.Task[None] | None = None

    def serves(self, scope: HTTPScope) -> bool:
        """Is this address ours?"""
        return scope["path"].startswith(PREFIX)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        exchange = Exchange(scope, receive, send)
        try:
            exchange.check_method("POST")
            await self._take(exchange, scope["path"].removeprefix(PREFIX))
            await exchange.answer(202, b'{"status":"noted"}')
        except Gone:
            return
        except Problem as problem:
            await exchange.refuse(problem)
        except Exception:  # noqa: BLE001  # a caller is never shown a traceback
            _LOG.exception("a hook failed")
            await exchange.refuse(internal())
        finally:
            exchange.close()

    async def close(self) -> None:
        """Write what waits, and let go of the database."""
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        if self._connection is not None:
            self._connection.close()
        self._executor.shutdown()

    async def _take(self, exchange: Exchange, name: str) -> None:
        exchange.check_length()
        body = await exchange.body(self._large, 0)
        if len(body) > BODY_BYTES_MAX:
            detail = f"a hook has {BODY_BYTES_MAX} bytes at most"
            raise Problem("body-too-large", detail, limit_bytes=BODY_BYTES_MAX)
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in exchange.headers.items()}
        found = self._verify(name, Hook(headers=headers, body=body))
        if found is None:
            raise Problem("not-found", f"no connection {name[:64]!r} is called here")
        if isinstance(found, Forged):
            await self._note(name, (), is_forged=True)
            raise Problem("hook-forged", found.reason)
        if found:
            await self._note(name, found, is_forged=False)

    async def _note(self, name: str, hints: tuple[Hint, ...], *, is_forged: bool) -> None:
        if len(self._waiting) >= _WAITING_MAX:
            raise Problem("queue-full", "too many hooks wait to be noted", headers={"Retry-After": "2"})
        loop = asyncio.get_running_loop()
        note = _Note(name, hints, is_forged, loop.create_future())
        self._waiting.append(note)
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        try:
            await note.durable
        except (DatabaseUnreachable, psycopg.Error) as gone:
            detail = "the hint could not be noted"
            raise Problem("database-unreachable", detail, headers={"Retry-After": "5"}) from gone

    async def _write(self) -> None:
        """Write what waits, all that came meanwhile in the next commit."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            notes, self._waiting = self._waiting, []
            failure: BaseException | None = None
            try:
                await loop.run_in_executor(self._executor, self._store, notes)
            except (DatabaseUnreachable, psycopg.Error) as gone:
                failure = gone
            for note in notes:
                if note.durable.done():
                    continue
                if failure is None:
                    note.durable.set_result(None)
                else:
                    note.durable.set_exception(failure)

    def _store(self, notes: list[_Note]) -> None:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = connect(self._url, purpose="hooks", tenant=self._tenant, patience_seconds=0)
        hints = [(note.connection, hint.entity, hint.id) for note in notes for hint in note.hints]
        forged = Counter(note.connection for note in notes if note.is_forged)
        store.hint(self._connection, self._tenant, hints, forged)
