"""Which anticipated failure ends the program with which exit code (see `crossdock --help`)."""

from __future__ import annotations

from typing import Final

import psycopg

from crossdock.app.day import DayError
from crossdock.app.scratch import StateError
from crossdock.formats.guides import GuideError
from crossdock.mapping import MappingError
from crossdock.settings import BadSetting, ConfigurationError
from crossdock.store.connect import DatabaseUnreachable
from crossdock.store.data_dir import DataDirBusy, DataDirRefused
from crossdock.store.databases import InvalidServerUrl, UnknownRevision
from crossdock.store.embedded import ServerNotStarted
from crossdock.store.postgres_binaries import AccountMissing, BinariesMissing

CONFIGURATION: Final = 3
UNREACHABLE: Final = 4

_CODES: Final[dict[type[Exception], int]] = {
    ConfigurationError: CONFIGURATION,
    MappingError: CONFIGURATION,
    GuideError: CONFIGURATION,
    BadSetting: CONFIGURATION,
    DataDirRefused: CONFIGURATION,
    DataDirBusy: CONFIGURATION,
    InvalidServerUrl: CONFIGURATION,
    UnknownRevision: CONFIGURATION,
    StateError: CONFIGURATION,
    DayError: CONFIGURATION,
    AccountMissing: CONFIGURATION,
    BinariesMissing: CONFIGURATION,
    DatabaseUnreachable: UNREACHABLE,
    ServerNotStarted: UNREACHABLE,
    psycopg.OperationalError: UNREACHABLE,
}


def exit_code_of(failure: Exception) -> int | None:
    """The exit code of an anticipated failure; `None` for one that nobody foresaw."""
    return next((code for kind, code in _CODES.items() if isinstance(failure, kind)), None)


def sentence_of(failure: Exception) -> str:
    """What a person should read of it."""
    return str(failure).strip() or type(failure).__name__
