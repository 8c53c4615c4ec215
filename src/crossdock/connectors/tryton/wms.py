"""Tryton as a warehouse system: releases become shipments that wait to be picked, with what was asked as a note."""

from __future__ import annotations

from typing import Final

import msgspec

from crossdock.connectors.tryton import books, documents, wms_told
from crossdock.connectors.tryton.deeds import Done, TrytonConnector, Way
from crossdock.connectors.tryton.settings import Settings, read_settings
from crossdock.connectors.tryton.talk import Refused, Stop, Talk
from crossdock.connectors.tryton.wire import Row, decimal
from crossdock.connectors.tryton.wms_told import NOTE, Released, noted
from crossdock.kit.beliefs import Belief
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Action, Command
from crossdock.kit.maker import Maker, Secrets
from crossdock.kit.outcomes import Conflict, Rejected

_OUT: Final = "stock.shipment.out"
_OPEN: Final = ("draft", "waiting", "assigned")


async def _releases(talk: Talk, settings: Settings, rows: list[Row]) -> list[Belief]:  # noqa: ARG001
    notes = await noted(talk, [row["id"] for row in rows])
    return [
        Belief(key=asked.order_no, document=row["number"], place=row["warehouse"]["code"], item=sku, amount=quantity)
        for row in rows if (asked := notes.get(row["id"])) is not None
        for _, sku, quantity in asked.lines
    ]  # fmt: skip


BELIEVED: Final = {
    "stock": books.STOCK,
    "release": books.Believed(
        _OUT, [["state", "not in", ["draft", "cancelled"]]], ["number", "warehouse.code"], _releases
    ),
    "goods_issued": books.GOODS_ISSUED,
}


def open_wms(configured: Configured, address: str, secrets: Secrets) -> TrytonConnector:
    """A connector to a Tryton that runs a warehouse."""
    settings = read_settings(configured.manifest)
    ways: dict[tuple[str, Action], Way] = {
        ("release_order", "do"): Way(_release, _released),
        ("release_order", "amend"): Way(_amend, _amended),
        ("release_order", "undo"): Way(_cancel, _cancelled),
    }
    return TrytonConnector(
        settings,
        configured.connection,
        address,
        ways=ways,
        watched=wms_told.watched(settings),
        secrets=secrets,
        believed=BELIEVED,
    )


MAKER: Final = Maker(read_settings, open_wms)


# -- releases ----------------------------------------------------------------------------------------------------------


def _asked(settings: Settings, command: Command) -> Released:
    content = command.content
    order_no = str(content["order_no"])
    shipment_no = content.get("shipment_no") or _by_house_rule(settings, order_no)
    lines = [(int(number), str(sku), int(quantity)) for number, sku, quantity in content["lines"]]  # type: ignore[attr-defined]
    return Released(key=command.key, order_no=order_no, shipment_no=str(shipment_no), lines=lines)


def _by_house_rule(settings: Settings, order_no: str) -> str:
    for prefix, other in settings.shipment_prefix.items():
        if order_no.startswith(prefix):
            return other + order_no.removeprefix(prefix)
    return order_no


async def _of(talk: Talk, shipment_no: str) -> list[Row]:
    domain = [["reference", "=", shipment_no], ["state", "!=", "cancelled"]]
    return await talk.search(_OUT, domain, ["_timestamp", "state", "number", "outgoing_moves"], order=[["id", "ASC"]])


async def _released(talk: Talk, settings: Settings, command: Command) -> str | None:
    asked = _asked(settings, command)
    for row in await _of(talk, asked.shipment_no):
        if row["state"] != "draft":
            return str(row["number"])
    return None


async def _release(talk: Talk, settings: Settings, command: Command) -> Done:
    """A shipment that waits to be picked."""
    number = await _released(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    asked = _asked(settings, command)
    party = await talk.one("party.party", [["code", "=", settings.consignee]], ["addresses", "customer_location"],
                           f"consignee {settings.consignee}")  # fmt: skip
    warehouse = await _warehouse(talk, str(command.content["warehouse"]))
    values = {
        "company": await talk.company(), "reference": asked.shipment_no,
        "warehouse": warehouse["id"], "warehouse_storage": warehouse["storage_location"],
        "warehouse_output": warehouse["output_location"], "customer": party["id"],
        "delivery_address": party["addresses"][0],
        "outgoing_moves": [["create", await _moves(talk, warehouse, party["customer_location"], asked)]],
    }  # fmt: skip
    domain = [["reference", "=", asked.shipment_no], ["state", "=", "draft"]]
    shipment = await documents.once(talk, command.key, _OUT, domain, values, claims=settings.claims)
    await _note(talk, shipment, asked)
    await documents.advance(talk, _OUT, shipment, {"draft": "wait"},
                            ("waiting", "assigned", "picked", "packed", "shipped", "done"))  # fmt: skip
    await documents.sweep(talk, _OUT, domain, shipment)
    return Done((await talk.read(_OUT, shipment, ["number"]))["number"])


async def _warehouse(talk: Talk, code: str) -> Row:
    domain = [["code", "=", code], ["type", "=", "warehouse"]]
    return await talk.one("stock.location", domain, ["storage_location", "output_location"], f"warehouse {code}")


async def _moves(talk: Talk, warehouse: Row, customer: int, asked: Released) -> list[Row]:
    codes = [sku for _, sku, _ in asked.lines]
    rows = await talk.search("product.product", [["code", "in", codes]], ["code", "template.default_uom"])
    items = {row["code"]: row for row in rows}
    missing = sorted(set(codes) - items.keys())
    if missing:
        raise Stop(Rejected(reason=f"it has no item {', '.join(missing[:5])}"))
    company = await talk.company()
    currency = (await talk.read("company.company", company, ["currency"]))["currency"]
    return [
        {
            "company": company, "product": items[sku]["id"], "quantity": quantity, "currency": currency,
            "unit": items[sku]["template"]["default_uom"], "unit_price": decimal(0),
            "from_location": warehouse["output_location"], "to_location": customer,
        }
        for _, sku, quantity in asked.lines
    ]  # fmt: skip


async def _note(talk: Talk, shipment: int, asked: Released) -> None:
    """Note what is asked; the latest note counts."""
    notes = await noted(talk, [shipment])
    if notes.get(shipment) != asked:
        message = msgspec.json.encode(asked).decode()
        await talk.create(NOTE, {"resource": f"{_OUT},{shipment}", "message": message})


async def _amended(talk: Talk, settings: Settings, command: Command) -> str | None:
    rows = await _of(talk, _asked(settings, command).shipment_no)
    notes = await noted(talk, [row["id"] for row in rows])
    for row in rows:
        if row["state"] != "draft" and row["id"] in notes and notes[row["id"]].key == command.key:
            return str(row["number"])
    return None


async def _amend(talk: Talk, settings: Settings, command: Command) -> Done:
    """Other quantities, as long as nobody has begun to pick."""
    number = await _amended(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    asked = _asked(settings, command)
    rows = await _of(talk, asked.shipment_no)
    if not rows:
        raise Stop(Conflict(reason=f"it has no shipment {asked.shipment_no}"))
    row = rows[0]
    if row["state"] not in _OPEN:
        raise Stop(Rejected(reason=f"{asked.shipment_no} is {row['state']}: it cannot be changed any more"))
    if row["state"] != "draft":
        await talk.press_unchanged(_OUT, row, "draft")
        row = (await _of(talk, asked.shipment_no))[0]
    warehouse = await _warehouse(talk, str(command.content["warehouse"]))
    party = await talk.one("party.party", [["code", "=", settings.consignee]], ["customer_location"],
                           f"consignee {settings.consignee}")  # fmt: skip
    moves = await _moves(talk, warehouse, party["customer_location"], asked)
    await talk.write_unchanged(_OUT, row, {"outgoing_moves": [["delete", row["outgoing_moves"]], ["create", moves]]})
    await _note(talk, row["id"], asked)
    await documents.advance(talk, _OUT, row["id"], {"draft": "wait"}, ("waiting", "assigned", "picked"))
    return Done(row["number"])


async def _cancelled(talk: Talk, settings: Settings, command: Command) -> str | None:
    asked = _asked(settings, command)
    if await _of(talk, asked.shipment_no):
        return None
    rows = await talk.search(_OUT, [["reference", "=", asked.shipment_no], ["state", "=", "cancelled"]], ["number"])
    return str(rows[0]["number"]) if rows else None


async def _cancel(talk: Talk, settings: Settings, command: Command) -> Done:
    """Take it off the floor, as long as nobody has begun to pick."""
    number = await _cancelled(talk, settings, command)
    if number is not None:
        return Done(number, before=True)
    asked = _asked(settings, command)
    rows = await _of(talk, asked.shipment_no)
    if not rows:
        raise Stop(Conflict(reason=f"it has no shipment {asked.shipment_no}"))
    for row in rows:
        if row["state"] not in _OPEN:
            raise Stop(Rejected(reason=f"{asked.shipment_no} is {row['state']}: it cannot be cancelled any more"))
        try:
            await talk.press(_OUT, row["id"], "cancel")
        except Refused:
            if (await talk.read(_OUT, row["id"], ["state"]))["state"] != "cancelled":
                raise
    return Done(rows[0]["number"])
