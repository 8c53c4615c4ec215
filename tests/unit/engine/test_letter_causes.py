import pytest

from crossdock.engine.letter_causes import cause_of


@pytest.mark.parametrize(
    ("position", "place"),
    [
        ("data.lines[12].sku", "data.lines[].sku"),
        ("row 17, column amount", "row, column amount"),
        ("segment 4, B10-02", "segment, B10-02"),
        ("line 12, Status/Code", "line, Status/Code"),
        ("data.arrow 7", "data.arrow 7"),
        ("", ""),
    ],
)
def test_a_place_has_no_numbers_of_rows(position: str, place: str) -> None:
    assert cause_of("field.required", 1, "m", position, "").place == place


def test_what_many_have_in_common_is_one_cause() -> None:
    first = cause_of("xref.unknown", 1, "m", "lines[0].sku", "NEW-999")
    assert first == cause_of("xref.unknown", 1, "m", "lines[7].sku", "NEW-999")
    others = {
        cause_of("xref.unknown", 1, "m", "lines[0].sku", "NEW-998"),
        cause_of("xref.unknown", 1, "m", "lines[0].item", "NEW-999"),
        cause_of("xref.unknown", 2, "m", "lines[0].sku", "NEW-999"),
        cause_of("xref.unknown", 1, "n", "lines[0].sku", "NEW-999"),
        cause_of("map.unlisted", 1, "m", "lines[0].sku", "NEW-999"),
    }
    assert len(others | {first}) == 6


def test_a_value_counts_only_where_it_is_a_code() -> None:
    assert cause_of("date.syntax", 1, "m", "row 1", "31.02.") == cause_of("date.syntax", 1, "m", "row 2", "30.02.")
