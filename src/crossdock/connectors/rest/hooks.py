"""Is a call genuine? Its signature is ours to compute, its time is near ours, and all it does is hint."""

from __future__ import annotations

import hmac
from hashlib import sha256

import msgspec

from crossdock.connectors.rest.manifest import Hooks
from crossdock.connectors.rest.template import value_at
from crossdock.kit.connector import Forged, Hint, Hook

_NAME_MAX = 200


def signature(secret: bytes, hooks: Hooks, body: bytes, timestamp: str) -> str:
    """What a genuine call carries."""
    signed = body if hooks.signed == "body" else timestamp.encode() + b"." + body
    return hooks.prefix + hmac.new(secret, signed, sha256).hexdigest()


def verify(hooks: Hooks, secret: bytes | None, hook: Hook, now: float) -> tuple[Hint, ...] | Forged:
    """The hints of a genuine call; `now` in seconds since 1970. Without a secret nothing is genuine."""
    problem = _forgery(hooks, secret, hook, now)
    return Forged(reason=problem) if problem else _hints(hooks, hook.body)


def _forgery(hooks: Hooks, secret: bytes | None, hook: Hook, now: float) -> str | None:
    if not secret:
        return "no secret is configured for this connection"
    timestamp = hook.headers.get((hooks.timestamp_header or "").lower(), "")
    if hooks.timestamp_header and not (timestamp.isascii() and timestamp.isdigit()):
        return f"{hooks.timestamp_header} is no time"
    given = hook.headers.get(hooks.signature_header.lower(), "")
    if not hmac.compare_digest(given.encode(), signature(secret, hooks, hook.body, timestamp).encode()):
        return "the signature is not ours"
    if timestamp and abs(now - int(timestamp)) > hooks.tolerance_seconds:
        return "it is signed for another time"
    return None


def _hints(hooks: Hooks, body: bytes) -> tuple[Hint, ...]:
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ()
    entity, name = value_at(document, hooks.entity), value_at(document, hooks.id)
    if not isinstance(entity, str) or not isinstance(name, str) or not name or len(name) > _NAME_MAX:
        return ()
    return (Hint(entity=entity[:_NAME_MAX], id=name),)
