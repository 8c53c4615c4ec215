"""Commands that wait for a person: what each would change, and the form that lets them go."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from crossdock.console.answers import page
from crossdock.console.data import Data
from crossdock.console.forms import not_done, read
from crossdock.console.held_views import HeldFilters

_FIELD_MAX: Final = 200
_COMMANDS_MAX: Final = 200

Asked = Request[Any, Any, Any]


def handlers(data: Data) -> list[HTTPRouteHandler]:
    """The routes."""

    @get("/held")
    async def held(request: Asked, connection: str = "", kind: str = "", hold: str = "") -> Response[bytes]:
        """What waits to be released."""
        filters = HeldFilters(connection=connection[:_FIELD_MAX], kind=kind[:_FIELD_MAX], hold=hold[:_FIELD_MAX])
        return page(request, "held.html", held=await data.held(filters), gone=None)

    @post("/held/act", status_code=200)
    async def act(request: Asked) -> Response[bytes]:
        """Release the commands that are ticked, or say that one of them was done."""
        form = await read(request)
        if isinstance(form, Response):
            return form
        filters = HeldFilters(
            connection=form.one("connection")[:_FIELD_MAX],
            kind=form.one("kind")[:_FIELD_MAX],
            hold=form.one("hold")[:_FIELD_MAX],
        )
        chosen = [tuple(value.partition(" ")[::2]) for value in form.all("command")[:_COMMANDS_MAX]]
        commands = {key: seen for seen, key in chosen}
        if not commands:
            return not_done(request, "No command was ticked.")
        if form.one("act") == "release":
            gone = await data.release(commands, who=form.one("who"))
        elif form.one("act") == "done" and len(commands) == 1:
            gone = await data.was_done(next(iter(commands)), who=form.one("who"), document_no=form.one("document"))
        else:
            return not_done(request, "The form does not say what to do, or names more than one command as done.")
        if gone.refusal is not None:
            return not_done(request, f"{gone.refusal[:1].upper()}{gone.refusal[1:]}.")
        return page(request, "held.html", held=await data.held(filters), gone=gone)

    return [held, act]
