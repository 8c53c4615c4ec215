"""`crossdock map`: what a mapping makes of a file; the life of its versions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from crossdock.cli.map_examples import hold
from crossdock.cli.map_life import COMMANDS
from crossdock.cli.map_look import coverage, diff, reuse
from crossdock.cli.map_rehearse import publish, rehearse
from crossdock.cli.output import FINDINGS, Finish, Output, advise, at, configured, cut, several
from crossdock.settings import Settings

if TYPE_CHECKING:
    from crossdock.model.envelope import Event, Rejection

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = ("json", "ndjson", "csv", "fixed", "xml", "x12", "edifact", "envelope")


@click.group("map")
def map_() -> None:
    """Mappings: from what a sender writes to canonical events."""


for _command in (*COMMANDS, coverage, diff, publish, rehearse, reuse):
    map_.add_command(_command)


@map_.command()
@click.argument("mapping", metavar="MAPPING")
@click.argument("file", type=_FILE, required=False)
@click.option("--format", "file_format", type=click.Choice(_FORMATS), help="How FILE is cut, where it is not clear.")
@click.option("--content-type", help="Of envelopes, only those of this content type.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Show so many of each.")
@click.option("--keep", is_flag=True, help="Write what is made of each example, as what must be made from now on.")
@configured
def test(  # one option each
    out: Output, where: Settings, mapping: str, file: Path | None, *, file_format: str | None,
    content_type: str | None, limit: int, keep: bool,
) -> None:  # fmt: skip
    """Run MAPPING (a file) against FILE and show the events it makes; without FILE, hold it against its examples.

    Examples are the files in the folder of its name beside it, each with FILE.expected.json. What it extends is looked
    for beside it. MAPPING may also be a stored version (NAME@VERSION), with its stored examples. Nothing is stored;
    exit code 1 when a part is refused or an example fails.
    """
    if file is None:
        hold(out, where, mapping, keep=keep)
        return
    path = Path(mapping)
    if not path.is_file():
        raise click.UsageError(f"{mapping} is no file")
    _run(out, path, file, file_format=file_format, content_type=content_type, limit=limit)


def _run(
    out: Output, mapping: Path, file: Path, *, file_format: str | None, content_type: str | None, limit: int
) -> None:
    from crossdock.app.file_reading import Unreadable
    from crossdock.app.mapping_trial import FileFormat, guess, trial
    from crossdock.engine.mapping_files import compiled_at
    from crossdock.model.envelope import Event

    assert get_args(FileFormat) == _FORMATS  # noqa: S101  # the help text names them without loading that module
    compiled = compiled_at(mapping)
    chosen: FileFormat = file_format or guess(file, compiled)  # type: ignore[assignment]  # one of the choices
    kinds, rules = Counter[str](), Counter[str]()
    events: list[tuple[int, Event]] = []
    refused: list[tuple[int, Rejection]] = []
    try:
        with file.open("rb") as stream:
            for number, one in trial(compiled, stream, chosen, name=file.name, only=content_type):
                if out.as_json:
                    out.line({"message": number} | _as_json(one))
                if isinstance(one, Event):
                    kinds[one.data.type] += 1
                    if len(events) < limit:
                        events.append((number, one))
                else:
                    rules[one.rule] += 1
                    if len(refused) < limit:
                        refused.append((number, one))
    except Unreadable as wrong:
        advise(str(wrong))
        raise Finish(FINDINGS) from wrong
    counted = f"{several(kinds.total(), 'event')}, {several(rules.total(), 'rejection')}"
    if out.as_json:
        advise(counted)
    else:
        _print(out, events, refused)
        out.heading(counted)
        out.table((), ((f"{count:,}", name) for counts in (kinds, rules) for name, count in counts.most_common()))
    if rules:
        raise Finish(FINDINGS)


def _as_json(one: Event | Rejection) -> dict[str, object]:
    import msgspec

    from crossdock.model.envelope import Event
    from crossdock.model.event import Fact, case_of, key_of

    if not isinstance(one, Event):
        return msgspec.structs.asdict(one)
    data = one.data
    named = {"event": data.type, "case": case_of(data) if isinstance(data, Fact) else None, "key": key_of(data)}
    return named | msgspec.structs.asdict(one)


def _print(out: Output, events: list[tuple[int, Event]], refused: list[tuple[int, Rejection]]) -> None:
    from crossdock.model.event import Fact, case_of, key_of

    if events:
        rows = [
            (number, one.row, at(one.occurred), one.data.type, key_of(one.data),
             case_of(one.data) if isinstance(one.data, Fact) else "")
            for number, one in events
        ]  # fmt: skip
        columns = ("message", "row", "occurred (UTC)", "event", "key", "case")
        out.table(columns, rows, right=("message", "row"), below=("case",), indent=0)
    if refused:
        out.heading("Refused")
        out.table(
            ("message", "row", "rule", "where", "what stood there", "problem"),
            (
                (number, one.row, one.rule, one.position, cut(one.value, 40), cut(one.problem))
                for number, one in refused
            ),
            right=("message", "row"),
            below=("what stood there", "problem"),
        )
