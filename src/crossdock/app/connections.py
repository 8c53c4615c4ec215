"""Connections at work: their manifests checked, their addresses and secrets found, their connectors made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from ssl import SSLContext, create_default_context
from typing import Final

from crossdock.app.vault import Unseal
from crossdock.connectors import rest
from crossdock.connectors.tryton import erp, wms
from crossdock.engine.configuration import Configuration, Folder
from crossdock.kit.classes import lacking
from crossdock.kit.connection import Configured, Connection, Credentials
from crossdock.kit.connector import Connector
from crossdock.kit.maker import ENTRY_POINTS, Maker, ManifestError, Secrets
from crossdock.settings import ConfigurationError

_LOG = logging.getLogger(__name__)
_SECRET_MAX: Final = 10_000


class SecretMissing(ConfigurationError):
    """A connection names a secret that is not there; the message says where it was looked for."""


BUILT_IN: Final[Mapping[str, Maker]] = {"rest": rest.MAKER, "tryton-erp": erp.MAKER, "tryton-wms": wms.MAKER}


def known() -> dict[str, str]:
    """Every connector there is, by the name that a connection gives it, and which package it comes from."""
    others = {point.name: point.dist.name if point.dist else "?" for point in entry_points(group=ENTRY_POINTS)}
    return others | dict.fromkeys(BUILT_IN, "crossdock")


@cache
def maker_of(name: str) -> Maker:
    """How a connector is made. Raises `ConfigurationError` where there is none of that name, or it cannot be loaded."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    points = list(entry_points(group=ENTRY_POINTS, name=name))
    if not points:
        raise ConfigurationError(f"there is no connector {name}, only {', '.join(sorted(known()))}")
    if len(points) > 1:
        raise ConfigurationError(f"{len(points)} packages call a connector {name}; uninstall all but one")
    try:
        maker = points[0].load()
    except Exception as broken:
        raise ConfigurationError(f"connector {name} cannot be loaded from {points[0].value}: {broken!r}") from broken
    if not isinstance(maker, Maker):
        raise ConfigurationError(f"connector {name}: {points[0].value} is no crossdock.kit.maker.Maker")
    return maker


def check(folder: Folder) -> None:
    """Raise `ConfigurationError` unless every connection's connector is known and its manifest can be used."""
    for name, configured in folder.connections.items():
        connection = configured.connection
        maker = _maker(name, connection)
        try:
            maker.check(configured.manifest)
        except ManifestError as wrong:
            raise ConfigurationError(f"connection {name}: manifest {connection.manifest}: {wrong}") from wrong
        if connection.integration is not None:
            declared = maker.open(configured, "http://unused", Secrets()).declares
            if (problem := lacking(declared, connection.integration)) is not None:
                raise ConfigurationError(f"connection {name}: {problem}")


def _maker(name: str, connection: Connection) -> Maker:
    try:
        return maker_of(connection.connector)
    except ConfigurationError as missing:
        raise ConfigurationError(f"connection {name}: {missing}") from missing


def address_of(connection: Connection, environment: Mapping[str, str]) -> str | None:
    """Where the system is reached; `None` where nothing says so."""
    named = environment.get(connection.address_env, "") if connection.address_env else ""
    return named or connection.address


def is_reachable(configuration: Configuration, environment: Mapping[str, str]) -> bool:
    """Is there any system to deliver to?"""
    return any(address_of(one.connection, environment) for one in configuration.connections.values())


def open_connector(
    name: str, configured: Configured, environment: Mapping[str, str], unseal: Unseal | None = None
) -> Connector | None:
    """The connector of a connection; `None`, with a warning, where there is no address or no secret yet.

    `unseal` opens what the connection keeps in the vault.
    """
    connection = configured.connection
    address = address_of(connection, environment)
    if address is None:
        _LOG.info("connection %s has no address: nothing is sent there", name)
        return None
    if not address.startswith(("http://", "https://")):
        _LOG.error("connection %s: %r is no http address: nothing is sent there", name, address)
        return None
    try:
        secrets = _secrets(name, connection.credentials, environment, unseal)
        return _maker(name, connection).open(configured, address, secrets)
    except (ConfigurationError, ManifestError) as missing:
        _LOG.error("%s: nothing is sent there", missing)  # a person's mistake needs no trace
        return None


def _secrets(name: str, credentials: Credentials, environment: Mapping[str, str], unseal: Unseal | None) -> Secrets:
    sealed = unseal(name) if unseal is not None and credentials.sealed else {}
    missing = [one for one in credentials.sealed if one not in sealed]
    if missing:
        raise SecretMissing(f"connection {name}: its {missing[0]} is not sealed yet: `crossdock secrets set {name}`")
    return Secrets(
        bearer=sealed.get("bearer") or _secret(name, environment, credentials.bearer_env, credentials.bearer_file),
        hook_secret=sealed.get("hook_secret")
        or _secret(name, environment, credentials.hook_secret_env, credentials.hook_secret_file),
        password=sealed.get("password")
        or _secret(name, environment, credentials.password_env, credentials.password_file),
        tls=_tls(name, credentials),
    )


def _tls(name: str, credentials: Credentials) -> SSLContext | None:
    """Who we are and whom we trust; `None`: as the machine does, and nobody in particular."""
    certificate, key = credentials.client_certificate_file, credentials.client_key_file
    if certificate is None and credentials.authority_file is None:
        return None
    try:
        context = create_default_context(cafile=credentials.authority_file)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as unreadable:
        raise SecretMissing(f"connection {name}: its certificate cannot be used: {unreadable.strerror}") from unreadable
    return context


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
