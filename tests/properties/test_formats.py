"""Readers over hostile bytes: none raises or hangs, a refusal says where and why, cutting a file changes nothing."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.formats import messages
from tests.unit.formats.interchanges import interchange, invoice, status
from tests.unit.mapping.edifact_mapping import IFTSTA

from crossdock.formats.split import Kind, split
from crossdock.mapping import Compiled, MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection

MAPPINGS = Path(__file__).parents[2] / "examples" / "distributor" / "mappings"
EDIFACT = compile_mapping(IFTSTA)
JSON, X12, PAYMENTS, FREIGHT = (
    compile_mapping((MAPPINGS / f"distributor-{name}.yaml").read_text())
    for name in ("json", "x12", "payments", "freight")
)
STOCK_LINES = compile_mapping(
    (MAPPINGS / "distributor-initial-stock.yaml").read_text().replace("format: csv", "format: ndjson")
)
REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "mapping.md").read_text()
XML, ORDER_LINES = (
    compile_mapping(f"mapping: {name}" + REFERENCE.partition(f"mapping: {name}")[2].partition("```")[0])
    for name in ("milestones-xml", "orders-fixed")
)
READERS = [JSON, X12, EDIFACT, PAYMENTS, FREIGHT, STOCK_LINES, XML, ORDER_LINES]
NAMES = [mapping.name + " " + mapping.format for mapping in READERS]

PAYMENT_HEADER = b"payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo\n"
PAYMENT_ROWS = [
    b"PY1,IN1,C1,12.34,USD,2026-03-02,ACH,REMIT\n",
    b'PY2,IN2,C1,12.34,USD,2026-03-02,ACH,"two\nlines, ""quoted"""\n',
    b'PY3,IN3,C1,12.34,USD,2026-03-02,ACH,5" pipe\r\n',
    b"PY4,IN4\n",
    b'PY5,"IN5,C1,12.34,USD,2026-03-02,ACH,\n',
    b"PY6,\xff,C1,1,USD,2026-03-02,ACH,\n",
    b"\n",
]
STOCK_ROWS = [
    b"\xef\xbb\xbf\n",
    b'{"warehouse":"DC01","sku":"A","on_hand":5}\n',
    b'{"warehouse":\n',
    b"\n",
    b" \r\n",
    b'"\xff"\n',
]
INTERCHANGES = [
    interchange([status("SH1"), invoice("I1", ("FUE", "2917"))]).encode() + b"\n",
    interchange([status("SH2", "D1")], end="\n").encode() + b"\r\n",
    interchange([status("SH3")]).replace("SE*8", "SE*9").encode(),
    interchange([status("SH4")]).replace("IEA*1", "IEA*2").encode(),
    interchange([status("SH5")]).replace("Dallas", "ISA").encode(),
    b"  \n",
]
MESSAGES = [
    messages.interchange([messages.status("1", "SH1"), messages.status("2", "SH2")]).encode(),
    b"UNA:*.? !" + messages.interchange([messages.status()]).translate(str.maketrans("+'", "*!")).encode() + b"\r\n",
    messages.interchange([messages.status()], end="\n").encode(),
    messages.interchange([messages.status()]).replace("UNT+7", "UNT+9").encode(),
    messages.interchange([messages.status()]).replace("UNZ+1", "UNZ+2").encode(),
    messages.interchange([messages.status(shipment="UNB")], group="IFTSTA").encode(),
    b"UNA::.? '",
    b"  \n",
]
ORDER_ROWS = [
    b"00HEADER\n",
    f"10SO1       C1      20260302{'Ann':<20}{'1 Road':<20}{'Tulsa':<15}OK74103\r\n".encode(),
    b"200001SKU1        000000500000001050\n",
    b"200002SKU2        000000x00000001050\n",
    b"20cut\n",
    b"\n",
    b"\xff\n",
    b"99000001\n",
]
FILES: dict[Kind, tuple[Compiled, bytes, list[bytes]]] = {
    "fixed": (ORDER_LINES, b"", ORDER_ROWS),
    "csv": (PAYMENTS, PAYMENT_HEADER, PAYMENT_ROWS),
    "ndjson": (STOCK_LINES, b"", STOCK_ROWS),
    "x12": (X12, b"", INTERCHANGES),
    "edifact": (EDIFACT, b"", MESSAGES),
}


def check(made: list[Event | Rejection]) -> None:
    for each in made:
        if isinstance(each, Rejection):
            assert re.fullmatch(r"[a-z0-9]+\.[a-z_]+", each.rule)
            assert each.rule != "mapping.failed"
            assert each.position
            assert each.problem
            assert len(each.value) <= 200
            assert len(each.sample) <= 200
            assert msgspec.json.decode(msgspec.json.encode(each), type=Rejection) == each
        else:
            assert msgspec.json.encode(each.data)
    assert len({each.row for each in made}) == len(made)


@pytest.mark.parametrize("mapping", READERS, ids=NAMES)
@given(raw=st.binary(max_size=400))
@example(raw=b"")
@example(raw=b"\x00")
@example(raw=b"\xef\xbb\xbf")
@example(raw=b"ISA" + b"*" * 500)
@example(raw=b'"' * 1000)
@example(raw=b"[" * 100_000)
@example(raw=b"-" * 100_000)
def test_no_bytes_stop_a_reader(mapping: Compiled, raw: bytes) -> None:
    made = list(mapping.read(raw))
    check(made)
    if mapping.format in ("json", "xml", "x12", "edifact"):
        assert made


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=80),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = [
    "order_no", "customer_no", "currency", "requested_date", "freight_charge", "ship_to", "lines", "scac",
    "shipment_no", "status_code", "stop_no", "event_time", "charges", "linehaul", "total", "services", "pickup",
    "planned_weight_lb",
]  # fmt: skip
KINDS = ["order.created", "shipment.created", "load.tendered", "shipment.milestone", "freight.invoiced"]
LINE = st.dictionaries(st.sampled_from(["line", "sku", "qty", "uom", "unit_price", "code", "amount"]), VALUES)
DATA = st.dictionaries(st.sampled_from(MEMBERS), VALUES | st.lists(LINE, max_size=3), max_size=len(MEMBERS))


@given(
    kind=st.sampled_from(KINDS),
    time=st.just("2026-03-02T08:00:00Z") | VALUES,
    data=DATA,
)
def test_no_document_stops_the_json_reader(kind: str, time: object, data: dict[str, Any]) -> None:
    made = list(JSON.read(msgspec.json.encode({"type": kind, "time": time, "data": data})))
    assert len(made) == 1
    check(made)


@given(
    data=st.data(),
    told=st.sampled_from(
        [(X12, INTERCHANGES[0]), (X12, INTERCHANGES[1]), (EDIFACT, MESSAGES[0]), (EDIFACT, MESSAGES[1])]
    ),
    junk=st.text(alphabet="~*>\n\r ISAGET0129.\ufeff…\x00é+:'?UNBHTZ", max_size=6),
)
def test_no_damage_stops_an_edi_reader(data: st.DataObject, told: tuple[Compiled, bytes], junk: str) -> None:
    mapping, text = told[0], told[1].decode()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    made = list(mapping.read((text[:start] + junk + text[end:]).encode()))
    assert made
    check(made)


@given(
    cells=st.lists(st.lists(st.text(alphabet='",\n\r;x1é\x00 ', max_size=5), min_size=1, max_size=9), max_size=5),
)
def test_no_cells_stop_the_csv_reader(cells: list[list[str]]) -> None:
    check(list(PAYMENTS.read(PAYMENT_HEADER + "\n".join(map(",".join, cells)).encode())))


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=200)
@given(data=st.data())
def test_a_file_in_parts_reads_as_the_whole(kind: Kind, data: st.DataObject) -> None:
    mapping, header, records = FILES[kind]
    junk = st.binary(max_size=20) | st.text(alphabet="\"\n,~*ISAUNB+'?", max_size=12).map(str.encode)
    body = b"".join(data.draw(st.lists(st.sampled_from(records) | junk, max_size=8)))
    whole = header + body
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=6).map(sorted))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    parts = list(split(kind, chunks, part_bytes=data.draw(st.integers(1, 300)), record_end=mapping.record_end))
    assert b"".join(part.raw for part in parts) == whole
    assert [part.offset for part in parts] == [sum(len(each.raw) for each in parts[:at]) for at in range(len(parts))]
    if kind in ("x12", "edifact"):
        parts = [part for part in parts if part.raw.strip()] or parts
    in_parts = [each for part in parts for each in mapping.read(part.raw, header=part.header, first_row=part.first_row)]
    if not whole.strip():
        return  # nothing at all has no parts to be refused
    assert list(map(_content, in_parts)) == list(map(_content, mapping.read(whole)))


def _content(made: Event | Rejection) -> object:
    """Everything but where X12 counts segments and JSON counts bytes: they count within the part."""
    return (made.row, made.rule) if isinstance(made, Rejection) else made


@given(at=st.integers(0, 100), lines=st.lists(st.text(max_size=30), max_size=5))
def test_no_text_stops_the_mapping_compiler(at: int, lines: list[str]) -> None:
    source = (MAPPINGS / "distributor-status.yaml").read_text().splitlines()
    at %= len(source)
    with suppress(MappingError):
        assert compile_mapping("\n".join(source[:at] + lines + source[at + 1 :])).event_types
