"""`crossdock map rehearse` and `map publish`: what a version would change, before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.map_life import refused_as_usage, say
from crossdock.cli.output import FINDINGS, Command, Finish, Output, advise, looking, progress, several
from crossdock.cli.rehearse import print_samples, print_tables

if TYPE_CHECKING:
    from crossdock.app.mapping_rehearsal import Report
    from crossdock.app.opening import Opened

_SHOWN = 30


def _window(command: Command) -> Command:
    days = click.option(
        "--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="Stored messages of so many days."
    )
    limit = click.option(
        "--limit",
        type=click.IntRange(1, 1_000_000),
        default=20_000,
        show_default=True,
        help="At most so many messages.",
    )
    return days(limit(command))


@click.command()
@click.argument("version", metavar="FILE|NAME@VERSION")
@_window
@looking
def rehearse(out: Output, at: Opened, version: str, *, days: int, limit: int) -> None:
    """Read stored messages by the version in force and by this one, and show what would differ. Nothing changes.

    First the events, by field; then the documents, work items and money that would have followed from them. Values that
    look scaled (x100, x12, x24 ...) against what they were, or against history, are pointed out. Exit code 1: something
    would differ.
    """
    report = _rehearsed(at, version, days, limit)
    _show(out, report)
    if report:
        raise Finish(FINDINGS)


@click.command()
@click.argument("version", metavar="NAME@VERSION")
@_window
@click.option("--note", default="", help="Why.")
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: you, as this machine knows you]")
@click.option("--execute", is_flag=True, help="Do it; without this, only show what would differ.")
@looking
def publish(  # one option each
    out: Output, at: Opened, version: str, *, days: int, limit: int, note: str, who: str | None, execute: bool
) -> None:
    """Have an approved version read from now on, in the place of the one that does; or a deprecated one, to go back.

    A dry run until --execute: it shows what `map rehearse` shows.
    """
    from crossdock.app import governing, proposals

    if "@" not in version:
        raise click.UsageError(f"say which version: {version}@3")
    by = who or proposals.me()
    if execute:
        say(out, refused_as_usage(lambda: governing.take(at, "publish", version, who=by, note=note)))
        return
    refused_as_usage(lambda: governing.may(at, "publish", version, who=by))
    _show(out, _rehearsed(at, version, days, limit))
    advise("This was a dry run: add --execute to publish it.")


def _rehearsed(at: Opened, version: str, days: int, limit: int) -> Report:
    from crossdock.app import mapping_rehearsal, mapping_review

    mapping = refused_as_usage(lambda: mapping_review.mapping_of(at, version))
    with progress("Rehearsing") as bar:
        return mapping_rehearsal.rehearse(at, mapping, days=days, limit=limit, progress=lambda done: bar(done, limit))


def _show(out: Output, report: Report) -> None:
    if out.as_json:
        out.document(report)
        return
    out.text(f"{report.before or 'nothing'} -> {report.after}: {several(report.messages, 'message')}", style="bold")
    out.pairs([
        ("events as before", f"{report.same:,}"),
        ("new events", _counted(report.added)),
        ("events no longer said", _counted(report.removed)),
        ("refused from then on", _counted(report.refused)),
        ("readable from then on", _counted(report.readable)),
        ("reference data", several(report.references, "record") if report.references else None),
    ])  # fmt: skip
    for one in report.suspicions:
        against = "what it was" if one.against == "before" else "what is usual"
        told = f"LIKELY SCALE ERROR  {one.field} is {one.factor} {against} in {one.values} of {one.of}: {one.means}?"
        out.text(told, style="bold red")
    for shift in report.shifts:
        out.text(f"LIKELY ZONE ERROR  {shift}", style="bold red")
    if report.changed:
        out.heading("Fields that would be other ones")
        rows = [
            (f"{change.events:,}", change.field, *(change.samples[0] if change.samples else ("", "(not shown)", "")))
            for change in report.changed[:_SHOWN]
        ]
        out.table(("events", "field", "for instance", "before", "after"), rows, right=("events",))
    effects = report.effects
    if report:
        told = (
            f"{several(effects.differing, 'case')} would be different" if effects.differing else "no case would differ"
        )
        out.heading(f"Had they been read so: {told}")
        print_tables(out, effects)
        print_samples(out, effects)


def _counted(counts: dict[str, int]) -> str | None:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or None
