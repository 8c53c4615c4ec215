"""Docket, an example of a system to connect: it keeps papers, tells repeats apart, has a feed and signed hooks.

    with running() as docket:
        docket.address, docket.token, docket.secret

| request | answer |
|---|---|
| `GET /health` | 200 |
| `POST /papers` `{reference, kind, content}` | 201 with the paper; 200 with the known one, if it comes again |
| `POST /papers/NO/void` `{reference}` | 200 with the paper, void; 409 if it is void under another reference |
| `GET /papers?reference=R` | `{papers: [...]}`: those that R made or made void |
| `GET /papers/NO` | the paper, or 404 |
| `GET /changes?after=N` | `{papers: [...], next: N, more}`: what changed after a number, at most ten |

Every request carries `Authorization: Bearer TOKEN`, else 401. A hook is `{paper: NO}`, its signature the HMAC-SHA256 of
the body under the secret, in the header `X-Docket-Signature`. It keeps its papers in memory.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from aiohttp import web

TOKEN: Final = "docket-token"  # noqa: S105  # of an example
SECRET: Final = "docket-hook-secret"  # noqa: S105
_PAGE: Final = 10
_ASK_SECONDS: Final = 10
Paper = dict[str, Any]


class Docket:
    """Papers by number; `changes` lists their numbers, each time they change."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}
        self.changes: list[str] = []

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401  # as aiohttp has it
        """Nobody without the token."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"message": "who are you?"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def health(self, _: web.Request) -> web.Response:
        """All is well."""
        return web.json_response({"papers": len(self.papers)})

    async def make(self, request: web.Request) -> web.Response:
        """A paper, once for each reference."""
        asked = await request.json()
        known = next((one for one in self.papers.values() if one["reference"] == asked["reference"]), None)
        if known is not None:
            return web.json_response(known | {"repeated": True})
        if asked["kind"] not in {"post_goods_issue", "release_order"}:
            return web.json_response({"message": f"no paper is called {asked['kind']}"}, status=422)
        no = f"P{len(self.papers) + 1:05}"
        paper = {"no": no, "reference": asked["reference"], "kind": asked["kind"], "content": asked["content"],
                 "state": "open", "voided_by": None}  # fmt: skip
        self._keep(paper)
        return web.json_response(paper, status=201)

    async def void(self, request: web.Request) -> web.Response:
        """Make a paper void, once."""
        paper, asked = self.papers.get(request.match_info["no"]), await request.json()
        if paper is None:
            return web.json_response({"message": "no such paper"}, status=404)
        if paper["state"] == "void":
            if paper["voided_by"] != asked["reference"]:
                return web.json_response({"message": f"{paper['no']} is void already"}, status=409)
            return web.json_response(paper | {"repeated": True})
        paper |= {"state": "void", "voided_by": asked["reference"]}
        self._keep(paper)
        return web.json_response(paper)

    async def find(self, request: web.Request) -> web.Response:
        """What a reference did."""
        reference = request.query["reference"]
        found = [one for one in self.papers.values() if reference in {one["reference"], one["voided_by"]}]
        return web.json_response({"papers": found})

    async def read(self, request: web.Request) -> web.Response:
        """One paper."""
        paper = self.papers.get(request.match_info["no"])
        return web.json_response(paper or {"message": "no such paper"}, status=200 if paper else 404)

    async def changed(self, request: web.Request) -> web.Response:
        """What changed after a number."""
        after = int(request.query.get("after", "0"))
        numbers = self.changes[after : after + _PAGE]
        page = [self.papers[no] for no in dict.fromkeys(numbers)]
        until = after + len(numbers)
        return web.json_response({"papers": page, "next": str(until), "more": until < len(self.changes)})

    def _keep(self, paper: Paper) -> None:
        self.papers[paper["no"]] = paper
        self.changes.append(paper["no"])


async def serve() -> None:
    """Serve a docket on a free port, which is printed, until the input ends."""
    docket = Docket()
    app = web.Application(middlewares=[docket.guard])
    app.add_routes([
        web.get("/health", docket.health), web.post("/papers", docket.make), web.get("/papers", docket.find),
        web.post("/papers/{no}/void", docket.void), web.get("/papers/{no}", docket.read),
        web.get("/changes", docket.changed),
    ])  # fmt: skip
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)  # noqa: T201  # whoever started it reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


class Running(NamedTuple):
    """A docket in a process of its own."""

    address: str

    def ask(self, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401  # whatever JSON it answers
        """Ask it as its own people would."""
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.address}{path}", body, method=method)  # noqa: S310  # loopback
        request.add_header("Authorization", f"Bearer {TOKEN}")
        with urllib.request.urlopen(request, timeout=_ASK_SECONDS) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def running() -> Iterator[Running]:
    """A docket that ends with its caller."""
    program = [sys.executable, "-m", "crossdock.testing.docket"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own
        if process.stdout is None:
            raise RuntimeError("a docket has no output")
        try:
            yield Running(f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}")
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve())
