"""What was ordered and will not come: Tryton keeps it as a back order until somebody says that it shall not.

It is cancelled, and its sale told that nobody waits for it any more. A shipment that waits for more than that is split
first: set to what is still to come. Its sale plans the rest anew, as a shipment that waits for nothing else.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from crossdock.connectors.tryton import documents
from crossdock.connectors.tryton.deeds import Done
from crossdock.connectors.tryton.sales import MOVED, OUT, SALE, less, listed, sale_of, waiting, wanted
from crossdock.connectors.tryton.settings import Settings
from crossdock.connectors.tryton.talk import Stop, Talk
from crossdock.connectors.tryton.wire import Row
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import Conflict

_LINE: Final = "sale.line"
_SPLITS_MAX: Final = 5


async def cancelled(talk: Talk, settings: Settings, command: Command) -> str | None:  # noqa: ARG001
    """The number of what was cancelled, once its sale does not wait for it any more, and says so."""
    rows = await _mine(talk, command.key)
    left = wanted(command)
    for row in rows:
        left.subtract(listed(row["outgoing_moves"]))
    if not rows or +left or any(row["state"] != "cancelled" for row in rows) or await _unheard(talk, rows):
        return None
    sale = await sale_of(talk, command.content["order_no"], ["shipment_state", "lines.moves_exception"])
    is_stale = sale["shipment_state"] == "exception" and not any(line["moves_exception"] for line in sale["lines"])
    return None if is_stale else str(rows[0]["number"])


async def cancel(talk: Talk, settings: Settings, command: Command) -> Done:
    """Cancel so much of what waits of an order."""
    number = await cancelled(talk, settings, command)
    if number is not None or not wanted(command):
        return Done(number, before=True)
    left = wanted(command)
    for row in await _mine(talk, command.key):
        left.subtract(listed(row["outgoing_moves"]))
    for _ in range(_SPLITS_MAX):
        if not +left:
            break
        left = await _take(talk, command, +left)
    if +left:
        raise Stop(Conflict(reason=f"its order has not so much open yet: {dict(+left)}"))
    sale = await sale_of(talk, command.content["order_no"], ["shipments"])
    for row in await waiting(talk, sale, command.content["warehouse"]):  # an earlier attempt may have left a draft
        await documents.advance(talk, OUT, row["id"], {"draft": "wait"}, ("waiting", "assigned"))
    rows = await _mine(talk, command.key)
    for row in rows:
        if row["state"] != "cancelled":
            await documents.advance(
                talk, OUT, row["id"], {"assigned": "wait", "waiting": "cancel", "draft": "cancel"}, ("cancelled",)
            )
    for line, moves in (await _unheard(talk, rows)).items():
        await talk.call(f"model.{_LINE}.write", [line], {"moves_ignored": [["add", moves]]})
    await talk.press(SALE, sale["id"], "process")
    return Done(await cancelled(talk, settings, command))


async def _mine(talk: Talk, key: str) -> list[Row]:
    return await talk.search(OUT, [["reference", "=", key]], MOVED, order=[["id", "ASC"]])


async def _take(talk: Talk, command: Command, left: Counter[str]) -> Counter[str]:
    """Take over shipments that wait for nothing else, and only then split one that does; what is still to be taken.

    What an earlier attempt split off may not be planned anew yet: the sale is asked to do so before anything is split.
    """
    sale = await sale_of(talk, command.content["order_no"], ["state"])
    if sale["state"] == "processing":
        await talk.press(SALE, sale["id"], "process")
    sale = await sale_of(talk, command.content["order_no"], ["shipments"])
    larger = []
    for row in await waiting(talk, sale, command.content["warehouse"]):
        there = listed(row["outgoing_moves"])
        if there and there <= left:
            await talk.write_unchanged(OUT, row, {"reference": command.key})
            left -= there
        else:
            larger.append((row, there))
    for row, there in larger:
        if there & left:
            await _split(talk, row, there - left)
            break
    return left


async def _split(talk: Talk, row: Row, stays: Counter[str]) -> None:
    """Leave a shipment with what stays of it; it goes back to its draft for that, unless somebody changed it."""
    if row["state"] == "assigned":
        await talk.press_unchanged(OUT, row, "wait")
        row = await talk.read(OUT, row["id"], MOVED)
    if row["state"] == "waiting":
        await talk.press_unchanged(OUT, row, "draft")
        row = await talk.read(OUT, row["id"], MOVED)
    await talk.write_unchanged(OUT, row, {"outgoing_moves": less(row["outgoing_moves"], Counter(stays))})
    await documents.advance(talk, OUT, row["id"], {"draft": "wait"}, ("waiting", "assigned"))


async def _unheard(talk: Talk, rows: list[Row]) -> dict[int, list[int]]:
    """By line of the sale: the cancelled moves that it still takes for an accident."""
    moves: dict[int, list[int]] = {}
    for row in rows:
        for move in row["outgoing_moves"]:
            model, _, line = str(move["origin"]).partition(",")
            if model == _LINE:
                moves.setdefault(int(line), []).append(move["id"])
    told = await talk.search(_LINE, [["id", "in", list(moves)]], ["moves_ignored"]) if moves else []
    known = {row["id"]: set(row["moves_ignored"]) for row in told}
    return {line: new for line, ids in moves.items() if (new := [one for one in ids if one not in known.get(line, ())])}
