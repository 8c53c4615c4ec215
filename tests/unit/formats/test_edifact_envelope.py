"""The EDIFACT envelope: what it covers, what it forgives, what it refuses."""

import pytest
from tests.unit.formats.messages import interchange, message, status

from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.edi.findings import Finding
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edifact.reading import read_message

ONE = interchange([status()])
TWO = interchange([status("1", "A1"), status("2", "A2")])
GROUPED = interchange([status("1", "A1"), status("2", "A2")], group="IFTSTA")
UNENVELOPED = "\n".join(ONE.split("\n")[1:-2]) + "\n"
WRAPPED = "\n".join(ONE.replace("'\n", "'")[at : at + 40] for at in range(0, len(ONE), 40))
LEVEL_B = ONE.translate({ord("+"): "\x1d", ord(":"): "\x1f", ord("'"): "\x1c", ord("\n"): ""})


def parts(text: str | bytes, guide: Guide = STANDARD) -> list[Part]:
    return read_message(text if isinstance(text, bytes) else text.encode(), guide)


def documents(text: str | bytes) -> list[Document]:
    return [part for part in parts(text) if isinstance(part, Document)]


def read(text: str | bytes) -> list[str]:
    """Shipments of good documents, rules of refused ones; then those of refused groups and interchanges."""
    found = []
    for part in parts(text):
        if isinstance(part, Document):
            found += [errors(part)[0].rule if part.is_refused else part.segments[2][2]]
        elif isinstance(part, GroupEnd | InterchangeEnd):
            found += [each.rule for each in errors(part)]
    return found


def errors(part: Part) -> list[Finding]:
    where = part.group if isinstance(part, GroupEnd) else part.interchange if isinstance(part, InterchangeEnd) else part
    return [each for each in where.findings.kept if not each.is_warning]


def repairs(text: str | bytes) -> list[str]:
    [*_, end] = parts(text)
    assert isinstance(end, InterchangeEnd)
    return [each.rule.removeprefix("edifact.") for each in end.interchange.repairs.all()]


def free_text(text: str, syntax: str = "UNOC:3", advice: str = "") -> str:
    """An interchange whose one message says something."""
    body = ["BGM+44+S1+9", "DTM+137:20260302:102", f"FTX+AAI+++{text}", "CNI+1+SH1", "STS+1+21"]
    return advice + interchange([message("IFTSTA", body)], syntax=syntax)


def told(raw: str | bytes) -> str:
    """The free text of such an interchange, as its receiver reads it."""
    [found] = documents(raw)
    return found.segments[2][4].replace("\x1f", ":")


def test_a_document_knows_its_partners_and_its_place() -> None:
    first, second = documents(TWO)
    assert (first.code, first.release, first.version) == ("IFTSTA", "D96A", "D:96A:UN")
    assert (first.interchange.sender, first.interchange.receiver, first.interchange.control) == (
        "SENDER", "RECEIVER", "R1",
    )  # fmt: skip
    assert (first.place, second.place) == (0, 1)
    assert (first.number, second.number) == (2, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ONE, []),
        (ONE.replace("'\n", "'"), []),
        (ONE.replace("'\n", "'\r\n"), []),
        (ONE[:-2], []),
        ("UNA:+.? '\n" + ONE, []),
        ("UNA:+,? '" + ONE, []),
        ("UNA:*.?=!" + ONE.translate(str.maketrans("+'", "*!")), []),
        ("UNA:+.?'" + ONE, ["header_width"]),
        ("UNA:+.?'\r\n" + ONE, ["header_width"]),
        ("UNA:+.? \n" + ONE.replace("'\n", "\n"), []),
        ("UNA:+.?*\n" + ONE.replace("'\n", "\n"), []),
        (LEVEL_B.replace("UNOC", "UNOB"), []),
        ("\ufeffUNA:+.? '" + ONE, ["byte_order_mark"]),
        (ONE.replace("'\n", "'\n   "), ["indentation"]),
        (ONE.replace("'\n", "\n"), ["line_terminator"]),
        (ONE.replace("'\n", "\r\n"), ["line_terminator"]),
        (ONE.replace("'\nSTS", "\nSTS"), ["line_terminator"]),
        (ONE.translate(str.maketrans("+:'", "|>~")), ["odd_separators"]),
        (WRAPPED, ["wrapped_lines"]),
        (UNENVELOPED, ["no_envelope"]),
        ("UNA:+.? '\n" + UNENVELOPED, ["no_envelope"]),
        (ONE.replace("STS+1+21", "STS+1+21++"), []),
        (ONE.replace("STS+1+21", "STS+1::::+21"), ["trailing_elements"]),
        (ONE.replace("CNI+1", "CNI+?1"), ["release_character"]),
    ],
    ids=[
        "as it should be", "one line", "crlf", "last terminator missing", "una", "decimal comma", "other separators",
        "una without its blank", "una without its blank, lines", "una that ends with its line",
        "una of version 4 that ends with its line", "level b", "bom", "indented", "newlines", "crlf as terminator",
        "segment without terminator", "undeclared separators", "wrapped", "no envelope", "no envelope, una",
        "empty elements", "empty components", "needless release",
    ],
)  # fmt: skip
def test_envelopes_of_real_partners_are_read_and_their_repairs_are_on_record(text: str, expected: list[str]) -> None:
    assert read(text) == ["SH1"]
    assert repairs(text) == expected


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("\ufeff" + ONE, "byte_order_mark"),
        (ONE.replace("'\n", "'\n   "), "indentation"),
        (ONE.replace("'\n", "\n"), "line_terminator"),
        (ONE.translate(str.maketrans("+:'", "|>~")), "odd_separators"),
        (UNENVELOPED, "no_envelope"),
        (ONE.replace("CNI+1", "CNI+?1"), "release_character"),
        (free_text("straße", "UNOA:3"), "charset"),
    ],
)
def test_what_a_guide_does_not_tolerate_refuses_the_interchange(text: str, flaw: str) -> None:
    [*_, end] = parts(text, STANDARD.without(flaw))
    assert [each.rule for each in errors(end)] == ["edifact.form"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("It?'s 5 ?+ 3 ?: 2", "It's 5 + 3 : 2"),
        ("why??", "why?"),
        ("what???'", "what?'"),
        ("a????b", "a??b"),
        ("50 ? or more", "50 ? or more"),
        ("UNB", "UNB"),
    ],
)
def test_released_characters_are_text(written: str, meant: str) -> None:
    assert told(free_text(written)) == meant


def test_components_and_released_colons_are_told_apart() -> None:
    [found] = documents(free_text("a?:b:c"))
    assert found.segments[2][4].split("\x1f") == ["a:b", "c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (free_text("straße", "UNOC:3").encode("latin-1"), "straße"),
        (free_text("straße", "UNOC:3"), "straße"),
        (free_text("улица", "UNOE:3").encode("iso8859-5"), "улица"),
        (free_text("улица", "UNOW:4"), "улица"),
    ],
    ids=["latin-1", "utf-8 though latin-1 is declared", "cyrillic", "utf-8"],
)
def test_text_is_read_in_the_character_set_that_is_declared(text: str | bytes, expected: str) -> None:
    assert told(text) == expected


def test_text_in_no_character_set_that_is_declared_costs_one_document() -> None:
    raw = interchange([status("1", "A1"), status("2", "A2")], syntax="UNOA:3").encode().replace(b"A1", b"A\xe9")
    assert read(raw) == ["text.encoding", "A2"]


def test_repetitions_are_told_apart_since_version_4() -> None:
    text = "UNA:+.?*'" + interchange([status()], syntax="UNOW:4").replace("260302:", "20260302:")
    assert read(text.replace("CNI+1+SH1", "CNI+1*2+SH1")) == ["edifact.repeat"]
    assert read(text.replace("+SH1", "+S?*H1")) == ["S*H1"]


def test_several_interchanges_are_read_each_with_its_own_separators() -> None:
    other = "UNA:*.? !" + interchange([status("1", "B1")], control="R2").translate(str.maketrans("+'", "*!"))
    assert read(TWO + other + "\n" + ONE) == ["A1", "A2", "B1", "SH1"]


def test_groups_hold_documents() -> None:
    assert read(GROUPED) == ["A1", "A2"]
    [group] = {id(each.group): each.group for each in documents(GROUPED)}.values()
    assert (group.code, group.control, group.release, group.documents) == ("IFTSTA", "G1", "D96A", 2)


@pytest.mark.parametrize(
    ("good", "bad", "rules"),
    [
        ("UNE+2+G1", "UNE+3+G1", ["A1", "A2", "edifact.count"]),
        ("UNE+2+G1", "UNE+2+G2", ["A1", "A2", "edifact.control"]),
        ("UNE+2+G1'\n", "", ["A1", "A2", "edifact.truncated"]),
        ("UNZ+1+R1", "UNZ+2+R1", ["A1", "A2", "edifact.count"]),
        ("UNZ+1+R1", "UNZ+1+R2", ["A1", "A2", "edifact.control"]),
        ("UNZ+1+R1'\n", "", ["A1", "A2", "edifact.truncated"]),
        ("UNT+7+1", "UNT+8+1", ["edifact.count", "A2"]),
        ("UNT+7+1", "UNT+7+2", ["edifact.control", "A2"]),
        ("UNT+7+1'\n", "", ["edifact.truncated", "A2"]),
        ("UNB+", "UNB", ["edifact.header"]),
        ("+SENDER:14+", "++", ["A1", "A2", "edifact.required"]),
    ],
)
def test_what_is_wrong_refuses_what_it_covers_and_its_neighbours_are_read(
    good: str, bad: str, rules: list[str]
) -> None:
    second = interchange([status("1", "B1")], control="R9")
    assert read(GROUPED.replace(good, bad, 1) + second) == [*rules, "B1"]


def test_counts_and_references_may_be_tolerated_and_are_repairs_then() -> None:
    guide = STANDARD._replace(tolerates=STANDARD.tolerates | {"wrong_counts", "wrong_control"})
    made = parts(ONE.replace("UNT+7+1", "UNT+9+3"), guide)
    [document] = [part for part in made if isinstance(part, Document)]
    assert not document.is_refused
    found = [each.rule for each in document.interchange.repairs.all()]
    assert found == ["edifact.wrong_control", "edifact.wrong_counts"]


@pytest.mark.parametrize("cut", range(10, len(ONE) - 2, 17))
def test_a_truncated_interchange_is_never_whole(cut: int) -> None:
    assert any(errors(part) for part in parts(ONE[:cut]) if isinstance(part, Document | InterchangeEnd))


@pytest.mark.parametrize(
    "text", ["", "  \n", "UNA", "UNA:+.? '", "UNB", "UNB+", "UNB+UNOA:3+A+B", "\x00", "UNH", "UNAX"]
)
def test_what_is_no_interchange_is_refused(text: str) -> None:
    [*_, end] = parts(text)
    assert [each.rule for each in errors(end)] in (["edifact.empty"], ["edifact.header"])


def test_separators_that_are_no_separators_are_refused() -> None:
    for advice in ("UNA::.? '", "UNAA+.? '", "UNA:*.? '"):
        assert read(advice + ONE + TWO) == ["edifact.header", "A1", "A2"], advice


def test_a_company_named_like_a_header_is_no_new_interchange() -> None:
    assert read(ONE.replace("+SH1", "+UNB")) == ["UNB"]
    assert told(free_text("a ?'UNB?+ UNA:")) == "a 'UNB+ UNA:"


def test_documents_of_a_kind_that_we_do_not_know_are_refused_and_their_neighbours_read() -> None:
    unknown = message("BAPLIE", ["BGM+1"], "2")
    assert read(interchange([status("1", "A1"), unknown, status("3", "A3")])) == ["A1", "edifact.set", "A3"]


def test_a_subset_of_a_trade_has_codes_of_its_own_and_they_are_told() -> None:
    body = ["BGM+44+S1+9", "DTM+137:20260302:102", "RFF+ZX9:1", "CNI+1+SH1", "STS+1+21"]
    assert read(interchange([message("IFTSTA", body)])) == ["edifact.code"]
    [document] = documents(interchange([message("IFTSTA", body, release="D:96A:UN:EAN002")]))
    [finding] = document.findings.kept
    assert (finding.rule, finding.position, finding.is_warning) == ("edifact.code", "segment 5, RFF-01:1", True)
