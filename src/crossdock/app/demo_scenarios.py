"""Stories of the demonstration: a house with few orders, one thing that goes wrong, and how it must end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import msgspec

from crossdock.app.estate import CONNECTED, Estate, NotStill
from crossdock.app.reconciling import Books
from crossdock.store import day_end, dead_letters, delivery_look
from crossdock.store import estate as store

_SPEED: Final = 3_000.0
_STILL_SECONDS: Final = 45.0
_PAID: Final = frozenset({"PAID", "PARTIALLY_PAID"})
_EARLY: Final = 3
_CHANGED: Final = 4
_ORDER: Final = (
    "order_no", "customer_no", "warehouse", "currency", "ship_to", "requested_date", "freight_charge", "lines",
)  # fmt: skip
_SETTLED_SECONDS: Final = 1.5
# Workers look round for a changed configuration every second.
_LEARNED_SECONDS: Final = 2.5
_LAG_SECONDS: Final = 0.8
_CALM: Final[dict[str, dict[str, Any]]] = {
    "carriers": {"rules": {"decline": 0, "variance": 0}},
    "wms-a": {"rules": {"short_pick": 0}},
    "wms-b": {"rules": {"short_pick": 0}},
    "bank": {"rules": {"short": 0}},
}


class Seen(NamedTuple):
    """What there is at the end, to be judged. `noted` is what a script wrote down, `took` seconds by target."""

    items: Counter[str]
    copies: int
    dead_letters: int
    opened: int
    asked_again: int
    books: Books
    noted: dict[str, int]
    took: dict[str, list[float]]

    def records(self, system: str, entity: str) -> dict[str, Any]:
        """What a system holds."""
        return dict(self.books[system]["records"].get(entity, {}))


class Scenario(NamedTuple):
    """One story: what is done to the house, and what must be seen at the end (each a sentence and whether it holds)."""

    name: str
    title: str
    story: str
    judge: Callable[[Seen, int], dict[str, bool]]
    wishes: Mapping[str, dict[str, Any]] = MappingProxyType({})
    script: Callable[[Estate, dict[str, int]], None] = lambda _estate, _noted: None
    orders: int = 8
    speed: float = _SPEED


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    scenario: str
    title: str
    is_as_told: bool
    seconds: float
    seen: list[str]
    findings: list[str]


def play(scenario: Scenario, estate: Estate) -> Verdict:
    """Play it on an estate that is not open yet."""
    started = time.monotonic()
    noted: dict[str, int] = {}
    findings: list[str] = []
    estate.open()
    for wishes in (_CALM, scenario.wishes):
        for system, wish in wishes.items():
            estate.fleet.control(system, **wish)
    estate.order(scenario.orders)
    try:
        scenario.script(estate, noted)
        estate.await_still(_STILL_SECONDS)
    except NotStill as still:
        findings.append(str(still))
    for system in estate.fleet.names:
        estate.fleet.control(system, faults=None)
    seen = _seen(estate, noted)
    orders = scenario.orders + noted.get("more orders", 0)
    paid = sum(bool(view) and view["status"] in _PAID for view in estate.ours().orders.values() if view)
    told = {f"{paid} of {orders} orders are paid": paid == orders} | scenario.judge(seen, orders)
    findings += [f"it should be so: {sentence}" for sentence, holds in told.items() if not holds]
    findings += estate.findings()
    return Verdict(
        scenario=scenario.name,
        title=scenario.title,
        is_as_told=not findings,
        seconds=round(time.monotonic() - started, 1),
        seen=[sentence for sentence, holds in told.items() if holds],
        findings=findings,
    )


def _seen(estate: Estate, noted: dict[str, int]) -> Seen:
    connection, tenant = estate.connection, estate.tenant
    changes = [one for name in CONNECTED for one in delivery_look.events(connection, tenant, name, 100)]
    return Seen(
        items=Counter(code for code, _ in day_end.open_items(connection, tenant)),
        copies=day_end.copies(connection, tenant),
        dead_letters=day_end.dead_letters(connection, tenant),
        opened=sum(one.what == "breaker" and one.after == "open" for one in changes),
        asked_again=sum(one.retried + one.unknown for one in delivery_look.standings(connection, tenant).values()),
        books=estate.books(),
        noted=noted,
        took=store.took_seconds(connection, tenant),
    )


# -- scripts and judgements --------------------------------------------------------------------------------------------


def _await(what: Callable[[], bool], seconds: float = 25.0) -> None:
    give_up_at = time.monotonic() + seconds
    while not what():
        if time.monotonic() > give_up_at:
            raise NotStill("the story did not come to its turn")
        time.sleep(0.1)


def _late(seen: Seen, orders: int) -> dict[str, bool]:
    count = seen.items["OUT_OF_SEQUENCE"]
    return {
        f"{count} proofs of delivery came before their goods issues, and each was noted": 0 < count <= orders,
        "no order was invoiced twice": len(seen.records("erp", "invoice")) == orders,
    }


def _decide_two(estate: Estate, noted: dict[str, int]) -> None:
    """Once three charges wait, one is approved and one is disputed; the carrier corrects its bill."""
    _await(lambda: len(estate.waiting("FREIGHT_VARIANCE")) >= _EARLY)
    approved, disputed, *_ = estate.waiting("FREIGHT_VARIANCE")
    noted["approved"] = estate.decide("approve", approved)
    noted["disputed"] = estate.decide("dispute", disputed)
    _await(lambda: any(one["status"] == "corrected" for one in estate.records("carriers", "dispute").values()))


def _surprised(seen: Seen, orders: int) -> dict[str, bool]:
    count, posted = seen.items["FREIGHT_VARIANCE"], len(seen.records("erp", "freight_invoice"))
    return {
        f"{count} freight invoices are $84.00 too high, and wait for a person": 0 < count <= orders - 2,
        "one was approved, one was disputed and corrected": seen.noted == {"approved": 1, "disputed": 1},
        f"these and what was right are posted: {posted}": posted == orders - count,
    }


def _one_load_each(seen: Seen, orders: int) -> dict[str, bool]:
    delivered = [one["order_no"] for one in seen.records("carriers", "load").values() if one["status"] == "delivered"]
    return {"every order was carried once": len(delivered) == len(set(delivered)) == orders}


def _once(seen: Seen, orders: int) -> dict[str, bool]:
    releases = [one["order_no"] for name in ("wms-a", "wms-b") for one in seen.records(name, "release").values()]
    return {
        "every order was released to a warehouse once": len(releases) == len(set(releases)) == orders,
        "every order was invoiced once": len(seen.records("erp", "invoice")) == orders,
    }


def _lagging(seen: Seen, orders: int) -> dict[str, bool]:
    """The lag stays in the lane of who lags: the quicker part of each lane is compared, whatever the machine does."""
    quick = {target: seconds[len(seconds) // 4] for target, seconds in seen.took.items()}
    others = {target: quick[target] for target in ("erp", "tms")}
    told = ", ".join(f"the {target.upper()} {seconds:.2f} s" for target, seconds in others.items())
    apart = all(quick["wms"] - one > _LAG_SECONDS / 2 for one in others.values())
    return {f"releases took {quick['wms']:.1f} s and longer; {told}": apart} | _once(seen, orders)


def _bills_first(estate: Estate, noted: dict[str, int]) -> None:
    """Wait for bills of goods that have not left by the books; note whether any was posted."""

    def billed() -> set[str]:
        bills = estate.fleet.book("carriers")["records"].get("freight_invoice", {}).values()
        books = [estate.fleet.book(name)["records"].get("issue", {}) for name in ("wms-a", "wms-b")]
        issued = {one["shipment_no"] for book in books for one in book.values()}
        return {one["shipment_no"] for one in bills} - issued

    early: set[str] = set()

    def look() -> bool:
        early.update(billed())
        return len(early) >= _EARLY

    _await(look)
    time.sleep(_SETTLED_SECONDS)
    still = billed()
    posted = estate.fleet.book("erp")["records"].get("freight_invoice", {}).values()
    noted["early bills"] = len(early)
    noted["posted too early"] = sum(one["shipment_no"] in still for one in posted)


def _in_order(seen: Seen, orders: int) -> dict[str, bool]:
    return {
        f"{seen.noted.get('early bills', 0)} carriers billed goods that had not left by the books":
            seen.noted.get("early bills", 0) >= _EARLY,
        "none of these bills was posted before the goods issue": seen.noted.get("posted too early") == 0,
        "every carrier's bill was posted once in the end": len(seen.records("erp", "freight_invoice")) == orders,
    }  # fmt: skip


def _opened(seen: Seen, orders: int) -> dict[str, bool]:
    return {"the ERP was left alone while it was away": seen.opened > 0} | _once(seen, orders)


def _unstable(seen: Seen, orders: int) -> dict[str, bool]:
    told = f"{seen.asked_again} times no answer could be relied on, and it was looked up or asked again"
    return {told: seen.asked_again > 0} | _once(seen, orders)


def _copies(seen: Seen, orders: int) -> dict[str, bool]:
    return {f"{seen.copies} events told nothing new": seen.copies >= orders} | _once(seen, orders)


def _unreadable(estate: Estate, noted: dict[str, int]) -> None:
    """An order in a unit that no mapping knows; then the mapping learns it, and the message is replayed."""
    _await(lambda: estate.fleet.ask("shop", "GET", "/orders")["items"] != [])
    order = {**estate.fleet.ask("shop", "GET", "/orders")["items"][0]}
    data = {name: order[name] for name in _ORDER} | {"order_no": "ORD-9000001"}
    data["lines"] = [{**line, "uom": "STK"} for line in data["lines"]]
    estate.say("oms", "order.created", data)
    _await(lambda: day_end.dead_letters(estate.connection, estate.tenant) == 1)
    noted["dead letters"], noted["unknown"] = 1, len(estate.waiting("CODE_UNKNOWN"))
    estate.learn("distributor-json", "DZ: DZN}", "DZ: DZN, STK: EA}")
    time.sleep(_LEARNED_SECONDS)
    noted["replayed"] = estate.replay()
    noted["more orders"] = 1


def _other_contract(estate: Estate, noted: dict[str, int]) -> None:
    """Orders with prices in cents, under another name: three mappings are written, and only the third is published."""
    _await(lambda: len(estate.fleet.ask("shop", "GET", "/orders")["items"]) >= _CHANGED)
    _await(lambda: estate.count_events("order.created") >= _CHANGED)
    for number, order in enumerate(estate.fleet.ask("shop", "GET", "/orders")["items"][:_CHANGED], 1):
        data = {name: order[name] for name in _ORDER} | {"order_no": f"ORD-910000{number}"}
        data["lines"] = [
            {key: value for key, value in line.items() if key != "unit_price"}
            | {"unit_price_cents": line["unit_price"].replace(".", "")}
            for line in data["lines"]
        ]
        estate.say("oms", "order.created", data)
    _await(lambda: day_end.dead_letters(estate.connection, estate.tenant) == _CHANGED)
    noted["dead letters"], noted["more orders"] = _CHANGED, _CHANGED
    noted["causes"] = len(dead_letters.groups(estate.connection, estate.tenant))
    for name, decimals in (
        ("silent", ""),
        ("dollars", ", implied_decimals: false"),
        ("cents", ", implied_decimals: true"),
    ):
        price = f"unit_price_minor: {{path: unit_price_cents{decimals}}}"
        found = estate.rehearse("distributor-json", "unit_price_minor: unit_price", price)
        if isinstance(found, str):
            noted[f"{name}: refused"] = "implied_decimals" in found
            continue
        scaled = [one for one in found.suspicions if one.field.endswith("unit_price_minor")]
        noted[f"{name}: scaled"], noted[f"{name}: readable"] = len(scaled), found.readable.total()
        if not scaled:
            estate.publish("distributor-json", authored_by="ann", approved_by="bob")
    time.sleep(_LEARNED_SECONDS)
    noted["replayed"] = estate.replay()


def _agreed(seen: Seen, _orders: int) -> dict[str, bool]:
    noted = seen.noted
    return {
        f"{_CHANGED} orders by another contract are dead letters of one cause": noted.get("causes") == 1,
        "a mapping that says nothing of cents is refused by the compiler": bool(noted.get("silent: refused")),
        "one that takes them for dollars is rehearsed, and x100 against history is pointed out":
            noted.get("dollars: scaled") == 1,
        "the right one is rehearsed, approved by another person, and published": noted.get("cents: scaled") == 0,
        f"the {_CHANGED} orders are read by it": noted.get("replayed") == _CHANGED,
        "no dead letter is left": seen.dead_letters == 0,
    }  # fmt: skip


def _learned(seen: Seen, _orders: int) -> dict[str, bool]:
    return {
        "the order that could not be read became a dead letter": seen.noted.get("dead letters") == 1,
        "the unit that nobody knew was one work item": seen.noted.get("unknown") == 1,
        "by the new mapping it can be read": seen.noted.get("replayed") == 1,
        "no dead letter is left, and the item is closed": seen.dead_letters == seen.items["CODE_UNKNOWN"] == 0,
    }


_LATE: Final = {"rules": {"late_issue": 1, "late_issue_minutes": 720, "short_pick": 0}}
_UNSTABLE: Final = {"error": 0.15, "timeout_after": 0.1, "hold_seconds": 3, "garbage": 0.1}

SCENARIOS: Final = {
    one.name: one
    for one in (
        Scenario(
            "F-8", "proof of delivery before goods issue", "Warehouses book goods out long after the truck has left.",
            _late, {"wms-a": _LATE, "wms-b": _LATE, "carriers": {"rules": {"pace": 0.5}}},
        ),
        Scenario(
            "F-9", "accessorial above tolerance", "Every carrier bills $84.00 for a service that nobody planned.",
            _surprised, {"carriers": {"rules": {"accessorial_84": 1, "insist": 0}}}, _decide_two,
        ),
        Scenario(
            "F-10", "carrier API failure", "Carriers answer every third request with an error, or not at all.",
            _one_load_each, {"carriers": {"error": 0.3, "timeout_after": 0.1, "hold_seconds": 0.5}},
        ),
        Scenario(
            "F-11", "WMS lag", "Both warehouse systems take a second for every answer.",
            _lagging, {name: {"latency_ms": 1_100, "jitter_ms": 300} for name in ("wms-a", "wms-b")},
        ),
        Scenario(
            "F-12", "billing events out of sequence", "Freight invoices come before their goods issues.",
            _in_order, {"wms-a": _LATE, "wms-b": _LATE, "carriers": {"rules": {"pace": 0.1}}}, _bills_first,
        ),
        Scenario(
            "F-13", "a system temporarily unavailable", "The ERP is away for twelve seconds.",
            _opened, {"erp": {"down": {"how": "close", "seconds": 12}}},
        ),
        Scenario(
            "F-14", "incompatible data contracts", "The shop begins to write prices in cents, under another name.",
            _agreed, script=_other_contract,
        ),
        Scenario(
            "F-16", "duplicate events", "Every system says everything twice; carriers send every bill twice.",
            _copies,
            {name: {"doubled_messages": 1} for name in ("shop", "bank")}
            | {name: {"doubled_hooks": 1} for name in ("tms", "wms-a", "erp")}
            | {"carriers": {"doubled_messages": 1, "rules": {"doubled_210": 1}}},
        ),
        Scenario(
            "F-17", "failed mapping", "An order comes in a unit that no mapping knows, until it learns it.",
            _learned, script=_unreadable,
        ),
        Scenario(
            "F-18", "unstable partner endpoint", "ERP and old warehouse fail, fall silent, and talk rubbish.",
            _unstable, {"erp": _UNSTABLE, "wms-b": _UNSTABLE},
        ),
    )
}  # fmt: skip
