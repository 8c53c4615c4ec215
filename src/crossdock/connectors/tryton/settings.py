"""The manifest of a Tryton: which database, whose books, and what its people named the things we need."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crossdock.kit.maker import ManifestError

_Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a manifest says.

    `company` is its name, needed where the database holds several; `user` signs in for what only a person can do.
    `watch` narrows what is read, by kind of record; what was not changed since `begins` is not read at all.
    `overlap_seconds` is how far back each reading goes: longer than the longest transaction there. `numbers` says how
    a shipment is named after its order where a release names none.
    """

    manifest: str
    version: int
    database: _Name
    company: str | None = None
    user: _Name | None = None
    overlap_seconds: Annotated[float, Meta(ge=1, le=3600)] = 60.0
    page: Annotated[int, Meta(ge=1, le=1_000)] = 200
    claims: _Name = "Crossdock"
    statement_journal: _Name = "Bank"
    freight_item: _Name = "FREIGHT"
    carriage_item: _Name = "CARRIAGE"
    landed_item: _Name = "LANDED"
    consignee: _Name = "ORDERS"
    shipment_prefix: dict[str, str] = {}
    source: str | None = None
    watch: list[_Name] = []
    begins: Annotated[datetime, Meta(tz=True)] | None = None
    message_type: str = "application/json; dialect=tryton"


def read_settings(document: dict[str, Any]) -> Settings:
    """A checked manifest. Raises `ManifestError`."""
    try:
        return msgspec.convert(document, Settings)
    except msgspec.ValidationError as wrong:
        raise ManifestError(str(wrong)) from wrong
