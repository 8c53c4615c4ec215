"""What a warehouse in Tryton tells: shipments that were picked and sent, receipts, counts, and what was lost or found.

Records are told as they were sent, and beside them the same in one plain form. Tryton itself forgets what was ordered
once less is picked, and has no line numbers: what was asked is noted on the shipment, and the note is told with it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import msgspec

from crossdock.connectors.tryton.feed import Composed, Watched, moment_of
from crossdock.connectors.tryton.sales import OUT
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Sent, Talk
from crossdock.connectors.tryton.wire import Row, units

NOTE: Final = "ir.note"
_IN: Final = "stock.shipment.in"
_INVENTORY: Final = "stock.inventory"
_MOVE: Final = "stock.move"
_LOCATION: Final = "stock.location"
# Moves to and from nowhere that belong to no count, on an internal shipment or on none: written off, or found.
_NOWHERE: Final = [
    ["state", "=", "done"], ["origin", "=", None],
    ["OR", ["shipment", "=", None], ["shipment", "like", "stock.shipment.internal,%"]],
    ["OR", ["to_location.type", "=", "lost_found"], ["from_location.type", "=", "lost_found"]],
]  # fmt: skip


class Released(msgspec.Struct, frozen=True, kw_only=True):
    """What a shipment was asked to be: kept as a note on it. `key` is that of the command that asked last."""

    key: str
    order_no: str
    shipment_no: str
    lines: list[tuple[int, str, int]]


def watched(settings: Settings) -> tuple[Watched, ...]:
    """What can be read; a manifest may narrow it (`watch`)."""
    known = (
        Watched(
            "shipment", OUT, [["state", "in", ["picked", "packed", "shipped", "done"]]],
            ["number", "reference", "state", "warehouse.code", "outgoing_moves.product.code",
             "outgoing_moves.quantity", "outgoing_moves.internal_weight", "picked_by.rec_name"],
            _shipments,
        ),
        Watched(
            "receipt", _IN, [["state", "in", ["received", "done"]]],
            ["number", "reference", "state", "warehouse.code", "supplier.code", "incoming_moves.product.code",
             "incoming_moves.quantity"],
            _receipts,
        ),
        Watched(
            "count", _INVENTORY, [["state", "=", "done"]],
            ["number", "date", "location", "lines.product.code", "lines.quantity", "lines.expected_quantity"],
            _counts,
        ),
        Watched(
            "written_off", _MOVE, [*_NOWHERE, ["to_location.type", "=", "lost_found"]],
            ["product.code", "quantity", "effective_date", "from_location"],
            _written_off,
        ),
        Watched(
            "found", _MOVE, [*_NOWHERE, ["from_location.type", "=", "lost_found"]],
            ["product.code", "quantity", "effective_date", "to_location"],
            _found,
        ),
    )  # fmt: skip
    return tuple(one for one in known if not settings.watch or one.entity in settings.watch)


async def noted(talk: Talk, shipments: list[int]) -> dict[int, Released]:
    """What was asked of each shipment, as noted on it; the latest note counts."""
    return {shipment: asked for shipment, (asked, _) in (await _notes(talk, shipments)).items()}


async def _notes(talk: Talk, shipments: list[int]) -> dict[int, tuple[Released, bytes]]:
    resources = [f"{OUT},{number}" for number in shipments]
    domain, order = [["resource", "in", resources]], [["id", "ASC"]]
    found = {}
    for one in await talk.search_sent(NOTE, domain, ["resource", "message"], order=order) if shipments else []:
        try:
            asked = msgspec.json.decode(one.row["message"], type=Released)
            found[int(str(one.row["resource"]).partition(",")[2])] = asked, one.bytes
        except (msgspec.DecodeError, ValueError):
            continue  # a person's own note
    return found


async def _shipments(talk: Talk, sent: list[Sent]) -> list[Composed]:
    """Each line, what was ordered and what was picked of it."""
    notes = await _notes(talk, [one.row["id"] for one in sent])
    told = []
    for row in (one.row for one in sent):
        asked, note = notes.get(row["id"], (None, None))
        picked = _by_item(row["outgoing_moves"])
        ordered = asked.lines if asked else [(n, sku, count) for n, (sku, count) in enumerate(picked.items(), 1)]
        lines = []
        for number, sku, quantity in ordered:
            found = min(quantity, picked.get(sku, 0))
            picked[sku] = picked.get(sku, 0) - found
            lines.append({"line": number, "sku": sku, "ordered": quantity, "picked": found})
        weight = sum((Decimal(str(move["internal_weight"] or 0)) for move in row["outgoing_moves"]), Decimal(0))
        plain = {
            "number": row["number"], "order_no": asked.order_no if asked else row["reference"],
            "shipment_no": row["reference"], "warehouse": row["warehouse"]["code"], "state": row["state"],
            "weight_kg": weight, "told_at": moment_of(row["_timestamp"]), "lines": lines,
        }  # fmt: skip
        told.append(Composed(plain, [note] if note else []))
    return told


async def _receipts(talk: Talk, sent: list[Sent]) -> list[Composed]:  # noqa: ARG001  # as any composing
    told = []
    for row in (one.row for one in sent):
        received = _by_item(row["incoming_moves"])
        lines = [{"line": n, "sku": sku, "quantity": count} for n, (sku, count) in enumerate(received.items(), 1)]
        plain = {
            "number": row["number"], "shipment_no": row["reference"], "warehouse": row["warehouse"]["code"],
            "supplier_no": row["supplier"]["code"], "told_at": moment_of(row["_timestamp"]), "lines": lines,
        }  # fmt: skip
        told.append(Composed(plain))
    return told


async def _warehouses(talk: Talk, places: set[int]) -> dict[int, str]:
    """The code of the warehouse that each location lies in; a location itself does not say."""
    found: dict[int, str] = {}
    for house in await talk.search(_LOCATION, [["type", "=", "warehouse"], ["code", "!=", None]], ["code"]):
        domain = [["id", "in", sorted(places)], ["parent", "child_of", [house["id"]], "parent"]]
        found |= dict.fromkeys([row["id"] for row in await talk.search(_LOCATION, domain, [])], house["code"])
    return found


async def _counts(talk: Talk, sent: list[Sent]) -> list[Composed]:
    """Items that were counted, each with what the warehouse's own books said before."""
    houses = await _warehouses(talk, {one.row["location"] for one in sent}) if sent else {}
    told = []
    for row in (one.row for one in sent):
        lines: dict[str, dict[str, Any]] = {}
        for line in row["lines"]:
            sku, counted = line["product"]["code"], line["quantity"]
            if counted is None:
                continue
            sum_ = lines.setdefault(sku, {"sku": sku, "counted": 0, "expected": 0})
            sum_["counted"] += units(counted, sku)
            sum_["expected"] += units(line["expected_quantity"] or 0, sku)
        plain = {
            "number": row["number"], "warehouse": houses.get(row["location"]), "counted_on": row["date"],
            "told_at": moment_of(row["_timestamp"]), "lines": list(lines.values()),
        }  # fmt: skip
        told.append(Composed(plain))
    return told


async def _written_off(talk: Talk, sent: list[Sent]) -> list[Composed]:
    return await _adjusted(talk, sent, "from_location", -1, "lost")


async def _found(talk: Talk, sent: list[Sent]) -> list[Composed]:
    return await _adjusted(talk, sent, "to_location", 1, "found")


async def _adjusted(talk: Talk, sent: list[Sent], place: str, sign: int, reason: str) -> list[Composed]:
    houses = await _warehouses(talk, {one.row[place] for one in sent}) if sent else {}
    return [Composed(_adjustment(one.row, houses.get(one.row[place]), sign, reason)) for one in sent]


def _adjustment(row: Row, warehouse: str | None, sign: int, reason: str) -> Row:
    sku = row["product"]["code"]
    return {
        "number": f"MOVE-{row['id']}", "warehouse": warehouse, "sku": sku,
        "quantity": sign * units(row["quantity"], sku), "reason": reason, "told_at": moment_of(row["_timestamp"]),
    }  # fmt: skip


def _by_item(moves: list[Row]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for move in moves:
        sku = move["product"]["code"]
        counted[sku] = counted.get(sku, 0) + units(move["quantity"], sku)
    return counted
