"""A deliverer as a process: the loop that sends, the connectors that it sends by, and the files that it picks up."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import threading

import uvloop

from crossdock.app.connections import open_connector
from crossdock.app.picking_up import look_after_all
from crossdock.app.vault import unsealing
from crossdock.engine.deliverer import Deliverer
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Connector

# Settle workers count from 0; balances of deliverers lie in shards of their own.
_FIRST_SHARD = 1_000
_FILES_SECONDS = 5.0


def worker_name() -> str:
    """A name that no other process has or had."""
    return f"{socket.gethostname()[:40]}/{os.getpid()}/{secrets.token_hex(4)}"


def deliver(url: str, tenant: int, *, number: int = 0, stop: threading.Event) -> None:
    """Deliver the tenant's commands until `stop` is set or SIGTERM or SIGINT comes; `number` counts deliverers."""
    uvloop.run(_deliver(url, tenant, number, stop))


async def _deliver(url: str, tenant: int, number: int, stop: threading.Event) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, ending.set)

    def wait() -> None:
        stop.wait()
        loop.call_soon_threadsafe(ending.set)

    threading.Thread(target=wait, name="stop", daemon=True).start()
    worker = worker_name()
    files = threading.Thread(
        target=look_after_all, args=(url, tenant), name="files", daemon=True,
        kwargs={"worker": worker, "environment": os.environ, "stop": stop},
    )  # fmt: skip
    files.start()

    unseal = unsealing(url, tenant, os.environ)

    def open_by_environment(name: str, configured: Configured) -> Connector | None:
        return open_connector(name, configured, os.environ, unseal)

    await Deliverer(url, tenant, open_by_environment, worker=worker, shard=_FIRST_SHARD + number).run(ending)
    stop.set()
    files.join(_FILES_SECONDS)
