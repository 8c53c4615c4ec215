"""Intake over HTTP: `POST /v1/messages` and `POST /v1/messages:batch`, answered when what they hold is durable.

These two are plain ASGI and stand before the Litestar application, which serves all the rest. Measured on 2 cores with
20 connections, uvicorn included and storing left out: 42 us of processor a request this way, 79 us as a Litestar
handler. With thousands of requests a second that is the difference between half a core and a whole one.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from litestar.types import HTTPScope, Receive, Send

from crossdock.api.bodies import Exchange, Gone, LargeBodies
from crossdock.api.long_work import LongWork
from crossdock.api.problems import Problem, internal
from crossdock.api.senders import Sender, Senders
from crossdock.engine.configuration import Configuration
from crossdock.engine.configuration import content_type as normal_type
from crossdock.engine.group_commit import GroupCommit, NotTaken
from crossdock.engine.reading import read_messages
from crossdock.formats.split import Kind, split
from crossdock.store import settling
from crossdock.store.arrival import text
from crossdock.store.intake import Incoming, Received, digest

_LOG = logging.getLogger(__name__)
LINE_BYTES_MAX: Final = 1_000_000
LINES_MAX: Final = 10_000
PART_BYTES: Final = 1_000_000
ERRORS_MAX: Final = 100
_IDENTITY: Final = re.compile(rb"[\x20-\x7e]{1,200}")
_CUT: Final[dict[str, Kind]] = {"csv": "csv", "ndjson": "ndjson", "x12": "x12", "edifact": "edifact"}
_BATCH_TYPE: Final = "application/x-ndjson"


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the mapping finds wrong with a message that was sent to be validated. `line` of a batch counts from 1."""

    position: str
    rule: str
    problem: str
    value: str
    line: int = 0


class Intake:
    """The two addresses at which messages come in."""

    def __init__(self, senders: Senders, committer: GroupCommit) -> None:
        """Both must be started before the first request."""
        self._senders = senders
        self._committer = committer
        self._large = LargeBodies()
        self._cutting = LongWork("cutting")
        self._validating = LongWork("validating")

    async def one(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """`POST /v1/messages`: the body is a message."""
        await _answered(self._one, scope, receive, send)

    async def batch(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """`POST /v1/messages:batch`: each line of the body is a message."""
        await _answered(self._batch, scope, receive, send)

    async def _one(self, exchange: Exchange, query: bytes) -> tuple[int, bytes]:
        headers = exchange.headers
        sender = await self._senders.authenticated(headers)
        content_type, reader = sender.reader(headers.get(b"content-type"))
        identity = _identity(headers)
        validate = _flag(_parameters(query, {"validate"}), "validate") if query else False
        body = await self._body(exchange, sender)
        if not body:
            raise Problem("body-empty", "the body is empty")
        if validate:
            await self._validate(sender, content_type, {0: body})
        content = _content(content_type, body)
        message = Incoming(sender.id, identity or content, content, content_type, body)
        messages = [message]
        if len(body) > PART_BYTES and reader.mapping.format in _CUT:
            messages = await self._cutting.do(lambda: _parts(message, _CUT[reader.mapping.format]))
        sender.bucket.take(len(messages))
        return _answer_of_one(await self._committer.store(messages))

    async def _batch(self, exchange: Exchange, query: bytes) -> tuple[int, bytes]:
        headers = exchange.headers
        sender = await self._senders.authenticated(headers)
        sent = headers.get(b"content-type", b"").decode("latin-1")
        if normal_type(sent) != _BATCH_TYPE:
            detail = f"a batch is {_BATCH_TYPE}, one message a line, not {sent[:100]!r}"
            raise Problem("content-type-unknown", detail, accepted=[_BATCH_TYPE])
        parameters = _parameters(query, {"content_type", "validate"})
        content_type, _ = sender.reader(parameters.get("content_type", "application/json").encode())
        key = _identity(headers)
        body = await self._body(exchange, sender)
        lines = _lines(body)
        if _flag(parameters, "validate"):
            await self._validate(sender, content_type, lines)
        messages = []
        for number, line in lines.items():
            content = _content(content_type, line)
            # A key names the request; within it a line is known by its number.
            identity = digest(b"line", key, b"%d" % number) if key else content
            messages.append(Incoming(sender.id, identity, content, content_type, line))
        sender.bucket.take(len(messages))
        return _answer_of_batch(await self._committer.store(messages))

    async def _body(self, exchange: Exchange, sender: Sender) -> bytes:
        """The body, unless there is a reason not to read it."""
        if exchange.headers.get(b"content-encoding", b"identity").lower() != b"identity":
            detail = "the body has a `Content-Encoding`"
            raise Problem("content-coding-unknown", detail, headers={"Accept-Encoding": "identity"})
        exchange.check_length()
        sender.bucket.check()
        refusal = self._committer.refusal()
        if refusal is not None:
            raise refusal
        return await exchange.body(self._large, sender.id)

    async def _validate(self, sender: Sender, content_type: str, bodies: dict[int, bytes]) -> None:
        """Read messages as settling would. Raises `Problem` (422) with what is wrong."""
        configuration = self._senders.configuration
        faults = await self._validating.do(lambda: _faults(configuration, sender.id, content_type, bodies))
        if faults:
            detail = f"{len(faults)} faults, first: {faults[0].problem} (at {faults[0].position})"
            raise Problem("message-invalid", detail, errors=faults[:ERRORS_MAX], errors_total=len(faults))


async def _answered(
    handle: Callable[[Exchange, bytes], Coroutine[Any, Any, tuple[int, bytes]]],
    scope: HTTPScope,
    receive: Receive,
    send: Send,
) -> None:
    """Answer with what a handler returns, or with the problem it raises."""
    exchange = Exchange(scope, receive, send)
    try:
        exchange.check_method("POST")
        status, body = await handle(exchange, scope["query_string"])
        await exchange.answer(status, body)
    except Gone:
        return
    except Problem as problem:
        await exchange.refuse(problem)
    except NotTaken as refused:
        headers = {"Retry-After": str(refused.retry_after_seconds)}
        await exchange.refuse(Problem(refused.reason, str(refused), headers=headers))
    except Exception:  # noqa: BLE001  # a sender is never shown a traceback
        _LOG.exception("a request failed")
        await exchange.refuse(internal())
    finally:
        exchange.close()


# -- what a request says ------------------------------------------------------------------------------------------


def _identity(headers: dict[bytes, bytes]) -> bytes | None:
    """The digest of the identity that the sender gives. Raises `Problem` (422)."""
    name = b"idempotency-key" if b"idempotency-key" in headers else b"message-id"
    value = headers.get(name)
    if value is None:
        return None
    if not _IDENTITY.fullmatch(value):
        shown = value[:200].decode("latin-1")
        raise Problem("message-id-invalid", f"`{name.decode()}: {shown}` is not 1 to 200 printable ASCII characters")
    return digest(b"key", value)


def _content(content_type: str, body: bytes) -> bytes:
    """The digest of what was sent. The same bytes sent as another layout are another message, or none could mend it."""
    if ";" in content_type and ";" in (normal := normal_type(content_type)):
        return digest(normal.encode(), body)
    return digest(body)


def _parameters(query: bytes, known: set[str]) -> dict[str, str]:
    try:
        given = dict(parse_qsl(query.decode(), keep_blank_values=True, max_num_fields=10))
    except ValueError as wrong:
        raise Problem("parameter-invalid", f"the query cannot be read: {wrong}") from wrong
    for name in given:
        if name not in known:
            raise Problem("parameter-invalid", f"{name[:40]!r} is none of the parameters {', '.join(sorted(known))}")
    return given


def _flag(parameters: dict[str, str], name: str) -> bool:
    value = parameters.get(name, "false")
    if value not in ("true", "false"):
        raise Problem("parameter-invalid", f"{name} is true or false, not {value[:40]!r}")
    return value == "true"


def _lines(body: bytes) -> dict[int, bytes]:
    """The lines that are not blank, by their number. Raises `Problem` (413, 422)."""
    count = body.count(b"\n") + (not body.endswith(b"\n"))
    if count > LINES_MAX:
        raise Problem("too-many-lines", f"the batch has {count} lines; {LINES_MAX} is the limit", limit=LINES_MAX)
    lines = {}
    for number, raw in enumerate(body.split(b"\n"), 1):
        line = raw.removesuffix(b"\r")
        if len(line) > LINE_BYTES_MAX:
            detail = f"line {number} has {len(line)} bytes; {LINE_BYTES_MAX} is the limit. Nothing was stored"
            raise Problem("line-too-large", detail, line=number, limit_bytes=LINE_BYTES_MAX)
        if line and not line.isspace():
            lines[number] = line
    if not lines:
        raise Problem("body-empty", "the batch has no line that is not blank")
    return lines


def _parts(message: Incoming, kind: Kind) -> list[Incoming]:
    """A large file as parts of about a megabyte, so that a batch is settled in bearable steps."""
    return [
        message._replace(
            identity=digest(b"part", b"%d" % part.offset, message.identity),
            content=digest(part.raw),
            body=part.raw,
            header=part.header or None,
            first_row=part.first_row,
        )
        for part in split(kind, [message.body], part_bytes=PART_BYTES)
    ]


def _faults(configuration: Configuration, source: int, content_type: str, bodies: dict[int, bytes]) -> list[Fault]:
    messages = [settling.Message(0, number, source, content_type, None, 0, body) for number, body in bodies.items()]
    _, refused = read_messages(messages, configuration)
    return [
        Fault(found.position, found.rule, found.problem, found.value, message.arrival) for message, _, found in refused
    ]


# -- what is answered ---------------------------------------------------------------------------------------------


def _answer_of_one(received: Sequence[Received]) -> tuple[int, bytes]:
    arrival, verdict = received[0]
    if len(received) == 1:
        return 200 if verdict == "duplicate" else 202, b'{"message":"%s","status":"%s"}' % (
            text(arrival).encode(),
            verdict.encode(),
        )
    verdicts = {one.verdict for one in received}
    status = "conflict" if "conflict" in verdicts else "new" if "new" in verdicts else "duplicate"
    answer = {"message": text(arrival), "status": status, "parts": len(received), "last": text(received[-1].arrival)}
    return 200 if status == "duplicate" else 202, msgspec.json.encode(answer)


def _answer_of_batch(received: Sequence[Received]) -> tuple[int, bytes]:
    count = Counter([one.verdict for one in received])
    answer = {
        "received": len(received),
        "new": count["new"],
        "duplicates": count["duplicate"],
        "conflicts": count["conflict"],
        "first": text(received[0].arrival),
        "last": text(received[-1].arrival),
    }
    return 202 if count["new"] or count["conflict"] else 200, msgspec.json.encode(answer)
