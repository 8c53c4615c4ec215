"""How many messages came, by source: what is new, and what was sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import psycopg

_STORED: Final = """
select source, count(*), count(*) filter (where received_at < %(final)s),
    coalesce(max(arrival) filter (where received_at < %(final)s), 0)
from message where tenant = %(tenant)s and arrival > %(mark)s
group by source
"""

_REPEATED: Final = """
select message.source, coalesce(sum(copies) filter (where conflict is null), 0)::bigint,
    count(*) filter (where conflict is not null)
from message_repeat repeat
join message on message.tenant = repeat.tenant and message.arrival = repeat.arrival
where repeat.tenant = %(tenant)s and repeat.arrival >= %(oldest)s and repeat.received_at >= %(today)s
group by message.source
"""


def stored(
    connection: psycopg.Connection, tenant: int, *, mark: int, final: datetime
) -> list[tuple[int, int, int, int]]:
    """Messages after an arrival number: (source, how many, how many before `final`, the latest number of those)."""
    return connection.execute(_STORED, {"tenant": tenant, "mark": mark, "final": final}).fetchall()


def repeated(
    connection: psycopg.Connection, tenant: int, *, oldest: int, today: datetime
) -> list[tuple[int, int, int]]:
    """(source, copies, conflicts) received since `today`, of messages from an arrival number on."""
    return connection.execute(_REPEATED, {"tenant": tenant, "oldest": oldest, "today": today}).fetchall()
