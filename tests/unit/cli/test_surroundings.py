from crossdock.app.surroundings import around

CSV = b"ref,amount\nA,1\nB\nC,3\nD,4\n"
X12 = (
    b"ISA*00*          *00*          *02*RDWY           *ZZ*HUB            *260302*0700*U*00401*000000001*0*P*>~\n"
    b"GS*QM*RDWY*HUB*20260302*0700*1*X*004010~\nST*214*0001~\nB10*1**RDWY~\nSE*3*0001~\nGE*1*1~\nIEA*1*000000001~\n"
)


def _shown(body: bytes, position: str, *, header: bytes = b"", first_row: int = 0) -> list[tuple[str, str, bool]]:
    return [(line.place, line.text, line.here) for line in around(body, position, header=header, first_row=first_row)]


def test_a_row_is_shown_under_its_header_between_its_neighbours() -> None:
    assert _shown(CSV, "row 2") == [
        ("header", "ref,amount", False),
        ("row 1", "A,1", False),
        ("row 2", "B", True),
        ("row 3", "C,3", False),
    ]


def test_a_row_of_a_later_part_counts_from_the_beginning_of_the_file() -> None:
    shown = _shown(b"X,1\nY\n", "row 102, column amount", header=b"ref,amount\n", first_row=100)
    assert shown == [("header", "ref,amount", False), ("row 101", "X,1", False), ("row 102", "Y", True)]


def test_a_segment_is_shown_between_its_neighbours() -> None:
    shown = _shown(X12, "segment 4, B10-02")
    assert [place for place, _, _ in shown] == [f"segment {number}" for number in (2, 3, 4, 5, 6)]
    assert ("segment 4", "B10*1**RDWY", True) in shown


def test_a_byte_is_shown_with_what_stands_before_and_behind_it() -> None:
    assert _shown(b'{"a": 1, oops}', "byte 9") == [("byte 0", '{"a": 1, ', False), ("byte 9", "oops}", True)]
    assert _shown(b'{"a": 1', "byte 7")[-1] == ("byte 7", "(the message ends here)", True)


def test_a_member_is_shown_in_its_object() -> None:
    body = b'{"data": {"lines": [{"sku": "A", "qty": "x"}]}}'
    assert _shown(body, "data.lines[0].qty") == [("sku", '"A"', False), ("qty", '"x"', True)]
    assert _shown(body, "data.lines[0].unit")[-1] == ("unit", "(missing)", True)


def test_where_the_position_names_no_place_the_beginning_is_shown() -> None:
    assert _shown(b"not json\nat all", "the whole message") == [
        ("line 1", "not json", False),
        ("line 2", "at all", False),
    ]
    assert _shown(CSV, "row 99") == _shown(CSV, "")
    assert _shown(b"", "byte 0") == [("byte 0", "", False), ("byte 0", "(the message ends here)", True)]
