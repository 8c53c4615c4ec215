"""EDI judged by others: pyx12 for envelopes, 997 and 999, pydifact for EDIFACT, mock-edi as a trading partner.

Each both ways: they read what we write, and we read what they write.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from mockedi.testing import Mock
from pydifact.segmentcollection import Interchange as TheirInterchange
from pydifact.segmentcollection import Message as TheirMessage
from pydifact.segments import Segment as TheirSegment
from pyx12.params import params
from pyx12.x12file import X12Reader
from pyx12.x12n_document import x12n_document
from tests.unit.formats.documents import MADE, edifact_body, made
from tests.unit.formats.interchanges import interchange, status

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document, Part, Segment
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.guides import guide_of
from crossdock.formats.standards import EDIFACT, X12, standard_of

# pydifact ships no definitions of segments, and says so for each that it reads.
pytestmark = pytest.mark.filterwarnings("ignore::pydifact.exceptions.MissingImplementationWarning")

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def errors(parts: list[Part]) -> list[str]:
    found = []
    for part in parts:
        where = part if isinstance(part, Document) else getattr(part, "group", getattr(part, "interchange", None))
        if where is not None:
            found += [f"{each.position}: {each.problem}" for each in where.findings.kept if not each.is_warning]
    return found


def answered(text: str, kind: str = "997", guide: Guide = STANDARD, control: int = 41) -> str:
    standard = standard_of(text.encode())
    answering = standard.answering(AT, control, guide._replace(acknowledges=kind))
    [found] = [each for part in standard.read_message(text.encode(), guide) if (each := answering.take(part))]
    return found.text


# -- pyx12 -------------------------------------------------------------------------------------------------------


def their_errors(text: str) -> list[str]:
    """What pyx12 finds wrong with the envelopes of an interchange."""
    found = []
    with X12Reader(io.StringIO(text)) as reader:
        for _ in reader:
            found += [str(each) for each in reader.pop_errors()]
        reader.cleanup()
        found += [str(each) for each in reader.pop_errors()]
    return found


@pytest.mark.parametrize("code", X12.documents)
def test_pyx12_finds_nothing_wrong_with_our_envelopes(code: str) -> None:
    for seed in range(5):
        assert their_errors(made("x12", code, seed, seed + 1)) == []


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("SE*8*0001", "SE*9*0001"),
        ("SE*8*0001", "SE*8*0007"),
        ("GE*1*7", "GE*2*7"),
        ("GE*1*7", "GE*1*8"),
        ("IEA*1*", "IEA*2*"),
        ("IEA*1*000000001", "IEA*1*000000009"),
        ("IEA*1*000000001~", ""),
    ],
)
def test_pyx12_and_we_agree_on_what_is_wrong_with_an_envelope(good: str, bad: str) -> None:
    text = (interchange([status("SH1")]) + "\n").replace(good, bad)
    assert their_errors(text)
    assert errors(X12.read_message(text.encode()))


DAMAGES = [
    ("*085420*UT", "*250000*UT"),
    ("AT7*X3*NS**", "AT7*X3***"),
    ("AT7*X3*NS**", "AT7*X3*NS*AA*NA"),
    ("*RDWY~\nL11", "~\nL11"),
    ("LX*1~", "LX*1~\nZZZ*1~"),
    ("LX*1~", "LX*1**Z~"),
    ("B10*PROA1*A1*RDWY~\n", ""),
    ("ST*214", "ST*998"),
    ("SE*8*0001~\n", ""),
    ("SE*8*", "SE*9*"),
]


@pytest.mark.parametrize(("good", "bad"), DAMAGES)
@pytest.mark.parametrize("kind", ["997", "999"])
def test_pyx12_validates_our_acknowledgements(good: str, bad: str, kind: str) -> None:
    text = interchange([status("A1"), status("A2", control="0002")]).replace(good, bad, 1)
    # pyx12 knows the groups and documents of health care only.
    text = text.replace("GS*QM", "GS*HC").replace("*02*RDWY", "*ZZ*RDWY")
    if kind == "999":
        text = text.replace("00401*", "00501*").replace("004010", "005010").replace("*U*", "*^*")
    answer = answered(text, kind).replace("*214*", "*837*").replace("*998*", "*837*")
    assert f"ST*{kind}*" in answer
    assert x12n_document(params(), io.StringIO(answer), io.StringIO(), None)


def test_we_read_the_acknowledgement_that_pyx12_writes() -> None:
    claim = interchange([["ST*837*0001", "BHT*0019*00*1*20260302*0854*CH", "SE*3*0001"]], group="HC")
    theirs = io.StringIO()
    x12n_document(params(), io.StringIO(claim.replace("004010", "004010X098A1").replace("*02*", "*ZZ*")), theirs, None)
    parts = X12.read_message(theirs.getvalue().encode())
    assert [part.code for part in parts if isinstance(part, Document)] == ["997"]
    assert errors(parts) == []


# -- pydifact ----------------------------------------------------------------------------------------------------


def as_theirs(segment: Segment) -> TheirSegment:
    return TheirSegment(segment[0], *(each.split(COMPONENT) if COMPONENT in each else each for each in segment[1:]))


def as_ours(segment: TheirSegment) -> Segment:
    values = [each if isinstance(each, str) else COMPONENT.join(each) for each in segment.elements]
    return [segment.tag, *values]


@pytest.mark.parametrize("code", EDIFACT.documents)
@pytest.mark.parametrize("seed", range(5))
def test_pydifact_reads_what_we_write(code: str, seed: int) -> None:
    body = edifact_body(code, seed)
    text = EDIFACT.write(MADE["edifact"].interchange(code, [body], "D96A"))
    [message] = TheirInterchange.from_str(text).get_messages()
    assert (message.type, message.reference_number) == (code, "1")
    assert [as_ours(each) for each in message.segments] == body


@pytest.mark.parametrize("code", EDIFACT.documents)
@pytest.mark.parametrize("seed", range(5))
def test_we_read_what_pydifact_writes(code: str, seed: int) -> None:
    body = edifact_body(code, seed)
    theirs = TheirInterchange("SENDER", "RECEIVER", "R1", ("UNOC", 3), datetime(2026, 3, 2, 8, 54))  # noqa: DTZ001
    message = TheirMessage("1", (code, "D", "96A", "UN"))
    message.add_segments([as_theirs(each) for each in body])
    theirs.add_message(message)
    parts = EDIFACT.read_message(theirs.serialize().encode())
    [found] = [part for part in parts if isinstance(part, Document)]
    assert errors(parts) == []
    assert found.segments == body


@pytest.mark.parametrize("text", ["It's 5 + 3: 2?", "??'", "+:'?", "50 % ? or 'more'", "ends with ?"])
def test_pydifact_and_we_agree_on_what_is_released(text: str) -> None:
    free = ["FTX", "AAI", "", "", text]
    body = [
        ["BGM", "44", "S1", "9"],
        ["DTM", f"137{COMPONENT}20260302{COMPONENT}102"],
        free,
        ["CNI", "1"],
        ["STS", "1"],
    ]
    header = ["UNB", f"UNOC{COMPONENT}3", "S", "R", f"260302{COMPONENT}0854", "1"]
    kind = COMPONENT.join(["IFTSTA", "D", "96A", "UN"])
    groups = [WrittenGroup([], [WrittenDocument(["UNH", "1", kind], body)])]
    separators = MADE["edifact"].interchange("IFTSTA", [body], "D96A").separators
    ours = EDIFACT.write(WrittenInterchange("edifact", separators, header, groups))
    [message] = TheirInterchange.from_str(ours).get_messages()
    assert message.segments[2].elements[3] == text
    theirs = TheirInterchange.from_str(ours).serialize()
    [found] = [part for part in EDIFACT.read_message(theirs.encode()) if isinstance(part, Document)]
    assert found.segments[2][4] == text


# -- mock-edi ----------------------------------------------------------------------------------------------------

ORDER_850 = [
    "BEG*00*NE*PO123**20260302", "N1*BY*ACME*92*ACME1", "N1*ST*ACME DC*92*DC01", "N3*1 Road", "N4*Reno*NV*89501*US",
    "PO1*1*10*EA*4.15**SK*BRKT-050", "PID*F****Mounting bracket", "PO1*2*5*EA*3.95**SK*CABLE-2M", "CTT*2",
]  # fmt: skip
ORDERS = [
    "BGM+220+PO123+9", "DTM+137:20260302:102", "NAD+BY+EURODIS::92", "NAD+SU+MOCKEDI::92", "LIN+1++BRKT-050:SA",
    "QTY+21:10:PCE", "PRI+AAA:12.5", "UNS+S", "CNT+2:1",
]  # fmt: skip


# Three segments stand later than the standard has them; that is what guides are for.
GUIDE = guide_of(
    {
        "guide": "mock-edi",
        "documents": {
            "855": {"PO1/PID": {"after": "ACK", "limit": "1000"}},
            "ORDRSP": {"LIN/FTX": {"after": "PRI", "limit": "5"}},
            "INVOIC": {"UNS/CNT": {"after": "MOA"}},
        },
    }
)


@pytest.fixture(scope="module")
def partner() -> Iterator[Mock]:
    with Mock.start() as mock:
        yield mock


def sent_by(partner: Mock, name: str) -> dict[str, str]:
    """What the partner sends, by its code; everything that it has planned for later included."""
    partner.advance(everything=True)
    return {each["code"]: str(each["payload"]) for each in partner.mailbox(name)}


def test_a_partner_in_x12_takes_our_order_and_we_read_all_that_it_sends(partner: Mock) -> None:
    segments = [line.split("*") for line in ORDER_850]
    header = [
        "ISA",
        "00",
        "",
        "00",
        "",
        "ZZ",
        "ACME",
        "ZZ",
        "MOCKEDI",
        "260302",
        "0854",
        "U",
        "00401",
        "1",
        "0",
        "T",
        "",
    ]
    group = ["GS", "PO", "ACME", "MOCKEDI", "20260302", "0854", "1", "X", "004010"]
    written = WrittenInterchange(
        "x12", MADE["x12"].interchange("850", [], "004010").separators, header,
        [WrittenGroup(group, [WrittenDocument(["ST", "850", "0001"], segments)])],
    )  # fmt: skip
    taken = partner.send(X12.write(written))
    assert taken["accepted"]
    sent = sent_by(partner, "ACME")
    assert {"997", "855", "856", "810"} <= sent.keys()
    for code, text in sent.items():
        parts = X12.read_message(text.encode(), GUIDE)
        assert [part.code for part in parts if isinstance(part, Document)] == [code]
        assert errors(parts) == [], text


def test_a_partner_in_edifact_takes_our_order_and_we_read_all_that_it_sends(partner: Mock) -> None:
    segments = [line.replace(":", COMPONENT).split("+") for line in ORDERS]
    header = ["UNB", f"UNOC{COMPONENT}3", "EURODIS", "MOCKEDI", f"260302{COMPONENT}0854", "1"]
    kind = COMPONENT.join(["ORDERS", "D", "96A", "UN"])
    written = WrittenInterchange(
        "edifact", MADE["edifact"].interchange("ORDERS", [], "D96A").separators, header,
        [WrittenGroup([], [WrittenDocument(["UNH", "1", kind], segments)])],
    )  # fmt: skip
    taken = partner.send(EDIFACT.write(written))
    assert taken["accepted"]
    sent = sent_by(partner, "EURODIS")
    assert {"CONTRL", "ORDRSP", "DESADV", "INVOIC"} <= sent.keys()
    for code, text in sent.items():
        parts = EDIFACT.read_message(text.encode(), GUIDE)
        assert [part.code for part in parts if isinstance(part, Document)] == [code]
        assert errors(parts) == [], text


def test_a_partner_takes_our_acknowledgements(partner: Mock) -> None:
    for name in ("ACME", "EURODIS"):
        for control, (code, text) in enumerate(sent_by(partner, name).items(), 41):
            if code not in ("997", "CONTRL"):
                taken = partner.send(answered(text, guide=GUIDE, control=control))
                assert taken["accepted"], (code, taken)
