"""The words in which a process says what should be true: digests, work items, commands, postings, a next look."""

from __future__ import annotations

from typing import Literal

import msgspec

from crossdock.ledger.posting import Route
from crossdock.processes.remembered import AnyDigest


class WorkItem(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A business exception, open while its condition holds.

    `subject` is the business key a person knows it by; `owner` the desk that can do something; `action` the one
    thing that unblocks it; `at_stake_minor` money at stake in minor units of `currency`. A `finding` records
    something that was so (a tender was declined): it waits for nobody.
    """

    code: str
    subject: str
    title: str
    owner: str
    action: str = ""
    at_stake_minor: int = 0
    currency: str = ""
    finding: bool = False


Change = Literal["amend", "undo", "adjust", "irreversible"]


class Command(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Something a system must do.

    `kind` names the deed (`create_invoice`), `target` the role of the system that does it (`erp`), `content` the
    document as plain values, `change` how the deed is changed once done: amended, undone and redone, adjusted by a
    document of the difference, or not without a person.
    """

    kind: str
    target: str
    content: dict[str, object]
    change: Change


class View(msgspec.Struct, frozen=True, gc=False):
    """What lists, portals and searches show of a case without asking it again; a kind may show more than its status."""

    status: str


class Plan(msgspec.Struct):
    """What should be true elsewhere, given the facts. A process adds its part to it.

    * `says`: digest by the id of the case that hears it
    * `items`: work item by its name within the case
    * `commands`: wanted command by slot; `shown` names slots whose effect a fact already shows
    * `postings`: target amount by route
    * `wake_at`: when to ask again, in microseconds since 1970, if no fact comes before
    * `seal_after_us`: the case needs nothing more; how long after the last fact it may be sealed
    """

    says: dict[str, AnyDigest] = msgspec.field(default_factory=dict)
    items: dict[str, WorkItem] = msgspec.field(default_factory=dict)
    commands: dict[str, Command] = msgspec.field(default_factory=dict)
    shown: set[str] = msgspec.field(default_factory=set)
    postings: dict[Route, int] = msgspec.field(default_factory=dict)
    wake_at: int | None = None
    seal_after_us: int | None = None
    view: View | None = None

    def post(self, debit: str, credit: str, item: str, amount: int) -> None:
        """Want `amount` more of `item` moved from `credit` to `debit`."""
        if amount:
            route = (debit, credit, item)
            self.postings[route] = self.postings.get(route, 0) + amount

    def look_again(self, at: int) -> None:
        """Ask to be asked at `at` at the latest."""
        if self.wake_at is None or at < self.wake_at:
            self.wake_at = at
