"""Asking cases, level by level, until everybody has heard what was said: computed without locks, then written.

A *round* asks every case that was told something, lowest level first; what a case says becomes a fact of the case
that hears it, in the same round. Then all are written in one version-checked statement. Those that lost a race to
another worker are locked by then: they are read again, asked again, and so are the cases they speak to.

A case is unpacked, asked and packed in one go, and lies there as bytes before and after: a transaction that held the
facts of hundreds of cases as objects spent a tenth of its time on memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import msgspec

from crossdock.model.envelope import Receipt
from crossdock.processes.case import (
    BY_RULE,
    NOTHING_FOLLOWS,
    Cause,
    Changes,
    Record,
    ask,
    kind_of,
    new_record,
    pack,
    unpack,
)
from crossdock.processes.catalog import KINDS
from crossdock.processes.facts import AnyKept, Telling, said
from crossdock.processes.plan import View
from crossdock.processes.policy import PolicyBook
from crossdock.processes.reference import Book, NotLoaded, Records
from crossdock.store.settling import AS_BEFORE, CaseRow, Stored

_ENCODE_JSON = msgspec.json.Encoder().encode
_LEVELS = sorted({kind.level for kind in KINDS.values()})
_ROUNDS_MAX = 20
_NOWHERE = Stored(0, b"")


class Shelf(Protocol):
    """Where cases lie: read without a lock, written if nobody else did in between."""

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """The cases that exist."""
        ...

    def write(self, rows: list[CaseRow]) -> set[str]:
        """Write rows sorted by id; the ids of those that lost a race."""
        ...


class Asked(NamedTuple):
    """What asking a case gave: what follows (`None`: nothing is new), and the case as it is to be written.

    `tellings` says what became of each fact; `basis` is the version of its rules and the edition of the policies;
    `latest` the last message the case has heard of.
    """

    changes: Changes | None
    tellings: list[Telling]
    packed: bytes
    status: str
    basis: tuple[int, int]
    latest: int


class Touched:
    """A case in this transaction: what it was, what it is told, and what followed."""

    __slots__ = ("again", "asked", "cause", "clock", "events", "heard", "receipt", "spoke_to", "stored", "written")

    def __init__(self) -> None:
        """Untold."""
        self.events: list[AnyKept] = []
        self.heard: dict[str, AnyKept] = {}
        self.clock = 0
        self.again = False
        self.cause: Cause | None = None
        self.receipt = Receipt(0, 0)
        self.stored: Stored | None = None
        self.written = 0
        self.spoke_to: set[str] = set()
        self.asked: Asked | None = None

    def tell(self, fact: AnyKept, receipt: Receipt) -> None:
        """A fact of its own; `receipt` is the cause of what follows."""
        self.events.append(fact)
        self.receipt = max(self.receipt, receipt)


class NoEnd(RuntimeError):
    """Cases kept losing races; the transaction is given up and tried again."""


class Rounds:
    """The cases of one transaction."""

    def __init__(self, shelf: Shelf, policies: PolicyBook, records: Callable[[Iterable[str]], Records]) -> None:
        """`records` reads reference data by keys (with what was read before)."""
        self.cases: dict[str, Touched] = {}
        self._shelf = shelf
        self._policies = policies
        self._read_records = records
        self._records: Records = records(())

    def touch(self, case: str) -> Touched:
        """The case, to be told something."""
        touched = self.cases.get(case)
        if touched is None:
            touched = self.cases[case] = Touched()
        return touched

    def settle(self) -> dict[str, Touched]:
        """Ask and write until nobody lost; every case with its final answer."""
        dirty = set(self.cases)
        for _ in range(_ROUNDS_MAX):
            dirty = self._ask(dirty)
            lost = self._write(dirty)
            if not lost:
                return self.cases
            for case in lost:
                self.cases[case].stored = None
            dirty = lost
        msg = f"{len(dirty)} cases lost {_ROUNDS_MAX} races, {min(dirty)} among them"
        raise NoEnd(msg)

    # -- asking --------------------------------------------------------------------------------------------------

    def _ask(self, dirty: set[str]) -> set[str]:
        """Ask the dirty cases and all that hear from them; every case asked."""
        by_level: dict[int, set[str]] = {level: set() for level in _LEVELS}
        for case in dirty:
            by_level[kind_of(case).level].add(case)
        asked: set[str] = set()
        for level in _LEVELS:
            cases = by_level[level]
            self._load(cases)
            self._answer(cases)
            for case in cases:
                for heard_by in self._say(case):
                    by_level[kind_of(heard_by).level].add(heard_by)
            asked |= cases
        return asked

    def _load(self, cases: Iterable[str]) -> None:
        """Read the cases that were not read yet."""
        missing = [case for case in cases if self.cases[case].stored is None]
        stored = self._shelf.read(missing) if missing else {}
        for case in missing:
            touched = self.cases[case]
            touched.stored = stored.get(case, _NOWHERE)
            touched.written = touched.stored.version

    def _answer(self, cases: Iterable[str]) -> None:
        """Ask each case; read the reference data that plans miss, at once for all, and ask those plans again."""
        waiting = list(cases)
        while waiting:
            missing: set[str] = set()
            again = []
            for case in waiting:
                try:
                    self._answer_one(case)
                except NotLoaded as wanted:
                    missing.add(wanted.key)
                    again.append(case)
            if missing:
                self._records = self._read_records(missing)
            waiting = again

    def _answer_one(self, case: str) -> None:
        touched = self.cases[case]
        version, packed = touched.stored or _NOWHERE
        told = [*touched.events, *touched.heard.values()] if touched.heard else touched.events
        record, changes, tellings = ask(
            case,
            unpack(packed) if version else new_record(case, self._policies),
            told,
            clock=touched.clock,
            policies=self._policies,
            reference=Book(self._records),
            again=touched.again or touched.written != version,
            cause=touched.cause,
        )
        if changes is not None:
            packed = pack(record)
        # A deadline has no message: its effects follow from the latest fact the case knows.
        latest = touched.receipt.arrival or max((fact.first.arrival for fact in record.facts), default=0)
        basis = (record.rules, record.policies)
        touched.asked = Asked(changes, tellings, packed, _status(record, changes), basis, latest)

    def _say(self, case: str) -> list[str]:
        """Pass on what the case says, and take back what it no longer does; the cases that hear something new."""
        touched = self.cases[case]
        changes = touched.asked.changes if touched.asked else None
        says = changes.says if changes else {}
        if not says and not touched.spoke_to:
            return []
        hear = [to for to in touched.spoke_to if to not in says]
        for to in hear:
            self.cases[to].heard.pop(case, None)
        touched.spoke_to = set(says)
        for to, (digest, withdrawn) in says.items():
            listener = self.touch(to)
            listener.heard[case] = said(case, touched.written + 1, digest, withdrawn=withdrawn)
            listener.receipt = max(listener.receipt, touched.receipt)
            if changes is not None and changes.cause in BY_RULE:
                listener.cause = changes.cause
            hear.append(to)
        return hear

    # -- writing -------------------------------------------------------------------------------------------------

    def _write(self, asked: set[str]) -> set[str]:
        rows = []
        for case in sorted(asked):
            touched = self.cases[case]
            assert touched.asked is not None  # noqa: S101  # every case of a round was asked
            changes, _, packed, status, *_ = touched.asked
            if changes is not None:
                view = changes.view
                shown = _ENCODE_JSON(view) if view and type(view) is not View else None
                rows.append(CaseRow(case, touched.written + 1, packed, status, shown))
        lost = self._shelf.write(rows)
        for row in rows:
            if row.id not in lost:
                self.cases[row.id].written = row.version
        return lost


def _status(record: Record, changes: Changes | None) -> str:
    if changes is None or changes is NOTHING_FOLLOWS:
        return AS_BEFORE
    if changes.view is not None:
        return changes.view.status
    return "PARKED" if record.parked else "UNKNOWN"
