"""Documents that are made once: Tryton has no key of its own for that, so one is claimed.

A draft has no effect on any book. So: look for the key's draft, else make one; then claim the key, naming the draft,
as the name of a party category under one of ours, where Tryton holds names unique. Whoever comes second reads there
which draft it is, deletes his own and goes on with that one. Killed at any point, the next attempt finds its way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from crossdock.connectors.tryton.talk import Refused, Stop, Talk
from crossdock.connectors.tryton.wire import Row
from crossdock.kit.outcomes import Conflict, Rejected

_STEPS_MAX: Final = 12
_CATEGORY: Final = "party.category"


async def once(talk: Talk, key: str, model: str, domain: Sequence[Any], values: Row, *, claims: str) -> int:
    """The one document of a key: found, or made; its id. Others are left to `sweep`. Raises `Refused`."""
    rows = await talk.search(model, domain, [])
    if not rows:
        rows = [await talk.create(model, values, ["id"])]
    return await _claimed(talk, key, model, min(row["id"] for row in rows), claims)


async def sweep(talk: Talk, model: str, domain: Sequence[Any], chosen: int) -> bool:
    """Delete the key's other drafts; were there any?

    One may appear after it was looked for: made for somebody who was killed while Tryton was still at it.
    """
    strays = await talk.search(model, [*domain, ["id", "!=", chosen], ["state", "=", "draft"]], [])
    for row in strays:
        await _discard(talk, model, row["id"])
    return bool(strays)


async def made_once(
    talk: Talk,
    key: str,
    model: str,
    domain: Sequence[Any],
    values: Row,
    *,
    claims: str,
    buttons: Mapping[str, str],
    final: Sequence[str],
) -> int:
    """The one document of a key, brought to its end; its id. Raises `Refused`."""
    record = await once(talk, key, model, domain, values, claims=claims)
    try:
        await advance(talk, model, record, buttons, final)
    except Refused:  # as one too like another draft
        if not await sweep(talk, model, domain, record):
            raise
        await advance(talk, model, record, buttons, final)
    await sweep(talk, model, domain, record)
    return record


async def _claimed(talk: Talk, key: str, model: str, mine: int, claims: str) -> int:
    parent = (await talk.one(_CATEGORY, [["name", "=", claims], ["parent", "=", None]], [], f"category {claims}"))["id"]
    domain = [["name", "=", key], ["parent", "=", parent]]
    known = await talk.search(_CATEGORY, domain, ["childs.name"])
    if not known:
        child = {"name": f"{model},{mine}"}
        try:
            await talk.create(_CATEGORY, {"name": key, "parent": parent, "childs": [["create", [child]]]})
        except Refused:
            known = await talk.search(_CATEGORY, domain, ["childs.name"])
        else:
            return mine
    named = known[0]["childs"][0]["name"] if known and known[0].get("childs") else ""
    told, _, number = named.partition(",")
    if told != model or not number.isdigit():
        raise Stop(Conflict(reason=f"its claim of {key} names no document"))
    return int(number)


async def _discard(talk: Talk, model: str, record: int) -> None:
    try:
        await talk.delete(model, record)
    except Refused:  # somebody else deleted it
        return


async def advance(talk: Talk, model: str, record: int, buttons: Mapping[str, str], final: Sequence[str]) -> None:
    """Press the button of each state until a final one; a button that is refused because another was faster is not.

    Raises `Refused` for one that is refused while nothing moved.
    """
    row = await talk.read(model, record, ["state"])
    for _ in range(_STEPS_MAX):
        state = row["state"]
        if state in final:
            return
        if state not in buttons:
            raise Stop(Rejected(reason=f"its {model} {record} is {state}"))
        try:
            row = await talk.press(model, record, buttons[state]) or await talk.read(model, record, ["state"])
        except Refused:
            row = await talk.read(model, record, ["state"])
            if row["state"] == state:
                raise
    raise Stop(Conflict(reason=f"its {model} {record} does not come to an end"))
