"""Messages of our own about deliveries: kept as every message is, but settled at once by who stored them."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from crossdock.store.arrays import Int8
from crossdock.store.intake import Incoming, receive
from crossdock.store.settling import Message

_UNQUEUE = "delete from inbox where tenant = %b::int and arrival = any(%b::bigint[])"


def keep(connection: psycopg.Connection, tenant: int, batch: Sequence[Incoming]) -> list[Message]:
    """Store messages in the caller's transaction and take them out of the inbox; those that are new, to be settled."""
    if not batch:
        return []
    received = receive(connection, tenant, batch)
    new = [
        Message(tenant, got.arrival, one.source, one.content_type, one.header, one.first_row, one.body)
        for got, one in zip(received, batch, strict=True)
        if got.verdict == "new"
    ]
    if new:
        connection.execute(_UNQUEUE, (tenant, Int8([min(message.arrival for message in new)])))
    return new
