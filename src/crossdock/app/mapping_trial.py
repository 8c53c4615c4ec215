"""Runs a mapping against a file and hands out what it makes: nothing is stored, no database is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec

from crossdock.app.file_reading import CUTS, Form, Unreadable, pieces
from crossdock.engine.configuration import content_type
from crossdock.mapping import Compiled
from crossdock.model.envelope import Event, Rejection

_FIRST_LINE_MAX: Final = 1_000_000

FileFormat = Literal["json", "ndjson", "csv", "fixed", "xml", "x12", "edifact", "envelope"]


class Envelope(msgspec.Struct):
    """A line of a reference day."""

    content_type: str
    raw: str


def guess(path: Path, mapping: Compiled) -> FileFormat:
    """How a file is cut: as its mapping reads, by its name where that is JSON, or as envelopes if it begins so."""
    with path.open("rb") as file:
        first = file.readline(_FIRST_LINE_MAX)
    try:
        msgspec.json.decode(first, type=Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    else:
        return "envelope"
    if mapping.format == "json" and path.suffix.lower() in (".ndjson", ".jsonl"):
        return "ndjson"
    formed: FileFormat = mapping.format  # type: ignore[assignment]  # the formats of mappings are among these
    return formed


def trial(
    mapping: Compiled, stream: BinaryIO, file_format: FileFormat, *, name: str, only: str | None = None
) -> Iterator[tuple[int, Event | Rejection]]:
    """Events and rejections in the order of the file, each with the number of its message (from 1).

    `only`: of envelopes, those of this content type.
    """
    if file_format == "envelope":
        yield from _enveloped(mapping, stream, name, only)
        return
    if file_format == "ndjson" and mapping.format == "json":
        form = Form("", "lines")
    else:
        form = Form("", CUTS[file_format], mapping.record_end)
    for number, (message, _) in enumerate(pieces(stream, form, 0, name=name), 1):
        for one in mapping.read(message.body, header=message.header or b"", first_row=message.first_row):
            yield number, one


def _enveloped(
    mapping: Compiled, stream: BinaryIO, name: str, only: str | None
) -> Iterator[tuple[int, Event | Rejection]]:
    wanted = content_type(only) if only else None
    for number, piece in enumerate(pieces(stream, Form("", "lines"), 0, name=name), 1):
        try:
            envelope = msgspec.json.decode(piece.message.body, type=Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
            raise Unreadable(f"{name}, before byte {piece.end}: {wrong}") from wrong
        if wanted is None or content_type(envelope.content_type) == wanted:
            for one in mapping.read(envelope.raw.encode()):
                yield number, one
