"""Our generator and auditor against the shared reference day: the same forms on the wire, the same right answers."""

import csv
import io
import json
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from tests.reference_day import needs_shared, own_day, shared_day

from crossdock.sandbox.day import compare, freight_choices, replay
from crossdock.sandbox.day.reading import events

pytestmark = needs_shared

Shape = dict[str, set[str]]


@pytest.mark.parametrize("trouble", [0, 1, 4])
@pytest.mark.parametrize("seed", [20260302, 7])
def test_the_auditor_agrees_with_the_shared_oracle(tmp_path: Path, seed: int, trouble: float) -> None:
    assert compare(shared_day(seed, 500, trouble, tmp_path), replay(tmp_path)) == []


def test_the_auditor_agrees_with_the_shared_oracle_in_any_order(tmp_path: Path) -> None:
    oracle = shared_day(7, 500, 4, tmp_path)
    choices = freight_choices(tmp_path)
    lines = (tmp_path / "deliveries.ndjson").read_text().splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    (tmp_path / "deliveries.ndjson").write_text("".join(lines))
    assert choices
    assert compare(oracle, replay(tmp_path), any_order=True, choices=choices) == []


def test_the_shared_generator_is_loaded_afresh_so_trouble_does_not_add_up(tmp_path: Path) -> None:
    shared_day(1, 20, 4, tmp_path / "troubled")
    assert shared_day(1, 20, 0, tmp_path / "quiet")["exceptions"] == []


def test_both_generators_write_the_same_forms(tmp_path: Path) -> None:
    """One set of mappings reads both: sources, members and their types, segments and their lengths, columns."""
    own_day(1, 600, 2, tmp_path / "own")
    shared_day(1, 600, 2, tmp_path / "shared")
    own, shared = _shape_of_folder(tmp_path / "own"), _shape_of_folder(tmp_path / "shared")
    assert own.keys() == shared.keys()
    assert {name: (own[name], shared[name]) for name in own if own[name] != shared[name]} == {}


def _shape_of_folder(folder: Path) -> Shape:
    shape: Shape = defaultdict(set)
    for name in ("initial_stock.csv", "rates.csv", "customers.csv"):
        shape[name].add((folder / name).read_text().partition("\n")[0])
    with (folder / "deliveries.ndjson").open() as lines:
        for delivery in map(json.loads, lines):
            if None in events(delivery):
                continue
            shape["delivery"].add(" ".join(delivery))
            shape["source"].add(f"{delivery['source']} {delivery['content_type']}")
            {"json": _json_shape, "x12": _x12_shape, "csv": _csv_shape}[delivery["format"]](delivery, shape)
    return shape


def _json_shape(delivery: dict[str, Any], shape: Shape) -> None:
    message = json.loads(delivery["raw"])
    _value_shape(message["type"], message, shape)


def _value_shape(path: str, value: object, shape: Shape) -> None:
    if isinstance(value, dict):
        shape[path].add(" ".join(sorted(value)))
        for name, member in value.items():
            _value_shape(f"{path}/{name}", member, shape)
    elif isinstance(value, list):
        shape[path].add("list")
        for each in value:
            _value_shape(f"{path}/*", each, shape)
    else:
        # A number, or a text by its form: an amount, a time, a date, or anything.
        forms = {r"\d+\.\d\d": "amount", r"[-\d]{10}T[:\d]{8}\.\d{3}Z": "time", r"\d{4}-\d\d-\d\d": "date"}
        text = next((form for each, form in forms.items() if re.fullmatch(each, str(value))), "text")
        shape[path].add(text if isinstance(value, str) else type(value).__name__)


def _x12_shape(delivery: dict[str, Any], shape: Shape) -> None:
    raw: str = delivery["raw"]
    segments = [segment.split("*") for segment in raw.removesuffix("~\n").split("~\n")]
    document = segments[2][1]
    order = " ".join(segment[0] for segment in segments)
    shape[f"{document} order"].add(re.sub(r"(LX L1 ?)+(?=L3)", "(LX L1)+ ", order))
    for segment in segments:
        filled = "".join("x" if element.strip() else "-" for element in segment)
        shape[f"{document} {segment[0]}"].add(filled)
    for fixed in (0, 1):
        widths = ",".join(str(len(element)) for element in segments[fixed][:9])
        shape[f"{document} {segments[fixed][0]} widths"].add(widths)


def _csv_shape(delivery: dict[str, Any], shape: Shape) -> None:
    layout = delivery["content_type"]
    columns, *rows = csv.reader(io.StringIO(delivery["raw"], newline=""))
    shape[layout].add(",".join(columns))
    for row in rows:
        for column, cell in zip(columns, row, strict=True):
            _value_shape(f"{layout}/{column}", cell, shape)
