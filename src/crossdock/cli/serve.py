"""`crossdock serve` and `crossdock worker`: the programs that run all day."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.errors import CONFIGURATION
from crossdock.cli.output import Output, advise, configured

REFUSED: Final = 5

if TYPE_CHECKING:
    from crossdock.engine.settle import Settled
    from crossdock.settings import Settings


class _Instant(click.ParamType[datetime]):
    """An instant with its offset, as ISO 8601 writes it."""

    name = "instant"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            instant = None
        if instant is None or instant.utcoffset() is None:
            self.fail(f"{value!r} is no instant such as 2026-03-02T08:00:00+00:00", param, ctx)
        return instant


class _Refused(click.ClickException):
    """The rules of this installation do not allow it."""

    exit_code = REFUSED


class _Unusable(click.ClickException):
    """What it was told cannot be used on this machine."""

    exit_code = CONFIGURATION


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address: there is no sign-in yet.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8480, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(0, 64), help="Settle workers. 0: the API alone. [default: one a core]")
@click.option(
    "--deliverers",
    type=click.IntRange(0, 64),
    help="Processes that send commands. [default: 1 where a connection has an address]",
)
@click.option(
    "--messages-per-second",
    type=click.IntRange(1),
    default=20_000,
    show_default=True,
    envvar="CROSSDOCK_MESSAGES_PER_SECOND",
    show_envvar=True,
    help="What each source may send.",
)
@click.option(
    "--backlog",
    type=click.IntRange(1),
    default=1_000_000,
    show_default=True,
    envvar="CROSSDOCK_BACKLOG",
    show_envvar=True,
    help="Take nothing in while so many messages wait to be settled.",
)
@click.option("--supervised", is_flag=True, hidden=True, help="End with the process that holds our standard input.")
@configured
def serve(  # noqa: PLR0913  # one for each option
    out: Output,
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int | None,
    deliverers: int | None,
    messages_per_second: int,
    backlog: int,
    supervised: bool,
) -> None:
    """Take messages in over HTTP and settle them, until Ctrl-C or SIGTERM.

    The API and its settle workers are one process tree. A message is answered when it is durable. What is being
    answered when it stops is answered.
    """
    from crossdock.app import database
    from crossdock.app.serve import AddressTaken, NotLoopback, refuse_other_than_loopback
    from crossdock.app.serve import serve as run
    from crossdock.engine.group_commit import Limits

    log_to_stderr()
    if supervised:
        _end_with_parent()
    count = (os.cpu_count() or 1) if workers is None else workers

    def ready(address: str) -> None:
        if out.as_json:
            out.line({"address": address, "workers": count, "tenant": settings.tenant})
            return
        advise(f"Crossdock answers at {address}, with {count} settle workers for tenant {settings.tenant}.")
        advise(f"Try:  curl {address}/readyz")
        advise("      curl -H 'Authorization: Bearer KEY' -H 'Content-Type: application/json' \\")
        advise(f"        --data-binary @FILE {address}/v1/messages")
        advise("A source's key is shown when it is registered: crossdock config apply DIR. Ctrl-C ends.")

    try:
        refuse_other_than_loopback(host)
        url = database.ready(settings)
        run(
            url,
            settings.tenant,
            host=host,
            port=port,
            workers=count,
            deliverers=deliverers,
            limits=Limits(backlog_messages=backlog),
            messages_per_second=messages_per_second,
            ready=ready,
        )
    except NotLoopback as refused:
        raise _Refused(str(refused)) from refused
    except AddressTaken as taken:
        raise _Unusable(str(taken)) from taken


@click.command()
@click.option("--batch", type=click.IntRange(1, 8192), default=500, show_default=True, help="Messages a transaction.")
@click.option(
    "--shard",
    type=click.IntRange(0, 32_767),
    default=0,
    show_default=True,
    help="The part of each balance it adds to. Workers that share one wait for each other.",
)
@click.option("--clock", type=_Instant(), hidden=True, help="An instant at which its clock stands still.")
@click.option("--supervised", is_flag=True, hidden=True, help="End with the process that holds our standard input.")
@configured
def worker(
    out: Output, settings: Settings, *, batch: int, shard: int, clock: datetime | None, supervised: bool
) -> None:
    """Settle what comes in: one worker, until it is told to stop.

    Any number of them may work on one database, on any machine; `crossdock serve` starts its own. Ctrl-C or SIGTERM
    ends it after the batch at hand; killing it harms nothing.
    """
    from crossdock.app import database
    from crossdock.app.workers import stop_with_parent
    from crossdock.clock import FixedClock, SystemClock
    from crossdock.engine.worker import Worker

    log_to_stderr()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if supervised:
        stop_with_parent(stop)  # who started us made the database ready
    url = settings.database_url if supervised and settings.database_url else database.ready(settings)
    totals: Counter[str] = Counter()

    def count(settled: Settled) -> None:
        totals.update(settled._asdict())

    if not supervised:
        advise(f"Settling for tenant {settings.tenant}. Ctrl-C ends it.")
    tenant = database.tenant(url, settings)
    chosen = FixedClock(clock) if clock else SystemClock()
    Worker(url, tenant, clock=chosen, shard=shard, batch=batch).run(stop=stop.is_set, settled=count)
    if out.as_json:
        out.line({name: totals[name] for name in ("messages", "events", "copies", "rejected", "wakes")})
    elif not supervised:
        advise(f"Settled {totals['messages']:,} messages holding {totals['events']:,} events.")


def _end_with_parent() -> None:
    from crossdock.app.workers import stop_with_parent

    class Ending(threading.Event):
        def set(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    stop_with_parent(Ending())


def log_to_stderr() -> None:
    """What a person who runs it should know, one line each."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
