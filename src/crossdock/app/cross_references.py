"""What partners call our things: listed, and said by a person as a fact, with its act in the trail."""

from __future__ import annotations

import time
from datetime import date
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.app.handling import NotDone, name_of, note_of
from crossdock.clock import SystemClock
from crossdock.engine import decision_messages
from crossdock.engine.cross_references import key_of
from crossdock.model.master_data import IdentifierCrossReferenced
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store import intake, reference, trail

SEEN_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 0.05


class CrossReference(msgspec.Struct, frozen=True, kw_only=True):
    """`theirs` of `issuer` is `ours`, among identifiers of a scheme (`item`, `shipment`), since a day."""

    scheme: str
    issuer: str
    theirs: str
    ours: str
    since: date


class Added(NamedTuple):
    """The act in the trail, and whether somebody was seen to have settled it."""

    trail: int
    is_settled: bool


def listed(
    connection: psycopg.Connection, tenant: int, *, scheme: str | None, issuer: str | None, limit: int
) -> list[CrossReference]:
    """Those in force, by scheme, issuer and name."""
    begins = "/".join(part for part in (IdentifierCrossReferenced.type, scheme, issuer if scheme else None) if part)
    found = []
    for data in reference.latest(connection, tenant, f"{begins}/", limit):
        one = msgspec.json.decode(data, type=IdentifierCrossReferenced)
        if issuer in {None, one.issuer}:
            found.append(
                CrossReference(
                    scheme=one.scheme, issuer=one.issuer, theirs=one.theirs, ours=one.ours, since=one.valid_from
                )
            )
    return found


def add(
    connection: psycopg.Connection,
    tenant: int,
    asked: tuple[str, str, str],
    ours: str,
    *,
    who: str,
    note: str = "",
    retracts: bool = False,
) -> Added:
    """Say that `asked` (scheme, issuer, theirs) is ours, or (`retracts`) that it is not any more.

    Raises `NotDone` where a part cannot be an identifier. Waits a moment until it is settled.
    """
    who, note = name_of(who), note_of(note, needed=False)
    source = stored.source_named(connection, tenant, decision_messages.SOURCE)
    if source is None:
        raise ConfigurationError("source people is not registered: run `crossdock config apply` again")
    now = SystemClock().now()
    scheme, issuer, theirs = asked
    said = {"scheme": scheme, "issuer": issuer, "theirs": theirs, "ours": ours, "valid_from": now.date()}
    try:
        told = msgspec.convert(said, IdentifierCrossReferenced)
    except msgspec.ValidationError as wrong:
        raise NotDone(f"that cannot be a cross-reference: {wrong}") from wrong
    with connection.transaction():
        what = "cross_reference.removed" if retracts else "cross_reference.added"
        act = trail.append(
            connection, tenant, who=who, what=what, subject=f"{scheme} {theirs} of {issuer}", note=note,
            detail=msgspec.json.encode({"ours": ours}).decode(),
        )  # fmt: skip
        intake.receive(connection, tenant, [decision_messages.message(source, told, act, now, retracts=retracts)])
    return Added(act, _settled(connection, tenant, asked, None if retracts else ours))


def _settled(connection: psycopg.Connection, tenant: int, asked: tuple[str, str, str], ours: str | None) -> bool:
    give_up_at = time.monotonic() + SEEN_SECONDS
    while True:
        records = reference.read_reference(connection, tenant, [key_of(*asked)])
        known = msgspec.json.decode(records[0][1], type=IdentifierCrossReferenced).ours if records else None
        if known == ours:
            return True
        if time.monotonic() > give_up_at:
            return False
        time.sleep(_LOOK_SECONDS)
