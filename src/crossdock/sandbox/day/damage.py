"""How messages break on their way: each function returns its message in one of the ways a reader must refuse."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Final

from crossdock.sandbox.day.wire import LAYOUTS, to_json

# The members of each layout's natural key, in JSON as in CSV.
_KEY_COLUMNS: Final = {
    "payments": ("payment_ref",),
    "status": ("scac", "shipment_no", "status_code", "stop_no"),
    "freight": ("scac", "invoice_no"),
}


def break_json(raw: str, key: str, rng: Random) -> str:
    """Cut a message off, name a type nobody knows, leave the data out, or give a part of its key the wrong type."""
    way = rng.choice(("cut off", "unknown type", "no data", "key of wrong type"))
    if way == "cut off":
        return raw[: rng.randrange(len(raw) // 8, len(raw) - 1)]
    message = json.loads(raw)
    if way == "unknown type":
        message["type"] += "." + rng.choice(("draft", "teleported"))
    elif way == "no data":
        del message["data"]
    else:
        data, parts = message["data"], set(key.split("/"))
        member = rng.choice([name for name, value in data.items() if isinstance(value, str) and value in parts])
        data[member] = rng.choice(({"value": data[member]}, [data[member]]))
    return to_json(message)


def break_x12(raw: str, rng: Random) -> str:
    """Miscount the segments, or leave the shipment number out."""
    if rng.random() < 1 / 2:
        return re.sub(r"(?<=\nSE\*)\d+", lambda count: str(int(count[0]) + rng.choice((-1, 1, 10))), raw, count=1)
    return re.sub(r"(?<=\n)(B10\*[^*]*\*|B3\*\*[^*]*\*)[^*]*", r"\1", raw, count=1)


def break_row(cells: Sequence[str], layout: str, rng: Random) -> list[str]:
    """Lose cells, gain one, or leave a part of the key empty."""
    way = rng.choice(("short", "long", "no key"))
    if way == "short":
        return list(cells[: -rng.randint(1, 3)])
    if way == "long":
        return [*cells, "?"]
    empty = LAYOUTS[layout].index(rng.choice(_KEY_COLUMNS[layout]))
    return ["" if n == empty else cell for n, cell in enumerate(cells)]
