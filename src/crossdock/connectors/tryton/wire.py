"""Tryton's JSON: numbers and days in tagged objects, domains in base64, records asked for field by field."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

import msgspec

Row = dict[str, Any]


def encoded(value: Any) -> str:  # noqa: ANN401  # any JSON
    """As a parameter of a query, or a header."""
    return urlsafe_b64encode(msgspec.json.encode(value)).decode()


def decimal(text: str | int | Decimal) -> Row:
    """An exact number."""
    return {"__class__": "Decimal", "decimal": str(text)}


def money(minor: int) -> Row:
    """An amount with two places."""
    return decimal(Decimal(minor).scaleb(-2))


def units(quantity: Any, of: object = "") -> int:  # noqa: ANN401  # a number, as it came
    """A quantity in whole units. Raises `ValueError` for a broken one."""
    if int(quantity) != quantity:
        raise ValueError(f"{quantity} {of} is no whole number of units")
    return int(quantity)


def day(value: date) -> Row:
    """A calendar day."""
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def plain(value: Any) -> Any:  # noqa: ANN401  # any JSON
    """A document without tags: exact numbers as `Decimal`, days as `date`. Raises `ValueError` for what is neither."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "Decimal":
            try:
                return Decimal(value["decimal"])
            except (KeyError, InvalidOperation, TypeError) as wrong:
                raise ValueError("it has a Decimal that is no number") from wrong
        case "date":
            try:
                return date(value["year"], value["month"], value["day"])
            except (KeyError, TypeError) as wrong:
                raise ValueError("it has a date that is no day") from wrong
    return {name: plain(one) for name, one in value.items()}


def query(
    fields: Sequence[str],
    domain: Sequence[Any] | None = None,
    *,
    order: Sequence[Any] | None = None,
    limit: int | None = None,
) -> str:
    """The query of a path that lists or reads records."""
    pairs = [("f", field) for field in fields]
    if domain is not None:
        pairs.append(("d", encoded(domain)))
    if order is not None:
        pairs.append(("o", encoded(order)))
    if limit is not None:
        pairs.append(("s", str(limit)))
    return urlencode(pairs)
