"""One HTTP exchange, bounded in time and size, told apart by whether the request can have reached the system."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from ssl import SSLContext
from typing import Any, Final, Literal, NamedTuple

import aiohttp
import msgspec

from crossdock.kit.outcomes import Evidence

_EXCERPT: Final = 4_000
_MASK: Final = "(secret)"
_CONNECT_SHARE: Final = 0.5
_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode

What = Literal["apply", "find", "get", "changes", "check"]


class Answer(NamedTuple):
    """What came back, whole and within its limits; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Request(NamedTuple):
    """What to ask; `document` is sent as JSON."""

    what: What
    method: str
    path: str
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    document: Any = None


class Exchanged(NamedTuple):
    """What came of it. Without an answer, `problem` says why and `never_sent` whether it certainly did not arrive."""

    evidence: Evidence
    answer: Answer | None = None
    problem: str = ""
    never_sent: bool = False


class Client:
    """Speaks to one address with one credential. Follows nothing, repeats nothing, decompresses nothing."""

    def __init__(
        self,
        address: str,
        *,
        bearer: str | None,
        timeout_seconds: float,
        concurrency: int,
        bytes_max: int,
        secrets: Sequence[str] = (),
        tls: SSLContext | None = None,
    ) -> None:
        """Must be made within a running event loop.

        `secrets` are masked in evidence; `tls` says whom we trust and who we are.
        """
        self._address = address.rstrip("/")
        self._secrets = [secret for secret in (bearer, *secrets) if secret]
        self._bytes_max = bytes_max
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "crossdock"}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=concurrency + 2, keepalive_timeout=4.0, ssl=tls or True),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=timeout_seconds * _CONNECT_SHARE),
            headers=headers,
            auto_decompress=False,
            trust_env=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Give back the connections."""
        await self._session.close()

    async def exchange(self, request: Request) -> Exchanged:
        """Ask once. Never raises for what the other side or the network does."""
        body = None if request.document is None else _ENCODE(request.document)
        headers = dict(request.headers or {})
        if body is not None:
            headers["Content-Type"] = "application/json"
        started = time.perf_counter_ns()
        problem, never_sent = "", False
        answer: Answer | None = None
        status: int | None = None
        partial = b""
        try:
            async with self._session.request(
                request.method,
                self._address + request.path,
                params=request.query,
                data=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                told = {name.lower(): self._hidden(value) for name, value in response.headers.items()}
                status = response.status
                partial = await self._read(response)
                answer = Answer(response.status, told, self._masked(partial))
                if len(partial) > self._bytes_max:
                    problem = f"the answer is larger than {self._bytes_max:,} bytes"
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as refused:
            problem, never_sent = f"no connection: {type(refused).__name__}", True
        except TimeoutError:
            problem = "no whole answer in time"
        except (aiohttp.ClientError, OSError, ValueError) as cut:
            problem = f"the connection broke: {type(cut).__name__}"
        if problem:
            answer = None
        took_us = (time.perf_counter_ns() - started) // 1_000
        return Exchanged(self._evidence(request, body, status, partial, took_us), answer, problem, never_sent)

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, and one byte more than is allowed if it is larger."""
        parts, size = [], 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > self._bytes_max:
                break
        return b"".join(parts)

    def _evidence(
        self, request: Request, body: bytes | None, status: int | None, answer: bytes, took_us: int
    ) -> Evidence:
        sent = body or b""
        line = self._told(f"{request.method} {request.path}\n".encode() + sent)
        return Evidence(
            what=request.what,
            took_us=took_us,
            sent_hash=blake2b(sent, digest_size=16).hexdigest(),
            sent=line[:_EXCERPT],
            status=status,
            answer=self._told(answer[:_EXCERPT]),
        )

    def _told(self, content: bytes) -> str:
        return self._hidden(content[: 2 * _EXCERPT].decode("utf-8", "replace"))[:_EXCERPT]

    def _hidden(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return text

    def _masked(self, content: bytes) -> bytes:
        """What a system says, without the secrets that it repeats: its words go into reasons, messages and logs."""
        for secret in self._secrets:
            content = content.replace(secret.encode(), _MASK.encode())
        return content
