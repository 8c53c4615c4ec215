"""Which calls are genuine: the connectors of the configuration, made again when it changes."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

import psycopg

from crossdock.app.connections import open_connector
from crossdock.app.vault import unsealing
from crossdock.engine.configuration import load
from crossdock.kit.connector import Connector, Forged, Hint, Hook
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

_LOOK_SECONDS: Final = 1.0


class Verifier:
    """Verifies calls of a tenant's connections. A thread of its own keeps up with the configuration."""

    def __init__(self, url: str, tenant: int) -> None:
        """Reads the configuration at once. Raises as `load` does."""
        self._url = url
        self._tenant = tenant
        self._connectors: dict[str, Connector] = {}
        self._version = -1
        self._stop = threading.Event()
        with connect(url, purpose="hooks", tenant=tenant) as connection:
            self._load(connection)
        threading.Thread(target=self._watch, name="hooks configuration", daemon=True).start()

    def __call__(self, name: str, hook: Hook) -> tuple[Hint, ...] | Forged | None:
        """What a call hints at; `None` where there is no such connection."""
        connector = self._connectors.get(name)
        return connector.verify(hook) if connector is not None else None

    def close(self) -> None:
        """Look no more."""
        self._stop.set()

    def _load(self, connection: psycopg.Connection) -> None:
        version = stored.version(connection, self._tenant)
        if version == self._version:
            return
        made = {
            name: open_connector(name, configured, os.environ, unsealing(self._url, self._tenant, os.environ))
            for name, configured in load(connection, self._tenant).connections.items()
        }
        self._connectors = {name: connector for name, connector in made.items() if connector is not None}
        self._version = version

    def _watch(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                with connect(self._url, purpose="hooks", tenant=self._tenant, patience_seconds=1) as connection:
                    while not self._stop.is_set():
                        self._load(connection)
                        time.sleep(_LOOK_SECONDS)
            except (psycopg.Error, ConfigurationError, RuntimeError):
                continue
