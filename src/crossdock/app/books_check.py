"""Proves that the books are right, or names every difference: account or case, item, amount.

Three questions, within one snapshot: does every item sum to zero over all accounts, is every balance the sum of its
entries, and has every case posted what it should have.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import groupby
from typing import Final, Literal

import msgspec
import psycopg

from crossdock.processes.case import unpack
from crossdock.store import arrival as arrivals
from crossdock.store import books

_EVERY: Final = 1_000

Check = Literal["items sum to zero", "balances are the sum of entries", "cases posted their targets"]
Progress = Callable[[str, int, int], None]
"""What is being looked at, how much of it is done, and how much there is."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A difference in the books. `is_` is what stands there, `should` what it should be by the other side.

    `account` names an account, or the route `debit <- credit` of a case; `message` caused the last of its entries.
    """

    check: Check
    item: str
    is_: int = msgspec.field(name="is")
    should: int
    account: str = ""
    case: str = ""
    message: str = ""


class Checked(msgspec.Struct, kw_only=True):
    """How much was looked at."""

    items: int = 0
    accounts: int = 0
    cases: int = 0


def check(
    connection: psycopg.Connection, tenant: int, checked: Checked, progress: Progress = lambda *_: None
) -> Generator[Difference, None, None]:
    """Every difference, one at a time; counts into `checked`. Memory holds the accounts, never the entries or cases."""
    with books.snapshot(connection):
        yield from _zero(connection, tenant)
        yield from _balances(connection, tenant, checked, progress)
        yield from _cases(connection, tenant, checked, progress)


def _zero(connection: psycopg.Connection, tenant: int) -> Iterator[Difference]:
    for item, amount in books.out_of_zero(connection, tenant):
        yield Difference(check="items sum to zero", item=item, is_=amount, should=0)


def _balances(
    connection: psycopg.Connection, tenant: int, checked: Checked, progress: Progress
) -> Iterator[Difference]:
    parts = books.entry_parts(connection)
    should: dict[tuple[str, str], int] = {}
    for done, part in enumerate(parts, 1):
        for account, item, amount in books.sums_of_part(connection, tenant, part):
            should[account, item] = should.get((account, item), 0) + amount
        progress("entries", done, len(parts))
    stands = {(one.account, one.item): one.amount for one in books.balances(connection, tenant, zeros=True)}
    checked.accounts = len(stands.keys() | should.keys())
    checked.items = len({item for _, item in stands.keys() | should.keys()})
    for account, item in sorted(stands.keys() | should.keys()):
        is_, wanted = stands.get((account, item), 0), should.get((account, item), 0)
        if is_ != wanted:
            yield Difference(
                check="balances are the sum of entries", account=account, item=item, is_=is_, should=wanted
            )


def _cases(connection: psycopg.Connection, tenant: int, checked: Checked, progress: Progress) -> Iterator[Difference]:
    """Cases and their entries come in the same order, so both are read once, side by side."""
    total = books.cases_counted(connection, tenant)
    by_case = groupby(books.entries_by_case(connection, tenant), key=lambda entry: entry.owner)
    posted = next(by_case, None)
    for case, record in books.records(connection, tenant):
        checked.cases += 1
        if checked.cases % _EVERY == 0:
            progress("cases", checked.cases, total)
        while posted is not None and posted[0] < case:
            yield from _differences(posted[0], {}, list(posted[1]))
            posted = next(by_case, None)
        entries: list[books.CaseEntries] = []
        if posted is not None and posted[0] == case:
            entries = list(posted[1])
            posted = next(by_case, None)
        targets = {(one.debit, one.credit, one.item): one.amount for one in unpack(record).posted}
        yield from _differences(case, targets, entries)
    while posted is not None:
        yield from _differences(posted[0], {}, list(posted[1]))
        posted = next(by_case, None)


def _differences(
    case: str, targets: dict[tuple[str, str, str], int], entries: list[books.CaseEntries]
) -> Iterator[Difference]:
    sums = {(one.debit, one.credit, one.item): one for one in entries}
    for route in sorted(targets.keys() | sums.keys()):
        entry = sums.get(route)
        is_, should = entry.amount if entry else 0, targets.get(route, 0)
        if is_ != should:
            debit, credit, item = route
            yield Difference(
                check="cases posted their targets",
                account=f"{debit} <- {credit}",
                item=item,
                is_=is_,
                should=should,
                case=case,
                message=arrivals.text(entry.arrival) if entry else "",
            )
