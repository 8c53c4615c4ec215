"""Goods issues in Tryton: what left is taken off what its sale has waiting; taken back, it comes in as a return.

A shipment that is done stays done, so a return brings its goods back, line by line of the same sale: Tryton drafts the
credit by itself. What is issued anew after that is more than the sale has waiting, and gets a shipment of its own.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from crossdock.connectors.tryton import documents
from crossdock.connectors.tryton.deeds import Done
from crossdock.connectors.tryton.sales import MOVED, OUT, less, listed, sale_of, waiting, wanted
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row, decimal
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Conflict, Rejected

RETURN: Final = "stock.shipment.out.return"
# A return on a sale's line, and what is issued after it, are more than was ordered: that is what we mean by it.
_MEANT: Final = frozenset({"check_move_quantity"})
_TO_MOVE: Final = ("product", "quantity", "unit", "unit_price", "currency", "origin", "company", "to_location")
_HEAD: Final = ("customer", "delivery_address", "warehouse.input_location", "warehouse.storage_location")
_SALE: Final = ("shipments", "shipment_returns", "party.customer_location", "shipment_address", "currency", "company",
                "warehouse.storage_location", "warehouse.output_location", "lines.product.code", "lines.quantity",
                "lines.unit", "lines.unit_price")  # fmt: skip


# -- posting -----------------------------------------------------------------------------------------------------------


async def issued(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The number of what was posted, once all of it is done."""
    rows = await _mine(talk, command.key)
    left = wanted(command)
    for row in rows:
        left.subtract(listed(row["outgoing_moves"]))
    if not rows or +left or any(row["state"] != "done" for row in rows):
        return None
    return str(rows[0]["number"])


async def post(talk: Talk, settings: Settings, command: Command) -> Done:
    """Goods left: what waits of the order is set to what left, and done. The rest of it becomes a back order."""
    number = await issued(talk, settings, command)
    if number is not None or not wanted(command):
        return Done(number, before=True)
    rows = await _mine(talk, command.key)
    left = wanted(command)
    for row in rows:
        left.subtract(listed(row["inventory_moves"] or row["outgoing_moves"]))
    chosen = [row["id"] for row in rows]
    if +left:
        chosen += await _take(talk, settings, command, +left)
    for shipment in chosen:
        await _send_off(talk, shipment)
    return Done(await issued(talk, settings, command))


async def _mine(talk: Talk, key: str) -> list[Row]:
    """The shipments that carry a key; a draft may be somebody's who was killed."""
    domain = [["reference", "=", key], ["state", "not in", ["draft", "cancelled"]]]
    return await talk.search(OUT, domain, MOVED, order=[["id", "ASC"]])


async def _take(talk: Talk, settings: Settings, command: Command, left: Counter[str]) -> list[int]:
    """Take what left off what waits, then off what came back; the shipments that carry the key now."""
    sale = await sale_of(talk, command.content["order_no"], list(_SALE))
    open_ = await waiting(talk, sale, command.content["warehouse"])
    plan, rest = [], Counter(left)
    for row in open_:
        taken = listed(row["inventory_moves"] or row["outgoing_moves"]) & rest
        if taken:
            plan.append((row, taken))
            rest.subtract(taken)
    back = await _came_back(talk, sale) if +rest else Counter()
    if +rest and not open_ and not back:
        raise Stop(Conflict(reason=f"its order {command.content['order_no']} has nothing left to ship"))
    if more := +rest - back:
        raise Stop(Rejected(reason=f"more left than its order has open: {dict(more)}"))
    chosen = [await _claim(talk, command.key, row, taken) for row, taken in plan]
    if +rest:
        chosen.append(await _shipment_of_its_own(talk, settings, command, sale, +rest))
    return chosen


async def _claim(talk: Talk, key: str, row: Row, taken: Counter[str]) -> int:
    """Set a shipment that waits to what is taken of it, unless somebody changed it meanwhile."""
    if row["state"] == "draft":
        await talk.press_unchanged(OUT, row, "wait")
        row = await talk.read(OUT, row["id"], MOVED)
    operations = less(row["inventory_moves"], Counter(taken))
    await talk.write_unchanged(OUT, row, {"reference": key, "inventory_moves": operations})
    return int(row["id"])


async def _came_back(talk: Talk, sale: Row) -> Counter[str]:
    """What of an order was shipped and came back: it is neither out nor waits."""
    back = listed(sale["lines"])
    domain = [["id", "in", sale["shipments"]], ["state", "!=", "cancelled"]]
    for row in await talk.search(OUT, domain, ["outgoing_moves.product.code", "outgoing_moves.quantity"]):
        back.subtract(listed(row["outgoing_moves"]))
    domain = [["id", "in", sale["shipment_returns"]], ["state", "=", "done"]]
    for row in await talk.search(RETURN, domain, ["incoming_moves.product.code", "incoming_moves.quantity"]):
        back.update(listed(row["incoming_moves"]))
    return +back


async def _shipment_of_its_own(
    talk: Talk, settings: Settings, command: Command, sale: Row, amounts: Counter[str]
) -> int:
    """A shipment of what came back, on the lines of the sale."""
    place, left, moves = sale["warehouse"], Counter(amounts), []
    for line in sale["lines"]:
        sku = line["product"]["code"] if line["product"] else ""
        quantity = min(int(line["quantity"]), left[sku])
        left[sku] -= quantity
        if quantity:
            same = {**line, "currency": sale["currency"], "company": sale["company"]}
            same["origin"] = f"sale.line,{line['id']}"
            moves.append(_moved(same, quantity, place["output_location"], sale["party"]["customer_location"]))
    values = {
        "company": await talk.company(), "reference": command.key, "customer": sale["party"]["id"],
        "delivery_address": sale["shipment_address"], "warehouse": place["id"],
        "warehouse_storage": place["storage_location"], "warehouse_output": place["output_location"],
        "outgoing_moves": [["create", moves]],
    }  # fmt: skip
    domain = [["reference", "=", command.key], ["state", "=", "draft"]]
    record = await documents.once(talk, command.key, OUT, domain, values, claims=settings.claims)
    if (await talk.read(OUT, record, ["state"]))["state"] == "draft":
        await talk.press_meaning_it(OUT, record, "wait", _MEANT)
    await documents.sweep(talk, OUT, domain, record)
    return record


async def _send_off(talk: Talk, record: int) -> None:
    """Assign, by force where the ERP believes that it has not enough: the goods have left. Then pick, pack, done."""
    if (await talk.read(OUT, record, ["state"]))["state"] == "waiting":
        await talk.press_meaning_it(OUT, record, "assign_try", _MEANT)
        if (await talk.read(OUT, record, ["state"]))["state"] == "waiting":
            await talk.press_meaning_it(OUT, record, "assign_force", _MEANT)
    buttons = {"assigned": "pick", "picked": "pack", "packed": "do", "shipped": "do"}
    await documents.advance(talk, OUT, record, buttons, ("done",))


# -- taking back -------------------------------------------------------------------------------------------------------


async def reversed_(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The number of the return, once it is done."""
    rows = await talk.search(RETURN, [["reference", "=", command.key], ["state", "=", "done"]], ["number"])
    return str(rows[0]["number"]) if rows else None


async def reverse(talk: Talk, settings: Settings, command: Command) -> Done:
    """What was posted comes back, whole."""
    number = await reversed_(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    fields = [*_HEAD, *(f"outgoing_moves.{field}" for field in _TO_MOVE)]
    gone = await talk.search(OUT, [["reference", "=", command.of_key], ["state", "=", "done"]], fields)
    if not gone:
        raise Stop(Conflict(reason=f"it has no goods issue {command.of_key}"))
    place = gone[0]["warehouse"]
    moves = [
        _moved(move, move["quantity"], move["to_location"], place["input_location"])
        for row in gone for move in row["outgoing_moves"] if move["quantity"]
    ]  # fmt: skip
    values = {
        "company": await talk.company(), "reference": command.key, "customer": gone[0]["customer"],
        "contact_address": gone[0]["delivery_address"], "warehouse": place["id"],
        "warehouse_storage": place["storage_location"], "warehouse_input": place["input_location"],
        "incoming_moves": [["create", moves]],
    }  # fmt: skip
    domain = [["reference", "=", command.key]]
    record = await documents.once(talk, command.key, RETURN, domain, values, claims=settings.claims)
    if (await talk.read(RETURN, record, ["state"]))["state"] == "draft":
        await talk.press_meaning_it(RETURN, record, "receive", _MEANT)
    await documents.advance(talk, RETURN, record, {"received": "do"}, ("done",))
    await documents.sweep(talk, RETURN, domain, record)
    return Done((await talk.read(RETURN, record, ["number"]))["number"])


def _moved(move: Row, quantity: Any, from_: int, to: int) -> Row:  # noqa: ANN401  # a number, as it came
    """The same goods, from one place to another."""
    product = move["product"]
    return {
        "product": product["id"] if isinstance(product, dict) else product, "unit": move["unit"],
        "unit_price": decimal(move["unit_price"]), "currency": move["currency"], "origin": move["origin"],
        "company": move["company"], "quantity": quantity, "from_location": from_, "to_location": to,
    }  # fmt: skip
