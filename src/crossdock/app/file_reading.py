"""A file, or what comes through a pipe, as messages: which content type it is, and where one message ends.

Memory stays flat at any size, but for a document of JSON or XML, which is one message however long it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple

import msgspec

from crossdock.engine.configuration import Configuration, Source, content_type
from crossdock.formats.split import Kind, Part, RecordEnd, RecordTooLong, split
from crossdock.store.intake import Incoming, digest

# A settling transaction takes hundreds of messages: parts of this size keep it at some ten thousand events.
PART_BYTES: Final = 16_000
DOCUMENT_MAX: Final = 64_000_000
_CHUNK_BYTES: Final = 1_000_000
_LINES: Final = "application/x-ndjson"
_EDIFACT: Final = "application/edifact"
_BY_EXTENSION: Final = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".ndjson": _LINES,
    ".jsonl": _LINES,
    ".edi": "application/edi-x12",
    ".x12": "application/edi-x12",
    ".edifact": _EDIFACT,
    ".xml": "application/xml",
}

_ALSO: Final = {_LINES: ("application/json",), "application/edi-x12": (_EDIFACT,)}

Cut = Literal["whole", "lines", "csv", "ndjson", "fixed", "x12", "edifact"]


class Undecided(ValueError):
    """It cannot be said what a file is; the message names the content types to choose from."""


class Unreadable(ValueError):
    """A file cannot be cut into messages; the message names the place and what is wrong there."""


class Form(NamedTuple):
    """What a file is: the content type its messages get, and how it is cut into them.

    `record_end` finds the ends of records where only the mapping knows them.
    """

    content_type: str
    cut: Cut
    record_end: RecordEnd | None = None


class Piece(NamedTuple):
    """A message, and how far into the file it reaches."""

    message: Incoming
    end: int


# -- what it is --------------------------------------------------------------------------------------------------


def form_of(name: str, source: Source, said: str | None) -> Form:
    """What a file is, by what was said of it or by its name, and by what its source sends. Raises `Undecided`."""
    wanted = content_type(said) if said else _BY_EXTENSION.get(Path(name).suffix.lower())
    chosen = _chosen(name, source, wanted, exactly=said is not None)
    mapping = source.readers[chosen].mapping
    if mapping.format == "json" and wanted == _LINES:
        return Form(chosen, "lines")
    return Form(chosen, CUTS[mapping.format], mapping.record_end)


CUTS: Final[dict[str, Cut]] = {
    "json": "whole", "xml": "whole", "csv": "csv", "ndjson": "ndjson", "fixed": "fixed", "x12": "x12",
    "edifact": "edifact",
}  # fmt: skip


def _chosen(name: str, source: Source, wanted: str | None, *, exactly: bool) -> str:
    declared = sorted(source.readers)
    if wanted in source.readers:
        return wanted
    if exactly and wanted != _LINES:
        fits = []
    elif wanted is None:
        fits = declared
    else:
        # A line of JSON is a message of JSON; a name says that a file is EDI, and not of which standard.
        media = (wanted, *_ALSO.get(wanted, ()))
        fits = [each for each in media if each in source.readers]
        fits = fits or [each for each in declared if each.partition(";")[0] in media]
    if len(fits) == 1:
        return fits[0]
    choice = ", ".join(fits or declared) or "nothing"
    if fits:
        raise Undecided(f"{name}: say which one it is with --content-type: {choice}")
    what = f"{wanted!r}" if wanted else "this"
    raise Undecided(f"{name}: {source.name} does not send {what}; it sends {choice} (--content-type)")


# -- where its messages end --------------------------------------------------------------------------------------


def pieces(
    stream: BinaryIO, form: Form, source: int, *, name: str | None, start: int = 0, size: int | None = None
) -> Iterator[Piece]:
    """The messages of a file that reach beyond `start`, up to `size` where it is known. Raises `Unreadable`."""
    if form.cut == "whole":
        yield from _whole(stream, form, source, name)
        return
    kind = "ndjson" if form.cut == "lines" else form.cut
    # Lines need nothing of what stands before them; a row needs its header and its number.
    skip = _skip(stream, start) if form.cut == "lines" else 0
    part_bytes = 1 if form.cut == "lines" else PART_BYTES
    for part in _parts(kind, stream, name, skip=skip, size=size, part_bytes=part_bytes, record_end=form.record_end):
        end = skip + part.offset + len(part.raw)
        if end > start and part.raw.strip():
            # A line is what could have been posted alone: without its line end, and the first row of itself.
            body, first_row = (
                (part.raw.removesuffix(b"\n").removesuffix(b"\r"), 0)
                if form.cut == "lines"
                else (part.raw, part.first_row)
            )
            yield Piece(_message(source, form.content_type, body, name, part.header, first_row), end)


class Envelope(msgspec.Struct):
    """A line of a reference day: the exact bytes a sender sent."""

    source: str
    content_type: str
    raw: str


_ENVELOPE: Final = msgspec.json.Decoder(Envelope)


def enveloped(
    stream: BinaryIO, configuration: Configuration, *, name: str, start: int, size: int | None
) -> Iterator[Piece]:
    """The messages in lines of `{source, content_type, raw}` that lie beyond `start`. Raises `Unreadable`."""
    ids = {source.name: source.id for source in configuration.sources.values()}
    skip = _skip(stream, start)
    for part in _parts("ndjson", stream, name, skip=skip, size=size, part_bytes=1):
        end = skip + part.offset + len(part.raw)
        if end > start and part.raw.strip():
            yield Piece(_opened(part.raw, ids, name, skip + part.offset), end)


def _skip(stream: BinaryIO, start: int) -> int:
    """Go to where the last run ended, if the stream can."""
    if not start or not stream.seekable():
        return 0
    return stream.seek(start)


def _parts(
    kind: Kind,
    stream: BinaryIO,
    name: str | None,
    *,
    skip: int,
    size: int | None,
    part_bytes: int,
    record_end: RecordEnd | None = None,
) -> Iterator[Part]:
    chunks = _chunks(stream, None if size is None else size - skip)
    try:
        yield from split(kind, chunks, part_bytes=part_bytes, record_end=record_end)
    except RecordTooLong as wrong:
        place = f"{name or 'the input'}, from byte {skip}" if skip else name or "the input"
        raise Unreadable(f"{place}: {wrong}: it is not what its content type says, or is damaged") from wrong


def _opened(line: bytes, ids: dict[str, int], name: str, offset: int) -> Incoming:
    try:
        envelope = _ENVELOPE.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise Unreadable(f"{name}, byte {offset}: {wrong}") from wrong
    source = ids.get(envelope.source)
    if source is None:
        raise Unreadable(f"{name}, byte {offset}: source {envelope.source!r} is not configured")
    body = envelope.raw.encode()
    content = digest(body)
    return Incoming(source, content, content, envelope.content_type, body)


def _message(source: int, type_: str, body: bytes, name: str | None, header: bytes, first_row: int) -> Incoming:
    # Sent by mistake as another layout, the same bytes are another message: else they could not be sent rightly.
    content = digest(type_.encode(), header, body) if header or ";" in type_ else digest(body)
    return Incoming(source, content, content, type_, body, name, header or None, first_row)


def _whole(stream: BinaryIO, form: Form, source: int, name: str | None) -> Iterator[Piece]:
    body = stream.read(DOCUMENT_MAX + 1)
    if len(body) > DOCUMENT_MAX:
        limit = f"{DOCUMENT_MAX // 1_000_000} MB"
        place = name or "the input"
        raise Unreadable(f"{place}: longer than {limit}, and a document of JSON or XML is one message: send several")
    if body.strip():
        yield Piece(_message(source, form.content_type, body, name, b"", 0), len(body))


def _chunks(stream: BinaryIO, size: int | None) -> Iterator[bytes]:
    """The bytes of a stream; of a file, those that were there when reading began."""
    left = size
    while left is None or left > 0:
        chunk = stream.read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES))
        if not chunk:
            return
        left = None if left is None else left - len(chunk)
        yield chunk


def batches(found: Iterable[Piece], *, messages: int, size_bytes: int) -> Iterator[list[Piece]]:
    """Pieces in batches of at most so many, and about so many bytes."""
    batch: list[Piece] = []
    size = 0
    for piece in found:
        batch.append(piece)
        size += len(piece.message.body)
        if len(batch) >= messages or size >= size_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
