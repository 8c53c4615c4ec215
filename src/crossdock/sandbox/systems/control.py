"""What can be changed while a system runs: speed, faults, rules, whom it talks to. Kept in its book."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

import msgspec
from msgspec import Meta

from crossdock.sandbox.systems.faults import NO_FAULTS, Faults
from crossdock.sandbox.systems.web import Refused

_HIDDEN: Final = "***"
_MERGED: Final = ("faults", "rules", "peers", "crossdock", "hooks")


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system's own shares of business trouble; each has its own."""


class Crossdock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where messages go, and the key of each source."""

    address: str = ""
    keys: dict[str, str] = {}


class Hooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where hints go, and what they are signed with; no address, no hints."""

    address: str = ""
    secret: str = ""


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another system of the sandbox."""

    address: str
    token: str = ""


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that `PUT /control` changes; `rules` is checked by the system, which knows its own."""

    seed: int = 0
    speed: Annotated[float, Meta(gt=0, le=1_000_000)] = 1.0
    token: str = ""
    faults: Faults = NO_FAULTS
    rules: dict[str, Any] = {}
    peers: dict[str, Peer] = {}
    crossdock: Crossdock = Crossdock()
    hooks: Hooks = Hooks()
    outbox: str | None = None


def changed(control: Control, wish: bytes | dict[str, Any], rules: type[Rules]) -> Control:
    """The control after a wish. Raises `Refused` (422) naming what is wrong."""
    try:
        given = msgspec.json.decode(wish, type=dict[str, Any]) if isinstance(wish, bytes) else wish
        now = cast("dict[str, Any]", msgspec.to_builtins(control))
        for name, value in given.items():
            merge = name in _MERGED and isinstance(value, dict)
            now[name] = {**now[name], **value} if merge else {} if value is None and name in _MERGED else value
        msgspec.convert(now["rules"], rules)
        after = msgspec.convert(now, Control)
    except msgspec.MsgspecError as wrong:
        raise Refused(422, "invalid", str(wrong)) from wrong
    return msgspec.structs.replace(after, faults=NO_FAULTS) if after.faults == NO_FAULTS else after


def shown(control: Control) -> dict[str, Any]:
    """The control without its secrets."""
    view = cast("dict[str, Any]", msgspec.to_builtins(control))
    view["token"] = _HIDDEN
    view["hooks"]["secret"] = _HIDDEN
    view["crossdock"]["keys"] = dict.fromkeys(view["crossdock"]["keys"], _HIDDEN)
    for peer in view["peers"].values():
        peer["token"] = _HIDDEN
    return view
