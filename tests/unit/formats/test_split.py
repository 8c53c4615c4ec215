"""Files cut into parts."""

import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from tests.unit.formats.interchanges import interchange, status

from crossdock.formats import csv
from crossdock.formats.split import RecordTooLong, split


def test_csv_parts_carry_the_header_and_go_on_counting() -> None:
    parts = list(split("csv", [b"a,b\n1,2\n3", b",4\n5,6\n"], part_bytes=8))
    assert [part.raw for part in parts] == [b"a,b\n1,2\n", b"3,4\n5,6\n"]
    assert [(part.header, part.offset, part.first_row) for part in parts] == [(b"", 0, 0), (b"a,b\n", 8, 1)]
    rows = [row for part in parts for row in csv.read(part.raw, header=part.header, first_row=part.first_row)]
    assert rows == [(0, ["1", "2"]), (1, ["3", "4"]), (2, ["5", "6"])]


def test_a_row_with_line_feeds_is_not_cut() -> None:
    text = b'a,b\n"1\n2\n3",4\n5,6\n'
    parts = list(split("csv", [text[at : at + 1] for at in range(len(text))], part_bytes=1))
    assert [part.raw for part in parts] == [b"a,b\n", b'"1\n2\n3",4\n', b"5,6\n"]


def test_ndjson_is_cut_at_lines() -> None:
    parts = list(split("ndjson", [b'{"a":1}\n\n{"a', b'":2}\n{"a":3}'], part_bytes=1))
    assert [(part.raw, part.first_row) for part in parts] == [
        (b'{"a":1}\n', 0),
        (b"\n", 1),
        (b'{"a":2}\n', 1),
        (b'{"a":3}', 2),
    ]


def test_x12_is_cut_between_interchanges_and_rows_go_on() -> None:
    first = interchange([status("A1"), status("A2")])
    second = interchange([status("B1")], control="000000002")
    third = interchange([status("C1")], control="000000003")
    text = f"{first}\n{second}\n{third}".encode()
    parts = list(split("x12", [text[at : at + 100] for at in range(0, len(text), 100)], part_bytes=1))
    assert [part.raw.decode().strip() for part in parts] == [first, second, third]
    assert [part.first_row for part in parts] == [0, 2000, 3000]


@pytest.mark.parametrize("kind", ["csv", "ndjson", "x12"])
def test_a_record_that_never_ends_is_refused_with_its_place(kind: str) -> None:
    chunks = itertools.chain([b"a,b\n"], itertools.repeat(b"x" * 1000, 100))
    with pytest.raises(RecordTooLong, match="begins at byte") as refused:
        list(split(kind, chunks, part_bytes=500, record_bytes=20_000))  # type: ignore[arg-type]
    assert refused.value.offset == (0 if kind == "x12" else 4)


def test_an_endless_file_takes_flat_memory() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(60):
            yield b"PY00000001,12.34\n" * 4_000

    tracemalloc.start()
    total = sum(
        len(part.raw) for part in split("csv", itertools.chain([b"ref,amount\n"], chunks()), part_bytes=500_000)
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 4_000_000
    assert peak < 3_000_000


@pytest.mark.parametrize("kind", ["csv", "ndjson", "x12"])
def test_an_empty_file_has_no_parts(kind: str) -> None:
    assert list(split(kind, [b"", b""])) == []  # type: ignore[arg-type]
