"""The X12 envelope: what it covers, what it forgives, what it refuses."""

import pytest
from tests.unit.formats.interchanges import interchange, status

from crossdock.formats.x12 import envelope
from crossdock.formats.x12.envelope import Transaction
from crossdock.model.envelope import Rejection

ONE = interchange([status("A1")])
TWO = interchange([status("A1"), status("A2", control="0002")])


def read(text: str | bytes) -> list[str]:
    """Shipments of good transactions, rules of refused ones."""
    raw = text.encode() if isinstance(text, str) else text
    return [
        each.rule if isinstance(each, Rejection) else each.segments[0][2] if len(each.segments[0]) > 2 else "?"
        for each in envelope.read(raw)
    ]


def rejections(text: str) -> list[Rejection]:
    return [each for each in envelope.read(text.encode()) if isinstance(each, Rejection)]


def test_a_transaction_knows_its_partners_and_its_place() -> None:
    first, second = envelope.read(TWO.encode())
    assert isinstance(first, Transaction)
    assert isinstance(second, Transaction)
    assert (first.code, first.release, first.sender, first.receiver) == ("214", "004010", "RDWY", "SHIPPER")
    assert (first.place, second.place) == (0, 1)
    assert (first.first, second.first) == (4, 12)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + ONE,
        ONE.replace("~\n", "~"),
        ONE.replace("~\n", "~\r\n"),
        interchange([status("A1")], end="\n"),
        ONE.replace("~\n", "~\n   "),
        ONE.replace("          ", "").replace("           ", "").replace("        *", "*"),
        ONE.replace("*P*>~", "*P*~"),
        ONE.replace("~", "…"),
        ONE.replace("*", "~").replace("~\n", "?\n").replace("IEA~1~000000001~", "IEA~1~000000001?"),
        "\n".join(ONE.replace("~\n", "~")[at : at + 80] for at in range(0, len(ONE), 80)),
    ],
    ids=["bom", "one line", "crlf", "line feeds", "indented", "collapsed", "no ISA16", "ellipsis", "tilde", "wrapped"],
)
def test_envelopes_of_real_partners_are_read(text: str) -> None:
    assert read(text) == ["A1"]


def test_a_wrong_segment_count_costs_one_transaction() -> None:
    text = TWO.replace("SE*8*0001", "SE*9*0001")
    assert read(text) == ["x12.count", "A2"]
    assert rejections(text)[0].position == "segment 10, SE-01"


def test_a_wrong_transaction_control_number_costs_one_transaction() -> None:
    assert read(TWO.replace("SE*8*0002", "SE*8*0003")) == ["A1", "x12.control"]


@pytest.mark.parametrize(
    ("bad", "rule"), [("GE*3*7", "x12.count"), ("GE*2*8", "x12.control"), ("XX*1", "x12.truncated")]
)
def test_a_wrong_group_costs_the_group(bad: str, rule: str) -> None:
    second = interchange([status("B1")], control="000000002")
    assert read(TWO.replace("GE*2*7", bad) + second) == [rule, "B1"]


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("IEA*1*000000001", "IEA*1*000000002", "x12.control"),
        ("IEA*1*", "IEA*2*", "x12.count"),
        ("IEA*1*", "IEA*x*", "x12.count"),
        ("IEA*1*000000001~", "", "x12.truncated"),
        ("ISA*00*", "ISA*00", "x12.isa"),
    ],
)
def test_a_wrong_interchange_costs_the_interchange(good: str, bad: str, rule: str) -> None:
    second = interchange([status("B1")], control="000000009")
    assert read(TWO.replace(good, bad, 1) + "\n" + second) == [rule, "B1"]


def test_rows_go_on_after_a_refused_interchange() -> None:
    text = TWO.replace("IEA*1*", "IEA*2*") + interchange([status("B1")])
    refused, read_ = envelope.read(text.encode())
    assert isinstance(refused, Rejection)
    assert isinstance(read_, Transaction)
    assert (refused.row, read_.place) == (0, 2)
    assert envelope.places_in(text.encode()) == 3


@pytest.mark.parametrize("cut", range(10, len(ONE), 37))
def test_a_truncated_interchange_is_refused_as_a_whole(cut: int) -> None:
    assert len(read(ONE[:cut])) == 1
    assert read(ONE[:cut]) != ["A1"]


@pytest.mark.parametrize("text", ["", "  \n", "ST*214*0001~SE*2*0001~", "UNB+UNOA:3+A+B'", "ISA", "ISA*", "\x00"])
def test_what_is_no_interchange_is_refused(text: str) -> None:
    assert read(text)[0] in ("x12.empty", "x12.isa")


def test_a_wrong_encoding_costs_one_transaction() -> None:
    raw = TWO.encode().replace(b"Dallas", b"Dall\xe9s", 1)
    assert read(raw) == ["text.encoding", "A2"]


def test_segments_after_the_end_are_not_lost_in_silence() -> None:
    assert read(ONE + "B10*1*2*3~") == ["x12.envelope"]


def test_a_company_named_isa_is_no_new_interchange() -> None:
    assert read(interchange([status("A1", extra=("MS2*ISA*1",))])) == ["A1"]


def test_an_interchange_of_acknowledgements_alone_holds_no_transaction() -> None:
    isa, *_ = ONE.split("~\n")
    assert read(f"{isa}~TA1*000000001*260302*0854*A*000~IEA*0*000000001~") == []
    assert read(f"{isa}~IEA*0*000000001~") == ["x12.empty"]
