"""Messages that people wrote in the place of others: which, of which, by whom and why."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import psycopg

from crossdock.store import dead_letters


class CorrectionRow(NamedTuple):
    """A message and the original that it corrects, with the act."""

    arrival: int
    original: int
    act: int
    at: datetime
    who: str
    why: str


_OF: Final = """
select correction.arrival, original, act, act.at, who, note
from correction join act on act.tenant = correction.tenant and act.seq = correction.act
where correction.tenant = %b::int and (correction.arrival = %b::bigint or original = %b::bigint) order by act.seq
"""


def add(connection: psycopg.Connection, tenant: int, arrival: int, original: int, act: int) -> None:
    """Say that a message corrects another one, whose dead letters are settled by that. In the caller's transaction."""
    connection.execute(
        "insert into correction (tenant, arrival, original, act) values (%s, %s, %s, %s)",
        (tenant, arrival, original, act),
    )
    dead_letters.settle(connection, tenant, [original], "corrected")


def of(connection: psycopg.Connection, tenant: int, arrival: int) -> list[CorrectionRow]:
    """What a message corrects, and what corrects it, in order."""
    return [CorrectionRow(*row) for row in connection.execute(_OF, (tenant, arrival, arrival), binary=True)]
