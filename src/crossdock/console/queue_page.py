"""The work queue: a list with its filters in the address, and the forms by which people act."""

from __future__ import annotations

from typing import Any, Final, get_args

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from crossdock.console.answers import page, see_other
from crossdock.console.data import Data
from crossdock.console.forms import not_done, read
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
        form = await read(request)
        if isinstance(form, Response):
            return form
        deed: Deed | None = next((known for known in get_args(Deed) if known == form.one("act")), None)
        if deed is None:
            return not_done(request, "The form does not say what to do.")
        chosen = [tuple(value.partition(" ")[::2]) for value in form.all("item")[:_ITEMS_MAX]]
        items = [(name, content) for content, name in chosen]
        who, back = form.one("who"), form.back
        acted = (
            await data.act(deed, items, who=who, note=form.one("note"))
            if items
            else Acted(deed=deed, refusal="no item was ticked")
        )
        if acted.refusal or acted.refused:
            return page(request, "acted.html", status=422 if not acted.done else 200, acted=acted, back=back)
        waits = f"&waits={acted.waiting}" if acted.waiting else ""
        told = f"{'&' if '?' in back else '?'}did={deed}&count={acted.done}{waits}"
        return see_other(back + told, name=who)

    return [queue, act]
