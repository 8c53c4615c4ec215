"""The server: the API in this process, settle workers beside it, one tree that starts and stops together.

The API stops first: it finishes what it is answering, while the workers go on. Then they end, each after its batch.
"""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

from crossdock.api.application import create_app
from crossdock.api.connections import Protocol, Server
from crossdock.app.connections import is_reachable
from crossdock.app.hooks import Verifier
from crossdock.app.page_data import PageData
from crossdock.app.workers import Workers
from crossdock.console.application import Console
from crossdock.engine.configuration import load
from crossdock.engine.group_commit import Limits
from crossdock.store import configuration as stored
from crossdock.store.connect import connect

_CHECK_SECONDS: Final = 0.5
_FINISH_SECONDS: Final = 30
_KEEP_ALIVE_SECONDS: Final = 75
_PENDING_CONNECTIONS: Final = 2048


class NotLoopback(PermissionError):
    """The address can be reached from elsewhere, and there is no sign-in yet that would keep strangers out."""


class AddressTaken(OSError):
    """Nothing can listen at the address; the message says why and what to do."""


def serve(  # noqa: PLR0913  # what the command line says
    url: str,
    tenant_name: str,
    *,
    host: str,
    port: int,
    workers: int,
    deliverers: int | None = None,
    limits: Limits,
    messages_per_second: int,
    ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve the tenant from the database at `url` (its schema at the head) until SIGTERM or SIGINT.

    `deliverers` is how many processes send commands; `None` starts one where any connection has an address.
    `ready` is told the address once requests are answered there. `port` 0 is any free one. Must run in the main
    thread. Raises `NotLoopback`, `AddressTaken`, `ConfigurationError` and `DatabaseUnreachable`.
    """
    refuse_other_than_loopback(host)
    with connect(url, purpose="serve") as connection:
        tenant = stored.tenant_id(connection, tenant_name)
        configuration = load(connection, tenant)  # what is missing is said here, before anything listens
    if deliverers is None:
        deliverers = 1 if is_reachable(configuration, os.environ) else 0
    verify = Verifier(url, tenant)
    data = PageData(url, tenant, tenant_name)
    console = Console(data)
    app = create_app(url, tenant, limits=limits, messages_per_second=messages_per_second, site=console, verify=verify)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )
    with _listening(host, port) as listener:
        server = _Announcing(config, lambda: ready(_address(listener)), stopping=console.close)
        with (
            _stopped_by_signals(server),
            Workers(url, tenant_name, workers) as crew,
            _looking_after(crew),
            Workers(url, tenant_name, deliverers, program="deliverer") as senders,
            _looking_after(senders),
        ):
            server.run(sockets=[listener])
    verify.close()
    data.close()


def refuse_other_than_loopback(host: str) -> None:
    """Raise `NotLoopback` unless every address that the name stands for is this machine's own."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as unknown:
        raise AddressTaken(f"{host} is not an address: {unknown.strerror}") from unknown
    if not all(ipaddress.ip_address(str(one).partition("%")[0]).is_loopback for one in found):
        raise NotLoopback(
            f"{host} can be reached from other machines, and there is no sign-in yet: whoever reaches the port could "
            "look around. Bind 127.0.0.1 and put a proxy that authenticates in front"
        )


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(_PENDING_CONNECTIONS)
        except OSError as taken:
            raise AddressTaken(
                f"{host}:{port} cannot be listened on ({taken.strerror}): choose another with --port"
            ) from taken
        yield listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stopped_by_signals(server: Server) -> Iterator[None]:
    """Let the signals that stop the server end it and not the process, before it runs and after.

    uvicorn has handlers of its own while it runs, and raises what it was stopped by again when it ends.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _looking_after(crew: Workers) -> Iterator[None]:
    """Start workers that die again, until the block ends."""
    end = threading.Event()

    def look() -> None:
        while not end.wait(_CHECK_SECONDS):
            crew.check()

    thread = threading.Thread(target=look, name="workers", daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


class _Announcing(Server):
    """Says when it is ready, and when it is about to stop, so that what would never end by itself can be ended."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)
