"""The example mappings read whole days: every good event once, exactly one rejection for each damaged delivery."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.reference_day import needs_shared, own_day, shared_day

from crossdock.mapping import Compiled, compile_mapping
from crossdock.model.envelope import Event, Rejection

EXAMPLE = Path(__file__).parents[2] / "examples" / "distributor"
COMPILED = {
    mapping.name: mapping for mapping in map(compile_mapping, (p.read_text() for p in EXAMPLE.glob("mappings/*.yaml")))
}
MASTER_DATA = {"stock.opened", "rate.published", "party.published", "identifier.cross_referenced"}
# Nobody receives, writes off or counts on the reference day.
STOCK = {"goods.received", "stock.adjusted", "stock.counted"}
# No carrier of the reference day knows its own number only.
MOVES = {"carrier_move.identified", "carrier_move.milestone_reported", "carrier_move.delivered"}
SOURCES = yaml.safe_load((EXAMPLE / "sources.yaml").read_text())["sources"]


def deliveries(folder: Path) -> Iterator[dict[str, Any]]:
    with (folder / "deliveries.ndjson").open() as lines:
        yield from map(json.loads, lines)


def mapping_of(delivery: dict[str, Any]) -> Compiled:
    return COMPILED[SOURCES[delivery["source"]]["reads"][delivery["content_type"]]]


def read_day(folder: Path) -> tuple[Counter[str], Counter[str]]:
    """Events by type and rejections by rule; every delivery makes as many of both as it holds events."""
    events: Counter[str] = Counter()
    rejections: Counter[str] = Counter()
    for delivery in deliveries(folder):
        made = list(mapping_of(delivery).read(delivery["raw"].encode()))
        assert len(made) == delivery["events"], delivery
        for each in made:
            if isinstance(each, Rejection):
                rejections[each.rule] += 1
            else:
                events[each.data.type] += 1
    return events, rejections


def check_day(folder: Path, oracle: dict[str, Any]) -> None:
    events, rejections = read_day(folder)
    assert rejections.total() == oracle["malformed_exceptions"]
    assert events.total() + rejections.total() == sum(each["events"] for each in deliveries(folder))
    assert set(rejections) <= {
        "json.truncated", "type.unknown", "field.required", "field.type", "x12.count", "csv.columns",
    }  # fmt: skip
    emitted = {type_ for mapping in COMPILED.values() for type_ in mapping.event_types}
    assert set(events) == emitted - MASTER_DATA - MOVES - STOCK


@pytest.mark.parametrize("trouble", [1, 6])
def test_a_day_of_our_own_generator_is_read_to_the_last_event(tmp_path: Path, trouble: float) -> None:
    check_day(tmp_path, own_day(5, 400, trouble, tmp_path))


@needs_shared
@pytest.mark.parametrize("trouble", [1, 6])
def test_the_shared_day_is_read_to_the_last_event(tmp_path: Path, trouble: float) -> None:
    check_day(tmp_path, shared_day(20260302, 1000, trouble, tmp_path))


@pytest.mark.parametrize(
    ("name", "file"), [("initial-stock", "initial_stock.csv"), ("rates", "rates.csv"), ("customers", "customers.csv")]
)
def test_master_data_are_read_without_a_rejection(tmp_path: Path, name: str, file: str) -> None:
    own_day(5, 20, 1, tmp_path)
    raw = (tmp_path / file).read_bytes()
    made = list(COMPILED[f"distributor-{name}"].read(raw))
    assert len(made) == raw.count(b"\n") - 1
    assert all(isinstance(each, Event) for each in made)


def test_every_source_reads_what_it_owns() -> None:
    for name, source in SOURCES.items():
        emitted = {type_ for mapping in source["reads"].values() for type_ in COMPILED[mapping].event_types}
        assert set(source["owns"]) <= emitted, name


def test_every_mapping_serves_a_source() -> None:
    assert set(COMPILED) == {mapping for source in SOURCES.values() for mapping in source["reads"].values()}
