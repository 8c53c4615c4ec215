"""EDIFACT messages checked and grouped by their grammar."""

import pytest
from tests.unit.formats.messages import interchange, message

from crossdock.formats.edi.document import Document
from crossdock.formats.edifact.catalog import DOCUMENTS
from crossdock.formats.edifact.reading import read_message

GOOD = [
    "BGM+44+S1+9",
    "DTM+137:202603020854:203",
    "NAD+CA+RDWY::182",
    "RFF+BM:BL1",
    "CNI+1+SH1",
    "STS+1+21",
    "RFF+BN:B1",
    "DTM+334:202603020854:203",
    "LOC+175+USDAL:139:6:Dallas",
    "TDT+20++3",
    "LOC+9+USDAL",
    "EQD+CN+CSQU3054383",
]


def document(code: str, body: list[str], release: str = "D:96A:UN") -> Document:
    text = interchange([message(code, body, release=release)])
    [found] = [part for part in read_message(text.encode()) if isinstance(part, Document)]
    return found


def violations(body: list[str], code: str = "IFTSTA", release: str = "D:96A:UN") -> list[tuple[str, str]]:
    found = document(code, body, release).findings.kept
    return [(each.position, each.rule) for each in found if not each.is_warning]


def warnings(body: list[str], code: str = "IFTSTA", release: str = "D:96A:UN") -> list[tuple[str, str, str]]:
    found = document(code, body, release).findings.kept
    return [(each.position, each.rule, each.problem) for each in found if each.is_warning]


def test_segments_are_grouped_into_their_groups() -> None:
    assert violations(GOOD) == []
    tree = document("IFTSTA", [*GOOD, "CNI+2+SH2", "STS+1+24", "STS+1+31"]).tree
    first, second = tree.loops["CNI"]
    assert tree.loops["RFF"][0].segments["RFF"] == [["RFF", "BM\x1fBL1"]]
    [status] = first.loops["STS"]
    assert status.segments["RFF"] == [["RFF", "BN\x1fB1"]]
    assert status.segments["DTM"] == [["DTM", "334\x1f202603020854\x1f203"]]
    assert status.loops["TDT"][0].loops["LOC"][0].segments["LOC"] == [["LOC", "9", "USDAL"]]
    assert [each.segments["STS"][0][2] for each in second.loops["STS"]] == ["24", "31"]


@pytest.mark.parametrize(
    ("good", "bad", "position", "rule"),
    [
        ("DTM+137:202603020854:203", "DTM+137:20260302:203", "segment 4, DTM-01:2", "edifact.type"),
        ("DTM+137:202603020854:203", "DTM+137:202602300854:203", "segment 4, DTM-01:2", "edifact.type"),
        ("DTM+137:202603020854:203", "DTM+:202603020854:203", "segment 4, DTM-01:1", "edifact.required"),
        ("DTM+137:202603020854:203", "DTM+9999:202603020854:203", "segment 4, DTM-01:1", "edifact.length"),
        ("DTM+137:202603020854:203", "DTM+137:202603020854:203:1", "segment 4, DTM-01:4", "edifact.extra"),
        ("DTM+137:202603020854:203", "DTM+137:202603020854:203+1", "segment 4, DTM-02", "edifact.extra"),
        ("RFF+BM:BL1", "RFF+:BL1", "segment 6, RFF-01:1", "edifact.required"),
        ("RFF+BM:BL1", "RFF", "segment 6, RFF-01", "edifact.required"),
        ("RFF+BM:BL1", "RFF+ZX9:BL1", "segment 6, RFF-01:1", "edifact.code"),
        ("RFF+BM:BL1", f"RFF+BM:{'9' * 36}", "segment 6, RFF-01:2", "edifact.length"),
        ("CNI+1+SH1", "CNI+1A+SH1", "segment 7, CNI-01", "edifact.type"),
        ("TDT+20++3", "TDT+++3", "segment 12, TDT-01", "edifact.required"),
        ("BGM+44+S1+9", "BGM+44+S1+99", "segment 3, BGM-03", "edifact.code"),
    ],
)
def test_each_broken_element_is_named(good: str, bad: str, position: str, rule: str) -> None:
    assert violations([bad if line == good else line for line in GOOD])[0] == (position, rule)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], [("segment 3, BGM", "edifact.required")]),
        (GOOD[1:], [("segment 3, BGM", "edifact.required")]),
        ([*GOOD[:5], "LOC+1+X"], [("segment 9, STS", "edifact.required")]),
        ([*GOOD[:5], "CNI+2+SH2", "STS+1+21"], [("segment 8, STS", "edifact.required")]),
        ([GOOD[0], *GOOD], [("segment 4, BGM", "edifact.repeat")]),
        ([*GOOD, "XYZ+1"], [("segment 15, XYZ", "edifact.unexpected")]),
        ([*GOOD[:4], "TDT+20", *GOOD[4:]], [("segment 7, TDT", "edifact.unexpected")]),
        ([GOOD[0], *["DTM+137:20260302:102"] * 10, *GOOD[4:]], [("segment 13, DTM", "edifact.repeat")]),
    ],
)
def test_each_misplaced_segment_is_named(body: list[str], expected: list[tuple[str, str]]) -> None:
    assert violations(body) == expected


def test_a_date_is_held_against_its_format_in_words() -> None:
    [found] = document("IFTSTA", [GOOD[0], "DTM+137:2026-03-02:102", *GOOD[2:]]).findings.kept
    assert found.problem == "DTM-01:2 (date or time) must be CCYYMMDD, as the 102 behind it says"
    assert found.line == "DTM+137:2026-03-02:102"


def test_check_digits_are_read_where_a_qualifier_says_what_the_number_is() -> None:
    body = [*GOOD[:2], "NAD+CN+4006381333932::9", *GOOD[4:-1], "EQD+CN+CSQU3054384"]
    assert [each[:2] for each in warnings(body)] == [
        ("segment 5, NAD-02", "edifact.check_digit"),
        ("segment 13, EQD-02", "edifact.check_digit"),
    ]


def test_a_packing_hierarchy_names_levels_that_came_before() -> None:
    body = ["BGM+351+D1+9", "CPS+1", "PAC+1++201", "CPS+2+1", "LIN+1++4006381333931:EN"]
    assert violations(body, "DESADV") == []
    assert violations([*body, "CPS+3+7"], "DESADV") == [("segment 8, CPS-02", "edifact.parent")]
    assert violations([*body, "CPS+2+1"], "DESADV") == [("segment 8, CPS-01", "edifact.duplicate")]


def test_a_later_directory_has_other_elements() -> None:
    text = "x" * 200
    body = ["BGM+44+S1+9", "DTM+137:20260302:102", f"FTX+AAI+++{text}", "CNI+1+SH1", "STS+1+21"]
    assert violations(body) == [("segment 5, FTX-04:1", "edifact.length")]
    assert violations(body, release="D:01B:UN") == []


@pytest.mark.parametrize(
    ("release", "expected"), [("D:93A:UN", 1), ("D:96A:UN", 0), ("D:99B:UN", 0), ("D:01B:UN", 0), ("D:19B:UN", 1)]
)
def test_a_directory_is_read_by_the_nearest_tables_and_one_we_do_not_have_is_told(release: str, expected: int) -> None:
    found = document("IFTSTA", ["BGM+44+S1+9", "DTM+137:20260302:102", "CNI+1+SH1", "STS+1+21"], release)
    assert not found.is_refused
    assert [each.rule for each in found.findings.kept] == ["edifact.release"] * expected


@pytest.mark.parametrize("code", DOCUMENTS)
@pytest.mark.parametrize("release", ["D:96A:UN", "D:01B:UN", "D:19B:UN"])
def test_every_table_can_be_read_in_every_directory(code: str, release: str) -> None:
    found = document(code, ["QQQ+1"], release)
    assert found.grammar is not None
    assert all(place.check.pattern for place in found.grammar.places)
