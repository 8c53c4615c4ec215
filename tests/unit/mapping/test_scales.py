from fractions import Fraction

import pytest

from crossdock.mapping import scales


def pairs(factor: Fraction, count: int = 5) -> list[tuple[Fraction, Fraction]]:
    return [(Fraction(value), Fraction(value) * factor) for value in range(100, 100 + count)]


@pytest.mark.parametrize(
    ("factor", "shown"),
    [
        (Fraction(100), "x100"), (Fraction(1, 100), "/100"), (Fraction(12), "x12"), (Fraction(24), "x24"),
        (Fraction(1, 12), "/12"), (Fraction(22046, 10000), "x2.205"), (Fraction(1, 1000), "/1000"),
    ],
)  # fmt: skip
def test_a_well_known_factor_is_named(factor: Fraction, shown: str) -> None:
    (found,) = scales.changed({"total": pairs(factor)})
    assert (found.factor, found.values, found.of, found.against) == (shown, 5, 5, "before")


@pytest.mark.parametrize("factor", [Fraction(1), Fraction(3), Fraction(11), Fraction(105)])
def test_any_other_change_is_not_suspected(factor: Fraction) -> None:
    assert scales.changed({"total": pairs(factor)}) == []


def test_one_of_many_values_is_no_error_of_scale() -> None:
    mixed = [*pairs(Fraction(100), 2), *pairs(Fraction(3), 8)]
    assert scales.changed({"total": mixed}) == []
    assert scales.changed({"total": [(Fraction(0), Fraction(100))]}) == []


def test_new_values_are_held_against_what_is_usual() -> None:
    history = {"total": [Fraction(value) for value in range(90, 110)]}
    (found,) = scales.unusual({"total": [Fraction(9900), Fraction(10100), Fraction(10300)]}, history)
    assert (found.factor, found.against) == ("x100", "history")
    assert scales.unusual({"total": [Fraction(240), Fraction(200), Fraction(220)]}, history) == []
    assert scales.unusual({"total": [Fraction(9900)]}, history) == [], "one value says nothing"


def test_numbers_are_found_by_field_and_quantities_by_their_unit() -> None:
    data = {"lines": [{"quantity": 3, "weight": ["12.5", "LBR"]}, {"quantity": 4}], "code": ["1", "2", "3"], "no": "7"}
    assert scales.numbers(data, "e") == {
        "e.lines[].quantity": [3, 4],
        "e.lines[].weight in LBR": [Fraction("12.5")],
    }
