"""What many dead letters have in common, and the codes that nobody has told us: one work item each, not one a message.

A cause is a rule, a sender, a mapping and a place in its messages; where the rule is about a code that our tables lack,
the code as well. So "37 messages, one unknown SKU" is one cause, and a second SKU is another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, NamedTuple

from crossdock.engine.reading import Refused
from crossdock.processes.plan import WorkItem

CODE_RULES: Final = frozenset({"map.unlisted", "unit.unknown", "xref.unknown"})
"""Rules about a code that our tables lack: whoever adds it reads all messages that wait for it."""

CODE: Final = "CODE_UNKNOWN"
ITEM: Final = "unknown"
ITEMS_MAX: Final = 1_000
"""How many codes have an item of their own: whoever sends garbage fills no queue. All letters are grouped anyway."""

DESK: Final = "integration"
_ID_LENGTH: Final = 10
_NUMBER: Final = re.compile(r"\[[0-9]+\]|(?<![a-z])(row|line|segment|byte) [0-9]+")
_TITLE_MAX: Final = 60


class Cause(NamedTuple):
    """A cause by its id, and the place in the sender's messages: `data.lines[].sku`, `row, column status`."""

    id: str
    place: str


def cause_of(rule: str, source: int, mapping: str, position: str, value: str) -> Cause:
    """The cause of a dead letter; `mapping` is the name of one, of any version."""
    place = _NUMBER.sub(lambda found: found[1] or "[]", position)
    said = (rule, str(source), mapping, place, value if rule in CODE_RULES else "")
    digest = sha256(b"".join(b"%d:%b" % (len(text), text) for text in (part.encode() for part in said)))
    return Cause(digest.hexdigest()[:_ID_LENGTH], place)


def owner_of(rule: str, cause: str) -> str:
    """What stands in the place of a case for the item of a cause."""
    return f"letters/{rule}/{cause}"


def items(refused: Iterable[tuple[Refused, Cause]], source_names: dict[int, str]) -> dict[str, tuple[WorkItem, int]]:
    """The item of each unknown code by its owner, with the first message that had it."""
    found: dict[str, tuple[WorkItem, int]] = {}
    for one, cause in refused:
        rule, value = one.rejection.rule, one.rejection.value[:_TITLE_MAX].replace("\0", "\\0")
        if rule not in CODE_RULES or one.reader is None:
            continue
        place = cause.place.replace("\0", "\\0")
        sender = source_names.get(one.message.source, "a sender")
        item = WorkItem(
            code=CODE,
            subject=value,
            title=f"{sender} says {value!r} at {place}, which {one.reader.mapping.name} does not know",
            owner=DESK,
            action=_ACTIONS[rule].format(cause=cause.id),
        )
        found.setdefault(owner_of(rule, cause.id), (item, one.message.arrival))
    return found


_REPLAY: Final = "then `crossdock dead replay --cause {cause}`"
_ACTIONS: Final = {
    "map.unlisted": f"Add it to the value map of the mapping, {_REPLAY}",
    "unit.unknown": f"Map the sender's unit to one of ours, {_REPLAY}",
    "xref.unknown": f"Say what it is with `crossdock xref add`, {_REPLAY}",
}
