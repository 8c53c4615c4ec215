"""Answers that nobody should believe: each takes a good one and spoils it in one way."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from crossdock.sandbox.systems.faults import Garbage
from crossdock.sandbox.systems.web import Answer, said

_HTML = b"<!doctype html><html><head><title>Sign in</title></head><body><h1>Session expired</h1></body></html>"
_NAMES = ("id", "Id", "_no", "No", "NO", "REF", "reference")
_NUMBER = re.compile(rb"(?<=[\w\"]\":)(-?\d+)(?=[,}\]])")


def spoilt(answer: Answer, kind: Garbage, after: str = "") -> Answer:
    """The answer with one thing wrong; what does not apply becomes an error in a 200. `after`: the cursor asked."""
    match kind:
        case "html":
            return Answer(200, _HTML, content_type="text/html; charset=utf-8")
        case "redirect":
            return Answer(302, b"", {"Location": "/login?next=/"})
        case "truncated" if len(answer.body) > 1:
            half = len(answer.body) // 2
            return Answer(answer.status, answer.body[:half], answer.headers | {"Content-Length": str(len(answer.body))})
        case "number_as_text" if _NUMBER.search(answer.body):
            return _with(answer, _NUMBER.sub(rb'"\1"', answer.body))
        case "other_object" | "endless_page" | "cursor_backwards":
            told = _decoded(answer)
            if told is not None and _SPOILERS[kind](told, after):
                return _with(answer, msgspec.json.encode(told))
    return said({"error": {"code": "INTERNAL", "message": "unexpected condition, contact your administrator"}})


def _with(answer: Answer, body: bytes) -> Answer:
    return Answer(answer.status, body, answer.headers, answer.content_type)


def _decoded(answer: Answer) -> dict[str, Any] | None:
    told: object = msgspec.json.decode(answer.body) if answer.body else None
    return cast("dict[str, Any]", told) if isinstance(told, dict) else None


def _another(told: dict[str, Any], _: str) -> bool:
    """Speak of another object than the one that was asked for."""
    inner = told.get("data") or told.get("result") or told
    first = inner[0] if isinstance(inner, list) and inner else inner
    members = first if isinstance(first, dict) else {}
    names = [name for name, value in members.items() if isinstance(value, str) and name.endswith(_NAMES)]
    for name in names:
        members[name] += "9"
    return bool(names)


def _endless(told: dict[str, Any], after: str) -> bool:
    """Say that there is more, and send the reader to where he came from."""
    if "cursor" in told:
        told |= {"more": True, "cursor": after}
        return True
    if isinstance(told.get("result"), dict) and "MORE" in told["result"]:
        told["result"]["MORE"] = "X"
        return True
    return False


def _backwards(told: dict[str, Any], _: str) -> bool:
    """Give a cursor from long ago."""
    if "cursor" in told:
        told["cursor"] = "c" + "0" * 20
        return True
    return False


_SPOILERS = {"other_object": _another, "endless_page": _endless, "cursor_backwards": _backwards}
