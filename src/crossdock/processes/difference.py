"""A case before and after, compared: documents that would be asked for, items, and what would be posted."""

from __future__ import annotations

from typing import Final

import msgspec

from crossdock.ledger.posting import Posting
from crossdock.ledger.posting import difference as ledger_difference
from crossdock.processes.case import Record
from crossdock.processes.plan import Command, WorkItem
from crossdock.processes.slots import Slot

WAITS: Final = "wait"
WITHDRAW: Final = "withdraw"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A command that would be asked for, or no longer.

    `action` is `do`, `amend`, `undo` or `adjust`; `withdraw` where it was not sent yet; `wait` where its outcome is
    awaited first. `before` is what the other system holds, or was asked to.
    """

    slot: str
    generation: int
    action: str
    kind: str
    target: str
    before: dict[str, object] | None
    after: dict[str, object] | None


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two versions of a case; `parked` where the rules fail on the later one."""

    case: str
    documents: list[Document] = []
    opened: list[WorkItem] = []
    closed: list[WorkItem] = []
    postings: list[Posting] = []
    parked: str | None = None

    def __bool__(self) -> bool:
        """Is there any?"""
        return bool(self.documents or self.opened or self.closed or self.postings or self.parked)


def between(case: str, before: Record | None, after: Record) -> Difference:
    """The difference of two versions of a case; without the first, everything is new."""
    old = before or Record(rules=after.rules)
    return Difference(
        case=case,
        documents=_documents(old, after),
        opened=[item for name, item in after.items.items() if old.items.get(name) != item],
        closed=[item for name, item in old.items.items() if after.items.get(name) != item],
        postings=ledger_difference(after.posted, old.posted),
        parked=after.parked if old.parked is None else None,
    )


def _documents(old: Record, new: Record) -> list[Document]:
    documents = []
    for name, slot in new.slots.items():
        was = old.slots.get(name)
        if slot == was:
            if name in new.by_rule and name not in old.by_rule:
                documents.append(_document(name, WAITS, slot.asked, slot.asked, slot))
        elif slot.state == "wanted":
            held = slot.applied or (was.asked if was else None)
            documents.append(_document(name, slot.action, held, slot.asked, slot))
        elif slot.state == "withdrawn" and was is not None:
            documents.append(_document(name, WITHDRAW, was.asked, None, slot))
    return documents


def _document(name: str, action: str, before: Command | None, after: Command | None, slot: Slot) -> Document:
    command = after or before
    assert command is not None  # noqa: S101  # a slot was asked for something
    is_undone = action == "undo"
    return Document(
        slot=name,
        generation=slot.generation,
        action=action,
        kind=command.kind,
        target=command.target,
        before=before.content if before else None,
        after=None if is_undone or after is None else after.content,
    )
