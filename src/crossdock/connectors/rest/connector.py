"""A connector for any system that speaks JSON over HTTP, by its manifest."""

from __future__ import annotations

import time
from ssl import SSLContext
from typing import Any, Final

import msgspec

from crossdock.connectors.http import Answer, Client, Exchanged, Request
from crossdock.connectors.rest import beliefs as asked
from crossdock.connectors.rest import feed as feeds
from crossdock.connectors.rest import hooks
from crossdock.connectors.rest.answers import (
    check_named,
    check_numbers,
    check_same,
    document_of,
    first_value,
    meaning,
)
from crossdock.connectors.rest.doubts import Unbelievable
from crossdock.connectors.rest.manifest import Deed, Find, Manifest
from crossdock.connectors.rest.template import Scope, TemplateError, check_only, fill, fill_path, scope_of, value_at
from crossdock.kit.beliefs import BeliefPage
from crossdock.kit.connection import Connection
from crossdock.kit.connector import (
    Checked,
    Command,
    Declaration,
    Entity,
    Failed,
    Forged,
    Gone,
    Hint,
    Hook,
    Page,
    Record,
)
from crossdock.kit.connector import Deed as Declared
from crossdock.kit.outcomes import (
    AnyFinding,
    AnyOutcome,
    CannotTell,
    Conflict,
    Found,
    NotFound,
    Rejected,
    RetryAfter,
    Unknown,
    Unsupported,
)

_OK: Final = 200
_NOT_FOUND: Final = 404


class RestConnector:
    """See `crossdock.kit.connector.Connector`, which it is one of."""

    def __init__(
        self,
        manifest: Manifest,
        connection: Connection,
        address: str,
        *,
        bearer: str | None = None,
        hook_secret: bytes | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        """Secrets are values here: who makes it has read them. It connects when it is first asked."""
        self._manifest = manifest
        self._hook_secret = hook_secret
        self._connection = connection
        self._address = address
        self._bearer = bearer
        self._tls = tls
        self._made: Client | None = None
        self.declares = _declaration(manifest)

    @property
    def _client(self) -> Client:
        if self._made is None:
            limits = self._connection.limits
            self._made = Client(
                self._address,
                bearer=self._bearer,
                timeout_seconds=limits.timeout_seconds,
                concurrency=limits.concurrency,
                bytes_max=self._manifest.believed.bytes_max,
                tls=self._tls,
            )
        return self._made

    async def close(self) -> None:
        """Give back what it holds."""
        if self._made is not None:
            await self._made.close()
            self._made = None

    async def check(self) -> Checked:
        """Ask whether it is there, without any effect."""
        if self._manifest.check is None:
            return Checked(is_well=True, detail="its manifest names nothing to check")
        exchanged = await self._client.exchange(Request("check", "GET", self._manifest.check))
        if exchanged.answer is None:
            return Checked(is_well=False, detail=exchanged.problem)
        status = exchanged.answer.status
        return Checked(is_well=status == _OK, detail=f"it answers {status}")

    # -- deeds ---------------------------------------------------------------------------------------------------

    async def apply(self, command: Command) -> AnyOutcome:
        """Ask for the deed, once."""
        kind = self._manifest.deeds.get(command.kind)
        deed = kind.actions.get(command.action) if kind else None
        if deed is None:
            return Rejected(reason=f"{self._manifest.manifest} does not know how to {command.action} {command.kind}")
        scope = scope_of(command)
        try:
            if deed.only:
                check_only(deed.only, scope)
            path, document = fill_path(deed.path, scope), fill(deed.body, scope)
            first = fill_path(deed.read_first, scope) if deed.read_first else None
        except TemplateError as wrong:
            return Rejected(reason=f"it cannot be said in the words of {self._manifest.manifest}: {wrong}")
        headers = {self._manifest.key.header: command.key} if self._manifest.key.header else {}
        if first is not None:
            version = await self._version(first)
            if not isinstance(version, str):
                return version
            headers["If-Match"] = version
        exchanged = await self._client.exchange(Request("apply", deed.method, path, None, headers, document))
        return _with_evidence(self._understood(deed, scope, exchanged), exchanged)

    def _understood(self, deed: Deed, scope: Scope, exchanged: Exchanged) -> AnyOutcome:
        if exchanged.answer is not None:
            return meaning(self._manifest, deed, scope, exchanged.answer)
        if exchanged.never_sent:
            return RetryAfter(reason=exchanged.problem)
        return Unknown(reason=exchanged.problem)

    async def _version(self, path: str) -> str | AnyOutcome:
        """The version that the deed is to change; reading it has no effect, so any failure is certainly not done."""
        exchanged = await self._client.exchange(Request("get", "GET", path))
        answer = exchanged.answer
        if answer is None:
            return RetryAfter(reason=exchanged.problem, evidence=(exchanged.evidence,))
        tag = answer.headers.get("etag")
        if answer.status == _OK and tag:
            return tag
        if answer.status == _NOT_FOUND:
            return Conflict(reason="what is to be changed is not there", evidence=(exchanged.evidence,))
        return RetryAfter(reason=f"its version cannot be read: {answer.status}", evidence=(exchanged.evidence,))

    async def find(self, command: Command) -> AnyFinding:
        """Look whether this command's key has been applied."""
        kind = self._manifest.deeds.get(command.kind)
        deed = kind.actions.get(command.action) if kind else None
        find = (deed.find if deed else None) or (kind.find if kind else None)
        if find is None:
            return Unsupported()
        scope = scope_of(command)
        try:
            path = fill_path(find.path, scope)
            query = {name: str(fill(value, scope)) for name, value in find.query.items()}
        except TemplateError as wrong:
            return CannotTell(reason=str(wrong))
        exchanged = await self._client.exchange(Request("find", "GET", path, query))
        evidence = (exchanged.evidence,)
        if exchanged.answer is None:
            return CannotTell(reason=exchanged.problem, evidence=evidence)
        try:
            row = self._found(find, command, scope, exchanged.answer)
        except Unbelievable as why:
            return CannotTell(reason=f"{exchanged.answer.status}, {why}", evidence=evidence)
        if row is None:
            return NotFound(evidence=evidence)
        return Found(document_no=first_value(row, find.document_no), evidence=evidence)

    def _found(self, find: Find, command: Command, scope: Scope, answer: Answer) -> Any:  # noqa: ANN401  # any JSON
        """The first row that is this key's work; `None`: an answer that can be believed says that there is none."""
        document = document_of(answer, self._manifest.believed)
        if answer.status != _OK:
            raise Unbelievable("it does not say what it holds")
        rows = value_at(document, find.rows)
        if not isinstance(rows, list):
            raise Unbelievable(f"{find.rows} is no list")
        selected = find.where.get(command.action, {})
        for row in rows:
            check_same(row, find.same, scope)
            check_numbers(row, self._manifest.believed)
            if all(value_at(row, path) in values for path, values in selected.items()):
                return row
        return None

    # -- reading -------------------------------------------------------------------------------------------------

    async def changes(self, cursor: str | None) -> Page | Failed:
        """One page of what changed since `cursor`."""
        feed = self._manifest.feed
        if feed is None:
            return Failed(reason=f"{self._manifest.manifest} has no feed")
        exchanged = await self._client.exchange(Request("changes", "GET", feed.path, feeds.parameters(feed, cursor)))
        answer = exchanged.answer
        if answer is None:
            return _unanswered(exchanged)
        try:
            document = self._read(answer)
            return feeds.page_of(feed, answer.body, document, cursor, self._manifest.message_type)
        except (Unbelievable, msgspec.DecodeError) as why:
            return _failed(answer, str(why), exchanged)

    async def get(self, hint: Hint) -> Record | Gone | Failed:
        """The record as it is now."""
        read = self._manifest.reads.get(hint.entity)
        if read is None:
            return Gone()
        scope = {"id": hint.id}
        query = {name: str(fill(value, scope)) for name, value in read.query.items()}
        exchanged = await self._client.exchange(Request("get", "GET", fill_path(read.path, scope), query))
        answer = exchanged.answer
        if answer is None:
            return _unanswered(exchanged)
        if answer.status == _NOT_FOUND:
            return Gone()
        try:
            document = self._read(answer)
            check_named(document, read.same, hint.id)
            body = feeds.raw_at(answer.body, read.record)
        except (Unbelievable, msgspec.DecodeError) as why:
            return _failed(answer, str(why), exchanged)
        record = value_at(document, read.record) if read.record else document
        return Record(
            entity=hint.entity,
            id=hint.id,
            body=body,
            content_type=self._manifest.message_type,
            source=feeds.source_of(read.source, record),
        )

    @property
    def believes_in(self) -> tuple[str, ...]:
        """The kinds of things it can be asked for, in the order in which to ask."""
        return tuple(self._manifest.beliefs)

    async def believes(self, entity: str, cursor: str | None) -> BeliefPage | Failed:
        """One page of what the system believes of an entity."""
        asking = self._manifest.beliefs[entity]
        query = asked.parameters(asking, cursor)
        exchanged = await self._client.exchange(Request("get", "GET", asking.path, query))
        answer = exchanged.answer
        if answer is None:
            return _unanswered(exchanged)
        try:
            return asked.page_of(asking, self._read(answer), cursor)
        except Unbelievable as why:
            return _failed(answer, str(why), exchanged)

    def _read(self, answer: Answer) -> Any:  # noqa: ANN401  # any JSON
        document = document_of(answer, self._manifest.believed)
        if answer.status != _OK:
            raise Unbelievable(f"it answers {answer.status}")
        check_numbers(document, self._manifest.believed)
        return document

    def verify(self, hook: Hook) -> tuple[Hint, ...] | Forged:
        """Is the call genuine, and what does it hint at?"""
        if self._manifest.hooks is None:
            return Forged(reason="this system calls nobody")
        return hooks.verify(self._manifest.hooks, self._hook_secret, hook, time.time())


def _unanswered(exchanged: Exchanged) -> Failed:
    """No connection, or no answer, is bad weather; one that began well, and ended early or never, is evidence."""
    is_evil = exchanged.evidence.status is not None
    return Failed(reason=exchanged.problem, is_evil=is_evil, evidence=(exchanged.evidence,))


def _failed(answer: Answer, why: str, exchanged: Exchanged) -> Failed:
    """A refusal by status is bad weather; an answer that cannot be believed is kept as evidence."""
    is_evil = answer.status in range(200, 400)
    wait = answer.headers.get("retry-after", "")
    seconds = float(wait) if wait.isascii() and wait.isdigit() else None
    return Failed(reason=f"{answer.status}, {why}", is_evil=is_evil, seconds=seconds, evidence=(exchanged.evidence,))


def _with_evidence(outcome: AnyOutcome, exchanged: Exchanged) -> AnyOutcome:
    return msgspec.structs.replace(outcome, evidence=(*outcome.evidence, exchanged.evidence))


def _declaration(manifest: Manifest) -> Declaration:
    return Declaration(
        entities=tuple(
            Entity(name=name, key=read.same if isinstance(read.same, str) else "id")
            for name, read in manifest.reads.items()
        ),
        deeds=tuple(Declared(kind=name, actions=tuple(kind.actions)) for name, kind in manifest.deeds.items()),
        is_idempotent=manifest.idempotent,
        can_find=all(kind.find is not None for kind in manifest.deeds.values()),
        has_feed=manifest.feed is not None,
        has_hooks=manifest.hooks is not None,
    )
