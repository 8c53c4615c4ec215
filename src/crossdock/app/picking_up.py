"""Picks up files that partners left: each once, whatever dies in between, and one sick place holds up no other.

Each place has a thread of its own, which looks, copies and archives; a file's messages and the note that it was taken
are written in one transaction. Who dies after it leaves the file there: the next one knows it by its name and content,
and only archives it.
"""

from __future__ import annotations

import fnmatch
import logging
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec
import psycopg

from crossdock.app.file_reading import Cut, Form, Piece, Unreadable, pieces
from crossdock.engine.configuration import content_type
from crossdock.exchange.folder import Folder
from crossdock.kit.transport import Exchange, OutOfReach, Parcel, Receipt, Transport, Unfinished
from crossdock.store import arrival, delivery_inbound
from crossdock.store import configuration as stored
from crossdock.store import exchange as store
from crossdock.store.connect import connect
from crossdock.store.intake import receive

_LOG = logging.getLogger(__name__)
_LOOK_ROUND_SECONDS: Final = 1.0
_LEASE_SECONDS: Final = 10.0
_MEMORY_BYTES: Final = 8_000_000
_WHOLE_BYTES_MAX: Final = 1_000_000
_BATCH_MESSAGES: Final = 200
_REFUSED_MAX: Final = 10_000
_CUTS: Final[dict[str, Cut]] = {
    "text/csv": "csv",
    "application/edi-x12": "x12",
    "application/edifact": "edifact",
    "application/x-ndjson": "lines",
}


def path_of(settings: Exchange, environment: Mapping[str, str]) -> Path | None:
    """Where a place is; `None` where its root is not said."""
    if settings.root_env is None:
        return Path(settings.path)
    root = environment.get(settings.root_env)
    return Path(root) / settings.path if root else None


class Taken(NamedTuple):
    """What became of a file."""

    entered: store.Entered
    sha256: str
    is_new: bool


class Books:
    """The database of one process, spoken to by one thread at a time."""

    def __init__(self, url: str, tenant: int) -> None:
        """Connects when it is first asked."""
        self._url = url
        self.tenant = tenant
        self._lock = threading.Lock()
        self._connection: psycopg.Connection | None = None

    @contextmanager
    def open(self) -> Iterator[psycopg.Connection]:
        """The connection, for one piece of work."""
        with self._lock:
            try:
                if self._connection is None or self._connection.closed:
                    self._connection = connect(self._url, purpose="pick up", tenant=self.tenant)
                yield self._connection
            except psycopg.OperationalError:
                self._close()
                raise

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Place:
    """One place where files arrive, looked after by one thread."""

    def __init__(self, name: str, settings: Exchange, transport: Transport, books: Books, worker: str) -> None:
        """`worker` names this process among all that ever were."""
        self.name = name
        self.settings = settings
        self._transport = transport
        self._books = books
        self._worker = worker
        self._refused: set[str] = set()

    def run(self, stopping: threading.Event) -> None:
        """Look after it until `stopping` is set."""
        while not stopping.is_set():
            try:
                self.look(stopping)
            except psycopg.OperationalError as gone:
                _LOG.warning("exchange %s: the database is gone (%s)", self.name, str(gone).strip().splitlines()[:1])
            except Exception:  # noqa: BLE001  # the files are still there
                _LOG.exception("exchange %s could not be looked after; trying again", self.name)
            stopping.wait(self.settings.every_seconds)

    def look(self, stopping: threading.Event | None = None) -> int:
        """Take what is whole, if this place is ours to look after; how many files were taken."""
        with self._books.open() as connection:
            lease = max(_LEASE_SECONDS, 3 * self.settings.every_seconds)
            if not store.take(connection, self._books.tenant, self.name, self._worker, lease_seconds=lease):
                return 0
        problem, parcels, taken = None, [], 0
        try:
            parcels = self._transport.look()
            for parcel in parcels:
                if stopping is not None and stopping.is_set():
                    break
                taken += self._take(parcel)
        except OutOfReach as why:
            problem = str(why)[:500]
        with self._books.open() as connection:
            left = sum(parcel.mark in self._refused for parcel in parcels)
            store.looked(connection, self._books.tenant, self.name, self._worker, waiting=left, problem=problem)
        return taken

    def _take(self, parcel: Parcel) -> bool:
        """Take a file, archive it and leave its receipt; was there anything new in it?"""
        if parcel.mark in self._refused:
            return False
        try:
            taken = self._read(parcel)
        except Unfinished:
            return False
        except (Unreadable, OutOfReach) as why:
            self._refuse(parcel, str(why))
            return False
        self._transport.settle(parcel, self._receipt(parcel, taken))
        return taken.is_new

    def _read(self, parcel: Parcel) -> Taken:
        takes, most = self.settings.takes, self.settings.bytes_max
        sent = next((to for pattern, to in takes.items() if fnmatch.fnmatchcase(parcel.name, pattern)), None)
        if sent is None:
            raise Unreadable(f"{parcel.name} is like none of {', '.join(takes)}")
        if parcel.size > most:
            raise Unreadable(f"{parcel.name} has {parcel.size:,} bytes; {most:,} are taken at most")
        # Copied first: whatever the place does meanwhile, the transaction that follows is short.
        with tempfile.TemporaryFile() as file:
            self._transport.fetch(parcel, file)
            with self._books.open() as connection:
                return self._enter(connection, parcel, content_type(sent), file)

    def _enter(self, connection: psycopg.Connection, parcel: Parcel, sent: str, file: BinaryIO) -> Taken:
        """A file's messages and the note that it was taken, in one transaction."""
        file.seek(0)
        digest = sha256()
        while chunk := file.read(_MEMORY_BYTES):
            digest.update(chunk)
        tenant, total, first, new = self._books.tenant, 0, 0, 0
        with connection.transaction():
            known = store.known(connection, tenant, self.name, parcel.name, digest.hexdigest())
            if known is not None:
                return Taken(known, digest.hexdigest(), is_new=False)
            source = stored.source_named(connection, tenant, self.settings.source)
            if source is None:
                raise Unreadable(f"{self.settings.source} is no source")
            file.seek(0)
            for batch in _batches(file, sent, source, parcel):
                received = receive(connection, tenant, [piece.message for piece in batch])
                first = first or received[0].arrival
                total += len(received)
                new += sum(one.verdict != "duplicate" for one in received)
            if total == 0:
                raise Unreadable(f"{parcel.name} is empty")
            entered = store.enter(
                connection, tenant, self.name,
                file=parcel.name, sha256=digest.hexdigest(), size_bytes=parcel.size, messages=total, first=first,
            )  # fmt: skip
        return Taken(entered, digest.hexdigest(), is_new=new > 0)

    def _receipt(self, parcel: Parcel, taken: Taken) -> Receipt:
        return Receipt(
            file=parcel.name,
            status="taken" if taken.is_new else "duplicate",
            bytes=parcel.size,
            sha256=taken.sha256,
            messages=taken.entered.messages,
            first_message=arrival.text(taken.entered.first_message),
            received=taken.entered.taken_at.astimezone(UTC).isoformat(timespec="seconds"),
        )

    def _refuse(self, parcel: Parcel, problem: str) -> None:
        """It stays where it is, and its problem is kept once; it is tried again when it changes, or we start anew."""
        if len(self._refused) < _REFUSED_MAX:
            self._refused.add(parcel.mark)
        with self._books.open() as connection:
            delivery_inbound.note_problem(
                connection, self._books.tenant, self.name, what="file", problem=problem, evidence=parcel.name
            )
        _LOG.warning("exchange %s: %s", self.name, problem)


def _batches(file: BinaryIO, sent: str, source: int, parcel: Parcel) -> Iterator[list[Piece]]:
    """The messages of a file: one, as if it had been posted, or the parts of a large one."""
    cut = _CUTS.get(sent.partition(";")[0], "whole") if parcel.size > _WHOLE_BYTES_MAX else "whole"
    batch: list[Piece] = []
    for piece in pieces(file, Form(sent, cut), source, name=parcel.name):
        batch.append(piece)
        if len(batch) >= _BATCH_MESSAGES:
            yield batch
            batch = []
    if batch:
        yield batch


class _Running(NamedTuple):
    """A place at work."""

    settings: Exchange
    stopping: threading.Event
    thread: threading.Thread


def look_after_all(
    url: str,
    tenant: int,
    *,
    worker: str,
    environment: Mapping[str, str],
    stop: threading.Event,
) -> None:
    """Look after every place that is configured, until `stop` is set; configuration may change meanwhile."""
    books = Books(url, tenant)
    places: dict[str, _Running] = {}
    version = -1
    try:
        while not stop.is_set():
            try:
                with books.open() as connection:
                    current = stored.version(connection, tenant)
                    documents = store.documents(connection, tenant) if current != version else None
                if documents is not None:
                    version = current
                    _change(places, documents, books, worker, environment)
            except psycopg.OperationalError as gone:
                _LOG.warning("the database is gone (%s); looking again", str(gone).strip().splitlines()[:1])
            stop.wait(_LOOK_ROUND_SECONDS)
    finally:
        for place in places.values():
            place.stopping.set()
        for place in places.values():
            place.thread.join(_LOOK_ROUND_SECONDS)
        books.close()


def _change(
    places: dict[str, _Running],
    documents: list[tuple[str, str]],
    books: Books,
    worker: str,
    environment: Mapping[str, str],
) -> None:
    wanted = {name: msgspec.json.decode(document, type=Exchange) for name, document in documents}
    for name in [name for name, one in places.items() if wanted.get(name) != one.settings]:
        places.pop(name).stopping.set()
    for name, settings in wanted.items():
        path = path_of(settings, environment)
        if name in places:
            continue
        if path is None:
            _LOG.info("exchange %s has no root: %s is not set", name, settings.root_env)
            continue
        stopping = threading.Event()
        place = Place(name, settings, Folder(path, settings), books, worker)
        thread = threading.Thread(target=place.run, args=(stopping,), name=f"exchange {name}", daemon=True)
        places[name] = _Running(settings, stopping, thread)
        thread.start()
