"""With and without: what was measured, beside what the same facts would have met between systems that swap files.

*With* is measured in this run, in real seconds. *Without* is reckoned from the same messages by three rules: files are
exchanged at every full hour, billing runs at midnight, and what comes is taken as it comes: without memory of what was
told before, and without a look into the contract. Its times are those of the simulated trade.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import msgspec
import psycopg

from crossdock.model.money import format_minor
from crossdock.store import demo_figures as store
from crossdock.store.demo_figures import Moments

_CURRENCY: Final = "USD"
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the comparison, in words."""

    what: str
    crossdock: str
    batches: str


def compared(connection: psycopg.Connection, tenant: int, after: int) -> list[Compared]:
    """All lines, of what came after an arrival number."""
    moments = store.moments(connection, tenant, after)
    posted = store.took_seconds(connection, tenant, after, "post_goods_issue")
    invoiced = store.took_seconds(connection, tenant, after, "create_invoice")
    twice = store.billed_twice(connection, tenant, after)
    held = store.held(connection, tenant, after)
    unread = store.unread(connection, tenant, after)
    early = store.early(connection, tenant, after)
    lines = [
        _times("goods issue known to the ERP", posted, _until_posted(moments)),
        _times("delivered until invoiced", invoiced, _until_billed(moments)),
        Compared(
            what="freight bills that came again by file",
            crossdock=f"{twice.bills}, none paid",
            batches=f"{twice.bills} paid again: {_money(twice.minor)}",
        ),
        Compared(
            what="charges beyond the tolerance",
            crossdock=f"{held.bills} held, {_money(held.minor)} at stake",
            batches=f"{held.bills} paid unseen: {_money(held.minor)}",
        ),
        Compared(
            what="proofs of delivery ahead of their goods issue",
            crossdock=f"{early}, each noted, none billed wrongly",
            batches=f"{early} billed by the order, not by what left",
        ),
    ]
    if unread.letters:
        after_seconds = f", read {unread.seconds:.0f} s later" if unread.settled else ""
        lines.append(
            Compared(
                what="orders of an item that nobody knew",
                crossdock=f"{unread.letters} kept{after_seconds}",
                batches=f"{unread.letters} in an error log",
            )
        )
    return lines


def _until_posted(moments: Iterable[Moments]) -> list[float]:
    """From each goods issue to the next full hour."""
    return [(_next(one.issued, _HOUR) - one.issued).total_seconds() for one in moments if one.issued]


def _until_billed(moments: Iterable[Moments]) -> list[float]:
    """From the moment an order could be billed to the midnight after both files have come."""
    found = []
    for one in moments:
        if one.issued and one.delivered:
            ready = max(one.issued, one.delivered)
            known = max(_next(one.issued, _HOUR), _next(one.delivered, _HOUR))
            found.append((_next(known, _DAY) - ready).total_seconds())
    return found


def _next(moment: datetime, step: timedelta) -> datetime:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start + step * ((moment - start) // step + 1)


def _times(what: str, measured: list[float], reckoned: list[float]) -> Compared:
    return Compared(what=what, crossdock=_spread(measured), batches=_spread(sorted(reckoned)))


def _spread(seconds: list[float]) -> str:
    if not seconds:
        return "none"
    nearly_all = seconds[min(len(seconds) - 1, len(seconds) * 95 // 100)]
    return f"{_span(median(seconds))}, 95 % within {_span(nearly_all)}"


def _span(seconds: float) -> str:
    if seconds < 100:  # noqa: PLR2004  # beyond that nobody counts seconds
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3 * 3_600 else f"{seconds / 3_600:.1f} h"


def _money(minor: int) -> str:
    return f"{format_minor(minor, _CURRENCY)} {_CURRENCY}"
