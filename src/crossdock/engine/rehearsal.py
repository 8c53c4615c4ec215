"""Rehearsing: cases are told something and asked, with the real engine, and nothing of it stays.

What other cases would hear is passed on as in settling, so the difference is the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.engine.rounds import Rounds, Touched
from crossdock.engine.settle import ReferenceCache
from crossdock.model.decisions import AcceptedCommand
from crossdock.model.envelope import Receipt
from crossdock.processes.case import kind_of, unpack
from crossdock.processes.difference import Difference, between
from crossdock.processes.facts import AnyKept, Kept
from crossdock.processes.policy import PolicyBook
from crossdock.processes.remembered import Migration
from crossdock.processes.slots import wanted_hash
from crossdock.store import rehearsal as store

_BATCH: Final = 500
# Later than any message, so that what is rehearsed is news.
_LAST: Final = Receipt(2**62, 0)


class Rehearsed(NamedTuple):
    """A case that would become another: what would differ, and what to accept if what was asked shall stay.

    `before` and `after`: version of the rules and edition of the policies. What was never asked cannot be accepted:
    the old rules may come to want the same.
    """

    difference: Difference
    before: tuple[int, int] | None
    after: tuple[int, int]
    accepted: list[AcceptedCommand]


class Rehearsal:
    """Tells cases something on a copy. Use it inside of `store.rehearsing`."""

    def __init__(self, connection: psycopg.Connection, tenant: int, policies: PolicyBook) -> None:
        """`policies` may hold some that are not stored."""
        self._connection = connection
        self._tenant = tenant
        self._policies = policies
        self._shelf = store.Overlay(connection, tenant)
        self._reference = ReferenceCache(connection, tenant)

    def tell(self, told: Sequence[tuple[str, AnyKept]]) -> None:
        """Tell each case a fact, as one transaction would."""
        rounds = Rounds(self._shelf, self._policies, self._reference.read)
        for case, fact in told:
            rounds.touch(case).tell(fact, _LAST)
        wants = [want for case, touched in rounds.settle().items() for want in _wants(case, touched)]
        store.want(self._connection, wants)

    def differences(self) -> Iterator[Rehearsed]:
        """Every case that was told or heard something, in order, with what would differ."""
        for case, before, after, wants in store.pairs(self._connection, self._tenant):
            old, new = unpack(before) if before is not None else None, unpack(after)
            asked = old.slots if old else {}
            accepted = [
                AcceptedCommand(slot=slot, wanted=wanted, stands=wanted_hash(asked[slot].asked))
                for slot, wanted in msgspec.json.decode(wants, type=dict[str, str]).items()
                if slot in asked
            ]
            basis = (old.rules, old.policies) if old else None
            yield Rehearsed(between(case, old, new), basis, (new.rules, new.policies), accepted)


def migrate(
    rehearsal: Rehearsal,
    connection: psycopg.Connection,
    tenant: int,
    policies: PolicyBook,
    *,
    prefix: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Move every case that is behind to the latest rules and policies, in rehearsal; how many were behind."""
    batch: list[tuple[str, AnyKept]] = []
    behind = seen = 0
    for case, packed in store.records(connection, tenant, prefix):
        seen += 1
        record, target = unpack(packed), (kind_of(case).latest, policies.edition)
        decided = [data for fact in record.facts if type(data := fact.data) is Migration]
        if (record.rules, record.policies) == target or any((one.rules, one.policies) == target for one in decided):
            continue
        behind += 1
        batch.append((case, Kept(f"migration:{target}", _LAST.arrival, 0, False, _LAST, Migration(*target, "adopt"))))  # noqa: FBT003
        if len(batch) >= _BATCH:
            rehearsal.tell(batch)
            batch = []
            progress(seen)
    if batch:
        rehearsal.tell(batch)
    return behind


def _wants(case: str, touched: Touched) -> list[tuple[str, str, str]]:
    changes = touched.asked.changes if touched.asked else None
    if changes is None:
        return []
    return [(case, slot, wanted_hash(changes.wanted.get(slot))) for slot in changes.held | changes.waiting]
