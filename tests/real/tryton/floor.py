"""The people of the warehouse: they pick what they find, pack it on pallets, and send it off."""

from __future__ import annotations

from tests.real.tryton.rpc import Person

_OUT = "stock.shipment.out"


def pick(person: Person, shipment_no: str, found: dict[str, int] | None = None) -> int:
    """Pick a shipment; `found` says of which item less was there than was asked for. Its id."""
    shipment = person.one(_OUT, ["reference", "=", shipment_no], ["state", "in", ["waiting", "assigned"]])
    moves = person.rows("stock.move", [["shipment", "=", f"{_OUT},{shipment}"], ["to_location.type", "=", "storage"]],
                        ["product.code", "quantity"])  # fmt: skip
    for move in moves:
        there = (found or {}).get(move["product."]["code"])
        if there is not None:
            person.change("stock.move", move["id"], quantity=there)
    person.press(_OUT, "assign_force", shipment)
    person.press(_OUT, "pick", shipment)
    return shipment


def send(person: Person, shipment: int) -> None:
    """Pack what was picked onto one pallet, and let it leave."""
    company = person.context["company"]
    domain = [["shipment", "=", f"{_OUT},{shipment}"], ["to_location.type", "=", "customer"], ["quantity", ">", 0]]
    moves = person.model("stock.move", "search", domain, 0, None, None)
    person.make("stock.package", company=company, type=person.one("stock.package.type", ["name", "=", "Pallet"]),
                shipment=f"{_OUT},{shipment}", moves=[["add", moves]])  # fmt: skip
    person.press(_OUT, "pack", shipment)
    person.press(_OUT, "do", shipment)
