"""`crossdock rehearse`: what new rules or policies would change, before anything changes; and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, Output, advise, cut, looking, money, progress, several

if TYPE_CHECKING:
    from crossdock.app.opening import Opened
    from crossdock.app.rehearsing import Decided, Report, Way

_WAYS: Final = ("adopt", "accept", "keep")


@click.command()
@click.option("--cases", "prefix", metavar="PREFIX", help="Only cases whose id begins so: order/ or shipment/LTL-7.")
@click.option(
    "--policies",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False),
    help="Try the policies of a configuration folder that is not applied yet.",
)
@click.option("--decide", "way", type=click.Choice(_WAYS), help="How the cases go on. See above.")
@click.option("--because", "why", metavar="TEXT", default="", help="Why it is decided so.")
@click.option("--as", "who", metavar="NAME", help="Who decides. [default: your name on this machine]")
@click.option("--execute", is_flag=True, help="Really decide. Without it, only shown.")
@looking
def rehearse(
    out: Output, at: Opened, *, prefix: str | None, folder: str | None, way: Way | None, why: str, who: str | None,
    execute: bool,
) -> None:  # fmt: skip
    r"""Show what the latest rules and policies would change for cases that began on older ones.

    \b
    A case goes on by the rules and policies it began with, until it is decided:
      adopt   by the latest ones; commands that only they want wait in `crossdock propose`
      accept  by the latest ones; what was asked of other systems stays as it is, what was not waits as above
      keep    by the old ones, and these are not proposed again
    Cases for which nothing would change move in any case. Exit code 1: something would change.
    """
    from pathlib import Path

    from crossdock.app import handling, proposals, rehearsing

    if way and folder:
        raise click.UsageError("--policies are only tried: apply them first, then decide")
    if execute and not way:
        raise click.UsageError("--execute needs --decide adopt, accept or keep")
    if way and execute:
        try:
            decided = rehearsing.decide(at, way, prefix=prefix, who=who or proposals.me(), why=why)
        except handling.NotDone as refused:
            raise click.UsageError(f"--because WHY: {refused}") from refused
        _show_decided(out, decided, way)
        return
    with progress("Rehearsing") as bar:
        report = rehearsing.rehearse(
            at, prefix=prefix, folder=Path(folder) if folder else None, progress=lambda done: bar(done, done)
        )
    if out.as_json:
        out.document(report)
    else:
        _show(out, report)
    if report.differing:
        raise SystemExit(FINDINGS)


def _show_decided(out: Output, decided: Decided, way: Way) -> None:
    if out.as_json:
        out.document(decided)
        return
    out.text(f"{several(decided.moved, 'case')} go on by the latest rules and policies.", style="green")
    if decided.kept:
        out.text(f"{several(decided.kept, 'case')} keep what they began with.")
    if decided.accepted:
        out.text(f"{several(decided.accepted, 'command')} stay as they were asked.")
    if way != "keep":
        advise("What they want otherwise waits: see `crossdock propose list`.")


def _show(out: Output, report: Report) -> None:
    if not report.behind:
        out.text("Every case is on the latest rules and policies.")
        return
    out.text(
        f"{several(report.behind, 'case')} began on older rules or policies; "
        + (f"{several(report.differing, 'case')} would become different." if report.differing else "none would differ.")
    )
    if report.parked:
        out.text(f"The rules fail on {several(report.parked, 'case')}: they would be parked.", style="bold red")
    print_tables(out, report)
    print_samples(out, report)
    if report.differing:
        advise("Nothing has changed. Decide with --decide adopt, accept or keep, --because WHY and --execute.")


def print_samples(out: Output, report: Report) -> None:
    """Some of the cases that would differ, each with what."""
    for found in report.samples:
        out.heading(found.case)
        for document in found.documents:
            out.text(f"  {document.action} {document.kind} ({document.target})")
            out.pairs((("now", document.before and cut(str(document.before), 200)),
                       ("then", document.after and cut(str(document.after), 200))), indent=6)  # fmt: skip
        for sign, items in (("+", found.opened), ("-", found.closed)):
            for item in items:
                out.text(f"  {sign} {item.code} {item.subject}: {item.title}")
        if found.parked:
            out.text(f"  parked: {cut(found.parked.strip().splitlines()[-1])}")


def print_tables(out: Output, report: Report) -> None:
    """Documents, items and postings, summed."""
    if report.documents:
        out.heading("Documents")
        out.table(
            ("documents", "money", "action", "kind", "target"),
            ((f"{one.documents:,}", money(one.minor, one.currency) if one.minor else "", one.action, one.kind,
              one.target)
             for one in report.documents),
            right=("documents", "money"),
        )  # fmt: skip
    if report.items:
        out.heading("Work items")
        out.table(
            ("code", "open", "close"), ((one.code, one.opened, one.closed) for one in report.items),
            right=("open", "close"),
        )  # fmt: skip
    if report.postings:
        out.heading("Ledger")
        out.table(
            ("amount", "item", "to (debit)", "from (credit)"),
            ((f"{one.amount:,}", one.item, one.debit, one.credit) for one in report.postings), right=("amount",),
        )  # fmt: skip
