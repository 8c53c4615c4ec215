"""Who sends: API keys and the sources behind them, remembered, and forgotten when the configuration changes.

The hot path is one look-up in a dictionary. Everything that asks the database runs on one thread with a connection
of its own: a key that is not known yet, and once a second whether the configuration has changed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import psycopg

from crossdock.api.problems import Problem
from crossdock.api.rate import Bucket
from crossdock.engine.configuration import Configuration, Reader, Source, content_type, key_hash, load
from crossdock.store import configuration as stored
from crossdock.store import maintenance
from crossdock.store.connect import DatabaseUnreachable, connect

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 1.0
_PARTITIONS_SECONDS: Final = 3600.0
_REMEMBERED_MAX: Final = 10_000
_CONTENT_TYPES_MAX: Final = 100
_CONTENT_TYPE_MAX: Final = 200
_SCHEME: Final = b"bearer "

Headers = Mapping[bytes, bytes]


class Sender:
    """A source that was recognised by its key."""

    __slots__ = ("_known_types", "bucket", "id", "name", "source")

    def __init__(self, source: Source, bucket: Bucket) -> None:
        """`bucket` outlives it: a changed configuration does not fill it."""
        self.id = source.id
        self.name = source.name
        self.source = source
        self.bucket = bucket
        self._known_types: dict[bytes, tuple[str, Reader]] = {}

    def reader(self, header: bytes | None) -> tuple[str, Reader]:
        """The content type as it was sent, and how it is read. Raises `Problem` (415)."""
        known = self._known_types.get(header or b"")
        if known is not None:
            return known
        sent = (header or b"").decode("latin-1").strip()
        reader = self.source.readers.get(content_type(sent)) if len(sent) <= _CONTENT_TYPE_MAX else None
        if reader is None:
            may = sorted(self.source.readers)
            said = f"content type {sent[:_CONTENT_TYPE_MAX]!r}" if sent else "no content type"
            problem = f"{said} was sent, and {self.name} sends {', '.join(may) or 'nothing'}"
            raise Problem("content-type-unknown", problem, accepted=may)
        if len(self._known_types) < _CONTENT_TYPES_MAX:
            self._known_types[header or b""] = (sent, reader)
        return sent, reader


class Senders:
    """The senders of one tenant. Used by one event loop."""

    def __init__(self, url: str, tenant: int, *, messages_per_second: int) -> None:
        """`messages_per_second` is what each source may send."""
        self._url = url
        self._tenant = tenant
        self._per_second = messages_per_second
        self._buckets: dict[int, Bucket] = {}
        self._known: dict[bytes, Sender | None] = {}
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="senders")
        self._watching: asyncio.Task[None] | None = None
        # Of the executor's thread; `configuration` is replaced as a whole, and read by everybody.
        self.configuration: Configuration
        self._connection: psycopg.Connection | None = None
        self._version = 0
        self._partitioned_at = time.monotonic()

    async def start(self) -> None:
        """Read the configuration and watch it from now on. Raises `ConfigurationError` and `DatabaseUnreachable`."""
        loop = asyncio.get_running_loop()
        self.configuration = await loop.run_in_executor(self._executor, self._load)
        self._watching = loop.create_task(self._watch())

    async def close(self) -> None:
        """Forget everything."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        await asyncio.get_running_loop().run_in_executor(self._executor, self._disconnect)
        self._executor.shutdown()

    async def authenticated(self, headers: Headers) -> Sender:
        """Whose key it is. Raises `Problem`: 401, 403 where another source was named, 503 without the database."""
        authorization = headers.get(b"authorization", b"")
        key = authorization[len(_SCHEME) :].strip()
        if authorization[: len(_SCHEME)].lower() != _SCHEME or not key:
            raise _refused("key-missing", "the request has no `Authorization: Bearer KEY`", "")
        hashed = key_hash(key.decode("latin-1"))
        sender = self._known.get(hashed)
        if sender is None:
            sender = await self._look_up(hashed)
        named = headers.get(b"crossdock-source")
        if named is not None and named.decode("utf-8", "replace").strip() != sender.name:
            shown = named.decode("utf-8", "replace")[:64]
            raise Problem("source-not-yours", f"the key is of source {sender.name}, not of {shown!r}")
        return sender

    async def _look_up(self, hashed: bytes) -> Sender:
        if hashed not in self._known:
            known, loop = self._known, asyncio.get_running_loop()
            try:
                source = await loop.run_in_executor(self._executor, self._source_of, hashed)
            except (DatabaseUnreachable, psycopg.OperationalError) as gone:
                _LOG.warning("a key cannot be looked up: %s", gone)
                problem = "the key cannot be checked, as the database cannot be reached"
                raise Problem("database-unreachable", problem, headers={"Retry-After": "5"}) from gone
            if len(known) >= _REMEMBERED_MAX:
                known.clear()
            # What was looked up before a change of configuration goes to the dictionary of before.
            known[hashed] = None if source is None else Sender(source, self._bucket(source.id))
            sender = known[hashed]
        else:
            sender = self._known[hashed]
        if sender is None:
            raise _refused("key-unknown", "no source has this API key", ', error="invalid_token"')
        return sender

    def _bucket(self, source: int) -> Bucket:
        return self._buckets.setdefault(source, Bucket(self._per_second))

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            changed = await loop.run_in_executor(self._executor, self._look_round)
            if changed is not None:
                self.configuration = changed
                self._known = {}

    # -- on the executor's thread --------------------------------------------------------------------------------

    def _connected(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed or self._connection.broken:
            self._connection = connect(self._url, purpose="senders", tenant=self._tenant, patience_seconds=0)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _load(self) -> Configuration:
        configuration = load(self._connected(), self._tenant)
        self._version = configuration.version
        return configuration

    def _source_of(self, hashed: bytes) -> Source | None:
        found = stored.source_of_key(self._connected(), hashed)
        if found is None or found[0] != self._tenant:
            return None
        # A source that was registered a moment ago may have its key before we have its configuration.
        return self.configuration.sources.get(found[1])

    def _look_round(self) -> Configuration | None:
        """What to go on with if the configuration has changed; keeps partitions ahead, as no worker may be there to."""
        try:
            connection = self._connected()
            if time.monotonic() - self._partitioned_at > _PARTITIONS_SECONDS:
                self._partitioned_at = time.monotonic()
                maintenance.ensure_partitions(connection)
            version = stored.version(connection, self._tenant)
            if version == self._version:
                return None
            self._version = version
            return self._load()
        except (DatabaseUnreachable, psycopg.Error) as gone:
            _LOG.warning("the configuration cannot be looked at: %s", gone)
            return None
        except ValueError:
            # Keys are looked up anew all the same: one of them may have been withdrawn.
            _LOG.exception("the changed configuration cannot be used; going on with %d", self.configuration.version)
            return self.configuration


def _refused(code: str, detail: str, error: str) -> Problem:
    return Problem(code, detail, headers={"WWW-Authenticate": f'Bearer realm="crossdock"{error}'})
