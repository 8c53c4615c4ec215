"""Documents checked and grouped by their grammar."""

import pytest
from tests.unit.formats.interchanges import interchange, transaction

from crossdock.formats.edi.document import Document, Node
from crossdock.formats.edi.findings import Finding
from crossdock.formats.x12.catalog import DOCUMENTS
from crossdock.formats.x12.reading import read_message

GOOD_214 = ["B10*PRO1*SH1*RDWY", "L11*SO1*PO", "LX*1", "AT7*X3*NS***20260302*0854*UT", "MS1*Reno*NV*USA"]


def document(code: str, lines: list[str], release: str = "004010") -> Document:
    text = interchange([transaction(code, lines, "0001")]).replace("004010", release)
    [found] = [part for part in read_message(text.encode()) if isinstance(part, Document)]
    return found


def walk(code: str, lines: list[str]) -> tuple[Node, list[Finding]]:
    found = document(code, lines)
    return found.tree, found.findings.kept


def violations(lines: list[str], code: str = "214") -> list[tuple[str, str]]:
    return [(each.position, each.rule) for each in walk(code, lines)[1] if not each.is_warning]


def warnings(lines: list[str], code: str = "214") -> list[tuple[str, str, str]]:
    return [(each.position, each.rule, each.problem) for each in walk(code, lines)[1] if each.is_warning]


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


def test_a_good_document_breaks_no_rule() -> None:
    assert violations(GOOD_214) == []


@pytest.mark.parametrize(
    ("bad", "position", "rule"),
    [
        ("AT7*X3*NS**NS*20260302*0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS*AA*NA*20260302*0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS****0854*UT", "segment 7, AT7", "x12.condition"),
        ("AT7*X3*NS***20260302*2554*UT", "segment 7, AT7-06", "x12.type"),
        ("AT7*X3*NS***20260230*0854*UT", "segment 7, AT7-05", "x12.type"),
        ("AT7*X3*NS***20250229*0854*UT", "segment 7, AT7-05", "x12.type"),
        ("AT7*X3*NS***20261301*0854*UT", "segment 7, AT7-05", "x12.type"),
        ("AT7*X3*NS***20260302*0854*QQ", "segment 7, AT7-07", "x12.code"),
        ("AT7*X33*NS***20260302*0854*UT", "segment 7, AT7-01", "x12.length"),
        ("AT7*x3*NS***20260302*0854*UT", "segment 7, AT7-01", "x12.type"),
        ("AT7*X3*NS***20260302*0854*UT*X", "segment 7, AT7-08", "x12.extra"),
        ("AT7*X3*N>S***20260302*0854*UT", "segment 7, AT7-02", "x12.extra"),
        ("AT7*X3*NS***20260302*0854*UT~MS1*Re\x07no*NV", "segment 8, MS1-01", "x12.type"),
    ],
)
def test_each_broken_element_is_named(bad: str, position: str, rule: str) -> None:
    found = violations([*GOOD_214[:3], *bad.split("~")])
    assert found[0] == (position, rule)


def test_a_missing_mandatory_segment_is_named() -> None:
    assert violations(GOOD_214[1:]) == [("segment 4, B10", "x12.required")]
    assert violations(["LX*1"]) == [("segment 4, B10", "x12.required")]
    assert violations([]) == [("segment 4, B10", "x12.required")]


def test_a_missing_mandatory_element_is_named_in_words() -> None:
    [found] = walk("214", ["B10*PRO1*SH1", *GOOD_214[1:]])[1]
    assert (found.position, found.rule) == ("segment 4, B10-03", "x12.required")
    assert found.problem == "B10-03 (carrier code (SCAC)) is missing; it is mandatory"
    assert found.line == "B10*PRO1*SH1"


def test_a_strange_segment_is_named_and_the_rest_is_still_checked() -> None:
    assert violations([*GOOD_214[:2], "ZZZ*1", "LX*x", *GOOD_214[3:]]) == [
        ("segment 6, ZZZ", "x12.unexpected"),
        ("segment 7, LX-01", "x12.type"),
    ]


def test_a_segment_in_the_wrong_place_is_named() -> None:
    assert violations(["B10*1*2*ABCD", "MS3*ABCD*O", "L11*1*PO"]) == [("segment 6, L11", "x12.order")]


def test_a_second_one_where_one_may_stand_is_named() -> None:
    assert violations([GOOD_214[0], *GOOD_214]) == [("segment 5, B10", "x12.repeat")]


def test_too_many_are_named() -> None:
    lines = [*GOOD_214, *["AT7*X3*NS***20260302*0854*UT"] * 10]
    assert violations(lines) == [("segment 18, AT7", "x12.repeat")]


def test_each_turn_of_a_loop_counts_anew() -> None:
    statuses = ["AT7*X3*NS***20260302*0854*UT"] * 10
    assert violations([GOOD_214[0], "LX*1", *statuses, "LX*2", *statuses, "LX*3", *statuses]) == []


def test_findings_are_bounded_and_all_are_counted() -> None:
    found = document("214", ["ZZZ*1"] * 1000)
    assert len(found.findings.kept) == 20
    assert found.findings.errors == 1001


def test_implied_decimals_with_a_point_are_mended_and_on_record() -> None:
    lines = ["B3**INV1*SH1*CC**20260302*150.4**20260302*035*RDWY", "LX*1", "L1*1*12125*FR*12125"]
    found = document("210", lines)
    assert not found.is_refused
    assert found.segments[0][7] == "15040"
    [repair] = found.interchange.repairs.all()
    assert (repair.rule, repair.position, repair.before, repair.after) == (
        "x12.decimal_point", "segment 4, B3-07", "150.4", "15040",
    )  # fmt: skip


@pytest.mark.parametrize("amount", ["150.425", ".", "1.2.3", "1,50"])
def test_what_would_lose_a_digit_is_refused(amount: str) -> None:
    lines = [f"B3**INV1*SH1*CC**20260302*{amount}**20260302*035*RDWY", "LX*1", "L1*1*12125*FR*12125"]
    [found] = walk("210", lines)[1]
    assert (found.position, found.rule, found.value) == ("segment 4, B3-07", "x12.type", amount)
    assert "two implied decimals" in found.problem


@pytest.mark.parametrize("weight", ["587", "587.5", "-1", ".5", "1234567890"])
def test_decimal_numbers_in_their_spellings(weight: str) -> None:
    assert violations([*GOOD_214, f"AT8*G*L*{weight}"]) == []


@pytest.mark.parametrize("weight", ["1,5", "1e5", "--1", "1.2.3", "12345678901", "٣"])
def test_what_is_no_decimal_number(weight: str) -> None:
    assert violations([*GOOD_214, f"AT8*G*L*{weight}"])[0][0] == "segment 9, AT8-03"


def test_a_rule_by_value_is_told_in_the_trades_words() -> None:
    lines = [*GOOD_214[:2], "N1*CN*Acme", "N4*Reno**89501*US", *GOOD_214[2:]]
    assert warnings(lines) == [
        (
            "segment 7, N4-02",
            "x12.condition",
            "N4-02 (state or province) is missing; it is required when the country is the United States or Canada",
        )
    ]
    assert warnings([*lines[:3], "N4*Koblenz**56068*DE", *lines[4:]]) == []


def test_check_digits_are_read_where_a_qualifier_says_what_the_number_is() -> None:
    head = ["BSN*00*SH1*20260302*0854", "HL*1**S"]
    good = [*head, "LIN**UP*036000291452*EN*4006381333931", "MAN*GM*00000715670002152363"]
    assert warnings(good, "856") == []
    bad = [*head, "LIN**UP*036000291453*EN*4006381333931*VN*036000291453", "MAN*GM*00000715670002152360"]
    assert warnings(bad, "856") == [
        ("segment 6, LIN-03", "x12.check_digit", "LIN-03 (GTIN) has the check digit 3; 2 would be right"),
        ("segment 7, MAN-02", "x12.check_digit", "MAN-02 (SSCC) has the check digit 0; 3 would be right"),
    ]


def test_a_hierarchy_names_levels_that_came_before() -> None:
    good = ["BSN*00*SH1*20260302*0854", "HL*1**S", "HL*2*1*O", "HL*3*2*I"]
    assert violations(good, "856") == []
    assert violations([*good[:3], "HL*3*7*I"], "856") == [("segment 7, HL-02", "x12.parent")]
    assert violations([*good[:3], "HL*2*1*I"], "856") == [("segment 7, HL-01", "x12.duplicate")]


@pytest.mark.parametrize(
    ("release", "expected"), [("003060", 1), ("004010", 0), ("004030", 0), ("005010", 0), ("006020", 1)]
)
def test_a_release_is_read_by_the_nearest_tables_and_one_we_do_not_have_is_told(release: str, expected: int) -> None:
    lines = [line.replace("20260302", "260302") if release < "004010" else line for line in GOOD_214]
    found = document("214", lines, release)
    assert not found.is_refused
    assert [each.rule for each in found.findings.kept] == ["x12.release"] * expected


def test_a_later_release_has_longer_references_and_other_codes() -> None:
    long = [GOOD_214[0], f"L11*{'9' * 40}*PO", *GOOD_214[2:]]
    assert document("214", long, "004010").is_refused
    assert not document("214", long, "005010").is_refused


@pytest.mark.parametrize("code", DOCUMENTS)
@pytest.mark.parametrize("release", ["003010", "004010", "005010"])
def test_every_table_can_be_read_in_every_release(code: str, release: str) -> None:
    found = document(code, ["QQQ*1"], release)
    assert found.grammar is not None
    assert all(place.check.pattern for place in found.grammar.places)
