"""Partners' guides: what they tighten, loosen and add."""

from random import Random

import pytest
import yaml
from tests.unit.formats import messages
from tests.unit.formats.interchanges import interchange, transaction

from crossdock.formats.edi.document import Document, InterchangeEnd
from crossdock.formats.edi.generate import body
from crossdock.formats.edi.guide import Guide
from crossdock.formats.guides import GuideError, guide_of
from crossdock.formats.standards import X12, standard_of

AT7, MS1 = "AT7*X3*NS***20260302*0854*UT", "MS1*Reno*NV*USA"
GOOD_214 = ["B10*PRO1*SH1*RDWY", "L11*SO1*PO", "LX*1", AT7, MS1]


def guided(text: str) -> Guide:
    return guide_of(yaml.load(text, yaml.BaseLoader))


def documents(guide: Guide, *bodies: list[str], code: str = "214") -> list[Document]:
    raw = interchange([transaction(code, each, f"{at:04}") for at, each in enumerate(bodies, 1)]).encode()
    return [part for part in standard_of(raw).read_message(raw, guide) if isinstance(part, Document)]


def violations(guide: Guide, body: list[str], code: str = "214") -> list[tuple[str, str]]:
    [found] = documents(guide, body, code=code)
    return [(each.element or each.segment, each.rule) for each in found.findings.kept]


@pytest.mark.parametrize(
    ("changes", "line", "changed", "expected"),
    [
        ("L11: required", "L11*SO1*PO", None, [("L11", "x12.required")]),
        ("L11: {limit: 1}", "L11*SO1*PO", "L11*SO1*PO~L11*2*QN", [("L11", "x12.repeat")]),
        ("L11: unused", None, None, [("L11", "x12.unexpected")]),
        ("L11-01: {length: 5-30}", None, None, [("L11-01", "x12.length")]),
        ("L11-02: {codes: [PO, QN]}", "L11*SO1*PO", "L11*SO1*ZZ", [("L11-02", "x12.code")]),
        ("LX/AT7: {limit: 1}", AT7, f"{AT7}~AT7*X1*NS", [("AT7", "x12.repeat")]),
        ("LX/AT7/AT7-07: required", AT7, AT7.removesuffix("*UT"), [("AT7-07", "x12.required")]),
        ("LX/AT7/MS1-03: unused", None, None, [("MS1-03", "x12.unused")]),
        ("B10-03: optional", "B10*PRO1*SH1*RDWY", "B10*PRO1*SH1", []),
        ("LX/AT7/K1: {after: MS1, limit: 2}", MS1, f"{MS1}~K1*one~K1*two", []),
        ("LX/AT7/K1: {after: MS1, limit: 2}", MS1, f"{MS1}~K1*1~K1*2~K1*3", [("K1", "x12.repeat")]),
        ("K1: {after: ^, required: true}", None, None, [("K1", "x12.required")]),
    ],
)  # fmt: skip
def test_a_guide_tightens_and_loosens(
    changes: str, line: str | None, changed: str | None, expected: list[tuple[str, str]]
) -> None:
    guide = guided(f"guide: rdwy\ndocuments:\n  '214':\n    {changes}\n")
    lines = [each for old in GOOD_214 for each in ((changed or "").split("~") if old == line else [old]) if each]
    assert violations(guide, lines) == expected


def test_a_guide_does_not_change_what_it_does_not_name() -> None:
    guide = guided("documents: {'214': {L11: {limit: 1}}}")
    two = ["L11*1*PO", "L11*2*QN"]
    assert violations(guide, [GOOD_214[0], *two, *GOOD_214[2:]]) == [("L11", "x12.repeat")]
    assert violations(Guide(), [GOOD_214[0], *two, *GOOD_214[2:]]) == []
    assert violations(guide, ["B1*RDWY*1**A", "N9*CN*1"], "990") == []


def test_added_codes_are_known_with_their_meanings_and_a_closed_list_takes_them() -> None:
    guide = guided("codes: {'623': {QQ: the yard's own}, '1650': {Y1: in the yard}}")
    lines = [line.replace("*UT", "*QQ") for line in GOOD_214]
    assert violations(Guide(), lines) == [("AT7-07", "x12.code")]
    assert violations(guide, lines) == []
    grammar = X12.grammar_of("214", "004010", guide)
    assert grammar is not None
    [codes] = {
        field.codes
        for place in grammar.places
        for field in place.check.definition.fields
        if place.id == "AT7" and field.holds.number == "1650"
    }
    assert codes is not None
    assert (codes.meanings["Y1"], codes.meanings["AF"]) == ("in the yard", "departed pick-up with shipment")


def test_components_are_addressed_too() -> None:
    guide = guided("documents: {IFTSTA: {DTM-01:3: {codes: ['102']}, CNI/STS/RFF-01:1: {codes: [SRN, BM]}}}")
    body = ["BGM+44+S1+9", "DTM+137:202603020854:203", "CNI+1+SH1", "STS+1+21", "RFF+ON:1"]
    raw = messages.interchange([messages.message("IFTSTA", body)]).encode()
    [found] = [part for part in standard_of(raw).read_message(raw, guide) if isinstance(part, Document)]
    assert [(each.element, each.rule) for each in found.findings.kept] == [
        ("DTM-01:3", "edifact.code"),
        ("RFF-01:1", "edifact.code"),
    ]


def test_leniencies_are_switched_one_by_one() -> None:
    raw = interchange([transaction("214", GOOD_214, "0001")]).replace("SE*7", "SE*9").encode()
    for said, outcome in (("true", ["x12.wrong_counts"]), ("false", [])):
        parts = X12.read_message(raw, guided(f"tolerates: {{wrong_counts: {said}}}"))
        [document] = [part for part in parts if isinstance(part, Document)]
        assert document.is_refused == (not outcome)
        assert isinstance(parts[-1], InterchangeEnd)
        assert [each.rule for each in parts[-1].interchange.repairs.all()] == outcome


def test_documents_made_up_by_a_guide_are_as_it_has_them() -> None:
    guide = guided("""
guide: strict
documents:
  "214":
    B10-07: unused
    LX/AT7: {required: true, limit: 2}
    LX/AT7/MS1: required
    LX/AT7/MS1-03: {codes: [USA, CAN]}
""")
    grammar = X12.grammar_of("214", "004010", guide)
    assert grammar is not None
    for seed in range(40):
        made = body(grammar, Random(seed))
        ids = [each[0] for each in made]
        assert ids.count("MS1") == ids.count("AT7")
        assert {each[3] for each in made if each[0] == "MS1" and len(each) > 3 and each[3]} <= {"USA", "CAN"}
        assert all(len(each) <= 7 or not each[7] for each in made if each[0] == "B10")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "the guide: must be an object"),
        ("tolerate: {}", "the guide: unknown key 'tolerate'; did you mean 'tolerates'?"),
        ("tolerates: {wrong_count: true}", "tolerates: unknown key 'wrong_count'; did you mean 'wrong_counts'?"),
        ("tolerates: {wrong_counts: maybe}", "tolerates.wrong_counts: must be true or false"),
        ("acknowledges: '998'", "acknowledges: '998' is not possible here; did you mean '999'?"),
        ("documents: {'998': {}}", "documents.998: we have no table of it; did you mean '999'?"),
        ("documents: {'214': {L12: required}}", "documents.214.L12: there is no segment L12; there are B10"),
        ("documents: {'214': {l11: required}}", "'l11' is no place of a document"),
        ("documents: {'214': {L11: requird}}", "documents.214.L11: 'requird' is not possible here"),
        ("documents: {'214': {L11: {limit: 0}}}", "documents.214.L11.limit: must be a whole number from 1 on"),
        ("documents: {'214': {L11: {codes: [A]}}}", "documents.214.L11: codes and lengths are those of an element"),
        ("documents: {'214': {L11-09: required}}", "documents.214.L11-09: L11 has 3 elements"),
        ("documents: {'214': {LX-01: required}}", "documents.214.LX-01: LX opens a loop; write LX/LX-01"),
        ("documents: {'214': {LX/AT7-07: required}}", "AT7 opens a loop; write AT7/AT7-07"),
        ("documents: {'214': {QQ/AT7: required}}", "there is no loop QQ; there are B10"),
        ("documents: {'214': {L11-01: {length: 9-3}}}", "must be a length such as 2 or 1-50"),
        ("documents: {'214': {ZZZ: {after: B10}}}", "documents.214.ZZZ: we know no segment ZZZ"),
        ("documents: {'214': {K1: {after: ZZ}}}", "documents.214.K1: there is no ZZ to stand after"),
    ],
)
def test_a_mistake_in_a_guide_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(GuideError) as wrong:
        guided(text)
    assert problem in str(wrong.value)
