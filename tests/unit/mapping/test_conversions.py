"""Conversions are exact or refused."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossdock.mapping import conversions
from crossdock.mapping.record import Context, Refused
from crossdock.model.money import MoneyError, parse_minor
from crossdock.model.quantity import UNITS, Quantity, measure

HERE = Context(None)


def refusal(convert: conversions.Convert, raw: object) -> str:
    with pytest.raises(Refused) as found:
        convert(raw, None, HERE)
    return found.value.rule


@given(st.from_regex(r"-?[0-9.]{0,20}", fullmatch=True) | st.text(max_size=20))
@example("20000000000000.00")
@example("9999999999999.99")
def test_the_quick_lane_for_money_says_what_the_model_says(text: str) -> None:
    convert = conversions.money("USD")
    try:
        expected = parse_minor(text, "USD")
    except MoneyError:
        assert refusal(convert, text) == "money.syntax"
    else:
        assert convert(text, None, HERE) == expected


@pytest.mark.parametrize(
    ("raw", "currency", "minor"),
    [
        ("65940", "USD", 65940),
        ("-5", "USD", -5),
        (65940, "USD", 65940),
        ("65900", "JPY", 659),
        ("65940", "KWD", 659400),
    ],
)
def test_two_decimals_are_implied_whatever_the_currency(raw: object, currency: str, minor: int) -> None:
    assert conversions.money(currency, implied_decimals=True)(raw, None, HERE) == minor


@pytest.mark.parametrize(
    ("raw", "currency"), [("659.40", "USD"), ("65940", "JPY"), ("", "USD"), (1.5, "USD"), (True, "USD")]
)
def test_implied_decimals_are_not_guessed(raw: object, currency: str) -> None:
    assert refusal(conversions.money(currency, implied_decimals=True), raw) == "money.implied_decimals"


@pytest.mark.parametrize(("raw", "minor"), [(12, 1200), (Decimal("12.10"), 1210), ("12.1", 1210), ("7", 700)])
def test_a_number_of_json_is_an_amount_too(raw: object, minor: int) -> None:
    assert conversions.money("USD")(raw, None, HERE) == minor


@pytest.mark.parametrize("raw", [Decimal("1E+999999999"), Decimal("1E-999999"), 10**30, True, None, []])
def test_absurd_numbers_are_refused_quickly(raw: object) -> None:
    assert refusal(conversions.money("USD"), raw) == "money.syntax"


@given(
    st.decimals(min_value=0, max_value=10**9, places=4), st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS))
)
def test_a_converted_quantity_is_exactly_the_same_or_refused(value: Decimal, source: str, target: str) -> None:
    convert = conversions.quantity(source, {}, target, whole=False)
    if UNITS[source][0] != UNITS[target][0]:
        assert refusal(convert, format(value, "f")) == "unit.unlike"
        return
    with suppress(Refused):  # no exact decimal
        converted = convert(format(value, "f"), None, HERE)
        assert Fraction(converted.value) == Fraction(*measure([Quantity(value, source)], target))


def test_pounds_become_kilograms_exactly() -> None:
    convert = conversions.quantity("LBR", {}, "KGM", whole=False)
    assert convert("587", None, HERE) == Quantity(Decimal("266.25872119"), "KGM")


def test_kilograms_have_no_exact_pounds() -> None:
    assert refusal(conversions.quantity("KGM", {}, "LBR", whole=False), "1") == "unit.inexact"


def test_a_dozen_is_twelve_pieces() -> None:
    assert conversions.quantity("DZN", {}, "EA", whole=True)("2.5", None, HERE) == 30


@pytest.mark.parametrize("raw", ["1.5", 1.5, "", "٣", "1e3", "9" * 20, True, None])
def test_what_is_no_whole_number(raw: object) -> None:
    assert refusal(conversions.integer, raw) == "integer.syntax"


@pytest.mark.parametrize("raw", [-1, 2**63, "9223372036854775808"])
def test_a_revision_is_within_64_bits(raw: object) -> None:
    assert refusal(conversions.revision, raw) == "revision.range"


@pytest.mark.parametrize(("raw", "value"), [(-3, -3), ("-3", -3), ("3", 3), (0, 0), ("-0", 0), (Decimal("-2.0"), -2)])
def test_what_changes_may_be_less_than_nothing(raw: Any, value: int) -> None:
    assert conversions.quantity("EA", {}, "EA", whole=True, signed=True)(raw, None, HERE) == value


@pytest.mark.parametrize("raw", ["--3", "-", "- 3", "-1.5", "−3", True])
def test_a_change_that_is_no_whole_number_is_refused(raw: Any) -> None:
    assert refusal(conversions.quantity("EA", {}, "EA", whole=True, signed=True), raw).startswith("quantity.")
