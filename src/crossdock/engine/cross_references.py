"""What partners call things, for the mappings that ask; what was read before is remembered until any of it changes."""

from __future__ import annotations

from typing import Final

import msgspec
import psycopg

from crossdock.model.master_data import IdentifierCrossReferenced
from crossdock.store import reference as store

_TYPE: Final = IdentifierCrossReferenced.type

Asked = tuple[str, str, str]
"""Scheme, issuer, and what the issuer calls the thing."""


class CrossReferences:
    """Looks identifiers up; call `begin` before each batch. Nothing is asked of the database until a mapping asks."""

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Nothing read yet."""
        self._connection = connection
        self._tenant = tenant
        self._version = -1
        self._known: dict[Asked, str | None] = {}
        self._is_fresh = False

    def begin(self) -> None:
        """Somebody may have published since."""
        self._is_fresh = False

    @property
    def missed(self) -> list[Asked]:
        """What was asked for and is not known, in order of asking."""
        return [asked for asked, ours in self._known.items() if ours is None]

    def __call__(self, scheme: str, issuer: str, theirs: str) -> str | None:
        """What we call it; `None` where nobody has told us."""
        if not self._is_fresh:
            self._refresh()
        asked = (scheme, issuer, theirs)
        if asked not in self._known:
            self._known[asked] = self._read(asked)
        return self._known[asked]

    def _refresh(self) -> None:
        version = store.version(self._connection, self._tenant)
        if version != self._version:
            self._version, self._known = version, {}
        self._is_fresh = True

    def _read(self, asked: Asked) -> str | None:
        records = store.read_reference(self._connection, self._tenant, [key_of(*asked)])
        return msgspec.json.decode(records[0][1], type=IdentifierCrossReferenced).ours if records else None


def key_of(scheme: str, issuer: str, theirs: str) -> str:
    """Under which key a cross-reference is kept."""
    return f"{_TYPE}/{scheme}/{issuer}/{theirs}"
