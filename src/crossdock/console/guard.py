"""Who may ask, and whose forms we believe, while there is no sign-in: this machine, and pages that we sent.

A page of a stranger in the same browser can post to us and, by a name that it lets point here, read us. So the `Host`
must be one of this machine's own names, and a form must come from our own page: by its `Origin`, and by a token that
only our page knows (a cookie that the browser keeps to itself, `SameSite=Strict`, and the same value in the form).
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

TOKEN_COOKIE: Final = "crossdock_form"  # noqa: S105  # the name of a cookie
TOKEN_FIELD: Final = "form"  # noqa: S105  # the name of a field
_OWN_NAMES: Final = frozenset({"localhost"})


def new_token() -> str:
    """A token for the forms of one browser."""
    return secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    """Could we have made it?"""
    return len(text) == 32 and text.isascii()  # noqa: PLR2004  # 24 bytes


def is_own_host(host: str) -> bool:
    """Does a `Host` header name this machine by a name that no stranger can give it?"""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name in _OWN_NAMES or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def why_not_ours(headers: Mapping[str, str], client: str | None, cookie: str, field: str) -> str | None:
    """Why a form is not believed; `None` when it is."""
    if client is not None and not _is_loopback(client):
        return "Acts are taken from this machine only, as long as there is no sign-in."
    origin = headers.get("origin", "")
    if not origin:
        return "The request does not say which page sent it (no Origin header)."
    if urlsplit(origin).netloc != headers.get("host", ""):
        return "The form was sent by a page of somebody else."
    if not is_token(cookie) or not hmac.compare_digest(cookie, field):
        return "The form is not one that this browser got from here: open the page again, and send it from there."
    return None


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client.partition("%")[0]).is_loopback
    except ValueError:
        return False
