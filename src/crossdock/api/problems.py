"""Every refusal of the API, in one list: RFC 9457 problem details, each explained at `/problems/<code>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, its title, and what a sender does about it."""

    status: int
    title: str
    advice: str


KINDS: Final[dict[str, Kind]] = {
    "request-malformed": Kind(400, "Not HTTP", "Send a request that follows RFC 9112."),
    "key-missing": Kind(
        401, "No API key", "Send `Authorization: Bearer KEY` with the key that the source got when it was registered."
    ),
    "key-unknown": Kind(401, "Unknown API key", "It is mistyped, of another system, or was replaced: ask for one."),
    "hook-forged": Kind(
        401, "The call is not genuine", "Sign it with the secret of this connection, at the time at which it is sent."
    ),
    "source-not-yours": Kind(403, "The key is of another source", "Leave out `Crossdock-Source`, or send its own key."),
    "not-found": Kind(404, "No such address", "docs/reference/http-api.md lists the addresses."),
    "method-not-allowed": Kind(405, "Another method is needed", "Use a method that the `Allow` header names."),
    "body-too-slow": Kind(408, "The request takes too long", "Send faster; a large file goes by `crossdock ingest`."),
    "body-too-large": Kind(413, "The body is too large", "Send smaller messages; a file goes by `crossdock ingest`."),
    "line-too-large": Kind(413, "A line is too large", "Send that message alone to `POST /v1/messages`."),
    "too-many-lines": Kind(413, "Too many lines", "Send them in several requests."),
    "content-type-unknown": Kind(
        415,
        "This source does not send that content type",
        "Use one of the content types named; what a source sends is set in sources.yaml (`reads:`).",
    ),
    "content-coding-unknown": Kind(415, "Compressed bodies are not taken", "Send the body as it is."),
    "body-empty": Kind(422, "There is no message", "Put the message into the body."),
    "message-id-invalid": Kind(
        422, "The identity cannot be used", "Send 1 to 200 printable ASCII characters, or leave the header out."
    ),
    "message-invalid": Kind(
        422, "The message cannot be read", "Correct what `errors` lists and send it again. Nothing was stored."
    ),
    "parameter-invalid": Kind(422, "A parameter cannot be used", "Correct it, or leave it out."),
    "rate-exceeded": Kind(429, "Too many messages", "Wait for as long as `Retry-After` says, and send more slowly."),
    "head-too-large": Kind(431, "The head of the request is too large", "Send fewer or shorter headers."),
    "internal": Kind(500, "A fault of ours", "Send it again; if it happens again, the server's log says more."),
    "backlog-full": Kind(
        503,
        "Too much waits to be settled",
        "Nothing was stored. Wait for as long as `Retry-After` says. Whoever runs the server: are workers running?",
    ),
    "queue-full": Kind(
        503, "Too much waits to be stored", "Nothing was stored. Wait for as long as `Retry-After` says."
    ),
    "database-unreachable": Kind(
        503,
        "The database cannot be reached",
        "Nothing is acknowledged. Send it again after `Retry-After`: a message that was stored is kept once.",
    ),
    "shutting-down": Kind(503, "The server is shutting down", "Send it again after `Retry-After`."),
    "not-ready": Kind(503, "Not ready", "Look at `checks`."),
}


class Problem(Exception):
    """A request is refused; `detail` says why this one was, `members` are further members of the answer."""

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: object) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status

    def body(self) -> bytes:
        """The problem details, as JSON."""
        return msgspec.json.encode(
            {
                "type": f"/problems/{self.code}",
                "title": KINDS[self.code].title,
                "status": self.status,
                "detail": self.detail,
                **self.members,
            }
        )


def internal() -> Problem:
    """What a sender is told of a failure that nobody foresaw: nothing of its cause, which is in the log."""
    return Problem("internal", "something failed here; nothing is acknowledged")
