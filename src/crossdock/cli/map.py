"""`crossdock map`: what a mapping makes of a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from crossdock.cli.output import FINDINGS, USAGE, Finish, Output, advise, at, cut, in_json, several

if TYPE_CHECKING:
    from crossdock.model.envelope import Event, Rejection

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = ("json", "ndjson", "csv", "x12", "envelope")


@click.group("map")
def map_() -> None:
    """Mappings: from what a sender writes to canonical events."""


@map_.command()
@click.argument("mapping", type=_FILE)
@click.argument("file", type=_FILE)
@click.option("--format", "file_format", type=click.Choice(_FORMATS), help="How FILE is cut, where it is not clear.")
@click.option("--content-type", help="Of envelopes, only those of this content type.")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="Show so many of each.")
@in_json
def test(
    out: Output, mapping: Path, file: Path, *, file_format: str | None, content_type: str | None, limit: int
) -> None:
    """Run MAPPING against FILE and show the events it makes. Nothing is stored; exit code 1 when a part is refused."""
    from crossdock.app.file_reading import Unreadable
    from crossdock.app.mapping_trial import FileFormat, guess, trial
    from crossdock.mapping import compile_mapping
    from crossdock.model.envelope import Event

    assert get_args(FileFormat) == _FORMATS  # noqa: S101  # the help text names them without loading that module
    compiled = compile_mapping(mapping.read_text(encoding="utf-8"))
    chosen: FileFormat = file_format or guess(file, compiled)  # type: ignore[assignment]  # one of the choices
    kinds, rules = Counter[str](), Counter[str]()
    events: list[Event] = []
    refused: list[Rejection] = []
    try:
        with file.open("rb") as stream:
            for one in trial(compiled, stream, chosen, name=file.name, only=content_type):
                if isinstance(one, Event):
                    kinds[one.data.type] += 1
                    kept: list[Event] | list[Rejection] = events
                else:
                    rules[one.rule] += 1
                    kept = refused
                if out.as_json:
                    out.line(_as_json(one))
                elif len(kept) < limit:
                    kept.append(one)  # type: ignore[arg-type]  # each into its own list
    except Unreadable as wrong:
        advise(str(wrong))
        raise Finish(USAGE) from wrong
    if not out.as_json:
        _print(out, events, refused)
        out.heading(f"{several(kinds.total(), 'event')}, {several(rules.total(), 'rejection')}")
        out.table((), ((f"{count:,}", name) for counts in (kinds, rules) for name, count in counts.most_common()))
    else:
        advise(f"{several(kinds.total(), 'event')}, {several(rules.total(), 'rejection')}")
    if rules:
        raise Finish(FINDINGS)


def _as_json(one: Event | Rejection) -> dict[str, object]:
    from crossdock.model.envelope import Event
    from crossdock.model.event import Fact, case_of, key_of

    if not isinstance(one, Event):
        return {
            "row": one.row, "rule": one.rule, "position": one.position, "problem": one.problem, "value": one.value,
            "sample": one.sample,
        }  # fmt: skip
    return {
        "row": one.row,
        "event": one.data.type,
        "case": case_of(one.data) if isinstance(one.data, Fact) else None,
        "key": key_of(one.data),
        "occurred": one.occurred,
        "recorded": one.recorded,
        "lifecycle": one.lifecycle,
        "revision": one.revision,
        "retracted": one.retracted,
        "source_id": one.source_id,
        "correlation": one.correlation,
        "causation": one.causation,
        "data": one.data,
    }


def _print(out: Output, events: list[Event], refused: list[Rejection]) -> None:
    from crossdock.model.event import Fact, case_of, key_of

    if events:
        rows = [
            (one.row, at(one.occurred), one.data.type, key_of(one.data),
             case_of(one.data) if isinstance(one.data, Fact) else "")
            for one in events
        ]  # fmt: skip
        out.table(("row", "occurred (UTC)", "event", "key", "case"), rows, right=("row",), indent=0)
    if refused:
        out.heading("Refused")
        out.table(
            ("row", "rule", "where", "what stood there", "problem"),
            ((one.row, one.rule, one.position, cut(one.value, 40), cut(one.problem)) for one in refused),
            right=("row",),
        )
