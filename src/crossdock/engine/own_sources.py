"""The sources that speak for Crossdock itself: what became of its commands, and what people decided."""

from __future__ import annotations

from typing import Final, NamedTuple

from crossdock.engine import decision_messages, outcome_messages


class OwnSource(NamedTuple):
    """A source without a key: its document as stored, and the mapping that reads it."""

    name: str
    document: str
    mapping: tuple[str, int]
    text: str


OUTCOMES: Final = OwnSource(
    outcome_messages.SOURCE, outcome_messages.DOCUMENT, outcome_messages.MAPPING, outcome_messages.MAPPING_TEXT
)
PEOPLE: Final = OwnSource(
    decision_messages.SOURCE, decision_messages.DOCUMENT, decision_messages.MAPPING, decision_messages.MAPPING_TEXT
)
OWN: Final = (OUTCOMES, PEOPLE)
NAMES: Final = frozenset(own.name for own in OWN)
MAPPINGS: Final = frozenset(own.mapping[0] for own in OWN)


def own_sources(*, delivers: bool) -> tuple[OwnSource, ...]:
    """Those that a house has: outcomes only where something is delivered."""
    return OWN if delivers else (PEOPLE,)
