"""The real system beside a connector, as the contract needs it: how it is reached, what can be asked, what it holds.

A test of a connector writes one class with these members for its system. What a connector declares and what its
counterpart has must agree: a connector with a feed needs `change`, one with hooks `call`, one that can undo `reverse`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from crossdock.kit.connection import Configured, Limits
from crossdock.kit.connector import Command, Connector, Hint, Hook
from crossdock.kit.maker import Secrets
from crossdock.testing.sender import maker_at


@runtime_checkable
class Counterpart(Protocol):
    """A system that runs. `maker` names its connector: `package.module:MAKER`."""

    name: str
    maker: str
    address: str
    secrets: Secrets

    def configured(self) -> Configured:
        """The connection and its manifest."""
        ...

    def command(self) -> Command:
        """A deed that nobody has asked for yet, and that can be done now."""
        ...

    def count(self, command: Command) -> int:
        """How many documents the system holds that this command made, by its own books and not by the connector."""
        ...


@runtime_checkable
class Feeding(Counterpart, Protocol):
    """One that tells what changed."""

    def change(self) -> Hint:
        """Let somebody else in the system make something that its feed tells of: what it is called there."""
        ...


@runtime_checkable
class Calling(Counterpart, Protocol):
    """One that calls us."""

    def call(self, hint: Hint) -> Hook:
        """A genuine call, made now, that hints at this record."""
        ...


@runtime_checkable
class Reversing(Counterpart, Protocol):
    """One that can take back what it did."""

    def reversible(self) -> Command:
        """A deed as `command` gives it, of a kind that can be undone."""
        ...

    def reverse(self, command: Command, document_no: str | None) -> Command:
        """The command that undoes this one, which made this document."""
        ...

    def stands(self, command: Command) -> int:
        """How much of this command's effect is left in the system's books: 1 while it stands, 0 once it is undone."""
        ...


def opened(
    counterpart: Counterpart, *, address: str = "", secrets: Secrets | None = None, seconds: float = 10.0
) -> Connector:
    """A connector to it; through a proxy, with other secrets, or with less patience where asked."""
    configured = counterpart.configured()
    connection = msgspec.structs.replace(configured.connection, limits=Limits(timeout_seconds=seconds))
    configured = msgspec.structs.replace(configured, connection=connection)
    return maker_at(counterpart.maker).open(configured, address or counterpart.address, secrets or counterpart.secrets)
