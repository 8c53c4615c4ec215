"""Connections at work: their manifests checked, their addresses and secrets found, their connectors made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from crossdock.connectors.rest import ManifestError, RestConnector, read_manifest
from crossdock.engine.configuration import Configuration, ConfigurationError, Folder
from crossdock.kit.connection import Configured, Connection
from crossdock.kit.connector import Connector

_LOG = logging.getLogger(__name__)
_SECRET_MAX: Final = 10_000


class SecretMissing(ConfigurationError):
    """A connection names a secret that is not there; the message says where it was looked for."""


def check(folder: Folder) -> None:
    """Raise `ConfigurationError` unless every connection's manifest can be used."""
    for name, configured in folder.connections.items():
        try:
            read_manifest(configured.manifest)
        except ManifestError as wrong:
            raise ConfigurationError(
                f"connection {name}: manifest {configured.connection.manifest}: {wrong}"
            ) from wrong


def address_of(connection: Connection, environment: Mapping[str, str]) -> str | None:
    """Where the system is reached; `None` where nothing says so."""
    named = environment.get(connection.address_env, "") if connection.address_env else ""
    return named or connection.address


def is_reachable(configuration: Configuration, environment: Mapping[str, str]) -> bool:
    """Is there any system to deliver to?"""
    return any(address_of(one.connection, environment) for one in configuration.connections.values())


def open_connector(name: str, configured: Configured, environment: Mapping[str, str]) -> Connector | None:
    """The connector of a connection; `None`, with a warning, where there is no address or no secret yet."""
    connection = configured.connection
    address = address_of(connection, environment)
    if address is None:
        _LOG.info("connection %s has no address: nothing is sent there", name)
        return None
    if not address.startswith(("http://", "https://")):
        _LOG.error("connection %s: %r is no http address: nothing is sent there", name, address)
        return None
    credentials = connection.credentials
    try:
        bearer = _secret(name, environment, credentials.bearer_env, credentials.bearer_file)
        hook_secret = _secret(name, environment, credentials.hook_secret_env, credentials.hook_secret_file)
        manifest = read_manifest(configured.manifest)
    except (SecretMissing, ManifestError) as missing:
        _LOG.error("%s: nothing is sent there", missing)  # a person's mistake needs no trace
        return None
    return RestConnector(
        manifest, connection, address, bearer=bearer, hook_secret=hook_secret.encode() if hook_secret else None
    )


def _secret(name: str, environment: Mapping[str, str], variable: str | None, file: str | None) -> str | None:
    if variable is not None:
        if variable not in environment:
            raise SecretMissing(f"connection {name}: the environment has no {variable}")
        return environment[variable]
    if file is None:
        return None
    try:
        with Path(file).open(encoding="utf-8") as content:
            return content.read(_SECRET_MAX).strip()
    except OSError as unreadable:
        raise SecretMissing(f"connection {name}: {file}: {unreadable.strerror}") from unreadable
