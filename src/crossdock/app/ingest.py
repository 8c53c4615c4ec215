"""Takes files in through the same door as everything else, and remembers how far it came.

The position is written with the messages, in one transaction: killed at any moment, the next run goes on exactly
where this one ended, and a file that was taken in completely is not read again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec
import psycopg

from crossdock.app.file_reading import Form, Piece, batches, enveloped, pieces
from crossdock.engine.configuration import Configuration
from crossdock.store.intake import Received, position, receive

_BATCH_MESSAGES: Final = 500
_BATCH_BYTES: Final = 4_000_000

State = Literal["taken in", "went on", "taken in before", "stopped"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A file to take in, `None` for a pipe; without a `form` its lines are envelopes that name source and type."""

    path: Path | None
    source: str | None = None
    source_id: int = 0
    form: Form | None = None
    size_bytes: int | None = None
    mark: str | None = None
    """By what the position is known: the file, as it is now, and what it is taken for."""


class Taken(msgspec.Struct, kw_only=True):
    """What became of a file."""

    file: str
    state: State = "taken in"
    new: int = 0
    duplicates: int = 0
    conflicts: int = 0
    bytes_: int = msgspec.field(name="bytes", default=0)


Progress = Callable[[int], None]
"""Called with the bytes that were just made durable."""


def job_of(path: Path, *, source: str | None, source_id: int, form: Form | None) -> Job:
    """A file as it is at this moment: changed, it is another file."""
    status = path.stat()
    taken_for = f"{source} {form.content_type}" if form else "envelopes"
    mark = f"file {path.resolve()} {status.st_size} {status.st_mtime_ns} {taken_for}"
    return Job(path=path, source=source, source_id=source_id, form=form, size_bytes=status.st_size, mark=mark)


def take(
    connection: psycopg.Connection,
    tenant: int,
    configuration: Configuration,
    job: Job,
    taken: Taken,
    *,
    pipe: BinaryIO | None = None,
    progress: Progress = lambda _: None,
) -> None:
    """Take a file in, counting into `taken` what is durable. Raises `Unreadable`; what was taken in stays."""
    start = position(connection, tenant, job.mark) if job.mark else 0
    if job.size_bytes is not None and start >= job.size_bytes and start:
        taken.state = "taken in before"
        progress(job.size_bytes)
        return
    if start:
        taken.state = "went on"
        progress(start)
    with _opened(job, pipe) as stream:
        done = start
        for batch in batches(
            _pieces(stream, job, configuration, start), messages=_BATCH_MESSAGES, size_bytes=_BATCH_BYTES
        ):
            end = batch[-1].end
            mark = (job.mark, end) if job.mark else None
            _count(taken, receive(connection, tenant, [piece.message for piece in batch], position=mark), batch)
            progress(end - done)
            done = end
    if job.mark and job.size_bytes is not None and done < job.size_bytes:
        # Nothing but blanks is left.
        receive(connection, tenant, [], position=(job.mark, job.size_bytes))


def _pieces(stream: BinaryIO, job: Job, configuration: Configuration, start: int) -> Iterator[Piece]:
    name = job.path.name if job.path else None
    if job.form is None:
        return enveloped(stream, configuration, name=name or "the input", start=start, size=job.size_bytes)
    return pieces(stream, job.form, job.source_id, name=name, start=start, size=job.size_bytes)


def _count(taken: Taken, results: Sequence[Received], batch: Sequence[Piece]) -> None:
    for result, piece in zip(results, batch, strict=True):
        if result.verdict == "new":
            taken.new += 1
        elif result.verdict == "duplicate":
            taken.duplicates += 1
        else:
            taken.conflicts += 1
        taken.bytes_ += len(piece.message.body)


@contextmanager
def _opened(job: Job, pipe: BinaryIO | None) -> Iterator[BinaryIO]:
    if job.path is not None:
        with job.path.open("rb") as file:
            yield file
    elif pipe is not None:
        yield pipe
    else:
        raise ValueError("a job without a path needs a pipe to read from")
