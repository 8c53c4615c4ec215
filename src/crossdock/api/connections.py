"""Connections that cannot be abused: heads bounded, slow requests ended, garbage answered with problem details.

uvicorn sees to none of these; its httptools protocol would collect headers without an end, and lose the body of a
request that wishes for another protocol.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from crossdock.api.problems import MEDIA_TYPE, Problem

HEAD_BYTES_MAX: Final = 65_536
SILENCE_SECONDS: Final = 30.0
REQUEST_SECONDS: Final = 600.0
# A chunk of one byte has five around it; more than this is no body.
_PER_BODY_BYTE: Final = 9
_UPGRADE: Final = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_TICKS_PER_LOOK: Final = 20  # of a tenth of a second


class Protocol(HttpToolsProtocol):
    """One connection: uvicorn's, with limits."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """As uvicorn makes it."""
        super().__init__(config, server_state, app_state, _loop)
        self._received_bytes = 0
        self._body_bytes = 0
        self._heard_at = self._begun_at = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Read on, unless what is not body (head, chunk sizes, trailers) has grown too large."""
        self._heard_at = self.loop.time()
        if not self._received_bytes and b"pgrade" in data:
            data = _without_upgrade(data)
        self._received_bytes += len(data)
        super().data_received(data)
        if self._received_bytes - _PER_BODY_BYTE * self._body_bytes > HEAD_BYTES_MAX:
            self._end(Problem("head-too-large", f"the head of a request may have {HEAD_BYTES_MAX} bytes"))

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begun_at = self._heard_at
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """A piece of its body."""
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is whole; the next one may begin."""
        self._received_bytes = self._body_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's text names no rule
        """Answer what is not HTTP."""
        self._end(Problem("request-malformed", "what was sent cannot be read as an HTTP/1.1 request"))

    def end_if_slow(self, now: float, silence_seconds: float) -> None:
        """End the connection when a request is awaited or under way, and its sender does not send it."""
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        receiving = cycle is None or cycle.response_complete or cycle.more_body
        idle = self.timeout_keep_alive_task is not None
        if not receiving or idle or self.flow.read_paused:
            return
        if now - self._heard_at > silence_seconds or now - self._begun_at > REQUEST_SECONDS:
            detail = f"nothing came for {silence_seconds:g} s, or the whole takes longer than {REQUEST_SECONDS:g} s"
            self._end(Problem("body-too-slow", detail))

    def _end(self, problem: Problem) -> None:
        """Say why, where nothing is being said yet, and close."""
        if self.transport.is_closing():
            return
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or not cycle.response_started:
            body = problem.body()
            head = b"content-type: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[problem.status] + head % (MEDIA_TYPE.encode(), len(body)) + body)
        self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """The beginning of a request, its wish for another protocol made one for nothing in particular.

    Java's HTTP client wishes for HTTP/2 unless told otherwise. Such a wish may be ignored (RFC 9110, 7.8), but the
    parser takes the body for the other protocol then.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"\r\nignored:", head) + end + rest if end else data


class Server(uvicorn.Server):
    """uvicorn's server, which looks after slow connections every other second."""

    def __init__(self, config: uvicorn.Config, *, silence_seconds: float = SILENCE_SECONDS) -> None:
        """`silence_seconds` is how long a sender may pause within a request."""
        super().__init__(config)
        self._silence_seconds = silence_seconds

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % _TICKS_PER_LOOK == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, Protocol):
                    connection.end_if_slow(now, self._silence_seconds)
        return await super().on_tick(counter)
