"""Why a case is where it is, in one sentence: the one thing that unblocks it.

Pure: open work items come first (somebody must act), then the next fact that is lacking, then what is still open
beside it; when there is none of these, nothing holds the case.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from crossdock.app.lacking import Lack
from crossdock.model.money import format_minor


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """An open work item that waits for somebody: not a finding."""

    case: str
    code: str
    subject: str
    action: str
    desk: str
    at_stake_minor: int = 0
    currency: str = ""


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which the case is asked again, and the items that open then if nothing was heard: `CODE (desk)`."""

    at: datetime
    opens: list[str] = []


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A case that speaks to this one: what is open there, and what it lacks."""

    case: str
    items: list[Open] = []
    lack: Lack | None = None
    deadline: Deadline | None = None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """All that the sentence is made of.

    `items` are its own and those that a case above has about it; `lack` is the next fact it needs (see `lacking`);
    `done` says how it stands when nothing is lacking.
    """

    case: str
    done: str
    parked: bool = False
    items: Sequence[Open] = ()
    lack: Lack | None = None
    deadline: Deadline | None = None
    beside: Sequence[Beside] = ()


def unblocks(standing: Standing, now: datetime) -> str:
    """What unblocks a case: `Waits for: proof of delivery (carrier RDWY), until 12 Mar 2026 14:00 UTC`."""
    if standing.parked:
        return "Waits for: a mended rule or fact (integration); the rules failed on this case, the trace is below"
    if standing.items:
        first, *more = sorted(standing.items, key=_weight)
        return f"Waits for: {_ask(first, standing.case)}{_and_more(len(more), 'item')}"
    if standing.lack is not None:
        return f"Waits for: {_next(standing.lack, _deadline(standing), now)}{_hint(standing.beside)}"
    return _nothing(standing, now)


def also(standing: Standing, now: datetime) -> str | None:
    """The next fact that is lacking, where an open item took the first line."""
    if standing.parked or not standing.items or standing.lack is None:
        return None
    return f"Then for: {_next(standing.lack, _deadline(standing), now)}"


def moment(at: datetime) -> str:
    """An instant for a sentence: `12 Mar 2026 14:00 UTC`."""
    return f"{at.day} {at:%b %Y %H:%M} UTC"


def _weight(item: Open) -> tuple[int, str, str]:
    """The most money first; then by name, so that the sentence is the same every time."""
    return -abs(item.at_stake_minor), item.code, item.subject


def _ask(item: Open, case: str) -> str:
    action = item.action or "somebody who settles it"
    stake = ""
    if item.at_stake_minor:
        stake = f", {format_minor(item.at_stake_minor, item.currency)} {item.currency} at stake"
    place = "" if item.case == case else f" at {item.case}"
    return f"{action[0].lower()}{action[1:]} ({item.desk}) - {item.code} {item.subject}{place}{stake}"


def _next(lack: Lack, deadline: Deadline | None, now: datetime) -> str:
    text = f"{lack.what} ({lack.who})"
    if deadline is None:
        return text
    if deadline.at <= now:
        return f"{text}, due since {moment(deadline.at)} (no worker has noticed yet)"
    return f"{text}, until {moment(deadline.at)}"


def _deadline(standing: Standing) -> Deadline | None:
    """Its own, else the earliest of those that speak to it: an order has none, its shipments have."""
    if standing.deadline is not None:
        return standing.deadline
    lacked = standing.lack.what if standing.lack else ""
    theirs = [one.deadline for one in standing.beside if one.deadline and one.lack and one.lack.what == lacked]
    return min(theirs, key=lambda deadline: deadline.at, default=None)


def _hint(beside: Sequence[Beside]) -> str:
    """What somebody can do about it, where a case that it waits for has an open item."""
    items = sorted((item for one in beside for item in one.items), key=_weight)
    if not items:
        return ""
    return f"; open at {items[0].case}: {items[0].code}, {items[0].action or items[0].desk} ({items[0].desk})"


def _nothing(standing: Standing, now: datetime) -> str:
    items = sorted((item for one in standing.beside for item in one.items), key=_weight)
    if items:
        return (
            f"Nothing more of its own: {standing.done}. Open beside it: "
            f"{_ask(items[0], standing.case)}{_and_more(len(items) - 1, 'item')}"
        )
    waiting = [one for one in standing.beside if one.lack is not None]
    if waiting and waiting[0].lack is not None:
        lack = _next(waiting[0].lack, waiting[0].deadline, now)
        more = _and_more(len(waiting) - 1, "case")
        return f"Nothing more of its own: {standing.done}. {waiting[0].case} still waits for {lack}{more}"
    return f"Nothing: {standing.done}"


def _and_more(count: int, what: str) -> str:
    return f" (and {count} more {what}{'s' if count > 1 else ''})" if count else ""
