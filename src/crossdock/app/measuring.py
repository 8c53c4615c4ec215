"""What a run cost: CPU of this process, of its children, and of an embedded PostgreSQL; and the most memory."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import psycopg

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def own_cpu_seconds() -> float:
    """CPU of this process and of the children that ended, in seconds."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def peak_memory_mb() -> float:
    """The largest resident set of this process or of any child that ended, in MB."""
    return (
        max(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss,
        )
        / 1024
    )


def peak_of_this_process_mb() -> float:
    """The largest resident set since this program was started, in MB: what was before its `exec` does not count."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_memory_mb()
    peak = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024


def server_cpu_seconds(connection: psycopg.Connection) -> float | None:
    """CPU of the PostgreSQL server so far, in seconds; `None` where it runs on another machine."""
    row = connection.execute("select pg_backend_pid()").fetchone()
    backend = Path(f"/proc/{row[0]}/stat") if row else None
    if (
        backend is None
        or not backend.exists()
        or "postgres" not in backend.read_text(encoding="ascii", errors="replace")
    ):
        return None
    postmaster = int(backend.read_text(encoding="ascii").rpartition(")")[2].split()[1])
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = (
                int(stat.parent.name),
                stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split(),
            )
        except (FileNotFoundError, ProcessLookupError):
            continue
        if pid == postmaster:
            ticks += sum(int(field) for field in fields[11:15])  # with its ended children
        elif int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS_PER_SECOND
