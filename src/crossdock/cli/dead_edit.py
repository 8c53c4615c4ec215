"""`crossdock dead edit` and `dead diff`: a message corrected by a person, shown before it is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, cut, looking, several
from crossdock.cli.replay import numbers_of, print_effects

if TYPE_CHECKING:
    from crossdock.app.correcting import Corrected
    from crossdock.app.opening import Opened

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_STYLES = {"+": "green", "-": "red"}


def commands(dead: click.Group) -> None:
    """Add them to `crossdock dead`."""
    dead.add_command(edit)
    dead.add_command(diff)


@click.command()
@click.argument("message", metavar="MESSAGE")
@click.option("--with", "file", type=_FILE, help="What it should have said, whole: begin with `show MESSAGE --raw`.")
@click.option(
    "--replace",
    "replaced",
    nargs=2,
    multiple=True,
    metavar="OLD NEW",
    help="This text, which stands there once, by that.",
)
@click.option("--because", "why", metavar="TEXT", default="", help="Why. Kept in the trail.")
@click.option("--execute", is_flag=True, help="Do it; without this, only say what would happen.")
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: you, as this machine knows you]")
@looking
def edit(  # one option each
    out: Output, at: Opened, message: str, *, file: Path | None, replaced: tuple[tuple[str, str], ...], why: str,
    execute: bool, who: str | None,
) -> None:  # fmt: skip
    """Correct MESSAGE, of which a dead letter waits: a dry run until --execute.

    The correction is a message of its own, linked to MESSAGE, which is kept as it came. What was read of MESSAGE before
    is known and has no effect again. Exit code 1: something of it is refused still.
    """
    from crossdock.app import correcting, proposals
    from crossdock.app.handling import NotDone

    if bool(file) == bool(replaced):
        raise click.UsageError("say what it should have said: --with FILE, or --replace OLD NEW")
    (arrival,) = numbers_of([message])
    try:
        original = correcting.original_of(at, arrival)
        body = file.read_bytes() if file else _replaced(original.body, replaced)
        if execute:
            done = correcting.correct(at, original, body, who=who or proposals.me(), why=why)
        else:
            done = correcting.try_out(at, original, body)
    except NotDone as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document(done)
    else:
        _print(out, done)
    if done.refused:
        raise Finish(FINDINGS)


@click.command()
@click.argument("message", metavar="MESSAGE")
@looking
def diff(out: Output, at: Opened, message: str) -> None:
    """How MESSAGE and what corrects it, or what it corrects, differ: by whom and why."""
    from crossdock.app import correcting
    from crossdock.store import arrival as arrivals
    from crossdock.store import corrections, messages

    (arrival,) = numbers_of([message])
    found = []
    for row in corrections.of(at.connection, at.tenant, arrival):
        bodies = {
            one.arrival: one.body for one in messages.bodies(at.connection, at.tenant, [row.original, row.arrival])
        }
        lines = correcting.diff_of(bodies[row.original], bodies[row.arrival]) if len(bodies) > 1 else []
        found.append({
            "original": arrivals.text(row.original), "message": arrivals.text(row.arrival), "who": row.who,
            "why": row.why, "at": row.at, "act": row.act, "diff": lines,
        })  # fmt: skip
    if not found:
        advise(f"Nobody has corrected {message}, and it corrects nothing.")
        raise Finish(FINDINGS)
    if out.as_json:
        out.document(found)
        return
    for one in found:
        out.text(
            f"{one['message']} corrects {one['original']}  by {one['who']}: {one['why']} (act {one['act']})", "bold"
        )
        _print_diff(out, one["diff"] or ["  (not kept any more)"])  # type: ignore[arg-type]  # lines


def _replaced(body: bytes, replaced: tuple[tuple[str, str], ...]) -> bytes:
    for old, new in replaced:
        count = body.count(old.encode())
        if count != 1 or not old:
            raise click.UsageError(
                f"--replace: {old!r} stands there {several(count, 'time')}, and not once; use --with"
            )
        body = body.replace(old.encode(), new.encode())
    return body


def _print(out: Output, done: Corrected) -> None:
    _print_diff(out, done.diff)
    out.text()
    if done.message is not None:
        out.text(f"{done.message} was taken in, and stands for {done.original} (act {done.trail}).", style="green")
    out.pairs([
        ("it says" if done.message else "it would say", several(done.events, "event")),
        ("still refused", ", ".join(f"{count:,} {rule}" for rule, count in done.refused.items()) or None),
    ])  # fmt: skip
    for problem in done.problems:
        out.text(f"    {cut(problem, 200)}")
    print_effects(out, done.effects)
    if done.message is None:
        advise("This was a dry run: add --because WHY and --execute to do it.")


def _print_diff(out: Output, lines: list[str]) -> None:
    for line in lines:
        out.text(cut(line, 240), style=_STYLES.get(line[:1]))
