"""What the pages show, as values: work, dead letters, the first page. Journeys and messages: `journey_views.py`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

Deed = Literal["claim", "release", "resolve", "reopen", "approve", "dispute", "reject", "accept", "retry"]
Tone = Literal["", "good", "warn", "bad", "quiet"]


class Money(NamedTuple):
    """Minor units of a currency."""

    minor: int
    currency: str


class Share(msgspec.Struct, frozen=True):
    """How many are of a name; `tone` says whether that is where they should end."""

    name: str
    count: int
    tone: Tone = ""


# -- work --------------------------------------------------------------------------------------------------------


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Open items of one code, desk and currency, and the one action that unblocks them."""

    code: str
    desk: str
    items: int
    claimed: int
    at_stake: Money
    oldest: datetime
    means: str
    action: str


class Verb(NamedTuple):
    """A decision that changes what is planned: what to do, and what it means."""

    deed: Deed
    means: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A work item and what people do about it; `content` names what it says, `verbs` what may be decided."""

    id: str
    case: str
    code: str
    subject: str
    title: str
    desk: str
    action: str
    at_stake: Money
    finding: bool
    opened: datetime
    closed: datetime | None
    message: str
    content: str
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    verbs: list[Verb] = []


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which items: as the address of the page says. `claimed`: a name, or `nobody`."""

    code: str = ""
    desk: str = ""
    claimed: str = ""
    resolved: bool = False
    page: int = 1


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """A page of items; `total` are all that the filters let through."""

    filters: Filters
    causes: list[Cause]
    items: list[Item]
    total: int
    desks: list[str]
    codes: list[str]
    pages: int
    at: datetime

    @property
    def verbs(self) -> list[Verb]:
        """What may be decided about every item of the page."""
        first = self.items[0].verbs if self.items else []
        return [verb for verb in first if all(verb in item.verbs for item in self.items)]


class Refusal(NamedTuple):
    """An item about which nothing was done, and why."""

    item: str
    why: str


class Acted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an act; `trail` is its number, `refusal` why it could not be recorded at all.

    `waiting`: decisions that nobody has settled yet.
    """

    deed: Deed
    done: int = 0
    waiting: int = 0
    refused: list[Refusal] = []
    trail: int | None = None
    refusal: str | None = None


class Act(NamedTuple):
    """What a person did."""

    seq: int
    at: datetime
    who: str
    what: str
    subject: str
    note: str


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """Acts, the latest first; `broken_at` is the first one that was changed; `older` where the next page begins."""

    acts: list[Act]
    broken_at: int | None
    older: int | None
    at: datetime


# -- dead letters ------------------------------------------------------------------------------------------------


class LetterCause(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one cause; `sample` is the message of the oldest, `value` what stands in all of them."""

    cause: str
    rule: str
    source: str
    mapping: str
    place: str
    value: str
    letters: int
    messages: int
    oldest: datetime
    sample: str
    problem: str
    action: str


class RuleLetters(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters of one rule, from whichever sources."""

    rule: str
    letters: int
    sources: list[str]
    oldest: datetime
    sample: str
    problem: str
    action: str


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message that could not be read; `around` are lines near it: (place, text, is it here?)."""

    message: str
    row: int
    source: str
    mapping: str
    position: str
    rule: str
    problem: str
    value: str
    since: datetime
    settled: datetime | None
    settlement: str | None
    action: str
    around: list[tuple[str, str, bool]] = []


class Unknown(NamedTuple):
    """An identifier that dead letters name and nobody has cross-referenced; `messages` wait for it."""

    scheme: str
    issuer: str
    theirs: str
    messages: int


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letters that wait: by cause, and those of one rule; `unknown` are the identifiers they lack."""

    causes: list[LetterCause]
    rule: str
    letters: list[Letter]
    at: datetime
    unknown: list[Unknown] = []


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What became of reading dead letters again; `refusal` is why it was not done at all.

    `messages` were looked at, `put_back` of them are read again, `settled` of these were seen to be settled.
    """

    messages: int = 0
    put_back: int = 0
    settled: int = 0
    refused: int = 0
    refusal: str | None = None


# -- the first page ----------------------------------------------------------------------------------------------


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A connection: is it open, what waits, what became of what was sent."""

    name: str
    state: str
    tone: Tone
    waiting: int
    held: int
    applied: int
    refused: int
    retried: int
    unknown: int


class HeldGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Commands of one connection, kind and action that wait for the same reason; `needs`: somebody has to decide."""

    connection: str
    kind: str
    action: str
    hold: str
    documents: int
    amount: Money | None
    means: str
    needs: bool


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that was settled lately."""

    event: str
    case: str
    message: str
    source: str
    received: datetime
    occurred: datetime
    copy: bool


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """The first page. Figures of today are of the UTC day; `unbalanced` are items that do not sum to zero.

    `held`: commands that somebody has to release.
    """

    at: datetime
    tenant: str
    day: date
    messages: int
    events: int
    duplicates: int
    letters: int
    waiting: int
    items: int
    claimed: int
    at_stake: list[Money]
    causes: list[Cause]
    letter_rules: list[RuleLetters]
    orders: list[Share]
    orders_total: int
    commands: list[Share]
    commands_total: int
    held: list[HeldGroup]
    systems: list[System]
    unbalanced: list[Money]
    recent: list[Recent]
    acts: list[Act]
