"""Where goods go."""

from __future__ import annotations

import msgspec

from crossdock.model.types import Code, Personal, Text


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a person or company receives; names and streets are personal data."""

    name: Personal
    street: Personal
    city: Text
    state: Text
    postal_code: Text
    country: Code | None = None
