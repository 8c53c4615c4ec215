"""The readers under fuzz: what earlier runs learnt holds, what they broke is mended, and minutes of it find nothing."""

import time

import pytest
from tests.fuzz.fuzzing import check, fuzz, kept, seeds
from tests.unit.formats import messages
from tests.unit.formats.documents import made
from tests.unit.formats.golden_files import REPORT, STATUS
from tests.unit.formats.interchanges import interchange, invoice

from crossdock.formats.standards import STANDARDS

MINUTES = 10
OPEN = STATUS.replace("~\nMS1*", "\nMS1*", 1)
BILLED = interchange([invoice("I1", ("FUE", "2917"))] * 8, group="IM").replace("*15042**", "*150.42**", 1)
REPORTS = messages.interchange([messages.status(f"{at}", f"SH{at}") for at in range(1, 9)])
# Inputs that broke a reader, a writer or an answer once, each cut where that mattered.
BROKE = {
    "a repetition separator of several signs": ("x12", STATUS.replace("*U*00401", "*^|*00501").encode(), 0),
    "a component separator that ends segments": ("x12", STATUS.replace("*P*>~", "*P*~~").encode(), 0),
    "bytes not UTF-8 where elements are taken as they come": (
        "x12", made("x12", "856", 1).encode().replace(b"GF*9KJ", b"GF*9\xa3J"), 0,
    ),
    "bytes not UTF-8 in an element that a later release may have": (
        "x12", STATUS.encode().replace(b"ST*214*0001", b"ST*214*0001*A*B\xa3"), 0,
    ),
    "a tab in the header, and a control character far behind it": (
        "x12", (STATUS * 2 + "\x02").replace("SHIPPER  ", "SHIP\tER ", 1).encode(), 820,
    ),
    "a control character behind a segment without its terminator": ("x12", (OPEN * 2 + "\x02").encode(), 820),
    "a character of another set before a byte of it": (
        "edifact", REPORT.replace("SH1", "…").encode() + b" " * 800 + REPORT.encode().replace(b"SH1", b"\xe9"), 950,
    ),
    "an odd version of the syntax, in which a sender repeats": (
        "edifact", REPORT.replace("UNOC:3+SENDER", "UNOC:4X+SEND*ER").encode(), 0,
    ),
    "what looks like the beginning of another interchange, indented, and is none": (
        "edifact", REPORTS.encode() + b"\tUNA:+.? '\n", 900,
    ),
    "a line that ends behind a release character": (
        "edifact", REPORTS.replace("CNI+1+SH8", "CNI+1+S?\n'H8").encode(), 900,
    ),
    "repairs of the tokenizer after those of the walk": (
        "x12", "\nL3*".join(BILLED.rsplit("~\nL3*", 1)).encode(), 900,
    ),
}  # fmt: skip


@pytest.mark.parametrize("standard", STANDARDS)
def test_what_fuzzing_learnt_is_read_answered_and_written_again(standard: str) -> None:
    assert len(kept(standard)) > 30
    for raw in seeds(standard):
        check(STANDARDS[standard], raw, len(raw) // 3)


@pytest.mark.parametrize("name", BROKE)
def test_what_broke_once_holds(name: str) -> None:
    standard, raw, cut = BROKE[name]
    check(STANDARDS[standard], raw, cut)


@pytest.mark.parametrize("standard", STANDARDS)
def test_what_breaks_is_told(standard: str) -> None:
    sound = made(standard, {"x12": "214", "edifact": "IFTSTA"}[standard], 1).encode()
    form = STANDARDS[standard]
    lossy = form._replace(read_message=lambda raw, _guide=None: form.read_message(raw[: len(raw) // 2]))
    check(form, sound, 10)
    with pytest.raises(AssertionError, match="read as the whole"):
        check(lossy, sound, 10)


@pytest.mark.verify
@pytest.mark.timeout(MINUTES * 60 + 300)
@pytest.mark.parametrize("standard", STANDARDS)
def test_ten_minutes_of_fuzzing_break_nothing(standard: str) -> None:
    tried, _ = fuzz(standard, MINUTES * 60.0, seed=time.time_ns())
    assert tried > 1_000
