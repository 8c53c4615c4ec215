"""CSV rows to events."""

import tracemalloc

import pytest

from crossdock.formats.split import split
from crossdock.mapping import compile_mapping
from crossdock.model.envelope import Event, Rejection
from crossdock.model.events import FreightInvoiceReceived

FREIGHT = compile_mapping("""
mapping: freight
version: 1
format: csv
delimiter: ";"
event: freight_invoice.received
envelope: {occurred: {path: date, as: date, style: day_first, at: "00:00+01:00"}}
currency: {path: currency}
fields:
  scac: scac
  invoice_no: invoice
  shipment_no: shipment
  invoiced_on: {path: date, style: day_first}
  linehaul_minor: linehaul
  charges:
    each: {columns: "c{n}_{name}", upto: 3}
    fields: {code: code, amount_minor: {path: amount, currency: {path: /currency}}}
  total_minor: total
  currency: currency
""")
HEADER = (
    b"scac;invoice;shipment;date;linehaul;c1_code;c1_amount;c2_code;c2_amount;c3_code;c3_amount;total;currency;note\n"
)


def read(row: str) -> Event | Rejection:
    [made] = FREIGHT.read(HEADER + row.encode())
    return made


def test_numbered_columns_become_a_list_without_the_blank_ones() -> None:
    made = read("RDWY;I1;SH1;2.3.2026;10.00;FUE;1.00;;;DET;2.00;13.00;USD;")
    assert isinstance(made, Event)
    assert isinstance(made.data, FreightInvoiceReceived)
    assert [(each.code, each.amount_minor) for each in made.data.charges] == [("FUE", 100), ("DET", 200)]
    assert made.occurred.isoformat() == "2026-03-02T00:00:00+01:00"


@pytest.mark.parametrize(
    ("row", "rule", "position"),
    [
        (";I1;SH1;2.3.2026;1.00;;;;;;;1.00;USD;", "field.required", "row 1, column scac"),
        ("RDWY;I1;SH1;2.3.2026;1.00;;;;;DET;;1.00;USD;", "field.required", "row 1, column c3_amount"),
        ("RDWY;I1;SH1;2.3.2026;1.00;;;D E;1.00;;;1.00;USD;", "field.pattern", "row 1, column c2_code"),
        ("RDWY;I1;SH1;2.3.2026;1.00;;;;;DET;-1.00;1.00;USD;", "field.range", "row 1, column c3_amount"),
        ("RDWY;I1;SH1;2/31/2026;1.00;;;;;;;1.00;USD;", "date.syntax", "row 1, column date"),
        ("RDWY;I1;SH1;2.3.2026;1.001;;;;;;;1.00;USD;", "money.syntax", "row 1, column linehaul"),
        ("rdwy;I1;SH1;2.3.2026;1.00;;;;;;;1.00;USD;", "field.pattern", "row 1, column scac"),
    ],
)
def test_a_defect_is_named_by_row_and_column(row: str, rule: str, position: str) -> None:
    made = read(row)
    assert isinstance(made, Rejection)
    assert (made.rule, made.position) == (rule, position)


def test_a_header_without_a_column_that_is_read_refuses_the_file() -> None:
    [made] = FREIGHT.read(HEADER.replace(b"c3_code", b"c3") + b"x\n" * 10)
    assert isinstance(made, Rejection)
    assert (made.rule, made.position) == ("csv.header", "header")
    assert "lacks c3_code" in made.problem


def test_columns_may_come_in_any_order() -> None:
    mapping = compile_mapping(STOCK)
    header, row = b"on_hand,sku,warehouse\n", b"5,A,DC01\n"
    assert [type(each) for each in mapping.read(header + row)] == [Event]


STOCK = """
mapping: stock
version: 1
format: csv
event: stock.opened
envelope: {occurred: {constant: "2026-01-01T00:00:00Z"}}
fields: {warehouse: warehouse, sku: sku, quantity: on_hand, unit: {constant: EA}}
"""


def test_a_long_file_with_three_bad_rows_is_read_in_flat_memory() -> None:
    mapping = compile_mapping(STOCK)
    good = b"DC01,SKU00001,5\n" * 5_000
    bad = {4: b"DC01,SKU,-1\n", 9: b"DC01\n", 19: b"DC01,\xff,5\n"}
    chunks = [b"warehouse,sku,on_hand\n"] + [good + bad.get(at, b"") for at in range(20)]
    events, rejections = 0, []
    tracemalloc.start()
    for part in split("csv", chunks, part_bytes=50_000):
        for made in mapping.read(part.raw, header=part.header, first_row=part.first_row):
            if isinstance(made, Rejection):
                rejections.append((made.row, made.rule))
            else:
                events += 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert events == 100_000
    assert rejections == [(25_000, "field.range"), (50_001, "csv.columns"), (100_002, "text.encoding")]
    assert peak < 1_000_000
