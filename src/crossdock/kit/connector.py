"""The contract of a connector: it translates and nothing else. Retries, limits, order and memory are the engine's.

Rules that every implementation keeps, and that the contract suite tries on each:

* `apply` asks once. It never repeats by itself, follows no redirect and waits no longer than it was told.
* An answer is believed only if it is whole, of the declared type, and about the object that was asked for.
* Nothing that is secret leaves in evidence, messages or exceptions.
* No method raises for what another system did: that is an outcome.
"""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from crossdock.kit.outcomes import AnyFinding, AnyOutcome, Evidence

Action = Literal["do", "amend", "undo", "adjust"]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A deed as a connector is asked for it.

    `key` is the same at every repeat. `content` is what should be true (of an undo: what was), `before` what the
    system held until now. `of_key` and `of_document` name the deed that an undo, amendment or adjustment is about.
    """

    key: str
    kind: str
    action: Action
    content: dict[str, object]
    before: dict[str, object] | None = None
    of_key: str | None = None
    of_document: str | None = None


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of record that can be read: its name and the field of its natural key."""

    name: str
    key: str


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A command kind and the actions that the system knows for it."""

    kind: str
    actions: tuple[Action, ...]


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a connector says of its system. `is_idempotent`: a key that was applied is never applied again."""

    entities: tuple[Entity, ...] = ()
    deeds: tuple[Deed, ...] = ()
    is_idempotent: bool
    can_find: bool
    has_feed: bool = False
    has_hooks: bool = False


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record as its system tells it, byte for byte: to be taken in as a message.

    `source` is the sender under whose name, where a system speaks for several; `None`: that of the connection.
    """

    entity: str
    id: str
    body: bytes
    content_type: str = "application/json"
    source: str | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Records that changed since a cursor, and the cursor to go on from; `more`: ask again at once."""

    records: tuple[Record, ...]
    cursor: str
    more: bool = False


class Gone(msgspec.Struct, frozen=True):
    """There is no such record."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Reading failed; `reason` for a person. `is_evil`: the answer cannot be believed (a loop, a foreign record)."""

    reason: str
    is_evil: bool = False
    seconds: float | None = None
    evidence: tuple[Evidence, ...] = ()


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """A call from outside, as it came; header names in lower case."""

    headers: dict[str, str]
    body: bytes


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A hook says that this record may have changed. It is never believed: the record is read again."""

    entity: str
    id: str


class Forged(msgspec.Struct, frozen=True, kw_only=True):
    """A call that is not from whom it says."""

    reason: str


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """Can the system be reached and does it let us in?"""

    is_well: bool
    detail: str = ""


class Connector(Protocol):
    """One system, reached in one way."""

    @property
    def declares(self) -> Declaration:
        """What the system can do."""
        ...

    async def check(self) -> Checked:
        """Ask whether it is there, without any effect."""
        ...

    async def apply(self, command: Command) -> AnyOutcome:
        """Ask for the deed, once."""
        ...

    async def find(self, command: Command) -> AnyFinding:
        """Look whether this command's key has been applied."""
        ...

    async def changes(self, cursor: str | None) -> Page | Failed:
        """One page of what changed since `cursor`; `None` is the beginning."""
        ...

    async def get(self, hint: Hint) -> Record | Gone | Failed:
        """The record as it is now."""
        ...

    def verify(self, hook: Hook) -> tuple[Hint, ...] | Forged:
        """Is the call genuine, and what does it hint at?"""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...
