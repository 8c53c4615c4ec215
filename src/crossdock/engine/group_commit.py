"""Group commit: senders share one commit, and each is answered when it is durable, never before.

One committer, a thread with a connection of its own, takes what waits: a batch closes when the commit before it ends,
or at 500 messages or 4 MB. Senders wait on futures of the event loop, which are resolved by one call a batch.

What cannot be taken is refused at once and says when to come back: `NotTaken`. Nobody waits for ever: a database that
is lost, or does not answer in time, fails the batch and all that is queued behind it. What was refused may be stored
all the same (the answer of a commit got lost); sending it again is harmless, as one identity is kept once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Final, Literal, NamedTuple, Protocol

import psycopg

from crossdock.store.connect import DatabaseUnreachable, connect
from crossdock.store.intake import Incoming, Received, backlog, receive

_LOG = logging.getLogger(__name__)
MESSAGES_PER_BATCH: Final = 500
BYTES_PER_BATCH: Final = 4_000_000
_LOOK_SECONDS: Final = 1.0
_ATTEMPTS: Final = 3
_LOST: Final = (psycopg.OperationalError, psycopg.InterfaceError)

Reason = Literal["backlog-full", "queue-full", "database-unreachable", "shutting-down"]


class NotTaken(RuntimeError):
    """Nothing is acknowledged; the sender may come back in `retry_after_seconds`."""

    def __init__(self, reason: Reason, detail: str, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


class Limits(NamedTuple):
    """How much may wait: to be settled (`backlog_messages`), for its commit in this process, and for how long."""

    backlog_messages: int = 1_000_000
    waiting_messages: int = 50_000
    waiting_bytes: int = 128_000_000
    answer_seconds: float = 30.0


class Storage(Protocol):
    """Where a committer puts messages: one connection, used by one thread at a time."""

    def receive(self, batch: Sequence[Incoming]) -> list[Received]:
        """Store a batch in one transaction. Returns when it is durable, and psycopg's errors say that it may not be."""
        ...

    def backlog(self) -> int:
        """How many messages wait to be settled."""
        ...

    def alive(self) -> bool:
        """Can it still be used?"""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Database:
    """A tenant's messages in the database."""

    def __init__(self, url: str, tenant: int) -> None:
        """Raises `DatabaseUnreachable`, at once."""
        self._connection = connect(url, purpose="intake", tenant=tenant, patience_seconds=0)
        self._tenant = tenant

    def receive(self, batch: Sequence[Incoming]) -> list[Received]:
        """As `Storage.receive`; tried again when it lost a race against the committer of another process."""
        for _ in range(_ATTEMPTS - 1):
            with suppress(psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                return receive(self._connection, self._tenant, batch)
        return receive(self._connection, self._tenant, batch)

    def backlog(self) -> int:
        """As `Storage.backlog`."""
        return backlog(self._connection)

    def alive(self) -> bool:
        """As `Storage.alive`."""
        return not (self._connection.closed or self._connection.broken)

    def close(self) -> None:
        """As `Storage.close`."""
        with suppress(psycopg.Error):
            self._connection.close()


class _Sending(NamedTuple):
    """Messages that are stored in one transaction, and who waits for it."""

    messages: Sequence[Incoming]
    size_bytes: int
    answer: asyncio.Future[list[Received]]


_Outcome = list[Received] | Exception


class GroupCommit:
    """The committer of one tenant in this process; `start` and `store` belong to one event loop.

    `backlog` is how many messages wait to be settled, at most a second or so ago.
    """

    def __init__(self, connect_to: Callable[[], Storage], limits: Limits | None = None) -> None:
        """`connect_to` is called by `start` and whenever the storage was lost; it may raise `DatabaseUnreachable`."""
        self.backlog = 0
        self._connect = connect_to
        self._limits = limits or Limits()
        self._queue: SimpleQueue[_Sending | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._storage: Storage | None = None
        # Only the event loop's thread counts who waits.
        self._waiting: set[asyncio.Future[list[Received]]] = set()
        self._waiting_messages = 0
        self._waiting_bytes = 0
        self._closing = False
        # Single values that either thread sets and both read.
        self._trouble = False
        self._busy_since: float | None = None
        self._ended = False
        self._looked_at = 0.0

    # -- the event loop's side -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Connect and begin. Raises `DatabaseUnreachable`."""
        self._loop = asyncio.get_running_loop()
        self._storage = await asyncio.to_thread(self._connect)
        self._thread.start()
        self._watch()

    async def close(self) -> None:
        """Take nothing more, commit what waits, and end."""
        self._closing = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, self._limits.answer_seconds)

    def refusal(self) -> NotTaken | None:
        """Why nothing would be taken now; `None` when it would."""
        if self._closing:
            return NotTaken("shutting-down", "the server is shutting down; send again in a moment", 2)
        if self._trouble:
            return _unreachable()
        if self.backlog >= self._limits.backlog_messages:
            problem = f"{self.backlog} messages wait to be settled, {self._limits.backlog_messages} is the limit"
            return NotTaken("backlog-full", problem, 30)
        if self._waiting_messages >= self._limits.waiting_messages or self._waiting_bytes >= self._limits.waiting_bytes:
            problem = f"{self._waiting_messages} messages ({self._waiting_bytes} bytes) wait to be stored already"
            return NotTaken("queue-full", problem, 1)
        return None

    async def store(self, messages: Sequence[Incoming]) -> list[Received]:
        """One result a message, in order, once all are durable; up to `MESSAGES_PER_BATCH` in one transaction.

        Raises `NotTaken`: then nothing is acknowledged, though of more messages than that some may be stored.
        """
        refusal = self.refusal()
        if refusal is not None:
            raise refusal
        if len(messages) <= MESSAGES_PER_BATCH:
            return await self._send(messages)
        starts = range(0, len(messages), MESSAGES_PER_BATCH)
        answers = [self._send(messages[start : start + MESSAGES_PER_BATCH]) for start in starts]
        outcomes = await asyncio.gather(*answers, return_exceptions=True)
        received: list[Received] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            received += outcome
        return received

    def _send(self, messages: Sequence[Incoming]) -> asyncio.Future[list[Received]]:
        size_bytes = sum([len(message.body) for message in messages])
        answer: asyncio.Future[list[Received]] = self._loop.create_future()
        self._waiting.add(answer)
        self._waiting_messages += len(messages)
        self._waiting_bytes += size_bytes
        self._queue.put(_Sending(messages, size_bytes, answer))
        return answer

    def _tell(self, sendings: Sequence[_Sending], outcome: _Outcome) -> None:
        """Resolve the futures of a batch: each its part of the results, or all the same failure."""
        place = 0
        for messages, size_bytes, answer in sendings:
            self._waiting.discard(answer)
            self._waiting_messages -= len(messages)
            self._waiting_bytes -= size_bytes
            first, place = place, place + len(messages)
            if answer.done():
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome[first:place])

    def _watch(self) -> None:
        """Each second: when the committer is stuck, or gone, let nobody wait for it."""
        since, alive = self._busy_since, self._thread.is_alive()
        if not alive or (since is not None and time.monotonic() - since > self._limits.answer_seconds):
            self._trouble = True
            for answer in self._waiting:
                if not answer.done():
                    answer.set_exception(_unreachable())
            if self._waiting:
                _LOG.error("%d senders were let go: the database did not answer them in time", len(self._waiting))
            self._waiting.clear()
        if alive:
            self._loop.call_later(_LOOK_SECONDS, self._watch)

    # -- the committer's side ------------------------------------------------------------------------------------

    def _run(self) -> None:
        """Commit batch after batch until told to end."""
        while not self._ended:
            batch = self._next()
            self._busy_since = time.monotonic()
            storage = self._connected()
            if storage is None:
                self._answer(batch, _unreachable())
            else:
                if batch:
                    self._commit(storage, batch)
                self._look(storage)
            self._busy_since = None
        if self._storage is not None:
            self._storage.close()

    def _next(self) -> list[_Sending]:
        """What waits, a batch at most; empty when nothing came for a second."""
        batch: list[_Sending] = []
        messages = size_bytes = 0
        with suppress(Empty):
            sending = self._queue.get(timeout=_LOOK_SECONDS)
            while sending is not None:
                batch.append(sending)
                messages += len(sending.messages)
                size_bytes += sending.size_bytes
                if messages >= MESSAGES_PER_BATCH or size_bytes >= BYTES_PER_BATCH:
                    return batch
                sending = self._queue.get_nowait()
            self._ended = True
        return batch

    def _commit(self, storage: Storage, batch: list[_Sending]) -> None:
        """Store a batch, then answer: the one place where messages are acknowledged."""
        messages = [message for sending in batch for message in sending.messages]
        try:
            received = storage.receive(messages)
        except _LOST as lost:
            # Whether it is stored is not known, so nobody is told that it is.
            _LOG.warning("%d messages could not be committed: %s", len(messages), _said(lost))
            self._answer(batch, NotTaken("database-unreachable", "the database did not confirm the commit", 2))
        except Exception as failure:  # noqa: BLE001  # whatever it is, the neighbours go on and nobody waits for ever
            if len(batch) == 1:
                _LOG.exception("%d messages cannot be stored", len(messages))
                self._answer(batch, failure)
            else:
                # One of them is to blame; its neighbours must not suffer.
                for sending in batch:
                    self._commit(storage, [sending])
        else:
            # `receive` has returned: its transaction is committed, the batch durable. Only now may anybody know.
            self._answer(batch, received)

    def _answer(self, batch: list[_Sending], outcome: _Outcome) -> None:
        """Hand an outcome to the event loop, in one call a batch."""
        with suppress(RuntimeError):  # the loop has ended, and with it all who waited
            self._loop.call_soon_threadsafe(self._tell, batch, outcome)

    def _connected(self) -> Storage | None:
        """The storage, connected anew where it was lost; `None` while it does not let us in."""
        if self._storage is not None and not self._storage.alive():
            self._storage.close()
            self._storage = None
        if self._storage is None:
            try:
                self._storage = self._connect()
            except DatabaseUnreachable as refused:
                if not self._trouble:
                    _LOG.warning("%s", refused)
                self._trouble = True
                return None
        self._trouble = False
        return self._storage

    def _look(self, storage: Storage) -> None:
        """Each second: how much waits to be settled. It also notices a lost database before a sender does."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            self.backlog = storage.backlog()
        except psycopg.Error as lost:
            _LOG.warning("the backlog cannot be read: %s", _said(lost))


def _unreachable() -> NotTaken:
    return NotTaken("database-unreachable", "the database cannot be reached, so nothing can be stored now", 5)


def _said(lost: Exception) -> str:
    return (str(lost).strip().splitlines() or [type(lost).__name__])[0]
