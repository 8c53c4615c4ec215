"""What leaves a system by itself: messages to Crossdock, files, signed hints. Kept in the book until it has arrived."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import aiohttp

from crossdock.sandbox.systems.book import Book, Outgoing
from crossdock.sandbox.systems.control import Control

_LOG = logging.getLogger(__name__)
_SENDERS: Final = 8
_HINTERS: Final = 4
_HINT_TRIES: Final = 5
_FIRST_WAIT_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 2.0
_OK: Final = range(200, 300)
_WRONG: Final = range(400, 500)
_COME_AGAIN: Final = (401, 403, 408, 425, 429)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What stands in `X-Sandbox-Signature`."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return "sha256=" + signed.hexdigest()


class Outbox:
    """Sends what the book says is on its way, again and again, until it is taken."""

    def __init__(self, name: str, book: Book, control: Callable[[], Control]) -> None:
        self._name = name
        self._book = book
        self._control = control
        self._messages: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._hints: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, http: aiohttp.ClientSession) -> None:
        """Go on with what the book still holds."""
        for outgoing in self._book.outgoing.values():
            if outgoing.dead is None:
                self._queue(outgoing)
        for queue, count in ((self._messages, _SENDERS), (self._hints, _HINTERS)):
            self._tasks += [asyncio.create_task(self._work(queue, http)) for _ in range(count)]

    def stop(self) -> None:
        """What has not left stays in the book."""
        for task in self._tasks:
            task.cancel()

    def message(self, source: str, content_type: str, body: str) -> None:
        """Send a message as a source: by POST, or as a file if it is none of JSON and there is a folder for files."""
        control, json = self._control(), content_type.startswith("application/json")
        kind = "file" if control.outbox and not json else "message"
        luck = Random(f"{control.seed}/{self._name}/message/{self._book.values.get('ids/outgoing', 0)}")
        for _ in range(2 if luck.random() < control.faults.doubled_messages else 1):
            self._queue(self._book.send(kind, source, content_type, body))

    def hint(self, body: str) -> None:
        """Call the webhook, if there is one; some calls are lost, doubled or forged."""
        control = self._control()
        if not control.hooks.address:
            return
        faults, luck = control.faults, Random(f"{control.seed}/{self._name}/hint/{self._book.count('hints')}")
        lost, doubled, forged = (luck.random() for _ in range(3))
        if lost >= faults.lost_hooks:
            outgoing = self._book.send("hint", "doubled" if doubled < faults.doubled_hooks else "", "", body)
            self._queue(outgoing)
        if forged < faults.forged_hooks:
            self._queue(self._book.send("hint", "forged", "", body))

    def _queue(self, outgoing: Outgoing) -> None:
        (self._hints if outgoing.kind == "hint" else self._messages).put_nowait(outgoing)

    async def _work(self, queue: asyncio.Queue[Outgoing], http: aiohttp.ClientSession) -> None:
        while True:
            outgoing = await queue.get()
            await self._book.saved()
            wait, tries = _FIRST_WAIT_SECONDS, 1
            while (dead := await self._attempt(outgoing, http)) == "again":
                if outgoing.kind == "hint" and tries == _HINT_TRIES:
                    dead = None
                    break
                await asyncio.sleep(wait)
                wait, tries = min(2 * wait, _LONGEST_WAIT_SECONDS), tries + 1
            self._book.sent(outgoing, dead)

    async def _attempt(self, outgoing: Outgoing, http: aiohttp.ClientSession) -> str | None:
        """Try once: None if it was taken, `again`, or why it never will be."""
        try:
            if outgoing.kind == "file":
                self._drop(outgoing)
                return None
            if outgoing.kind == "hint":
                return await self._call(outgoing, http)
            return await self._post(outgoing, http)
        except (aiohttp.ClientError, TimeoutError, OSError) as failed:
            _LOG.debug("%s: %s %s: %r", self._name, outgoing.kind, outgoing.id, failed)
            return "again"

    async def _post(self, outgoing: Outgoing, http: aiohttp.ClientSession) -> str | None:
        crossdock = self._control().crossdock
        if not crossdock.address:
            return "again"
        headers = {
            "Authorization": f"Bearer {crossdock.keys.get(outgoing.source, '')}",
            "Content-Type": outgoing.content_type,
            "Idempotency-Key": f"{self._name}/{outgoing.id}",
            "X-Sandbox-Source": outgoing.source,
        }
        address = f"{crossdock.address}/v1/messages"
        async with http.post(address, data=outgoing.body.encode(), headers=headers) as answer:
            told = await answer.text()
        if answer.status in _OK:
            return None
        refused = answer.status in _WRONG and answer.status not in _COME_AGAIN
        return f"{answer.status}: {told[:500]}" if refused else "again"

    async def _call(self, outgoing: Outgoing, http: aiohttp.ClientSession) -> str | None:
        control, body = self._control(), outgoing.body.encode()
        timestamp = str(int(time.time() + control.faults.clock_skew_seconds))
        secret = "not the secret" if outgoing.source == "forged" else control.hooks.secret
        headers = {
            "Content-Type": "application/json",
            "X-Sandbox-System": self._name,
            "X-Sandbox-Delivery": f"{self._name}/{outgoing.id}",
            "X-Sandbox-Timestamp": timestamp,
            "X-Sandbox-Signature": signature(secret, timestamp, body),
        }
        for _ in range(2 if outgoing.source == "doubled" else 1):
            async with http.post(control.hooks.address, data=body, headers=headers) as answer:
                if outgoing.source != "forged" and answer.status not in _OK:
                    return "again"
        return None

    def _drop(self, outgoing: Outgoing) -> None:
        """Write a file under another name, then rename it, so that nobody reads half of it."""
        kind, ending = (
            (outgoing.content_type.partition("layout=")[2], "csv") if "csv" in outgoing.content_type else ("x12", "x12")
        )
        folder = Path(self._control().outbox or ".") / outgoing.source.replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{kind}-{outgoing.id:08d}.{ending}"
        draft = path.with_name(path.name + ".tmp")
        draft.write_text(outgoing.body, encoding="utf-8", newline="")
        draft.rename(path)
