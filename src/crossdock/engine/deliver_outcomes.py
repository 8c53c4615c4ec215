"""What outcomes of commands mean: what their cases are told, what is tried again and when, what a connection learns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from crossdock.engine.deliver_rules import Answers, wait_seconds
from crossdock.engine.outcome_messages import Told
from crossdock.kit.connection import Retry
from crossdock.kit.connector import Command
from crossdock.kit.outcomes import (
    Already,
    AnyOutcome,
    Applied,
    Conflict,
    Evidence,
    Rejected,
    RetryAfter,
    Unknown,
)
from crossdock.store.delivery import Again, Attempt, Candidate, Key

TEXT_MAX: Final = 4_000
_ERROR_MAX: Final = 500
_SECOND_US: Final = 1_000_000


class Job(NamedTuple):
    """A command that is leased to this process, to be sent now."""

    name: str
    candidate: Candidate
    command: Command
    is_probe: bool = False

    @property
    def key(self) -> Key:
        """Which command."""
        return self.candidate.key


class Done(NamedTuple):
    """A job and what became of it; `needs_person` where nobody can look and repeating could do it twice."""

    job: Job
    outcome: AnyOutcome
    needs_person: bool = False


class Telling(NamedTuple):
    """What a case is told of its command."""

    key: Key
    told: Told
    document_no: str | None
    reason: str


class Sums(NamedTuple):
    """What follows from a group of outcomes of one connection."""

    told: list[Telling]
    again: list[Again]
    attempts: list[Attempt]
    answers: Answers
    counts: tuple[int, int, int, int]
    pause_seconds: float | None


_Verdict = Literal["applied", "refused", "retried", "unknown"]
_VERDICTS: Final[tuple[_Verdict, ...]] = ("applied", "refused", "retried", "unknown")


def settled_by(done: Sequence[Done], retry: Retry, draw: Callable[[], float]) -> Sums:
    """What follows from these outcomes; `draw` is the jitter of each wait, in [0, 1)."""
    told: list[Telling] = []
    again: list[Again] = []
    attempts: list[Attempt] = []
    counts = dict.fromkeys(_VERDICTS, 0)
    good = bad = 0
    probe: bool | None = None
    reason = ""
    pauses = []
    for one in done:
        verdict = _judge(one, retry, draw, told, again)
        counts[verdict] += 1
        is_bad = _is_failure(one.outcome)
        if isinstance(one.outcome, RetryAfter) and one.outcome.is_busy:
            pauses.append(one.outcome.seconds or 0.0)
        elif is_bad:
            bad += 1
        else:
            good += 1
        if is_bad:
            reason = one.outcome.reason
        if one.job.is_probe:
            probe = not is_bad
        attempts += _evidence(one)
    answers = Answers(good, bad, probe, reason)
    return Sums(told, again, attempts, answers, tuple(counts.values()), max(pauses, default=None))  # type: ignore[arg-type]


def _is_failure(outcome: AnyOutcome) -> bool:
    return isinstance(outcome, Unknown) or (isinstance(outcome, RetryAfter) and not outcome.is_busy)


def _judge(one: Done, retry: Retry, draw: Callable[[], float], told: list[Telling], again: list[Again]) -> _Verdict:
    outcome, candidate = one.outcome, one.job.candidate
    standing = candidate.told or "sent"
    if isinstance(outcome, (Applied, Already)):
        told.append(Telling(candidate.key, "applied", outcome.document_no, outcome.reason))
        return "applied"
    if isinstance(outcome, Rejected) or (isinstance(outcome, Conflict) and candidate.attempts + 1 >= retry.conflicts):
        told.append(Telling(candidate.key, "refused", None, outcome.reason))
        return "refused"
    asked_for = outcome.seconds if isinstance(outcome, RetryAfter) else None
    wait_us = int(wait_seconds(retry, candidate.attempts, draw(), asked_for) * _SECOND_US)
    error = outcome.reason.replace("\0", " ")[:_ERROR_MAX]
    if isinstance(outcome, Unknown):
        if candidate.told != "unknown":
            told.append(Telling(candidate.key, "unknown", None, outcome.reason))
        if one.needs_person:
            told.append(Telling(candidate.key, "held", None, outcome.reason))
        again.append(Again(candidate.key, "unknown", wait_us, error, "person" if one.needs_person else None))
        return "unknown"
    again.append(Again(candidate.key, standing, wait_us, error))
    return "retried"


def _evidence(one: Done) -> list[Attempt]:
    """A line for each exchange; the last one is what decided."""
    classified = type(one.outcome).__struct_config__.tag
    lines = []
    last = len(one.outcome.evidence) - 1
    for place, seen in enumerate(one.outcome.evidence):
        verdict = str(classified) if place == last else "looked"
        lines.append(_attempt(one.job, seen, verdict, one.outcome.reason if place == last else ""))
    return lines


def _attempt(job: Job, seen: Evidence, classified: str, reason: str) -> Attempt:
    return Attempt(
        job.key,
        job.name,
        seen.what,
        seen.took_us,
        seen.sent_hash,
        _kept(seen.sent),
        seen.status,
        _kept(seen.answer),
        classified,
        _kept(reason),
    )


def _kept(text: str) -> str:
    return text.replace("\0", "\\0")[:TEXT_MAX]
