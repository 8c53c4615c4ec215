"""What is known where a value of a mapping is compiled: how to address the node, tables, and the currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crossdock.mapping.paths import Address
from crossdock.mapping.record import Context, Get, Node, Ours
from crossdock.mapping.source import MappingError, Place, suggest


class Tables:
    """The value maps a mapping may name: its own, which must all be used, and the shared ones it was given."""

    def __init__(self, own: Place | None, shared: Mapping[str, Mapping[str, str]]) -> None:
        self._own = {name: _entries(table) for name, table in own.items()} if own is not None else {}
        self._places = dict(own.items()) if own is not None else {}
        self._shared = {name: {str(k): str(v) for k, v in table.items()} for name, table in shared.items()}
        self._unused = set(self._own)

    def of(self, place: Place) -> dict[str, str]:
        """The table written in place, or the one named there."""
        if isinstance(place.value, dict):
            return _entries(place)
        name = place.text()
        self._unused.discard(name)
        for tables in (self._own, self._shared):
            if name in tables:
                return tables[name]
        raise place.error(f"no table {name!r}; {suggest(name, [*self._own, *self._shared])}")

    def check_used(self) -> None:
        """Raises `MappingError` for a table that nothing uses."""
        for name in sorted(self._unused):
            raise self._places[name].error("no field uses this table; remove it or use it in a `map`")


def currency_of_record(_node: Node, context: Context) -> Ours:
    """The currency that a document says once for all its amounts."""
    return context.currency


class Scope(NamedTuple):
    """Where we are: the node's address, the tables, and the currency of amounts that name none."""

    address: Address
    tables: Tables
    currency: str | Get | None = None


def _entries(place: Place) -> dict[str, str]:
    if not isinstance(place.value, dict) or not place.value:
        raise place.error("must be a table such as {X3: arrived_pickup}")
    for key, value in place.items():
        if not isinstance(value.value, str):
            raise MappingError(
                ".".join(value.path), f"the meaning of {key!r} must be a text", value.lines.get(value.path)
            )
    return {key: value.strip() for key, value in place.value.items()}
