"""`crossdock ingest`: files, folders and pipes through the door, at any size, resumable."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, PARTLY, Finish, Output, advise, looking, progress, several, size

if TYPE_CHECKING:
    from crossdock.app.ingest import Job, Taken
    from crossdock.app.opening import Opened
    from crossdock.engine.configuration import Configuration

_INTERRUPTED = 130


@click.command()
@click.argument("file", metavar="FILE|DIR|-", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--source", help="Who sends it: a source of the configuration, such as bank.")
@click.option("--content-type", help="What it is, where its name and source leave a choice.")
@click.option("--envelope", is_flag=True, help="JSON lines of {source, content_type, raw}: a reference day.")
@looking
def ingest(
    out: Output, at: Opened, file: Path, *, source: str | None, content_type: str | None, envelope: bool
) -> None:
    """Take in a file, the files of a folder by name, or a pipe (-). A settle worker does the rest.

    CSV, JSON lines and X12 stream in parts, a JSON document is one message. Interrupted, the same command goes on where
    it stopped; a file that was taken in completely is not read again; the same bytes are kept once.
    """
    from crossdock.app.ingest import Taken
    from crossdock.engine import configuration

    loaded = configuration.load(at.connection, at.tenant)
    jobs = _jobs(file, loaded, source, content_type, envelope=envelope)
    total, done = sum(job.size_bytes or 0 for job in jobs), 0
    taken: list[Taken] = []
    failed = 0
    try:
        with progress("taking in") as bar:

            def count(durable: int) -> None:
                nonlocal done
                done += durable
                bar(done, total)

            for job in jobs:
                taken.append(Taken(file=str(job.path or "-")))
                failed += not _take(at, loaded, job, taken[-1], count)
    except KeyboardInterrupt:
        taken[-1].state = "stopped"
        _print(out, taken)
        share = f" at {done / total:.0%}" if total else ""
        advise(f"Stopped{share}. What is counted is durable; the same command goes on from there.")
        raise Finish(_INTERRUPTED) from None
    _print(out, taken)
    if failed:
        raise Finish(PARTLY if len(jobs) > failed or any(one.new for one in taken) else FINDINGS)
    if any(one.conflicts for one in taken):
        raise Finish(FINDINGS)


def _take(at: Opened, loaded: Configuration, job: Job, taken: Taken, count: Callable[[int], None]) -> bool:
    """False when the file cannot be read to its end; the next one is taken all the same."""
    from crossdock.app.file_reading import Unreadable
    from crossdock.app.ingest import take

    pipe = sys.stdin.buffer if job.path is None else None
    try:
        take(at.connection, at.tenant, loaded, job, taken, pipe=pipe, progress=count)
    except (Unreadable, OSError) as wrong:
        taken.state = "stopped"
        advise(f"{wrong}")
        return False
    return True


def _jobs(
    file: Path, loaded: Configuration, source: str | None, content_type: str | None, *, envelope: bool
) -> list[Job]:
    """What is to be taken in, all of it decided before anything is. Usage errors end the command here."""
    from crossdock.app.file_reading import Undecided, form_of
    from crossdock.app.ingest import Job, job_of

    if envelope == bool(source):
        raise click.UsageError("say who sends it with --source, or --envelope where each line says so")
    sender = None
    if source is not None:
        sender = loaded.named(source)
        if sender is None:
            known = ", ".join(sorted(one.name for one in loaded.sources.values()))
            raise click.UsageError(f"no source is called {source!r}; there are {known}")
    paths: list[Path | None] = [file]
    if str(file) == "-":
        paths = [None]
    elif file.is_dir():
        paths = [path for path in sorted(file.iterdir()) if path.is_file() and not path.name.startswith(".")]
    jobs = []
    try:
        for path in paths:
            form = form_of(path.name if path else "-", sender, content_type) if sender else None
            if path is None:
                jobs.append(Job(path=None, source=source, source_id=sender.id if sender else 0, form=form))
            else:
                jobs.append(job_of(path, source=source, source_id=sender.id if sender else 0, form=form))
    except Undecided as choice:
        raise click.UsageError(str(choice)) from choice
    return jobs


def _print(out: Output, taken: list[Taken]) -> None:
    if out.as_json:
        for one in taken:
            out.line(one)
        return
    rows = [
        (one.file, one.state, f"{one.new:,}", f"{one.duplicates:,}", f"{one.conflicts:,}", size(one.bytes_))
        for one in taken
    ]
    if not rows:
        advise("No file is there.")
        return
    columns = ("file", "", "new", "duplicates", "conflicts", "size")
    out.table(columns, rows, right=columns[2:], indent=0)
    new = sum(one.new for one in taken)
    known = sum(one.duplicates for one in taken)
    if not new and all(one.state == "taken in before" for one in taken):
        advise("Taken in before: nothing changed.")
    elif not new and known:
        advise("All of it was here before: nothing changed but the count of duplicates.")
    elif new:
        advise(f"{several(new, 'message')} wait to be settled by a worker (crossdock doctor shows the backlog).")
