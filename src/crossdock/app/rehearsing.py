"""What new rules or policies would change in documents and money, shown before anything changes; and the decision.

Nothing moves by itself: a case stays on the rules and policies it began with until somebody has seen the difference
and said *adopt* it (what it wants is held until released), *accept* what was asked (new rules from now on, nothing
done about the past), or *keep* the old ones. Cases that nothing would change for just move.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from crossdock.app.handling import name_of, note_of
from crossdock.app.opening import Opened
from crossdock.clock import SystemClock
from crossdock.engine import decision_messages, rehearsal
from crossdock.engine.configuration import bases_of, policy_book, read_folder
from crossdock.model.decisions import CaseMigrated
from crossdock.model.money import minor_in
from crossdock.processes.difference import Difference, Document
from crossdock.processes.policy import PolicyBook
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store import intake, trail
from crossdock.store import rehearsal as store

Way = Literal["adopt", "accept", "keep"]
_SAMPLES_MAX: Final = 20
_MESSAGES: Final = 500


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """Commands of one kind that would be asked for, and the money they would move (less what they take back)."""

    kind: str
    target: str
    action: str
    documents: int
    minor: int
    currency: str


class Items(msgspec.Struct, frozen=True, kw_only=True):
    """Work items of one code that would open, and close."""

    code: str
    opened: int
    closed: int


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger would receive of a currency, in minor units, or of goods, in pieces."""

    debit: str
    credit: str
    item: str
    amount: int


class Report(msgspec.Struct, kw_only=True):
    """A rehearsal: how many cases are behind, and what would differ."""

    behind: int = 0
    differing: int = 0
    parked: int = 0
    documents: list[Documents] = []
    items: list[Items] = []
    postings: list[Posted] = []
    samples: list[Difference] = []


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was told: how many cases move, how many keep what they have, how many commands are left as they are."""

    moved: int
    kept: int
    accepted: int
    act: int


class Sums:
    """Differences, added up."""

    def __init__(self) -> None:
        """None yet."""
        self.report = Report()
        self._documents: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._items: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        self._postings: Counter[tuple[str, str, str]] = Counter()

    def add(self, found: Difference) -> None:
        """Another case."""
        if not found:
            return
        self.report.differing += 1
        self.report.parked += found.parked is not None
        for document in found.documents:
            total = self._documents[document.kind, document.target, document.action, _currency(document)]
            total[0] += 1
            total[1] += minor_in(document.after) - minor_in(document.before)
        for place, items in enumerate((found.opened, found.closed)):
            for item in items:
                self._items[item.code][place] += 1
        for posting in found.postings:
            self._postings[posting.debit, posting.credit, posting.item] += posting.amount
        if len(self.report.samples) < _SAMPLES_MAX:
            self.report.samples.append(found)

    def done(self) -> Report:
        """All of them."""
        self.report.documents = [
            Documents(kind=kind, target=target, action=action, documents=count, minor=minor, currency=currency)
            for (kind, target, action, currency), (count, minor) in sorted(self._documents.items())
        ]
        self.report.items = [
            Items(code=code, opened=opened, closed=closed) for code, (opened, closed) in sorted(self._items.items())
        ]
        self.report.postings = [
            Posted(debit=debit, credit=credit, item=item, amount=amount)
            for (debit, credit, item), amount in sorted(self._postings.items())
            if amount
        ]
        return self.report


def rehearse(
    at: Opened,
    *,
    prefix: str | None = None,
    folder: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """What would change if every case (or those whose id begins so) went on by the latest rules and policies.

    `folder` is a configuration whose policies are tried as if they had been applied. Raises `ConfigurationError`.
    """
    policies = _policies(at, folder)
    sums = Sums()
    with store.rehearsing(at.connection):
        copy = rehearsal.Rehearsal(at.connection, at.tenant, policies)
        sums.report.behind = rehearsal.migrate(
            copy, at.connection, at.tenant, policies, prefix=prefix, progress=progress
        )
        for one in copy.differences():
            sums.add(one.difference)
    return sums.done()


def _policies(at: Opened, folder: Path | None) -> PolicyBook:
    rows = stored.read(at.connection, at.tenant)
    book = policy_book(rows)
    if folder is None:
        return book
    known = {(policy.name, policy.valid_from) for policy, _ in book.published}
    new = [
        policy
        for policy in read_folder(folder, bases_of(rows.mappings)).policies
        if (policy.name, policy.valid_from) not in known
    ]
    if not new:
        return book
    policies, editions = zip(*book.published, strict=True)
    return PolicyBook([*policies, *new], [*editions, *(book.edition + 1 for _ in new)])


def decide(at: Opened, way: Way, *, prefix: str | None, who: str, why: str) -> Decided:
    """Tell every case that is behind how it goes on: one act in the trail, and a fact for each.

    Raises `NotDone` when name or reason cannot be recorded. Told in batches: interrupted, the rest is still behind.
    """
    who, why = name_of(who), note_of(why, needed=True)
    source = stored.source_named(at.connection, at.tenant, decision_messages.SOURCE)
    if source is None:
        raise ConfigurationError("source people is not registered: run `crossdock config apply` again")
    # Facts can be told only when the rehearsal is over: what is rehearsed is rolled back.
    told = list(_told(at, way, prefix, who, why))
    now = SystemClock().now()
    act = trail.append(
        at.connection, at.tenant, who=who, what=f"case.migration_{way}",
        subject=f"{len(told)} cases" if prefix is None else f"{len(told)} cases of {prefix}", note=why,
    )  # fmt: skip
    for start in range(0, len(told), _MESSAGES):
        messages = [
            decision_messages.message(source, msgspec.structs.replace(one, act=act), act, now, place=start + place)
            for place, one in enumerate(told[start : start + _MESSAGES])
        ]
        intake.receive(at.connection, at.tenant, messages)
    return Decided(
        moved=sum(one.decision == "adopt" for one in told),
        kept=sum(one.decision == "keep" for one in told),
        accepted=sum(len(one.accepted) for one in told),
        act=act,
    )


def _told(at: Opened, way: Way, prefix: str | None, who: str, why: str) -> Iterator[CaseMigrated]:
    policies = _policies(at, None)
    with store.rehearsing(at.connection):
        copy = rehearsal.Rehearsal(at.connection, at.tenant, policies)
        rehearsal.migrate(copy, at.connection, at.tenant, policies, prefix=prefix)
        for one in copy.differences():
            accepted = one.accepted if way == "accept" else []
            if one.before != one.after or accepted:
                keeps = way == "keep" and bool(one.difference)
                yield CaseMigrated(
                    case=one.difference.case, rules=one.after[0], policies=one.after[1],
                    decision="keep" if keeps else "adopt", accepted=accepted,
                    decided_by=who, reason=why, act=0,
                )  # fmt: skip


def _currency(document: Document) -> str:
    return str((document.after or document.before or {}).get("currency", ""))
