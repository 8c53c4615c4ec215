"""Delimited text as rows."""

import itertools
import tracemalloc

import pytest

from crossdock.formats import csv
from crossdock.model.envelope import Rejection


def read(text: str | bytes, **options: object) -> list[tuple[int, list[str]] | tuple[int, str]]:
    """Rows as they are, rejections as their row and rule."""
    data = text.encode() if isinstance(text, str) else text
    return [
        (each.row, each.rule) if isinstance(each, Rejection) else each
        for each in csv.read(data, **options)  # type: ignore[arg-type]
    ]


def test_rows_count_from_zero_after_the_header() -> None:
    assert read("a,b\n1,2\n3,4\n") == [(0, ["1", "2"]), (1, ["3", "4"])]


def test_a_byte_order_mark_belongs_to_no_column() -> None:
    assert csv.header_of(b"\xef\xbb\xbfa,b\n1,2\n") == ["a", "b"]
    assert read(b"\xef\xbb\xbfa,b\n1,2\n") == [(0, ["1", "2"])]


def test_a_part_is_read_with_the_header_of_its_file() -> None:
    assert read("5,6\n", header=b"a,b\n", first_row=7) == [(7, ["5", "6"])]


def test_line_ends_of_either_kind_and_none_at_the_end() -> None:
    assert read("a,b\r\n1,2\r\n\r\n3,4") == [(0, ["1", "2"]), (1, ["3", "4"])]


def test_quoted_fields_hold_delimiters_quotes_and_line_feeds() -> None:
    assert read('a,b\n"x, ""y""","1\n2"\n3,4\n') == [(0, ['x, "y"', "1\n2"]), (1, ["3", "4"])]


def test_a_quote_inside_a_field_is_a_quote() -> None:
    assert read('a,b\n5" pipe,6\n7,8\n') == [(0, ['5" pipe', "6"]), (1, ["7", "8"])]


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (b"1", "csv.columns"),
        (b"1,2,3", "csv.columns"),
        (b"1,\xff", "text.encoding"),
        (b"1,\x00", "text.nul"),
        (b'"1,2', "csv.quote"),
        (b'"1"x,2', "csv.quote"),
        (b"1," + b"x" * 10_001, "csv.field_length"),
    ],
)
def test_a_bad_row_is_refused_alone(bad: bytes, rule: str) -> None:
    assert read(b"a,b\n1,2\n" + bad + b"\n3,4\n") == [(0, ["1", "2"]), (1, rule), (2, ["3", "4"])]


def test_an_unclosed_quote_does_not_swallow_the_file() -> None:
    rows = "1,2\n" * 50_000
    found = read(f'a,b\n"oops,1\n{rows}')
    assert found[0] == (0, "csv.quote")
    assert len(found) == 50_001


@pytest.mark.parametrize(("text", "problem"), [("", "empty"), ("a,b,a\n1,2,3\n", "twice"), ("a,\xff\n", "header")])
def test_a_header_that_cannot_be_used_refuses_the_file(text: str, problem: str) -> None:
    [found] = csv.read(text.encode("latin-1"))
    assert isinstance(found, Rejection)
    assert found.position == "header"
    assert problem in found.problem


def test_another_delimiter() -> None:
    assert read('a;b\n1;"2;3"\n', delimiter=";") == [(0, ["1", "2;3"])]


def test_a_million_rows_with_three_bad_ones_take_no_memory() -> None:
    good = b"PY00000001,12.34\n"
    data = b"ref,amount\n" + good * 400_000 + b"x\n" + good * 300_000 + b"\xff,1\n" + good * 299_997 + b"1,2,3\n"
    rows = csv.read(data)
    rejections = [each for each in itertools.islice(rows, 900_000) if isinstance(each, Rejection)]
    tracemalloc.start()  # slow, so it watches the last rows only: what leaks would leak there too
    rejections += [each for each in rows if isinstance(each, Rejection)]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [each.row for each in rejections] == [400_000, 700_001, 999_999]
    assert [each.position for each in rejections] == ["row 400001", "row 700002", "row 1000000"]
    assert peak < 100_000
