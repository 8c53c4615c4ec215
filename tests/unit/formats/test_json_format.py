"""JSON to plain values."""

from decimal import Decimal

import pytest

from crossdock.formats import json
from crossdock.model.envelope import Rejection


def rejected(raw: bytes) -> Rejection:
    found = json.decode(raw)
    assert isinstance(found, Rejection)
    return found


def test_a_fraction_stays_exact() -> None:
    assert json.decode(b'{"price": 12.10}') == {"price": Decimal("12.10")}


def test_a_truncated_message_says_so_at_its_end() -> None:
    found = rejected(b'{"data": {"order_no": "S')
    assert (found.rule, found.position) == ("json.truncated", "byte 24")
    assert found.sample == '{"data": {"order_no": "S'


def test_a_syntax_defect_is_named_by_its_byte() -> None:
    found = rejected(b'{"a": x}')
    assert (found.rule, found.position, found.value) == ("json.malformed", "byte 6", "x")


@pytest.mark.parametrize(
    ("raw", "rule", "position"),
    [
        (b'{"a": "\xff"}', "text.encoding", "byte 7"),
        (b'{"a": "\x00"}', "text.nul", "byte 7"),
        (b'\x00{"a": 1}', "text.nul", "byte 0"),
        ('{"a": "Ä"}'.encode("latin-1"), "text.encoding", "byte 7"),
        (b"", "json.truncated", "byte 0"),
        (b'{"a": 1} x', "json.malformed", "byte 9"),
    ],
)
def test_bytes_that_are_not_text_are_refused_where_they_stand(raw: bytes, rule: str, position: str) -> None:
    found = rejected(raw)
    assert (found.rule, found.position) == (rule, position)


@pytest.mark.parametrize("levels", [65, 500, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_is_bounded(levels: int, opening: bytes, closing: bytes) -> None:
    assert rejected(opening * levels + b"1" + closing * levels).rule == "json.depth"


def test_nesting_up_to_the_limit_is_read() -> None:
    assert isinstance(json.decode(b"[" * 64 + b"]" * 64), list)


def test_many_brackets_side_by_side_are_not_deep() -> None:
    assert len(json.decode(b"[" + b",".join([b'{"a":[1]}'] * 500) + b"]")) == 500


def test_a_number_of_ten_thousand_digits_is_handled() -> None:
    json.decode(b'{"a": ' + b"9" * 10_000 + b"}")


def test_lines_leave_blank_ones_out() -> None:
    assert list(json.lines(b'{"a":1}\n\n \r\n{"b":2}')) == [b'{"a":1}\n', b'{"b":2}']
