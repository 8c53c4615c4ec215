"""The live stream: the changing parts of the first page are rendered once and sent to everybody as the same bytes.

Server-sent events. `front` holds the parts of the first page; `changed` says only that something did, for pages that
ask again by themselves; `beat` says every other second that the stream lives; `trouble` says what is the matter.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from crossdock.console.data import NoAnswer

_LOG = logging.getLogger(__name__)
WATCHERS_MAX: Final = 500
_LOOK_SECONDS: Final = 1.0
_LOOKS_A_BEAT: Final = 2
_BEHIND_MAX: Final = 8


def event(name: str, data: bytes = b"") -> bytes:
    """An event of the stream."""
    lines = b"".join(b"data: %b\n" % line for line in data.splitlines() or [b""])
    return b"event: %b\n%b\n" % (name.encode(), lines)


class Watcher:
    """One open stream: what waits for it, and whether it wants the parts or only the news."""

    def __init__(self, *, wants_front: bool) -> None:
        """`wants_front`: the parts of the first page."""
        self.wants_front = wants_front
        self.queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def tell(self, data: bytes) -> None:
        """Queue it. Who reads too slowly loses the oldest: each event holds the whole state."""
        while self.queue.qsize() >= _BEHIND_MAX:
            self.queue.get_nowait()
        self.queue.put_nowait(data)

    def end(self) -> None:
        """End the stream."""
        self.queue.put_nowait(None)


class Live:
    """Looks once a second while anybody watches, and tells all what changed."""

    def __init__(self, render: Callable[[], Awaitable[bytes]]) -> None:
        """`render` gives the parts of the first page; may raise `NoAnswer`."""
        self._render = render
        self._watchers: set[Watcher] = set()
        self._last = b""
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @property
    def is_full(self) -> bool:
        """Does it take nobody more?"""
        return self._is_closed or len(self._watchers) >= WATCHERS_MAX

    async def watch(self, *, wants_front: bool) -> AsyncIterator[bytes]:
        """The stream of one reader, until it goes away or the server stops."""
        watcher = Watcher(wants_front=wants_front)
        self._watchers.add(watcher)
        try:
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._look(), name="live")
            yield b"retry: 2000\n\n" + event("beat")
            if wants_front and self._last:
                yield event("front", self._last)
            while (data := await watcher.queue.get()) is not None:
                yield data
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """End all streams, so that the server can stop."""
        self._is_closed = True
        for watcher in self._watchers:
            watcher.end()
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        looks = 0
        while self._watchers:
            try:
                parts = await self._render()
            except NoAnswer as trouble:
                self._tell(event("trouble", str(trouble).encode()), event("trouble", str(trouble).encode()))
            except Exception:  # noqa: BLE001  # whatever it is, the readers must be told and the stream go on
                _LOG.exception("the live parts could not be made")
                self._tell(event("trouble", b"A fault of ours: the log says more."), event("trouble"))
            else:
                if parts != self._last:
                    self._last = parts
                    self._tell(event("front", parts), event("changed"))
                elif looks % _LOOKS_A_BEAT == 0:
                    self._tell(event("beat"), event("beat"))
            looks += 1
            await asyncio.sleep(_LOOK_SECONDS)
        self._last = b""  # by the time somebody watches again, it is old

    def _tell(self, front: bytes, news: bytes) -> None:
        for watcher in self._watchers:
            watcher.tell(front if watcher.wants_front else news)
