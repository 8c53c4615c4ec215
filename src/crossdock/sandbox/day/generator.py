"""Makes a day: draws its orders, has their facts told, and writes what arrives and what is right at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii as quoted
from pathlib import Path
from random import Random
from typing import Any

from crossdock.sandbox.day.facts import DAY_MS, Fact
from crossdock.sandbox.day.order import decide, opening_times
from crossdock.sandbox.day.shares import Shares
from crossdock.sandbox.day.story import tell
from crossdock.sandbox.day.trade import World, draw_world, write_master_data
from crossdock.sandbox.day.traffic import Delivery, Traffic
from crossdock.sandbox.day.truth import Books

_SCHEMA = 1


def generate(
    out: Path, *, seed: int = 20260302, orders: int = 1000, trouble: float = 1.0, days: int = 1, first_day: int = 0
) -> dict[str, Any]:
    """Write a day into a folder and return its oracle: the right answer, as written to oracle.json.

    Writes deliveries.ndjson (what arrives, in order of arrival), initial_stock.csv, rates.csv and customers.csv (master
    data) and oracle.json, byte for byte the same for the same `seed`, `orders` and `trouble`. `trouble` multiplies the
    share of every kind of trouble: 0 is a day on which nothing goes wrong and every order is completed. Orders come in
    on `days` days, the first of them `first_day` days after 2 March 2026.

    Raises:
        ValueError: `orders` or `trouble` is negative.
    """
    if orders < 0:
        raise ValueError(f"a day cannot have {orders} orders; give 0 or more")
    shares = Shares().times(trouble)
    rng = Random(seed)
    world = draw_world(rng)
    books = Books.opened(world.on_hand)
    traffic = Traffic(shares, rng)

    out.mkdir(parents=True, exist_ok=True)
    arrived = _write_deliveries(
        out / "deliveries.ndjson",
        traffic.deliveries(_stories(_openings(orders, days, first_day, rng), world, shares, books, rng)),
    )
    write_master_data(world, out)
    oracle = {
        "schema": _SCHEMA,
        "seed": seed,
        "orders_n": orders,
        "trouble": float(trouble),
        "input": {
            **arrived,
            "distinct": traffic.facts,
            "duplicates": traffic.duplicates,
            "malformed": traffic.malformed,
        },
        "duplicates_dropped": traffic.duplicates,
        "malformed_exceptions": traffic.malformed,
        **books.result(),
    }
    oracle["totals"]["exceptions"]["MALFORMED"] = traffic.malformed
    (out / "oracle.json").write_text(json.dumps(oracle, sort_keys=True), encoding="ascii")
    return oracle


def _openings(orders: int, days: int, first_day: int, rng: Random) -> list[int]:
    """When orders come in, spread over days."""
    found: list[int] = []
    for day in range(days):
        count = orders // days + (day < orders % days)
        found += [(first_day + day) * DAY_MS + at_ms for at_ms in opening_times(count, rng)]
    return found


def _stories(
    openings: Sequence[int], world: World, shares: Shares, books: Books, rng: Random
) -> Iterator[tuple[int, Iterable[Fact]]]:
    """Tell of one order after the other, by the time they come in, and enter each into the books."""
    numbers: Counter[str] = Counter()
    for number, start_ms in enumerate(openings, start=1):
        order = decide(number, start_ms, world, shares, rng)
        facts = tell(order, shares, numbers, rng)
        books.enter(order.named("ORD"), order.warehouse, facts)
        yield start_ms, facts


def _write_deliveries(path: Path, deliveries: Iterable[Delivery]) -> dict[str, Any]:
    """Write one delivery a line and return how many deliveries, events and bytes of payload there were."""
    count, events, size = Counter[str](), Counter[str](), 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for n, (at_ms, source, form, content_type, contained, raw) in enumerate(deliveries):
            file.write(
                f'{{"n":{n},"at_ms":{at_ms},"source":"{source}","format":"{form}","content_type":"{content_type}",'
                f'"events":{contained},"raw":{quoted(raw)}}}\n'
            )
            count[form] += 1
            events[form] += contained
            size += len(raw)
    return {
        "deliveries": count.total(),
        "events": events.total(),
        "bytes": size,
        "by_format": {form: {"deliveries": count[form], "events": events[form]} for form in ("json", "x12", "csv")},
    }
