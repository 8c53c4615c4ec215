"""Requests, answers and routes: the little of HTTP that a system's own story needs to name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import cached_property
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, unquote

import msgspec

JSON: Final = "application/json"
_T = TypeVar("_T")


class Refused(Exception):
    """The system says no; nothing was done. `status` 422 is for good and is kept under the key."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.more = more
        self.headers: dict[str, str] = {}

    def answer(self) -> Answer:
        """The refusal as the REST dialects word it."""
        answer = said({"code": self.code, "message": str(self), **self.more}, self.status)
        answer.headers.update(self.headers)
        return answer


class Answer(msgspec.Struct):
    """What is answered."""

    status: int
    body: bytes
    headers: dict[str, str] = {}
    content_type: str = JSON


def said(body: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer; header names are given with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(body), named)


class Request:
    """What is asked. `args` are the variable parts of the path."""

    def __init__(
        self, method: str, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> None:
        self.method = method
        self.path = path
        self.body = body
        self.args: list[str] = []
        self._query = query
        self._headers = headers

    @cached_property
    def headers(self) -> dict[str, str]:
        """By lower-case name."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._headers}

    @cached_property
    def query(self) -> dict[str, str]:
        """The last value of each parameter."""
        return dict(parse_qsl(self._query.decode("latin-1"), keep_blank_values=True))

    def whole(self, name: str, default: int, most: int) -> int:
        """A positive whole number of the query. Raises `Refused`."""
        text = self.query.get(name) or str(default)
        if not text.isdecimal() or int(text) < 1:
            raise Refused(400, "malformed", f"{name}={text[:40]!r} is not a number from 1 to {most}")
        return min(int(text), most)

    def read(self, type_: type[_T]) -> _T:
        """The body as a type. Raises `Refused`: 400 if it is no JSON, 422 if it says something else."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=type_)
        except msgspec.ValidationError as wrong:
            raise Refused(422, "invalid", str(wrong)) from wrong
        except msgspec.DecodeError as wrong:
            raise Refused(400, "malformed", str(wrong)) from wrong


Handler = Callable[[Request], Answer] | Callable[[Request], Awaitable[Answer]]


class Routes:
    """Handlers by method and path; `*` stands for one part of a path."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._exact: dict[str, Handler] = {}
        self._open: dict[tuple[str, int], list[tuple[list[str], Handler]]] = {}
        for line, handler in table.items():
            if "*" in line:
                parts = line.split("/")
                self._open.setdefault((parts[0], len(parts)), []).append((parts, handler))
            else:
                self._exact[line] = handler

    def find(self, request: Request) -> Handler:
        """The handler for a request, which gets its `args`. Raises `Refused` (404)."""
        line = f"{request.method} {request.path}"
        if handler := self._exact.get(line):
            return handler
        parts = line.split("/")
        for pattern, found in self._open.get((parts[0], len(parts)), ()):
            if all(want in ("*", part) for want, part in zip(pattern, parts, strict=True)):
                request.args = [unquote(part) for want, part in zip(pattern, parts, strict=True) if want == "*"]
                return found
        raise Refused(404, "not_found", f"there is no {line[:200]}")
