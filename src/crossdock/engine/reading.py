"""From messages to events: the mapping of each message's source and content type, and who may say what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from crossdock.engine.configuration import Configuration, Ownership, Reader, Source, content_type
from crossdock.engine.cross_references import CrossReferences
from crossdock.mapping.record import Lookup
from crossdock.model.envelope import BY_ARRIVAL, Event, Receipt, Rejection
from crossdock.model.event import Fact, Reference, case_of, key_of
from crossdock.model.time import microseconds
from crossdock.processes.catalog import KINDS
from crossdock.processes.facts import AnyKept, fact_of
from crossdock.store.reference import Published
from crossdock.store.settling import Message

_SAMPLE_MAX: Final = 200
_JSON: Final = msgspec.json.Encoder().encode


class Read(NamedTuple):
    """An event, as far as settling needs it: the event itself is gone as soon as it is read, and its memory free.

    `owner` is the case that hears its `told`, or the key of the reference data that it is; `row` is its row of the
    table of events but for `copy`, which only its case can tell; `names` are what a person may look for.
    """

    receipt: Receipt
    owner: str
    told: AnyKept | Published
    row: tuple[object, ...]
    names: Sequence[str]


def _read(event: Event, receipt: Receipt, mapping: int) -> Read:
    data, key, occurred = event.data, key_of(event.data), microseconds(event.occurred)
    encoded = _JSON(data)
    offset = event.occurred.utcoffset()
    told: AnyKept | Published
    names: Sequence[str] = ()
    if isinstance(data, Reference):
        owner = f"{data.type}/{key}"
        told = Published(
            owner,
            data.valid_from,
            data.type,
            receipt.arrival,
            receipt.row,
            event.revision,
            event.retracted,
            encoded.decode(),
        )
    else:
        owner = case_of(data)
        told = fact_of(event, receipt, key=key, occurred=occurred)
        if data.identifies:
            names = [name for name in [getattr(data, field) for field in data.identifies] if name is not None]
    row = (
        receipt.arrival,
        event.row,
        data.type,
        owner,
        key,
        occurred,
        int(offset.total_seconds()) // 60 if offset else 0,
        None if event.recorded is None else microseconds(event.recorded),
        None if event.lifecycle == "actual" else event.lifecycle,
        event.revision if event.revision > 0 else None,
        event.retracted or None,
        mapping,
        event.source_id,
        event.correlation,
        event.causation,
        encoded,
    )
    return Read(receipt, owner, told, row, names)


class Refused(NamedTuple):
    """A rejection and where it arose; `reader` is `None` when no mapping was found."""

    message: Message
    reader: Reader | None
    rejection: Rejection


def sample_of(body: bytes) -> str:
    """The beginning of a message, for a person."""
    return body[:_SAMPLE_MAX].decode("utf-8", "replace").replace("\0", "\\0")


NONE_CHOSEN: Final[Mapping[int, Reader]] = MappingProxyType({})
"""Every message is read by the version in force."""


def read_messages(
    messages: Sequence[Message],
    configuration: Configuration,
    lookup: CrossReferences | None = None,
    *,
    chosen: Mapping[int, Reader] = NONE_CHOSEN,
) -> tuple[list[Read], list[Refused]]:
    """Events in order of receipt, and what could not be read, mapped or may not be said.

    `lookup` knows the cross-references of identifiers, for mappings that need them. What they miss is read at once
    for all messages, and the messages that missed any are mapped again. `chosen` are versions of mappings by which
    a person wants messages (by arrival number) to be read, in place of the versions in force.
    """
    found: list[_Said] = [_NOTHING_SAID] * len(messages)
    waiting = list(range(len(messages)))
    while waiting:
        again = []
        for place in waiting:
            before = lookup.stand_ins if lookup is not None else 0
            said = _read_message(messages[place], configuration, lookup, chosen)
            if lookup is not None and lookup.stand_ins > before:
                again.append(place)
            else:
                found[place] = said
        if lookup is not None:
            lookup.read()
        waiting = again
    return [one for read, _ in found for one in read], [one for _, refused in found for one in refused]


_Said = tuple[Sequence[Read], Sequence[Refused]]
_NOTHING_SAID: Final[_Said] = ((), ())


def _read_message(
    message: Message, configuration: Configuration, lookup: Lookup | None, chosen: Mapping[int, Reader]
) -> _Said:
    source = configuration.sources.get(message.source)
    reader = source.readers.get(content_type(message.content_type)) if source else None
    wanted = chosen.get(message.arrival)
    if reader is not None and wanted is not None and wanted.mapping.name == reader.mapping.name:
        reader = wanted
    if source is None or reader is None:
        return (), (Refused(message, None, _unreadable(message, source)),)
    read: list[Read] = []
    refused: list[Refused] = []
    header = message.header or b""
    for one in reader.mapping.read(message.body, header=header, first_row=message.first_row, lookup=lookup):
        if isinstance(one, Event):
            problem = _not_allowed(source, one)
            if problem is None:
                if source.owns[one.data.type].by_arrival and not one.revision:
                    one = msgspec.structs.replace(one, revision=BY_ARRIVAL)  # noqa: PLW2901  # the same event
                read.append(_read(one, Receipt(message.arrival, one.row), reader.mapping_id))
                continue
            one = problem  # noqa: PLW2901  # the event is refused in its own place
        refused.append(Refused(message, reader, one))
    return read, refused


def _unreadable(message: Message, source: Source | None) -> Rejection:
    if source is None:
        problem = f"source {message.source} is not configured any more; register it and replay"
    else:
        known = ", ".join(sorted(source.readers)) or "none"
        problem = f"{source.name} has no mapping for {message.content_type!r}, only for {known}; add one and replay"
    return Rejection(
        row=0,
        position="the whole message",
        rule="mapping.none",
        problem=problem,
        value=message.content_type,
        sample=sample_of(message.body),
    )


def _not_allowed(source: Source, event: Event) -> Rejection | None:
    """Each event type has an owner: nobody else may say it, or fill a field that is not his."""
    data = event.data
    ownership = source.owns.get(data.type)
    if ownership is None:
        owned = ", ".join(sorted(source.owns)) or "nothing"
        return _refusal(event, "ownership.type", f"{source.name} does not own {data.type}, only {owned}", data.type)
    for field, value in ownership.only.items():
        said = getattr(data, field)
        if said != value:
            problem = f"{source.name} speaks of {data.type} only where {field} is {value}"
            return _refusal(event, "ownership.scope", problem, str(said))
    return _not_its_field(source, ownership, event) or _no_such_case(event)


def _not_its_field(source: Source, ownership: Ownership, event: Event) -> Rejection | None:
    for field in ownership.never:
        value = getattr(event.data, field)
        if value is not None and value != []:
            problem = f"{field} of {event.data.type} is not {source.name}'s to say; leave it out"
            return _refusal(event, "ownership.field", problem, str(value)[:_SAMPLE_MAX])
    return None


def _no_such_case(event: Event) -> Rejection | None:
    """An event whose class names no kind of owner names its case itself: it must be one of ours."""
    data = event.data
    if isinstance(data, Fact) and not data.owner.kind and case_of(data).partition("/")[0] not in KINDS:
        return _refusal(event, "case.unknown", f"{case_of(data)!r} names no case", case_of(data))
    return None


def _refusal(event: Event, rule: str, problem: str, value: str) -> Rejection:
    return Rejection(row=event.row, position=f"event {event.data.type}", rule=rule, problem=problem, value=value)
