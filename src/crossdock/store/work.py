"""Work items with what people do about them: claimed, released, decided, taken up again.

An item is a condition of the plan. A decision is about the content that a person saw: it hides the item from what
waits until the condition says something else, and changes nothing in the books.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store.arrays import Bytes, Column, Texts

NOBODY: Final = "nobody"


class WorkGroup(NamedTuple):
    """Open items of one code, desk and currency; `claimed` of them are looked after."""

    code: str
    desk: str
    finding: bool
    items: int
    claimed: int
    at_stake_minor: int
    currency: str
    oldest: datetime
    action: str


class WorkRow(NamedTuple):
    """An item and what people do about it. `content` names what it says now."""

    owner: str
    name: str
    code: str
    subject: str
    title: str
    desk: str
    action: str
    at_stake_minor: int
    currency: str
    finding: bool
    opened_at: datetime
    closed_at: datetime | None
    arrival: int
    content: bytes
    claimed_by: str | None
    claimed_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    resolution: str | None


class Wanted(NamedTuple):
    """Which items: of a code, of a desk, of whom (`NOBODY`: not claimed); also findings; the resolved ones instead."""

    code: str | None = None
    desk: str | None = None
    claimed: str | None = None
    findings: bool = False
    resolved: bool = False


# A claim ends with the condition: when that comes back, it waits for anybody.
_CLAIMED: Final = "(handling.claimed_at >= item.opened_at)"
_RESOLVED: Final = (
    "(case when handling.decided_about is null then false else handling.decided_about = work_item_content(item) end)"
)
_JOIN: Final = """
left join handling on handling.tenant = item.tenant and handling.owner = item.owner and handling.name = item.name
"""
_COLUMNS: Final = f"""
    item.owner, item.name, item.code, item.subject, item.title, item.desk, item.action, item.at_stake_minor,
    item.currency, item.finding, item.opened_at, item.closed_at, item.arrival, work_item_content(item),
    case when {_CLAIMED} then handling.claimed_by end, case when {_CLAIMED} then handling.claimed_at end,
    case when {_RESOLVED} then handling.decided_by end, case when {_RESOLVED} then handling.decided_at end,
    case when {_RESOLVED} then handling.decision end
"""
_WANTED: Final = f"""
from work_item item {_JOIN}
where item.tenant = %(tenant)s and item.closed_at is null and (%(findings)s or not item.finding)
    and (%(code)s::text is null or item.code = %(code)s) and (%(desk)s::text is null or item.desk = %(desk)s)
    and (%(claimed)s::text is null or case when {_CLAIMED} then handling.claimed_by = %(claimed)s
        else %(claimed)s = '{NOBODY}' end)
    and {_RESOLVED} = %(resolved)s
"""  # constants of this file, here and below

_GROUPS: Final = f"""
select item.code, item.desk, item.finding, count(*)::int, count(*) filter (where {_CLAIMED})::int,
    sum(abs(item.at_stake_minor)), item.currency, min(item.opened_at), min(item.action)
{_WANTED}
group by item.code, item.desk, item.finding, item.currency
order by item.finding, count(*) desc, item.code, item.desk, item.currency
"""

_LIST: Final = f"""
select {_COLUMNS} {_WANTED}
order by item.finding, abs(item.at_stake_minor) desc, item.opened_at, item.owner, item.name
limit %(limit)s offset %(offset)s
"""

_AT: Final = f"""
select {_COLUMNS} from unnest(%b::text[], %b::text[]) as asked(case_id, item_name)
join work_item item on item.tenant = %b::int and item.owner = asked.case_id and item.name = asked.item_name {_JOIN}
order by item.owner, item.name
"""  # noqa: S608

_OF: Final = f"""
select {_COLUMNS} from work_item item {_JOIN}
where item.tenant = %b::int and item.owner = any(%b::text[]) order by item.opened_at, item.owner, item.name
"""  # noqa: S608

_DESKS: Final = """
select distinct desk from work_item where tenant = %s and closed_at is null and not finding order by desk
"""


def groups(connection: psycopg.Connection, tenant: int, wanted: Wanted) -> list[WorkGroup]:
    """Open items by code, the most frequent first."""
    return [WorkGroup(*row) for row in connection.execute(_GROUPS, {"tenant": tenant, **wanted._asdict()})]


def items(connection: psycopg.Connection, tenant: int, wanted: Wanted, *, limit: int, offset: int = 0) -> list[WorkRow]:
    """Open items, the most money first, then the oldest."""
    asked = {"tenant": tenant, **wanted._asdict(), "limit": limit, "offset": offset}
    return [WorkRow(*row) for row in connection.execute(_LIST, asked)]


def items_at(connection: psycopg.Connection, tenant: int, places: Sequence[tuple[str, str]]) -> list[WorkRow]:
    """Those of the items (case, name) that there are, closed ones too."""
    rows = connection.execute(_AT, (*_columns(places), tenant), binary=True)
    return [WorkRow(*row) for row in rows]


def items_of(connection: psycopg.Connection, tenant: int, cases: Sequence[str]) -> list[WorkRow]:
    """All items of cases, closed ones too, in the order in which they opened."""
    return [WorkRow(*row) for row in connection.execute(_OF, (tenant, Texts(cases)), binary=True)]


def desks(connection: psycopg.Connection, tenant: int) -> list[str]:
    """The desks for which something waits."""
    return [row[0] for row in connection.execute(_DESKS, (tenant,))]


# -- what people do ----------------------------------------------------------------------------------------------

# Two people who claim at once: the second one finds the row taken.
_CLAIM: Final = """
insert into handling (tenant, owner, name, claimed_by, claimed_at)
select item.tenant, item.owner, item.name, %b::text, now()
from unnest(%b::text[], %b::text[]) as asked(case_id, item_name)
join work_item item on item.tenant = %b::int and item.owner = asked.case_id and item.name = asked.item_name
where item.closed_at is null
order by item.owner, item.name
on conflict (tenant, owner, name) do update set claimed_by = excluded.claimed_by, claimed_at = excluded.claimed_at
where handling.claimed_at is null or handling.claimed_at < (
    select opened_at from work_item item
    where item.tenant = handling.tenant and item.owner = handling.owner and item.name = handling.name)
returning owner, name
"""

_RELEASE: Final = """
update handling set claimed_by = null, claimed_at = null
from unnest(%b::text[], %b::text[]) as asked(case_id, item_name)
where tenant = %b::int and owner = asked.case_id and name = asked.item_name and claimed_by is not null
returning owner, name
"""

# The content is compared again here: what changed while a person was reading is not decided.
_RESOLVE: Final = """
insert into handling (tenant, owner, name, decided_by, decided_at, decision, decided_about)
select item.tenant, item.owner, item.name, %b::text, now(), %b::text, asked.content
from unnest(%b::text[], %b::text[], %b::bytea[]) as asked(case_id, item_name, content)
join work_item item on item.tenant = %b::int and item.owner = asked.case_id and item.name = asked.item_name
where item.closed_at is null and work_item_content(item) = asked.content
order by item.owner, item.name
on conflict (tenant, owner, name) do update set decided_by = excluded.decided_by, decided_at = excluded.decided_at,
    decision = excluded.decision, decided_about = excluded.decided_about
returning owner, name
"""

_REOPEN: Final = """
update handling set decided_by = null, decided_at = null, decision = null, decided_about = null
from unnest(%b::text[], %b::text[]) as asked(case_id, item_name)
where tenant = %b::int and owner = asked.case_id and name = asked.item_name and decided_about is not null
returning owner, name
"""

Places = Sequence[tuple[str, str]]


def claim(connection: psycopg.Connection, tenant: int, places: Places, who: str) -> set[tuple[str, str]]:
    """Take items that nobody holds; those taken."""
    return _done(connection, _CLAIM, (who, *_columns(places), tenant))


def release(connection: psycopg.Connection, tenant: int, places: Places) -> set[tuple[str, str]]:
    """Give items back, whoever holds them; those given back."""
    return _done(connection, _RELEASE, (*_columns(places), tenant))


def resolve(
    connection: psycopg.Connection, tenant: int, places: Places, contents: Sequence[bytes], who: str, note: str
) -> set[tuple[str, str]]:
    """Record a decision about items as they were seen; those that still say the same."""
    return _done(connection, _RESOLVE, (who, note, *_columns(places), Bytes(contents), tenant))


def reopen(connection: psycopg.Connection, tenant: int, places: Places) -> set[tuple[str, str]]:
    """Take decisions back; the items that had one."""
    return _done(connection, _REOPEN, (*_columns(places), tenant))


def _columns(places: Places) -> tuple[Column, Column]:
    return Texts([owner for owner, _ in places]), Texts([name for _, name in places])


def _done(connection: psycopg.Connection, statement: str, values: Sequence[object]) -> set[tuple[str, str]]:
    return {(owner, name) for owner, name in connection.execute(statement, values, binary=True)}
