"""Which work items a person settles by a decision that becomes a fact, and in which words.

Other items are conditions of the world: they go when a system says something else, and a person can only note what was
decided about them.
"""

from __future__ import annotations

from typing import Final, Literal

from crossdock.processes.freight_review import DESK as FREIGHT_DESK

Verb = Literal["approve", "dispute", "reject", "accept", "retry"]

FREIGHT: Final[tuple[Verb, ...]] = ("approve", "dispute", "reject")
_NOT_OURS: Final[tuple[Verb, ...]] = ("reject", "dispute", "approve")
"""The same; what a page offers first is what is mostly right."""
_OFFERS: Final[dict[str, tuple[Verb, ...]]] = {
    "FREIGHT_VARIANCE": FREIGHT,
    "CONFLICTING_DUPLICATE": FREIGHT,
    "DUPLICATE_BILLING": _NOT_OURS,
    "WRONG_CARRIER": _NOT_OURS,
    "FREIGHT_CURRENCY": FREIGHT,
    "DISPUTE_UNANSWERED": FREIGHT,
    "UNMATCHED": _NOT_OURS,
    "IRREVERSIBLE": ("accept",),
    "REFUSED": ("retry",),
}
MEANS: Final[dict[Verb, str]] = {
    "approve": "pay it as billed: it is posted to the ERP",
    "dispute": "the carrier is asked to correct it; nothing is paid until then",
    "reject": "pay nothing; another bill for the same move counts as the first",
    "accept": "leave what was done as it is",
    "retry": "ask the system once more",
}


def offers(code: str, desk: str) -> tuple[Verb, ...]:
    """What a person may decide about an item of this code at this desk."""
    found = _OFFERS.get(code, ())
    # A carrier's report that matches no shipment has the same code as its bill, and there is nothing to pay in it.
    return () if found[:1] and found[0] in FREIGHT and desk != FREIGHT_DESK else found
