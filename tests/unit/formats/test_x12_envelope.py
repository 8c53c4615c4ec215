"""The X12 envelope: what it covers, what it forgives, what it refuses."""

import pytest
from tests.unit.formats.interchanges import interchange, status

from crossdock.formats.edi.cutting import places_in
from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.edi.findings import Finding
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.x12.reading import read_message
from crossdock.formats.x12.tokens import X12Tokenizer

ONE = interchange([status("A1")])
TWO = interchange([status("A1"), status("A2", control="0002")])
UNENVELOPED = "\n".join(ONE.split("\n")[2:-2])


def parts(text: str | bytes, guide: Guide = STANDARD) -> list[Part]:
    return read_message(text if isinstance(text, bytes) else text.encode(), guide)


def documents(text: str | bytes) -> list[Document]:
    return [part for part in parts(text) if isinstance(part, Document)]


def read(text: str | bytes) -> list[str]:
    """Shipments of good documents, rules of refused ones; then those of refused groups and interchanges."""
    found = []
    for part in parts(text):
        if isinstance(part, Document):
            found += [errors(part)[0].rule if part.is_refused else part.segments[0][2]]
        elif isinstance(part, GroupEnd | InterchangeEnd):
            found += [each.rule for each in errors(part)]
    return found


def errors(part: Part) -> list[Finding]:
    where = part.group if isinstance(part, GroupEnd) else part.interchange if isinstance(part, InterchangeEnd) else part
    return [each for each in where.findings.kept if not each.is_warning]


def repairs(text: str | bytes) -> list[str]:
    [*_, end] = parts(text)
    assert isinstance(end, InterchangeEnd)
    return [each.rule.removeprefix("x12.") for each in end.interchange.repairs.all()]


def test_a_document_knows_its_partners_and_its_place() -> None:
    first, second = documents(TWO)
    assert (first.code, first.release, first.interchange.sender, first.interchange.receiver) == (
        "214", "004010", "RDWY", "SHIPPER",
    )  # fmt: skip
    assert (first.place, second.place) == (0, 1)
    assert (first.number, second.number) == (3, 11)


WRAPPED = "\n".join(ONE.replace("~\n", "~")[at : at + 80] for at in range(0, len(ONE), 80))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE, []),
        (ONE.replace("~\n", "~"), []),
        (ONE.replace("~\n", "~\r\n"), []),
        (interchange([status("A1")], end="\n"), []),
        (ONE[:-1], []),
        ("\ufeff" + ONE, ["byte_order_mark"]),
        (ONE.replace("~\n", "~\n   "), ["indentation"]),
        (ONE.replace("~\n", "~ \n\t"), ["indentation"]),
        (ONE.replace("          ", "").replace("           ", "").replace("        *", "*"), ["header_width"]),
        (ONE.replace("*P*>~", "*P*~"), ["header_component"]),
        (ONE.replace("*P*>~", "*P*>"), ["line_terminator"]),
        (ONE.replace("~\nMS1", "\nMS1"), ["line_terminator"]),
        (ONE.replace("~", "…"), ["odd_separators"]),
        (ONE.replace("*", "~").replace("~\n", "?\n").replace("IEA~1~000000001~", "IEA~1~000000001?"), []),
        (WRAPPED, ["wrapped_lines"]),
        (ONE.replace("L11*SO1*PO", "L11*SO1*\r\nPO*ORDER"), ["wrapped_lines"]),
        (UNENVELOPED, ["no_envelope"]),
        (ONE.replace("*", "\x1d").replace("~\n", "\x1c").replace("~", "\x1c").replace(">", "\x1f"), []),
        (ONE.replace("L11*2*QN", "L11*2*QN**"), ["trailing_elements"]),
    ],
    ids=[
        "as it should be", "one line", "crlf", "line feeds", "last terminator missing", "bom", "indented", "blanks",
        "collapsed", "no ISA16", "ISA without terminator", "segment without terminator", "ellipsis", "tilde", "wrapped",
        "wrapped once",
        "no envelope", "control characters", "trailing elements",
    ],
)  # fmt: skip
def test_envelopes_of_real_partners_are_read_and_their_repairs_are_on_record(text: str, expected: list[str]) -> None:
    assert read(text) == ["A1"]
    assert repairs(text) == expected


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("\ufeff" + ONE, "byte_order_mark"),
        (ONE.replace("~\n", "~\n   "), "indentation"),
        (ONE.replace("          ", ""), "header_width"),
        (WRAPPED, "wrapped_lines"),
        (UNENVELOPED, "no_envelope"),
    ],
)
def test_what_a_guide_does_not_tolerate_refuses_the_interchange(text: str, flaw: str) -> None:
    [*_, end] = parts(text, STANDARD.without(flaw))
    assert [each.rule for each in errors(end)] == ["x12.form"]


def test_a_repair_says_where_and_how_often() -> None:
    [*_, end] = parts(ONE.replace("~\n", "~\n\t"))
    assert isinstance(end, InterchangeEnd)
    [repair] = end.interchange.repairs.all()
    assert (repair.position, repair.before, repair.after, repair.times) == ("segment 2, GS", "\\t", "", 11)


def test_a_wrong_segment_count_costs_one_document() -> None:
    text = TWO.replace("SE*8*0001", "SE*9*0001")
    assert read(text) == ["x12.count", "A2"]
    [first, _] = documents(text)
    assert errors(first)[0].position == "segment 10, SE-01"


def test_a_wrong_document_control_number_costs_one_document() -> None:
    assert read(TWO.replace("SE*8*0002", "SE*8*0003")) == ["A1", "x12.control"]


def test_counts_and_numbers_may_be_tolerated_and_are_repairs_then() -> None:
    guide = STANDARD._replace(tolerates=STANDARD.tolerates | {"wrong_counts", "wrong_control"})
    made = parts(ONE.replace("SE*8*0001", "SE*9*0003"), guide)
    [document] = [part for part in made if isinstance(part, Document)]
    assert not document.is_refused
    assert [each.rule for each in document.interchange.repairs.all()] == ["x12.wrong_control", "x12.wrong_counts"]


@pytest.mark.parametrize(
    ("bad", "rules"),
    [
        ("GE*3*7", ["x12.count"]),
        ("GE*2*8", ["x12.control"]),
        ("XX*1", ["x12.envelope", "x12.truncated"]),
        ("ZZ*1~\nGE*2*7", ["x12.envelope"]),
    ],
)
def test_a_wrong_group_is_told_of_the_group(bad: str, rules: list[str]) -> None:
    second = interchange([status("B1")], control="000000002")
    assert read(TWO.replace("GE*2*7", bad) + second) == ["A1", "A2", *rules, "B1"]


@pytest.mark.parametrize(
    ("good", "bad", "rules"),
    [
        ("IEA*1*000000001", "IEA*1*000000002", ["A1", "A2", "x12.control"]),
        ("IEA*1*", "IEA*2*", ["A1", "A2", "x12.count"]),
        ("IEA*1*", "IEA*x*", ["A1", "A2", "x12.count"]),
        ("IEA*1*000000001~", "", ["A1", "A2", "x12.truncated"]),
        ("ISA*00*", "ISA*00", ["x12.header"]),
    ],
)
def test_a_wrong_interchange_is_told_of_the_interchange(good: str, bad: str, rules: list[str]) -> None:
    second = interchange([status("B1")], control="000000009")
    assert read(TWO.replace(good, bad, 1) + "\n" + second) == [*rules, "B1"]


def test_places_go_on_after_a_refused_interchange() -> None:
    text = TWO.replace("ISA*00*", "ISA*00", 1) + interchange([status("B1")])
    [document] = documents(text)
    assert document.place == 1
    assert places_in(X12Tokenizer(STANDARD).whole(text.encode()), "ST") == 2


@pytest.mark.parametrize("cut", range(10, len(ONE), 37))
def test_a_truncated_interchange_is_never_whole(cut: int) -> None:
    [*_, end] = parts(ONE[:cut])
    assert errors(end)


@pytest.mark.parametrize("text", ["", "  \n", "UNB+UNOA:3+A+B'", "ISA", "ISA*", "\x00", "ST", "STATEMENT"])
def test_what_is_no_interchange_is_refused(text: str) -> None:
    [*_, end] = parts(text)
    assert [each.rule for each in errors(end)] in (["x12.empty"], ["x12.header"])


def test_a_wrong_encoding_costs_one_document() -> None:
    raw = TWO.encode().replace(b"Dallas", b"Dall\xe9s", 1)
    assert read(raw) == ["text.encoding", "A2"]


def test_segments_after_the_end_are_not_lost_in_silence() -> None:
    assert read(ONE + "B10*1*2*3~") == ["A1", "x12.envelope"]


def test_a_company_named_isa_is_no_new_interchange() -> None:
    assert read(interchange([status("A1", extra=("MS2*ISA*1",))])) == ["A1"]


def test_an_interchange_of_acknowledgements_alone_holds_no_document() -> None:
    isa, *_ = ONE.split("~\n")
    assert read(f"{isa}~TA1*000000001*260302*0854*A*000~IEA*0*000000001~") == []
    assert read(f"{isa}~IEA*0*000000001~") == ["x12.empty"]


def test_documents_of_a_set_that_we_do_not_know_are_refused_and_their_neighbours_read() -> None:
    unknown = ["ST*404*0002", "ZC1*1", "SE*3*0002"]
    assert read(interchange([status("A1"), unknown, status("A3", control="0003")])) == ["A1", "x12.set", "A3"]


def test_a_document_without_its_trailer_ends_where_the_next_begins() -> None:
    text = TWO.replace("SE*8*0001~\n", "").replace("GE*2", "GE*2")
    assert read(text) == ["x12.truncated", "A2"]


def test_flaws_of_header_elements_are_told_and_refuse_nothing() -> None:
    text = ONE.replace("*260302*0854*U", "*269902*0854*U")
    assert read(text) == ["A1"]
    [*_, end] = parts(text)
    assert isinstance(end, InterchangeEnd)
    assert [(each.position, each.is_warning) for each in end.interchange.findings.kept] == [("segment 1, ISA-09", True)]


def test_a_missing_header_element_refuses() -> None:
    assert read(ONE.replace("GS*QM*RDWY*", "GS*QM**")) == ["A1", "x12.required"]
