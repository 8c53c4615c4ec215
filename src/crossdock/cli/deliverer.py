"""`crossdock deliverer`: the program that sends commands to the systems they are for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import Output, advise, configured

if TYPE_CHECKING:
    from crossdock.settings import Settings


@click.command()
@click.option("--shard", type=click.IntRange(0, 1_000), default=0, show_default=True, help="Which deliverer this is.")
@click.option("--supervised", is_flag=True, hidden=True, help="End with the process that holds our standard input.")
@configured
def deliverer(out: Output, settings: Settings, *, shard: int, supervised: bool) -> None:
    """Send commands to the systems they are for: one deliverer, until it is told to stop.

    Any number of them may work on one database; `crossdock serve` starts its own. Ctrl-C or SIGTERM ends it when what
    it sent is heard of; what a killed one was sending is taken over by another within seconds, which looks first.
    """
    from crossdock.app import database
    from crossdock.app.delivering import deliver
    from crossdock.app.workers import stop_with_parent
    from crossdock.cli.serve import log_to_stderr

    log_to_stderr()
    stop = threading.Event()
    if supervised:
        stop_with_parent(stop)
    url = settings.database_url if supervised and settings.database_url else database.ready(settings)
    tenant = database.tenant(url, settings)
    if not supervised and not out.as_json:
        advise(f"Delivering for tenant {settings.tenant}. Ctrl-C ends it.")
    deliver(url, tenant, number=shard, stop=stop)
