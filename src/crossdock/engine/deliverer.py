"""A deliverer: one process that sends commands to every system, each in a lane of its own.

It holds nothing that another process would need: kill it, and within a lease another takes over what it was sending,
looking first. The database is spoken to by one thread, the urgent class of connection first; a second one says now and
then that we live. At a peak the classes that can wait are put off, and what changed about them says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, NamedTuple, TypeVar

import psycopg

from crossdock.engine import deliver_queue
from crossdock.engine.configuration import load
from crossdock.engine.deliver import Desk, Turn
from crossdock.engine.deliver_books import HEIGHTS_SECONDS, Books
from crossdock.engine.deliver_lane import Lane
from crossdock.engine.deliver_outcomes import Done
from crossdock.engine.deliver_reading import Place, Reader
from crossdock.kit.classes import TERMS
from crossdock.kit.connection import Configured, Connection
from crossdock.kit.connector import Connector
from crossdock.store import configuration as stored
from crossdock.store import delivery, delivery_inbound, delivery_state
from crossdock.store.connect import connect, pin_plans

_LOG = logging.getLogger(__name__)
_TICK_FIRST_SECONDS: Final = 0.005
_TICK_LONGEST_SECONDS: Final = 0.05
_HEARTBEAT_SECONDS: Final = 2.5
_LOOK_ROUND_SECONDS: Final = 1.0
_HINTS_SECONDS: Final = 0.1
_SWEEPS: Final = 3

T = TypeVar("T")
OpenConnector = Callable[[str, Configured], Connector | None]


def is_put_off(settings: Connection, height: int) -> bool:
    """Does a connection of this class wait while a peak is so high?"""
    put_off_from = TERMS[settings.integration].put_off_from
    return put_off_from is not None and height >= put_off_from


class _Running(NamedTuple):
    """A connection at work."""

    configured: Configured
    lane: Lane
    reader: Reader
    task: asyncio.Task[None]


async def _work(lane: Lane, reader: Reader, connector: Connector, stop: asyncio.Event) -> None:
    """Send and read until told to stop, or until the connection is configured otherwise; then close it."""

    def stopping() -> bool:
        return stop.is_set() or lane.ended

    try:
        await asyncio.gather(lane.run(stopping), reader.run(stopping))
    finally:
        await connector.close()


class Deliverer:
    """Delivers one tenant's commands until told to stop."""

    def __init__(self, url: str, tenant: int, open_connector: OpenConnector, *, worker: str, shard: int = 0) -> None:
        """`open_connector` makes the connector of a configured connection, or none where it has no address.

        `worker` names this process among all that ever were; `shard` is the part of each balance it adds to.
        """
        self._url = url
        self._tenant = tenant
        self._open = open_connector
        self._worker = worker
        self._shard = shard
        self._books = Books()
        self._height = 0
        self._pulse = ThreadPoolExecutor(1, thread_name_prefix="pulse")
        self._desk: Desk | None = None
        self._connection: psycopg.Connection | None = None
        self._pulse_connection: psycopg.Connection | None = None
        self._lanes: dict[str, _Running] = {}
        self._closing: list[tuple[Lane, asyncio.Task[None]]] = []
        self._version = -1
        self._sweeps = 0
        self._looked_round_at = 0.0
        self._hints_looked_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what was sent by then is heard of and recorded."""
        pulse = asyncio.create_task(self._live())
        tick = _TICK_FIRST_SECONDS
        try:
            while not stop.is_set():
                tick = _TICK_FIRST_SECONDS if await self._tick(stop) else min(2 * tick, _TICK_LONGEST_SECONDS)
                await asyncio.sleep(tick)
        finally:
            lanes = [*self._closing, *((one.lane, one.task) for one in self._lanes.values())]
            await asyncio.gather(*(task for _, task in lanes), return_exceptions=True)
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)
            await self._books.do(self._disconnect)
            self._books.close()
            self._pulse.shutdown()
            if self._pulse_connection is not None:
                self._pulse_connection.close()

    async def _tick(self, stop: asyncio.Event) -> bool:
        """Look for something to be sent; was there anything?"""
        try:
            if time.monotonic() - self._looked_round_at > _LOOK_ROUND_SECONDS:
                self._looked_round_at = time.monotonic()
                await self._look_round(stop)
                await self._look_at_peak()
            if not self._lanes:
                return False
            ready = await self._in_books(self._ready)
            for name in ready:
                self._lanes[name].lane.call()
            if time.monotonic() - self._hints_looked_at > _HINTS_SECONDS:
                self._hints_looked_at = time.monotonic()
                for name in await self._in_books(self._hinted):
                    if name in self._lanes:
                        self._lanes[name].reader.call()
        except psycopg.OperationalError as gone:
            _LOG.warning("the database is gone (%s); connecting again", str(gone).strip().splitlines()[:1])
            return False
        return bool(ready)

    def _ready(self) -> list[str]:
        return delivery.ready(self._connected(), self._tenant, list(self._lanes))

    def _hinted(self) -> list[str]:
        return delivery_inbound.hinted(self._connected(), self._tenant)

    # -- configuration -------------------------------------------------------------------------------------------

    async def _look_round(self, stop: asyncio.Event) -> None:
        """Take a changed configuration; and queue, now and a little later, what was wanted before it."""
        version = await self._in_books(lambda: stored.version(self._connected(), self._tenant))
        if version != self._version:
            connections = await self._in_books(self._load)
            self._version = version
            self._sweeps = _SWEEPS
            self._change_lanes(connections, stop)
        if self._sweeps:
            self._sweeps -= 1
            await self._in_books(self._sweep)

    def _load(self) -> Mapping[str, Configured]:
        connection = self._connected()
        configuration = load(connection, self._tenant)
        delivery_state.make(connection, self._tenant, list(configuration.connections))
        if self._desk is None:
            self._desk = Desk(connection, self._tenant, configuration, worker=self._worker, shard=self._shard)
        else:
            self._desk.configuration = configuration
        return configuration.connections

    def _sweep(self) -> None:
        assert self._desk is not None  # noqa: S101  # loaded just before
        deliver_queue.sweep(self._connected(), self._tenant, self._desk.configuration.connections)

    def _change_lanes(self, connections: Mapping[str, Configured], stop: asyncio.Event) -> None:
        for name in [name for name, one in self._lanes.items() if connections.get(name) != one.configured]:
            ended = self._lanes.pop(name)
            ended.lane.end()
            self._closing.append((ended.lane, ended.task))
        self._closing = [(lane, task) for lane, task in self._closing if not task.done()]
        for name, configured in connections.items():
            if name in self._lanes:
                continue
            connector = self._open(name, configured)
            if connector is None:
                continue
            settings = configured.connection
            lane = Lane(name, settings, connector, self._turn, partial(self._is_put_off, settings))
            reader = Reader(name, settings, connector, partial(self._read, settings), lane.is_put_off)
            task = asyncio.create_task(_work(lane, reader, connector, stop))
            self._lanes[name] = _Running(configured, lane, reader, task)

    # -- peaks ---------------------------------------------------------------------------------------------------

    def _is_put_off(self, settings: Connection) -> bool:
        """Does it have to wait until the peak is over?"""
        return is_put_off(settings, self._height)

    async def _look_at_peak(self) -> None:
        """Put off what can wait while the books are late; for whom that begins and ends is noted."""
        before, height = self._height, self._books.height()
        if before == height:
            return
        self._height = max(before, height)
        changed = [
            name for name, one in self._lanes.items()
            if is_put_off(one.configured.connection, before) != is_put_off(one.configured.connection, height)
        ]  # fmt: skip
        if changed:
            await self._in_books(partial(self._note_peak, changed, height, began=height > before))
        self._height = height

    def _note_peak(self, names: Sequence[str], height: int, *, began: bool) -> None:
        reason = f"work waits for more than {HEIGHTS_SECONDS[height - 1]:g} s" if began else "the peak is over"
        before, after = ("all", "put off") if began else ("put off", "all")
        for name in names:
            delivery_state.note(
                self._connected(), self._tenant, name, what="peak", before=before, after=after, reason=reason,
                who=self._worker,
            )  # fmt: skip

    # -- the database --------------------------------------------------------------------------------------------

    async def _turn(
        self, name: str, done: Sequence[Done], *, on_their_way: int, room: int, is_idempotent: bool
    ) -> Turn | None:
        def take() -> Turn | None:
            self._connected()
            if self._desk is None:
                self._load()
            assert self._desk is not None  # noqa: S101  # loaded just before
            return self._desk.turn(name, done, on_their_way=on_their_way, room=room, is_idempotent=is_idempotent)

        running = self._lanes.get(name)
        terms = TERMS[running.configured.connection.integration if running is not None else None]
        return await self._in_books(take, terms.patience_seconds)

    async def _read(self, settings: Connection, work: Callable[[Place], T]) -> T:
        def read() -> T:
            connection = self._connected()
            if self._desk is None:
                self._load()
            assert self._desk is not None  # noqa: S101  # loaded just before
            return work(Place(connection, self._tenant, self._desk.configuration, self._worker))

        return await self._in_books(read, TERMS[settings.integration].patience_seconds)

    async def _in_books(self, work: Callable[[], T], patience_seconds: float = 0.0) -> T:
        def guarded() -> T:
            try:
                return work()
            except psycopg.OperationalError:
                self._disconnect()
                raise

        return await self._books.do(guarded, patience_seconds=patience_seconds)

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._url, purpose=f"deliverer {self._worker}", tenant=self._tenant)
            pin_plans(self._connection)
            self._desk = None
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._desk = None

    # -- living --------------------------------------------------------------------------------------------------

    async def _live(self) -> None:
        """Renew the leases of what is on its way, and of the feeds that are being read."""
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            lanes = [*(one.lane for one in self._lanes.values()), *(lane for lane, _ in self._closing)]
            keys = [key for lane in lanes for key in lane.leased()]
            feeds = {name: one.reader.lease_seconds for name, one in self._lanes.items() if one.reader.reads}
            if keys or feeds:
                try:
                    await asyncio.get_running_loop().run_in_executor(self._pulse, self._beat, keys, feeds)
                except psycopg.OperationalError as gone:
                    _LOG.warning("leases could not be renewed: %s", gone)

    def _beat(self, keys: list[delivery.Key], feeds: dict[str, float]) -> None:
        if self._pulse_connection is None or self._pulse_connection.closed:
            self._pulse_connection = connect(
                self._url, purpose=f"pulse {self._worker}", tenant=self._tenant, patience_seconds=3
            )
        delivery.heartbeat(self._pulse_connection, self._tenant, self._worker, sorted(keys))
        for name, seconds in feeds.items():
            delivery_inbound.keep_feed(self._pulse_connection, self._tenant, name, self._worker, lease_seconds=seconds)
