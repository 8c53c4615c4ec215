"""A lane: everything one process sends to one system. Lanes share nothing but the process: none waits for another."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from crossdock.engine.deliver import Turn
from crossdock.engine.deliver_outcomes import Done, Job
from crossdock.engine.deliver_sending import send
from crossdock.kit.connection import Connection
from crossdock.kit.connector import Connector
from crossdock.store.delivery import Key

_LOG = logging.getLogger(__name__)
_GROUP_SECONDS: Final = 0.004
_BUSY_SECONDS: Final = 0.01
_FAILED_SECONDS: Final = 1.0
# Another process may have found out meanwhile that the system is well.
_LONGEST_WAIT_SECONDS: Final = 1.0


class Turns(Protocol):
    """Takes turns in the database, one at a time, off the event loop."""

    def __call__(
        self, name: str, done: Sequence[Done], *, on_their_way: int, room: int, is_idempotent: bool
    ) -> Awaitable[Turn | None]:
        """See `Desk.turn`."""
        ...


class Lane:
    """Sends what is due on one connection, and records what became of it."""

    def __init__(
        self, name: str, settings: Connection, connector: Connector, turns: Turns, is_put_off: Callable[[], bool]
    ) -> None:
        """Runs when `run` is awaited. While it `is_put_off`, it records what was done and sends nothing more."""
        self.name = name
        self.settings = settings
        self._connector = connector
        self._turns = turns
        self.is_put_off = is_put_off
        self._wake = asyncio.Event()
        self._not_before = 0.0
        self._done: list[Done] = []
        self._sending: dict[Key, asyncio.Task[None]] = {}
        self.ended = False

    def end(self) -> None:
        """Claim nothing more: the connection is configured otherwise now. What was sent is heard of and recorded."""
        self.ended = True
        self._wake.set()

    def leased(self) -> list[Key]:
        """The commands this process holds leases of."""
        return [*self._sending, *(one.job.key for one in self._done)]

    def call(self) -> None:
        """There is something to be sent; heard unless the connection has to wait anyway."""
        if time.monotonic() >= self._not_before and not self.is_put_off():
            self._wake.set()

    async def run(self, stopping: Callable[[], bool]) -> None:
        """Work until `stopping()`, then until all that was sent is heard of and recorded."""
        while True:
            ending = stopping()
            if ending and not self._sending and not self._done:
                break
            try:
                await asyncio.wait_for(self._wake.wait(), 0.2 if ending else 1.0)
            except TimeoutError:
                if not ending and not self._done:
                    continue
            if self._sending:
                await asyncio.sleep(_GROUP_SECONDS)  # outcomes come in groups: one commit for all of them
            self._wake.clear()
            await self._turn(claims=not stopping() and not self.is_put_off())

    async def _turn(self, *, claims: bool) -> None:
        done = list(self._done)
        room = self.settings.limits.concurrency - len(self._sending) if claims else 0
        try:
            turn = await self._turns(
                self.name,
                done,
                on_their_way=len(self._sending),
                room=max(room, 0),
                is_idempotent=self._connector.declares.is_idempotent,
            )
        except Exception:  # noqa: BLE001  # whatever it is, it must not end the lane
            # What is done stays noted here, and what is leased elsewhere: nothing is lost by trying again.
            _LOG.exception("a turn of %s failed; trying again", self.name)
            self._later(_FAILED_SECONDS)
            return
        if turn is None:
            self._later(_BUSY_SECONDS)
            return
        del self._done[: len(done)]
        for job in turn.jobs:
            self._sending[job.key] = asyncio.create_task(self._send(job))
        self._not_before = time.monotonic() + min(turn.wait_seconds, _LONGEST_WAIT_SECONDS)
        if turn.wait_seconds:
            if self._done:
                self._wake.set()
        else:
            self._wake.set()

    def _later(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._wake.set)

    async def _send(self, job: Job) -> None:
        try:
            done = await send(self._connector, job)
        finally:
            self._sending.pop(job.key, None)
        self._done.append(done)
        self._wake.set()
