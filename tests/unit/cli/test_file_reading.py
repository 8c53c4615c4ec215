import io
from typing import Any

import pytest

from crossdock.app.file_reading import Cut, Form, Undecided, Unreadable, batches, form_of, pieces
from crossdock.engine.configuration import Reader, Source
from crossdock.mapping import compile_mapping

CSV = """
mapping: c
version: 1
format: csv
event: stock.opened
envelope: {occurred: {constant: "2026-01-01T00:00:00Z"}}
fields: {warehouse: warehouse, sku: sku, quantity: on_hand, unit: {constant: EA}}
"""
JSON = CSV.replace("format: csv", "format: json").replace("mapping: c", "mapping: j")


def _source(**reads: str) -> Source:
    readers = {
        type_.replace("_", "/", 1).replace("__", ";layout="): Reader(1, compile_mapping(text))
        for type_, text in reads.items()
    }
    return Source(1, "sender", readers, {})


def _pieces(data: bytes, cut: Cut, *, start: int = 0) -> list[Any]:
    return list(pieces(io.BytesIO(data), Form("text/csv", cut), 1, name="f", start=start, size=len(data)))


def test_the_only_content_type_of_a_source_needs_no_words() -> None:
    assert form_of("-", _source(text_csv=CSV), None) == Form("text/csv", "csv")
    assert form_of("x.dat", _source(application_json=JSON), None) == Form("application/json", "whole")


def test_the_extension_chooses_between_content_types() -> None:
    source = _source(text_csv=CSV, application_json=JSON)
    assert form_of("a.CSV", source, None).cut == "csv"
    assert form_of("a.json", source, None).cut == "whole"
    assert form_of("a.jsonl", source, None) == Form("application/json", "lines")
    with pytest.raises(Undecided, match="application/json, text/csv"):
        form_of("a.dat", source, None)


def test_layouts_of_one_type_are_a_choice_that_is_named() -> None:
    source = _source(text_csv__a=CSV, text_csv__b=CSV)
    with pytest.raises(Undecided, match="text/csv;layout=a, text/csv;layout=b"):
        form_of("a.csv", source, None)
    assert form_of("a.csv", source, "Text/CSV; layout=b").content_type == "text/csv;layout=b"


def test_what_a_source_does_not_send_is_refused() -> None:
    with pytest.raises(Undecided, match="sender does not send 'text/csv'; it sends application/json"):
        form_of("a.csv", _source(application_json=JSON), None)


def test_parts_are_the_file_and_resuming_gives_the_rest() -> None:
    data = b"warehouse,sku,on_hand\n" + b"".join(b"DC01,SKU%05d,%d\n" % (n, n) for n in range(5_000))
    whole = _pieces(data, "csv")
    assert b"".join(piece.message.body for piece in whole) == data
    assert whole[0].message.header is None
    assert whole[1].message.header == b"warehouse,sku,on_hand\n"
    assert whole[1].message.first_row > 0
    for stop in (0, 1, len(whole) - 1):
        assert _pieces(data, "csv", start=whole[stop].end) == whole[stop + 1 :]


def test_lines_resume_by_their_place_and_blank_lines_are_no_messages() -> None:
    data = b'{"a":1}\n\n{"a":2}\n{"a":3}'
    whole = _pieces(data, "lines")
    assert [piece.message.body for piece in whole] == [b'{"a":1}', b'{"a":2}', b'{"a":3}']
    assert whole[-1].end == len(data)
    assert _pieces(data, "lines", start=whole[0].end) == whole[1:]


def test_the_same_bytes_as_another_layout_are_another_message() -> None:
    data = b"a,b\n1,2\n"
    one = next(pieces(io.BytesIO(data), Form("text/csv;layout=a", "csv"), 1, name="f"))
    other = next(pieces(io.BytesIO(data), Form("text/csv;layout=b", "csv"), 1, name="f"))
    assert one.message.identity != other.message.identity


def test_what_is_appended_while_a_file_is_read_waits_for_the_next_run() -> None:
    data = b'{"a":1}\n{"a":2}\n'
    found = list(pieces(io.BytesIO(data), Form("application/json", "lines"), 1, name="f", size=8))
    assert [piece.message.body for piece in found] == [b'{"a":1}']


def test_an_endless_record_is_named_with_its_place() -> None:
    class Endless(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            return b"x" * size

    with pytest.raises(Unreadable, match="the record that begins at byte 0"):
        list(pieces(Endless(), Form("application/json", "lines"), 1, name="f"))  # type: ignore[arg-type]  # reads alike


def test_batches_are_bounded_by_number_and_by_bytes() -> None:
    found = _pieces(b"".join(b'{"n":%d}\n' % n for n in range(10)), "lines")
    assert [len(batch) for batch in batches(iter(found), messages=4, size_bytes=1_000)] == [4, 4, 2]
    assert [len(batch) for batch in batches(iter(found), messages=100, size_bytes=14)] == [2] * 5
