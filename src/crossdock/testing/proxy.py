"""A proxy that does harm, as a process: it stands before a real system and spoils some of what passes.

    with Between(address) as proxy:
        proxy.fault("cut_after", first=3, count=1)
        ... ask at proxy.address ...
        proxy.seen()

Requests are counted from 0 since the last fault was set; those of `[first, first + count)`, or every so many of all,
are spoiled by its mode. What the system never sees: `down` and `cut_before` break the connection, `busy` answers 429,
`refuse` 401, `fail` 500. What it has done by then: `cut_after` breaks the connection, `late` lets the answer wait,
`halt` for ever, `garble` cuts its body short, `html` replaces it. `delay_seconds` slows everything down.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp import web

MODES: Final = ("pass", "down", "busy", "refuse", "fail", "cut_before", "cut_after", "late", "garble", "html", "halt")
_REFUSALS: Final[dict[str, tuple[int, dict[str, str]]]] = {
    "busy": (429, {"Retry-After": "7"}),
    "refuse": (401, {}),
    "fail": (500, {}),
}
_KEPT: Final = {"content-type", "retry-after", "etag", "location", "idempotency-replayed"}
_NOT_PASSED_ON: Final = {"host", "connection", "content-length"}
_BODY_MAX: Final = 50_000_000
_HALT_SECONDS: Final = 600
_ASK_SECONDS: Final = 10


class Proxy:
    """Passes requests on, and spoils those it was told to."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.fault: dict[str, Any] = {"mode": "pass"}
        self.seen = 0
        self.client: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request; `PUT /__fault` sets the fault, `GET /__seen` tells how many have come since."""
        if request.path == "/__fault":
            self.fault, self.seen = await request.json(), 0
            return web.json_response({})
        if request.path == "/__seen":
            return web.json_response({"seen": self.seen})
        number, self.seen = self.seen, self.seen + 1
        mode = self._mode(number)
        await asyncio.sleep(self.fault.get("delay_seconds", 0))
        if mode in {"down", "cut_before"}:
            return self._cut(request)
        if mode in _REFUSALS:
            status, headers = _REFUSALS[mode]
            return web.json_response({"message": mode}, status=status, headers=headers)
        return await self._spoiled(mode, request, *await self._ask(request))

    async def _spoiled(
        self, mode: str, request: web.Request, status: int, headers: dict[str, str], body: bytes
    ) -> web.StreamResponse:
        if mode == "cut_after":
            return self._cut(request)
        if mode in {"late", "halt"}:
            await asyncio.sleep(_HALT_SECONDS if mode == "halt" else self.fault.get("seconds", 3))
        if mode == "garble":
            body = body[: len(body) // 2]
        if mode == "html":
            headers, body = {"Content-Type": "text/html"}, b"<html>sign in</html>"
        return web.Response(body=body, status=status, headers=headers)

    def _mode(self, number: int) -> str:
        fault = self.fault
        every = fault.get("every")
        if every is not None:
            return str(fault["mode"]) if number % every == 0 else "pass"
        first = fault.get("first", 0)
        return str(fault["mode"]) if first <= number < first + fault.get("count", sys.maxsize) else "pass"

    async def _ask(self, request: web.Request) -> tuple[int, dict[str, str], bytes]:
        if self.client is None:
            self.client = aiohttp.ClientSession(auto_decompress=False)
        told = {name: value for name, value in request.headers.items() if name.lower() not in _NOT_PASSED_ON}
        body = await request.read()
        try:
            async with self.client.request(
                request.method, self.target + request.raw_path, data=body, headers=told, allow_redirects=False
            ) as answer:
                headers = {name: value for name, value in answer.headers.items() if name.lower() in _KEPT}
                return answer.status, headers, await answer.read()
        except aiohttp.ClientError:
            return 503, {"Content-Type": "application/json"}, b'{"message": "nobody is there"}'

    def _cut(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()


class Between:
    """A proxy's process, as a test holds it."""

    def __init__(self, target: str) -> None:
        command = [sys.executable, "-m", "crossdock.testing.proxy", target]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603
        if self._process.stdout is None:
            raise RuntimeError("a proxy has no output")
        self.address = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def fault(self, mode: str, **more: float) -> None:
        """Do this harm from now on, and count requests anew."""
        if mode not in MODES:
            raise ValueError(f"{mode} is none of {', '.join(MODES)}")
        body = json.dumps({"mode": mode, **more}).encode()
        request = urllib.request.Request(f"{self.address}/__fault", body, method="PUT")  # noqa: S310  # loopback
        urllib.request.urlopen(request, timeout=_ASK_SECONDS).close()  # noqa: S310

    def seen(self) -> int:
        """How many requests have come since the fault was set."""
        with urllib.request.urlopen(f"{self.address}/__seen", timeout=_ASK_SECONDS) as answer:  # noqa: S310
            return int(json.load(answer)["seen"])

    def until_seen(self, count: int, seconds: float = 20) -> bool:
        """Wait until so many requests have come; did they?"""
        give_up_at = time.monotonic() + seconds
        while self.seen() < count:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.01)
        return True


async def _serve(target: str) -> None:
    proxy = Proxy(target)
    app = web.Application(client_max_size=_BODY_MAX)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)  # noqa: T201  # whoever started it reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with whoever started it


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
