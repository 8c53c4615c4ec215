"""Runs a command that ends with whoever started it, however he ends: `python tied.py COMMAND...`, a pipe as input.

A test process that is killed closes its pipes, and cannot do anything else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def main(command: list[str]) -> int:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:

        def wait() -> None:
            while os.read(sys.stdin.fileno(), 1_024):
                pass
            process.kill()

        threading.Thread(target=wait, daemon=True).start()
        return process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
