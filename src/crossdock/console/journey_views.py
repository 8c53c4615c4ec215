"""What the pages of a journey and of a message show, as values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from crossdock.console.views import Item, Letter, Money, Tone


class Found(NamedTuple):
    """A case that answers to a name, exactly or by its beginning; `journey` is the case whose journey it belongs to."""

    case: str
    status: str
    name: str
    journey: str = ""
    is_exact: bool = False


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the tree of those that belong together; `depth` from 0."""

    case: str
    status: str
    depth: int
    this: bool
    more: int


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, in a lane: what a system said, what it was asked, what waits, what a person decided.

    `occurred` is when it happened there, `known` since when we know.
    """

    kind: Literal["said", "asked", "waits", "noted"]
    lane: int
    title: str
    detail: str
    case: str
    occurred: datetime | None
    known: datetime | None
    message: str
    source: str = ""
    state: str = ""
    tone: Tone = ""
    notes: list[str] = []


class Document(NamedTuple):
    """A message of a journey."""

    message: str
    source: str
    content_type: str
    size_bytes: int
    received: datetime


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A command: what another system was asked to do, and what came of it."""

    case: str
    slot: str
    generation: int
    target: str
    what: str
    state: str
    tone: Tone
    attempts: int
    last: str
    hold: str
    content: str
    changed: datetime
    message: str


class Entry(NamedTuple):
    """A posting: `amount` as text with its currency or item."""

    posted: datetime
    amount: str
    debit: str
    credit: str
    case: str
    message: str


class Journey(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one order (or of what was found and belongs to none), and why it is where it is."""

    case: str
    asked: str
    status: str
    tone: Tone
    sentence: str
    then: str | None
    trouble: str | None
    known_as: list[str]
    facts: list[tuple[str, str]]
    money: list[tuple[str, Money]]
    items: list[Item]
    past_items: list[Item]
    lanes: list[str]
    marks: list[Mark]
    marks_left_out: int
    commands: list[Order]
    entries: list[Entry]
    entries_left_out: int
    documents: list[Document]
    nodes: list[Node]
    rules: int
    changed: datetime
    at: datetime


# -- a message ---------------------------------------------------------------------------------------------------


class Said(NamedTuple):
    """An event that was read of a message; `data` is JSON."""

    row: int
    event: str
    key: str
    case: str
    occurred: datetime
    mapping: str
    copy: bool
    data: str


class Repeat(NamedTuple):
    """When a message came again, or another content under its identity (`conflict`)."""

    received: datetime
    copies: int
    conflict: str | None


class Asked(NamedTuple):
    """What was asked of another system because of a message."""

    what: str
    target: str
    command: str
    state: str
    tone: Tone
    case: str


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message: its bytes, bounded and made harmless, and what became of it."""

    message: str
    source: str
    received: datetime
    settled: datetime | None
    content_type: str
    name: str
    size_bytes: int
    state: str
    tone: Tone
    sentence: str
    raw: str
    raw_left_out: int
    form: str
    events: list[Said]
    events_count: int
    letters: list[Letter]
    rejected_count: int
    repeats: list[Repeat]
    at: datetime
    commands: list[Asked] = []
    entries: list[Entry] = []
