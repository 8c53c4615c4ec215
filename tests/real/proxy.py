"""A proxy that does harm, as a process: it stands before a real system and spoils some of what passes.

Started as `python -m tests.real.proxy TARGET`; prints its port. `PUT /__fault` sets what it does from then on,
`GET /__seen` tells how many requests have come since.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from typing import Any, Self

import aiohttp
from aiohttp import web

MODES = ("pass", "down", "busy", "refuse", "fail", "cut_before", "cut_after", "late", "garble", "html", "halt")
REFUSALS: dict[str, tuple[int, dict[str, str]]] = {
    "busy": (429, {"Retry-After": "7"}),
    "refuse": (401, {}),
    "fail": (500, {}),
}


class Proxy:
    """Requests are counted from 0; those of `[first, first + count)`, or every so many of all, are spoiled by `mode`.

    Not done by the system: `down` and `cut_before` break the connection, `busy` answers 429, `refuse` 401, `fail` 500.
    Done by it: `cut_after` breaks the connection then, `late` lets the answer wait, `halt` for ever, `garble` cuts its
    body short, `html` replaces it. `delay_seconds` slows everything down.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.fault: dict[str, Any] = {"mode": "pass"}
        self.seen = 0
        self.client: aiohttp.ClientSession | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
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
        if mode in REFUSALS:
            status, headers = REFUSALS[mode]
            return web.json_response({"message": mode}, status=status, headers=headers)
        return await self._spoiled(mode, request, *await self._ask(request))

    async def _spoiled(
        self, mode: str, request: web.Request, status: int, headers: dict[str, str], body: bytes
    ) -> web.StreamResponse:
        if mode == "cut_after":
            return self._cut(request)
        if mode in {"late", "halt"}:
            await asyncio.sleep(600 if mode == "halt" else self.fault.get("seconds", 3))
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
        return str(fault["mode"]) if first <= number < first + fault.get("count", 1_000_000) else "pass"

    async def _ask(self, request: web.Request) -> tuple[int, dict[str, str], bytes]:
        if self.client is None:
            self.client = aiohttp.ClientSession(auto_decompress=False)
        told = {k: v for k, v in request.headers.items() if k.lower() not in {"host", "connection", "content-length"}}
        body = await request.read()
        try:
            async with self.client.request(
                request.method, self.target + request.raw_path, data=body, headers=told, allow_redirects=False
            ) as answer:
                kept = {"content-type", "retry-after", "etag", "location", "idempotency-replayed"}
                headers = {k: v for k, v in answer.headers.items() if k.lower() in kept}
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
        command = [sys.executable, "-m", "tests.real.proxy", target]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.address = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def fault(self, mode: str, **more: Any) -> None:
        assert mode in MODES
        body = json.dumps({"mode": mode, **more}).encode()
        urllib.request.urlopen(
            urllib.request.Request(f"{self.address}/__fault", body, method="PUT"), timeout=10
        ).close()

    def seen(self) -> int:
        with urllib.request.urlopen(f"{self.address}/__seen", timeout=10) as answer:
            return int(json.load(answer)["seen"])

    def until_seen(self, count: int, seconds: float = 20) -> bool:
        """Wait until so many requests have come; did they?"""
        give_up_at = time.monotonic() + seconds
        while self.seen() < count:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.01)
        return True


async def main(target: str) -> None:
    proxy = Proxy(target)
    app = web.Application(client_max_size=50_000_000)
    app.router.add_route("*", "/{path:.*}", proxy.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    print(json.dumps({"port": port}), flush=True)  # noqa: T201
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with whoever started it


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
