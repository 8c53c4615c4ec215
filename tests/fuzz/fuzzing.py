"""Fuzzes the EDI readers: what reaches code that nothing reached before is kept and changed further.

`python -m tests.fuzz.fuzzing x12 600` fuzzes for ten minutes and keeps what it learnt in `tests/fuzz/corpus`, as small
as it can. What must hold of every input is `check`.
"""

import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

from tests.unit.formats.documents import made
from tests.unit.formats.golden_files import built

from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.edi.guide import STANDARD
from crossdock.formats.edi.writing import as_written
from crossdock.formats.standards import STANDARDS, Standard

CORPUS: Final = Path(__file__).parent / "corpus"
AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
INPUT_MAX: Final = 1_500
KEPT_MAX: Final = 150
SLOW_SECONDS: Final = 2.0
READERS: Final = re.compile(r"crossdock/formats/(edi|x12|edifact)/")
# Bytes that mean something to one of the readers.
SIGNS: Final = [
    *(bytes([sign]) for sign in b"*~>:^+'?-.,09 \t\n\x00\x1a\x1c\x1d\x1e\x1f\xe9\xff"),
    *(b"\r\n", b"\xef\xbb\xbf", "…".encode(), "é".encode(), b"999999999999", b"00501", b"UNOA:4", b"UNOC:3"),
    *(b"ISA", b"IEA", b"GS", b"GE", b"ST", b"SE", b"TA1", b"LX*1~", b"HL*1**S~", b"AT7*"),
    *(b"UNA", b"UNB", b"UNZ", b"UNG", b"UNE", b"UNH", b"UNT", b"UNA:+.? '"),
]


class Broken(AssertionError):
    """An input for which something does not hold that must hold."""


# -- what must hold ----------------------------------------------------------------------------------------------


def check(standard: Standard, raw: bytes, cut: int) -> None:
    """Read an input whole and in two pieces, answer it, and write it again if nothing is wrong with it."""
    began = time.process_time()
    parts = standard.read_message(raw)
    _must(isinstance(parts[-1], InterchangeEnd), "reading ends with the end of an interchange")
    cut = min(cut, len(raw))
    pieces = list(standard.read([raw[:cut], raw[cut:]]))
    _must([*map(told, pieces)] == [*map(told, parts)], f"two pieces, cut at {cut}, read as the whole")
    flawless = True
    for part in parts:
        findings = part.findings if isinstance(part, Document) else None
        if isinstance(part, GroupEnd):
            findings = part.group.findings
        elif isinstance(part, InterchangeEnd):
            findings = part.interchange.findings
            flawless = flawless and part.interchange.is_enveloped
        for finding in findings.kept if findings is not None else []:
            _must(bool(finding.position and finding.problem), "a finding says where and what")
            _must(len(finding.value) <= 200 and finding.value.isprintable(), "and shows little of it")
        flawless = flawless and (findings is None or not findings.errors)
    answering = standard.answering(AT, 1, STANDARD)
    answers = [found for part in parts if (found := answering.take(part)) is not None]
    _must(len(answers) == sum(isinstance(part, InterchangeEnd) for part in parts), "every interchange is answered")
    for answer in answers:
        if answer.text:
            [*_, end] = standard.read_message(answer.text.encode("utf-8", "surrogateescape"))
            _must(isinstance(end, InterchangeEnd) and end.interchange.documents <= 2, "an answer can be read")
    if flawless:
        _written_again(standard, parts)
    _must(time.process_time() - began < SLOW_SECONDS, f"it takes less than {SLOW_SECONDS} s of the processor")


def _written_again(standard: Standard, parts: list[Part]) -> None:
    bodies = [part.segments for part in parts if isinstance(part, Document)]
    texts = [
        standard.write(standard.mended(each), STANDARD._replace(tolerates=frozenset())) for each in as_written(parts)
    ]
    again = standard.read_message("".join(texts).encode())
    read = [part.segments for part in again if isinstance(part, Document)]
    _must([*map(_plain, read)] == [*map(_plain, bodies)], "what is read without a flaw is written and read the same")


def _plain(segments: list[list[str]]) -> list[list[str]]:
    """Segments without what says nothing: empty elements and components at an end."""
    trimmed = [[value.rstrip("\x1f") for value in segment] for segment in segments]
    return [segment[: max((at for at, value in enumerate(segment, 1) if value), default=1)] for segment in trimmed]


def told(part: Part) -> object:
    """All that a part says."""
    if isinstance(part, Document):
        return part.number, part.place, part.code, part.segments, part.places, part.findings.kept
    if isinstance(part, GroupEnd):
        return part.group.header, part.group.findings.kept
    if isinstance(part, InterchangeEnd):
        return part.place, part.interchange.findings.kept, part.interchange.repairs.all()
    return part.number, part.header


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise Broken(what)


# -- the way of the fuzzer ---------------------------------------------------------------------------------------


class Trace:
    """Which steps from line to line inside the readers were ever taken."""

    def __init__(self) -> None:
        self.seen: set[tuple[CodeType, int, int]] = set()

    def new_in(self, run: Callable[[], None]) -> int:
        """How many steps a run takes that no run took before."""
        before = len(self.seen)
        sys.settrace(self._call)
        try:
            run()
        finally:
            sys.settrace(None)
        return len(self.seen) - before

    def _call(self, frame: FrameType, _event: str, _argument: Any) -> Any:
        if not READERS.search(frame.f_code.co_filename):
            return None
        code, last, seen = frame.f_code, frame.f_lineno, self.seen

        def line(inner: FrameType, event: str, _argument: Any) -> Any:
            nonlocal last
            if event == "line":
                seen.add((code, last, inner.f_lineno))
                last = inner.f_lineno
            return line

        return line


def seeds(name: str) -> list[bytes]:
    """What fuzzing begins with: the files with real defects, made-up documents, and what was learnt before."""
    golden = [raw for file, raw in built().items() if file.startswith(name)]
    documents = [made(name, code, 1).encode()[:INPUT_MAX] for code in STANDARDS[name].documents]
    return [raw[:INPUT_MAX] for raw in (*golden, *documents, *kept(name)) if raw]


def kept(name: str) -> list[bytes]:
    """The corpus that earlier runs grew."""
    return [path.read_bytes() for path in sorted((CORPUS / name).glob("*.edi"))]


def fuzz(name: str, seconds: float, seed: int) -> tuple[int, list[bytes]]:
    """Fuzz for a while: how many inputs were tried, and those that reached something new. Raises `Broken`."""
    standard, chance, trace = STANDARDS[name], random.Random(seed), Trace()
    corpus: list[bytes] = []
    learnt: list[bytes] = []
    tried = 0
    ends = time.monotonic() + seconds
    waiting: Iterator[bytes] = iter(seeds(name))
    while time.monotonic() < ends:
        first = next(waiting, None)
        raw = first if first is not None else changed(chance, chance.choice(corpus), corpus)
        cut = chance.randrange(len(raw) + 1)
        tried += 1
        # Tracing is dear: most inputs are merely tried.
        is_traced = first is not None or chance.random() < 0.3
        try:
            new = trace.new_in(lambda raw=raw, cut=cut: check(standard, raw, cut)) if is_traced else 0  # type: ignore[misc]
            if not is_traced:
                check(standard, raw, cut)
        except Exception as failed:
            raise Broken(f"{type(failed).__name__}: {failed}; the input, cut at {cut}: {raw!r}") from failed
        if new or first is not None:
            corpus.append(raw)
            if first is None:
                learnt.append(raw)
    return tried, learnt


def changed(chance: random.Random, raw: bytes, corpus: list[bytes]) -> bytes:
    """An input like another one."""
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        at = chance.randrange(len(raw) + 1)
        end = min(len(raw), at + chance.choice((0, 0, 1, 1, 2, 4, 20, 120)))
        match chance.randrange(6):
            case 0:
                put = chance.choice(SIGNS)
            case 1:
                put = bytes([chance.randrange(256)])
            case 2:
                put = b""
            case 3:
                put = raw[at:end] * chance.choice((2, 3, 12))
            case 4:
                other = chance.choice(corpus)
                start = chance.randrange(len(other) + 1)
                put = other[start : start + chance.choice((3, 12, 60, 300))]
            case _:
                put = chance.choice(SIGNS) + raw[at:end]
        raw = raw[:at] + put + raw[end:]
    return raw[:INPUT_MAX]


def smallest(name: str, inputs: list[bytes]) -> list[bytes]:
    """Those of some inputs that together reach what all do, short ones first."""
    standard, trace = STANDARDS[name], Trace()
    for raw in seeds(name)[: len(seeds(name)) - len(kept(name))]:
        trace.new_in(lambda raw=raw: check(standard, raw, len(raw) // 2))  # type: ignore[misc]
    needed = [
        raw
        for raw in sorted(set(inputs), key=lambda each: (len(each), each))
        if trace.new_in(lambda raw=raw: check(standard, raw, len(raw) // 2))  # type: ignore[misc]
    ]
    return needed[:KEPT_MAX]


def keep(name: str, inputs: list[bytes]) -> None:
    """Make some inputs the corpus."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.edi"):
        stale.unlink()
    for number, raw in enumerate(inputs):
        (folder / f"{number:03}.edi").write_bytes(raw)


def main(name: str, seconds: float) -> None:
    """Fuzz and keep what was learnt."""
    tried, learnt = fuzz(name, seconds, seed=int(time.time()))
    keep(name, smallest(name, kept(name) + learnt))
    sys.stdout.write(f"{name}: {tried:,} inputs tried, {len(learnt):,} reached something new, nothing broke\n")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
