"""Laws of checking segments: the quick check and the wordy one agree, and mean what the standards say."""

import re
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.formats.edi.canonical import COMPONENT, ELEMENT, REPETITION
from crossdock.formats.edi.grammar import Codes, Composite, Condition, Element, Field, Pictures, Segment
from crossdock.formats.edi.patterns import compile_segment, one_of
from crossdock.formats.edi.segment_check import SegmentCheck

SEEDS = st.integers(0, 1_000_000)

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
PICTURES = Pictures(1, (("12", "CCYYMMDD"), ("AB", "YYMMDD")))
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
        held = Composite("C1", tuple(parts), inner, pictures=draw(st.sampled_from([None, PICTURES])))
        fields[draw(st.integers(0, len(fields) - 1))] = Field(held, draw(st.booleans()), draw(st.sampled_from([1, 2])))
    return Segment(
        "AB",
        tuple(fields),
        draw(conditions_over(len(fields))),
        open=draw(st.sampled_from([False, False, True])),
        may_be_empty=draw(st.booleans()),
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
    pattern = compile_segment(Segment("AB", (Field(PLAIN),) * width, conditions, may_be_empty=True))
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
