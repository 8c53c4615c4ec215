"""What is answered: TA1, 997, 999, CONTRL; and the application's advice: 824, APERAK."""

from datetime import UTC, datetime

import pytest
from tests.unit.formats import messages
from tests.unit.formats.interchanges import interchange, status, transaction

from crossdock.formats.edi.answering import Answer
from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd
from crossdock.formats.edi.guide import STANDARD
from crossdock.formats.standards import EDIFACT, X12, standard_of

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ONE = interchange([status("A1")])
TWO = interchange([status("A1"), status("A2", control="0002")])
MESSAGE = messages.interchange([messages.status()])


def answers(text: str, kind: str = "997") -> list[Answer]:
    standard = standard_of(text.encode())
    answering = standard.answering(AT, 41, STANDARD._replace(acknowledges=kind))
    return [found for part in standard.read_message(text.encode()) if (found := answering.take(part)) is not None]


def answer(text: str, kind: str = "997") -> Answer:
    [found] = answers(text, kind)
    # Whatever is answered, a stranger can read: strictly, and without a flaw.
    if found.text:
        standard = standard_of(found.text.encode())
        for part in standard.read_message(found.text.encode(), STANDARD.without(*STANDARD.tolerates)):
            if isinstance(part, Document | GroupEnd | InterchangeEnd):
                where = part if isinstance(part, Document) else part[0]
                assert [each for each in where.findings.kept if each.rule != "x12.release"] == []
    return found


def lines(found: Answer) -> list[str]:
    """The answer without its envelope."""
    ids = ("ISA", "GS", "GE", "IEA", "ST", "SE", "UNB", "UNZ", "UNH", "UNT")
    segments = [line.rstrip("~'") for line in found.text.splitlines()]
    return [line for line in segments if not line.startswith(ids)]


# -- X12 ---------------------------------------------------------------------------------------------------------


def test_what_is_right_is_accepted_from_the_receiver_to_the_sender() -> None:
    found = answer(TWO)
    assert (found.kind, found.code, found.means) == ("997", "A", "accepted")
    assert found.text == (
        "ISA*00*          *00*          *ZZ*SHIPPER        *02*RDWY           *260302*0930*U*00401*000000041*0*P*>~\n"
        "GS*FA*SHIPPER*RDWY*20260302*0930*1*X*004010~\n"
        "ST*997*0001~\n"
        "AK1*QM*7~\nAK2*214*0001~\nAK5*A~\nAK2*214*0002~\nAK5*A~\nAK9*A*2*2*2~\n"
        "SE*8*0001~\n"
        "GE*1*1~\n"
        "IEA*1*000000041~\n"
    )


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("*085420*UT", "*250000*UT", ["AK3*AT7*6**8", "AK4*6*337*9*250000", "AK5*R*5"]),
        ("*20260302*085420*UT", "*20260230*085420*UT", ["AK3*AT7*6**8", "AK4*5*373*8*20260230", "AK5*R*5"]),
        ("*085420*UT", "*085420*QQ", ["AK3*AT7*6**8", "AK4*7*623*7*QQ", "AK5*R*5"]),
        ("AT7*X3*NS**", "AT7*X3***", ["AK3*AT7*6**8", "AK4*2*1651*2", "AK5*R*5"]),
        ("AT7*X3*NS**", "AT7*X3*NS*AA*NA", ["AK3*AT7*6**8", "AK4*3*1652*10", "AK5*R*5"]),
        ("*RDWY~", "~", ["AK3*B10*2**8", "AK4*3*140*1", "AK5*R*5"]),
        ("*RDWY~", "*RDWY12345~", ["AK3*B10*2**8", "AK4*3*140*5*RDWY12345", "AK5*R*5"]),
        ("LX*1", "LX*x", ["AK3*LX*5**8", "AK4*1*554*6*x", "AK5*R*5"]),
        ("LX*1", "LX*1**Z", ["AK3*LX*5**8", "AK4*3**3*Z", "AK5*R*5"]),
        ("LX*1~", "LX*1~ZZZ*1~", ["AK3*ZZZ*6**6", "AK5*R*5"]),
        ("B10*PROA1*A1*RDWY~\n", "", ["AK3*B10*2**3", "AK5*R*5"]),
        ("LX*1~", "LX*1~B10*1*2*ABCD~", ["AK3*B10*6**7", "AK5*R*5"]),
        ("L11*SO1*PO", "B10*PROA1*A1*RDWY", ["AK3*B10*3**5", "AK5*R*5"]),
        ("SE*8*", "SE*9*", ["AK5*R*4"]),
        ("SE*8*0001", "SE*8*0009", ["AK5*R*3"]),
        ("SE*8*0001~\n", "", ["AK5*R*2"]),
        ("ST*214", "ST*998", ["AK5*R*1"]),
    ],
)
def test_what_is_wrong_is_told_in_the_codes_of_the_997(good: str, bad: str, expected: list[str]) -> None:
    assert good in ONE
    text = ONE.replace(good, bad, 1)
    if not good.startswith("SE"):
        ids = text.split("ST*", 1)[1].split("SE*", maxsplit=1)[0].count("~") + 1
        text = text.replace("SE*8*", f"SE*{ids}*")
    found = answer(text)
    assert (found.kind, found.code) == ("997", "R")
    code = "998" if "998" in bad else "214"
    assert lines(found) == ["AK1*QM*7", f"AK2*{code}*0001", *expected, "AK9*R*1*1*0"]


def test_a_group_of_which_some_are_refused_is_partly_accepted() -> None:
    found = answer(TWO.replace("SE*8*0002", "SE*9*0002"))
    assert (found.code, found.means) == ("P", "partly accepted")
    assert lines(found)[-3:] == ["AK2*214*0002", "AK5*R*4", "AK9*P*2*2*1"]


def test_a_wrong_group_is_refused_whole() -> None:
    found = answer(TWO.replace("GE*2*7", "GE*3*7"))
    assert (found.code, lines(found)[-1]) == ("R", "AK9*R*2*2*0*5")


@pytest.mark.parametrize(
    ("good", "bad", "code"),
    [
        ("IEA*1*000000001", "IEA*1*000000002", "001"),
        ("IEA*1*", "IEA*2*", "021"),
        ("IEA*1*000000001~\n", "", "023"),
        ("GE*2*7~", "GE*2*7~XX*1~", "022"),
    ],
)
def test_a_wrong_interchange_is_refused_by_a_ta1_alone(good: str, bad: str, code: str) -> None:
    found = answer(TWO.rstrip("~") + "~\n" if good not in TWO else TWO.replace(good, bad))
    if good not in TWO:
        found = answer((TWO + "\n").replace(good, bad))
    assert (found.kind, found.code) == ("TA1", "R")
    assert lines(found) == [f"TA1*000000001*260302*0854*R*{code}"]


def test_a_ta1_is_sent_where_it_is_asked_for() -> None:
    found = answer(ONE.replace("*0*P*>", "*1*P*>"))
    assert (found.kind, found.code) == ("TA1+997", "A")
    assert lines(found)[0] == "TA1*000000001*260302*0854*A*000"


def test_the_999_says_the_same_in_its_own_words() -> None:
    text = (
        ONE.replace("*085420*UT", "*250000*UT")
        .replace("00401*", "00501*")
        .replace("004010", "005010")
        .replace("*U*", "*^*")
    )
    found = answer(text, "999")
    assert (found.kind, found.code) == ("999", "R")
    assert lines(found) == [
        "AK1*QM*7*005010", "AK2*214*0001", "IK3*AT7*6**8", "IK4*6*337*9*250000", "IK5*R*5", "AK9*R*1*1*0",
    ]  # fmt: skip
    assert "ST*999*0001*005010X231A1~" in found.text


def test_acknowledgements_are_not_acknowledged() -> None:
    text = interchange([transaction("997", ["AK1*QM*7", "AK9*A*1*1*1"], "0001")], group="FA")
    assert answer(text) == Answer("", "", "there is nothing to be acknowledged", "")


def test_nobody_is_answered_where_nobody_is_known() -> None:
    fragment = "\n".join(ONE.split("\n")[2:-2])
    assert answer(fragment).means == "there is no envelope, so nobody can be answered"
    assert answer("ISA*bad").means == "the header cannot be read, so nobody can be answered"


def test_each_interchange_has_an_answer_of_its_own_and_numbers_count_on() -> None:
    first, second = answers(ONE + "\n" + TWO)
    assert "*000000041*" in first.text
    assert "*000000042*" in second.text


def test_a_value_that_would_break_the_answer_is_left_out() -> None:
    found = answer(ONE.replace("*085420*UT", "*2>5*UT"))
    assert "AK4*6*337*3" in lines(found)


# -- EDIFACT -----------------------------------------------------------------------------------------------------


def test_messages_that_are_right_are_accepted() -> None:
    found = answer(messages.interchange([messages.status("1", "A1"), messages.status("2", "A2")]))
    assert (found.kind, found.code, found.means) == ("CONTRL", "7", "accepted")
    assert found.text == (
        "UNB+UNOC:3+RECEIVER:14+SENDER:14+260302:0930+41'\n"
        "UNH+1+CONTRL:D:3:UN'\n"
        "UCI+R1+SENDER:14+RECEIVER:14+7'\n"
        "UCM+1+IFTSTA:D:96A:UN+7'\n"
        "UCM+2+IFTSTA:D:96A:UN+7'\n"
        "UNT+5+1'\n"
        "UNZ+1+41'\n"
    )


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("DTM+137:202603020854:203", "DTM+137:2026:203", ["UCM+1+IFTSTA:D:96A:UN+4", "UCS+3", "UCD+12+1:2"]),
        ("CNI+1+", "CNI+x+", ["UCM+1+IFTSTA:D:96A:UN+4", "UCS+4", "UCD+37+1"]),
        ("BGM+44+S1+9", "BGM+44+S1+99", ["UCM+1+IFTSTA:D:96A:UN+4", "UCS+2", "UCD+12+3"]),
        ("CNI+1+SH1", "CNI+1+SH1+1+2", ["UCM+1+IFTSTA:D:96A:UN+4", "UCS+4", "UCD+16+4"]),
        ("STS+1+21'", "STS+1+21'\nXYZ+1'", ["UCM+1+IFTSTA:D:96A:UN+4+29:UNT:1", "UCS+6+15"]),
        ("UNT+7+1", "UNT+9+1", ["UCM+1+IFTSTA:D:96A:UN+4+29+UNT+1"]),
        ("UNT+7+1", "UNT+7+2", ["UCM+1+IFTSTA:D:96A:UN+4+28+UNT+2"]),
        ("IFTSTA:", "BAPLIE:", ["UCM+1+BAPLIE:D:96A:UN+4+14+UNH+2:1"]),
    ],
)
def test_what_is_wrong_is_told_in_the_codes_of_the_contrl(good: str, bad: str, expected: list[str]) -> None:
    assert good in MESSAGE
    found = answer(MESSAGE.replace(good, bad, 1))
    assert (found.code, found.means) == ("7", "refused, see each message")
    expected = [line.replace(":UNT:", "+UNT+") for line in expected]
    assert lines(found) == ["UCI+R1+SENDER:14+RECEIVER:14+7", *expected]


def test_a_wrong_interchange_of_messages_is_refused_whole() -> None:
    found = answer(MESSAGE.replace("UNZ+1+R1", "UNZ+1+R2"))
    assert (found.kind, found.code) == ("CONTRL", "4")
    assert lines(found) == ["UCI+R1+SENDER:14+RECEIVER:14+4+28+UNZ+2"]


def test_groups_are_answered_one_by_one() -> None:
    text = messages.interchange([messages.status("1", "A1"), messages.status("2", "A2")], group="IFTSTA")
    head = "UCF+G1+SENDER+RECEIVER+"
    assert lines(answer(text))[1] == f"{head}7"
    assert lines(answer(text.replace("UNE+2", "UNE+3")))[1] == f"{head}4+29+UNE+1"


def test_a_contrl_is_not_answered() -> None:
    contrl = messages.message("CONTRL", ["UCI+R1+S+R+8"], release="D:3:UN")
    assert answer(messages.interchange([contrl])).kind == ""


# -- the application's advice ------------------------------------------------------------------------------------


def documents(text: str) -> list[Document]:
    return [part for part in standard_of(text.encode()).read_message(text.encode()) if isinstance(part, Document)]


def test_an_824_says_in_words_what_the_application_minds() -> None:
    body = [*status("A1")[1:4], "N1*CN*Acme", "N4*Reno**89501*US", *status("A1")[4:-1]]
    [found] = documents(interchange([transaction("214", body, "0001")]))
    advice = X12.advise(found, found.findings.kept, AT, 41)
    assert (advice.kind, advice.code, advice.means) == ("824", "TE", "accepted, with errors")
    assert lines(advice) == [
        "BGN*11*000000041*20260302*0930",
        "OTI*TE*TN*0001*RDWY*SHIPPER***7*0001*214*004010",
        "TED*007*N4-02 (state or province) is missing; it is required when*N4*6*2*156",
        "NTE**N4-02 (state or province) is missing; it is required when the country is the",
        "NTE**United States or Canada",
    ]


def test_an_aperak_says_in_words_what_the_application_minds() -> None:
    text = messages.interchange([messages.status()]).replace("BGM+44+S1+9", "BGM+44+S1+99")
    [found] = documents(text)
    advice = EDIFACT.advise(found, found.findings.kept, AT, 41)
    assert (advice.kind, advice.code, advice.means) == ("APERAK", "313", "refused")
    assert lines(advice)[:4] == ["BGM+313+41", "DTM+137:202603020930:203", "RFF+ACW:1", "ERC+12"]
    assert lines(advice)[4] == (
        "FTX+AAO+++segment 3?: BGM-03 (message function) is not in the code list?: 1:cancellation, 2 addition, "
        "3 deletion, 4 change, 5 replacement, 6:confirmation and 59 more"
    )


def test_advice_about_what_is_right_accepts_it() -> None:
    [found] = documents(ONE)
    assert X12.advise(found, [], AT, 41).code == "TA"
    [found] = documents(MESSAGE)
    assert EDIFACT.advise(found, [], AT, 41).code == "312"
