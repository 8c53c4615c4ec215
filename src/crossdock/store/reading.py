"""What is kept of a case, read for a person: found by any of its names, with its facts and what followed from them.

Every statement goes by an index and is bounded, so that looking something up never hurts those who settle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Int4, Int8, Texts
from crossdock.store.connect import enter

_AFTER_ALL: Final = "\U0010ffff"


class CaseLine(NamedTuple):
    """A case as a list shows it; `name` is the name it was found by."""

    id: str
    status: str
    name: str


class CaseRow(NamedTuple):
    """A case as it lies in the database."""

    id: str
    version: int
    record: bytes
    status: str
    view: str | None
    updated_at: datetime


# -- tenants -----------------------------------------------------------------------------------------------------


def tenant_named(connection: psycopg.Connection, name: str) -> int | None:
    """The id of a tenant, which is not made when it does not exist. From here on the session works for it alone."""
    row = connection.execute("select id from tenant where name = %s", (name,)).fetchone()
    if row is None:
        return None
    enter(connection, row[0])
    return int(row[0])


def tenant_names(connection: psycopg.Connection) -> list[str]:
    """All tenants of the database."""
    return [row[0] for row in connection.execute("select name from tenant order by name")]


# -- finding -----------------------------------------------------------------------------------------------------

_BY_ID: Final = """
select id, status, id from case_record where tenant = %b::int and id = any(%b::text[]) order by id
"""

_BY_IDENTIFIER: Final = """
select id, status, value from identifier
join case_record on case_record.tenant = identifier.tenant and case_record.id = identifier.owner
where identifier.tenant = %b::int and value = any(%b::text[])
order by id limit %b
"""

# Kinds whose cases are named by two parts (`freight_invoice/RDWY/F1`): jump from one first part to the next by the
# index, so that a number alone is found without reading all cases of the kind.
_FIRST_PARTS: Final = """
with recursive found as (
    select asked.kind, next.part from unnest(%b::text[]) as asked(kind) cross join lateral (
        select split_part(id, '/', 2) as part from case_record
        where tenant = %b::int and id > kind || '/' and id < kind || '0' order by id limit 1
    ) as next
    union all
    select found.kind, next.part from found cross join lateral (
        select split_part(id, '/', 2) as part from case_record
        where tenant = %b::int and id >= kind || '/' || found.part || '0' and id < kind || '0' order by id limit 1
    ) as next
)
select kind || '/' || part || '/' from found limit %b
"""

_BY_PREFIX: Final = """
select found.id, found.status, found.id from unnest(%b::text[]) as asked(prefix) cross join lateral (
    select id, status from case_record
    where tenant = %b::int and id >= prefix and id < prefix || %b::text order by id limit %b
) as found
limit %b
"""

_BY_IDENTIFIER_PREFIX: Final = """
select id, status, value from (
    select value, owner from identifier
    where tenant = %b::int and value >= %b::text and value < %b::text || %b::text order by value, owner limit %b
) as named
join case_record on case_record.tenant = %b::int and case_record.id = named.owner
order by value, id
"""

_FIRST_PARTS_MAX: Final = 10_000


def cases_named(connection: psycopg.Connection, tenant: int, ids: Sequence[str]) -> list[CaseLine]:
    """Those of the ids that are cases."""
    return [CaseLine(*row) for row in connection.execute(_BY_ID, (tenant, Texts(ids)), binary=True)]


def cases_known_as(connection: psycopg.Connection, tenant: int, names: Sequence[str], limit: int) -> list[CaseLine]:
    """Cases that are known by other names: PRO, bill of lading, tender, pick, goods issue, payment."""
    rows = connection.execute(_BY_IDENTIFIER, (tenant, Texts(names), limit), binary=True)
    return [CaseLine(*row) for row in rows]


def first_parts(connection: psycopg.Connection, tenant: int, kinds: Sequence[str]) -> list[str]:
    """What ids of these kinds begin with, up to the second slash: `freight_invoice/RDWY/`."""
    rows = connection.execute(_FIRST_PARTS, (Texts(kinds), tenant, tenant, _FIRST_PARTS_MAX), binary=True)
    return [row[0] for row in rows]


def cases_beginning(connection: psycopg.Connection, tenant: int, prefixes: Sequence[str], limit: int) -> list[CaseLine]:
    """Cases whose id begins with one of the prefixes, each prefix's in order."""
    rows = connection.execute(_BY_PREFIX, (Texts(prefixes), tenant, _AFTER_ALL, limit, limit), binary=True)
    return [CaseLine(*row) for row in rows]


def identifiers_beginning(connection: psycopg.Connection, tenant: int, prefix: str, limit: int) -> list[CaseLine]:
    """Cases with another name that begins so."""
    rows = connection.execute(_BY_IDENTIFIER_PREFIX, (tenant, prefix, prefix, _AFTER_ALL, limit, tenant), binary=True)
    return [CaseLine(*row) for row in rows]


# -- a case ------------------------------------------------------------------------------------------------------

_CASES: Final = """
select id, version, record, status, view::text, updated_at from case_record
where tenant = %b::int and id = any(%b::text[])
"""


def read_cases(connection: psycopg.Connection, tenant: int, ids: Iterable[str]) -> dict[str, CaseRow]:
    """Cases by id, those that exist."""
    rows = connection.execute(_CASES, (tenant, Texts(ids)), binary=True)
    return {row[0]: CaseRow(*row) for row in rows}


class EventRow(NamedTuple):
    """An event and the message it was read from."""

    arrival: int
    row: int
    type: str
    key: str
    owner: str
    occurred_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    processed_at: datetime
    revision: int
    retracted: bool
    copy: bool
    source: str | None
    mapping: str | None
    data: str


EVENT: Final = """
    event.arrival, event.row, event.type, event.key, event.owner, event.occurred_at, event.recorded_at,
    message.received_at, event.processed_at, event.revision, event.retracted, event.copy, source.name,
    mapping.name || '@' || mapping.version, event.data::text
"""

EVENT_JOINS: Final = """
join message on message.tenant = event.tenant and message.arrival = event.arrival
left join source on source.tenant = event.tenant and source.id = message.source
left join mapping on mapping.tenant = event.tenant and mapping.id = event.mapping
"""

_EVENTS_AT: Final = f"""
select {EVENT} from unnest(%b::bigint[], %b::int[]) as asked(arrival, place)
join event on event.tenant = %b::int and event.arrival = asked.arrival and event.row = asked.place
{EVENT_JOINS}
"""  # noqa: S608  # both parts are constants of this file

_COPIES: Final = """
select owner, type, key, count(*)::int from event
where tenant = %b::int and owner = any(%b::text[]) and copy and arrival >= %b::bigint group by owner, type, key
"""

_REPEATS: Final = """
select arrival, sum(copies)::int from message_repeat
where tenant = %b::int and arrival = any(%b::bigint[]) and conflict is null group by arrival
"""


def events_at(
    connection: psycopg.Connection, tenant: int, places: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], EventRow]:
    """Events by (arrival, row)."""
    asked = sorted(set(places))
    rows = connection.execute(
        _EVENTS_AT, (Int8([arrival for arrival, _ in asked]), Int4([row for _, row in asked]), tenant), binary=True
    )
    return {(row[0], row[1]): EventRow(*row) for row in rows}


def copies_of_facts(
    connection: psycopg.Connection, tenant: int, cases: Iterable[str], since: int
) -> dict[tuple[str, str, str], int]:
    """How often each (case, type, key) was told again, in messages received from arrival number `since`."""
    rows = connection.execute(_COPIES, (tenant, Texts(cases), since), binary=True)
    return {(owner, type_, key): count for owner, type_, key, count in rows}


def copies_of_messages(connection: psycopg.Connection, tenant: int, arrivals: Iterable[int]) -> dict[int, int]:
    """How often each message was received again, byte for byte."""
    rows = connection.execute(_REPEATS, (tenant, Int8(arrivals)), binary=True)
    return dict(rows.fetchall())


# -- what followed -----------------------------------------------------------------------------------------------


class CommandRow(NamedTuple):
    """One generation of a command."""

    owner: str
    slot: str
    generation: int
    kind: str
    target: str
    action: str
    state: str
    content: str
    arrival: int
    created_at: datetime
    changed_at: datetime


class EntryRow(NamedTuple):
    """A ledger entry."""

    arrival: int
    owner: str
    debit: str
    credit: str
    item: str
    amount: int
    posted_at: datetime


_COMMANDS: Final = """
select owner, slot, generation, kind, target, action, state, content::text, arrival, created_at, changed_at from command
where tenant = %b::int and owner = any(%b::text[]) order by created_at, owner, slot, generation
"""

_ENTRIES: Final = """
select arrival, owner, debit, credit, item, amount, posted_at from ledger_entry
where tenant = %b::int and owner = any(%b::text[]) and arrival >= %b::bigint
order by posted_at, arrival, owner, debit, credit, item
"""


def commands_of(connection: psycopg.Connection, tenant: int, cases: Iterable[str]) -> list[CommandRow]:
    """Everything that cases asked of other systems."""
    return [CommandRow(*row) for row in connection.execute(_COMMANDS, (tenant, Texts(cases)), binary=True)]


_ENTRIES_BECAUSE: Final = """
select arrival, owner, debit, credit, item, amount, posted_at from ledger_entry
where tenant = %b::int and arrival = %b::bigint order by owner, debit, credit, item limit %b
"""


def entries_because(connection: psycopg.Connection, tenant: int, arrival: int, limit: int) -> list[EntryRow]:
    """What was posted because of a message."""
    rows = connection.execute(_ENTRIES_BECAUSE, (tenant, arrival, limit), binary=True)
    return [EntryRow(*row) for row in rows]


def entries_of(connection: psycopg.Connection, tenant: int, cases: Iterable[str], since: int) -> list[EntryRow]:
    """Everything that cases posted because of messages received from arrival number `since`."""
    return [EntryRow(*row) for row in connection.execute(_ENTRIES, (tenant, Texts(cases), since), binary=True)]


# -- reference data ----------------------------------------------------------------------------------------------


class ReferenceRow(NamedTuple):
    """A record of reference data and the message that told it."""

    key: str
    valid_from: str
    retracted: bool
    arrival: int
    data: str


def reference_named(connection: psycopg.Connection, tenant: int, key: str) -> list[ReferenceRow]:
    """All records of one thing, latest first: `rate.published/RDWY/DC01/3`."""
    rows = connection.execute(
        "select key, valid_from::text, retracted, arrival, data::text from reference"
        " where tenant = %s and key = %s order by valid_from desc limit 100",
        (tenant, key),
    )
    return [ReferenceRow(*row) for row in rows]
