"""`crossdock bench edi`: how fast documents are read and checked, beside what splitting them alone would cost.

The documents are made up from the grammars, each another; nothing about a segment is remembered between them. Reading
checks all elements, codes, conditions and loops, and gives documents that a mapping can use.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from crossdock.app.edi_files import CHUNK_BYTES
from crossdock.app.measuring import peak_of_this_process_mb
from crossdock.formats.edi.canonical import COMPONENT
from crossdock.formats.edi.document import Document, Part, Segment
from crossdock.formats.edi.generate import body
from crossdock.formats.edi.writing import WrittenDocument, WrittenGroup, WrittenInterchange
from crossdock.formats.edifact import writing as edifact_writing
from crossdock.formats.standards import EDIFACT, X12
from crossdock.formats.standards import STANDARDS as KNOWN
from crossdock.formats.x12 import writing as x12_writing

_TURNS: Final = 5
_SEGMENTS_MAX: Final = 60
_MEGABYTE: Final = 1_000_000
_DISTINCT_IN_MEMORY: Final = 200
_MARK: Final = "@" * 9
_X12_RELEASE: Final = "004010"
_EDIFACT_RELEASE: Final = "96A"


class WrongReading(AssertionError):
    """A document that breaks no rule was refused: the speed is worth nothing."""


def run(*, documents: int, megabytes: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Figures by standard: validated and merely split segments a second, their ratio, the most memory for a file."""
    return {name: _measure(name, documents, megabytes, say) for name in STANDARDS}


def peak_of(name: str, megabytes: int) -> float:
    """Read an endless interchange of so many MB; the most memory that this process took, in MB."""
    standard = STANDARDS[name]
    for part in standard.read(_endless(standard, megabytes * _MEGABYTE)):
        if isinstance(part, Document) and part.is_refused:
            raise WrongReading(str(part.findings.kept[:3]))
    return peak_of_this_process_mb()


class _Standard(NamedTuple):
    """What is measured of one standard: how its documents are made, joined and read, and what splits them.

    `first` begins a document, `tail` ends an interchange of so many.
    """

    codes: list[str]
    make: Callable[[str, random.Random, str], WrittenDocument]
    join: Callable[[list[WrittenDocument]], str]
    read: Callable[[Iterable[bytes]], Iterator[Part]]
    segment: str
    element: str
    first: str
    tail: Callable[[int], str]


def _body(standard: str, code: str, release: str, chance: random.Random) -> list[Segment]:
    grammar = KNOWN[standard].grammar_of(code, release)
    assert grammar is not None, "the code is of the catalog"  # noqa: S101
    return body(grammar, chance, segments=chance.randrange(5, _SEGMENTS_MAX))


def _make_x12(code: str, chance: random.Random, control: str) -> WrittenDocument:
    return WrittenDocument(["ST", code, control], _body("x12", code, _X12_RELEASE, chance))


def _join_x12(documents: list[WrittenDocument]) -> str:
    header = [
        "ISA", "00", "", "00", "", "ZZ", "SENDER", "ZZ", "RECEIVER", "260302", "0854", "U", "00401", "1", "0", "P", "",
    ]  # fmt: skip
    group = ["GS", "QM", "SENDER", "RECEIVER", "20260302", "0854", "7", "X", _X12_RELEASE]
    written = WrittenInterchange("x12", x12_writing.SEPARATORS, header, [WrittenGroup(group, documents)])
    return x12_writing.text_of(written)


def _make_edifact(code: str, chance: random.Random, control: str) -> WrittenDocument:
    kind = COMPONENT.join([code, "D", _EDIFACT_RELEASE, "UN"])
    return WrittenDocument(["UNH", control, kind], _body("edifact", code, _EDIFACT_RELEASE, chance))


def _join_edifact(documents: list[WrittenDocument]) -> str:
    moment = f"260302{COMPONENT}0854"
    header = ["UNB", f"UNOC{COMPONENT}3", "SENDER", "RECEIVER", moment, "1"]
    written = WrittenInterchange("edifact", edifact_writing.SEPARATORS, header, [WrittenGroup([], documents)])
    return edifact_writing.text_of(written)


STANDARDS: Final = {
    "x12": _Standard(
        codes=list(X12.documents),
        make=_make_x12,
        join=_join_x12,
        read=X12.read,
        segment="~\n",
        element="*",
        first="ST*",
        tail=lambda count: f"GE*{count}*7~\nIEA*1*000000001~\n",
    ),
    "edifact": _Standard(
        codes=list(EDIFACT.documents),
        make=_make_edifact,
        join=_join_edifact,
        read=EDIFACT.read,
        segment="'\n",
        element="+",
        first="UNH+",
        tail=lambda count: f"UNZ+{count}+1'\n",
    ),
}


def _measure(name: str, documents: int, megabytes: int, say: Callable[[str], None]) -> dict[str, float]:
    standard = STANDARDS[name]
    say(f"Making {documents:,} documents of {name}.")
    made = list(_documents(standard, documents))
    segments = sum(len(each.segments) + 2 for each in made)
    chunks = list(_chunks(standard.join(made).encode()))
    del made
    say(f"Reading {segments:,} segments.")
    _read(standard, chunks, documents)
    validated = split = 0.0
    for _ in range(_TURNS):
        split = max(split, segments / _seconds(lambda: _split(standard, chunks)))
        validated = max(validated, segments / _seconds(lambda: _read(standard, chunks, documents)))
    say(f"Reading a file of {megabytes} MB in a process of its own.")
    return {
        "segments_per_s": round(validated),
        "split_segments_per_s": round(split),
        "ratio": round(validated / split, 3),
        "peak_rss_mb": round(_peak(name, megabytes), 1),
    }


def _documents(standard: _Standard, count: int, control: str = "") -> Iterator[WrittenDocument]:
    """Different documents of all kinds, in turn; each with a control number of its own, or all with the one given."""
    chance = random.Random(5)  # noqa: S311  (a seed, so that two runs measure the same)
    for number in range(count):
        yield standard.make(standard.codes[number % len(standard.codes)], chance, control or f"{number + 1:09}")


def _chunks(raw: bytes) -> Iterator[bytes]:
    return (raw[at : at + CHUNK_BYTES] for at in range(0, len(raw), CHUNK_BYTES))


def _read(standard: _Standard, chunks: list[bytes], expected: int) -> None:
    documents = 0
    for part in standard.read(chunks):
        if isinstance(part, Document):
            documents += 1
            if part.is_refused:
                raise WrongReading(str(part.findings.kept[:3]))
    if documents != expected:
        raise WrongReading(f"{documents} documents where {expected} were written")


def _split(standard: _Standard, chunks: list[bytes]) -> None:
    """What any reader must do at least: decode, and split segments into elements."""
    segment, element = standard.segment, standard.element
    rest = ""
    for chunk in chunks:
        *texts, rest = (rest + chunk.decode()).split(segment)
        for text in texts:
            text.split(element)


def _seconds(work: Callable[[], None]) -> float:
    """Of the processor: what else the machine does is not the reader's."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _endless(standard: _Standard, size: int) -> Iterator[bytes]:
    """One interchange of at least so many bytes, each document with a control number of its own."""
    text = standard.join(list(_documents(standard, _DISTINCT_IN_MEMORY, _MARK)))
    text = text.removesuffix(standard.tail(_DISTINCT_IN_MEMORY)).removesuffix(standard.segment)
    head, *documents = text.split(standard.segment + standard.first)
    patterns = [(standard.first + each + standard.segment).encode() for each in documents]
    yield (head + standard.segment).encode()
    count = sent = 0
    while sent < size:
        count += 1
        chunk = patterns[count % len(patterns)].replace(_MARK.encode(), b"%09d" % count)
        sent += len(chunk)
        yield chunk
    yield standard.tail(count).encode()


def _peak(name: str, megabytes: int) -> float:
    code = f"from crossdock.app.bench_edi import peak_of; print(peak_of({name!r}, {megabytes}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)
