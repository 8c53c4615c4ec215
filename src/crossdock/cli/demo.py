"""`crossdock demo`: makes a day of a distributor, settles it, and shows what came of it."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.day import advise_where, tell
from crossdock.cli.output import FINDINGS, Finish, Output, advise, configured

if TYPE_CHECKING:
    from crossdock.settings import Settings


@click.command()
@click.option("--orders", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="Orders of the day.")
@click.option("--seed", type=int, default=20260302, show_default=True, help="Another seed, another day.")
@click.option(
    "--trouble", type=click.FloatRange(0, 20), default=1.0, show_default=True, help="Shares of trouble, times."
)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Settle worker processes.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep the day and its database there.")
@configured
def demo(  # one option each
    out: Output, settings: Settings, *, orders: int, seed: int, trouble: float, workers: int, keep: Path | None
) -> None:
    """Make a day of a distributor (shop, ERP, TMS, warehouses, carriers, bank), settle it, and report.

    The day has duplicates, disorder, garbage and disputed money in it. The generator knows the right answer: the
    command ends with 1 if the books differ from it anywhere.
    """
    from crossdock.app import day as days
    from crossdock.app.examples import distributor
    from crossdock.app.scratch import kept, scratch
    from crossdock.cli.progress import Bar
    from crossdock.sandbox.day import compare, generate

    advise("Starting PostgreSQL." if settings.database_url is None else "Connecting to PostgreSQL.")
    with ExitStack() as stack:
        folder = keep / "day" if keep else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-")))
        advise(f"Making a day of {orders:,} orders (seed {seed}).")
        oracle = generate(folder, seed=seed, orders=orders, trouble=trouble)
        if keep:
            url = kept(settings, keep, "demo", f"demo orders={orders} seed={seed} trouble={trouble}")
        else:
            url = stack.enter_context(scratch(settings, "demo"))
        bar = Bar("Settling the day")
        report = days.run(
            folder,
            url,
            config=distributor(),
            workers=workers,
            tenant_name=settings.tenant,
            progress=lambda at: bar.show(at.done_bytes, at.total_bytes, f"{at.messages:,} messages"),
        )
        bar.done()
    differences = compare(oracle, report.result)
    if out.as_json:
        out.line(report.summary() | {"differences": differences})
    else:
        tell(out, report, None)
        if differences:
            click.echo("It differs from what the generator knows to be right:\n" + "\n".join(differences))
        else:
            click.echo("Every order, every stock, every exception equals what the generator knows to be right.")
    if differences or report.unbalanced:
        raise Finish(FINDINGS)
    if keep:
        advise_where(settings, url)
    else:
        advise("Next: `crossdock demo --keep FOLDER` keeps the books, to look into them.")
