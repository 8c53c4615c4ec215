"""The state of the books at the end of a day: what a reference day is judged by."""

from __future__ import annotations

from typing import Final

import psycopg

_VIEWS: Final = """
select substr(id, strpos(id, '/') + 1), view from case_record where tenant = %s and id >= %s and id < %s
"""

_COPIES: Final = """
select (select count(*) from event where tenant = %(tenant)s and copy)
    + (select coalesce(sum(copies * coalesce(events, 1)), 0)
       from message_repeat left join message_result using (tenant, arrival)
       where tenant = %(tenant)s and conflict is null)
"""

_ITEMS: Final = "select code, subject from work_item where tenant = %s and closed_at is null order by code, subject"

_BALANCES: Final = """
select split_part(account, '/', 2), item, sum(amount) from balance
where tenant = %s and account >= %s and account < %s
group by account, item
"""


def views(connection: psycopg.Connection, tenant: int, kind: str) -> dict[str, dict[str, object] | None]:
    """What every case of a kind shows, by its number."""
    rows = connection.execute(_VIEWS, (tenant, f"{kind}/", f"{kind}0"))
    return dict(rows.fetchall())


def copies(connection: psycopg.Connection, tenant: int) -> int:
    """How many events told nothing new: in messages received again, or among the events of others."""
    row = connection.execute(_COPIES, {"tenant": tenant}).fetchone()
    return int(row[0]) if row else 0


def dead_letters(connection: psycopg.Connection, tenant: int) -> int:
    """How many dead letters wait."""
    row = connection.execute(
        "select count(*) from dead_letter where tenant = %s and settled_at is null", (tenant,)
    ).fetchone()
    return int(row[0]) if row else 0


def open_items(connection: psycopg.Connection, tenant: int) -> list[tuple[str, str]]:
    """(code, subject) of every condition that holds."""
    return connection.execute(_ITEMS, (tenant,)).fetchall()


def balances(connection: psycopg.Connection, tenant: int, account: str) -> dict[tuple[str, str], int]:
    """Balance by (place, item) of an account that has places."""
    rows = connection.execute(_BALANCES, (tenant, f"{account}/", f"{account}0"))
    return {(place, item): amount for place, item, amount in rows}


def last_occurrence_us(connection: psycopg.Connection, tenant: int) -> int:
    """When the latest event happened, in microseconds since 1970; 0 when there is none."""
    row = connection.execute(
        "select coalesce((extract(epoch from max(occurred_at)) * 1000000)::bigint, 0) from event where tenant = %s",
        (tenant,),
    ).fetchone()
    return int(row[0]) if row else 0


def unsettled(connection: psycopg.Connection, tenant: int) -> bool:
    """Does any message wait?"""
    row = connection.execute("select exists (select from inbox where tenant = %s)", (tenant,)).fetchone()
    return bool(row and row[0])


def events(connection: psycopg.Connection, tenant: int) -> int:
    """How many events the messages held, copies and dead letters among them."""
    row = connection.execute(
        "select (select count(*) from event where tenant = %(tenant)s)"
        " + (select count(*) from dead_letter where tenant = %(tenant)s)"
        " + (select coalesce(sum(copies * coalesce(events + rejected, 1)), 0)"
        "    from message_repeat left join message_result using (tenant, arrival) where tenant = %(tenant)s)",
        {"tenant": tenant},
    ).fetchone()
    return int(row[0]) if row else 0


def entries(connection: psycopg.Connection, tenant: int) -> int:
    """How many postings were made."""
    row = connection.execute("select count(*) from ledger_entry where tenant = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def unbalanced(connection: psycopg.Connection, tenant: int) -> list[str]:
    """Items whose balances do not sum to zero, or differ from their postings: there must be none."""
    rows = connection.execute(
        """
with posted as (
    select account, item, sum(amount) as amount from (
        select debit as account, item, amount from ledger_entry where tenant = %(tenant)s
        union all
        select credit, item, -amount from ledger_entry where tenant = %(tenant)s
    ) as sides group by account, item
), held as (
    select account, item, sum(amount) as amount from balance where tenant = %(tenant)s group by account, item
)
select distinct item from (
    select item from held group by item having sum(amount) <> 0
    union all
    select item from held full join posted using (account, item)
    where coalesce(held.amount, 0) <> coalesce(posted.amount, 0)
) as wrong order by item
""",
        {"tenant": tenant},
    )
    return [row[0] for row in rows]


def arrivals_settled(connection: psycopg.Connection, tenant: int, after: int) -> list[int]:
    """Messages after an arrival number whose events, or dead letters, are there."""
    rows = connection.execute(
        "select arrival from event where tenant = %(tenant)s and arrival > %(after)s"
        " union select arrival from dead_letter where tenant = %(tenant)s and arrival > %(after)s",
        {"tenant": tenant, "after": after},
    )
    return [row[0] for row in rows]
