"""Postings: an amount of one item (a SKU or a currency) that moves from one account to another.

A posting names both of its sides, so no posting can be out of balance, and neither can any set of them: law 4
holds by construction, and a check only has to compare the balances with the postings they came from.

An account is a name and, where it matters, a place: `stock.on_hand/DC01`. A debit raises it, a credit lowers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

Route = tuple[str, str, str]
"""(debit, credit, item): the part of a posting that does not change."""


class Posting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`amount` of `item` from `credit` to `debit`: whole units of a SKU, or minor units of a currency."""

    debit: str
    credit: str
    item: str
    amount: int


def standing(targets: Mapping[Route, int]) -> list[Posting]:
    """What stands posted when the targets are met."""
    return [Posting(debit, credit, item, amount) for (debit, credit, item), amount in targets.items()]


def difference(target: Sequence[Posting], posted: Sequence[Posting]) -> list[Posting]:
    """The postings that take the books from `posted` to `target`, one a route; none when they agree."""
    if target == posted:
        return []
    amounts = {(p.debit, p.credit, p.item): p.amount for p in target}
    for p in posted:
        route = (p.debit, p.credit, p.item)
        amounts[route] = amounts.get(route, 0) - p.amount
    return [Posting(*route, amount) for route, amount in amounts.items() if amount]


def balances(postings: Iterable[Posting]) -> dict[tuple[str, str], int]:
    """Balance of each (account, item): debits less credits."""
    sums: dict[tuple[str, str], int] = {}
    for p in postings:
        sums[p.debit, p.item] = sums.get((p.debit, p.item), 0) + p.amount
        sums[p.credit, p.item] = sums.get((p.credit, p.item), 0) - p.amount
    return sums
