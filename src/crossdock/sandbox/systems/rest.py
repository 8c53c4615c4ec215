"""The REST dialects: keys that work once, versions, a feed with a cursor, lists to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from crossdock.sandbox.systems.book import Deed, Document, Record
from crossdock.sandbox.systems.chassis import System
from crossdock.sandbox.systems.clock import BEFORE_ALL, parsed_ms, stamp
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.web import Answer, Refused, Request, said

_KEY_LONGEST: Final = 200
_PAGE: Final = 100
_PAGE_MOST: Final = 1_000
_FOR_GOOD: Final = 422
RulesT = TypeVar("RulesT", bound=Rules)
Do = Callable[[Request, str], Answer]


class RestSystem(System[RulesT]):
    """A system with idempotency keys and a feed.

    `collections` names the entity behind each list of its read side.
    """

    collections: ClassVar[dict[str, str]] = {}

    def reading(self) -> dict[str, Any]:
        """The routes that only look: feed, records, and list and object of every collection."""
        routes: dict[str, Any] = {"GET /feed": self.feed, "GET /records/*/*": self.record}
        for path, entity in self.collections.items():
            routes[f"GET {path}"] = self._lister(entity)
            routes[f"GET {path}/*"] = self._getter(entity)
        return routes

    # -- deeds --------------------------------------------------------------------------------------------------------

    def deed(self, kind: str, do: Do) -> Callable[[Request], Answer]:
        """A handler that does a deed once per key, and afterwards gives the answer it gave then."""

        def handler(request: Request) -> Answer:
            key = request.headers.get("idempotency-key", "")
            if not (0 < len(key) <= _KEY_LONGEST and key.isprintable()):
                raise Refused(400, "key_missing", "Idempotency-Key of 1 to 200 printable characters is needed")
            deed = self.book.received(key, kind, stamp(self.now_ms()))
            print_ = _print(request)
            if deed.answer is not None:
                if deed.print != print_:
                    raise Refused(_FOR_GOOD, "key_reused", "this key was used for another request")
                return Answer(deed.status, deed.answer.encode(), {"Idempotency-Replayed": "true"})
            try:
                answer = do(request, key)
            except Refused as no:
                if no.status != _FOR_GOOD:
                    raise
                answer = no.answer()
            else:
                deed.applied += 1
            deed.print, deed.status, deed.answer = print_, answer.status, answer.body.decode()
            return answer

        return handler

    def made(self, record: Record, key: str, status: int = 200) -> Answer:
        """The answer to a deed: the object as it is now; the key finds it from here on."""
        deed: Deed = self.book.deeds[key]
        deed.entity, deed.id = record.entity, record.id
        return self.shown(record, status)

    def shown(self, record: Record, status: int = 200) -> Answer:
        """An object, its version as its tag."""
        return said(self.view(record), status, ETag=f'"{record.version}"')

    def view(self, record: Record) -> Document:
        """An object in the system's own words."""
        return {"id": record.id, **record.body, "version": record.version, "changed_at": stamp(record.changed_ms)}

    def enter(self, entity: str, id_: str, body: Document) -> Record:
        """Put a thing into the book as it is now."""
        return self.book.put(entity, id_, body, self.now_ms())

    def change(self, record: Record, **members: object) -> Record:
        """Put a thing into the book with some members changed."""
        return self.enter(record.entity, record.id, {**record.body, **members})

    def one(self, entity: str, name: str) -> Record:
        """A thing by its id, or by a number that points to it. Raises `Refused` (404)."""
        record = self.book.get(entity, name) or self.book.get(entity, str(self.book.values.get(f"{entity}/{name}")))
        if record is None:
            raise Refused(404, "not_found", f"there is no {entity} {name[:80]!r}")
        return record

    def point(self, record: Record, name: str) -> None:
        """Let a thing be found by another number too."""
        self.book.set(f"{record.entity}/{name}", record.id)

    def match(self, request: Request, record: Record, *, needed: bool) -> None:
        """Check `If-Match`. Raises `Refused`: 412 if it is stale, 428 if it is missing and needed."""
        tag = request.headers.get("if-match")
        if tag is None and needed:
            raise Refused(428, "version_missing", "If-Match is needed: read it, then say which version you mean")
        if tag not in (None, "*", f'"{record.version}"'):
            raise Refused(412, "version_stale", f"{record.id} is at version {record.version}", version=record.version)

    # -- reading ------------------------------------------------------------------------------------------------------

    def feed(self, request: Request) -> Answer:
        """What changed after a cursor, oldest change first, each thing once."""
        limit = request.whole("limit", _PAGE, _PAGE_MOST)
        entity, warehouse = request.query.get("entity"), request.query.get("warehouse")
        after = _seq(request.query.get("after", ""))
        items: list[Document] = []
        last = after
        for record in self.book.after("told", after):
            if len(items) == limit:
                return said({"items": items, "cursor": _cursor(last), "more": True})
            last = record.seq
            kind = record.entity.removeprefix("told/")
            if entity in (None, kind) and warehouse in (None, record.body["data"].get("warehouse")):
                items.append(
                    {
                        "entity": kind,
                        "id": record.id,
                        "version": record.version,
                        "changed_at": stamp(record.changed_ms),
                        "record": record.body,
                    }
                )
        return said({"items": items, "cursor": _cursor(last), "more": False})

    def record(self, request: Request) -> Answer:
        """One message, as the feed shows it."""
        entity, id_ = request.args
        record = self.book.told(entity, id_)
        if record is None:
            raise Refused(404, "not_found", f"there is no {entity[:40]} {id_[:80]!r}")
        return said(record.body, ETag=f'"{record.version}"')

    def _getter(self, entity: str) -> Callable[[Request], Answer]:
        return lambda request: self.shown(self.one(entity, request.args[0]))

    def _lister(self, entity: str) -> Callable[[Request], Answer]:
        def handler(request: Request) -> Answer:
            query = request.query
            if "reference" in query:
                deed = self.book.deeds.get(query["reference"])
                found = self.book.get(entity, deed.id) if deed and deed.entity == entity and deed.id else None
                return said({"items": [self.view(found)] if found else [], "next": None})
            limit = request.whole("limit", _PAGE, _PAGE_MOST)
            since = _since(query.get("since", ""))
            items: list[Document] = []
            last = 0
            for record in self.book.after(entity, _seq(query.get("after", ""))):
                if len(items) == limit:
                    return said({"items": items, "next": _cursor(last)})
                last = record.seq
                if record.changed_ms >= since:
                    items.append(self.view(record))
            return said({"items": items, "next": None})

        return handler


def _print(request: Request) -> str:
    said_ = b"%s %s\n%s" % (request.method.encode(), request.path.encode(), request.body)
    return hashlib.blake2b(said_, digest_size=16).hexdigest()


def _cursor(seq: int) -> str:
    return f"c{seq:020d}"


def _seq(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.startswith("c") and cursor[1:].isdecimal()):
        raise Refused(400, "malformed", f"{cursor[:40]!r} is no cursor of this feed")
    return int(cursor[1:])


def _since(text: str) -> int:
    try:
        return parsed_ms(text.replace(" ", "+")) if text else BEFORE_ALL
    except ValueError as wrong:
        raise Refused(400, "malformed", f"since={text[:40]!r} is no time") from wrong
