"""Dead letters by cause, and the forms by which their cause is mended: what an identifier is, and reading again."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from crossdock.console.answers import page
from crossdock.console.data import Data
from crossdock.console.forms import not_done, read
from crossdock.console.views import Unknown

_FIELD_MAX: Final = 200

Asked = Request[Any, Any, Any]


def handlers(data: Data) -> list[HTTPRouteHandler]:
    """The routes."""

    @get("/dead")
    async def dead(request: Asked, rule: str = "") -> Response[bytes]:
        """Dead letters by cause, and those of one rule."""
        return page(request, "dead.html", dead=await data.letters(rule[:_FIELD_MAX]), again=None)

    @post("/dead/act", status_code=200)
    async def act(request: Asked) -> Response[bytes]:
        """Say what an identifier is, and read again what waits for it; or read the letters of a rule again."""
        form = await read(request)
        if isinstance(form, Response):
            return form
        rule, who = form.one("rule")[:_FIELD_MAX], form.one("who")
        unknown = None
        if form.one("act") == "map":
            unknown = Unknown(form.one("scheme"), form.one("issuer"), form.one("theirs"), 0)
        elif form.one("act") != "replay":
            return not_done(request, "The form does not say what to do.")
        again = await data.read_again(rule, who=who, unknown=unknown, ours=form.one("ours"))
        if again.refusal is not None:
            return not_done(request, f"{again.refusal[:1].upper()}{again.refusal[1:]}.")
        return page(request, "dead.html", dead=await data.letters(rule), again=again)

    return [dead, act]
