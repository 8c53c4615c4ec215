"""The durable memory of a system: everything it believes, held in memory and written to SQLite in groups.

Deeds change the book in plain, synchronous steps. A moment later all that changed is written in one transaction, and
only then does anyone get an answer (`saved`). As a step never waits, a transaction holds whole deeds or none: after
`kill -9` the book is as it was after some deed, and every answered deed is in it.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

Document = dict[str, Any]

_TABLES: Final = """
create table if not exists record(entity text, id text, version int, seq int, changed_ms int, body blob,
                                  primary key(entity, id)) without rowid;
create table if not exists deed(key text primary key, row blob) without rowid;
create table if not exists value(name text primary key, value blob) without rowid;
create table if not exists job(id integer primary key, row blob);
create table if not exists outgoing(id integer primary key, row blob);
"""
_GROUP_SECONDS: Final = 0.001
_COMES_AND_GOES: Final = {
    "job": ("insert or replace into job values (?, ?)", "delete from job where id = ?"),
    "outgoing": ("insert or replace into outgoing values (?, ?)", "delete from outgoing where id = ?"),
}
_TOLD: Final = "told/"


class Record(msgspec.Struct):
    """Something the system knows: `seq` numbers all changes of the book, `changed_ms` is simulated."""

    entity: str
    id: str
    version: int
    seq: int
    changed_ms: int
    body: Document


class Deed(msgspec.Struct):
    """What became of one key: how often it was received and how often it had an effect, and the answer that is kept."""

    key: str
    kind: str
    received: int = 0
    applied: int = 0
    print: str = ""
    status: int = 0
    answer: str | None = None
    entity: str | None = None
    id: str | None = None
    first_at: str = ""


class Job(msgspec.Struct):
    """Something the system will do by itself; `due_ms` is simulated."""

    id: int
    due_ms: int
    kind: str
    body: Document


class Outgoing(msgspec.Struct):
    """Something on its way out: a message to Crossdock, a file, a webhook. `dead` is why it was given up."""

    id: int
    kind: str
    source: str
    content_type: str
    body: str
    dead: str | None = None


class Book:
    """One system's book; one process writes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._sql = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._sql.execute("pragma journal_mode=wal")
        self._sql.execute("pragma synchronous=normal")
        self._sql.executescript(_TABLES)
        self._records: defaultdict[str, dict[str, Record]] = defaultdict(dict)
        self._order: defaultdict[str, list[tuple[int, Record]]] = defaultdict(list)
        self.deeds: dict[str, Deed] = {}
        self.values: dict[str, Any] = {}
        self.jobs: dict[int, Job] = {}
        self.outgoing: dict[int, Outgoing] = {}
        self._load()
        self._changed: dict[str, dict[Any, Any]] = {"record": {}, "deed": {}, "value": {}, "job": {}, "outgoing": {}}
        self._writing: asyncio.Future[None] | None = None

    def _load(self) -> None:
        select = self._sql.execute
        for entity, id_, version, seq, changed_ms, body in select("select * from record order by seq"):
            self._enter(Record(entity, id_, version, seq, changed_ms, msgspec.json.decode(body)))
        self.deeds = {key: msgspec.json.decode(row, type=Deed) for key, row in select("select * from deed")}
        self.values = {name: msgspec.json.decode(value) for name, value in select("select * from value")}
        self.jobs = {id_: msgspec.json.decode(row, type=Job) for id_, row in select("select * from job")}
        self.outgoing = {id_: msgspec.json.decode(row, type=Outgoing) for id_, row in select("select * from outgoing")}
        self._seq = itertools.count(1 + (select("select max(seq) from record").fetchone()[0] or 0))
        self._job_ids = itertools.count(1 + int(self.values.get("ids/job", 0)))
        self._outgoing_ids = itertools.count(1 + int(self.values.get("ids/outgoing", 0)))

    # -- records ----------------------------------------------------------------------------------------------------

    def get(self, entity: str, id_: str) -> Record | None:
        """What it knows of one thing."""
        return self._records[entity].get(id_)

    def put(self, entity: str, id_: str, body: Document, now_ms: int) -> Record:
        """Enter a thing as it is now; its version counts up."""
        old = self._records[entity].get(id_)
        record = Record(entity, id_, old.version + 1 if old else 1, next(self._seq), now_ms, body)
        self._enter(record)
        self._mark("record", (entity, id_), record)
        return record

    def tell(self, entity: str, id_: str, message: Document, now_ms: int) -> Record:
        """Show a message in the feed; the same message again changes nothing."""
        old = self.told(entity, id_)
        return old if old and old.body == message else self.put(_TOLD + entity, id_, message, now_ms)

    def told(self, entity: str, id_: str) -> Record | None:
        """The message about one thing, as the feed shows it."""
        return self.get(_TOLD + entity, id_)

    def all(self, entity: str) -> Iterator[Record]:
        """All things of a kind, by last change."""
        return self.after(entity, 0)

    def after(self, entity: str, seq: int) -> Iterator[Record]:
        """The things of a kind that changed after a change, in order; all messages if the kind is `told`."""
        order = self._order[entity]
        start = bisect_right(order, seq, key=lambda entry: entry[0])
        for number, record in itertools.islice(order, start, None):
            if self._records[record.entity][record.id].seq == number:
                yield record

    def entities(self) -> list[str]:
        """The kinds of things in the book, messages left out."""
        return sorted(entity for entity in self._records if not entity.startswith(_TOLD))

    def _enter(self, record: Record) -> None:
        self._records[record.entity][record.id] = record
        self._order[record.entity].append((record.seq, record))
        if record.entity.startswith(_TOLD):
            self._order["told"].append((record.seq, record))

    # -- keys, values, jobs, what goes out ----------------------------------------------------------------------------

    def received(self, key: str, kind: str, at: str) -> Deed:
        """Count a request with this key; what is known of it."""
        deed = self.deeds.get(key)
        if deed is None:
            deed = self.deeds[key] = Deed(key, kind, first_at=at)
        deed.received += 1
        self._mark("deed", key, deed)
        return deed

    def set(self, name: str, value: object) -> None:
        """Remember a value under a name."""
        self.values[name] = value
        self._mark("value", name, value)

    def count(self, name: str, first: int = 1) -> int:
        """The next number of a series."""
        number = int(self.values.get(name, first - 1)) + 1
        self.set(name, number)
        return number

    def plan(self, due_ms: int, kind: str, body: Document) -> Job:
        """Have a job done when it is due."""
        job = Job(next(self._job_ids), due_ms, kind, body)
        self.set("ids/job", job.id)
        self.replan(job)
        return job

    def replan(self, job: Job) -> None:
        """Keep a job, as it is now."""
        self.jobs[job.id] = job
        self._mark("job", job.id, job)

    def done(self, job: Job) -> None:
        """Forget a job."""
        if self.jobs.pop(job.id, None):
            self._mark("job", job.id, None)

    def send(self, kind: str, source: str, content_type: str, body: str) -> Outgoing:
        """Put something on its way out."""
        outgoing = Outgoing(next(self._outgoing_ids), kind, source, content_type, body)
        self.set("ids/outgoing", outgoing.id)
        self.outgoing[outgoing.id] = outgoing
        self._mark("outgoing", outgoing.id, outgoing)
        return outgoing

    def sent(self, outgoing: Outgoing, dead: str | None = None) -> None:
        """It has arrived, or was given up; a message that was refused is kept with the reason."""
        outgoing.dead = dead
        if dead is None:
            del self.outgoing[outgoing.id]
            self.count("sent/" + outgoing.kind)
        self._mark("outgoing", outgoing.id, outgoing if dead else None)

    # -- writing ------------------------------------------------------------------------------------------------------

    async def saved(self) -> None:
        """Return when all changes so far are durable."""
        if self._writing is not None:
            await asyncio.shield(self._writing)

    def close(self) -> None:
        """Write what is left and close the file."""
        self._write()
        self._sql.close()

    def _mark(self, table: str, key: object, row: object) -> None:
        self._changed[table][key] = row
        if self._writing is None:
            loop = asyncio.get_running_loop()
            self._writing = loop.create_future()
            loop.call_later(_GROUP_SECONDS, self._write)

    def _write(self) -> None:
        """Write all that changed; a system that cannot write its book stops at once, and answers nobody."""
        try:
            self._write_group()
        except sqlite3.Error as failed:
            raise SystemExit(f"the book cannot be written: {failed}") from failed

    def _write_group(self) -> None:
        writing, self._writing = self._writing, None
        changed, self._changed = self._changed, {table: {} for table in self._changed}
        encode, many = msgspec.json.encode, self._sql.executemany
        self._sql.execute("begin immediate")
        many(
            "insert or replace into record values (?, ?, ?, ?, ?, ?)",
            [(r.entity, r.id, r.version, r.seq, r.changed_ms, encode(r.body)) for r in changed["record"].values()],
        )
        many("insert or replace into deed values (?, ?)", [(key, encode(row)) for key, row in changed["deed"].items()])
        many("insert or replace into value values (?, ?)", [(k, encode(row)) for k, row in changed["value"].items()])
        for table, (keep, forget) in _COMES_AND_GOES.items():
            rows = changed[table]
            many(keep, [(id_, encode(row)) for id_, row in rows.items() if row is not None])
            many(forget, [(id_,) for id_, row in rows.items() if row is None])
        self._sql.execute("commit")
        if writing is not None and not writing.done():
            writing.set_result(None)
