"""Workers and deliverers as processes of their own: started, started again when they die, and gone when we are gone.

A worker's standard input is a pipe that we alone hold the other end of. However this process ends, `kill -9` included,
the system closes the pipe, the worker reads its end and stops after the batch at hand.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Final, Literal, Self

_LOG = logging.getLogger(__name__)
# A worker that dies this young would die again at once: wait, and longer each time.
_YOUNG_SECONDS: Final = 5.0
_PAUSE_FIRST_SECONDS: Final = 0.25
_PAUSE_LONGEST_SECONDS: Final = 30.0
# Dead within seconds five times in a row.
_PAUSE_HOPELESS_SECONDS: Final = 4.0
_STOP_SECONDS: Final = 10.0


class Workers:
    """`count` settle workers or deliverers of one tenant, as a context manager.

    They are stopped at its end, each after what is at hand.

    Call `check` now and then: it starts the dead ones again.
    """

    def __init__(
        self,
        url: str,
        tenant_name: str,
        count: int,
        batch: int = 500,
        clock: datetime | None = None,
        program: Literal["worker", "deliverer"] = "worker",
    ) -> None:
        """`batch`: messages a transaction under backlog; `clock`: an aware instant at which their clocks stand still.

        The schema of the database at `url` must be at its head.
        """
        self.restarts = 0
        self._url = url
        self._program = program
        self._arguments = ["--tenant", tenant_name]
        if program == "worker":
            self._arguments += ["--batch", str(batch)]
        if clock is not None:
            self._arguments += ["--clock", clock.isoformat()]
        self._places = [_Place(shard, program) for shard in range(count)]

    def __enter__(self) -> Self:
        """Start them."""
        try:
            for place in self._places:
                place.start(self._command(place.shard), self._environment())
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them."""
        self.stop()

    def pids(self) -> list[int]:
        """The processes that live."""
        return [process.pid for process in self._living()]

    def check(self) -> int:
        """Start again those that died, after a pause where they died young; how many were started."""
        started = 0
        for place in self._places:
            if place.is_due():
                place.start(self._command(place.shard), self._environment())
                started += 1
        self.restarts += started
        return started

    @property
    def hopeless(self) -> bool:
        """Does every one of them die as soon as it is started, time and again?"""
        return all(place.pause_seconds >= _PAUSE_HOPELESS_SECONDS for place in self._places)

    def stop(self) -> None:
        """Ask them to end, wait ten seconds at most, and end those that do not."""
        for process in self._living():
            process.terminate()
        give_up_at = time.monotonic() + _STOP_SECONDS
        for place in self._places:
            place.bury(max(0.0, give_up_at - time.monotonic()))

    def _living(self) -> Iterator[subprocess.Popen[bytes]]:
        return (place.process for place in self._places if place.process is not None and place.process.poll() is None)

    def _command(self, shard: int) -> list[str]:
        # -P: a module called crossdock in the folder we were started from is none of ours.
        program = [sys.executable, "-P", "-m", "crossdock", self._program, "--supervised"]
        return [*program, "--shard", str(shard), *self._arguments]

    def _environment(self) -> dict[str, str]:
        # The address may hold a password, and everybody on the machine may read a command line.
        return os.environ | {"CROSSDOCK_DATABASE_URL": self._url}


class _Place:
    """The place of one worker, and who fills it."""

    def __init__(self, shard: int, program: str) -> None:
        self.shard = shard
        self._program = program
        self.process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._died_at: float | None = None
        self.pause_seconds = 0.0

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        self._close_pipe()
        # A session of its own: Ctrl-C in a terminal is for us, and we stop the workers in our own time.
        self.process = subprocess.Popen(  # noqa: S603  # our own program
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )
        self._started_at = time.monotonic()
        self._died_at = None

    def is_due(self) -> bool:
        """Is it dead, and has it rested for long enough?"""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        if self._died_at is None:
            self._died_at = now
            young = now - self._started_at < _YOUNG_SECONDS
            doubled = min(max(_PAUSE_FIRST_SECONDS, 2 * self.pause_seconds), _PAUSE_LONGEST_SECONDS)
            self.pause_seconds = doubled if young else 0.0
            _LOG.warning(
                "%s %d (process %d) ended with %d; starting it again in %.1f s",
                self._program,
                self.shard,
                self.process.pid,
                self.process.returncode,
                self.pause_seconds,
            )
        return now >= self._died_at + self.pause_seconds

    def bury(self, patience_seconds: float) -> None:
        """Collect the process, killed if it does not end in time."""
        if self.process is None:
            return
        try:
            self.process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            _LOG.warning("%s %d does not end; killing it", self._program, self.shard)
            self.process.kill()
            self.process.wait()
        self._close_pipe()

    def _close_pipe(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()


def stop_with_parent(stop: threading.Event) -> None:
    """In a worker: set `stop` when the process that started us is gone, and end hard if that does not help."""

    def wait() -> None:
        # Nobody ever writes here: what can be read is the end.
        while os.read(sys.stdin.fileno(), 1):
            pass
        stop.set()
        time.sleep(_STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()
