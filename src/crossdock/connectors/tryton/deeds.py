"""What both vocabularies share: a table of deeds, carried out and looked up one by one, and what comes of mistakes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.connectors.http import Client
from crossdock.connectors.tryton import books
from crossdock.connectors.tryton.books import Believed
from crossdock.connectors.tryton.feed import Feed, Watched
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import House, Refused, Stop, Talk
from crossdock.kit.beliefs import BeliefPage
from crossdock.kit.connection import Connection
from crossdock.kit.connector import (
    Action,
    Checked,
    Command,
    Declaration,
    Deed,
    Entity,
    Failed,
    Forged,
    Gone,
    Hint,
    Hook,
    Page,
    Record,
)
from crossdock.kit.maker import Secrets
from crossdock.kit.outcomes import (
    Already,
    AnyFinding,
    AnyOutcome,
    Applied,
    CannotTell,
    Found,
    NotFound,
    Rejected,
    Unsupported,
)

_BYTES_MAX: Final = 20_000_000
_REASON_MAX: Final = 300


class Done(NamedTuple):
    """A document that a deed made, by its number; `before`: it had been made already."""

    number: str | None
    before: bool = False


Do = Callable[[Talk, Settings, Command], Awaitable[Done]]
Look = Callable[[Talk, Settings, Command], Awaitable[str | None]]


class Way(NamedTuple):
    """How one action of one kind is done, and looked up: its number, or `None` while it is not complete."""

    do: Do
    look: Look


class TrytonConnector:
    """See `crossdock.kit.connector.Connector`, which it is one of; a vocabulary makes it an ERP or a warehouse."""

    def __init__(
        self,
        settings: Settings,
        connection: Connection,
        address: str,
        *,
        ways: dict[tuple[str, Action], Way],
        watched: Sequence[Watched],
        secrets: Secrets,
        believed: Mapping[str, Believed] = MappingProxyType({}),
    ) -> None:
        """The bearer is an application key, the password that of the session's user. It connects when first asked."""
        self._settings = settings
        self._connection = connection
        self._address = address
        self._ways = ways
        self._secrets = secrets
        self._house: House | None = None
        self._believed = believed
        self._feed = Feed(settings, watched)
        kinds = sorted({kind for kind, _ in ways})
        self.declares = Declaration(
            entities=tuple(Entity(name=one.entity, key="id") for one in watched),
            deeds=tuple(
                Deed(kind=kind, actions=tuple(action for known, action in ways if known == kind)) for kind in kinds
            ),
            is_idempotent=True,
            can_find=True,
            has_feed=True,
        )

    def _talk(self, what: Any) -> Talk:  # noqa: ANN401  # one of a few words
        if self._house is None:
            client = Client(
                self._address,
                bearer=self._secrets.bearer,
                timeout_seconds=self._connection.limits.timeout_seconds,
                concurrency=self._connection.limits.concurrency,
                bytes_max=_BYTES_MAX,
                secrets=[self._secrets.password] if self._secrets.password else [],
                tls=self._secrets.tls,
            )
            self._house = House(client, self._settings, self._secrets.password)
        return Talk(self._house, what)

    async def close(self) -> None:
        """Give back what it holds."""
        if self._house is not None:
            await self._house.client.close()
            self._house = None

    async def check(self) -> Checked:
        """Ask whose books these are: it must be there and let us in."""
        talk = self._talk("check")
        try:
            await talk.company()
            await talk.search("res.user", [], ["login"], limit=1)
        except Stop as stopped:
            return Checked(is_well=False, detail=stopped.outcome.reason)
        except Refused as refused:
            return Checked(is_well=False, detail=str(refused))
        return Checked(is_well=True, detail="it lets us in")

    async def apply(self, command: Command) -> AnyOutcome:
        """Bring the deed to its end, from wherever an earlier attempt left it."""
        way = self._ways.get((command.kind, command.action))
        if way is None:
            return Rejected(reason=f"{self._settings.manifest} does not know how to {command.action} {command.kind}")
        talk = self._talk("apply")
        outcome: AnyOutcome
        try:
            done = await way.do(talk, self._settings, command)
            outcome = (Already if done.before else Applied)(document_no=done.number)
        except Stop as stopped:
            outcome = stopped.outcome
        except Refused as refused:
            outcome = Rejected(reason=str(refused)[:_REASON_MAX])
        except (KeyError, TypeError, ValueError, IndexError) as wrong:
            outcome = Rejected(reason=f"it cannot be said in the words of {self._settings.manifest}: {wrong!r}"[:300])
        return msgspec.structs.replace(outcome, evidence=(*outcome.evidence, *talk.evidence))

    async def find(self, command: Command) -> AnyFinding:
        """Look whether this command's deed is complete; half of one is none, and goes on when asked again."""
        way = self._ways.get((command.kind, command.action))
        if way is None:
            return Unsupported()
        talk = self._talk("find")
        try:
            number = await way.look(talk, self._settings, command)
        except Stop as stopped:
            return CannotTell(reason=stopped.outcome.reason, evidence=tuple(talk.evidence))
        except (Refused, KeyError, TypeError, ValueError) as odd:
            return CannotTell(reason=str(odd)[:_REASON_MAX], evidence=tuple(talk.evidence))
        evidence = tuple(talk.evidence)
        return NotFound(evidence=evidence) if number is None else Found(document_no=number, evidence=evidence)

    async def changes(self, cursor: str | None) -> Page | Failed:
        """One page of what changed since `cursor`."""
        return await self._feed.page(self._talk("changes"), cursor)

    async def get(self, hint: Hint) -> Record | Gone | Failed:
        """The record as it is now."""
        return await self._feed.get(self._talk("get"), hint)

    @property
    def believes_in(self) -> tuple[str, ...]:
        """The kinds of things it can be asked for, in the order in which to ask."""
        return tuple(self._believed)

    async def believes(self, entity: str, cursor: str | None) -> BeliefPage | Failed:
        """One page of what the system believes of an entity."""
        talk = self._talk("get")
        try:
            return await books.page(talk, self._settings, self._believed[entity], cursor)
        except Stop as stopped:
            return Failed(reason=stopped.outcome.reason, evidence=tuple(talk.evidence))
        except (Refused, KeyError, TypeError, ValueError) as odd:
            return Failed(reason=f"it cannot be believed: {odd}"[:300], is_evil=True, evidence=tuple(talk.evidence))

    def verify(self, hook: Hook) -> tuple[Hint, ...] | Forged:  # noqa: ARG002  # nobody's call is genuine
        """Tryton calls nobody."""
        return Forged(reason="this system calls nobody")
