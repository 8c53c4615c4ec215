"""What people do in real systems is told: as it was sent, byte for byte, and as events of ours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from tests.real.contract.counterparts import TrytonErp, TrytonWms
from tests.real.tryton import erp as seed

from crossdock.kit.connector import Connector, Page, Record
from crossdock.mapping import compile_mapping
from crossdock.model.envelope import Event, Rejection
from crossdock.model.event import Fact, Reference
from crossdock.model.events import OrderCreated
from crossdock.model.master_data import ItemPublished, PartyPublished
from crossdock.model.stock import GoodsReceived, StockAdjusted, StockCounted
from crossdock.testing.counterpart import opened

MAPPINGS = Path(__file__).resolve().parents[2] / "examples" / "tryton" / "mappings"


def read(system: TrytonErp | TrytonWms, begins: datetime, *watch: str) -> list[Record]:
    """All records of these kinds that were changed since a moment."""

    async def ask(connector: Connector) -> list[Record]:
        records: list[Record] = []
        cursor = None
        try:
            while True:
                page = await connector.changes(cursor)
                assert isinstance(page, Page), page
                records += page.records
                cursor = page.cursor
                if not page.more:
                    return records
        finally:
            await connector.close()

    system.manifest_more = {"watch": list(watch), "begins": begins.isoformat()}
    try:
        return asyncio.run(ask(opened(system)))
    finally:
        system.manifest_more = {}


def events(name: str, records: list[Record]) -> list[Fact | Reference]:
    """What a mapping makes of them; nothing may be refused."""
    mapping = compile_mapping((MAPPINGS / f"{name}.yaml").read_text())
    made: list[Fact | Reference] = []
    for record in records:
        for one in mapping.read(record.body):
            assert not isinstance(one, Rejection), one
            assert isinstance(one, Event)
            made.append(one.data)
    return made


def test_items_customers_and_orders_of_the_erp_become_events(tryton_erp: TrytonErp) -> None:
    erp, begins = tryton_erp, datetime.now(UTC)
    person = erp.person
    unit = person.one("product.uom", ["name", "=", "Unit"])
    template = person.make("product.template", name="A new bearing", type="goods", default_uom=unit,
                           list_price=Decimal(3))  # fmt: skip
    person.make("product.product", template=template, suffix_code="BRG-NEW", cost_price=Decimal(1))
    address = {"street": "5 Lane\nBack door", "city": "Reno", "postal_code": "89501"}
    person.make("party.party", name="Ann & Co", code="K-NEW", addresses=[["create", [address]]])
    erp.ordered("ORD-OF-THE-ERP", 12)
    records = read(erp, begins, "item", "customer", "order")
    told = events("tryton-erp", records)
    [item] = [one for one in told if isinstance(one, ItemPublished)]
    assert (item.sku, item.name, item.unit) == ("BRG-NEW", "A new bearing", "EA")
    [party] = [one for one in told if isinstance(one, PartyPublished)]
    assert (party.customer_no, party.address.street, party.address.city) == ("K-NEW", "5 Lane Back door", "Reno")
    [order] = [one for one in told if isinstance(one, OrderCreated)]
    assert (order.order_no, order.customer_no, order.warehouse) == ("ORD-OF-THE-ERP", "K00001", "DC01")
    assert [(line.line, line.sku, line.quantity, line.unit_price_minor) for line in order.lines] == [
        (1, "BRG-001", 12, 1_000)
    ]


def test_a_record_is_kept_as_it_was_sent(tryton_erp: TrytonErp) -> None:
    """The bytes of the record itself are those that the system answers to somebody who asks by hand."""
    erp, begins = tryton_erp, datetime.now(UTC)
    number = erp.person.make("party.party", name='Quote " and é', code="K-BYTES")
    [record] = read(erp, begins, "customer")
    raw = bytes(msgspec.json.decode(record.body, type=dict[str, msgspec.Raw])["record"])
    assert raw in record.body
    address = ("street", "city", "postal_code", "subdivision.code", "country.code")
    answer = erp.asked(["code", "name", "_timestamp", *(f"addresses.{field}" for field in address)], number)
    # In whatever order an answer has its members: Tryton's own changes from one question to the next.
    assert sorted(answer) == sorted(raw)
    assert msgspec.json.decode(answer) == msgspec.json.decode(raw)


def test_receipts_counts_and_what_was_lost_or_found_become_events(tryton_wms: TrytonWms) -> None:
    wms, begins = tryton_wms, datetime.now(UTC)
    person = wms.person
    received(person, "ASN-77", {"BRG-001": 40, "VLV-010": 5})
    place = person.one("stock.location", ["code", "=", "DC01-storage"])
    nowhere = person.one("stock.location", ["type", "=", "lost_found"])
    counted(person, place, {"BRG-001": 7})
    moved(person, "VLV-010", 3, place, nowhere)
    moved(person, "VLV-010", 1, nowhere, place)
    records = read(wms, begins, "receipt", "count", "written_off", "found")
    assert {record.source for record in records} == {"wms/DC01"}
    told = events("tryton-wms", records)
    [receipt] = [one for one in told if isinstance(one, GoodsReceived)]
    assert (receipt.shipment_no, receipt.warehouse, receipt.supplier_no) == ("ASN-77", "DC01", "K00001")
    assert {line.sku: line.quantity for line in receipt.lines} == {"BRG-001": 40, "VLV-010": 5}
    [count] = [one for one in told if isinstance(one, StockCounted)]
    assert count.expected is not None
    assert (count.sku, count.counted - count.expected) == ("BRG-001", -7)
    changes = {one.reason: one.quantity for one in told if isinstance(one, StockAdjusted)}
    assert changes == {"lost": -3, "found": 1}


def received(person: Any, asn: str, goods: dict[str, int]) -> None:
    """A truck was unloaded and its goods put away."""
    company = person.context["company"]
    supplier = person.rows("party.party", [["code", "=", "K00001"]], ["addresses", "supplier_location"])[0]
    warehouse = person.rows("stock.location", [["code", "=", "DC01"]], ["input_location", "storage_location"])[0]
    moves = [
        {"product": person.one("product.product", ["code", "=", sku]), "quantity": quantity, "company": company,
         "unit": person.one("product.uom", ["name", "=", "Unit"]), "unit_price": Decimal(0), "currency": 1,
         "from_location": supplier["supplier_location"], "to_location": warehouse["input_location"]}
        for sku, quantity in goods.items()
    ]  # fmt: skip
    shipment = person.make(
        "stock.shipment.in", company=company, supplier=supplier["id"], reference=asn, warehouse=warehouse["id"],
        warehouse_input=warehouse["input_location"], warehouse_storage=warehouse["storage_location"],
        incoming_moves=[["create", moves]],
    )  # fmt: skip
    for button in ("receive", "do"):
        person.press("stock.shipment.in", button, shipment)


def counted(person: Any, place: int, missing: dict[str, int]) -> None:
    """Somebody counted, and found so many less than the books say."""
    lines = []
    for sku, less in missing.items():
        item = person.one("product.product", ["code", "=", sku])
        [row] = person.model("product.product", "search_read", [["id", "=", item]], 0, None, None, ["quantity"],
                             locations=[place], stock_date_end=seed.today())  # fmt: skip
        lines.append({"product": item, "quantity": row["quantity"] - less})
    inventory = person.make("stock.inventory", company=person.context["company"], location=place, date=seed.today(),
                            empty_quantity="keep", lines=[["create", lines]])  # fmt: skip
    person.press("stock.inventory", "confirm", inventory)


def moved(person: Any, sku: str, quantity: int, from_: int, to: int) -> None:
    """Goods were moved by an internal shipment."""
    company = person.context["company"]
    item, unit = person.one("product.product", ["code", "=", sku]), person.one("product.uom", ["name", "=", "Unit"])
    move = {"product": item, "quantity": quantity, "unit": unit, "company": company, "from_location": from_,
            "to_location": to}  # fmt: skip
    shipment = person.make(
        "stock.shipment.internal", company=company, from_location=from_, to_location=to, moves=[["create", [move]]]
    )
    for button in ("wait", "assign_force", "do"):
        person.press("stock.shipment.internal", button, shipment)
