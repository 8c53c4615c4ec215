"""Classes of integration: what a connection is for says what it promises, and what its connector must be able to do.

* `erp_posting`: one effect a command, read back. Its system can be asked, or tells repeats apart.
* `status`: the latest counts. Its system has a feed or hooks.
* `milestones`: throughput; the same message again is the same message. Nothing is asked of its system.
* `legacy`: wrapped as it is, and watched.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from crossdock.kit.connector import Declaration

Class = Literal["erp_posting", "milestones", "status", "legacy"]


class Guarantee(NamedTuple):
    """What a class needs of its system."""

    needs_one_effect: bool
    needs_reading: bool


GUARANTEES: Final[dict[Class, Guarantee]] = {
    "erp_posting": Guarantee(needs_one_effect=True, needs_reading=False),
    "status": Guarantee(needs_one_effect=False, needs_reading=True),
    "milestones": Guarantee(needs_one_effect=False, needs_reading=False),
    "legacy": Guarantee(needs_one_effect=False, needs_reading=False),
}


def lacking(declared: Declaration, kind: Class) -> str | None:
    """What a connector lacks of a class, as a sentence; `None` where it can keep its promises."""
    guarantee = GUARANTEES[kind]
    if guarantee.needs_one_effect and not (declared.can_find or declared.is_idempotent):
        return f"{kind} promises one effect, and its system can neither be asked nor tell repeats apart"
    if guarantee.needs_reading and not (declared.has_feed or declared.has_hooks):
        return f"{kind} promises the latest, and its system has neither a feed nor hooks"
    return None
