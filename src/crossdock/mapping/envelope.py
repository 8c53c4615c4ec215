"""Compiles the envelope of an event: when it happened, which revision it is, whom it answers to."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from crossdock.mapping.conditions import condition
from crossdock.mapping.parts import Part, Repeat, Value
from crossdock.mapping.scope import Scope
from crossdock.mapping.source import Place
from crossdock.mapping.targets import Field, Kind
from crossdock.mapping.values import value
from crossdock.model.envelope import Lifecycle
from crossdock.model.types import Count, Identifier

_FIELDS: Final = {
    "occurred": Field("occurred", Kind.INSTANT, datetime, required=True),
    "recorded": Field("recorded", Kind.INSTANT, datetime, required=False),
    "lifecycle": Field("lifecycle", Kind.CHOICE, Lifecycle, required=False, description="planned, estimated or actual"),
    "revision": Field("revision", Kind.REVISION, Count, required=False),
    "source_id": Field("source_id", Kind.IDENTIFIER, Identifier, required=False),
    "correlation": Field("correlation", Kind.IDENTIFIER, Identifier, required=False),
    "causation": Field("causation", Kind.IDENTIFIER, Identifier, required=False),
}
_RETRACTED: Final = "retracted"


def _layers(places: list[Place]) -> dict[str, Place]:
    """The fields of several envelopes, where a later one says otherwise: message, document, emission."""
    found: dict[str, Place] = {}
    for place in places:
        found.update(place.object((*_FIELDS, _RETRACTED)).items())
    return found


def envelope(places: list[Place], emission: Place, scope: Scope) -> Part:
    """The compiled envelope of one emission. Raises `MappingError`; `occurred` must be said somewhere."""
    said = _layers(places)
    if "occurred" not in said:
        raise emission.error("says nowhere when the event occurred; add `envelope: {occurred: ...}`")
    values: dict[str, Value | Part | Repeat] = {}
    for name, place in said.items():
        if name == _RETRACTED:
            holds = condition(place, scope.address)
            values[name] = Value(holds, lambda _node, _context: "")
        else:
            values[name] = value(place, _FIELDS[name], scope)
    return Part(values)
