"""How fast a source may send: a token bucket that holds a second's worth and may be overdrawn by one request."""

from __future__ import annotations

import math
import time

from crossdock.api.problems import Problem


class Bucket:
    """Tokens of one source, one for each message, `per_second` of them and as many at once."""

    __slots__ = ("_at", "_per_second", "_tokens")

    def __init__(self, per_second: int) -> None:
        """It begins full."""
        self._per_second = per_second
        self._tokens = float(per_second)
        self._at = time.monotonic()

    def check(self) -> None:
        """Raise `Problem` (429) while nothing is left."""
        now = time.monotonic()
        self._tokens = min(self._per_second, self._tokens + (now - self._at) * self._per_second)
        self._at = now
        if self._tokens <= 0:
            seconds = math.ceil(max(1.0, -self._tokens / self._per_second))
            raise Problem(
                "rate-exceeded",
                f"a source may send {self._per_second} messages a second; try again in {seconds} s",
                headers={
                    "Retry-After": str(seconds),
                    "RateLimit-Policy": f'"messages";q={self._per_second};w=1',
                    "RateLimit": f'"messages";r=0;t={seconds}',
                },
            )

    def take(self, messages: int) -> None:
        """Spend tokens for messages that are sent. A batch larger than what is left is paid for by waiting longer."""
        self._tokens -= messages
