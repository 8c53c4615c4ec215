"""What would follow from facts that are not told yet: cases are asked in memory, and nothing is written."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import psycopg

from crossdock.engine.reading import Read
from crossdock.engine.rounds import Rounds
from crossdock.engine.settle import CaseShelf, ReferenceCache
from crossdock.ledger import accounts
from crossdock.processes.policy import PolicyBook
from crossdock.store import reference as reference_store
from crossdock.store.reference import Published
from crossdock.store.settling import CaseRow, Stored

_CASES_MAX: Final = 10_000
_LISTED_MAX: Final = 20


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """Money or units that would be posted: `amount` of `item` from one account to another, over all cases."""

    debit: str
    credit: str
    item: str
    amount: int


class Effects(msgspec.Struct, kw_only=True):
    """What would follow, summed.

    `cases` change, `listed` are the first of them; `commands` counts what would be asked (`create_invoice: do`),
    `opened` and `closed` work items by code, `posted` what would be moved. `beyond` facts came after as many cases as
    are looked at, and are not in the sums; `references` are records of reference data, whose effects are not shown.
    """

    cases: int = 0
    listed: list[str] = []
    commands: Counter[str] = msgspec.field(default_factory=Counter)
    opened: Counter[str] = msgspec.field(default_factory=Counter)
    closed: int = 0
    posted: list[Movement] = []
    beyond: int = 0
    references: int = 0


class _Overlay:
    """Cases as the database has them, and above them as they would become."""

    def __init__(self, below: CaseShelf) -> None:
        self._below = below
        self.above: dict[str, Stored] = {}

    def read(self, ids: Iterable[str]) -> dict[str, Stored]:
        """As they would be by now."""
        asked = list(ids)
        found = self._below.read([one for one in asked if one not in self.above])
        return found | {one: self.above[one] for one in asked if one in self.above}

    def write(self, rows: list[CaseRow]) -> set[str]:
        """Nobody else is here: no race is lost."""
        for row in rows:
            self.above[row.id] = Stored(row.version, row.record)
        return set()


class Rehearsal:
    """Hears facts batch by batch, and sums what would follow."""

    def __init__(self, connection: psycopg.Connection, tenant: int, policies: PolicyBook) -> None:
        """Reads cases and reference data as they are; locks nothing."""
        self._shelf = _Overlay(CaseShelf(connection, tenant))
        self._policies = policies
        self._reference = ReferenceCache(connection, tenant)
        self._reference.at(reference_store.version(connection, tenant))
        self._effects = Effects()
        self._changed: dict[str, None] = {}
        self._moved: defaultdict[tuple[str, str, str], int] = defaultdict(int)

    def hear(self, news: Sequence[Read]) -> None:
        """Tell the cases what is new."""
        if len(self._shelf.above) >= _CASES_MAX:
            self._effects.beyond += len(news)
            return
        rounds = Rounds(self._shelf, self._policies, self._reference.read)
        for one in news:
            if isinstance(one.told, Published):
                self._effects.references += 1
            else:
                rounds.touch(one.owner).tell(one.told, one.receipt)
        for owner, touched in rounds.settle().items():
            changes = touched.asked.changes if touched.asked is not None else None
            if changes is None:
                continue
            self._changed[owner] = None
            for command in changes.commands:
                if command.state == "wanted" and command.command is not None:
                    self._effects.commands[f"{command.command.kind}: {command.action}"] += 1
            self._effects.opened.update(item.code for item in changes.opened.values())
            self._effects.closed += len(changes.closed)
            for posting in changes.postings:
                self._moved[posting.debit, posting.credit, posting.item] += posting.amount

    @property
    def effects(self) -> Effects:
        """What would follow from everything heard so far."""
        money = [key for key in self._moved if accounts.holds_money(key[0])]
        units: Counter[tuple[str, str]] = Counter()
        for (debit, credit, item), amount in self._moved.items():
            if (debit, credit, item) not in money:
                units[debit.partition("/")[0], credit.partition("/")[0]] += amount
        movements = [
            Movement(debit=debit, credit=credit, item=item, amount=self._moved[debit, credit, item])
            for debit, credit, item in sorted(money)
        ]
        movements += [
            Movement(debit=debit, credit=credit, item="units", amount=amount)
            for (debit, credit), amount in sorted(units.items())
        ]
        return msgspec.structs.replace(
            self._effects,
            cases=len(self._changed),
            listed=list(self._changed)[:_LISTED_MAX],
            posted=[one for one in movements if one.amount],
        )
