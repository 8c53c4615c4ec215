"""What the page of held commands shows, as values."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import msgspec

from crossdock.console.views import HeldGroup, Money


class Field(NamedTuple):
    """A field of a document: what the system holds of it now, and what it would hold."""

    name: str
    now: str
    then: str

    @property
    def differs(self) -> bool:
        """Is it another?"""
        return self.now != self.then


class HeldCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits. `hash` names the content that is shown: what became another meanwhile is not released."""

    key: str
    case: str
    connection: str
    kind: str
    action: str
    hold: str
    since: datetime
    amount: Money
    hash: str
    fields: list[Field]


class HeldFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which commands: as the address of the page says."""

    connection: str = ""
    kind: str = ""
    hold: str = ""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits, summed; and the commands that the filters let through, up to a page of them."""

    filters: HeldFilters
    groups: list[HeldGroup]
    commands: list[HeldCommand]
    total: int
    at: datetime


class LetGo(msgspec.Struct, frozen=True, kw_only=True):
    """What became of letting commands go, or of saying that one was done; `changed` say something else by now."""

    done: int = 0
    changed: int = 0
    refusal: str | None = None
