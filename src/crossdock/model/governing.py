"""What is decided about cases as such: by which rules and policies each goes on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from crossdock.model.event import Fact, Owner
from crossdock.model.types import Number, Personal, Text


class CaseMigrated(Fact, frozen=True, kw_only=True):
    """It was decided, after a rehearsal, by which version of its rules and edition of the policies a case goes on.

    `adopt`: by these, and what they want otherwise waits to be released. `keep`: by those it was on; these are not
    proposed again.
    """

    type = "case.migrated"
    owner = Owner("", ("case",))
    key = ("rules", "policies")

    case: Annotated[str, Meta(min_length=3, max_length=200)]
    rules: Number
    policies: Number
    decision: Literal["adopt", "keep"]
    decided_by: Personal
    reason: Text
