"""What a system believes, as a connector reads it for reconciliation: one line for each amount of each document."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from crossdock.kit.connector import Failed


class Belief(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`amount` of `item` at `place`, in units or minor units of money, as `document` says of the thing named `key`.

    `at` is when the system changed it last, in its own words: such times sort as texts.
    """

    key: str
    document: str
    place: str = ""
    item: str = ""
    amount: int = 0
    at: str = ""


class BeliefPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of lines; `cursor` asks for the next one, `None` after the last. `rows` is how many documents it shows."""

    beliefs: tuple[Belief, ...]
    cursor: str | None
    rows: int = 0


@runtime_checkable
class Believer(Protocol):
    """A connector that can be asked what its system believes."""

    @property
    def believes_in(self) -> tuple[str, ...]:
        """The kinds of things it can be asked for, in the order in which to ask."""
        ...

    async def believes(self, entity: str, cursor: str | None) -> BeliefPage | Failed:
        """One page of what it believes of an entity; `None` is the first. It has no effect and may be repeated."""
        ...
