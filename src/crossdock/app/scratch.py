"""Databases for one run: made, used and dropped; or kept under a folder's name, to be resumed."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psycopg

from crossdock.app import database
from crossdock.settings import Settings
from crossdock.store import databases


class StateError(ValueError):
    """A state folder cannot be used; the message says why and what to do."""


class State(msgspec.Struct):
    """What a state folder remembers: the database of the run, and which run it is."""

    database: str
    run: str


@contextmanager
def scratch(settings: Settings, purpose: str) -> Iterator[str]:
    """The URL of a new database with our schema, dropped at the end whatever happens.

    Its name holds our process id, so that the next run can drop it where we are killed.
    """
    server = database.server_url(settings)
    drop_leftovers(server, purpose)
    name = f"{purpose}_{os.getpid()}_{secrets.token_hex(6)}"
    url = databases.create_database(server, name)
    try:
        database.prepare(url)
        yield url
    finally:
        with suppress(psycopg.OperationalError):  # the server itself may be gone
            databases.drop_database(server, name)


def drop_leftovers(server: str, purpose: str) -> list[str]:
    """Drop what runs of this purpose left that were killed: databases of processes that are gone, used by nobody."""
    pattern = re.compile(rf"{re.escape(purpose)}_(?P<pid>[0-9]+)_[0-9a-f]{{12}}")
    dropped = []
    for name in databases.names(server):
        match = pattern.fullmatch(name)
        if match and not _lives(int(match["pid"])) and databases.drop_unused(server, name):
            dropped.append(name)
    return dropped


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def kept(settings: Settings, folder: Path, purpose: str, run: str) -> str:
    """The URL of the database that belongs to a folder; made on first use, found again after a crash.

    `run` describes what is run in it. Raises `StateError` when the folder belongs to another run.
    """
    file = folder / "state.json"
    server = database.server_url(settings)
    if file.is_file():
        try:
            state = msgspec.json.decode(file.read_bytes(), type=State)
        except msgspec.DecodeError as broken:
            raise StateError(f"{file} is broken ({broken}); remove it to begin anew") from broken
        if state.run != run:
            raise StateError(f"{folder} belongs to another run ({state.run}), not to {run}: name another folder")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        state = State(f"{purpose}_{secrets.token_hex(6)}", run)
        temporary = file.with_suffix(".new")
        temporary.write_bytes(msgspec.json.encode(state))
        temporary.replace(file)
    try:
        url = databases.create_database(server, state.database)
    except psycopg.errors.DuplicateDatabase:
        url = databases.url_for(server, state.database)
    database.prepare(url)
    return url
