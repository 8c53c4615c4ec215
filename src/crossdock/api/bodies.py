"""Bodies in flat memory: read up to a limit, refused early, and answered so that the sender gets to read the answer."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from litestar.types import HTTPScope, Receive, Send

from crossdock.api.problems import MEDIA_TYPE, Problem

BODY_BYTES_MAX: Final = 16_000_000
_LARGE_BYTES: Final = 262_144
_LARGE_AT_ONCE: Final = 8
_LARGE_AT_ONCE_PER_SOURCE: Final = 2
_TURN_SECONDS: Final = 30.0
# What is read of a body nobody wants: closing at once would throw away the answer with it (RFC 9112, 9.6).
_LINGER_BYTES: Final = 64_000_000
_LINGER_SECONDS: Final = 10.0
_KEEP_BYTES: Final = 65_536


class Gone(Exception):
    """The sender hung up before the body was whole: there is nobody to answer, and nothing to store."""


class LargeBodies:
    """Room for a few large bodies at once, of a source and of all: the next one waits, unread, for its turn.

    So memory is bounded whatever is sent, and a source with many or slow ones holds up mostly itself.
    """

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(_LARGE_AT_ONCE)
        self._of_source: defaultdict[int, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(_LARGE_AT_ONCE_PER_SOURCE)
        )

    async def enter(self, source: int) -> Callable[[], None]:
        """Wait for a place; how to give it back. Raises `Problem` (503) when none becomes free in time."""
        own = self._of_source[source]
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await own.acquire()
                try:
                    await self._all.acquire()
                except BaseException:
                    own.release()
                    raise
        except TimeoutError:
            detail = "too many large bodies are being taken in at once"
            raise Problem("queue-full", detail, headers={"Retry-After": "5"}) from None

        def leave() -> None:
            self._all.release()
            own.release()

        return leave


class Exchange:
    """One request and its answer."""

    __slots__ = ("_begun", "_leave", "_receive", "_scope", "_send", "_whole", "headers")

    def __init__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """`headers` by lower-case name; of one that is given twice the last counts."""
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = False
        self._leave: Callable[[], None] | None = None
        self._whole = False

    def check_method(self, method: str) -> None:
        """Raises `Problem` (405) when the request has another."""
        if self._scope["method"] != method:
            detail = f"{self._scope['path']} takes {method}, not {self._scope['method']}"
            raise Problem("method-not-allowed", detail, headers={"Allow": method})

    def check_length(self) -> None:
        """Raises `Problem` (413) when the body says of itself that it is too large."""
        length = self._declared()
        if length is not None and length > BODY_BYTES_MAX:
            raise _too_large(f"the body has {length} bytes")

    async def body(self, large: LargeBodies, source: int) -> bytes:
        """All of the body. Raises `Problem` (413, 503) and `Gone`. Call `close` when it is not needed any more."""
        if (self._declared() or 0) > _LARGE_BYTES:
            self._leave = await large.enter(source)
        chunk, more = await self._next()
        if not more:
            return chunk
        chunks, size = [chunk], len(chunk)
        while more:
            chunk, more = await self._next()
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_BYTES_MAX:
                raise _too_large("the body is larger")
            if size > _LARGE_BYTES and self._leave is None:
                self._leave = await large.enter(source)
        return b"".join(chunks)

    def close(self) -> None:
        """The body is done with."""
        if self._leave is not None:
            self._leave()
            self._leave = None

    async def answer(self, status: int, body: bytes, media_type: bytes = b"application/json") -> None:
        """Answer in JSON; the body of the request must have been read."""
        headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, whatever part of the body has been read."""
        body = problem.body()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            *((name.lower().encode(), value.encode("latin-1", "replace")) for name, value in problem.headers.items()),
        ]
        keep = await self._finished()
        if not keep:
            headers.append((b"connection", b"close"))
        await self._send({"type": "http.response.start", "status": problem.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body, "more_body": not keep})
        if not keep:
            await self._linger()
            with suppress(Exception):  # the sender may be gone
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> tuple[bytes, bool]:
        message = await self._receive()
        if message["type"] != "http.request":
            raise Gone
        self._begun = True
        self._whole = not message["more_body"]
        return message["body"], message["more_body"]

    async def _finished(self) -> bool:
        """Is the body read to its end? The rest of a small one is, so that the connection can be used again."""
        length = self._declared()
        small = length is not None and length <= _KEEP_BYTES and b"expect" not in self.headers
        if b"transfer-encoding" not in self.headers and not length:
            self._whole = True
        try:
            while small and not self._whole:
                await self._next()
        except Gone:
            self._whole = True
        return self._whole

    async def _linger(self) -> None:
        """Read on for a while what the sender has on its way, and forget it."""
        if b"expect" in self.headers and not self._begun:
            return  # it waits to be asked for the body, and nobody does
        left = _LINGER_BYTES
        with suppress(TimeoutError, Gone):
            async with asyncio.timeout(_LINGER_SECONDS):
                while left > 0 and not self._whole:
                    chunk, _ = await self._next()
                    left -= len(chunk)

    def _declared(self) -> int | None:
        """The declared length in bytes; the parser has refused what is no number."""
        length = self.headers.get(b"content-length")
        return int(length) if length is not None else None


def _too_large(what: str) -> Problem:
    return Problem(
        "body-too-large",
        f"{what}; {BODY_BYTES_MAX} bytes is the limit: take in a large file with `crossdock ingest`",
        limit_bytes=BODY_BYTES_MAX,
    )
