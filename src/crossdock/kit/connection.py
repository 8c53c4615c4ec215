"""A connection as it is configured: which system, reached how, within which limits, trusted how far."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from crossdock.kit.classes import Class

Autonomy = Literal["observe", "propose", "act"]

_Positive = Annotated[float, Meta(gt=0)]
_Whole = Annotated[int, Meta(ge=1)]


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the system is asked to bear, by all our processes together."""

    per_second: _Positive = 50.0
    burst: _Whole = 50
    concurrency: Annotated[int, Meta(ge=1, le=1_000)] = 16
    timeout_seconds: Annotated[float, Meta(gt=0, le=60)] = 10.0


class BreakerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to leave a system alone: after `failures` in a row, or a share of at least `least` calls in a window."""

    failures: _Whole = 8
    share_percent: Annotated[int, Meta(ge=1, le=100)] = 50
    least: _Whole = 20
    window_seconds: _Positive = 30.0
    wait_seconds: _Positive = 5.0
    longest_wait_seconds: _Positive = 60.0


class Retry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long to wait before asking again: a random part of a span that doubles; conflicts end after a few."""

    first_seconds: _Positive = 0.5
    longest_seconds: _Positive = 60.0
    conflicts: _Whole = 8


class UndoLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much may be taken back in an hour before a person has to look; money in minor units."""

    per_hour: Annotated[int, Meta(ge=0)] = 100
    minor_per_hour: Annotated[int, Meta(ge=0)] | None = None


class AutonomySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the connection is trusted, and each kind of command where that differs."""

    default: Autonomy = "act"
    kinds: dict[str, Autonomy] = {}

    def of(self, kind: str) -> Autonomy:
        """How far for this kind of command."""
        return self.kinds.get(kind, self.default)


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where secrets are found: names of environment variables or files, never the secrets themselves.

    Those of `sealed` are in the vault (`crossdock secrets`).
    `client_certificate_file` and `client_key_file` say who we are to a system that asks (mutual TLS), `authority_file`
    whom we trust instead of the authorities of this machine.
    """

    bearer_env: str | None = None
    bearer_file: str | None = None
    hook_secret_env: str | None = None
    hook_secret_file: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    sealed: list[Literal["bearer", "hook_secret", "password"]] = []
    client_certificate_file: str | None = None
    client_key_file: str | None = None
    authority_file: str | None = None


class Poll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often the feed is read; it covers what hooks miss."""

    every_seconds: _Positive = 5.0
    pages: Annotated[int, Meta(ge=1, le=10_000)] = 100


class Connection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to reach one system.

    `role` is the target of the commands that go there; `only` narrows it to commands whose content has one of these
    values; `address_env` names a variable that overrides `address` (with neither, nothing is sent); `source` is the
    sender under whose name its records are taken in; `manifest` the file (without its ending) that says how it is
    spoken to, by the connector named `connector`; `integration` the class whose promises it is to keep.
    """

    role: str
    connector: str = "rest"
    manifest: str
    address: str | None = None
    address_env: str | None = None
    only: dict[str, list[str]] = {}
    source: str | None = None
    credentials: Credentials = Credentials()
    limits: Limits = Limits()
    breaker: BreakerSettings = BreakerSettings()
    retry: Retry = Retry()
    undo: UndoLimit = UndoLimit()
    integration: Class | None = None
    autonomy: AutonomySettings = AutonomySettings()
    poll: Poll | None = None

    def takes(self, target: str, content: dict[str, Any]) -> bool:
        """Do commands of this target and content go here?"""
        return target == self.role and all(content.get(field) in values for field, values in self.only.items())


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """A connection and the manifest it names, as they are stored."""

    connection: Connection
    manifest: dict[str, Any]


def overlap(one: Connection, other: Connection) -> bool:
    """Could one command go to both? Then nobody could say where it went."""
    if one.role != other.role:
        return False
    shared = one.only.keys() & other.only.keys()
    return all(set(one.only[field]) & set(other.only[field]) for field in shared)
