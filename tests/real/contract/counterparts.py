"""The systems that the contract is tried on: how each is reached, what it can be asked, and what its own books say."""

from __future__ import annotations

import hmac
import itertools
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar

from tests.real.tryton import erp as house
from tests.real.tryton import floor
from tests.real.tryton.rpc import Person
from tests.real.tryton.servers import Tryton, copied, until

from crossdock.engine import configuration
from crossdock.kit.connection import Configured, Connection
from crossdock.kit.connector import Command, Hint, Hook
from crossdock.kit.maker import Secrets
from crossdock.sandbox.systems.fleet import Fleet
from crossdock.testing.counterpart import Counterpart

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "distributor"


# -- the sandbox, by the generic connector -----------------------------------------------------------------------------


class Sandbox:
    """A system of the sandbox, spoken to by the example's manifest."""

    maker = "crossdock.connectors.rest:MAKER"

    def __init__(self, fleet: Fleet, system: str) -> None:
        self.fleet, self.system = fleet, system
        self.name = f"rest/{system}"
        self.address = fleet.address(system)
        self.secrets = Secrets(bearer=fleet.tokens[system], hook_secret=fleet.hook_secrets[system])
        self._numbers = itertools.count(1)

    def configured(self) -> Configured:
        return configuration.read_folder(EXAMPLE).connections[self.system]

    def reversible(self) -> Command:
        return self.command()

    def command(self) -> Command:
        raise NotImplementedError

    def reverse(self, command: Command, document_no: str | None) -> Command:
        return undo_of(command, document_no)

    def count(self, command: Command) -> int:
        return sum(one["applied"] for one in self.fleet.book(self.system)["deeds"] if one["key"] == command.key)

    def by_hand(self, path: str, document: dict[str, Any]) -> None:
        """Somebody there does it."""
        key = {"Idempotency-Key": f"by hand {next(self._numbers)}"}
        self.fleet.ask(self.system, "POST", path, document, key)

    def call(self, hint: Hint) -> Hook:
        body = json.dumps({"entity": hint.entity, "id": hint.id}).encode()
        timestamp = str(int(time.time()))
        secret = str(self.secrets.hook_secret).encode()
        signature = hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()
        return Hook(headers={"x-sandbox-signature": f"sha256={signature}", "x-sandbox-timestamp": timestamp}, body=body)


class SandboxErp(Sandbox):
    """Goods issues are asked for, invoices are told."""

    def __init__(self, fleet: Fleet, system: str) -> None:
        super().__init__(fleet, system)
        fleet.control(system, rules={"async_numbers": False})

    def command(self) -> Command:
        number = next(self._numbers)
        content: dict[str, object] = {
            "issue_no": f"GI{number}", "order_no": f"SO{number}", "shipment_no": f"SH{number}", "warehouse": "DC01",
            "lines": [[1, "BRG-001", 5], [2, "VLV-010", 2]],
        }  # fmt: skip
        key = f"shipment/SH{number}/goods_issue/GI{number}/1"
        return Command(key=key, kind="post_goods_issue", action="do", content=content)

    def stands(self, command: Command) -> int:
        found = self.fleet.ask(self.system, "GET", f"/goods_issues?reference={command.key}")["items"]
        return sum(one["status"] == "posted" for one in found)

    def change(self) -> Hint:
        """Somebody bills an order."""
        order = f"HAND-{next(self._numbers)}"
        line = {"line": 1, "sku": "BRG-001", "qty": 1}
        invoice = {"order_no": order, "customer_no": "K00001", "currency": "USD", "lines": [line]}
        self.by_hand("/invoices", invoice)
        number = self.fleet.ask(self.system, "GET", f"/invoices/{order}")["document_no"]
        return Hint(entity="customer_invoice", id=number)


class SandboxWms(Sandbox):
    """Releases are asked for, picks are told."""

    def command(self) -> Command:
        number = next(self._numbers)
        content: dict[str, object] = {
            "order_no": f"ORD-{number:07d}", "warehouse": "DC01", "lines": [[1, "BRG-001", 5], [2, "VLV-010", 2]],
        }  # fmt: skip
        return Command(key=f"order/ORD-{number:07d}/release/1", kind="release_order", action="do", content=content)

    def stands(self, command: Command) -> int:
        found = self.fleet.ask(self.system, "GET", f"/api/v1/releases?reference={command.key}")["items"]
        return sum(one["status"] == "released" for one in found)

    def change(self) -> Hint:
        """Somebody releases an order and picks it at once."""
        order = f"HAND-{next(self._numbers)}"
        line = {"lineNo": 1, "itemCode": "BRG-001", "quantity": 1}
        self.fleet.control(self.system, rules={"pick_minutes": 0})
        self.by_hand("/api/v1/releases", {"orderNo": order, "warehouseCode": "DC01", "lines": [line]})
        self.fleet.control(self.system, rules={"pick_minutes": 60})
        picked: Hint = until(lambda: self._picked(order))
        return picked

    def _picked(self, order: str) -> Hint | None:
        picks = self.fleet.ask(self.system, "GET", "/api/v1/picks?limit=1000")["items"]
        return next((Hint(entity="pick", id=pick["id"]) for pick in picks if pick["orderNo"] == order), None)


# -- Tryton ------------------------------------------------------------------------------------------------------------


class TrytonHouse:
    """What both Trytons of the tests have."""

    maker = ""
    manifest: ClassVar[dict[str, Any]] = {}
    role: ClassVar[str] = ""

    def __init__(self, server: Tryton) -> None:
        self.server = server
        self.address = server.address
        self.name = self.manifest["manifest"]
        self.secrets = Secrets(bearer=house.KEY, password=house.USER[1])
        self._numbers = itertools.count(1)
        self.person: Person = server.person()
        self.manifest_more: dict[str, Any] = {}

    def configured(self) -> Configured:
        manifest = {**self.manifest, "database": self.server.database, **self.manifest_more}
        connection = Connection(role=self.role, connector=self.name, manifest=self.name)
        return Configured(connection=connection, manifest=manifest)

    def asked(self, fields: list[str], number: int) -> bytes:
        """What it answers to somebody with a key who asks for a party: the bytes of its record."""
        query = "&".join(f"f={field}" for field in fields)
        url = f"{self.address}/{self.server.database}/rest/model/party.party/{number}?{query}"
        request = urllib.request.Request(url, headers={"Authorization": f"bearer {house.KEY}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: bytes = answer.read()
            return body

    def by_hand(self, reference: str, consignee: str) -> int:
        """A draft of a shipment of one item, as somebody there would make it."""
        person = self.person
        warehouse = person.rows("stock.location", [["code", "=", "DC01"]], ["storage_location", "output_location"])[0]
        party = person.rows("party.party", [["code", "=", consignee]], ["addresses", "customer_location"])[0]
        move = {
            "product": person.one("product.product", ["code", "=", "BRG-001"]), "quantity": 1, "currency": 1,
            "unit": person.one("product.uom", ["name", "=", "Unit"]), "unit_price": Decimal(10),
            "from_location": warehouse["output_location"], "to_location": party["customer_location"],
            "company": person.context["company"],
        }  # fmt: skip
        return person.make(
            "stock.shipment.out", company=person.context["company"], reference=reference, warehouse=warehouse["id"],
            warehouse_storage=warehouse["storage_location"], warehouse_output=warehouse["output_location"],
            customer=party["id"], delivery_address=party["addresses"][0], outgoing_moves=[["create", [move]]],
        )  # fmt: skip


class TrytonErp(TrytonHouse):
    """Freight invoices: the deed with the most steps. A shipment that has left is billed once by each carrier."""

    manifest: ClassVar[dict[str, Any]] = {
        "manifest": "tryton-erp",
        "version": 1,
        "database": "",
        "user": house.USER[0],
        "overlap_seconds": 5,
    }
    role = "erp"
    maker = "crossdock.connectors.tryton.erp:MAKER"

    def __init__(self, server: Tryton) -> None:
        super().__init__(server)
        self._shipped: set[int] = set()

    def command(self) -> Command:
        number = next(self._numbers)
        shipment, carrier = divmod(number, len(house.CARRIERS))
        if shipment not in self._shipped:
            self.shipped(shipment)
        content: dict[str, object] = {
            "shipment_no": f"SH{shipment}", "scac": house.CARRIERS[carrier], "invoice_no": f"FI{number}",
            "total_minor": 10_000 + number, "currency": "USD",
        }  # fmt: skip
        key = f"shipment/SH{shipment}/freight_invoice/FI{number}/1"
        return Command(key=key, kind="post_freight_invoice", action="do", content=content)

    def shipped(self, number: int) -> int:
        """An order that its people entered and shipped, as if we had asked for it; the draft of its invoice."""
        self._shipped.add(number)
        person = self.person
        sale = self.ordered(None, 1)
        shipment = person.rows("sale.sale", [["id", "=", sale]], ["shipments"])[0]["shipments"][0]
        person.change("stock.shipment.out", shipment, reference=f"shipment/SH{number}/goods_issue/GI/1")
        for button in ("assign_force", "pick", "pack", "do"):
            person.press("stock.shipment.out", button, shipment)
        [invoice] = person.rows("sale.sale", [["id", "=", sale]], ["invoices"])[0]["invoices"]
        return int(invoice)

    def ordered(self, order_no: str | None, quantity: int) -> int:
        """An order that its people entered; its sale."""
        person = self.person
        party = person.rows("party.party", [["code", "=", "K00001"]], ["addresses"])[0]
        line = {
            "product": person.one("product.product", ["code", "=", "BRG-001"]), "quantity": quantity, "sequence": 1,
            "unit": person.one("product.uom", ["name", "=", "Unit"]), "unit_price": Decimal(10),
            "taxes": [["add", [person.one("account.tax", ["name", "=", "Sales tax 6 %"])]]],
        }  # fmt: skip
        sale = person.make(
            "sale.sale", company=person.context["company"], party=party["id"], invoice_address=party["addresses"][0],
            shipment_address=party["addresses"][0], warehouse=person.one("stock.location", ["code", "=", "DC01"]),
            currency=person.one("currency.currency", ["code", "=", "USD"]), invoice_method="fulfillment",
            shipment_method="order", reference=order_no, lines=[["create", [line]]],
        )  # fmt: skip
        for button in ("quote", "confirm", "process"):
            person.press("sale.sale", button, sale)
        return sale

    def reversible(self) -> Command:
        """Goods that left an order that its people entered, seven of ten."""
        number = next(self._numbers)
        self.ordered(f"ORD-{number}", 10)
        content: dict[str, object] = {
            "issue_no": f"GI{number}", "order_no": f"ORD-{number}", "shipment_no": f"LTL-{number}", "warehouse": "DC01",
            "lines": [[1, "BRG-001", 7]],
        }  # fmt: skip
        key = f"shipment/LTL-{number}/goods_issue/GI{number}/1"
        return Command(key=key, kind="post_goods_issue", action="do", content=content)

    def reverse(self, command: Command, document_no: str | None) -> Command:
        return undo_of(command, document_no)

    def stands(self, command: Command) -> int:
        """What left, less what came back: shipments, and pieces."""
        left = [["shipment.reference", "=", command.key, "stock.shipment.out"], ["to_location.type", "=", "customer"]]
        back = [["shipment.reference", "=", f"{command.key[:-1]}2", "stock.shipment.out.return"],
                ["from_location.type", "=", "customer"]]  # fmt: skip
        gone, came = (
            sum(row["quantity"] for row in self.person.rows("stock.move", [*d, ["state", "=", "done"]], ["quantity"]))
            for d in (left, back)
        )
        assert gone == 7
        assert came in {0, 7}
        return int(gone - came) // 7

    def count(self, command: Command) -> int:
        """Invoices, of whatever state, whose cost stands on one posted allocation."""
        rows = self.person.rows("account.invoice", [["description", "=", command.key]], ["state", "number", "lines"])
        domain = [["invoice_lines.invoice.description", "=", command.key], ["state", "=", "posted"]]
        costs = self.person.rows("account.shipment_cost", domain, [])
        assert len(costs) <= 1
        return len(rows)

    def change(self) -> Hint:
        """Somebody enters a customer."""
        number = next(self._numbers)
        return Hint(entity="customer", id=str(self.person.make("party.party", name=f"New {number}", code=f"N{number}")))


class TrytonWms(TrytonHouse):
    """Releases; what its people pick is told."""

    manifest: ClassVar[dict[str, Any]] = {
        "manifest": "tryton-wms", "version": 1, "user": house.USER[0], "overlap_seconds": 5,
        "shipment_prefix": {"ORD": "LTL"}, "source": "wms/{warehouse}",
    }  # fmt: skip
    role = "wms"
    maker = "crossdock.connectors.tryton.wms:MAKER"

    def command(self) -> Command:
        number = next(self._numbers)
        content: dict[str, object] = {
            "order_no": f"ORD-{number}",
            "warehouse": "DC01",
            "lines": [[1, "BRG-001", 5], [2, "VLV-010", 2]],
        }
        return Command(key=f"order/ORD-{number}/release/1", kind="release_order", action="do", content=content)

    def count(self, command: Command) -> int:
        reference = str(command.content["order_no"]).replace("ORD", "LTL")
        return len(self.person.model("stock.shipment.out", "search", [["reference", "=", reference]], 0, None, None))

    def reversible(self) -> Command:
        return self.command()

    def reverse(self, command: Command, document_no: str | None) -> Command:
        return undo_of(command, document_no)

    def stands(self, command: Command) -> int:
        reference = str(command.content["order_no"]).replace("ORD", "LTL")
        domain = [["reference", "=", reference], ["state", "!=", "cancelled"]]
        return len(self.person.model("stock.shipment.out", "search", domain, 0, None, None))

    def change(self) -> Hint:
        """Somebody ships something on his own account."""
        number = next(self._numbers)
        shipment = self.by_hand(f"HAND-{number}", "ORDERS")
        self.person.press("stock.shipment.out", "wait", shipment)
        floor.pick(self.person, f"HAND-{number}")
        return Hint(entity="shipment", id=str(shipment))


def undo_of(command: Command, document_no: str | None) -> Command:
    """The next generation of a command takes it back."""
    return Command(
        key=f"{command.key.rpartition('/')[0]}/2", kind=command.kind, action="undo", content=command.content,
        of_key=command.key, of_document=document_no,
    )  # fmt: skip


@contextmanager
def counterpart(name: str, folder: Path) -> Iterator[Counterpart]:
    """One of them, running."""
    with ExitStack() as stack:
        if name.startswith("rest/"):
            system = name.removeprefix("rest/")
            fleet = stack.enter_context(Fleet(folder, names=[system], seed=7, speed=1))
            yield SandboxErp(fleet, system) if system == "erp" else SandboxWms(fleet, system)
        else:
            kind = name.removeprefix("tryton-")
            server = stack.enter_context(Tryton(stack.enter_context(copied(kind))))
            yield TrytonErp(server) if kind == "erp" else TrytonWms(server)


NAMES = ("rest/erp", "rest/wms-a", "tryton-erp", "tryton-wms")
CALLING = NAMES[:2]
