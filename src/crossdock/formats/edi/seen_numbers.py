"""Control numbers that were used before, remembered in flat memory."""

from __future__ import annotations

from typing import Final

import msgspec

_KEPT_MAX: Final = 10_000
_DIGITS_MAX: Final = 14


class SeenNumbers(msgspec.Struct, eq=False, gc=False):
    """The control numbers of one group or interchange.

    Senders count up, so a run of numbers is kept as its two ends; of others the first 10,000 are remembered.
    """

    _first: int = -1
    _last: int = -1
    _others: set[str] = set()

    def is_new(self, number: str) -> bool:
        """Whether a number was not used before; from now on it was."""
        if number.isascii() and number.isdigit() and len(number) <= _DIGITS_MAX:
            value = int(number)
            if value == self._last + 1 or self._last < 0:
                self._first = value if self._last < 0 else self._first
                self._last = value
                return number not in self._others
            if self._first <= value <= self._last:
                return False
        if number in self._others:
            return False
        if len(self._others) < _KEPT_MAX:
            self._others.add(number)
        return True
