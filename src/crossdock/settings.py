"""What the environment says about this installation, read once and checked before anything uses it."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

_TENANT = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_DATABASE_SCHEMES = ("postgresql://", "postgres://")


class BadSetting(ValueError):
    """An environment variable holds a value that cannot be used; the message names it and what to write instead."""

    def __init__(self, variable: str, value: str, instead: str) -> None:
        super().__init__(f"{variable}={value!r} cannot be used: {instead}")


class ConfigurationError(ValueError):
    """A configuration folder cannot be applied: file, place and what would be right. Nothing was changed."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one installation.

    `database_url`: `CROSSDOCK_DATABASE_URL`, a `postgresql://` URL of a server you run. None: the embedded server.
    `data_dir`: `CROSSDOCK_DATA_DIR`, the absolute folder under which the embedded server keeps its data. None: the
        usual place of the operating system (see `crossdock.store.embedded.default_data_dir`).
    `tenant`: `CROSSDOCK_TENANT`, whose data this process works on; lower-case letters, digits, `-` and `_`, starting
        with a letter, at most 63 characters.
    """

    database_url: str | None = None
    data_dir: Path | None = None
    tenant: str = "main"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. An empty variable counts as absent. Raises `BadSetting`, but never repeats a password."""
    return Settings(
        database_url=_database_url(environment.get("CROSSDOCK_DATABASE_URL")),
        data_dir=_data_dir(environment.get("CROSSDOCK_DATA_DIR")),
        tenant=_tenant(environment.get("CROSSDOCK_TENANT")),
    )


def _database_url(value: str | None) -> str | None:
    if not value:
        return None
    if not value.startswith(_DATABASE_SCHEMES):
        # The value may hold a password (and a libpq "key=value" string would): show where it goes wrong, not all of it.
        shown = value.split(":", 1)[0].split("=", 1)[0] + "..."
        raise BadSetting("CROSSDOCK_DATABASE_URL", shown, "write a URL such as postgresql://user@host:5432/crossdock")
    return value


def _data_dir(value: str | None) -> Path | None:
    if not value:
        return None
    path = Path(value)
    if not path.is_absolute():
        raise BadSetting("CROSSDOCK_DATA_DIR", value, "write an absolute path such as /var/lib/crossdock")
    return path


def _tenant(value: str | None) -> str:
    if not value:
        return "main"
    if not _TENANT.fullmatch(value):
        raise BadSetting(
            "CROSSDOCK_TENANT",
            value,
            "write at most 63 lower-case letters, digits, '-' or '_', starting with a letter, such as main",
        )
    return value
