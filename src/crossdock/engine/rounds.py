"""Asking cases, level by level, until everybody has heard what was said: computed without locks, then written.

A *round* asks every case that was told something, lowest level first; what a case says becomes a fact of the case
that hears it, in the same round. Then all are written in one version-checked statement. Those that lost a race to
another worker are locked by then: they are read again, asked again, and so are the cases they speak to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from crossdock.model.envelope import Receipt
from crossdock.processes.case import NOTHING_FOLLOWS, Answer, Changes, Record, ask, kind_of, new_record, pack, unpack
from crossdock.processes.catalog import KINDS
from crossdock.processes.facts import AnyKept, said
from crossdock.processes.plan import View
from crossdock.processes.policy import PolicyBook
from crossdock.processes.reference import Book, NotLoaded, Records
from crossdock.store.settling import AS_BEFORE, CaseRow, Stored

_ENCODE_JSON = msgspec.json.Encoder().encode
_LEVELS = sorted({kind.level for kind in KINDS.values()})
_ROUNDS_MAX = 20


class Shelf(Protocol):
    """Where cases lie: read without a lock, written if nobody else did in between."""

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """The cases that exist."""
        ...

    def write(self, rows: list[CaseRow]) -> set[str]:
        """Write rows sorted by id; the ids of those that lost a race."""
        ...


class Touched:
    """A case in this transaction: what it was, what it is told, and what followed."""

    __slots__ = ("again", "answer", "base", "clock", "events", "heard", "receipt", "spoke_to", "version", "written")

    def __init__(self) -> None:
        """Untold."""
        self.events: list[AnyKept] = []
        self.heard: dict[str, AnyKept] = {}
        self.clock = 0
        self.again = False
        self.receipt = Receipt(0, 0)
        self.base: Record | None = None
        self.version = 0
        self.written = 0
        self.spoke_to: set[str] = set()
        self.answer: Answer | None = None

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
                self.cases[case].base = None
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
        missing = [case for case in cases if self.cases[case].base is None]
        stored = self._shelf.read(missing) if missing else {}
        for case in missing:
            touched, row = self.cases[case], stored.get(case)
            touched.version = touched.written = row.version if row else 0
            touched.base = unpack(row.record) if row else new_record(case)

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
        assert touched.base is not None  # noqa: S101  # read just before
        told = [*touched.events, *touched.heard.values()] if touched.heard else touched.events
        touched.answer = ask(
            case,
            touched.base,
            told,
            clock=touched.clock,
            policies=self._policies,
            reference=Book(self._records),
            again=touched.again or touched.written != touched.version,
        )

    def _say(self, case: str) -> list[str]:
        """Pass on what the case says, and take back what it no longer does; the cases that hear something new."""
        touched = self.cases[case]
        answer, base = touched.answer, touched.base
        assert answer is not None and base is not None  # noqa: S101, PT018  # asked just before
        says = answer.changes.says if answer.changes else {}
        hear = [to for to in touched.spoke_to if to not in says]
        for to in hear:
            self.cases[to].heard.pop(case, None)
        touched.spoke_to = set(says)
        for to, digest in says.items():
            kept = said(case, touched.written + 1, digest or base.said[to], withdrawn=digest is None)
            listener = self.touch(to)
            listener.heard[case] = kept
            listener.receipt = max(listener.receipt, touched.receipt)
            hear.append(to)
        return hear

    # -- writing -------------------------------------------------------------------------------------------------

    def _write(self, asked: set[str]) -> set[str]:
        rows = []
        for case in sorted(asked):
            touched = self.cases[case]
            assert touched.answer is not None  # noqa: S101  # every asked case was answered
            changes = touched.answer.changes
            if changes is None:
                continue
            view = changes.view
            rows.append(
                CaseRow(
                    case,
                    touched.written + 1,
                    pack(touched.answer.record),
                    _status(touched.answer.record, changes),
                    _ENCODE_JSON(view) if view and type(view) is not View else None,
                )
            )
        lost = self._shelf.write(rows)
        for row in rows:
            if row.id not in lost:
                self.cases[row.id].written = row.version
        return lost


def _status(record: Record, changes: Changes) -> str:
    if changes is NOTHING_FOLLOWS:
        return AS_BEFORE
    if changes.view is not None:
        return changes.view.status
    return "PARKED" if record.parked else "UNKNOWN"
