"""`crossdock map diff`, `coverage` and `reuse`: mappings looked at before anybody decides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.map_life import refused_as_usage
from crossdock.cli.output import FINDINGS, Finish, Output, advise, cut, looking, several

if TYPE_CHECKING:
    from crossdock.app.opening import Opened

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STYLES = {"added": "green", "removed": "red", "changed": "yellow"}
_SHOWN = 40


@click.command()
@click.argument("one", metavar="FILE|NAME@VERSION")
@click.argument("other", metavar="FILE|NAME@VERSION", required=False)
@looking
def diff(out: Output, at: Opened, one: str, other: str | None) -> None:
    """How two versions of a mapping differ, target by target; with one, from the version in force to that one.

    What a version extends counts as if it stood in it. Exit code 1: they differ.
    """
    from crossdock.app import mapping_review
    from crossdock.mapping.outline import compared

    after = refused_as_usage(lambda: mapping_review.mapping_of(at, other or one))
    before = refused_as_usage(lambda: mapping_review.mapping_of(at, one if other else after.compiled.name))
    changes = compared(before.outline, after.outline)
    if out.as_json:
        out.document({
            "before": before.name, "after": after.name,
            "changes": [{"change": change.kind, **change._asdict()} for change in changes],
        })  # fmt: skip
    else:
        counts = Counter(change.kind for change in changes)
        told = ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing differs"
        out.text(f"{before.name} -> {after.name}: {told}", style="bold")
        for change in changes:
            out.text(f"{change.kind:<8} {change.target}", style=_STYLES[change.kind])
            out.pairs([("was", _cut(change.before)), ("is", _cut(change.after))], indent=9)
    if changes:
        raise Finish(FINDINGS)


@click.command()
@click.argument("mapping", metavar="FILE|NAME[@VERSION]")
@click.argument("files", type=_FILE, nargs=-1)
@click.option(
    "--days", type=click.IntRange(1, 3650), default=7, show_default=True, help="Stored messages of so many days."
)
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="At most so many.")
@looking
def coverage(out: Output, at: Opened, mapping: str, files: tuple[Path, ...], *, days: int, limit: int) -> None:
    """What MAPPING leaves out of FILES, or of the stored messages that it reads.

    Places that something stands in and nothing reads, and fields of its events that were never filled. No values are
    shown. In XML and EDI a place counts as read where a path of the mapping ends like it.
    """
    from crossdock.app import mapping_review
    from crossdock.app.file_reading import Unreadable

    found = refused_as_usage(lambda: mapping_review.mapping_of(at, mapping))
    if files:
        try:
            covered = mapping_review.coverage_of(found, files)
        except Unreadable as wrong:
            raise click.UsageError(str(wrong)) from wrong
    else:
        covered = mapping_review.coverage(at, found, days=days, limit=limit)
    if out.as_json:
        out.document({
            "mapping": found.name, "messages": covered.messages, "events": covered.events, "rejected": covered.rejected,
            "places": covered.places, "unused": [place._asdict() for place in covered.unused],
            "never_filled": [target._asdict() for target in covered.empty],
        })  # fmt: skip
        return
    out.text(
        f"{found.name}: {several(covered.messages, 'message')}, {several(covered.events, 'event')}, "
        f"{several(covered.rejected, 'part')} refused",
        style="bold",
    )
    out.heading(f"{several(len(covered.unused), 'place')} of {covered.places} that nothing reads")
    out.table(
        ("records", "place"), ((f"{one.times:,}", one.place) for one in covered.unused[:_SHOWN]), right=("records",)
    )
    out.heading(f"{several(len(covered.empty), 'field')} of {len(covered.targets)} that no event had")
    rows = [(one.target, "mapped, never there" if one.is_mapped else "not mapped") for one in covered.empty[:_SHOWN]]
    out.table(("field", ""), rows)
    left_out = max(0, len(covered.unused) - _SHOWN) + max(0, len(covered.empty) - _SHOWN)
    if left_out:
        advise(f"{left_out} more: --json shows all.")


@click.command()
@looking
def reuse(out: Output, at: Opened) -> None:
    """How much mappings in force share by extending, and which are alike enough to do so."""
    from crossdock.app import mapping_review

    found, alike = mapping_review.reuse(at)
    if out.as_json:
        out.document({"mappings": found, "alike": alike})
        return
    out.table(
        ("mapping", "targets", "own", "extends"),
        ((one.mapping, one.targets, one.own, " extends ".join(one.extends)) for one in found),
        right=("targets", "own"), indent=0,
    )  # fmt: skip
    if alike:
        out.heading("Alike, and neither extends the other")
        out.table(
            ("same", "of", "mapping", "mapping"), ((one.same, one.of, one.one, one.other) for one in alike),
            right=("same", "of"),
        )  # fmt: skip


def _cut(text: str | None) -> str | None:
    return None if text is None else cut(text, 200)
