"""Columns of a batch as PostgreSQL arrays in binary: one parameter a column, whatever the number of rows.

psycopg adapts lists of any content, at about a microsecond an element; these say their element type, so a column is
packed in one go. Use them in `unnest(%b, %b, ...)`. `None` is NULL.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import ClassVar

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper, Loader
from psycopg.pq import Format

_HEADER = struct.Struct("!iiiii")
_LENGTH = struct.Struct("!i")
_NULL = _LENGTH.pack(-1)
_YEAR_2000_US = 946_684_800_000_000


class Column(list[object]):
    """A column of a batch; the subclass names the type of its elements."""

    element_oid: ClassVar[int]
    array_oid: ClassVar[int]

    def pack(self) -> Iterable[bytes]:
        """Each element with its length before it."""
        raise NotImplementedError


def _fixed(code: str, size: int, values: Sequence[object]) -> Iterable[bytes]:
    if None in values:
        one = struct.Struct(f"!i{code}")
        return [_NULL if value is None else one.pack(size, value) for value in values]
    interleaved: list[object] = [size] * (2 * len(values))
    interleaved[1::2] = values
    return (struct.pack("!" + f"i{code}" * len(values), *interleaved),)


class Int8(Column):
    """A bigint[] column."""

    element_oid = 20
    array_oid = 1016

    def pack(self) -> Iterable[bytes]:
        """Eight bytes each."""
        return _fixed("q", 8, self)


class Int4(Column):
    """A int[] column."""

    element_oid = 23
    array_oid = 1007

    def pack(self) -> Iterable[bytes]:
        """Four bytes each."""
        return _fixed("i", 4, self)


class Instants(Column):
    """timestamptz[], from microseconds since 1970."""

    element_oid = 1184
    array_oid = 1185

    def pack(self) -> Iterable[bytes]:
        """Microseconds since 2000, eight bytes each."""
        since_2000 = [None if value is None else value - _YEAR_2000_US for value in self]  # type: ignore[operator]
        return _fixed("q", 8, since_2000)


class Bool(Column):
    """A boolean[] column."""

    element_oid = 16
    array_oid = 1000

    def pack(self) -> Iterable[bytes]:
        """One byte each."""
        return _fixed("?", 1, self)


class Texts(Column):
    """A text[] column."""

    element_oid = 25
    array_oid = 1009

    def pack(self) -> Iterable[bytes]:
        """UTF-8."""
        return _sized([None if value is None else value.encode() for value in self])  # type: ignore[attr-defined]


class Encoded(Column):
    """A text[] column of what is UTF-8 already."""

    element_oid = 25
    array_oid = 1009

    def pack(self) -> Iterable[bytes]:
        """As it is."""
        return _sized(self)  # type: ignore[arg-type]


class Bytes(Column):
    """A bytea[] column."""

    element_oid = 17
    array_oid = 1001

    def pack(self) -> Iterable[bytes]:
        """As they are."""
        return _sized(self)  # type: ignore[arg-type]


class Uuids(Column):
    """uuid[], of 16 bytes each."""

    element_oid = 2950
    array_oid = 2951

    def pack(self) -> Iterable[bytes]:
        """Sixteen bytes each."""
        return _sized(self)  # type: ignore[arg-type]


def _sized(values: Iterable[bytes | None]) -> Iterable[bytes]:
    pack = _LENGTH.pack
    packed: list[bytes] = []
    for value in values:
        if value is None:
            packed.append(_NULL)
        else:
            packed.append(pack(len(value)))
            packed.append(value)
    return packed


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Column) -> Buffer:
        has_null = 1 if None in obj else 0
        return b"".join(
            (_HEADER.pack(1 if obj else 0, has_null, obj.element_oid, len(obj), 1)[: None if obj else 12], *obj.pack())
        )


class _WholeNumber(Loader):
    """A numeric of ours has no fraction: it is wide only so that no sum overflows."""

    def load(self, data: Buffer) -> int:
        return int(bytes(data))


def register(connection: psycopg.Connection) -> None:
    """Teach a connection these types."""
    connection.adapters.register_loader("numeric", _WholeNumber)
    for column in (Int8, Int4, Instants, Bool, Texts, Encoded, Bytes, Uuids):
        dumper = type(f"{column.__name__}Dumper", (_ColumnDumper,), {"oid": column.array_oid})
        connection.adapters.register_dumper(column, dumper)
