"""Finds cases by whatever a person holds in hand: an id, a number, a PRO, the beginning of any of them."""

from __future__ import annotations

from typing import Final

import psycopg

from crossdock.model.event import Fact
from crossdock.model.events import CATALOGUE
from crossdock.processes.catalog import KINDS
from crossdock.store import reading
from crossdock.store.reading import CaseLine

FOUND_MAX: Final = 100
_KINDS: Final = tuple(KINDS)
_TWO_PARTS: Final = sorted(
    {event.owner.kind for event in CATALOGUE.values() if issubclass(event, Fact) and len(event.owner.fields) > 1}
)
"""Kinds whose cases are named by two fields: a carrier and its invoice number, a warehouse and an item."""


def find(connection: psycopg.Connection, tenant: int, text: str) -> list[CaseLine]:
    """The cases that have this name, as typed or in capitals: id, number within a kind, or identifier."""
    starts = _starts(connection, tenant)
    for name in _variants(text):
        ids = [name, *(f"{start}{name}" for start in starts)]
        found = reading.cases_named(connection, tenant, ids)
        known = {case.id for case in found}
        others = reading.cases_known_as(connection, tenant, [name], FOUND_MAX)
        found += [case for case in others if case.id not in known]
        if found:
            return found[:FOUND_MAX]
    return []


def search(connection: psycopg.Connection, tenant: int, text: str, limit: int) -> list[CaseLine]:
    """Cases with a name that begins so: exact names first, then numbers, then identifiers; at most `limit`."""
    found: dict[str, CaseLine] = {case.id: case for case in find(connection, tenant, text)}
    starts = _starts(connection, tenant)
    for name in _variants(text):
        if len(found) >= limit:
            break
        prefixes = [name, *(f"{start}{name}" for start in starts)]
        begin = reading.cases_beginning(connection, tenant, prefixes, limit)
        begin += reading.identifiers_beginning(connection, tenant, name, limit)
        for case in begin:
            found.setdefault(case.id, case)
    return list(found.values())[:limit]


def near(connection: psycopg.Connection, tenant: int, text: str, limit: int) -> list[CaseLine]:
    """What a person may have meant: cases that share the longest beginning, at least half of the number typed."""
    kind = text.partition("/")[0]
    typed = len(kind) + 1 if kind in KINDS else 0
    for length in range(len(text), typed + (len(text) - typed) // 2, -1):
        found = search(connection, tenant, text[:length], limit)
        if found:
            return found
    return []


def _variants(text: str) -> list[str]:
    return list(dict.fromkeys((text, text.upper())))


def _starts(connection: psycopg.Connection, tenant: int) -> list[str]:
    """What the id of a case known only by its number may begin with."""
    return [*(f"{kind}/" for kind in _KINDS), *reading.first_parts(connection, tenant, _TWO_PARTS)]
