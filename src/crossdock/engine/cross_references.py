"""What partners call things, for the mappings that ask; what was read before is remembered until any of it changes."""

from __future__ import annotations

from typing import Final

import msgspec
import psycopg

from crossdock.model.master_data import IdentifierCrossReferenced
from crossdock.store import reference as store

_TYPE: Final = IdentifierCrossReferenced.type
_KNOWN_MAX: Final = 100_000

Asked = tuple[str, str, str]
"""Scheme, issuer, and what the issuer calls the thing."""


class CrossReferences:
    """Looks identifiers up; call `begin` before each batch. Nothing is asked of the database until a mapping asks.

    What was not read before is answered by a stand-in and noted: whoever maps calls `read` after each pass, and maps
    again what got a stand-in. So a batch with many new identifiers costs one query, not one for each.
    """

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Nothing read yet."""
        self._connection = connection
        self._tenant = tenant
        self._version = -1
        self._known: dict[Asked, str | None] = {}
        self._unread: set[Asked] = set()
        self._is_fresh = False
        self.stand_ins = 0
        """How many stand-ins were ever given."""
        self.missed: dict[Asked, None] = {}
        """What was asked for and nobody has told us, in order of asking, since somebody cleared it."""

    def begin(self) -> None:
        """Somebody may have published since."""
        self._is_fresh = False
        self.missed.clear()

    def __call__(self, scheme: str, issuer: str, theirs: str) -> str | None:
        """What we call it; `None` where nobody has told us. A stand-in where it was not read yet."""
        if not self._is_fresh:
            self._refresh()
        asked = (scheme, issuer, theirs)
        if asked not in self._known:
            self._unread.add(asked)
            self.stand_ins += 1
            return theirs
        ours = self._known[asked]
        if ours is None:
            self.missed[asked] = None
        return ours

    def read(self) -> None:
        """Read all that got a stand-in, at once."""
        if self._unread:
            keys = {key_of(*asked): asked for asked in self._unread}
            self._known |= dict.fromkeys(self._unread)
            self._unread.clear()
            # The latest record of a key comes first.
            for key, data in reversed(store.read_reference(self._connection, self._tenant, sorted(keys))):
                self._known[keys[key]] = msgspec.json.decode(data, type=IdentifierCrossReferenced).ours

    def _refresh(self) -> None:
        version = store.version(self._connection, self._tenant)
        if version != self._version or len(self._known) > _KNOWN_MAX:
            self._version, self._known = version, {}
        self._is_fresh = True


def key_of(scheme: str, issuer: str, theirs: str) -> str:
    """Under which key a cross-reference is kept."""
    return f"{_TYPE}/{scheme}/{issuer}/{theirs}"
