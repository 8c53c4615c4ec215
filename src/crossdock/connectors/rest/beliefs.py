"""How a system is asked what it believes: lists of documents, as a manifest describes them, read into lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from crossdock.connectors.rest.doubts import Unbelievable
from crossdock.connectors.rest.template import value_at
from crossdock.kit.beliefs import Belief, BeliefPage

_LONGEST: Final = 500
_AMOUNT_MAX: Final = 1 << 62


class Amount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a document says of an amount. Paths are looked up in the line first, then in the document.

    `rows` is the path of the lines; without it the document is its own line. `times` makes it units or minor units.
    """

    item: str
    amount: str
    rows: str | None = None
    place: str | None = None
    times: str = "1"


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of thing is asked for: a list in pages.

    `key` are paths whose values, joined by a slash, name the thing; `where` says which documents still hold. Pages:
    by `cursor` (`next` is the path of the next one, sent as the parameter `after`) or by `number` (sent as `after`,
    as long as `more` has a value).
    """

    path: str
    query: dict[str, str] = {}
    rows: str
    pages: Literal["cursor", "number", "one"] = "cursor"
    after: str = "after"
    next: str = "next"
    more: str = "more"
    key: Annotated[list[str], Meta(min_length=1)]
    document: str
    where: dict[str, list[str]] = {}
    lines: Amount
    at: str | None = None


def parameters(asking: Asking, cursor: str | None) -> dict[str, str]:
    """The query that asks for the page at a cursor."""
    query = dict(asking.query)
    if asking.pages == "number":
        query[asking.after] = cursor or "1"
    elif cursor:
        query[asking.after] = cursor
    return query


def page_of(asking: Asking, document: Any, cursor: str | None) -> BeliefPage:  # noqa: ANN401  # any JSON
    """The lines of a page. Raises `Unbelievable` for what is no list, leads nowhere, or lacks what is named."""
    rows = value_at(document, asking.rows)
    if not isinstance(rows, list):
        raise Unbelievable(f"{asking.rows} is no list")
    beliefs = tuple(line for row in rows if _holds(asking, row) for line in _lines(asking, row))
    following = _following(asking, document, cursor, rows)
    if following is not None and following == cursor:
        raise Unbelievable("it sends us to the page we came from")
    return BeliefPage(beliefs=beliefs, cursor=following, rows=len(rows))


def _following(asking: Asking, document: Any, cursor: str | None, rows: list[Any]) -> str | None:  # noqa: ANN401
    if asking.pages == "one":
        return None
    told = value_at(document, asking.next if asking.pages == "cursor" else asking.more)
    if not told:
        return None
    if not rows:
        raise Unbelievable("it says that there is more, and gives an empty page")
    if asking.pages == "number":
        return str(int(cursor or "1") + 1)
    if not isinstance(told, str) or len(told) > _LONGEST:
        raise Unbelievable(f"{asking.next} is no cursor")
    if cursor and len(told) == len(cursor) and told < cursor:
        raise Unbelievable(f"its cursor goes backwards, from {cursor} to {told}")
    return told


def _holds(asking: Asking, row: Any) -> bool:  # noqa: ANN401  # any JSON
    return all(value_at(row, path) in values for path, values in asking.where.items())


def _lines(asking: Asking, row: Any) -> Iterator[Belief]:  # noqa: ANN401  # any JSON
    if not isinstance(row, dict):
        raise Unbelievable(f"{asking.rows} holds something that is no object")
    key = "/".join(_text(row, path) for path in asking.key)
    document = _text(row, asking.document)
    at = str(value_at(row, asking.at) or "")[:_LONGEST] if asking.at else ""
    how = asking.lines
    lines = [row] if how.rows is None else value_at(row, how.rows)
    if not isinstance(lines, list):
        raise Unbelievable(f"{document}: {how.rows} is no list")
    if not lines:
        yield Belief(key=key, document=document, at=at)
    for line in lines:
        place = _either(line, row, how.place) if how.place else ""
        item, amount = _either(line, row, how.item), _amount(line, row, how)
        yield Belief(key=key, document=document, place=place, item=item, amount=amount, at=at)


def _amount(line: Any, row: Mapping[str, Any], how: Amount) -> int:  # noqa: ANN401  # any JSON
    told = _either(line, row, how.amount)
    try:
        exact = Fraction(Decimal(told)) * Fraction(how.times)
    except (InvalidOperation, ValueError, OverflowError) as wrong:
        raise Unbelievable(f"{how.amount} is {told[:40]!r}, which is no number") from wrong
    if exact.denominator != 1 or abs(exact) >= _AMOUNT_MAX:
        raise Unbelievable(f"{how.amount} is {told[:40]!r}, which is no whole number of units")
    return int(exact)


def _either(line: Any, row: Mapping[str, Any], path: str) -> str:  # noqa: ANN401  # any JSON
    return _text(line if value_at(line, path) is not None else row, path)


def _text(row: Any, path: str) -> str:  # noqa: ANN401  # any JSON
    value = value_at(row, path)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise Unbelievable(f"a row has no {path}")
    text = str(value)
    if len(text) > _LONGEST or "\0" in text:
        raise Unbelievable(f"{path} is too long, or no text")
    return text
