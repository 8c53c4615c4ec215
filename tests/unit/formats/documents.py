"""Makes up EDI documents for tests, by our generator and our writers."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Segment
from crossdock.formats.edi.generate import body
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.edifact import writing as edifact_writing
from crossdock.formats.standards import EDIFACT, STANDARDS, X12
from crossdock.formats.x12 import writing as x12_writing


def x12_body(code: str, seed: int, release: str = "004010", segments: int = 20) -> list[Segment]:
    """The segments of a made-up transaction set."""
    grammar = X12.grammar_of(code, release)
    assert grammar is not None
    return body(grammar, Random(f"{code} {seed}"), segments=segments)


def x12_interchange(
    code: str, bodies: list[list[Segment]], release: str = "004010", *, control: str = "000000001"
) -> WrittenInterchange:
    """An interchange of one group of such documents."""
    later = release >= "005010"
    header = [
        "ISA", "00", "", "00", "", "ZZ", "SENDER", "ZZ", "RECEIVER", "260302", "0854", "^" if later else "U",
        "00501" if later else "00401", control, "0", "P", ":",
    ]  # fmt: skip
    group = ["GS", X12.documents[code].group, "SENDER", "RECEIVER", "20260302", "0854", "7", "X", release]
    documents = [WrittenDocument(["ST", code, f"{at:04}"], each) for at, each in enumerate(bodies, 1)]
    separators = x12_writing.SEPARATORS_5010 if later else x12_writing.SEPARATORS
    return WrittenInterchange("x12", separators, header, [WrittenGroup(group, documents)])


def edifact_body(code: str, seed: int, release: str = "D96A", segments: int = 20) -> list[Segment]:
    """The segments of a made-up message."""
    grammar = EDIFACT.grammar_of(code, release[1:])
    assert grammar is not None
    return body(grammar, Random(f"{code} {seed}"), segments=segments)


def edifact_interchange(
    code: str, bodies: list[list[Segment]], release: str = "D96A", *, control: str = "1"
) -> WrittenInterchange:
    """An interchange of such documents, in no group."""
    later = release > "D01B" and release < "D9"
    parts = ["UNOC:4" if later else "UNOC:3", "SENDER", "RECEIVER", "20260302:0854" if later else "260302:0854"]
    header = ["UNB", *(each.replace(":", COMPONENT) for each in parts), control]
    kind = COMPONENT.join([code, release[:1], release[1:], "UN"])
    documents = [WrittenDocument(["UNH", f"{at}", kind], each) for at, each in enumerate(bodies, 1)]
    separators = edifact_writing.SEPARATORS_4 if later else edifact_writing.SEPARATORS
    return WrittenInterchange("edifact", separators, header, [WrittenGroup([], documents)])


class Made(NamedTuple):
    """How documents of a standard are made up."""

    releases: list[str]
    body: Callable[[str, int, str, int], list[Segment]]
    interchange: Callable[[str, list[list[Segment]], str], WrittenInterchange]


MADE = {
    "x12": Made(["004010", "005010"], x12_body, x12_interchange),
    "edifact": Made(["D96A", "D01B", "D07A"], edifact_body, edifact_interchange),
}


def made(standard: str, code: str, *seeds: int) -> str:
    """An interchange of made-up documents, as text."""
    release, body_of, interchange = MADE[standard].releases[0], MADE[standard].body, MADE[standard].interchange
    return STANDARDS[standard].write(interchange(code, [body_of(code, seed, release, 20) for seed in seeds], release))
