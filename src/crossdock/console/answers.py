"""How a page is answered: its headers, what every page needs to know, and the error for what is not there."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import MediaType, Request, Response

from crossdock.console.guard import TOKEN_COOKIE, is_token, new_token
from crossdock.console.render import render
from crossdock.console.views import Deed

NAME_COOKIE: Final = "crossdock_name"
_YEAR_SECONDS: Final = 31_536_000
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept",
}


class Missing(Exception):
    """What was asked for is not there; `advice` says where else to look."""

    def __init__(
        self, text: str, advice: str = "Search for the beginning of a number, or start at the first page."
    ) -> None:
        super().__init__(text)
        self.advice = advice


def page(request: Request[Any, Any, Any], template: str, *, status: int = 200, **values: object) -> Response[bytes]:
    """A page; who has no token for forms gets one."""
    cookies = request.cookies
    token = cookies.get(TOKEN_COOKIE, "")
    is_new = not is_token(token)
    if is_new:
        token = new_token()
    shared = {"path": request.url.path, "query": "", "token": token, "me": name_of(request), "acted": _told(request)}
    response = Response(
        render(template, **(shared | values)), status_code=status, media_type=MediaType.HTML, headers=HEADERS
    )
    if is_new:
        response.set_cookie(TOKEN_COOKIE, token, path="/", httponly=True, samesite="strict")
    return response


def see_other(path: str, *, name: str | None = None) -> Response[bytes]:
    """Go there now; `name` is remembered as that of the person."""
    response = Response(b"", status_code=303, media_type=MediaType.TEXT, headers={**HEADERS, "Location": path})
    if name is not None:
        value = name.encode().hex()
        response.set_cookie(NAME_COOKIE, value, path="/", max_age=_YEAR_SECONDS, httponly=True, samesite="strict")
    return response


def name_of(request: Request[Any, Any, Any]) -> str:
    """The name that a person gave before, as the browser kept it."""
    try:
        return bytes.fromhex(request.cookies.get(NAME_COOKIE, "")).decode()[:64]
    except ValueError:
        return ""


def _told(request: Request[Any, Any, Any]) -> tuple[str, int, int] | None:
    """What the address says was just done, to how many, how many wait: only words and numbers of ours are shown."""
    did, count, waits = (request.query_params.get(name, "") for name in ("did", "count", "waits"))
    if did in get_args(Deed) and _is_number(count):
        return did, int(count[:6]), int(waits[:6]) if _is_number(waits) else 0
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
