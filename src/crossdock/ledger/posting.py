"""Postings: an amount of one item (a SKU or a currency) that moves from one account to another.

A posting names both of its sides, so no posting can be out of balance, and neither can any set of them: law 4
holds by construction, and a check only has to compare the balances with the postings they came from.

An account is a name and, where it matters, a place: `stock.on_hand/DC01`. A debit raises it, a credit lowers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec


class Route(NamedTuple):
    """From which account to which, and of what: the part of a posting that does not change."""

    debit: str
    credit: str
    item: str


class Posting(msgspec.Struct, frozen=True, array_like=True):
    """`amount` of `item` from `credit` to `debit`: whole units of a SKU, or minor units of a currency."""

    debit: str
    credit: str
    item: str
    amount: int


def targets(postings: Iterable[Posting]) -> dict[Route, int]:
    """What stands posted, by route."""
    return {Route(p.debit, p.credit, p.item): p.amount for p in postings}


def difference(target: Mapping[Route, int], posted: Mapping[Route, int]) -> list[Posting]:
    """The postings that take the books from `posted` to `target`; none when they agree."""
    changes = [
        Posting(*route, amount - posted.get(route, 0))
        for route, amount in target.items()
        if amount != posted.get(route, 0)
    ]
    changes += [Posting(*route, -amount) for route, amount in posted.items() if route not in target and amount]
    return changes


def balances(postings: Iterable[Posting]) -> dict[tuple[str, str], int]:
    """Balance of each (account, item): debits less credits."""
    sums: dict[tuple[str, str], int] = {}
    for debit, credit, item, amount in ((p.debit, p.credit, p.item, p.amount) for p in postings):
        sums[debit, item] = sums.get((debit, item), 0) + amount
        sums[credit, item] = sums.get((credit, item), 0) - amount
    return sums
