"""What the systems of the sandbox believe, held against what Crossdock believes: every difference in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from crossdock.store.estate import Asked

Book = Mapping[str, Any]
Books = Mapping[str, Book]

TARGETS: Final = {"tms": ("tms",), "wms": ("wms-a", "wms-b"), "erp": ("erp",), "carrier": ("carriers",)}
_DONE: Final = frozenset({"applied", "undone"})
_ENDED: Final = _DONE | {"satisfied", "withdrawn"}
_SHOWN_MAX: Final = 5


class Ours(NamedTuple):
    """What Crossdock believes; `issued` by (warehouse, item) since the systems were started."""

    commands: list[Asked]
    orders: Mapping[str, Mapping[str, object] | None]
    issued: Mapping[tuple[str, str], int]
    unbalanced: list[str]


class Agreed(NamedTuple):
    """One thing of which both sides keep count."""

    system: str
    what: str
    theirs: int
    ours: int


def findings(books: Books, ours: Ours) -> list[str]:
    """Every difference."""
    found = [*_commands(ours.commands), *_once(books), *_deeds(books, ours.commands)]
    found += _mapped("stock", "issued", issued(books), ours.issued)
    live = set(_records(books, "shop", "order"))
    for what, theirs in (("invoiced", _invoiced(books)), ("paid", _paid(books)), ("freight_posted", _freight(books))):
        held = {no: _minor(ours.orders.get(no), what) for no in live}
        told = {no: minor for no, minor in theirs.items() if no in live}
        found += _mapped(f"order, {what}", "in minor units", told, {no: minor for no, minor in held.items() if minor})
    found += [f"the ledger does not sum to zero in {item}" for item in ours.unbalanced]
    return found


def agreed(books: Books, ours: Ours) -> list[Agreed]:
    """The counts that both sides keep, in the order of the chain."""
    rows = []
    for system in ("tms", "wms-a", "wms-b", "erp", "carriers"):
        done = {deed["key"]: deed["kind"] for deed in books[system]["deeds"] if deed["applied"]}
        here = [one.key.wire() for one in ours.commands if one.state in _DONE and one.key.wire() in done]
        rows.append(Agreed(system, "deeds", len(done), len(here)))
    rows.append(Agreed("wms", "pieces issued", sum(issued(books).values()), sum(ours.issued.values())))
    live = set(_records(books, "shop", "order"))
    for system, what, theirs in (
        ("erp", "invoiced", _invoiced(books)),
        ("bank", "paid", _paid(books)),
        ("erp", "freight_posted", _freight(books)),
    ):
        told = sum(minor for no, minor in theirs.items() if no in live)
        rows.append(Agreed(system, f"{what}, minor", told, sum(_minor(ours.orders.get(no), what) for no in live)))
    return rows


def _commands(commands: Iterable[Asked]) -> Iterator[str]:
    """Commands that did not come to an end."""
    open_ = [f"{one.key.wire()} ({one.kind} is {one.state})" for one in commands
             if one.target in TARGETS and one.state not in _ENDED and one.hold is None]  # fmt: skip
    yield from _few("command without an end", open_)


def _once(books: Books) -> Iterator[str]:
    """Deeds that had an effect more than once."""
    for name, book in books.items():
        twice = [f"{deed['key']} ({deed['applied']} times)" for deed in book["deeds"] if deed["applied"] > 1]
        yield from _few(f"{name} did more than once", twice)
        dead = [str(one)[:200] for one in book["outgoing"]["dead"]]
        yield from _few(f"{name} could not say", dead)


def _deeds(books: Books, commands: Iterable[Asked]) -> Iterator[str]:
    """Every deed of a book is a command of ours that was applied, and the other way round."""
    theirs = {
        deed["key"]: name
        for systems in TARGETS.values()
        for name in systems
        for deed in books[name]["deeds"]
        if deed["applied"]
    }
    ours = {one.key.wire(): one.target for one in commands if one.state in _DONE and one.target in TARGETS}
    yield from _few("we believe it done, no book has it", sorted(ours.keys() - theirs.keys()))
    known = {one.key.wire() for one in commands}
    unknown = [f"{key} in {theirs[key]}" for key in sorted(theirs.keys() - ours.keys())]
    stray = [one for one in unknown if one.rpartition(" in ")[0] not in known]
    yield from _few("done, and nobody asked for it", stray)
    yield from _few("done, and we do not know it", [one for one in unknown if one not in stray])


def issued(books: Books) -> dict[tuple[str, str], int]:
    """What the warehouses issued, by (warehouse, item)."""
    sums: Counter[tuple[str, str]] = Counter()
    for name in TARGETS["wms"]:
        for issue in _records(books, name, "issue").values():
            for line in issue["lines"]:
                sums[issue["warehouse"], line["sku"]] += line["qty"]
    return {place: amount for place, amount in sums.items() if amount}


def _invoiced(books: Books) -> dict[str, int]:
    invoices = _records(books, "erp", "invoice").values()
    return _summed((one["order_no"], one["total_cents"]) for one in invoices if one["status"] != "cancelled")


def _paid(books: Books) -> dict[str, int]:
    order_of = {one["document_no"]: one["order_no"] for one in _records(books, "erp", "invoice").values()}
    payments = _records(books, "bank", "payment").values()
    return _summed((order_of.get(one["invoice_no"], one["invoice_no"]), one["amount_cents"]) for one in payments)


def _freight(books: Books) -> dict[str, int]:
    order_of = {number: one["order_no"] for number, one in _records(books, "tms", "shipment").items()}
    bills = _records(books, "erp", "freight_invoice").values()
    return _summed(
        (order_of.get(one["shipment_no"], one["shipment_no"]), one["total_cents"])
        for one in bills
        if one["status"] != "cancelled"
    )


def _records(books: Books, system: str, entity: str) -> Mapping[str, Any]:
    records: Mapping[str, Mapping[str, Any]] = books[system]["records"]
    return records.get(entity, {})


def _summed(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for name, amount in amounts:
        sums[name] += amount
    return dict(sums)


def _minor(view: Mapping[str, object] | None, what: str) -> int:
    value = (view or {}).get(f"{what}_minor", 0)
    return value if isinstance(value, int) else 0


def _mapped(what: str, unit: str, theirs: Mapping[Any, int], ours: Mapping[Any, int]) -> Iterator[str]:
    wrong = [
        f"{name if isinstance(name, str) else '/'.join(name)}: theirs {theirs.get(name, 0)}, ours {ours.get(name, 0)}"
        for name in sorted(theirs.keys() | ours.keys())
        if theirs.get(name, 0) != ours.get(name, 0)
    ]
    yield from _few(f"{what} ({unit}) differs", wrong)


def _few(what: str, found: list[str]) -> Iterator[str]:
    """The first of them, and how many more there are."""
    for one in found[:_SHOWN_MAX]:
        yield f"{what}: {one}"
    if len(found) > _SHOWN_MAX:
        yield f"{what}: {len(found) - _SHOWN_MAX} more"
