"""The demonstration: a house with history, live traffic through all its systems, trouble by the clock, and a report."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.app import day
from crossdock.app.estate import SEED, TENANT, Estate
from crossdock.app.examples import distributor
from crossdock.app.reconciling import Agreed, agreed, findings
from crossdock.sandbox.day import generate
from crossdock.store import day_end
from crossdock.store import estate as store

SPEED: Final = 1_200.0
TRAFFIC_SECONDS: Final = 28.0
_SETTLE_SECONDS: Final = 90.0
_ORDERS_PER_SECOND: Final = 1.5
_SILENCE: Final = {"faults": None}


class Act(NamedTuple):
    """Something that goes wrong, or right again, some seconds after the doors opened."""

    at_seconds: float
    says: str
    system: str
    wish: dict[str, Any]


class Status(NamedTuple):
    """How it stands, for a line on a terminal."""

    seconds: float
    orders: int
    paid: int
    waiting: int
    applied: int
    trouble: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `findings`: where the books of the systems and ours differ."""

    seconds: float
    messages: int
    duplicates: int
    dead_letters: int
    events: int
    orders: dict[str, int]
    work: dict[str, int]
    commands: dict[str, int]
    agreed: list[Agreed]
    unbalanced: list[str]
    findings: list[str]

    @property
    def is_clean(self) -> bool:
        """Do all books agree?"""
        return not self.findings


# Business trouble is there from the start; technical trouble comes and goes.
RULES: Final[dict[str, dict[str, Any]]] = {
    "wms-a": {"late_issue": 0.1, "late_issue_minutes": 480, "short_pick": 0.05},
    "wms-b": {"late_issue": 0.1, "late_issue_minutes": 480, "short_pick": 0.05},
    "carriers": {"accessorial_84": 0.1, "doubled_210": 0.1, "decline": 0.1, "pace": 0.5},
    "tms": {"answer_within_minutes": 120},
}
ACTS: Final = (
    Act(3, "carriers say everything twice now and then", "carriers", {"doubled_messages": 0.1}),
    Act(4, "5 % of the TMS's answers are errors", "tms", {"error": 0.05}),
    Act(7, "the ERP is down for 6 seconds", "erp", {"down": {"how": "503", "seconds": 6}}),
    Act(10, "the old warehouse software works, then does not answer", "wms-b",
        {"timeout_after": 0.1, "hold_seconds": 4, "error": 0.05}),
    Act(16, "the ERP answers 5 % with errors, and 5 % not at all although it did the work", "erp",
        {"error": 0.05, "timeout_after": 0.05, "hold_seconds": 4}),
    Act(20, "a power cut in warehouse A for 4 seconds", "wms-a", {"down": {"how": "close", "seconds": 4}}),
    Act(25, "the TMS is well again", "tms", _SILENCE),
    Act(26, "the old warehouse software is well again", "wms-b", _SILENCE),
    Act(27, "the ERP is well again", "erp", _SILENCE),
)  # fmt: skip
LAP_SECONDS: Final = 60.0


class Demo:
    """Plays it on an estate that is there, but not open yet."""

    def __init__(self, estate: Estate, *, show: Callable[[Status], None], say: Callable[[str], None]) -> None:
        """`show` is told how it stands about four times a second, `say` what happens."""
        self._estate = estate
        self._show = show
        self._say = say
        self._started = time.monotonic()
        self._trouble = ""

    def seed(self, orders: int) -> None:
        """A day that is over, so that nothing is empty."""
        with tempfile.TemporaryDirectory(prefix="crossdock-") as folder:
            generate(Path(folder), seed=SEED, orders=orders, trouble=1.0)
            day.run(Path(folder), self._estate.url, config=distributor(), tenant_name=TENANT)

    def traffic(self, orders: int) -> None:
        """So many orders, with trouble by the clock, until it is over for all systems."""
        self._prepare()
        self._estate.order(orders, orders / (TRAFFIC_SECONDS - 6))
        self._play(TRAFFIC_SECONDS)
        self._heal()
        self._estate.await_still(_SETTLE_SECONDS, self._look)

    def endless(self) -> None:
        """Traffic and trouble until Ctrl-C, which ends it for new orders; then the rest is settled."""
        self._prepare()
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
        return Report(
            seconds=round(time.monotonic() - self._started, 1),
            messages=store.messages(connection, tenant),
            duplicates=day_end.copies(connection, tenant),
            dead_letters=day_end.dead_letters(connection, tenant),
            events=day_end.events(connection, tenant),
            orders=_counted(str(view["status"]) for view in ours.orders.values() if view),
            work=_counted(code for code, _ in day_end.open_items(connection, tenant)),
            commands=_counted("held" if one.hold else one.state for one in ours.commands),
            agreed=agreed(books, ours),
            unbalanced=ours.unbalanced,
            findings=findings(books, ours),
        )

    # -- playing -----------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        for name, rules in RULES.items():
            self._estate.fleet.control(name, rules=rules)

    def _play(self, seconds: float) -> None:
        began = time.monotonic()
        acts = list(ACTS)
        while (passed := time.monotonic() - began) < seconds:
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
            self._estate.fleet.control(name, **_SILENCE)

    def _look(self) -> None:
        estate = self._estate
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
