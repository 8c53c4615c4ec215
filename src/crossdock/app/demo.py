"""The demonstration: a house with history, live traffic through all its systems, trouble by the clock, and a report."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from crossdock.app import day
from crossdock.app.demo_acts import ACTS, LAP_SECONDS, RULES, TRAFFIC_SECONDS, UNKNOWN_ORDERS, UNKNOWN_SKU, WELL
from crossdock.app.demo_figures import Compared, compared
from crossdock.app.demo_visitor import Visitor
from crossdock.app.estate import SEED, TENANT, Estate
from crossdock.app.examples import distributor
from crossdock.app.reconciling import Agreed, Ours, agreed, findings
from crossdock.sandbox.day import generate
from crossdock.store import day_end, delivery_look, demo_figures
from crossdock.store import estate as store

SPEED: Final = 1_200.0
HISTORY_DAYS: Final = 2
TOLERANCE_MINOR: Final = 5_000
_FIRST_DAY: Final = date(2026, 3, 2)
_SETTLE_SECONDS: Final = 90.0
_ORDERS_PER_SECOND: Final = 1.5
_UNKNOWN_AFTER_SECONDS: Final = 2.0
_UNKNOWN_PER_SECOND: Final = 10.0
_FIRST_LIVE_ORDER: Final = "ORD-1"
_ENDED: Final = frozenset({"INVOICED", "PARTIALLY_PAID", "PAID"})


class Status(NamedTuple):
    """How it stands, for a line on a terminal."""

    seconds: float
    orders: int
    paid: int
    waiting: int
    applied: int
    trouble: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `findings`: where the books of the systems and ours differ, and what did not come to its turn.

    `breakers` counts by connection how often it was left alone; `compared` is the comparison with hourly batches.
    """

    seconds: float
    messages: int
    duplicates: int
    dead_letters: int
    events: int
    orders: dict[str, int]
    work: dict[str, int]
    commands: dict[str, int]
    breakers: dict[str, int]
    agreed: list[Agreed]
    compared: list[Compared]
    unbalanced: list[str]
    findings: list[str]

    @property
    def is_clean(self) -> bool:
        """Do all books agree?"""
        return not self.findings


class Demo:
    """Plays it on an estate that is there, but not open yet."""

    def __init__(self, estate: Estate, *, show: Callable[[Status], None], say: Callable[[str], None]) -> None:
        """`show` is told how it stands about four times a second, `say` what happens."""
        self._estate = estate
        self._show = show
        self._say = say
        self._started = time.monotonic()
        self._trouble = ""
        self._after = 0
        self._visitor: Visitor | None = None
        self._is_unknown_sold = False

    def seed(self, orders: int) -> None:
        """The two days before today, so that nothing is empty."""
        today = datetime.now(UTC).date()
        first_day = (today - _FIRST_DAY).days - HISTORY_DAYS
        with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
            generate(Path(folder), seed=SEED, orders=orders, trouble=1.0, days=HISTORY_DAYS, first_day=first_day)
            day.run(Path(folder), self._estate.url, config=distributor(), tenant_name=TENANT)

    def traffic(self, orders: int) -> None:
        """So many orders, with trouble by the clock, until it is over; what a visitor would do is done."""
        self._prepare(plays=True)
        self._estate.order(orders, orders / (TRAFFIC_SECONDS - 6))
        self._play(TRAFFIC_SECONDS)
        self._heal()
        self._estate.await_still(_SETTLE_SECONDS, self._look)

    def endless(self) -> None:
        """Traffic and trouble until Ctrl-C, which ends it for new orders; then the rest is settled."""
        self._prepare(plays=False)
        self._estate.fleet.control("shop", rules={"orders_per_second": _ORDERS_PER_SECOND})
        try:
            while True:
                self._play(LAP_SECONDS)
        except KeyboardInterrupt:
            self._say("No more orders. What is on its way is brought to its end; Ctrl-C again ends it at once.")
        self._estate.fleet.control("shop", rules={"orders_per_second": 0})
        self._heal()
        self._estate.await_still(_SETTLE_SECONDS, self._look)

    def report(self) -> Report:
        """What came of it."""
        estate, connection, tenant = self._estate, self._estate.connection, self._estate.tenant
        books, ours = estate.books(), estate.ours()
        left = self._visitor.left if self._visitor is not None else []
        return Report(
            seconds=round(time.monotonic() - self._started, 1),
            messages=store.messages(connection, tenant),
            duplicates=day_end.copies(connection, tenant),
            dead_letters=day_end.dead_letters(connection, tenant),
            events=day_end.events(connection, tenant),
            orders=_counted(str(view["status"]) for view in ours.orders.values() if view),
            work=_counted(code for code, _ in day_end.open_items(connection, tenant)),
            commands=_counted("held" if one.hold else one.state for one in ours.commands),
            breakers=delivery_look.opened(connection, tenant),
            agreed=agreed(books, ours),
            compared=compared(connection, tenant, self._after),
            unbalanced=ours.unbalanced,
            findings=[*findings(books, ours), *left, *_stopped(ours)],
        )

    # -- playing -----------------------------------------------------------------------------------------------------

    def _prepare(self, *, plays: bool) -> None:
        self._after = demo_figures.latest(self._estate.connection, self._estate.tenant)
        self._visitor = Visitor(self._estate, self._say, after=self._after, plays=plays)
        for name, rules in RULES.items():
            self._estate.fleet.control(name, rules=rules)

    def _play(self, seconds: float) -> None:
        began = time.monotonic()
        acts = list(ACTS)
        while (passed := time.monotonic() - began) < seconds:
            if passed > _UNKNOWN_AFTER_SECONDS and not self._is_unknown_sold:
                self._is_unknown_sold = True
                self._say(f"the shop sells something new: {UNKNOWN_ORDERS} orders of {UNKNOWN_SKU}")
                self._estate.order(UNKNOWN_ORDERS, _UNKNOWN_PER_SECOND, sku=UNKNOWN_SKU)
            while acts and acts[0].at_seconds <= passed:
                act = acts.pop(0)
                self._trouble = act.says
                self._say(act.says)
                self._estate.fleet.control(act.system, **act.wish)
            self._look()
            time.sleep(0.25)

    def _heal(self) -> None:
        self._trouble = ""
        for name in self._estate.fleet.names:
            self._estate.fleet.control(name, **WELL)

    def _look(self) -> None:
        estate = self._estate
        if self._visitor is not None:
            self._visitor.look()
        commands = Counter(one.state for one in store.commands(estate.connection, estate.tenant))
        statuses = Counter(
            str(view["status"]) for view in day_end.views(estate.connection, estate.tenant, "order").values() if view
        )
        self._show(
            Status(
                seconds=time.monotonic() - self._started,
                orders=statuses.total(),
                paid=statuses["PAID"],
                waiting=commands["wanted"] + commands["sent"] + commands["unknown"],
                applied=commands["applied"],
                trouble=self._trouble,
            )
        )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _stopped(ours: Ours) -> list[str]:
    """Books of a house in which nothing happened agree, too: orders of the shop have to come to their end."""
    live = [view for number, view in ours.orders.items() if view and number >= _FIRST_LIVE_ORDER]
    ended = sum(view["status"] in _ENDED for view in live)
    return [] if live and 10 * ended >= 7 * len(live) else [f"only {ended} of {len(live)} live orders are invoiced"]
