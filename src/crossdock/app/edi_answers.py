"""What to answer to an EDI file, how it is written strictly, and where two of them differ."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from crossdock.app.edi_files import PIPE, findings_of, read_file
from crossdock.app.edi_lines import interchanges_of
from crossdock.formats.edi.answering import Answer
from crossdock.formats.edi.canonical import ELEMENT
from crossdock.formats.edi.comparing import Difference, differences
from crossdock.formats.edi.document import Document, Segment, first_error
from crossdock.formats.edi.guide import Guide
from crossdock.formats.edi.writing import CannotWrite, WrittenInterchange, as_written
from crossdock.formats.standards import STANDARDS, standard_of

# What is written is in memory; what is read, answered and explained is not.
WRITTEN_BYTES_MAX: Final = 64_000_000


class Written(NamedTuple):
    """An interchange as its bytes."""

    raw: bytes
    standard: str


def answers(path: str, guide: Guide, *, kind: str, at: datetime, control: int) -> Iterator[Answer]:
    """The answers to a file, as its interchanges end; `kind` empty for what its standard and guide say."""
    if kind in ("997", "999"):
        guide = guide._replace(acknowledges=kind)
    standard, parts = read_file(path, guide)
    answering = standard.answering(at, control, guide)
    is_advice = kind == "advice"
    for part in parts:
        if not is_advice:
            found = answering.take(part)
            if found is not None:
                yield found
        elif isinstance(part, Document) and part.interchange.header:
            yield standard.advise(part, part.findings.kept, at, control)
            control += 1


def written(path: str, guide: Guide, *, lines: bool) -> Iterator[Written]:
    """What a file holds, written strictly; it is EDI, or lines of JSON. Raises `CannotWrite`."""
    yield from _written(_whole(path), guide, lines=lines)


def _written(raw: bytes, guide: Guide, *, lines: bool) -> Iterator[Written]:
    for interchange in _to_write(raw, guide):
        standard = STANDARDS[interchange.standard]
        text = standard.write(interchange, guide, lines=lines)
        yield Written(text.encode(standard.encoding_of(interchange)), interchange.standard)


def compared(before: str, after: str, guide: Guide, *, bodies: bool) -> Iterator[Difference]:
    """Where two files differ, by segment and element, whatever separates them; `bodies` leaves envelopes out."""
    yield from _differences(*(_segments(_whole(path), guide, bodies=bodies) for path in (before, after)))


def strictly_compared(path: str, guide: Guide, *, bodies: bool) -> Iterator[Difference]:
    """Where a file differs from how it is written strictly. Raises `CannotWrite`."""
    raw = _whole(path)
    rewritten = b"".join(each.raw for each in _written(raw, guide, lines=True))
    yield from _differences(*(_segments(each, guide, bodies=bodies) for each in (raw, rewritten)))


def _to_write(raw: bytes, guide: Guide) -> list[WrittenInterchange]:
    if raw.lstrip()[:1] == b"{":
        return interchanges_of(raw.splitlines())
    parts = standard_of(raw).read_message(raw, guide)
    for part in parts:
        found = findings_of(part)
        error = first_error(found) if found is not None else None
        if error is not None:
            raise CannotWrite(f"{error.position}: {error.problem}; what is refused is not written")
    return [STANDARDS[each.standard].mended(each) for each in as_written(parts)]


class _Numbered(NamedTuple):
    numbers: list[int]
    segments: list[Segment]


def _segments(raw: bytes, guide: Guide, *, bodies: bool) -> _Numbered:
    """The segments of a file as they stand there, with their numbers."""
    standard = standard_of(raw)
    every = (text for token in standard.tokens(raw, guide) if isinstance(token, list) for text in token)
    numbered = [(number, text.split(ELEMENT)) for number, text in enumerate(every, 1)]
    kept = [each for each in numbered if not bodies or each[1][0] not in standard.control_segments]
    return _Numbered([number for number, _ in kept], [segment for _, segment in kept])


def _differences(before: _Numbered, after: _Numbered) -> Iterator[Difference]:
    for each in differences(before.segments, after.segments):
        old = before.numbers[each.before - 1] if each.before else 0
        new = after.numbers[each.after - 1] if each.after else 0
        yield each._replace(before=old, after=new)


def _whole(path: str) -> bytes:
    stream = sys.stdin.buffer if path == PIPE else Path(path).open("rb")  # noqa: SIM115  (with, below)
    with stream:
        raw = stream.read(WRITTEN_BYTES_MAX + 1)
    if len(raw) > WRITTEN_BYTES_MAX:
        raise CannotWrite(f"more than {WRITTEN_BYTES_MAX // 1_000_000} MB are too much at once; split the file")
    return raw
