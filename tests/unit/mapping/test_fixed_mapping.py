"""Fixed columns by the mapping language: lines that are records, records of lines, and lines that are cut."""

from pathlib import Path
from typing import Any

import pytest

from crossdock.formats import fixed
from crossdock.mapping import Compiled, MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection

STOCK = """
mapping: m
version: 1
format: fixed
columns: {warehouse: 1-4, sku: 5-14, quantity: 15-20}
event: stock.opened
envelope: {occurred: {constant: "2026-01-01T00:00:00Z"}}
fields: {warehouse: warehouse, sku: sku, quantity: quantity, unit: {constant: EA}}
"""
REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "mapping.md").read_text()
ORDERS = "mapping: orders-fixed" + REFERENCE.partition("mapping: orders-fixed")[2].partition("```")[0]


def order(number: str, *lines: str) -> str:
    head = f"10{number:<10}{'C1':<8}20260302{'Ann':<20}{'1 Road':<20}{'Tulsa':<15}OK74103"
    return "\n".join([head, *lines]) + "\n"


def line(number: int, sku: str = "SKU1", quantity: int = 5) -> str:
    return f"20{number:04}{sku:<12}{quantity:07}{1050:011}"


def read(mapping: Compiled, text: str | bytes) -> list[Event | Rejection]:
    return list(mapping.read(text.encode() if isinstance(text, str) else text))


def only_rejection(mapping: Compiled, text: str | bytes) -> Rejection:
    (found,) = (each for each in read(mapping, text) if isinstance(each, Rejection))
    return found


def test_each_line_is_a_record_by_its_columns() -> None:
    made = read(compile_mapping(STOCK), "DC01SKU1      000012\r\n\r\nDC02SKU22     000003\n\x1a")
    assert [(each.row, each.data.sku, each.data.quantity) for each in made if isinstance(each, Event)] == [  # type: ignore[union-attr]
        (0, "SKU1", 12), (1, "SKU22", 3),
    ]  # fmt: skip


def test_lines_of_several_kinds_make_a_record() -> None:
    text = "00HEADER\n" + order("SO1", line(1), line(2, "SKU2", 7)) + order("SO2", line(1)) + "99000002\n"
    first, second = (each for each in read(compile_mapping(ORDERS), text))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    data: Any = first.data
    assert (first.row, data.order_no, data.ship_to.city) == (1, "SO1", "Tulsa")
    assert [(one.line, one.sku, one.quantity, one.unit_price_minor) for one in data.lines] == [
        (1, "SKU1", 5, 1050), (2, "SKU2", 7, 1050),
    ]  # fmt: skip
    assert second.row == 4


def test_a_bad_line_refuses_its_record_and_no_other() -> None:
    text = order("SO1", line(1), "20cut") + order("SO2", line(1))
    refused, event = read(compile_mapping(ORDERS), text)
    assert isinstance(refused, Rejection)
    assert (refused.rule, refused.row, refused.position) == ("fixed.width", 0, "line 3")
    assert isinstance(event, Event)
    wrong = only_rejection(compile_mapping(ORDERS), order("SO1", line(1).replace("0000005", "00000x5")))
    assert (wrong.rule, wrong.position, wrong.value) == ("quantity.syntax", "line 2, column quantity", "00000x5")


@pytest.mark.parametrize(
    ("text", "rule", "where"),
    [
        (order("SO1").replace("10SO1", "11SO1", 1), "fixed.kind", "line 1"),
        (line(1) + "\n" + order("SO1", line(1)), "fixed.order", "line 1"),
        (order("SO1", line(1)).encode() + b"20\xff\n", "text.encoding", "line 3"),
        (order("SO1", line(1, "A\0B")), "text.nul", "line 2"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused(text: str | bytes, rule: str, where: str) -> None:
    found = only_rejection(compile_mapping(ORDERS), text)
    assert (found.rule, found.position) == (rule, where)


@pytest.mark.parametrize(
    ("extra", "text", "rule"),
    [
        ("width: 20", "DC01SKU1      000012", None),
        ("width: 20", "DC01SKU1      000012X", "fixed.width"),
        ("width: 20", "DC01SKU1      00012", "fixed.width"),
        ("width: 20\ntrimmed: true", "DC01SKU1      12", None),
        ("width: 20\ntrimmed: true", "DC01SKU1      0000125", "fixed.width"),
        ("", "DC01SKU1      12", "fixed.width"),
        ("trimmed: true", "DC01SKU1", "field.required"),
    ],
)
def test_a_line_that_ends_too_early_is_not_guessed_at(extra: str, text: str, rule: str | None) -> None:
    (made,) = read(compile_mapping(f"{STOCK}{extra}\n"), text)
    assert (made.rule if isinstance(made, Rejection) else None) == rule


def test_a_file_in_another_encoding_counts_characters() -> None:
    mapping = compile_mapping(f"{STOCK}encoding: windows-1252\n".replace("DC01", "DC"))
    (made,) = read(mapping, "DÜ01SKU1      000012".encode("windows-1252"))
    assert isinstance(made, Rejection)
    assert (made.rule, made.position) == ("field.pattern", "line 1, column warehouse")


def test_a_record_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed, "LINES_MAX", 10)
    found = read(compile_mapping(ORDERS), order("SO1", *[line(1)] * 50) + order("SO2", line(1)))
    assert [each.rule if isinstance(each, Rejection) else each.data.type for each in found] == [
        "fixed.lines", "order.created",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "good", "bad", "path", "problem"),
    [
        (STOCK, "sku: 5-14", "sku: 14-5", "columns.sku", "places counted from 1"),
        (STOCK, "sku: 5-14", "sku: 0-5", "columns.sku", "places counted from 1"),
        (STOCK, "sku: sku", "sku: item", "fields.sku.path", "there is no column 'item'"),
        (STOCK, "columns:", "colums:", "colums", "did you mean 'columns'?"),
        (STOCK, "version: 1", "version: 1\nrecord: a", "record", "needs `kind`"),
        (STOCK, "version: 1", "version: 1\ndiscriminator: sku", "", "come together"),
        (STOCK, "event:", "choose: all\nevent:", "choose", "a row is one event"),
        (ORDERS, 'record: "10"', 'record: "1"', "record", "'1' is not possible here"),
        (ORDERS, 'record: "10"\n', "", "", "needs `documents` by the kind of line"),
        (ORDERS, '["00", "99"]', '["20"]', "ignores", "have columns"),
        (ORDERS, 'each: "20"', 'each: "30"', "fields.lines.each", "no lines of kind '30' stand there"),
    ],
)
def test_a_wrong_layout_is_refused_when_it_is_compiled(
    source: str, good: str, bad: str, path: str, problem: str
) -> None:
    assert good in source
    with pytest.raises(MappingError) as found:
        compile_mapping(source.replace(good, bad, 1))
    assert (found.value.path, problem in found.value.problem) == (path, True), found.value
