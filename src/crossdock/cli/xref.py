"""`crossdock xref`: what partners call our things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, looking

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


@click.group()
def xref() -> None:
    """Cross-references: what partners call items, shipments and parties that have a number of ours."""


@xref.command("list")
@click.option("--scheme", help="Only of this scheme, such as item.")
@click.option("--issuer", help="Only of this partner or system, such as oms.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="List at most so many.")
@looking
def list_(out: Output, at: Opened, *, scheme: str | None, issuer: str | None, limit: int) -> None:
    """The cross-references in force."""
    from crossdock.app import cross_references

    found = cross_references.listed(at.connection, at.tenant, scheme=scheme, issuer=issuer, limit=limit)
    if out.as_json:
        out.document(found)
        return
    out.table(
        ("scheme", "issuer", "theirs", "ours", "since"),
        ((one.scheme, one.issuer, one.theirs, one.ours, one.since.isoformat()) for one in found),
        indent=0,
    )
    if not found:
        advise("There is none. `crossdock xref add item oms NEW-999 PMP-001` adds one.")


@xref.command("missing")
@looking
def missing(out: Output, at: Opened) -> None:
    """Identifiers that dead letters name and nobody has cross-referenced, the most frequent first."""
    from crossdock.app import replay
    from crossdock.engine import configuration
    from crossdock.store import dead_letters

    loaded = configuration.load(at.connection, at.tenant)
    letters = dead_letters.letters(at.connection, at.tenant, 10_000, rule="xref.unknown")
    found = replay.missing(at.connection, at.tenant, loaded, list(dict.fromkeys(one.arrival for one in letters)))
    if out.as_json:
        out.document([{"scheme": s, "issuer": i, "theirs": t, "messages": count} for (s, i, t), count in found.items()])
    else:
        out.table(
            ("messages", "scheme", "issuer", "theirs"), ((count, *asked) for asked, count in found.items()),
            right=("messages",), indent=0,
        )  # fmt: skip
    if found:
        raise Finish(FINDINGS)
    if not out.as_json:
        out.text("No dead letter waits for a cross-reference.")


@xref.command("add")
@click.argument("scheme")
@click.argument("issuer")
@click.argument("theirs")
@click.argument("ours")
@click.option("--as", "who", metavar="NAME", help="Who says so. [default: you, as this machine knows you]")
@click.option("--note", default="", help="Why.")
@looking
def add(  # one option each
    out: Output, at: Opened, *, scheme: str, issuer: str, theirs: str, ours: str, who: str | None, note: str
) -> None:
    """Say that THEIRS of ISSUER is OURS: crossdock xref add item oms NEW-999 PMP-001.

    Then what waits for it can be read: crossdock dead replay --rule xref.unknown --value NEW-999 --execute.
    """
    _say(out, at, (scheme, issuer, theirs), ours, who=who, note=note, retracts=False)


@xref.command("remove")
@click.argument("scheme")
@click.argument("issuer")
@click.argument("theirs")
@click.option("--as", "who", metavar="NAME", help="Who says so. [default: you, as this machine knows you]")
@click.option("--note", default="", help="Why.")
@looking
def remove(out: Output, at: Opened, *, scheme: str, issuer: str, theirs: str, who: str | None, note: str) -> None:
    """Take a cross-reference back: what comes from now on under that name is a dead letter."""
    _say(out, at, (scheme, issuer, theirs), theirs, who=who, note=note, retracts=True)


def _say(
    out: Output, at: Opened, asked: tuple[str, str, str], ours: str, *, who: str | None, note: str, retracts: bool
) -> None:
    from crossdock.app import cross_references
    from crossdock.app.handling import NotDone
    from crossdock.app.proposals import me

    try:
        added = cross_references.add(
            at.connection, at.tenant, asked, ours, who=who or me(), note=note, retracts=retracts
        )
    except NotDone as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document({"trail": added.trail, "is_settled": added.is_settled})
        return
    scheme, issuer, theirs = asked
    said = "is not known any more" if retracts else f"is our {ours}"
    out.text(f"{scheme} {theirs} of {issuer} {said}, act {added.trail}")
    if not added.is_settled:
        advise("No worker has settled it yet: is one running?")
    elif not retracts:
        advise(f"Now: crossdock dead replay --rule xref.unknown --value {theirs} --execute")
