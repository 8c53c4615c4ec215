"""`crossdock bench`: what this machine makes of it, as ratios taken in one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, configured, in_json

if TYPE_CHECKING:
    from crossdock.settings import Settings


@click.group()
def bench() -> None:
    """Measure on databases of their own, which are dropped afterwards."""


@bench.command()
@click.option("--orders", type=click.IntRange(10, 1_000_000), default=10_000, show_default=True, help="Of the day.")
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Settle worker processes.")
@click.option("--preload", type=click.IntRange(0), default=0, show_default=True, help="Orders settled there before.")
@click.option("--seconds", type=click.IntRange(1, 600), default=15, show_default=True, help="Of the latency part.")
@configured
def settle(out: Output, settings: Settings, *, orders: int, workers: int, preload: int, seconds: int) -> None:
    """The whole way of a day, beside what the database itself could do; and latency from POST to settled."""
    from crossdock.app import bench_settle

    figures = bench_settle.run(
        settings, orders=orders, workers=workers, preload=preload, latency_seconds=seconds, say=advise
    )
    tell(out, figures)


@bench.command()
@click.option("--orders", type=click.IntRange(100, 1_000_000), default=14_000, show_default=True, help="Of the day.")
@configured
def intake(out: Output, _settings: Settings, *, orders: int) -> None:
    """Events posted one a request by 20 senders, and 500 a request by 4, each answered when durable."""
    from crossdock.app import bench_intake

    tell(out, bench_intake.run(orders, json=out.as_json))


@bench.command()
@click.option("--commands", type=click.IntRange(10, 1_000_000), default=3_000, show_default=True, help="To deliver.")
@click.option("--deliverers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that send.")
@configured
def deliver(out: Output, settings: Settings, *, commands: int, deliverers: int) -> None:
    """Recorded commands on their way to the ERP of the sandbox, beside what that system takes from anybody."""
    from crossdock.app import bench_deliver

    tell(out, bench_deliver.run(settings, commands=commands, deliverers=deliverers, say=advise))


@bench.command()
@click.option("--rate", type=click.IntRange(10, 1_000), default=30, show_default=True, help="Commands/s and system.")
@click.option("--seconds", type=click.FloatRange(0.5, 60), default=3.0, show_default=True, help="Of each window.")
@configured
def isolation(out: Output, settings: Settings, *, rate: int, seconds: float) -> None:
    """What a system that answers in 5 s, or not at all, costs the others: five alternating windows each.

    Ends with 1 if the others' p95 is more than 20 % and more than 10 ms worse.
    """
    from crossdock.app import bench_isolation

    figures = bench_isolation.run(settings, per_second=rate, seconds=seconds, say=advise)
    tell(out, figures)
    if not figures["is_isolated"]:
        raise Finish(FINDINGS)


@bench.command()
@click.option(
    "--documents", type=click.IntRange(26, 1_000_000), default=10_000, show_default=True, help="Of each standard."
)
@click.option("--megabytes", type=click.IntRange(1, 10_000), default=200, show_default=True, help="Of the long file.")
@in_json
def edi(out: Output, *, documents: int, megabytes: int) -> None:
    """Reading and checking made-up documents, beside splitting them alone; and the memory that a long file takes."""
    from crossdock.app import bench_edi

    figures = bench_edi.run(documents=documents, megabytes=megabytes, say=advise)
    if out.as_json:
        out.line(figures)
        return
    rows = ((name, *(f"{value:,}" for value in each.values())) for name, each in figures.items())
    columns = ("standard", "segments/s", "only split", "ratio", "peak MB")
    out.table(columns, rows, right=columns[1:])


def tell(out: Output, figures: dict[str, float]) -> None:
    """Figures, a line each, or as one JSON object on one line."""
    if out.as_json:
        out.line(figures)
    else:
        out.table(("figure", "what"), ((f"{value:,}", name) for name, value in figures.items()))
