"""A slot's command as a connector is asked for it, what a person releases, and how far a connection is trusted."""

from __future__ import annotations

import msgspec

from crossdock.kit.connection import Autonomy, AutonomySettings
from crossdock.kit.connector import Command
from crossdock.processes.case import Record
from crossdock.processes.remembered import Outcome
from crossdock.processes.slots import Slot
from crossdock.store.delivery import Key


def command_of(key: Key, slot: Slot, record: Record) -> Command:
    """A slot's current generation as a connector is asked for it."""
    assert slot.asked is not None  # noqa: S101  # the caller looked
    generation, document_no = _applied(record, key.slot, key.generation)
    return Command(
        key=key.wire(),
        kind=slot.asked.kind,
        action=slot.action,
        content=slot.asked.content,
        before=slot.applied.content if slot.applied is not None else None,
        of_key=Key(key.owner, key.slot, generation).wire() if generation else None,
        of_document=document_no,
    )


def _applied(record: Record, slot: str, before: int) -> tuple[int, str | None]:
    """The latest earlier generation that was applied and its document; (0, `None`) when there is none."""
    found = [
        (fact.data.generation, fact.data.document_no)
        for fact in record.facts
        if type(fact.data) is Outcome
        and fact.data.slot == slot
        and fact.data.outcome == "applied"
        and fact.data.generation < before
    ]
    return max(found, key=lambda one: one[0], default=(0, None))


def trust(overrides: str, settings: AutonomySettings) -> AutonomySettings:
    """How far a connection is trusted: what was set at run time (JSON by kind, `*`: all), over the configuration."""
    said = msgspec.json.decode(overrides, type=dict[str, Autonomy])
    for_all = said.pop("*", None)
    if for_all is None:
        return AutonomySettings(settings.default, settings.kinds | said)
    return AutonomySettings(for_all, said)
