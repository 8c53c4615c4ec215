"""Work that would hold up the event loop, on a thread of its kind: one piece after the other, and few in line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

from crossdock.api.problems import Problem

_WAITING_MAX: Final = 8
_T = TypeVar("_T")


class LongWork:
    """A thread for one kind of work."""

    def __init__(self, name: str) -> None:
        """`name` is that of the thread."""
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting = 0

    async def do(self, work: Callable[[], _T]) -> _T:
        """Its result. Raises `Problem` (503) when too much waits already."""
        if self._waiting >= _WAITING_MAX:
            detail = "too much of this is being worked on at once"
            raise Problem("queue-full", detail, headers={"Retry-After": "2"})
        self._waiting += 1
        future = self._executor.submit(work)
        # It counts until it has ended, also where nobody waits for it any more.
        loop = asyncio.get_running_loop()

        def ended(_: object) -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._end)

        future.add_done_callback(ended)
        return await asyncio.wrap_future(future)

    def _end(self) -> None:
        self._waiting -= 1
