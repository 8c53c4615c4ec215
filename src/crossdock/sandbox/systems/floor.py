"""The floor of a warehouse, whatever software runs it: release, pick, wait for the truck, hand over, issue, stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Annotated, Any, Final

from msgspec import Meta

from crossdock.sandbox.systems.book import Document, Record
from crossdock.sandbox.systems.chassis import Doing, System
from crossdock.sandbox.systems.control import Rules
from crossdock.sandbox.systems.faults import Share
from crossdock.sandbox.systems.web import Refused

_TRUCK_COMES_MINUTES: Final = 10
_WAVE_MS: Final = 20 * 60_000
_PALLET_LB: Final = 38
_POUNDS_A_PALLET: Final = 1_100
_NO_LOAD: Final = 404
Line = dict[str, Any]


class FloorRules(Rules, frozen=True, forbid_unknown_fields=True):
    """`short_pick`: share of orders picked short; `late_issue`: share whose goods issue is booked only so much later.

    `pick_minutes` and `issue_minutes` are the longest it takes; the least is a sixth of that.
    """

    short_pick: Share = 0.02
    late_issue: Share = 0
    late_issue_minutes: Annotated[float, Meta(ge=0)] = 720
    pick_minutes: Annotated[float, Meta(ge=0)] = 60
    issue_minutes: Annotated[float, Meta(ge=0)] = 45


class Floor:
    """Works on releases: records of the entity `release` with order_no, shipment_no, warehouse, lines, status."""

    def __init__(
        self,
        system: System[FloorRules],
        warehouses: Sequence[str],
        *,
        numbers: str,
        picked: Callable[[Record], None],
        issued: Callable[[Record], None],
    ) -> None:
        """`numbers` stands in every number that it gives; `picked` and `issued` are told when it happens."""
        self._system = system
        self._book = system.book
        self._warehouses = warehouses
        self._numbers = numbers
        self._picked = picked
        self._issued = issued

    def jobs(self) -> dict[str, Doing]:
        """The work of the floor."""
        return {"pick": self.pick, "hand_over": self.hand_over, "issue": self.issue}

    # -- releases -----------------------------------------------------------------------------------------------------

    def check(self, warehouse: str, lines: Sequence[Line]) -> None:
        """Raises `Refused` (422) if it has no such warehouse or article."""
        if warehouse not in self._warehouses:
            raise Refused(422, "unknown_warehouse", f"{warehouse[:40]!r} is not run by this system")
        for line in lines:
            if (warehouse, line["sku"]) not in self._system.world.on_hand:
                raise Refused(422, "unknown_item", f"line {line['line']}: {line['sku'][:40]!r} is not stocked here")

    def release(
        self, order_no: str, shipment_no: str | None, warehouse: str, lines: Sequence[Line], reference: str
    ) -> Record:
        """Take an order onto the floor."""
        number = self._next("releases", "R")
        body = {
            "order_no": order_no,
            "shipment_no": shipment_no or order_no.replace("ORD", "LTL"),
            "warehouse": warehouse,
            "lines": list(lines),
            "status": "released",
            "reference": reference,
        }
        self._reserve(body, 1)
        release = self.enter("release", number, body)
        most = self._system.rules.pick_minutes
        self._system.later(most / 6, most, "pick", {"release": number})
        return release

    def amend(self, release: Record, lines: Sequence[Line], **members: object) -> Record:
        """Change what is to be picked."""
        self.check(release.body["warehouse"], lines)
        self._reserve(release.body, -1)
        body = {**release.body, "lines": list(lines), **members}
        self._reserve(body, 1)
        return self.enter("release", release.id, body)

    def cancel(self, release: Record, **members: object) -> Record:
        """Take an order off the floor."""
        self._reserve(release.body, -1)
        return self.enter("release", release.id, {**release.body, "status": "cancelled", **members})

    def stock(self, warehouse: str, sku: str) -> Document:
        """What there is of an article."""
        kept = self._book.get("stock", f"{warehouse}/{sku}")
        return (
            kept.body
            if kept
            else {
                "warehouse": warehouse,
                "sku": sku,
                "on_hand": self._system.world.on_hand[warehouse, sku],
                "reserved": 0,
            }
        )

    def all_stock(self, warehouse: str | None) -> list[Document]:
        """What there is of everything."""
        places = sorted(self._system.world.on_hand)
        wanted = [warehouse] if warehouse else self._warehouses
        return [self.stock(*place) for place in places if place[0] in wanted and place[0] in self._warehouses]

    def enter(self, entity: str, id_: str, body: Document) -> Record:
        """Put a thing into the book as it is now."""
        return self._book.put(entity, id_, body, self._system.now_ms())

    # -- the work -----------------------------------------------------------------------------------------------------

    def pick(self, body: Document) -> None:
        """Pick what is there; sometimes a little less is found than the book says."""
        release = self._book.get("release", body["release"])
        if release is None or release.body["status"] != "released":
            return
        luck = self._system.luck("pick", release.id)
        lines = [self._found(release.body["warehouse"], line) for line in release.body["lines"]]
        if luck.random() < self._system.rules.short_pick:
            victim = luck.choice(lines)
            victim["picked"] = min(victim["picked"], _shortened(victim["ordered"], luck, alone=len(lines) == 1))
        if not any(line["picked"] for line in lines):
            self._system.later(60, 120, "pick", body)
            return
        for line in lines:
            line["location"] = f"{luck.choice('BCDEFGHK')}{luck.randint(1, 48):02d}-{luck.randint(1, 6)}"
            line["lot"] = f"{luck.getrandbits(24):06X}"
        named = {name: release.body[name] for name in ("order_no", "shipment_no", "warehouse")}
        worker = {
            "wave": f"V{self._system.now_ms() // _WAVE_MS % 1_000:03d}",
            "picker": f"P{luck.randint(1, 350):04d}",
        }
        pick = self.enter("pick", self._next("picks", "PCK"), {**named, **worker, "lines": lines})
        self.enter("release", release.id, {**release.body, "status": "picked", "pick": pick.id})
        self._picked(pick)
        most = self._system.rules.issue_minutes
        self._system.later(most / 6, most, "hand_over", {"release": release.id, "issue": self._next("issues", "GDI")})

    async def hand_over(self, body: Document) -> None:
        """Load the truck; as long as no carrier has come for the shipment, look again later."""
        release = self._book.get("release", body["release"])
        pick = self._book.get("pick", release.body["pick"]) if release else None
        if release is None or pick is None:
            return
        weight, pallets = self._weight(pick)
        load = {"shipment_no": pick.body["shipment_no"], "gi_doc": body["issue"], "pallets": pallets}
        status, truck = await self._system.call("carriers", "/handovers", {**load, "gross_weight_lb": weight})
        if status == _NO_LOAD:
            self._system.later(_TRUCK_COMES_MINUTES / 2, _TRUCK_COMES_MINUTES, "hand_over", body)
            return
        issue = {**body, "scac": truck.get("scac"), "weight_lb": weight, "pallets": pallets}
        rules, luck = self._system.rules, self._system.luck("late", release.id)
        if luck.random() < rules.late_issue:
            self._system.later(rules.late_issue_minutes, rules.late_issue_minutes, "issue", issue)
        else:
            self.issue(issue)

    def issue(self, body: Document) -> None:
        """Book the goods out: they have left."""
        release = self._book.get("release", body["release"])
        pick = self._book.get("pick", release.body["pick"]) if release else None
        if release is None or pick is None or self._book.get("issue", body["issue"]):
            return
        self._reserve(release.body, -1)
        for line in pick.body["lines"]:
            kept = self.stock(pick.body["warehouse"], line["sku"])
            self._keep({**kept, "on_hand": kept["on_hand"] - line["picked"]})
        luck = self._system.luck("issue", body["issue"])
        out = {name: pick.body[name] for name in ("order_no", "shipment_no", "warehouse")} | {
            "scac": body["scac"],
            "gross_weight_lb": body["weight_lb"],
            "pallets": body["pallets"],
            "seal_no": f"N{luck.randrange(10**6):06d}",
            "lines": [{"line": one["line"], "sku": one["sku"], "qty": one["picked"]} for one in pick.body["lines"]],
        }
        issue = self.enter("issue", body["issue"], out)
        self.enter("release", release.id, {**release.body, "status": "issued", "issue": issue.id})
        self._issued(issue)

    def _found(self, warehouse: str, line: Line) -> Line:
        there = max(0, self.stock(warehouse, line["sku"])["on_hand"])
        return {"line": line["line"], "sku": line["sku"], "ordered": line["qty"], "picked": min(line["qty"], there)}

    def _weight(self, pick: Record) -> tuple[int, int]:
        """Gross weight in pounds, and pallets."""
        weights = {item.sku: item.weight_lb for item in self._system.world.items}
        goods = sum(line["picked"] * weights[line["sku"]] for line in pick.body["lines"])
        pallets = 1 + goods // _POUNDS_A_PALLET
        return goods + pallets * _PALLET_LB, pallets

    def _reserve(self, release: Document, sign: int) -> None:
        for line in release["lines"]:
            kept = self.stock(release["warehouse"], line["sku"])
            self._keep({**kept, "reserved": kept["reserved"] + sign * line["qty"]})

    def _keep(self, stock: Document) -> None:
        self.enter("stock", f"{stock['warehouse']}/{stock['sku']}", stock)

    def _next(self, series: str, prefix: str) -> str:
        return f"{prefix}-{self._numbers}{self._book.count(series):07d}"


def _shortened(ordered: int, luck: Random, *, alone: bool) -> int:
    """Fewer than ordered; of the only line at least one piece, which alone cannot be short."""
    return luck.randrange(1, max(2, ordered)) if alone else luck.randrange(ordered)
