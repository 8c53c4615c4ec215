"""What every canonical event has: an owner among the cases, a natural key, and what makes two tellings differ."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import msgspec

from crossdock.model.types import Day


class Owner(NamedTuple):
    """The kind of case that keeps an event, and the fields of the event that name the case."""

    kind: str
    fields: tuple[str, ...]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that becomes a fact of one case."""

    type: ClassVar[str]
    owner: ClassVar[Owner]
    key: ClassVar[tuple[str, ...]]
    content: ClassVar[tuple[str, ...]] = ()
    identifies: ClassVar[tuple[str, ...]] = ()


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dated fact that no case owns and any plan may use: rates, parties, calendars."""

    type: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    valid_from: Day


def case_of(event: Fact) -> str:
    """The id of the case that owns an event: kind and natural key, `shipment/SH0001`."""
    kind, fields = event.owner
    if len(fields) == 1:
        name = getattr(event, fields[0])
        return f"{kind}/{name}" if kind else name
    return "/".join((kind, *(str(getattr(event, field)) for field in fields)))


def key_of(event: Fact | Reference) -> str:
    """The natural key of an event as a person reads it: `RDWY/SH0001/X3/1`."""
    if len(event.key) == 1:
        return str(getattr(event, event.key[0]))
    return "/".join([str(getattr(event, field)) for field in event.key])
