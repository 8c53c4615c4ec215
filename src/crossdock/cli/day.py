"""`crossdock day DIR`: a whole day of a distributor, from bytes to books."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import Output, advise, configured

if TYPE_CHECKING:
    from crossdock.app.day import Report
    from crossdock.settings import Settings


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--out", "result", type=click.Path(path_type=Path, dir_okay=False), help="Write the end-of-day state here."
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Settle worker processes.")
@click.option("--batch", type=click.IntRange(1, 8192), default=500, show_default=True, help="Messages a transaction.")
@click.option("--shuffle", type=int, metavar="SEED", help="Let the messages arrive in another order.")
@click.option("--repeat", type=click.IntRange(1, 10), default=1, show_default=True, help="Send each so many times.")
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the database for this folder, and resume there after a crash. [default: a scratch database, dropped]",
)
@click.option("--config", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Configuration folder.")
@configured
def day(  # noqa: PLR0913  # one option each
    out: Output,
    settings: Settings,
    folder: Path,
    *,
    result: Path | None,
    workers: int,
    batch: int,
    shuffle: int | None,
    repeat: int,
    state: Path | None,
    config: Path | None,
) -> None:
    """Take in a day and settle it.

    DIR holds deliveries.ndjson (one delivery a line, in order of arrival), initial_stock.csv, rates.csv and
    customers.csv. On that day systems act by themselves: a command whose effect a fact shows is satisfied, the rest
    stay recorded, nothing is delivered.
    """
    import msgspec

    from crossdock.app import day as days
    from crossdock.app.examples import distributor
    from crossdock.app.scratch import kept, scratch
    from crossdock.cli.progress import Bar

    with ExitStack() as stack:
        if state is None:
            url = stack.enter_context(scratch(settings, "day"))
        else:
            url = kept(settings, state, "day", f"day {folder.resolve()} shuffle={shuffle} repeat={repeat}")
        bar = Bar("Settling the day")
        report = days.run(
            folder,
            url,
            config=config or distributor(),
            workers=workers,
            batch=batch,
            shuffle=shuffle,
            repeat=repeat,
            tenant_name=settings.tenant,
            progress=lambda at: bar.show(at.done_bytes, at.total_bytes, f"{at.messages:,} messages"),
        )
        bar.done()
    if result is not None:
        result.write_bytes(msgspec.json.format(msgspec.json.encode(report.result, order="sorted"), indent=1))
    tell(out, report, result)
    if state is not None:
        advise_where(settings, url)


def advise_where(settings: Settings, url: str) -> None:
    """How to look into a database that is kept."""
    advise("The database is kept. To look into it:")
    advise(f"  export CROSSDOCK_DATABASE_URL='{url}' CROSSDOCK_TENANT={settings.tenant}")
    advise("  crossdock queue list; crossdock dead list; crossdock ledger check; crossdock search SO")


def tell(out: Output, report: Report, result: Path | None) -> None:
    """What a person or a program should know of a day."""
    summary = report.summary()
    if out.as_json:
        out.document(summary | {"out": str(result) if result else None})
        return
    click.echo(
        f"{report.messages:,} messages held {report.events:,} events: settled in {report.seconds:.1f} s,"
        f" {report.events / max(report.seconds, 1e-9):,.0f} events a second."
    )
    click.echo(
        f"{summary['duplicates_dropped']:,} told nothing new; {summary['malformed_exceptions']:,} are dead letters."
    )
    out.table(("orders", "status"), ((f"{count:,}", status) for status, count in summary["orders"].items()))
    out.table(("items", "what"), ((f"{count:,}", code) for code, count in summary["exceptions"].items()))
    money = summary["money_minor"]
    out.table(("USD", "sum"), ((f"{amount / 100:,.2f}", name) for name, amount in money.items()))
    if summary["unbalanced"]:
        click.echo(f"NOT BALANCED: {', '.join(summary['unbalanced'])}. Run `crossdock ledger check`.")
    else:
        click.echo(
            f"The books balance: {summary['ledger_entries']:,} postings, every unit and every cent sums to zero."
        )
    if result:
        click.echo(f"The end-of-day state is in {result}.")
