"""What a Tryton believes, for reconciliation: its own documents, page by page, as lines of place, item and amount."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Talk
from crossdock.connectors.tryton.wire import Row, day, units
from crossdock.kit.beliefs import Belief, BeliefPage

Lines = Callable[[Talk, Settings, list[Row]], Awaitable[list[Belief]]]
_MOVES: Final = ("number", "reference", "warehouse.code", "outgoing_moves.product.code", "outgoing_moves.quantity",
                 "_timestamp")  # fmt: skip


class Believed(NamedTuple):
    """One kind of document: where it is, and what lines its rows are."""

    model: str
    domain: Sequence[Any]
    fields: Sequence[str]
    lines: Lines


async def page(talk: Talk, settings: Settings, believed: Believed, cursor: str | None) -> BeliefPage:
    """One page, in the order of the documents' ids: nothing moves while we read."""
    rows = await talk.search(
        believed.model,
        [*believed.domain, ["id", ">", int(cursor or 0)]],
        believed.fields,
        order=[["id", "ASC"]],
        limit=settings.page,
    )
    following = str(rows[-1]["id"]) if len(rows) == settings.page else None
    return BeliefPage(beliefs=tuple(await believed.lines(talk, settings, rows)), cursor=following, rows=len(rows))


def minor(amount: Decimal | None) -> int:
    """An amount in minor units; it has two places. Raises `ValueError` for one with more."""
    exact = (amount or Decimal(0)) * 100
    if exact != int(exact):
        raise ValueError(f"{amount} has more than two places")
    return int(exact)


# -- stock -------------------------------------------------------------------------------------------------------------


async def _stock(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    """Rows are warehouses: what lies in each of them, of every item that is counted."""
    told = []
    for row in (row for row in rows if row["code"]):
        context = {"locations": [row["id"]], "stock_date_end": day(datetime.now(UTC).date()), "with_childs": True}
        items = await talk.search(
            "product.product", [["type", "=", "goods"]], ["code", "quantity"], limit=None, context=context
        )
        told += [
            Belief(key=one["code"], document=row["code"], place=row["code"], item=one["code"],
                   amount=units(one["quantity"]))
            for one in items if one["code"]
        ]  # fmt: skip
    return told


STOCK: Final = Believed("stock.location", [["type", "=", "warehouse"], ["code", "!=", "WH"]], ["code"], _stock)


# -- shipments ---------------------------------------------------------------------------------------------------------


def _moved(row: Row, key: str) -> list[Belief]:
    return [
        Belief(key=key, document=row["number"], place=row["warehouse"]["code"], item=move["product"]["code"],
               amount=units(move["quantity"]), at=str(row["_timestamp"]))
        for move in row["outgoing_moves"] if move["quantity"]
    ]  # fmt: skip


async def _issues(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    """An issue that we posted carries our key, `shipment/SH1/goods_issue/GI1/1`; one by hand goes by its own number.

    What came back (a return carries the key of a later generation) does not stand.
    """
    domain = [["reference", "like", "shipment/%"], ["state", "=", "done"]]
    returned: dict[str, int] = {}
    for row in await talk.search("stock.shipment.out.return", domain, ["reference"], limit=None):
        issue, generation = _generation(row["reference"])
        returned[issue] = max(generation, returned.get(issue, 0))
    told = []
    for row in rows:
        issue, generation = _generation(row["reference"])
        if not generation:
            told += _moved(row, row["number"])
        elif generation > returned.get(issue, 0):
            told += [
                msgspec.structs.replace(line, document=row["reference"]) for line in _moved(row, issue.split("/")[3])
            ]
    return told


def _generation(reference: object) -> tuple[str, int]:
    """The slot and the generation of a goods issue's key; no generation for what is none."""
    slot, _, generation = str(reference or "").rpartition("/")
    parts = slot.split("/")
    is_ours = len(parts) == 4 and parts[2] == "goods_issue" and generation.isdigit()  # noqa: PLR2004
    return slot, int(generation) if is_ours else 0


async def _sent(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    return [line for row in rows for line in _moved(row, row["number"])]


_DONE: Final = [["state", "=", "done"]]
GOODS_ISSUE: Final = Believed("stock.shipment.out", _DONE, _MOVES, _issues)
GOODS_ISSUED: Final = Believed("stock.shipment.out", _DONE, _MOVES, _sent)


# -- money -------------------------------------------------------------------------------------------------------------


async def _billed_lines(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    return [
        Belief(key=row["sales"][0]["reference"] if row["sales"] else row["number"], document=row["number"],
               item=line["product"]["code"], amount=units(line["quantity"]), at=str(row["_timestamp"]))
        for row in rows for line in row["lines"]
        if line["product"] and line["product"]["code"] != settings.freight_item
    ]  # fmt: skip


async def _totals(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    return [
        Belief(key=row["number"], document=row["number"], item=row["currency"]["code"],
               amount=minor(row["total_amount"]), at=str(row["_timestamp"]))
        for row in rows
    ]  # fmt: skip


async def _freight(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    return [
        Belief(key=f"{row['party']['code']}/{row['reference']}", document=row["number"], item=row["currency"]["code"],
               amount=minor(row["total_amount"]), at=str(row["_timestamp"]))
        for row in rows
    ]  # fmt: skip


async def _payments(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    return [
        Belief(key=row["number"], document=row["statement"]["name"], item=row["statement"]["currency"]["code"],
               amount=minor(row["amount"]))
        for row in rows if row["number"]
    ]  # fmt: skip


_OUT: Final = [["type", "=", "out"], ["state", "in", ["posted", "paid"]], ["reference", "like", "order/%"]]
_IN: Final = [["type", "=", "in"], ["state", "in", ["posted", "paid"]], ["description", "like", "shipment/%"]]
INVOICE: Final = Believed(
    "account.invoice", _OUT,
    ["number", "sales.reference", "lines.product.code", "lines.quantity", "_timestamp"], _billed_lines,
)  # fmt: skip
INVOICED: Final = Believed("account.invoice", _OUT, ["number", "currency.code", "total_amount", "_timestamp"], _totals)
FREIGHT_INVOICE: Final = Believed(
    "account.invoice",
    _IN,
    ["number", "reference", "party.code", "currency.code", "total_amount", "_timestamp"],
    _freight,
)
PAYMENT: Final = Believed(
    "account.statement.line", [["statement.state", "=", "posted"]],
    ["number", "amount", "statement.name", "statement.currency.code"], _payments,
)  # fmt: skip
