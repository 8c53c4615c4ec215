"""The rules of asking: how often, how many at once, when not at all, and how long to wait. Values in, values out.

Times are seconds of the database's clock, so that all processes mean the same moment.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

import msgspec

from crossdock.kit.connection import BreakerSettings, Limits, Retry, UndoLimit

_HOUR_SECONDS: Final = 3600.0
_DOUBLINGS_MAX: Final = 30
_ROUNDING: Final = 1e-6
_PROBE_GRACE_SECONDS: Final = 5.0

BreakerState = Literal["closed", "open", "half_open"]


class Bucket(msgspec.Struct, frozen=True):
    """Permissions to ask, filling up at a rate until the burst; `paused_until` is what the system asked for."""

    tokens: float = 0.0
    at: float = 0.0
    paused_until: float = 0.0


def filled(bucket: Bucket, limits: Limits, now: float) -> Bucket:
    """The bucket at `now`. A clock that goes back fills nothing and empties nothing."""
    elapsed = max(0.0, now - bucket.at) if bucket.at else float("inf")
    tokens = min(float(limits.burst), bucket.tokens + elapsed * limits.per_second)
    return Bucket(tokens, max(now, bucket.at), bucket.paused_until)


def taken(bucket: Bucket, count: int) -> Bucket:
    """The bucket after `count` were asked."""
    return Bucket(bucket.tokens - count, bucket.at, bucket.paused_until)


def paused(bucket: Bucket, until: float) -> Bucket:
    """The bucket after the system asked to be left alone until then."""
    return Bucket(bucket.tokens, bucket.at, max(bucket.paused_until, until))


def may_take(bucket: Bucket, limits: Limits, now: float) -> tuple[int, float]:
    """How many may be asked now; if none, after how many seconds one may."""
    if bucket.paused_until > now:
        return 0, bucket.paused_until - now
    count = int(bucket.tokens + _ROUNDING)
    if count >= 1:
        return count, 0.0
    return 0, (1 - bucket.tokens) / limits.per_second


class Breaker(msgspec.Struct, frozen=True):
    """Whether a system is asked at all.

    `good` and `bad` count answers since `window_at`, `in_a_row` failures without a success between; `opened` how often
    it opened without closing; `probe_until` when a probe that nobody heard of again is given up.
    """

    state: BreakerState = "closed"
    since: float = 0.0
    reason: str = ""
    window_at: float = 0.0
    good: int = 0
    bad: int = 0
    in_a_row: int = 0
    opened: int = 0
    probe_until: float = 0.0


class Allowed(NamedTuple):
    """The breaker after it was asked, how many it lets through (`None`: any number), and when to ask it again."""

    breaker: Breaker
    through: int | None
    wait_seconds: float


def allowed(breaker: Breaker, settings: BreakerSettings, now: float) -> Allowed:
    """Closed lets all through, open none; after the wait exactly one, until its outcome is known."""
    if breaker.state == "closed":
        return Allowed(breaker, None, 0.0)
    until = breaker.probe_until if breaker.state == "half_open" else breaker.since + _wait(breaker, settings)
    if now < until:
        return Allowed(breaker, 0, until - now)
    return Allowed(breaker, 1, 0.0)


def probing(breaker: Breaker, now: float, timeout_seconds: float) -> Breaker:
    """The breaker after a probe was let through."""
    until = now + timeout_seconds + _PROBE_GRACE_SECONDS
    since = breaker.since if breaker.state == "half_open" else now
    return msgspec.structs.replace(breaker, state="half_open", since=since, probe_until=until)


def _wait(breaker: Breaker, settings: BreakerSettings) -> float:
    doubled = settings.wait_seconds * 2 ** min(max(breaker.opened - 1, 0), _DOUBLINGS_MAX)
    return float(min(doubled, settings.longest_wait_seconds))


class Answers(NamedTuple):
    """What a connection gave: successes, failures in order of hearing, and what became of the probe, if it was one."""

    good: int = 0
    bad: int = 0
    probe: bool | None = None
    reason: str = ""


def heard(breaker: Breaker, settings: BreakerSettings, answers: Answers, now: float) -> Breaker:
    """The breaker after these answers. While it is not closed only the probe counts: others were asked before."""
    if breaker.state != "closed":
        if answers.probe is None:
            return breaker
        if answers.probe:
            return Breaker("closed", now, "the probe was answered", window_at=now)
        return _opened(breaker, f"the probe failed: {answers.reason}", now)
    if now - breaker.window_at > settings.window_seconds:
        breaker = msgspec.structs.replace(breaker, window_at=now, good=0, bad=0)
    good, bad = breaker.good + answers.good, breaker.bad + answers.bad
    in_a_row = answers.bad if answers.good else breaker.in_a_row + answers.bad
    breaker = msgspec.structs.replace(breaker, good=good, bad=bad, in_a_row=in_a_row)
    if answers.bad and not answers.good and in_a_row >= settings.failures:
        return _opened(breaker, f"{in_a_row} failures in a row, the last: {answers.reason}", now)
    if answers.bad and good + bad >= settings.least and bad * 100 >= settings.share_percent * (good + bad):
        return _opened(breaker, f"{bad} of {good + bad} calls failed, the last: {answers.reason}", now)
    return breaker


def _opened(breaker: Breaker, reason: str, now: float) -> Breaker:
    return Breaker("open", now, reason[:300], window_at=now, opened=breaker.opened + 1)


class Undone(msgspec.Struct, frozen=True):
    """What was taken back since the hour began."""

    since: float = 0.0
    count: int = 0
    minor: int = 0


def may_undo(undone: Undone, limit: UndoLimit, minor: int, now: float) -> Undone | None:
    """The sum after one more undo worth `minor`, or `None` when a person has to look first."""
    if now - undone.since >= _HOUR_SECONDS:
        undone = Undone(now)
    after = Undone(undone.since, undone.count + 1, undone.minor + abs(minor))
    if after.count > limit.per_hour:
        return None
    if limit.minor_per_hour is not None and after.minor > limit.minor_per_hour:
        return None
    return after


def wait_seconds(retry: Retry, attempts: int, draw: float, asked_for: float | None = None) -> float:
    """Before the next attempt, after `attempts` that failed: a random part (`draw` in [0, 1)) of a span that doubles.

    Never sooner than the system asked for, and never longer than it asked for or the longest span.
    """
    span = min(retry.longest_seconds, retry.first_seconds * 2 ** min(attempts, _DOUBLINGS_MAX))
    waited = draw * span
    return waited if asked_for is None else asked_for + draw * retry.first_seconds
