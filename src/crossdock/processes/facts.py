"""The facts of a case: kept once each, in business order, whatever the order, number and batching of arrival.

A fact is named by its key. Of several tellings the highest revision counts, and among equals the one received
first; a retraction is a revision. Of a sender without revisions that corrects itself, the one received last counts.
Whichever counts, the fact's arrival is that of its earliest telling, so "which of the two did we learn first?" is a
function of the facts, too (law 2).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from crossdock.model.envelope import BY_ARRIVAL, Event, Receipt
from crossdock.model.event import Fact, key_of
from crossdock.model.time import microseconds
from crossdock.processes.remembered import REMEMBERS, AnyDigest, AnyRemembered

D_co = TypeVar("D_co", bound=AnyRemembered | AnyDigest, covariant=True)


class Kept(msgspec.Struct, Generic[D_co], array_like=True, frozen=True, gc=False):
    """One fact of a case.

    `occurred` in microseconds since 1970; `first` is the receipt of its earliest telling, `told` that of the telling
    that counts where it is another one; `before` are the receipts of tellings that it replaced, so that what was known
    at an earlier moment can be told.
    """

    key: str
    occurred: int
    revision: int
    retracted: bool
    first: Receipt
    data: D_co
    told: Receipt | None = None
    before: tuple[Receipt, ...] | None = None


AnyKept = Kept[AnyRemembered | AnyDigest]


def _business_order(fact: AnyKept) -> tuple[int, str]:
    return fact.occurred, fact.key


def counts_over(new: AnyKept, old: AnyKept) -> bool:
    """Does `new` replace `old`, another telling of the same fact?"""
    new_rank, old_rank = _rank(new), _rank(old)
    if new_rank != old_rank:
        return new_rank > old_rank
    if new.revision == BY_ARRIVAL:
        return (new.told or new.first) > (old.told or old.first)
    return (new.told or new.first) < (old.told or old.first)


def _rank(fact: AnyKept) -> tuple[int, bool]:
    """A correction without a revision counts over what a source said before it was declared to correct itself so."""
    return max(fact.revision, 0), fact.revision == BY_ARRIVAL


def _says_the_same(new: AnyKept, old: AnyKept) -> bool:
    """Is one a copy of the other?"""
    if new.revision != old.revision:
        return False
    return new.revision != BY_ARRIVAL or (new.data, new.retracted) == (old.data, old.retracted)


class Telling(NamedTuple):
    """What a telling did to the facts: did they change, and was the fact known in this revision?"""

    is_news: bool
    is_copy: bool


NEW: Final = Telling(is_news=True, is_copy=False)
REVISION: Final = Telling(is_news=True, is_copy=False)
# The fact is known, but not that it was told then: which telling counts, or when it was first told, may change.
EARLIER_COPY: Final = Telling(is_news=True, is_copy=True)
COPY: Final = Telling(is_news=False, is_copy=True)
SUPERSEDED: Final = Telling(is_news=False, is_copy=False)
NOT_HEARD: Final = Telling(is_news=True, is_copy=False)


def add(facts: list[AnyKept], new: AnyKept) -> Telling:
    """Add a telling to facts in business order, in place."""
    for index, old in enumerate(facts):
        if old.key == new.key:
            return _again(facts, index, old, new)
    facts.insert(bisect_left(facts, _business_order(new), key=_business_order), new)
    return NEW


def _again(facts: list[AnyKept], index: int, old: AnyKept, new: AnyKept) -> Telling:
    winner = new if counts_over(new, old) else old
    first = min(old.first, new.first)
    if winner is old and first == old.first:
        return COPY if _says_the_same(new, old) else SUPERSEDED
    del facts[index]
    told, is_copy, before = winner.told or winner.first, _says_the_same(new, old), old.before
    if winner is new and not is_copy:
        before = (*(before or ()), old.told or old.first)
    merged = msgspec.structs.replace(winner, first=first, told=None if told == first else told, before=before)
    facts.insert(bisect_left(facts, _business_order(merged), key=_business_order), merged)
    return EARLIER_COPY if is_copy else REVISION


def fact_of(event: Event, receipt: Receipt, *, key: str | None = None, occurred: int | None = None) -> AnyKept:
    """An event as its case will keep it; `key` and `occurred` (microseconds) where they are known already."""
    data = event.data
    form = REMEMBERS[data.type]
    name = f"{form.__struct_config__.tag}:{key or key_of(data)}"
    if isinstance(data, Fact) and data.content:
        name += "=" + "/".join([str(getattr(data, field)) for field in data.content])
    at = microseconds(event.occurred) if occurred is None else occurred
    remembered = msgspec.convert(data, form, from_attributes=True)
    return Kept(name, at, event.revision, event.retracted, receipt, remembered)


_NEVER_RECEIVED = Receipt(0, 0)


def said(by: str, version: int, digest: AnyDigest, *, withdrawn: bool) -> AnyKept:
    """What one case says to another, as the other will keep it; the version of the speaker is its revision."""
    return Kept(f"said:{by}", 0, version, withdrawn, _NEVER_RECEIVED, digest)
