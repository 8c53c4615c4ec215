"""Places where partners leave files, as a person sees them: settings, state and trouble of each in one value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
import psycopg

from crossdock.app.picking_up import path_of
from crossdock.kit.transport import Exchange
from crossdock.store import delivery_look
from crossdock.store import exchange as store


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A place at a glance; `refused` are files that lie there and could not be taken."""

    name: str
    source: str
    path: str | None
    takes: dict[str, str]
    looked_at: datetime | None
    problem: str | None
    refused: int
    files: int
    bytes: int


class NotTaken(msgspec.Struct, frozen=True, kw_only=True):
    """A file that could not be taken, and why."""

    exchange: str
    file: str
    problem: str
    at: datetime


def reports(connection: psycopg.Connection, tenant: int, environment: Mapping[str, str]) -> list[Report]:
    """Every place that is configured, by name."""
    known = {one.name: one for one in store.standings(connection, tenant)}
    found = []
    for name, document in store.documents(connection, tenant):
        settings = msgspec.json.decode(document, type=Exchange)
        path, standing = path_of(settings, environment), known.get(name)
        found.append(
            Report(
                name=name,
                source=settings.source,
                path=str(path) if path is not None else None,
                takes=settings.takes,
                looked_at=standing.looked_at if standing else None,
                problem=standing.problem if standing else None,
                refused=standing.waiting if standing else 0,
                files=standing.files if standing else 0,
                bytes=standing.bytes if standing else 0,
            )
        )
    return found


def refused(connection: psycopg.Connection, tenant: int, name: str | None, limit: int) -> list[NotTaken]:
    """Files that could not be taken, the latest first."""
    rows = delivery_look.problems(connection, tenant, "file", name, limit)
    return [NotTaken(exchange=one.connection, file=one.evidence, problem=one.problem, at=one.at) for one in rows]
