"""Classes of integration: what a connection is for says what it promises, and what its connector must be able to do.

* `status`: the latest counts, and at once. Its system has a feed or hooks.
* `erp_posting`: one effect a command, read back. Its system can be asked, or tells repeats apart.
* `milestones`: throughput; the same message again is the same message. Nothing is asked of its system.
* `legacy`: wrapped as it is, and watched.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from crossdock.kit.connector import Declaration

Class = Literal["erp_posting", "milestones", "status", "legacy"]


class Terms(NamedTuple):
    """What a class needs of its system, and what it gets from us.

    `patience_seconds`: how long its work may wait for our database; who runs out of it first goes first.
    `alarm_after_seconds`: when what waits for its system has waited too long; `None`: nobody is alarmed.
    `put_off_from`: the height of a peak from which it is put off, of 1 and 2; `None`: it never is.
    """

    needs_one_effect: bool
    needs_reading: bool
    patience_seconds: float
    alarm_after_seconds: int | None
    put_off_from: int | None


TERMS: Final[dict[Class | None, Terms]] = {
    "status": Terms(False, True, 0.0, 60, None),  # noqa: FBT003  # a table
    "erp_posting": Terms(True, False, 0.1, 300, None),  # noqa: FBT003
    "milestones": Terms(False, False, 1.0, 900, 2),  # noqa: FBT003
    "legacy": Terms(False, False, 2.0, 3_600, 1),  # noqa: FBT003
    None: Terms(False, False, 0.1, None, None),  # noqa: FBT003
}
"""By class; those of `None` hold for a connection that names none."""


def lacking(declared: Declaration, kind: Class) -> str | None:
    """What a connector lacks of a class, as a sentence; `None` where it can keep its promises."""
    terms = TERMS[kind]
    if terms.needs_one_effect and not (declared.can_find or declared.is_idempotent):
        return f"{kind} promises one effect, and its system can neither be asked nor tell repeats apart"
    if terms.needs_reading and not (declared.has_feed or declared.has_hooks):
        return f"{kind} promises the latest, and its system has neither a feed nor hooks"
    return None
