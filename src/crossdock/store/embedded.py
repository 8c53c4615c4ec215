"""The embedded PostgreSQL: one private server per data folder, started when needed and left running.

For laptops and demonstrations; a production installation names a server of its own in `CROSSDOCK_DATABASE_URL`. The
server outlives the process that started it, is shared by all processes of the account, survives `kill -9` of either,
and is reached only over a unix socket in a folder that belongs to the account running it. Linux and macOS.
"""

import os
import pwd
import shutil
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import msgspec
import psycopg

from crossdock.store import data_dir as places
from crossdock.store import postgres_binaries, server_conf
from crossdock.store.data_dir import ROLE, SOCKET_NAME, DataDirBusy, DataDirRefused, Home, default_data_dir
from crossdock.store.postgres_binaries import ProgramFailed

__all__ = [
    "DataDirBusy",
    "DataDirRefused",
    "ServerNotStarted",
    "ServerNotStopped",
    "Status",
    "default_data_dir",
    "destroy",
    "ensure_running",
    "status",
    "stop",
]

# Recovery replays at most `max_wal_size` (4 GB); a slow laptop disk needs minutes for that.
_START_LIMIT_SECONDS = 300
_STOP_LIMIT_SECONDS = 120
# An init that collects the dead does so at once or within a second or two.
_BURIAL_SECONDS = 3
_POLL_SECONDS = 0.05
_LOG_TAIL_LINES = 20


class ServerNotStarted(RuntimeError):
    """The server did not come up; the message ends with the last lines of its log."""


class ServerNotStopped(RuntimeError):
    """The server did not stop in time; the message says how to stop it by hand."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about an embedded server.

    `version`: of the running server such as "18.4", of a stopped one only the major part ("18"), None before the first
    start. `size_bytes`: everything under `data_dir`, logs included.
    """

    running: bool
    version: str | None
    data_dir: Path
    size_bytes: int


def ensure_running(data_dir: Path | None = None) -> str:
    """Make sure the server of `data_dir` (default: `default_data_dir()`) runs; the URL of its `postgres` database.

    Initialises the data folder at first use and waits through crash recovery, up to five minutes. Any number of
    processes may call it at once. Raises `DataDirRefused`, `DataDirBusy`, `ServerNotStarted`, and `BinariesMissing` or
    `AccountMissing` of `crossdock.store.postgres_binaries`.
    """
    home = places.home_of(data_dir)
    if _refusal(home) is not None:
        places.prepare(home)
        with places.locked(home):
            _start(home)
    return home.url


def stop(data_dir: Path | None = None) -> None:
    """Stop the server of `data_dir`: transactions under way are rolled back, connections closed. No server is fine.

    Raises `DataDirBusy`, and `ServerNotStopped` after two minutes.
    """
    home = places.home_of(data_dir)
    if home.data_dir.exists():
        with places.locked(home):
            _stop(home)


def status(data_dir: Path | None = None) -> Status:
    """What is known about the server of `data_dir`, without starting it."""
    home = places.home_of(data_dir)
    return Status(
        running=_server_pid(home) is not None,
        version=_running_version(home) or _cluster_version(home),
        data_dir=home.data_dir,
        size_bytes=_size_bytes(home.data_dir),
    )


def destroy(data_dir: Path) -> None:
    """Stop the server of `data_dir` and delete its data for good. No such folder is fine.

    Raises `DataDirRefused` when the folder holds anything that is not ours, before anything is deleted, and what `stop`
    raises.
    """
    home = places.home_of(data_dir)
    if not home.data_dir.exists():
        return
    places.refuse_strangers(home)
    with places.locked(home):
        _stop(home)
        for part in (home.cluster, home.draft_cluster, home.log_dir, home.socket_dir):
            if part.exists():
                shutil.rmtree(part)
        home.lock_path.unlink()
        # A process that waits for the lock may have made a new one already; the folder is then its own.
        with suppress(OSError):
            home.data_dir.rmdir()


def _start(home: Home) -> None:
    """Bring the server up, from whatever state it was left in. The caller holds the lock."""
    if not home.cluster.exists():
        _initialise(home)
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while (refusal := _refusal(home)) is not None:
        if time.monotonic() > deadline or "authentication failed" in refusal:
            raise ServerNotStarted(_with_log(home, f"The server in {home.data_dir} does not let us in: {refusal}"))
        if _server_pid(home) is None:
            _start_process(home)
        else:
            # Starting, or recovering after a crash: it refuses connections until it has caught up.
            time.sleep(_POLL_SECONDS)


def _initialise(home: Home) -> None:
    """Create the cluster beside its place and rename it, so that an interrupted start leaves none that is half made."""
    draft = home.draft_cluster
    if draft.exists():
        shutil.rmtree(draft)
    places.make_private_dir(draft, home.account)
    arguments = ["--pgdata", str(draft), "--username", ROLE, "--locale", "C", "--encoding", "UTF8", "--data-checksums"]
    arguments += ["--auth-local", "peer", "--auth-host", "reject", "--no-instructions"]
    try:
        initdb = postgres_binaries.programs(home.account) / "initdb"
        postgres_binaries.run(initdb, *arguments, account=home.account)
    except ProgramFailed as failure:
        raise ServerNotStarted(f"{draft} could not be initialised: {failure}") from failure
    places.write(draft / "postgresql.conf", "include 'crossdock.conf'\n", home.account)
    draft.rename(home.cluster)


def _start_process(home: Home) -> None:
    _refuse_other_version(home)
    _write_configuration(home)
    _forget_reused_pid(home)
    try:
        _pg_ctl(home, "start", "--log", str(_start_log(home)), limit_seconds=_START_LIMIT_SECONDS)
    except ProgramFailed as failure:
        # The last processes of a killed server hold its memory for a moment; they notice, leave, and we try again.
        if "is still in use" not in _start_log(home).read_text(errors="replace"):
            raise ServerNotStarted(_with_log(home, f"The server did not start: {failure}")) from failure
        time.sleep(_POLL_SECONDS)


def _refuse_other_version(home: Home) -> None:
    postgres = postgres_binaries.programs(home.account) / "postgres"
    ours = postgres_binaries.version(postgres, account=home.account).split(".")[0]
    theirs = _cluster_version(home)
    if theirs != ours:
        raise DataDirRefused(
            f"{home.data_dir} was written by PostgreSQL {theirs}, and the installed one is {ours}. Move its data over "
            "with pg_dump and pg_restore, or choose another folder (CROSSDOCK_DATA_DIR)"
        )


def _write_configuration(home: Home) -> None:
    """Write the configuration anew, as the machine's memory, the path or the user may have changed."""
    for folder in (home.cluster, home.log_dir, home.socket_dir):
        places.make_private_dir(folder, home.account)
    accounts = {home.account.name, pwd.getpwuid(os.geteuid()).pw_name}
    files = {
        home.cluster / "crossdock.conf": server_conf.postgresql_conf(socket_dir=home.socket_dir, log_dir=home.log_dir),
        home.cluster / "pg_hba.conf": server_conf.pg_hba_conf(),
        home.cluster / "pg_ident.conf": server_conf.pg_ident_conf(accounts=accounts, role=ROLE),
        _start_log(home): "",
    }
    for path, text in files.items():
        places.write(path, text, home.account)


def _stop(home: Home) -> None:
    if _server_pid(home) is None:
        return
    try:
        _pg_ctl(home, "stop", "--mode", "fast", limit_seconds=_STOP_LIMIT_SECONDS)
    except ProgramFailed as failure:
        pid = _server_pid(home)
        if pid is not None:
            raise ServerNotStopped(_with_log(home, f"{failure}. Stop it by hand: kill -QUIT {pid}")) from failure


def _pg_ctl(home: Home, action: str, *arguments: str, limit_seconds: int) -> None:
    program = postgres_binaries.programs(home.account) / "pg_ctl"
    common = ["--pgdata", str(home.cluster), "--wait", "--timeout", str(limit_seconds), "--silent"]
    # pg_ctl gives up by itself; our own, longer limit is for the case that pg_ctl hangs.
    postgres_binaries.run(program, action, *common, *arguments, account=home.account, limit_seconds=limit_seconds + 30)


def _refusal(home: Home) -> str | None:
    """Why the server cannot be connected to; None when it runs."""
    try:
        psycopg.connect(home.url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        # A server without a free connection runs; waiting for one here would not help the caller.
        return None if "too many clients" in str(error) else str(error)
    return None


def _recorded_pid(home: Home) -> int | None:
    """The process that the cluster was last served by, if a process of that number exists."""
    try:
        pid = int((home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid


def _server_pid(home: Home) -> int | None:
    """The server's process, if it lives. Its number proves little: another process may have it after a reboot."""
    pid = _recorded_pid(home)
    if pid is None or not Path("/proc/self/cwd").exists():
        # No /proc (macOS): the number has to do.
        return pid
    try:
        # PostgreSQL works in its data folder.
        return pid if Path("/proc", str(pid), "cwd").readlink() == home.cluster else None
    except OSError:
        return None


def _forget_reused_pid(home: Home) -> None:
    """Remove the marks of a dead server whose number is still taken: PostgreSQL would believe that it lives.

    Another process may have the number after a reboot, or the dead server may wait for an init that never collects it
    (containers). It is given time, as by its mark PostgreSQL also finds what a killed server left behind; without it,
    PostgreSQL still refuses to start while the memory of the old server is in use.
    """
    deadline = time.monotonic() + _BURIAL_SECONDS
    while _recorded_pid(home) is not None and _server_pid(home) is None:
        if time.monotonic() > deadline:
            for mark in (home.cluster / "postmaster.pid", home.socket_dir / f"{SOCKET_NAME}.lock"):
                mark.unlink(missing_ok=True)
        time.sleep(_POLL_SECONDS)


def _running_version(home: Home) -> str | None:
    try:
        with psycopg.connect(home.url, connect_timeout=5) as connection:
            return connection.info.parameter_status("server_version")
    except psycopg.OperationalError:
        return None


def _cluster_version(home: Home) -> str | None:
    try:
        return (home.cluster / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return None


def _size_bytes(top: Path) -> int:
    total = 0
    for folder, _, files in os.walk(top):
        for file in files:
            # A running server deletes files while we look.
            with suppress(FileNotFoundError):
                total += Path(folder, file).lstat().st_size
    return total


def _start_log(home: Home) -> Path:
    return home.log_dir / "start.log"


def _with_log(home: Home, message: str) -> str:
    """`message` and the end of the newest logs, where PostgreSQL says what it lacks."""
    lines: deque[str] = deque(maxlen=_LOG_TAIL_LINES)
    for path in sorted(home.log_dir.glob("*.log"), key=lambda path: path.stat().st_mtime)[-2:]:
        with path.open(errors="replace") as log:
            lines.extend(line.rstrip("\n") for line in log)
    return "\n".join([f"{message.rstrip(' .')}. The end of the log in {home.log_dir}:", *lines])
