"""`crossdock demo`: a house with all its systems, live traffic and trouble, and a report of what came of it."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, configured

if TYPE_CHECKING:
    from crossdock.app.demo import Report, Status
    from crossdock.app.demo_scenarios import Verdict
    from crossdock.app.estate import Estate
    from crossdock.settings import Settings

_ENDED_BY_SIGNAL = 143
_UNKNOWN = 2


@click.command()
@click.option("--orders", type=click.IntRange(1, 2_000), default=40, show_default=True, help="Live orders.")
@click.option(
    "--history", type=click.IntRange(0, 10_000), default=300, show_default=True, help="Orders of the two days before."
)
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Where the page is. [default: a free one]")
@click.option("--once", is_flag=True, help="End by itself, also on a terminal.")
@click.option("--scenario", metavar="F-n", help="Play one story with few orders instead, and judge how it ended.")
@configured
def demo(
    out: Output, settings: Settings, *, orders: int, history: int, port: int, once: bool, scenario: str | None
) -> None:
    """Run a distributor's house: shop, TMS, two warehouse systems, ERP, carriers and bank, with Crossdock between them.

    Orders go through all of them while systems fail, repeat themselves and fall silent. On a terminal it stays up
    until Ctrl-C; else it ends by itself. It ends with 1 unless all books agree with ours. Nothing of it is kept.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_ENDED_BY_SIGNAL))
    if scenario is not None:
        _scenario(out, settings, scenario)
        return
    from crossdock.app.demo import SPEED, TOLERANCE_MINOR, Demo
    from crossdock.app.estate import NotStill

    stays = sys.stdout.isatty() and not (once or out.as_json)
    line = _Line()
    with _estate(settings, SPEED) as estate:
        played = Demo(estate, show=line.show, say=line.say)
        if history:
            advise(f"Settling the {history:,} orders of the last two days, so that there is a history.")
            played.seed(history)
        estate.open(port, tolerance_minor=TOLERANCE_MINOR)
        _invite(estate, stays=stays)
        problem = None
        try:
            if stays:
                played.endless()
            else:
                played.traffic(orders)
        except NotStill as still:
            problem = str(still)
        line.done()
        report = played.report()
    findings = [*([problem] if problem else []), *report.findings]
    if out.as_json:
        import msgspec

        told = msgspec.to_builtins(report)
        told["agreed"] = [one._asdict() for one in report.agreed]
        out.line(told | {"findings": findings, "is_clean": not findings})
    else:
        _tell(out, report, findings)
    if findings:
        raise Finish(FINDINGS)


@contextmanager
def _estate(settings: Settings, speed: float) -> Iterator[Estate]:
    """A house on a scratch database; all of it is gone at the end."""
    from crossdock.app.estate import Estate
    from crossdock.app.scratch import scratch

    advise("Starting PostgreSQL." if settings.database_url is None else "Connecting to PostgreSQL.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crossdock-demo-")))
        url = stack.enter_context(scratch(settings, "demo"))
        advise("Starting the systems of the house.")
        yield stack.enter_context(Estate(url, folder, speed=speed))


def _scenario(out: Output, settings: Settings, name: str) -> None:
    from crossdock.app.demo_scenarios import SCENARIOS, play

    chosen = SCENARIOS.get(name.upper())
    if chosen is None:
        known = ", ".join(f"{one.name} ({one.title})" for one in SCENARIOS.values())
        raise click.BadParameter(f"{name} is none of {known}", param_hint="--scenario")
    with _estate(settings, chosen.speed) as estate:
        advise(f"{chosen.name}: {chosen.title}. {chosen.story}")
        verdict = play(chosen, estate)
    _judge(out, verdict)


def _judge(out: Output, verdict: Verdict) -> None:
    if out.as_json:
        out.line(verdict)
    else:
        for line in verdict.seen:
            click.echo(f"  {line}")
        for line in verdict.findings:
            click.echo(f"  WRONG: {line}")
        ended = "ended as it should" if verdict.is_as_told else "did NOT end as it should"
        click.echo(f"{verdict.scenario} ({verdict.title}) {ended}, in {verdict.seconds:.0f} s.")
    if not verdict.is_as_told:
        raise Finish(FINDINGS)


def _invite(estate: Estate, *, stays: bool) -> None:
    advise(f"Crossdock answers at {estate.address}/ (open it in a browser).")
    if stays:
        advise("For its commands, in another terminal:")
        advise(f"    . {estate.write_environment()}")
        advise(
            "    crossdock explain ORD-1000001; crossdock queue list; crossdock connection list; crossdock reconcile"
        )
        advise("What else there is to try is said as soon as it is there. Ctrl-C ends it with a report.")


class _Line:
    """A line on a terminal's standard error that is written anew, and what happens above it."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def show(self, status: Status) -> None:
        if self._shown:
            trouble = f" | {status.trouble}" if status.trouble else ""
            sys.stderr.write(
                f"\r{status.seconds:4.0f} s  {status.orders:,} orders, {status.paid:,} paid;"
                f" commands: {status.applied:,} applied, {status.waiting:,} waiting{trouble}"[:118]
                + "\x1b[K"
            )
            sys.stderr.flush()

    def say(self, text: str) -> None:
        self.done()
        advise(f"* {text}")

    def done(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _tell(out: Output, report: Report, findings: list[str]) -> None:
    click.echo(
        f"{report.messages:,} messages held {report.events:,} events in {report.seconds:.0f} s;"
        f" {report.duplicates:,} told nothing new, {report.dead_letters:,} are dead letters."
    )
    out.table(
        ("orders", "status"), ((f"{count:,}", status) for status, count in report.orders.items()), right=("orders",)
    )
    out.table(("items", "open work"), ((f"{count:,}", code) for code, count in report.work.items()), right=("items",))
    out.table(
        ("commands", "state"), ((f"{count:,}", state) for state, count in report.commands.items()), right=("commands",)
    )
    left_alone = ", ".join(f"{name} {count} times" for name, count in report.breakers.items())
    click.echo(f"Left alone while they failed, then taken up again: {left_alone or 'none'}.")
    out.table(
        ("", "with Crossdock, measured", "hourly batches, reckoned"),
        ((one.what, one.crossdock, one.batches) for one in report.compared),
    )
    out.table(
        ("system", "what", "its book", "ours", ""),
        (
            (one.system, one.what, f"{one.theirs:,}", f"{one.ours:,}", "" if one.theirs == one.ours else "DIFFERS")
            for one in report.agreed
        ),
        right=("its book", "ours"),
    )
    for finding in findings:
        click.echo(f"WRONG: {finding}")
    if not findings:
        click.echo("The books of all systems agree with ours: every deed once, every piece, every cent.")
        click.echo("The ledger sums to zero in every unit and every currency.")
