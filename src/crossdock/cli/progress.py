"""How long work shows that it goes on: a line on a terminal's standard error, nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from typing import Final

_REDRAW_SECONDS: Final = 0.1
_WIDTH: Final = 30


class Bar:
    """A progress bar on standard error, drawn at most ten times a second, and only on a terminal."""

    def __init__(self, label: str) -> None:
        """`label` says what goes on."""
        self._label = label
        self._shown = sys.stderr.isatty()
        self._started = time.monotonic()
        self._drawn_at = 0.0

    def show(self, done: int, total: int, note: str = "") -> None:
        """`done` of `total` (any unit), with a note such as a rate."""
        now = time.monotonic()
        if not self._shown or now - self._drawn_at < _REDRAW_SECONDS:
            return
        self._drawn_at = now
        share = min(1.0, done / total) if total else 1.0
        filled = int(share * _WIDTH)
        sys.stderr.write(f"\r{self._label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%} {note}\x1b[K")
        sys.stderr.flush()

    def done(self) -> None:
        """Clear the line."""
        if self._shown and self._drawn_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
