"""Forms of our own pages: read, and believed only if they are ours."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from litestar import Request, Response

from crossdock.console.answers import page
from crossdock.console.guard import TOKEN_COOKIE, TOKEN_FIELD, why_not_ours

_FIELDS_MAX: Final = 220

Asked = Request[Any, Any, Any]


class Form:
    """What a person sent."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        """`fields` by name; each may stand several times."""
        self._fields = fields

    def one(self, name: str) -> str:
        """A field that stands once; empty where it does not stand."""
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """A field that may stand several times."""
        return self._fields.get(name, [])

    @property
    def back(self) -> str:
        """Where the form was."""
        return back_to(self.one("back"))


async def read(request: Asked) -> Form | Response[bytes]:
    """The form of a request; else the page that says why it is not believed."""
    form = Form(parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=_FIELDS_MAX))
    client = request.client.host if request.client else None
    why_not = why_not_ours(request.headers, client, request.cookies.get(TOKEN_COOKIE, ""), form.one(TOKEN_FIELD))
    return form if why_not is None else not_done(request, why_not, status=403)


def not_done(request: Asked, why: str, *, status: int = 422) -> Response[bytes]:
    """The page that says that nothing was done."""
    return page(
        request, "trouble.html", status=status, title="Nothing was done", text=why,
        advice="Open the page again and send the form from there.",
    )  # fmt: skip


def back_to(path: str) -> str:
    """A place of ours, without what was done there before; the queue where it is none of ours."""
    split = urlsplit(path)
    if split.netloc or split.scheme or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/queue"
    ours = ("did=", "count=", "waits=")
    kept = "&".join(part for part in split.query.split("&") if part and not part.startswith(ours))
    return f"{split.path}?{kept}" if kept else split.path
