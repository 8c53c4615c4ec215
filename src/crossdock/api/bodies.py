"""Bodies in flat memory: read up to a limit, refused early, and answered so that the sender gets to read the answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from litestar.types import HTTPScope, Receive, Send

from crossdock.api.problems import MEDIA_TYPE, Problem

BODY_BYTES_MAX: Final = 16_000_000
# Bodies that are being received, of all requests together. Small ones that come in one piece are not counted.
_ROOM_BYTES: Final = 256_000_000
# What is read of a body nobody wants: closing at once would throw away the answer with it (RFC 9112, 9.6).
_LINGER_BYTES: Final = 64_000_000
_LINGER_SECONDS: Final = 10.0
_KEEP_BYTES: Final = 65_536


class Gone(Exception):
    """The sender hung up before the body was whole: there is nobody to answer, and nothing to store."""


class Room:
    """How much memory all bodies under way may take together."""

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self.free_bytes = room_bytes

    def take(self, size_bytes: int) -> None:
        """Raises `Problem` (503) when there is not so much left."""
        if size_bytes > self.free_bytes:
            detail = "too many large bodies are being received at once"
            raise Problem("queue-full", detail, headers={"Retry-After": "2"})
        self.free_bytes -= size_bytes

    def give(self, size_bytes: int) -> None:
        """It is free again."""
        self.free_bytes += size_bytes


class Exchange:
    """One request and its answer."""

    __slots__ = ("_begun", "_receive", "_scope", "_send", "_whole", "headers")

    def __init__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """`headers` by lower-case name; of one that is given twice the last counts."""
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = False
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

    async def body(self, room: Room) -> bytes:
        """All of the body. Raises `Problem` (413, 503) and `Gone`."""
        first, more = await self._next()
        if not more:
            if len(first) > BODY_BYTES_MAX:
                raise _too_large("the body is larger")
            return first
        chunks, size, taken = [first], len(first), 0
        try:
            while more:
                # A part of what is declared may never come: memory is taken for what is here.
                room.take(size - taken)
                taken = size
                chunk, more = await self._next()
                chunks.append(chunk)
                size += len(chunk)
                if size > BODY_BYTES_MAX:
                    raise _too_large("the body is larger")
            return b"".join(chunks)
        finally:
            room.give(taken)

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
