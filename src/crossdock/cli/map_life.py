"""`crossdock map list`, `show`, and the steps in the life of a mapping version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crossdock.cli.output import Output, advise, at, looking, utc

if TYPE_CHECKING:
    from crossdock.app.governing import Done
    from crossdock.app.opening import Opened
    from crossdock.governance.lifecycle import Verb

_STYLES = {"published": "green", "review": "yellow", "approved": "yellow", "retired": "dim", "deprecated": "dim"}


@click.command("list")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Deprecated and retired versions as well.")
@looking
def list_(out: Output, here: Opened, name: str | None, *, everything: bool) -> None:
    """Mappings by version, with state, owner and who brought them there."""
    from crossdock.app import governing
    from crossdock.store import configuration as stored
    from crossdock.store import mappings

    rows = stored.read(here.connection, here.tenant)
    shown = [
        row for row in mappings.versions(here.connection, here.tenant, name)
        if everything or row.state not in {"deprecated", "retired"}
    ]  # fmt: skip
    readers = {row.name: governing.readers_of(rows, row.name) for row in shown}
    if out.as_json:
        out.document([
            {"name": row.name, "version": row.version, "state": row.state, "owner": row.owner, "by": row.who,
             "since": row.at, "reads": readers[row.name] if row.state == "published" else []}
            for row in shown
        ])  # fmt: skip
        return
    out.table(
        ("mapping", "state", "owner", "since (UTC)", "by", "reads for"),
        (
            (f"{row.name}@{row.version}", row.state, row.owner, at(row.at), row.who,
             ", ".join(readers[row.name]) if row.state == "published" else "")
            for row in shown
        ),
        below=("reads for",), indent=0,
    )  # fmt: skip


@click.command()
@click.argument("version", metavar="NAME[@VERSION]")
@looking
def show(out: Output, here: Opened, version: str) -> None:
    """A version: who answers for it, its life step by step, its examples, and the document."""
    from crossdock.app import governing
    from crossdock.mapping import overlay
    from crossdock.mapping.source import parse
    from crossdock.store import configuration as stored
    from crossdock.store import mappings

    rows = stored.read(here.connection, here.tenant)
    row = refused_as_usage(lambda: governing.row_of(rows, version))
    base = overlay.base_of(parse(row.document))
    owner = next(one.owner for one in mappings.versions(here.connection, here.tenant, row.name) if one.id == row.id)
    steps = mappings.steps(here.connection, here.tenant, row.id)
    examples = [one.name for one in governing.examples_of(here, row.id)]
    if out.as_json:
        out.document({
            "name": row.name, "version": row.version, "state": row.state, "owner": owner,
            "extends": overlay.named(base) if base else None, "reads": governing.readers_of(rows, row.name),
            "steps": [step._asdict() for step in steps], "examples": examples, "document": row.document,
        })  # fmt: skip
        return
    out.text(f"{row.name}@{row.version}  {row.state}", style=_STYLES.get(row.state, "bold"))
    out.pairs([
        ("owner", owner),
        ("extends", overlay.named(base) if base else None),
        ("reads for", ", ".join(governing.readers_of(rows, row.name)) if row.state == "published" else None),
        ("examples", ", ".join(examples)),
    ])  # fmt: skip
    out.table(
        (), ((step.state, utc(step.at), step.who, step.note, f"act {step.act}" if step.act else "") for step in steps)
    )
    out.heading("Document")
    for line in row.document.splitlines():
        out.text(f"  {line}")


@click.command()
@click.argument("what", metavar="FILE|NAME@VERSION")
@click.option("--note", default="", help="What changes, and why.")
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: you, as this machine knows you]")
@looking
def submit(out: Output, here: Opened, what: str, *, note: str, who: str | None) -> None:
    """Store the mapping of FILE with its examples, and submit it for review; or submit again what was returned.

    What does not compile, or fails one of its examples, is refused.
    """
    from crossdock.app import governing, proposals

    path, by = Path(what), who or proposals.me()
    if path.is_file():
        say(out, refused_as_usage(lambda: governing.submit_file(here, path, who=by, note=note)))
    else:
        say(out, refused_as_usage(lambda: governing.take(here, "submit", what, who=by, note=note)))


def _step(verb: Verb, help_text: str) -> click.Command:
    @click.command(verb, help=help_text)
    @click.argument("version", metavar="NAME@VERSION")
    @click.option("--note", default="", help="Why.")
    @click.option("--as", "who", metavar="NAME", help="Who does it. [default: you, as this machine knows you]")
    @looking
    def step(out: Output, here: Opened, version: str, *, note: str, who: str | None) -> None:
        from crossdock.app import governing, proposals

        if "@" not in version:
            raise click.UsageError(f"say which version: {version}@3")
        by = who or proposals.me()
        say(out, refused_as_usage(lambda: governing.take(here, verb, version, who=by, note=note)))

    return step


def refused_as_usage(deed: Any) -> Any:  # noqa: ANN401  # whatever it gives
    """What a deed gives; what it refuses ends the command with its reason."""
    from crossdock.app.handling import NotDone

    try:
        return deed()
    except NotDone as refused:
        raise click.UsageError(str(refused)) from refused


def say(out: Output, done: Done) -> None:
    """What a step did."""
    if out.as_json:
        out.document(done)
        return
    replaced = f" in the place of {done.replaced}" if done.replaced else ""
    out.text(f"{done.version} is {_WORDS.get(done.state, done.state)}{replaced} (act {done.trail}).", style="green")
    if done.state == "published":
        advise("Workers read by it within a second; `crossdock dead replay` reads again what waits.")


_WORDS = {"review": "in review", "draft": "a draft again"}
COMMANDS = (
    list_,
    show,
    submit,
    _step(
        "return", "Give a version in review, or an approved one, back to its author: it is a draft again. Needs --note."
    ),
    _step("approve", "Approve a version in review. Where governance.yaml says four_eyes, not one's own."),
    _step("deprecate", "Take a version out of force that no source reads by. It can still be chosen for a replay."),
    _step("retire", "Never use a version again. Needs --note."),
)
