"""What all systems share: a book, a clock, luck, jobs in simulated time, messages, calls to each other.

A system says its own words in routes and jobs. Both are plain steps: they look, refuse if they must, and only then
change the book. A step never waits once it has begun to change something, so it is whole or not at all.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

import aiohttp
import msgspec

from crossdock.sandbox.day import wire
from crossdock.sandbox.day.facts import next_quarter
from crossdock.sandbox.day.trade import draw_world
from crossdock.sandbox.systems.book import Book, Document, Job
from crossdock.sandbox.systems.clock import MINUTE_MS, Clock
from crossdock.sandbox.systems.control import Control, Rules, changed
from crossdock.sandbox.systems.outbox import Outbox
from crossdock.sandbox.systems.web import JSON, Answer, Refused

_LOG = logging.getLogger(__name__)
_AGAIN_SECONDS: Final = 0.5
_JOBS_AT_ONCE: Final = 64
_LONGEST_SLEEP_SECONDS: Final = 0.5
_CALL_SECONDS: Final = 5.0
_NOT_NOW: Final = (401, 408, 429)
_BROKEN: Final = 500
PEER_HEADER: Final = "x-sandbox-peer"

Doing = Callable[[Document], Awaitable[None] | None]
RulesT = TypeVar("RulesT", bound=Rules)


class PeerFailed(RuntimeError):
    """Another system could not be reached, or not now: the job is done again later."""


class System(ABC, Generic[RulesT]):
    """One system of the sandbox; subclasses tell its story."""

    rules_type: ClassVar[type[Rules]] = Rules
    speaks: ClassVar[str] = JSON

    def __init__(self, name: str, folder: Path, control: Control) -> None:
        self.name = name
        self.book = Book(folder / f"{name}.sqlite")
        values = self.book.values
        self.control = msgspec.convert(values["control"], Control) if "control" in values else control
        self.rules = cast("RulesT", msgspec.convert(self.control.rules, self.rules_type))
        self.clock = Clock(*values["clock"]) if "clock" in values else Clock.starting(self.control.speed)
        self.world = draw_world(Random(values.get("world_seed", control.seed)))
        self.outbox = Outbox(name, self.book, lambda: self.control)
        self._doing: dict[str, Doing] = {}
        self._due: list[tuple[int, int]] = []
        self._running: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None

    # -- what a subclass tells ----------------------------------------------------------------------------------------

    @abstractmethod
    def routes(self) -> dict[str, Any]:
        """What it answers to: handlers by `METHOD /path`, where `*` stands for one part of a path."""

    def jobs(self) -> dict[str, Doing]:
        """What it does by itself, by the kind of the job."""
        return {}

    def worded(self, no: Refused) -> Answer:
        """A refusal in its own words."""
        return no.answer()

    # -- its life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Go on where the book ends."""
        self.book.set("world_seed", self.book.values.get("world_seed", self.control.seed))
        self.configure({})
        self._doing = self.jobs()
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_CALL_SECONDS))
        self.outbox.start(self._http)
        for job in self.book.jobs.values():
            self._schedule(job)
        self._spawn(self._turn())

    async def stop(self) -> None:
        """Lay down everything, and close the book."""
        self.outbox.stop()
        for task in self._tasks:
            task.cancel()
        if self._http:
            await self._http.close()
        self.book.close()

    def configure(self, wish: bytes | dict[str, Any]) -> None:
        """Change the control at run time. Raises `Refused` (422)."""
        self.control = changed(self.control, wish, self.rules_type)
        self.rules = cast("RulesT", msgspec.convert(self.control.rules, self.rules_type))
        if self.clock.speed != self.control.speed:
            self.clock.run_at(self.control.speed)
        self.book.set("control", msgspec.to_builtins(self.control))
        self.book.set("clock", [self.clock.speed, self.clock.real_s, self.clock.simulated_ms])
        self._wake.set()

    # -- time and luck ------------------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """What its own clock shows: simulated time, and wrong by as much as it was told to be."""
        return self.clock.now_ms() + int(self.control.faults.clock_skew_seconds * 1_000)

    def luck(self, *of: object) -> Random:
        """Dice of its own for one thing, the same whenever they are thrown."""
        return Random("/".join(map(str, (self.control.seed, self.name, *of))))

    # -- what it does later -------------------------------------------------------------------------------------------

    def later(self, least_minutes: float, most_minutes: float, kind: str, body: Document) -> None:
        """Do something after a while of simulated time, the same while for the same body."""
        minutes = self.luck(kind, msgspec.json.encode(body)).uniform(least_minutes, most_minutes)
        self.at(self.clock.now_ms() + int(minutes * MINUTE_MS), kind, body)

    def at(self, due_ms: int, kind: str, body: Document) -> None:
        """Do something at a simulated time."""
        self._schedule(self.book.plan(due_ms, kind, body))

    def _schedule(self, job: Job) -> None:
        heapq.heappush(self._due, (job.due_ms, job.id))
        self._wake.set()

    async def _turn(self) -> None:
        """Start every job when it is due."""
        while True:
            while self._due and self._due[0][0] <= self.clock.now_ms() and len(self._running) < _JOBS_AT_ONCE:
                job = self.book.jobs.get(heapq.heappop(self._due)[1])
                if job and job.id not in self._running:
                    self._running.add(job.id)
                    self._spawn(self._do(job))
            self._wake.clear()
            sleep = self.clock.real_seconds_until(self._due[0][0]) if self._due else _LONGEST_SLEEP_SECONDS
            if len(self._running) >= _JOBS_AT_ONCE:
                sleep = _LONGEST_SLEEP_SECONDS
            try:
                await asyncio.wait_for(self._wake.wait(), min(max(sleep, 0.001), _LONGEST_SLEEP_SECONDS))
            except TimeoutError:
                continue

    async def _do(self, job: Job) -> None:
        try:
            doing = self._doing[job.kind](job.body)
            if doing is not None:
                await doing
            self.book.done(job)
        except Exception as failed:  # noqa: BLE001  # whatever it is, the job is not done and is tried again
            if not isinstance(failed, PeerFailed):
                _LOG.exception("%s: job %s", self.name, job)
            job.due_ms = self.clock.now_ms() + int(_AGAIN_SECONDS * 1_000 * self.clock.speed)
            self.book.replan(job)
            self._schedule(job)
        finally:
            self._running.discard(job.id)
            if len(self._running) == _JOBS_AT_ONCE - 1:
                self._wake.set()

    def _spawn(self, doing: Any) -> None:  # noqa: ANN401  # a coroutine of whatever it sends and receives
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- what it says -------------------------------------------------------------------------------------------------

    def envelope(self, kind: str, source: str, key: str, data: Document, at_ms: int | None = None) -> str:
        """A message as the distributor's own systems write it; the same fact always has the same envelope noise."""
        at = self.now_ms() if at_ms is None else at_ms
        return wire.envelope(kind, source, at, wire.to_json(data), self.luck("envelope", kind, key))

    def post(self, kind: str, source: str, key: str, data: Document) -> None:
        """Send a JSON message to Crossdock."""
        self.outbox.message(source, self.speaks, self.envelope(kind, source, key, data))

    def tell(self, entity: str, id_: str, kind: str, source: str, data: Document) -> None:
        """Show a message in the feed, and hint at it."""
        message = msgspec.json.decode(self.envelope(kind, source, id_, data), type=Document)
        self.book.tell(entity, id_, message, self.now_ms())
        self.outbox.hint(wire.to_json({"entity": entity, "id": id_}))

    def row(self, source: str, layout: str, cells: Sequence[str]) -> None:
        """Add a row to the file that is sent at the end of the quarter of an hour."""
        name = f"rows/{source}/{layout}"
        rows = self.book.values.get(name) or []
        if not rows:
            self.at(next_quarter(self.clock.now_ms()), "table", {"source": source, "layout": layout})
        self.book.set(name, [*rows, list(cells)])

    def send_table(self, body: Document) -> None:
        """The job `table`: send the rows of the last quarter."""
        name = f"rows/{body['source']}/{body['layout']}"
        text = wire.table(body["layout"], self.book.values[name])
        self.outbox.message(body["source"], f"text/csv; layout={body['layout']}", text)
        self.book.set(name, [])

    async def call(self, peer: str, path: str, body: Document) -> tuple[int, Document]:
        """POST to another system: its status and answer. Raises `PeerFailed` where the job must be done again."""
        known = self.control.peers.get(peer)
        if known is None or self._http is None:
            raise PeerFailed(f"{self.name} does not know where {peer} is")
        headers = {"Authorization": f"Bearer {known.token}", PEER_HEADER: self.name}
        await self.book.saved()
        try:
            async with self._http.post(known.address + path, json=body, headers=headers) as answer:
                told = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as failed:
            raise PeerFailed(f"{peer}: {failed!r}") from failed
        if answer.status >= _BROKEN or answer.status in _NOT_NOW:
            raise PeerFailed(f"{peer}: {answer.status}")
        return answer.status, msgspec.json.decode(told, type=Document)
