"""Simulated time: real time, times a speed that may change while it runs.

Times are milliseconds since the first day of `crossdock.sandbox.day`, so that its writers can be used as they are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from crossdock.sandbox.day.facts import MINUTE_MS, stamp

BEFORE_ALL: Final = -(10**15)
_BEGIN: Final = datetime.fromisoformat(stamp(0))
_BEGIN_UNIX_MS: Final = int(_BEGIN.timestamp() * 1_000)


@dataclass(slots=True)
class Clock:
    """Starts at the present and runs `speed` times as fast as the real one."""

    speed: float
    real_s: float
    simulated_ms: float

    @classmethod
    def starting(cls, speed: float) -> Clock:
        """A clock that shows the present."""
        now = time.time()
        return cls(speed, now, now * 1_000 - _BEGIN_UNIX_MS)

    def now_ms(self) -> int:
        """The simulated time."""
        return int(self.simulated_ms + (time.time() - self.real_s) * 1_000 * self.speed)

    def run_at(self, speed: float) -> None:
        """Go on from here at another speed."""
        now = time.time()
        self.simulated_ms += (now - self.real_s) * 1_000 * self.speed
        self.real_s, self.speed = now, speed

    def real_seconds_until(self, due_ms: int) -> float:
        """How long to wait, in real seconds."""
        return max(0.0, (due_ms - self.now_ms()) / 1_000 / self.speed)


def parsed_ms(text: str) -> int:
    """Read a time as `stamp` writes it, or any other ISO form. Raises `ValueError`."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000) - _BEGIN_UNIX_MS


def digits(at_ms: int) -> str:
    """A time as old systems write it: YYYYMMDDHHMMSS, UTC."""
    return stamp(at_ms)[:19].translate({ord(mark): None for mark in "-:T"})


def from_digits(text: str) -> int:
    """Read `digits`. Raises `ValueError`."""
    return parsed_ms(datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC).isoformat())


__all__ = ["BEFORE_ALL", "MINUTE_MS", "Clock", "digits", "from_digits", "parsed_ms", "stamp"]
