"""The port through which the pages get what they show: no page knows of a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from crossdock.console.held_views import Held, HeldFilters, LetGo
from crossdock.console.journey_views import Found, Journey, Message
from crossdock.console.views import Acted, Again, Deed, Filters, Front, Item, Letters, Queue, Trail, Unknown


class NoAnswer(RuntimeError):
    """The pages cannot be told what they ask for at the moment; the message says why, for a person."""


class Data(Protocol):
    """Where the pages get what they show. Each may raise `NoAnswer`."""

    async def front(self) -> Front:
        """The first page, at most a second old."""

    async def find(self, text: str) -> list[Found]:
        """Cases with this name; where there is none, those whose names begin so."""

    async def near(self, text: str) -> list[Found]:
        """What a person may have meant."""

    async def journey(self, case: str) -> Journey | None:
        """The journey that a case belongs to."""

    async def message(self, name: str) -> Message | None:
        """A message by its arrival number."""

    async def raw(self, name: str) -> bytes | None:
        """All bytes of a message."""

    async def queue(self, filters: Filters) -> Queue:
        """A page of the work queue."""

    async def item(self, name: str) -> Item | None:
        """A work item by its id."""

    async def act(self, deed: Deed, items: Sequence[tuple[str, str]], *, who: str, note: str) -> Acted:
        """Do something about items, each with the content that the person saw."""

    async def letters(self, rule: str) -> Letters:
        """Dead letters that wait."""

    async def read_again(self, rule: str, *, who: str, unknown: Unknown | None = None, ours: str = "") -> Again:
        """Read dead letters of a rule again; with `unknown`, say first what it is, and read those that lack it."""

    async def held(self, filters: HeldFilters) -> Held:
        """Commands that wait for a person."""

    async def release(self, commands: Mapping[str, str], *, who: str) -> LetGo:
        """Let commands go: by key, the hash of the content that the person saw."""

    async def was_done(self, key: str, *, who: str, document_no: str) -> LetGo:
        """Say that a command whose outcome nobody can look up was done."""

    async def trail(self, before: int | None) -> Trail:
        """What people did."""
