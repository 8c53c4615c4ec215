"""Laws of EDI: what is written reads the same, the quick check and the wordy one agree, no bytes stop a reader."""

import re
from itertools import pairwise, product
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.formats.documents import x12_body, x12_interchange

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION
from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.edi.grammar import Codes, Composite, Condition, Element, Field, Segment
from crossdock.formats.edi.patterns import compile_segment, one_of
from crossdock.formats.edi.segment_check import SegmentCheck
from crossdock.formats.x12.catalog import DOCUMENTS as X12
from crossdock.formats.x12.reading import read, read_message
from crossdock.formats.x12.writing import write

SEEDS = st.integers(0, 1_000_000)


# -- write, then read --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", X12)
@settings(max_examples=15)
@given(seed=SEEDS, release=st.sampled_from(["004010", "005010"]), lines=st.booleans(), size=st.integers(1, 60))
def test_what_is_written_in_x12_reads_the_same(code: str, seed: int, release: str, lines: bool, size: int) -> None:
    bodies = [x12_body(code, seed + at, release, size) for at in range(2)]
    parts = read_message(write(x12_interchange(code, bodies, release), lines=lines).encode())
    found = [part for part in parts if isinstance(part, Document)]
    assert [each.segments for each in found] == bodies
    assert [each.findings.kept for each in found] == [[], []]
    assert -1 not in found[0].places
    [*_, end] = parts
    assert isinstance(end, InterchangeEnd)
    assert (end.interchange.findings.kept, end.interchange.repairs.all()) == ([], [])


@pytest.mark.parametrize("code", ["214", "856", "850"])
@given(seed=SEEDS, cuts=st.lists(st.integers(0, 4000), max_size=8))
def test_a_file_in_chunks_reads_as_the_whole(code: str, seed: int, cuts: list[int]) -> None:
    raw = write(x12_interchange(code, [x12_body(code, seed), x12_body(code, seed + 1)])).encode() * 2
    raw = raw.replace(b"ST*", b"ST*", 1) + b"  \n" + raw[: seed % len(raw)]
    bounds = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    chunks = [raw[a:b] for a, b in pairwise(bounds)]
    assert list(map(told, list(read(chunks)))) == list(map(told, read_message(raw)))


def told(part: Part) -> object:
    """All that a part says."""
    if isinstance(part, Document):
        return part.number, part.place, part.code, part.segments, part.places, part.findings.kept
    if isinstance(part, GroupEnd):
        return part.group.header, part.group.findings.kept
    if isinstance(part, InterchangeEnd):
        return part.place, part.interchange.findings.kept, part.interchange.repairs.all()
    return part.number, part.header


# -- the quick check and the wordy one ---------------------------------------------------------------------------

PLAIN = Element("1", "AN", 1, 3, "text")
ELEMENTS = [
    PLAIN,
    Element("2", "ID", 2, 3),
    Element("3", "N0", 1, 3),
    Element("4", "N2", 2, 4),
    Element("5", "R", 1, 4),
    Element("6", "DT", 8, 8),
    Element("7", "DT", 6, 6),
    Element("8", "TM", 4, 8),
    Element("9", "n", 1, 4),
    Element("10", "a", 1, 3),
    Element("11", "an", 1, 3),
]
CODES = [None, Codes({"A": "", "AB": "", "B1": ""}, closed=True), Codes({"A": ""}, closed=False)]
FIELDS = st.builds(
    Field,
    holds=st.sampled_from(ELEMENTS),
    required=st.booleans(),
    repeats=st.sampled_from([1, 1, 2]),
    codes=st.sampled_from(CODES),
)


def conditions_over(width: int) -> st.SearchStrategy[tuple[Condition, ...]]:
    places = st.lists(st.integers(1, width), min_size=2, max_size=4, unique=True).map(tuple)
    return st.lists(st.builds(Condition, st.sampled_from("PRECLNO"), places), max_size=3).map(tuple)


@st.composite
def definitions(draw: st.DrawFn) -> Segment:
    fields = draw(st.lists(FIELDS, min_size=2, max_size=6))
    if draw(st.booleans()):
        parts = draw(st.lists(FIELDS.map(lambda field: field._replace(repeats=1)), min_size=2, max_size=4))
        inner = draw(conditions_over(len(parts)))
        held = Composite("C1", tuple(parts), inner)
        fields[draw(st.integers(0, len(fields) - 1))] = Field(held, draw(st.booleans()), draw(st.sampled_from([1, 2])))
    return Segment(
        "AB", tuple(fields), draw(conditions_over(len(fields))), open=draw(st.sampled_from([False, False, True]))
    )


VALUES = st.sampled_from(
    ["", "", "A", "AB", "B1", "ABC", "ABCD", "12", "-1", "1.5", "1,5", ".5", "-", "20240229", "20230229", "240101"]
) | st.text(alphabet="A1.-,é\x07", max_size=5)  # fmt: skip
PARTS = st.lists(VALUES, min_size=1, max_size=4).map(COMPONENT.join)
GIVEN = st.one_of(VALUES, PARTS, st.lists(PARTS, min_size=1, max_size=3).map(REPETITION.join))


@settings(max_examples=400)
@given(definition=definitions(), values=st.lists(GIVEN, max_size=8))
def test_the_quick_check_and_the_wordy_one_agree(definition: Segment, values: list[str]) -> None:
    check = SegmentCheck(definition)
    text = ELEMENT.join(["AB", *values])
    assert (check.pattern.match(text) is not None) == (not check.flaws(text.split(ELEMENT)))


@given(seed=SEEDS)
def test_conditions_mean_what_the_standard_says_of_them(seed: int) -> None:
    chance = Random(seed)
    width = chance.randrange(2, 6)
    conditions = tuple(
        Condition(chance.choice("PRECLNO"), tuple(chance.sample(range(1, width + 1), chance.randrange(2, width + 1))))
        for _ in range(chance.randrange(1, 4))
    )
    pattern = compile_segment(Segment("AB", (Field(PLAIN),) * width, conditions))
    for mask in product([False, True], repeat=width):
        text = "AB" + "".join(ELEMENT + "x" * given for given in mask)
        expected = all(meant(kind, [mask[place - 1] for place in places]) for kind, places in conditions)
        assert (pattern.match(text) is not None) == expected
        assert (pattern.match(text.rstrip(ELEMENT)) is not None) == expected


def meant(kind: str, given: list[bool]) -> bool:
    """X12.6 section 3.8.3 and ISO 9735, in other words than the code's."""
    first, others = given[0], given[1:]
    return {
        "P": all(given) or not any(given),
        "R": any(given),
        "E": sum(given) < 2,
        "O": sum(given) == 1,
        "C": not first or all(others),
        "L": not first or any(others),
        "N": not first or not any(others),
    }[kind]


@given(values=st.sets(st.text(alphabet="AB1.-[", min_size=1, max_size=3), min_size=1, max_size=12))
def test_a_code_list_matches_its_codes_and_no_others(values: set[str]) -> None:
    pattern = re.compile(one_of(values) + r"\Z")
    tried = values | {"".join(each) for size in (1, 2, 3) for each in product("AB1.", repeat=size)}
    assert {each for each in tried if pattern.match(each)} == values


# -- hostile bytes -----------------------------------------------------------------------------------------------


@given(raw=st.binary(max_size=600))
@example(raw=b"")
@example(raw=bytes(range(256)))
@example(raw=b"ISA" + bytes(range(256)))
@example(raw=b"\x1d" * 400)
@example(raw=b"ST*" * 400)
@example(raw=b"ISA*" * 400)
def test_no_bytes_stop_the_x12_reader(raw: bytes) -> None:
    parts = read_message(raw)
    assert isinstance(parts[-1], InterchangeEnd)
    assert list(map(told, list(read([raw[:7], raw[7:]])))) == list(map(told, parts))


@given(
    seed=SEEDS,
    code=st.sampled_from(sorted(X12)),
    junk=st.text(alphabet="~*>\n\r ISAGETX0129.\ufeff…\x00\x1d\x1fé", max_size=8),
    data=st.data(),
)
def test_no_damage_stops_the_x12_reader(seed: int, code: str, junk: str, data: st.DataObject) -> None:
    text = write(x12_interchange(code, [x12_body(code, seed)]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    raw = (text[:start] + junk + text[end:]).encode()
    parts = read_message(raw)
    assert isinstance(parts[-1], InterchangeEnd)
    for part in parts:
        if isinstance(part, Document):
            assert all(each.position and each.problem and len(each.value) <= 200 for each in part.findings.kept)
