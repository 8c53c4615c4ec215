"""Tryton 8.2 in a virtual environment of its own, installed once from pinned and hashed packages.

It is free software under the GPL: tests run it beside us as a process and speak HTTP to it. Nothing of it is imported.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements-tryton.txt"
HOME = Path(__file__).resolve().parents[3] / ".venv" / "tryton"


def installed() -> Path:
    """The folder of its programs; installs them, once for all processes, if the requirements are new."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = HOME / "installed"
    HOME.parent.mkdir(parents=True, exist_ok=True)
    with HOME.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(HOME, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
            pip = [str(HOME / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run(["nice", *pip, "--require-hashes", "-r", str(REQUIREMENTS)], check=True, capture_output=True)
            stamp.write_text(wanted)
    return HOME / "bin"
