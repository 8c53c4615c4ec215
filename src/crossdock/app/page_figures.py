"""The figures of the first page, gathered in few statements and never by reading a day again.

Today's messages and events are counted once; after that only what is new. What needs all cases or all commands is
asked anew only after twenty times as long as it took: half a million orders cost a twentieth of a core, not all of it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Generic, TypeVar

import msgspec
import psycopg

from crossdock.app import codes
from crossdock.app.held_page import to_release
from crossdock.console.views import Act, Cause, Front, LetterCause, Money, Recent, RuleLetters, Share, System, Tone
from crossdock.processes.order_to_ship import Stage
from crossdock.store import arrival as arrivals
from crossdock.store import books, console, dead_letters, health, trail, work
from crossdock.store.arrival import base

_FINAL_AFTER: Final = timedelta(minutes=1)
_REST_FACTOR: Final = 20
_REST_SECONDS_LEAST: Final = 1.0
_RECENT_MAX: Final = 8
_ACTS_MAX: Final = 6
_UNBALANCED_MAX: Final = 20
_NO_ARRIVAL: Final = 1 << 62

_STATUSES: Final = ["CREATED", *(stage.name for stage in Stage if stage), "INVOICED", "PARTIALLY_PAID", "PAID"]
_STATES: Final[dict[str, Tone]] = {
    "wanted": "",
    "sent": "",
    "unknown": "warn",
    "applied": "good",
    "satisfied": "good",
    "refused": "bad",
    "undone": "quiet",
    "withdrawn": "quiet",
}
_BREAKERS: Final[dict[str, tuple[str, Tone]]] = {
    "open": ("breaker open", "bad"),
    "half_open": ("trying one", "warn"),
}

_READING: Final[dict[str, tuple[str, Tone]]] = {
    "open": ("not read", "bad"),
    "half_open": ("reading once", "warn"),
}

T = TypeVar("T")


class Today:
    """Counts of a UTC day, kept up by looking only at what is new."""

    def __init__(self) -> None:
        """Nothing counted yet."""
        self.day = date.min
        self.messages = self.events = 0
        self._mark = self._messages = self._events = 0
        self._letters = 0

    def count(
        self, connection: psycopg.Connection, tenant: int, now: datetime, queued: console.Waiting, letters: int
    ) -> None:
        """Count on; from the start where messages of before are read again (`dead replay`)."""
        first = _NO_ARRIVAL if queued.first is None else queued.first
        if now.date() != self.day or first <= self._mark or letters < self._letters:
            self.day = now.date()
            self._mark, self._messages, self._events = base(self.day, 0) - 1, 0, 0
        self._letters = letters
        found = console.tally(connection, tenant, mark=self._mark, before=first, final=now - _FINAL_AFTER)
        self.messages = self._messages + found.messages
        self.events = self._events + found.events
        self._mark = found.final_mark
        self._messages += found.final_messages
        self._events += found.final_events


class Seldom(Generic[T]):
    """A figure that is dear to ask for: asked again when twenty times as long as that took has passed."""

    def __init__(self, ask: Callable[[psycopg.Connection, int], T]) -> None:
        """`ask(connection, tenant)` gives the figure."""
        self._ask = ask
        self._figure: T | None = None
        self._again_at = 0.0

    def figure(self, connection: psycopg.Connection, tenant: int) -> T:
        """The figure, not always a new one."""
        begun = time.monotonic()
        if self._figure is None or begun >= self._again_at:
            self._figure = self._ask(connection, tenant)
            took = time.monotonic() - begun
            self._again_at = begun + max(_REST_SECONDS_LEAST, _REST_FACTOR * took)
        return self._figure


class Figures:
    """Makes the first page of a tenant; used by one thread."""

    def __init__(self, tenant: int, name: str) -> None:
        """Nothing counted yet."""
        self._tenant = tenant
        self._name = name
        self._today = Today()
        self._copies = Seldom(lambda connection, tenant: console.copies(connection, tenant, base(self._today.day, 0)))
        self._orders = Seldom(lambda connection, tenant: console.statuses(connection, tenant, "order"))
        self._commands = Seldom(console.command_states)
        self._unbalanced = Seldom(books.out_of_zero)

    def front(self, connection: psycopg.Connection) -> Front:
        """Everything that the first page shows, as of one moment."""
        tenant = self._tenant
        with books.snapshot(connection):
            now = health.now(connection)
            queued = console.waiting(connection, tenant)
            letters = letter_causes(dead_letters.groups(connection, tenant))
            letters_count = sum(cause.letters for cause in letters)
            self._today.count(connection, tenant, now, queued, letters_count)
            found = causes(work.groups(connection, tenant, work.Wanted()))
            orders = _orders(self._orders.figure(connection, tenant))
            commands = _commands(self._commands.figure(connection, tenant))
            return Front(
                at=now,
                tenant=self._name,
                day=self._today.day,
                messages=self._today.messages,
                events=self._today.events,
                duplicates=self._copies.figure(connection, tenant),
                letters=letters_count,
                waiting=queued.messages,
                items=sum(cause.items for cause in found),
                claimed=sum(cause.claimed for cause in found),
                at_stake=_sums(found),
                causes=found,
                letter_rules=letter_rules(letters),
                orders=orders,
                orders_total=sum(share.count for share in orders),
                commands=commands,
                commands_total=sum(share.count for share in commands),
                held=to_release(connection, tenant),
                systems=systems(connection, tenant),
                unbalanced=[
                    Money(amount, item)
                    for item, amount in self._unbalanced.figure(connection, tenant)[:_UNBALANCED_MAX]
                ],
                recent=_recent(connection, tenant, self._today.day),
                acts=acts(trail.latest(connection, tenant, _ACTS_MAX)),
            )


def causes(groups: Sequence[work.WorkGroup]) -> list[Cause]:
    """Open items by cause, the most money first: that is what a person should look at first."""
    found = [
        Cause(
            code=group.code,
            desk=group.desk,
            items=group.items,
            claimed=group.claimed,
            at_stake=Money(int(group.at_stake_minor), group.currency),
            oldest=group.oldest,
            means=meaning.means if (meaning := codes.meaning(group.code)) else "",
            action=group.action or (meaning.do if meaning else ""),
        )
        for group in groups
        if not group.finding
    ]
    return sorted(found, key=lambda cause: (-cause.at_stake.minor, -cause.items, cause.code))


def letter_causes(groups: Sequence[dead_letters.LetterGroup]) -> list[LetterCause]:
    """Dead letters by cause, with what to do about each."""
    return [
        LetterCause(
            rule=group.rule,
            cause=group.cause,
            source=group.source or "a source that is gone",
            mapping=group.mapping or "",
            place=group.place,
            value=group.value if group.values == 1 else "",
            letters=group.letters,
            messages=group.messages,
            oldest=group.oldest,
            sample=arrivals.text(group.arrival),
            problem=group.problem,
            action=meaning.do if (meaning := codes.meaning(group.rule)) else "",
        )
        for group in groups
    ]


def letter_rules(found: Sequence[LetterCause]) -> list[RuleLetters]:
    """Dead letters by rule alone, the most frequent first: a page for the night has no place for sixty causes."""
    by_rule: dict[str, list[LetterCause]] = {}
    for cause in found:
        by_rule.setdefault(cause.rule, []).append(cause)
    rules = []
    for rule, its in by_rule.items():
        oldest = min(its, key=lambda cause: cause.oldest)
        rules.append(
            RuleLetters(
                rule=rule,
                letters=sum(cause.letters for cause in its),
                sources=sorted({cause.source for cause in its}),
                oldest=oldest.oldest,
                sample=oldest.sample,
                problem=oldest.problem,
                action=oldest.action,
            )
        )
    return sorted(rules, key=lambda each: (-each.letters, each.rule))


def systems(connection: psycopg.Connection, tenant: int) -> list[System]:
    """The connections, those in trouble first."""
    found = []
    for row in console.connections(connection, tenant):
        sending, reading = (
            msgspec.json.decode(told, type=dict[str, object]).get("state") for told in (row.breaker, row.reading)
        )
        state, tone = _BREAKERS.get(str(sending)) or _READING.get(str(reading)) or ("working", "good")
        found.append(
            System(
                name=row.name, state=state, tone=tone, waiting=row.waiting, held=row.held, applied=row.applied,
                refused=row.refused, retried=row.retried, unknown=row.unknown,
            )
        )  # fmt: skip
    return sorted(found, key=lambda system: (system.tone == "good", system.name))


def acts(rows: Sequence[trail.Act]) -> list[Act]:
    """What people did."""
    return [Act(row.seq, row.at, row.who, row.what, row.subject, row.note) for row in rows]


def _sums(found: Sequence[Cause]) -> list[Money]:
    sums: Counter[str] = Counter()
    for cause in found:
        sums[cause.at_stake.currency] += cause.at_stake.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items()) if minor and currency]


def _orders(counted: dict[str, int]) -> list[Share]:
    """In the order in which an order passes them."""
    known = [Share(name, counted[name], "good" if name == "PAID" else "") for name in _STATUSES if name in counted]
    return known + [Share(name, count) for name, count in sorted(counted.items()) if name not in _STATUSES]


def _commands(counted: Sequence[console.CommandCount]) -> list[Share]:
    sums: Counter[str] = Counter()
    for count in counted:
        sums[count.state] += count.commands
    known = [Share(state, sums[state], tone) for state, tone in _STATES.items() if state in sums]
    return known + [Share(state, count) for state, count in sorted(sums.items()) if state not in _STATES]


def _recent(connection: psycopg.Connection, tenant: int, day: date) -> list[Recent]:
    rows = console.recent(connection, tenant, since=base(day - timedelta(days=1), 0), limit=_RECENT_MAX)
    return [
        Recent(
            event=row.type,
            case=row.owner,
            message=arrivals.text(row.arrival),
            source=row.source or "",
            received=row.received_at,
            occurred=row.occurred_at,
            copy=row.copy,
        )
        for row in rows
    ]
