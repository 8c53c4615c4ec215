"""An event as a mapping makes it and as the world reads it: the CloudEvents 1.0 envelope.

Times are kept apart: *occurred* (when it happened, with the sender's own offset), *recorded* (when the sender
wrote it down), *received* (when we had the bytes) and *processed* (when we settled it). The last two are not the
event's business: intake and settle stamp them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from crossdock.model.event import Fact, Reference

BY_ARRIVAL: Final = -1
"""In place of a revision: the sender has none, and corrects what it said by saying it again."""

Lifecycle = Literal["planned", "estimated", "actual"]


class Receipt(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """When a fact was first received: the message's arrival number, and the row within the message."""

    arrival: int
    row: int


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One canonical event read from a message.

    `row` is its position in the message (0 for a message that holds one), `revision` the sender's own version
    number of the fact (0 where it has none, `BY_ARRIVAL` where the last one received counts), `retracted` says that
    the fact is withdrawn.
    """

    row: int
    data: Fact | Reference
    occurred: datetime
    recorded: datetime | None = None
    lifecycle: Lifecycle = "actual"
    revision: int = 0
    retracted: bool = False
    source_id: str | None = None
    correlation: str | None = None
    causation: str | None = None


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message that could not be read or mapped: where, by which rule, and what stood there.

    `row` as in `Event`; `position` for a person (`"row 17, column amount"`, `"segment 12, B10-02"`, `"byte 512"`);
    `rule` a stable dotted code (`"field.required"`); `problem` one sentence that says what to do; `value` the
    offending text and `sample` its surroundings, both cut to a bearable length.
    """

    row: int
    position: str
    rule: str
    problem: str
    value: str = ""
    sample: str = ""
