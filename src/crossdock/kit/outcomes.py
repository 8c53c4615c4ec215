"""What may become of asking another system to do something: the engine reads the type, not the words.

The distinctions are about one question: may the deed have been done? `RetryAfter`, `Conflict` and `Rejected` say
certainly not; `Applied` and `Already` say certainly; `Unknown` says that somebody has to look before it is repeated.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Certainty = Literal["applied", "already", "conflict", "rejected", "retry_after", "unknown"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """One exchange with a system: bounded, and without secrets.

    `took_us` in microseconds; `sent` and `answer` are the beginnings of what went out and came back; `status` is
    `None` where no answer came.
    """

    what: Literal["apply", "find", "get", "changes", "check"]
    took_us: int
    sent_hash: str = ""
    sent: str = ""
    status: int | None = None
    answer: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, tag_field="certainty"):
    """What became of a command; `reason` is a sentence for a person."""

    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class Applied(Outcome, frozen=True, kw_only=True, tag="applied"):
    """It was done now; `document_no` is the system's number for what it made."""

    document_no: str | None = None


class Already(Outcome, frozen=True, kw_only=True, tag="already"):
    """It had been done before under the same key."""

    document_no: str | None = None


class Conflict(Outcome, frozen=True, kw_only=True, tag="conflict"):
    """It was not done: what it was to change has changed meanwhile. Read it again, then repeat."""


class Rejected(Outcome, frozen=True, kw_only=True, tag="rejected"):
    """It was not done and never will be as it stands."""


class RetryAfter(Outcome, frozen=True, kw_only=True, tag="retry_after"):
    """It was certainly not done; it may be asked again, in `seconds` at the earliest where the system said so.

    `is_busy`: the system is well and asks for less (429); else it counts as a failure of the connection.
    """

    seconds: float | None = None
    is_busy: bool = False


class Unknown(Outcome, frozen=True, kw_only=True, tag="unknown"):
    """It may have been done or not: no answer, a cut one, or one that cannot be believed."""


AnyOutcome = Applied | Already | Conflict | Rejected | RetryAfter | Unknown


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The system holds what this key did."""

    document_no: str | None = None
    evidence: tuple[Evidence, ...] = ()


class NotFound(msgspec.Struct, frozen=True, kw_only=True):
    """The system has done nothing under this key."""

    evidence: tuple[Evidence, ...] = ()


class CannotTell(msgspec.Struct, frozen=True, kw_only=True):
    """The look-up itself failed; look again later."""

    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


class Unsupported(msgspec.Struct, frozen=True):
    """The system has no way to look it up."""


AnyFinding = Found | NotFound | CannotTell | Unsupported
