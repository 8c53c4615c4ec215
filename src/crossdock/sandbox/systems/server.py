"""A system on a port: plain ASGI on uvicorn, with the faults between the line and the system."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import uvicorn

from crossdock.sandbox.systems.chassis import PEER_HEADER, System
from crossdock.sandbox.systems.clock import stamp
from crossdock.sandbox.systems.control import shown
from crossdock.sandbox.systems.faults import NO_FAULTS, Down, Gate, Luck, luck
from crossdock.sandbox.systems.garbage import spoilt
from crossdock.sandbox.systems.web import Answer, Refused, Request, Routes, said

_LOOK_SECONDS: Final = 0.5
_FOREVER_SECONDS: Final = 3_600
_PAGES: Final = ("/feed", "/wmsb/changes")
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Server:
    """Serves one system until it is told to stop, or until its parent is gone."""

    def __init__(self, system: System[Any]) -> None:
        self.system = system
        self._routes = Routes(
            {
                "GET /health": self._health,
                "GET /control": self._show_control,
                "PUT /control": self._change_control,
                "GET /control/book": self._show_book,
                **system.routes(),
            }
        )
        self._gate = Gate()
        self._requests = 0
        self._down_until: float | None = None
        self._uvicorn = uvicorn.Server(
            uvicorn.Config(self, http="httptools", lifespan="off", access_log=False, log_level="warning", backlog=1024)
        )
        self._port = 0

    async def run(self, port: int, parent: int | None = None) -> None:
        """Serve; prints one line of JSON when it listens."""
        listening = _listen(port)
        self._port = listening.getsockname()[1]
        await self.system.start()
        self._apply_down()
        await self.system.book.saved()
        line = {"system": self.system.name, "port": self._port, "pid": os.getpid()}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        watching = asyncio.create_task(self._watch(parent))
        try:
            await self._uvicorn.serve([listening])
        finally:
            watching.cancel()
            await self.system.stop()

    # -- one request --------------------------------------------------------------------------------------------------

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request, or do to it what the faults say."""
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        request = Request(scope["method"], scope["path"], scope["query_string"], scope["headers"], body)
        try:
            answer = await self._answer(request)
        except Dropped:
            await _drop(send)
            return
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": raw})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: Request) -> Answer:
        if request.path == "/health" or request.path.startswith("/control"):
            return await self._work(request)
        faults, system = self.system.control.faults, self.system
        self._requests += 1
        if faults is NO_FAULTS:
            return await self._work(request)
        if self._is_down(faults.down):
            return self._away(faults.down)
        wait = self._gate.wait_seconds(faults.rate_per_second) if faults.rate_per_second else 0.0
        if wait:
            return said({"code": "too_many", "message": "slow down"}, 429, Retry_After=str(max(1, round(wait))))
        drawn = luck(faults, f"{system.control.seed}/{system.name}", self._requests, is_page=request.path in _PAGES)
        return await self._unlucky(request, drawn)

    async def _unlucky(self, request: Request, drawn: Luck) -> Answer:
        """Answer with all that goes wrong on the way."""
        system, faults = self.system, self.system.control.faults
        if drawn.delay_seconds:
            await asyncio.sleep(drawn.delay_seconds)
        if drawn.hang:
            await asyncio.sleep(_FOREVER_SECONDS)
            raise Dropped
        if drawn.error:
            return said({"code": "unavailable", "message": "something went wrong"}, drawn.error)
        is_peer = PEER_HEADER in request.headers
        if drawn.refuse and request.method != "GET" and not is_peer:
            return system.worded(Refused(422, "refused", faults.refuse_reason))
        answer = await self._work(request)
        if drawn.timeout_after:
            await asyncio.sleep(faults.hold_seconds)
            raise Dropped
        if drawn.garbage and not is_peer:
            return spoilt(answer, drawn.garbage, request.query.get("after", ""))
        return answer

    async def _work(self, request: Request) -> Answer:
        """Let the system answer, when what it did is durable."""
        system = self.system
        open_to_all = request.path == "/health" or request.path.startswith("/control")
        try:
            handler = self._routes.find(request)
            token = system.control.token
            if token and not open_to_all and request.headers.get("authorization") != f"Bearer {token}":
                raise Refused(401, "unauthorized", "a token is needed")  # noqa: TRY301  # refusals are answered below
            answer = handler(request)
            told = await answer if inspect.isawaitable(answer) else answer
        except Refused as no:
            told = system.worded(no)
        await system.book.saved()
        return told

    # -- being away ---------------------------------------------------------------------------------------------------

    def _is_down(self, down: Down | None) -> bool:
        return down is not None and (self._down_until is None or time.monotonic() < self._down_until)

    def _away(self, down: Down | None) -> Answer:
        if down and down.how != "503":
            raise Dropped
        return said({"code": "down", "message": "closed for maintenance"}, 503, Retry_After="2")

    def _apply_down(self) -> None:
        down = self.system.control.faults.down
        if down is None:
            return
        self._down_until = None if down.seconds is None else time.monotonic() + down.seconds
        if down.how == "refuse" and down.seconds is not None and self._uvicorn.started:
            asyncio.get_running_loop().call_later(0.05, self._shut)
            asyncio.get_running_loop().call_later(down.seconds, lambda: asyncio.ensure_future(self._reopen()))

    def _shut(self) -> None:
        """Refuse connections: close the port, and what is connected."""
        for server in self._uvicorn.servers:
            server.close()
        for connection in list(self._uvicorn.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    async def _reopen(self) -> None:
        """Listen again at the same port."""
        config, server = self._uvicorn.config, self._uvicorn

        def protocol() -> asyncio.Protocol:
            return config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn itself makes them
                config=config, server_state=server.server_state, app_state={}
            )

        loop = asyncio.get_running_loop()
        server.servers = [await loop.create_server(protocol, sock=_listen(self._port))]

    async def _watch(self, parent: int | None) -> None:
        """Leave when the parent is gone: nothing of the sandbox may outlive who started it."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if parent is not None and os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)
                return

    # -- control ------------------------------------------------------------------------------------------------------

    def _health(self, _: Request) -> Answer:
        return said({"system": self.system.name, "status": "ok", "now": stamp(self.system.now_ms())})

    def _show_control(self, _: Request) -> Answer:
        system = self.system
        return said({**shown(system.control), "now": stamp(system.now_ms()), "requests": self._requests})

    def _change_control(self, request: Request) -> Answer:
        before = self.system.control.faults.down
        self.system.configure(request.body)
        if self.system.control.faults.down != before:
            self._apply_down()
        return self._show_control(request)

    def _show_book(self, request: Request) -> Answer:
        parts, part = _book(self.system), request.query.get("part")
        if part is not None and part not in parts:
            raise Refused(404, "not_found", f"a book has {', '.join(parts)}")
        return said({name: show() for name, show in parts.items() if part in (None, name)})


def _book(system: System[Any]) -> dict[str, Callable[[], object]]:
    """The parts of a book, each shown when it is asked for."""
    book = system.book
    hidden = ("print", "answer")
    return {
        "system": lambda: system.name,
        "now": lambda: stamp(system.now_ms()),
        "deeds": lambda: [
            {name: getattr(deed, name) for name in deed.__struct_fields__ if name not in hidden}
            for deed in book.deeds.values()
        ],
        "records": lambda: {entity: {one.id: one.body for one in book.all(entity)} for entity in book.entities()},
        "outgoing": lambda: {
            "waiting": sum(outgoing.dead is None for outgoing in book.outgoing.values()),
            "sent": sum(count for name, count in book.values.items() if name.startswith("sent/")),
            "dead": [outgoing for outgoing in book.outgoing.values() if outgoing.dead is not None],
        },
        "counters": lambda: {name: value for name, value in book.values.items() if isinstance(value, int)},
        "jobs": lambda: len(book.jobs),
    }


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(1024)
    return listening


async def _drop(send: Send) -> None:
    """Close the connection without an answer; uvicorn has no word for it, so its transport is asked directly."""
    exchange = getattr(send, "__self__", None)
    if exchange is not None:
        exchange.transport.abort()
    await asyncio.sleep(0.01)
