"""A system to deliver to, as a process: books every deed, and misbehaves as it is told to.

Started as `python system.py`; prints its port. `PUT /control` sets members of `Mood`; `GET /book` shows what it did.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import Any

from aiohttp import web

SENTENCES = {
    "html": (200, "text/html", b"<html>sign in</html>"),
    "error_in_200": (200, "application/json", b'{"error": {"code": "BROKEN", "message": "no such table"}}'),
    "refused_in_200": (200, "application/json", b'{"error": {"code": "E900", "message": "not in this period"}}'),
    "truncated": (200, "application/json", b'{"id": "D1", "order'),
    "invalid": (422, "application/json", b'{"code": "invalid", "message": "quantity is wrong"}'),
    "stale": (412, "application/json", b'{"code": "stale"}'),
    "broken": (500, "application/json", b'{"code": "internal"}'),
    "down": (503, "application/json", b'{"code": "down"}'),
    "busy": (429, "application/json", b'{"code": "busy"}'),
    "stranger": (401, "application/json", b'{"code": "who"}'),
    "large": (200, "application/json", b'{"id": "' + b"9" * 2_000_000 + b'"}'),
}
ELSEWHERE = {"elsewhere": (302, "text/plain", b"")}
DONE_FIRST = {"html", "error_in_200", "truncated", "other", "as_text", "late", "large"}


def said(name: str) -> web.Response:
    """A sentence; one that sends us elsewhere says where."""
    status, media, answer = (SENTENCES | ELSEWHERE)[name]
    headers = {"Location": "/login"} if name in ELSEWHERE else {}
    return web.Response(status=status, body=answer, content_type=media, headers=headers)


class System:
    def __init__(self) -> None:
        self.script: list[str] = []
        self.always: str | None = None
        self.once: dict[str, str] = {}
        self.latency_seconds = 0.0
        self.is_idempotent = True
        self.retry_after: str | None = None
        self.find_says: str | None = None
        self.record_says: dict[str, str] = {}
        self.feed_says: str | None = None
        self.feed_asked = 0
        self.records: dict[str, dict[str, Any]] = {}
        self.done: dict[str, dict[str, Any]] = {}
        self.times: Counter[str] = Counter()
        self.received: Counter[str] = Counter()
        self.order: list[str] = []
        self.looked: list[str] = []
        self.at: list[float] = []
        self.most = 0
        self.now = 0

    async def deed(self, request: web.Request) -> web.StreamResponse:
        key = request.headers["Idempotency-Key"]
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self._deed(request, key)
        finally:
            self.now -= 1

    async def _deed(self, request: web.Request, key: str) -> web.StreamResponse:
        self.received[key] += 1
        self.at.append(asyncio.get_running_loop().time())
        body = await request.json()
        mood = self.once.pop(key, None) or (self.script.pop(0) if self.script else self.always)
        if self.latency_seconds:
            await asyncio.sleep(self.latency_seconds)
        if mood == "hang":
            await asyncio.sleep(60)
        if mood is None or mood in DONE_FIRST:
            self._do(key, request.path, body)
        if mood is None:
            return web.json_response(self.done[key], status=201)
        if mood == "late":
            await asyncio.sleep(60)
        if mood == "cut":
            assert request.transport is not None
            self._do(key, request.path, body)
            request.transport.close()
            return web.Response()
        if mood == "elsewhere":
            return web.Response(status=302, headers={"Location": "/login"})
        if mood == "other":
            return web.json_response(self.done[key] | {"reference": "of/another/1"}, status=201)
        if mood == "as_text":
            return web.json_response(self.done[key] | {"version": "1"}, status=201)
        status, media, answer = SENTENCES[mood]
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return web.Response(status=status, body=answer, content_type=media, headers=headers)

    def _do(self, key: str, path: str, body: dict[str, Any]) -> None:
        if key in self.done and self.is_idempotent:
            return
        self.times[key] += 1
        self.order.append(key)
        number = f"D{len(self.done) + 1:06}"
        self.done[key] = {"id": number, "reference": key, "version": 1, "path": path, "body": body}

    async def find(self, request: web.Request) -> web.StreamResponse:
        key = request.query["reference"]
        self.looked.append(key)
        if self.find_says in {"other", "as_text"}:
            lie = {"reference": "of/another/1"} if self.find_says == "other" else {"version": "1"}
            return web.json_response({"items": [{"id": "D9", "reference": key, "version": 1} | lie]})
        if self.find_says:
            return said(self.find_says)
        return web.json_response({"items": [self.done[key]] if key in self.done else []})

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """Pages of three; the cursor counts records."""
        self.feed_asked += 1
        if self.feed_says in SENTENCES | ELSEWHERE:
            return said(str(self.feed_says))
        start = int(request.query.get("after", "c0")[1:])
        names = list(self.records)[start : start + 3]
        rows = [{"entity": "goods_issue", "id": name, "record": self.records[name]} for name in names]
        page = {"items": rows, "cursor": f"c{start + len(rows):04}", "more": start + len(rows) < len(self.records)}
        after = request.query.get("after")
        lies: dict[str, dict[str, Any]] = {
            "endless": {"items": [], "more": True, "cursor": after},
            "backwards": {"cursor": "c0000"},
            "no_rows": {"items": "none"},
            "repeats": {"cursor": after},
        }
        return web.json_response(page | lies.get(self.feed_says or "", {}))

    async def record(self, request: web.Request) -> web.StreamResponse:
        found = self.records.get(request.match_info["id"])
        if lie := self.record_says.get(request.match_info["id"]):
            return said(lie)
        return web.json_response(found or {"code": "not_found"}, status=200 if found else 404)

    async def control(self, request: web.Request) -> web.StreamResponse:
        for name, value in (await request.json()).items():
            setattr(self, name, value)
        return web.json_response({})

    async def book(self, _: web.Request) -> web.StreamResponse:
        shown = {name: value for name, value in vars(self).items() if name not in {"script", "always"}}
        return web.json_response(shown)


async def serve() -> None:
    system = System()
    app = web.Application()
    app.router.add_get("/book", system.book)
    app.router.add_put("/control", system.control)
    app.router.add_get("/deeds", system.find)
    app.router.add_get("/feed", system.feed)
    app.router.add_get("/records/{entity}/{id}", system.record)
    app.router.add_post("/{kind}/{action}", system.deed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    await site.start()
    sys.stdout.write(json.dumps({"port": runner.addresses[0][1]}) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # ends with who started it


if __name__ == "__main__":
    asyncio.run(serve())
