"""Laws of EDI: what is written reads the same, a file in chunks as the whole, and no bytes stop a reader."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.formats.documents import MADE, made

from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.standards import STANDARDS

SEEDS = st.integers(0, 1_000_000)
DOCUMENTS = [(standard.name, code) for standard in STANDARDS.values() for code in standard.documents]


# -- write, then read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("standard", "code"), DOCUMENTS)
@settings(max_examples=15)
@given(data=st.data(), seed=SEEDS, lines=st.booleans(), size=st.integers(1, 60))
def test_what_is_written_reads_the_same(
    standard: str, code: str, data: st.DataObject, seed: int, lines: bool, size: int
) -> None:
    form, making = STANDARDS[standard], MADE[standard]
    release = data.draw(st.sampled_from(making.releases))
    bodies = [making.body(code, seed + at, release, size) for at in range(2)]
    parts = form.read_message(form.write(making.interchange(code, bodies, release), lines=lines).encode())
    found = [part for part in parts if isinstance(part, Document)]
    assert [each.segments for each in found] == bodies
    # Of a release that our tables are not whole of, the document tells that.
    assert [finding for each in found for finding in each.findings.kept if not finding.is_warning] == []
    assert -1 not in found[0].places
    [*_, end] = parts
    assert isinstance(end, InterchangeEnd)
    assert (end.interchange.findings.kept, end.interchange.repairs.all()) == ([], [])


@pytest.mark.parametrize(
    ("standard", "code"), [("x12", "214"), ("x12", "856"), ("edifact", "IFTSTA"), ("edifact", "DESADV")]
)
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 4000), max_size=8))
def test_a_file_in_chunks_reads_as_the_whole(standard: str, code: str, seed: int, cuts: list[int]) -> None:
    form = STANDARDS[standard]
    raw = made(standard, code, seed, seed + 1).encode() * 2
    raw = raw + b"  \n" + raw[: seed % len(raw)]
    bounds = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    chunks = [raw[a:b] for a, b in pairwise(bounds)]
    assert list(map(told, list(form.read(chunks)))) == list(map(told, form.read_message(raw)))


def told(part: Part) -> object:
    """All that a part says."""
    if isinstance(part, Document):
        return part.number, part.place, part.code, part.segments, part.places, part.findings.kept
    if isinstance(part, GroupEnd):
        return part.group.header, part.group.findings.kept
    if isinstance(part, InterchangeEnd):
        return part.place, part.interchange.findings.kept, part.interchange.repairs.all()
    return part.number, part.header


# -- hostile bytes -----------------------------------------------------------------------------------------------

BEGINNINGS = [b"", b"ISA", b"UNA", b"UNB+UNOA:3+", b"UNA:+.? 'UNB+UNOC:3+S+R+260302:0854+1'"]


@pytest.mark.parametrize("standard", STANDARDS)
@settings(max_examples=200)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=600))
@example(beginning=b"", rest=b"")
@example(beginning=b"", rest=bytes(range(256)))
@example(beginning=b"ISA", rest=bytes(range(256)))
@example(beginning=b"UNB", rest=bytes(range(256)))
@example(beginning=BEGINNINGS[-1], rest=bytes(range(256)))
@example(beginning=b"", rest=b"\x1d" * 400)
@example(beginning=b"", rest=b"ST*" * 400)
@example(beginning=b"", rest=b"ISA*" * 400)
@example(beginning=b"", rest=b"UNB+" * 400)
@example(beginning=BEGINNINGS[-1], rest=b"?" * 401)
def test_no_bytes_stop_a_reader(standard: str, beginning: bytes, rest: bytes) -> None:
    form = STANDARDS[standard]
    raw = beginning + rest
    parts = form.read_message(raw)
    assert isinstance(parts[-1], InterchangeEnd)
    assert list(map(told, list(form.read([raw[:7], raw[7:]])))) == list(map(told, parts))


@given(
    document=st.sampled_from(DOCUMENTS),
    seed=SEEDS,
    junk=st.text(alphabet="~*>\n\r ISAGETX0129.\ufeff…\x00\x1d\x1fé+:'?UNBHTZ", max_size=8),
    data=st.data(),
)
def test_no_damage_stops_a_reader(document: tuple[str, str], seed: int, junk: str, data: st.DataObject) -> None:
    standard, code = document
    text = made(standard, code, seed)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    raw = (text[:start] + junk + text[end:]).encode()
    parts = STANDARDS[standard].read_message(raw)
    assert isinstance(parts[-1], InterchangeEnd)
    for part in parts:
        if isinstance(part, Document):
            assert all(each.position and each.problem and len(each.value) <= 200 for each in part.findings.kept)
