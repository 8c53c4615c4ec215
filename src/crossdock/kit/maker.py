"""How a connector is made: its manifest is checked, its secrets are given to it, and it is opened.

A connector of another package is found by its entry point: `[project.entry-points."crossdock.connectors"]` with a
line `name = "package:MAKER"`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from crossdock.kit.connection import Configured
from crossdock.kit.connector import Connector

ENTRY_POINTS: Final = "crossdock.connectors"
"""The group in which other packages name the makers of their connectors."""


class ManifestError(ValueError):
    """A manifest cannot be used; the message says where it is wrong and what would be right."""


class Secrets(NamedTuple):
    """What lets us in: values, which live as long as the connector. `tls` is an `ssl.SSLContext`, or nothing."""

    bearer: str | None = None
    hook_secret: str | None = None
    password: str | None = None
    tls: Any = None


class Maker(NamedTuple):
    """A connector that can be configured.

    `check` raises `ManifestError` for a manifest that cannot be used; `open` makes the connector for an address. It
    does not connect before it is first asked.
    """

    check: Callable[[dict[str, Any]], object]
    open: Callable[[Configured, str, Secrets], Connector]
