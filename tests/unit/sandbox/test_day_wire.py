"""What a day sends is well formed: every delivery whole, every message of the format it says, broken ones apart."""

import csv
import io
import json
from collections import Counter, defaultdict
from typing import Any

import pytest

from crossdock.sandbox.day import generate
from crossdock.sandbox.day.reading import events

MEMBERS = ["n", "at_ms", "source", "format", "content_type", "events", "raw"]
LAYOUTS = {
    "payments": "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo",
    "status": "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by",
    "freight": "scac,invoice_no,shipment_no,pro_no,invoice_date,linehaul,"
    "c1_code,c1_amount,c2_code,c2_amount,c3_code,c3_amount,c4_code,c4_amount,total,currency",
}
QUARTER_MS = 15 * 60_000


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("day")
    generate(folder, seed=5, orders=300, trouble=4)
    return [json.loads(line) for line in (folder / "deliveries.ndjson").read_text().splitlines()]


def _of(deliveries: list[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    return [delivery for delivery in deliveries if delivery["format"] == form]


def _whole(delivery: dict[str, Any]) -> bool:
    return None not in events(delivery)


def test_deliveries_are_numbered_in_order_of_arrival(deliveries: list[dict[str, Any]]) -> None:
    assert [list(delivery) for delivery in deliveries] == [MEMBERS] * len(deliveries)
    assert [delivery["n"] for delivery in deliveries] == list(range(len(deliveries)))
    times = [delivery["at_ms"] for delivery in deliveries]
    assert times == sorted(times)


def test_a_delivery_says_how_many_events_it_holds(deliveries: list[dict[str, Any]]) -> None:
    assert all(delivery["events"] == len(list(events(delivery))) for delivery in deliveries)


def test_every_sender_keeps_to_its_formats(deliveries: list[dict[str, Any]]) -> None:
    forms = defaultdict(set)
    for delivery in deliveries:
        forms[delivery["source"]].add((delivery["format"], delivery["content_type"].partition(";")[0]))
    json_only, x12, text = ("json", "application/json"), ("x12", "application/edi-x12"), ("csv", "text/csv")
    assert forms == {
        **{source: {json_only} for source in ("oms", "tms", "erp", "wms/DC01", "wms/DC02", "wms/DC03", "wms/DC04")},
        **{f"carrier/{scac}": {json_only} for scac in ("AACT", "FXFE", "RDWY", "XPOL")},
        **{f"carrier/{scac}": {json_only, x12} for scac in ("ESTE", "ODFL", "SAIA")},
        "carrier/CNWY": {json_only, text},
        "bank": {text},
    }


def test_json_carries_an_envelope_around_data(deliveries: list[dict[str, Any]]) -> None:
    envelope = {"id", "source", "type", "specversion", "time", "data", "tenant", "schema"}
    envelope |= {"correlation_id", "traceparent"}
    for delivery in filter(_whole, _of(deliveries, "json")):
        message = json.loads(delivery["raw"])
        assert message.keys() == envelope
        assert message["source"] == delivery["source"]


def test_x12_is_fixed_width_outside_and_counted_inside(deliveries: list[dict[str, Any]]) -> None:
    for delivery in filter(_whole, _of(deliveries, "x12")):
        header, group, start, *body, end, group_end, trailer = delivery["raw"].removesuffix("~\n").split("~\n")
        assert len(header) == 105
        assert end == f"SE*{len(body) + 2}*0001"
        assert start[:6] in {"ST*214", "ST*210"}
        control = header.split("*")[13]
        assert trailer == f"IEA*1*{control}"
        assert group_end == f"GE*1*{int(control)}"
        assert group.split("*")[6] == str(int(control))


def test_control_numbers_rise_but_for_copies_of_the_same_bytes(deliveries: list[dict[str, Any]]) -> None:
    controls: defaultdict[str, list[str]] = defaultdict(list)
    seen = set()
    for delivery in _of(deliveries, "x12"):
        if delivery["raw"] not in seen:
            seen.add(delivery["raw"])
            controls[delivery["source"]].append(delivery["raw"].split("*")[13])
    assert len(controls) == 3
    assert all(numbers == [f"{n:09d}" for n in range(1, len(numbers) + 1)] for numbers in controls.values())


def test_csv_files_come_at_the_quarter_with_the_columns_of_their_layout(deliveries: list[dict[str, Any]]) -> None:
    found = set()
    for delivery in _of(deliveries, "csv"):
        layout = delivery["content_type"].removeprefix("text/csv; layout=")
        columns, *rows = csv.reader(io.StringIO(delivery["raw"], newline=""))
        assert ",".join(columns) == LAYOUTS[layout]
        assert len(rows) == delivery["events"]
        assert delivery["at_ms"] % QUARTER_MS == 0
        found.add(layout)
    assert found == LAYOUTS.keys()


def test_a_sender_drops_at_most_one_file_of_a_layout_each_quarter(deliveries: list[dict[str, Any]]) -> None:
    files = Counter((each["at_ms"], each["source"], each["content_type"]) for each in _of(deliveries, "csv"))
    assert set(files.values()) == {1}


def _how_json_is_broken(raw: str) -> str:
    try:
        message = json.loads(raw)
    except ValueError:
        return "cut off"
    if "data" not in message:
        return "no data"
    known = message["schema"] == f"https://schemas.example/{message['type']}/v1.json"
    return "key of wrong type" if known else "unknown type"


def _how_x12_is_broken(raw: str) -> str:
    _, _, start, first, *body, _, _ = raw.removesuffix("~\n").split("~\n")
    number = first.split("*")[2 if start.startswith("ST*214") else 3]
    counted = body[-1].split("*")[1] == str(len(body) + 2)
    return {(True, False): "miscounted", (False, True): "no shipment number"}[bool(number), counted]


def _how_rows_are_broken(raw: str) -> set[str]:
    columns, *rows = csv.reader(io.StringIO(raw, newline=""))
    keys = [columns.index(name) for name in columns if name in {"payment_ref", "scac", "status_code", "stop_no"}]
    number = [columns.index("shipment_no" if "status_code" in columns else "invoice_no")]
    uneven = {"more cells" if len(row) > len(columns) else "fewer cells" for row in rows if len(row) != len(columns)}
    keyless = {"empty key" for row in rows if len(row) == len(columns) and not all(row[n] for n in keys + number)}
    return uneven | keyless


def test_messages_break_in_every_way_a_reader_must_refuse(deliveries: list[dict[str, Any]]) -> None:
    broken = [delivery for delivery in deliveries if not _whole(delivery)]
    assert {_how_json_is_broken(delivery["raw"]) for delivery in _of(broken, "json")} == {
        *("cut off", "unknown type", "no data", "key of wrong type")
    }
    assert {_how_x12_is_broken(delivery["raw"]) for delivery in _of(broken, "x12")} == {
        *("miscounted", "no shipment number")
    }
    assert set().union(*(_how_rows_are_broken(delivery["raw"]) for delivery in _of(broken, "csv"))) == {
        *("more cells", "fewer cells", "empty key")
    }


def test_a_broken_row_leaves_its_neighbours_readable(deliveries: list[dict[str, Any]]) -> None:
    broken = [delivery for delivery in _of(deliveries, "csv") if not _whole(delivery)]
    assert any(any(fact for fact in events(delivery)) for delivery in broken)


def test_copies_are_of_the_same_bytes_or_in_a_new_envelope(deliveries: list[dict[str, Any]]) -> None:
    raws = Counter(each["raw"] for each in deliveries if each["format"] != "csv" and _whole(each))
    said = Counter(fact.key for each in deliveries for fact in events(each) if fact and each["format"] != "csv")
    same = raws.total() - len(raws)
    assert set(raws.values()) == {1, 2}
    assert 0 < same < said.total() - len(said)
