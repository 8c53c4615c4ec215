"""The connector: asks, and leaves what is said and what is meant to the translation.

It keeps the contract of `crossdock.kit.connector`: it asks once, repeats nothing, remembers nothing, raises nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec

from crossdock.connectors.http import Client, Exchanged, Request
from crossdock.kit.connection import Connection
from crossdock.kit.connector import Checked, Command, Failed, Forged, Gone, Hint, Hook, Page, Record
from crossdock.kit.maker import Secrets
from crossdock.kit.outcomes import AnyFinding, AnyOutcome, Rejected
from crossdock.testing.skeleton import translation
from crossdock.testing.skeleton.manifest import Manifest

_BYTES_MAX: Final = 1_000_000
_OK: Final = 200
_NOT_FOUND: Final = 404


class DocketConnector:
    """See `crossdock.kit.connector.Connector`, which it is one of."""

    declares = translation.DECLARES

    def __init__(self, manifest: Manifest, connection: Connection, address: str, secrets: Secrets) -> None:
        """It connects when it is first asked."""
        self._manifest = manifest
        self._limits = connection.limits
        self._address = address
        self._secrets = secrets
        self._client: Client | None = None

    async def _ask(self, request: Request) -> Exchanged:
        if self._client is None:
            self._client = Client(
                self._address,
                bearer=self._secrets.bearer,
                timeout_seconds=self._limits.timeout_seconds,
                concurrency=self._limits.concurrency,
                bytes_max=_BYTES_MAX,
                tls=self._secrets.tls,
            )
        return await self._client.exchange(request)

    async def close(self) -> None:
        """Give back what it holds."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def check(self) -> Checked:
        """Ask whether it is there, without any effect."""
        exchanged = await self._ask(Request("check", "GET", "/health"))
        if exchanged.answer is None:
            return Checked(is_well=False, detail=exchanged.problem)
        return Checked(is_well=exchanged.answer.status == _OK, detail=f"it answers {exchanged.answer.status}")

    async def apply(self, command: Command) -> AnyOutcome:
        """Ask for the deed, once."""
        request = translation.asked(command)
        if request is None:
            return Rejected(reason=f"{self._manifest.manifest} does not know how to {command.action} {command.kind}")
        exchanged = await self._ask(request)
        return msgspec.structs.replace(translation.meant(command, exchanged), evidence=(exchanged.evidence,))

    async def find(self, command: Command) -> AnyFinding:
        """Look whether this command's key has been applied."""
        return translation.found(command, await self._ask(translation.looked_up(command)))

    async def changes(self, cursor: str | None) -> Page | Failed:
        """One page of what changed since `cursor`."""
        query = {"after": cursor} if cursor else None
        exchanged = await self._ask(Request("changes", "GET", "/changes", query=query))
        if exchanged.answer is None:
            return Failed(reason=exchanged.problem, evidence=(exchanged.evidence,))
        try:
            return translation.page_of(exchanged.answer, self._manifest.message_type)
        except translation.Doubtful as why:
            is_evil = exchanged.answer.status == _OK
            return Failed(reason=str(why), is_evil=is_evil, evidence=(exchanged.evidence,))

    async def get(self, hint: Hint) -> Record | Gone | Failed:
        """The record as it is now."""
        exchanged = await self._ask(Request("get", "GET", f"/papers/{hint.id}"))
        answer = exchanged.answer
        if answer is None:
            return Failed(reason=exchanged.problem, evidence=(exchanged.evidence,))
        if answer.status == _NOT_FOUND:
            return Gone()
        try:
            translation.document_of(answer)
            record = translation.record_of(answer.body, self._manifest.message_type)
        except translation.Doubtful as why:
            return Failed(reason=str(why), is_evil=answer.status == _OK, evidence=(exchanged.evidence,))
        if record.id != hint.id:
            return Failed(reason=f"it gives {record.id}", is_evil=True, evidence=(exchanged.evidence,))
        return record

    def verify(self, hook: Hook) -> tuple[Hint, ...] | Forged:
        """Is the call genuine, and what does it hint at?"""
        return translation.hinted(hook, self._secrets.hook_secret)
