"""Makes up EDI documents for tests, by our generator and our writers."""

from random import Random

from crossdock.formats.edi.document import Document, Segment
from crossdock.formats.edi.generate import body
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.x12.catalog import DOCUMENTS as X12
from crossdock.formats.x12.grammars import grammar_of as x12_grammar
from crossdock.formats.x12.writing import SEPARATORS, SEPARATORS_5010


def x12_body(code: str, seed: int, release: str = "004010", segments: int = 20) -> list[Segment]:
    """The segments of a made-up transaction set."""
    grammar = x12_grammar(code, release)
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
    group = ["GS", X12[code].group, "SENDER", "RECEIVER", "20260302", "0854", "7", "X", release]
    documents = [WrittenDocument(["ST", code, f"{at:04}"], each) for at, each in enumerate(bodies, 1)]
    separators = SEPARATORS_5010 if later else SEPARATORS
    return WrittenInterchange("x12", separators, header, [WrittenGroup(group, documents)])


def documents_of(parts: list[object]) -> list[Document]:
    """The documents among the parts of a message."""
    return [part for part in parts if isinstance(part, Document)]
