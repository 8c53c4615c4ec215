"""A settle worker: takes what waits, as much as there is, and sleeps a moment when there is nothing.

Batches adapt: a lone message is settled at once, a backlog in batches of `batch`. A worker holds nothing between
transactions, so it may be killed at any moment, and another one may be started at any moment.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from typing import Final

import psycopg

from crossdock.clock import Clock
from crossdock.engine.configuration import Configuration, load
from crossdock.engine.rounds import NoEnd
from crossdock.engine.settle import Settled, Settler
from crossdock.store import configuration as stored
from crossdock.store import maintenance
from crossdock.store.connect import connect, pin_plans

_LOG = logging.getLogger(__name__)
_IDLE_FIRST_SECONDS: Final = 0.002
_IDLE_LONGEST_SECONDS: Final = 0.02
_LOOK_ROUND_SECONDS: Final = 1.0
_PARTITIONS_SECONDS: Final = 3600.0
_GARBAGE_THRESHOLD: Final = 200_000
_COLLECT_BATCHES: Final = 200


class Worker:
    """Settles one tenant's messages until told to stop."""

    def __init__(self, url: str, tenant: int, *, clock: Clock, shard: int = 0, batch: int = 500) -> None:
        """`batch`: messages a transaction under backlog; `shard`: the part of each balance this worker adds to."""
        self._url = url
        self._tenant = tenant
        self._clock = clock
        self._shard = shard
        self._batch = batch
        self._connection: psycopg.Connection | None = None
        self._settler: Settler | None = None
        self._looked_round_at = 0.0
        self._partitioned_at = 0.0

    def run(self, *, stop: Callable[[], bool], settled: Callable[[Settled], None] = lambda _: None) -> None:
        """Work until `stop()`. Survives a lost database; raises when the configuration cannot be loaded."""
        idle_seconds = _IDLE_FIRST_SECONDS
        # Settling makes millions of small values and no cycles: looking for cycles at the usual pace cost a quarter of
        # the time. What little there is, is collected now and then.
        gc.freeze()
        gc.set_threshold(_GARBAGE_THRESHOLD, 20, 20)
        batches = 0
        while not stop():
            done = self.once()
            batches += 1
            if batches % _COLLECT_BATCHES == 0:
                gc.collect()
            if done:
                settled(done)
                idle_seconds = _IDLE_FIRST_SECONDS
            else:
                time.sleep(idle_seconds)
                idle_seconds = min(idle_seconds * 2, _IDLE_LONGEST_SECONDS)
        self.close()

    def once(self) -> Settled:
        """One transaction; nothing settled when there was nothing, or when it has to be tried again."""
        try:
            return self._ready().settle(batch=self._batch, now=self._clock.now())
        except psycopg.errors.DeadlockDetected:
            _LOG.info("a deadlock was broken; trying again")
        except NoEnd as lost:
            _LOG.warning("%s; trying again", lost)
        except psycopg.OperationalError as gone:
            _LOG.warning("the database is gone (%s); connecting again", str(gone).strip().splitlines()[:1])
            self.close()
        return Settled()

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
        self._connection = self._settler = None

    def _ready(self) -> Settler:
        if self._connection is None or self._settler is None:
            self._connection = connect(self._url, purpose=f"worker {self._shard}", tenant=self._tenant)
            configuration = load(self._connection, self._tenant)
            pin_plans(self._connection)
            self._settler = Settler(self._connection, self._tenant, configuration, shard=self._shard)
        elapsed = time.monotonic()
        if elapsed - self._looked_round_at > _LOOK_ROUND_SECONDS:
            self._looked_round_at = elapsed
            self._look_round(self._connection, self._settler)
        return self._settler

    def _look_round(self, connection: psycopg.Connection, settler: Settler) -> None:
        """Take a changed configuration; keep partitions ahead of the days."""
        if stored.version(connection, self._tenant) != settler.configuration.version:
            settler.configuration = self._load(connection, settler.configuration)
        if time.monotonic() - self._partitioned_at > _PARTITIONS_SECONDS or not self._partitioned_at:
            self._partitioned_at = time.monotonic()
            maintenance.ensure_partitions(connection)

    def _load(self, connection: psycopg.Connection, current: Configuration) -> Configuration:
        try:
            return load(connection, self._tenant)
        except ValueError:
            _LOG.exception("the changed configuration cannot be used; going on with version %d", current.version)
            return current
