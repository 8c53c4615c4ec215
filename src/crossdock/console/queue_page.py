"""The work queue: a list with its filters in the address, and the forms by which people act."""

from __future__ import annotations

from typing import Any, Final, get_args
from urllib.parse import parse_qs, urlsplit

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from crossdock.console.answers import page, see_other
from crossdock.console.data import Data
from crossdock.console.guard import TOKEN_COOKIE, TOKEN_FIELD, why_not_ours
from crossdock.console.views import Acted, Deed, Filters

_FIELD_MAX: Final = 200
_ITEMS_MAX: Final = 200
_PAGE_MAX: Final = 100_000

Asked = Request[Any, Any, Any]


def handlers(data: Data) -> list[HTTPRouteHandler]:
    """The routes."""

    @get("/queue")
    async def queue(
        request: Asked, code: str = "", desk: str = "", claimed: str = "", resolved: str = ""
    ) -> Response[bytes]:
        """What waits for somebody."""
        number = request.query_params.get("page", "")
        filters = Filters(
            code=code[:_FIELD_MAX],
            desk=desk[:_FIELD_MAX],
            claimed=claimed[:_FIELD_MAX],
            resolved=bool(resolved),
            page=min(_PAGE_MAX, int(number)) if number.isascii() and number.isdigit() and int(number) else 1,
        )
        return page(request, "queue.html", queue=await data.queue(filters))

    @post("/queue/act", status_code=200)
    async def act(request: Asked) -> Response[bytes]:
        """Claim, release, resolve or reopen the items that are ticked."""
        form = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=_ITEMS_MAX + 20)
        cookie = request.cookies.get(TOKEN_COOKIE, "")
        client = request.client.host if request.client else None
        why_not = why_not_ours(request.headers, client, cookie, _one(form, TOKEN_FIELD))
        deed: Deed | None = next((known for known in get_args(Deed) if known == _one(form, "act")), None)
        if why_not is not None or deed is None:
            return page(
                request, "trouble.html", status=403 if why_not else 422, title="Nothing was done",
                text=why_not or "The form does not say what to do.",
                advice="Open the page again and send the form from there.",
            )  # fmt: skip
        chosen = [tuple(value.partition(" ")[::2]) for value in form.get("item", [])[:_ITEMS_MAX]]
        items = [(name, content) for content, name in chosen]
        who = _one(form, "who")
        acted = (
            await data.act(deed, items, who=who, note=_one(form, "note"))
            if items
            else Acted(deed=deed, refusal="no item was ticked")
        )
        back = _back(_one(form, "back"))
        if acted.refusal or acted.refused:
            return page(request, "acted.html", status=422 if not acted.done else 200, acted=acted, back=back)
        waits = f"&waits={acted.waiting}" if acted.waiting else ""
        told = f"{'&' if '?' in back else '?'}did={deed}&count={acted.done}{waits}"
        return see_other(back + told, name=who)

    return [queue, act]


def _back(path: str) -> str:
    """Where the form was: a place of ours, without what was done before."""
    split = urlsplit(path)
    if split.netloc or split.scheme or not path.startswith("/") or path.startswith("//") or "\\" in path:
        return "/queue"
    kept = "&".join(
        part for part in split.query.split("&") if part and not part.startswith(("did=", "count=", "waits="))
    )
    return f"{split.path}?{kept}" if kept else split.path


def _one(form: dict[str, list[str]], field: str) -> str:
    return form.get(field, [""])[0]
