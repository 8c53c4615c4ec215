"""The one thread of a deliverer that speaks to the database: who goes first where several wait, and what is a peak.

Each piece of work says how long it may wait; whose time is up first goes first. So the urgent overtakes the patient,
and nobody waits for ever. Work that begins long after its time was up makes a peak, of one of two heights.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from heapq import heappop, heappush
from typing import Any, Final, TypeVar

T = TypeVar("T")
_Waiting = tuple[float, int, Callable[[], Any], "asyncio.Future[Any]"]

HEIGHTS_SECONDS: Final = (0.5, 2.0)
"""How late work begins at a peak of height 1, and of height 2."""
_LASTS_SECONDS: Final = 3.0


class Books:
    """Does work in its thread, one piece at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="books")
        self._waiting: list[_Waiting] = []
        self._number = 0
        self._is_busy = False
        self._late_at = [float("-inf")] * len(HEIGHTS_SECONDS)

    async def do(self, work: Callable[[], T], *, patience_seconds: float = 0.0) -> T:
        """Do it when it is its turn; what it gave or raised."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._number += 1
        heappush(self._waiting, (self._clock() + patience_seconds, self._number, work, answer))
        if not self._is_busy:
            self._begin()
        return await answer

    def height(self) -> int:
        """How high the peak is: 0 is none. It lasts a few seconds longer than work was late."""
        now = self._clock()
        if self._waiting:
            self._note(now - self._waiting[0][0])
        return sum(now - at < _LASTS_SECONDS for at in self._late_at)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _begin(self) -> None:
        while self._waiting:
            due, _, work, answer = heappop(self._waiting)
            if answer.done():  # nobody waits for it any more
                continue
            self._note(self._clock() - due)
            self._is_busy = True
            doing = asyncio.get_running_loop().run_in_executor(self._thread, work)
            doing.add_done_callback(partial(self._done, answer))
            return

    def _done(self, answer: asyncio.Future[Any], doing: asyncio.Future[Any]) -> None:
        self._is_busy = False
        self._begin()
        failure = doing.exception()
        if answer.done():
            return
        if failure is not None:
            answer.set_exception(failure)
        else:
            answer.set_result(doing.result())

    def _note(self, late_seconds: float) -> None:
        for place, least in enumerate(HEIGHTS_SECONDS):
            if late_seconds >= least:
                self._late_at[place] = self._clock()
