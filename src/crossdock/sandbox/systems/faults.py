"""Trouble on request: what goes wrong with the n-th request is a function of the seed and of n."""

from __future__ import annotations

import time
from random import Random
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]
_NotNegative = Annotated[float, Meta(ge=0)]
Garbage = Literal[
    "error_in_200",
    "html",
    "truncated",
    "redirect",
    "other_object",
    "number_as_text",
    "endless_page",
    "cursor_backwards",
]
_ERRORS: Final[tuple[Literal[500, 502, 503], ...]] = (500, 502, 503)
_PAGES: Final = ("endless_page", "cursor_backwards")


class Down(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The system is away: it answers 503, closes connections, or refuses them; `seconds` of null is until lifted."""

    how: Literal["503", "close", "refuse"] = "503"
    seconds: _NotNegative | None = None


class Faults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of requests with which something goes wrong, and how the system is to be reached at all."""

    latency_ms: _NotNegative = 0
    jitter_ms: _NotNegative = 0
    hang: Share = 0
    rate_per_second: Annotated[float, Meta(gt=0)] | None = None
    error: Share = 0
    timeout_after: Share = 0
    hold_seconds: _NotNegative = 30
    refuse: Share = 0
    refuse_reason: str = "refused by rule"
    garbage: Share = 0
    garbage_kinds: list[Garbage] = msgspec.field(default_factory=lambda: list(get_args(Garbage)))
    lost_hooks: Share = 0
    doubled_hooks: Share = 0
    forged_hooks: Share = 0
    doubled_messages: Share = 0
    clock_skew_seconds: float = 0
    down: Down | None = None


class Luck(msgspec.Struct, frozen=True):
    """What happens to one request, from first to last."""

    delay_seconds: float = 0.0
    hang: bool = False
    error: Literal[500, 502, 503] | None = None
    refuse: bool = False
    timeout_after: bool = False
    garbage: Garbage | None = None


NO_FAULTS: Final = Faults()
GOOD_LUCK: Final = Luck()


def luck(faults: Faults, seed: str, number: int, *, is_page: bool) -> Luck:
    """Draw what goes wrong with a request; every draw is made, so one fault more does not move the others."""
    if faults is NO_FAULTS:
        return GOOD_LUCK
    rng = Random(f"{seed}/{number}")
    delay_ms = faults.latency_ms + rng.uniform(-faults.jitter_ms, faults.jitter_ms)
    hang, error, refuse, late, odd = (rng.random() for _ in range(5))
    status = rng.choice(_ERRORS)
    kinds = [kind for kind in faults.garbage_kinds if is_page or kind not in _PAGES]
    garbage = rng.choice(kinds) if kinds else None
    return Luck(
        delay_seconds=max(0.0, delay_ms) / 1_000,
        hang=hang < faults.hang,
        error=status if error < faults.error else None,
        refuse=refuse < faults.refuse,
        timeout_after=late < faults.timeout_after,
        garbage=garbage if odd < faults.garbage else None,
    )


class Gate:
    """Lets through so many requests a second; a second's worth may come at once."""

    def __init__(self) -> None:
        self._tokens = 0.0
        self._at = 0.0

    def wait_seconds(self, rate: float) -> float:
        """Take one, or say in how many seconds there will be one."""
        now = time.monotonic()
        self._tokens = min(max(1.0, rate), self._tokens + (now - self._at) * rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / rate
