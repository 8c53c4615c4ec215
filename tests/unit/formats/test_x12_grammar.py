"""Transactions checked and grouped by their grammar."""

import pytest

from crossdock.formats.x12.catalog import GRAMMARS
from crossdock.formats.x12.grammar import Loop, Use
from crossdock.formats.x12.tree import Node, Violation

GOOD_214 = ["B10*PRO1*SH1*RDWY", "L11*SO1*PO", "LX*1", "AT7*X3*NS***20260302*0854*UT", "MS1*Reno*NV*USA"]


def walk(code: str, lines: list[str]) -> tuple[Node, list[Violation]]:
    return GRAMMARS[code].arrange([line.split("*") for line in lines], 4)


def violations(lines: list[str], code: str = "214") -> list[tuple[str, str]]:
    return [(each.position, each.rule) for each in walk(code, lines)[1]]


def test_segments_are_grouped_into_their_loops() -> None:
    lines = [*GOOD_214[:2], "N1*CN*Acme", "N4*Reno*NV*89501", *GOOD_214[2:], "AT7*X1*NS***20260303*0854*UT", "L11*1*QN"]
    tree, found = walk("214", [*lines, "LX*2", "AT7*D1*NS***20260304*0854*UT"])
    assert found == []
    assert [each[1] for each in tree.segments["L11"]] == ["SO1"]
    assert tree.loops["N1"][0].segments["N4"] == [["N4", "Reno", "NV", "89501"]]
    first, second = tree.loops["LX"]
    assert [each.segments["AT7"][0][1] for each in first.loops["AT7"]] == ["X3", "X1"]
    assert first.loops["AT7"][0].segments["MS1"][0][1] == "Reno"
    assert first.segments["L11"] == [["L11", "1", "QN"]]
    assert second.loops["AT7"][0].segments["AT7"][0][1] == "D1"


def test_a_good_transaction_breaks_no_rule() -> None:
    assert violations(GOOD_214) == []


@pytest.mark.parametrize(
    ("bad", "position", "rule"),
    [
        ("AT7*X3*NS**NS*20260302*0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS*AA*NA*20260302*0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS****0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS***20260230*2554*UT", "segment 7, AT7-06", "x12.type"),
        ("AT7*X3*NS***20261301*0854*UT", "segment 7, AT7-05", "x12.type"),
        ("AT7*X3*NS***20260302*0854*QQ", "segment 7, AT7-07", "x12.code"),
        ("AT7*X33*NS***20260302*0854*UT", "segment 7, AT7-01", "x12.length"),
        ("AT7*x3*NS***20260302*0854*UT", "segment 7, AT7-01", "x12.type"),
        ("AT7*X3*NS***20260302*0854*UT*X", "segment 7, AT7-08", "x12.extra"),
    ],
)
def test_each_broken_element_is_named(bad: str, position: str, rule: str) -> None:
    found = violations([*GOOD_214[:3], bad, GOOD_214[4]])
    assert found[0] == (position, rule)


def test_a_missing_mandatory_segment_is_named() -> None:
    assert violations(GOOD_214[1:]) == [("segment 8, B10", "x12.required")]


def test_a_missing_mandatory_element_is_named() -> None:
    assert violations(["B10*PRO1*SH1", *GOOD_214[1:]]) == [("segment 4, B10-03", "x12.required")]


def test_a_strange_segment_is_named_and_the_rest_is_still_checked() -> None:
    assert violations([*GOOD_214[:2], "ZZZ*1", *GOOD_214[2:]]) == [("segment 6, ZZZ", "x12.unexpected")]


def test_a_segment_in_the_wrong_place_is_named() -> None:
    assert violations([GOOD_214[1], GOOD_214[0], *GOOD_214[2:]]) == [("segment 5, B10", "x12.order")] or violations(
        ["B10*1*2*ABCD", "MS3*ABCD*O", "L11*1*PO"]
    ) == [("segment 6, L11", "x12.order")]


def test_too_many_are_named() -> None:
    lines = [*GOOD_214, *["AT7*X3*NS***20260302*0854*UT"] * 10]
    assert violations(lines) == [("segment 18, AT7", "x12.repeat")]


def test_violations_are_bounded() -> None:
    assert len(violations(["ZZZ*1"] * 1000)) == 20


def test_amounts_imply_decimals_and_never_show_them() -> None:
    lines = ["B3**INV1*SH1*CC**20260302*150.42**20260302*035*RDWY", "LX*1", "L1*1*12125*FR*12125"]
    [found] = walk("210", lines)[1]
    assert (found.position, found.rule, found.value) == ("segment 4, B3-07", "x12.type", "150.42")
    assert "two implied decimals" in found.problem


@pytest.mark.parametrize("weight", ["587", "587.5", "-1", ".5", "1234567890"])
def test_decimal_numbers_in_their_spellings(weight: str) -> None:
    assert violations([*GOOD_214, f"AT8*G*L*{weight}"]) == []


@pytest.mark.parametrize("weight", ["1,5", "1e5", "--1", "1.2.3", "12345678901", "٣"])
def test_what_is_no_decimal_number(weight: str) -> None:
    assert violations([*GOOD_214, f"AT8*G*L*{weight}"])[0][0] == "segment 9, AT8-03"


@pytest.mark.parametrize("code", GRAMMARS)
def test_a_loop_uses_each_segment_once_so_that_its_place_is_certain(code: str) -> None:
    def check(uses: tuple[Use | Loop, ...]) -> None:
        ids = [use.segment.id if isinstance(use, Use) else use.id for use in uses]
        assert len(ids) == len(set(ids))
        for use in uses:
            if isinstance(use, Loop):
                check(use.uses)

    check(GRAMMARS[code].definition.uses)
