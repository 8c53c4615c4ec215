"""Where one embedded server lives: its data folder, checked before use, and the lock that lets one process change it.

A data folder holds `cluster/` (PostgreSQL's own), `log/`, `socket/` (elsewhere when the path is too long for a socket)
and `lock`.
"""

import fcntl
import hashlib
import os
import pwd
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import msgspec

from crossdock import settings
from crossdock.store.postgres_binaries import SYSTEM_DIR, Account, make_open_dir, server_account

ROLE = "crossdock"
"""The only role of a new cluster, its superuser."""

SOCKET_NAME = ".s.PGSQL.5432"
"""What PostgreSQL calls its socket, by the port."""

# The kernel's limit for a socket's path is 104 bytes on macOS, 108 on Linux, one of them for the closing NUL.
_SOCKET_PATH_LIMIT_BYTES = 100
_PARTS = ("cluster", "cluster.new", "log", "socket", "lock")
_FIRST_PERSONAL_UID = 1000
# More than a start through crash recovery takes, so that whoever waits outlasts whoever works.
_LOCK_LIMIT_SECONDS = 420
_POLL_SECONDS = 0.05


class DataDirRefused(RuntimeError):
    """A data folder cannot be used safely; the message says why and what to choose instead."""


class DataDirBusy(RuntimeError):
    """Another process has been changing the data folder for minutes; the message says how to find it."""


class Home(msgspec.Struct, frozen=True, kw_only=True):
    """The places of one embedded server, and the account that runs it."""

    data_dir: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.data_dir / "cluster"

    @property
    def draft_cluster(self) -> Path:
        """A cluster that is being made; what an interrupted start leaves here is worthless."""
        return self.data_dir / "cluster.new"

    @property
    def log_dir(self) -> Path:
        """The server's log files."""
        return self.data_dir / "log"

    @property
    def lock_path(self) -> Path:
        """The file whose lock lets a process start, stop or delete the server."""
        return self.data_dir / "lock"

    @property
    def socket_dir(self) -> Path:
        """`socket` in the data folder, or a short folder named by its hash, the same for every process."""
        inside = self.data_dir / "socket"
        if len(os.fsencode(inside / SOCKET_NAME)) <= _SOCKET_PATH_LIMIT_BYTES:
            return inside
        # Not the temporary folder of the environment, which two processes may see differently.
        short = Path("/run") if os.geteuid() == 0 else Path("/tmp")  # noqa: S108 - its owner is checked before use
        return short / f"crossdock-{hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]}"

    @property
    def url(self) -> str:
        """The libpq URL of the `postgres` database, also understood by SQLAlchemy."""
        return f"postgresql://{ROLE}@/postgres?host={quote(str(self.socket_dir), safe='')}&port=5432"


def default_data_dir() -> Path:
    """`pg` under `CROSSDOCK_DATA_DIR`; else under root's `/var/lib/crossdock` or the user's XDG data folder."""
    chosen = settings.load().data_dir
    if chosen is None and os.geteuid() == 0:
        chosen = SYSTEM_DIR
    if chosen is None:
        xdg = os.environ.get("XDG_DATA_HOME")
        chosen = (Path(xdg) if xdg else Path.home() / ".local" / "share") / "crossdock"
    return chosen / "pg"


def home_of(data_dir: Path | None) -> Home:
    """The home in `data_dir`, or in the default one. Nothing is created.

    Raises `DataDirRefused` when root asks for a folder inside somebody's home: the server runs as another account, for
    which that home would have to be opened.
    """
    account = server_account()
    home = Home(data_dir=(data_dir or default_data_dir()).resolve(), account=account)
    if account.is_ours:
        return home
    people = {
        Path(entry.pw_dir) for entry in pwd.getpwall() if entry.pw_uid == 0 or entry.pw_uid >= _FIRST_PERSONAL_UID
    }
    for folder in (people | {Path("/home")}) - {Path("/"), Path("/nonexistent")}:
        if home.data_dir.is_relative_to(folder):
            raise DataDirRefused(
                f"{home.data_dir} is inside {folder}, which the account {account.name} must not enter. Choose a "
                f"folder under {SYSTEM_DIR} (CROSSDOCK_DATA_DIR), or start Crossdock as an ordinary user"
            )
    return home


def refuse_strangers(home: Home) -> None:
    """Raise `DataDirRefused` when the data folder, which must exist, holds anything that is not ours."""
    strangers = sorted(path.name for path in home.data_dir.iterdir() if path.name not in _PARTS)
    if strangers:
        raise DataDirRefused(
            f"{home.data_dir} also holds {', '.join(strangers[:5])}, which is not ours. Choose a folder that is empty "
            "or does not exist yet"
        )


def prepare(home: Home) -> None:
    """Create the data folder when missing. Raises `DataDirRefused` when it holds other things or is out of reach."""
    make_open_dir(home.data_dir)
    refuse_strangers(home)
    if home.account.is_ours:
        return
    for folder in reversed([home.data_dir, *home.data_dir.parents]):
        if not folder.stat().st_mode & stat.S_IXOTH:
            raise DataDirRefused(
                f"{folder} is closed to the account {home.account.name}, which runs the server in {home.data_dir}. "
                f"Choose a folder under {SYSTEM_DIR} (CROSSDOCK_DATA_DIR)"
            )


def make_private_dir(path: Path, account: Account) -> None:
    """Create `path` for `account` alone. One that exists is checked, never changed: it may be somebody else's.

    Raises `DataDirRefused` when it belongs to another account, is open to others or is no folder.
    """
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
        os.chown(path, account.uid, account.gid)
    found = path.lstat()
    is_open = found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if found.st_uid != account.uid or is_open or not stat.S_ISDIR(found.st_mode):
        raise DataDirRefused(
            f"{path} must be a folder that belongs to {account.name} and is closed to others (mode 0700). It is not: "
            "remove it if you know where it comes from, or choose another data folder (CROSSDOCK_DATA_DIR)"
        )


def write(path: Path, text: str, account: Account) -> None:
    """Put `text` in place in one step, as `account`'s. Never writes through a link that the account may have made."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        os.fchown(descriptor, account.uid, account.gid)
    draft.replace(path)


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Hold the data folder's lock; the operating system lets go of it when a process dies. Raises `DataDirBusy`."""
    deadline = time.monotonic() + _LOCK_LIMIT_SECONDS
    while (descriptor := _try_lock(home)) is None:
        if time.monotonic() > deadline:
            raise DataDirBusy(f"Another process has held {home.lock_path} for minutes; find it with fuser or lsof")
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def _try_lock(home: Home) -> int | None:
    """The open, locked file; None when another process holds it."""
    make_open_dir(home.data_dir)
    with suppress(BlockingIOError, FileNotFoundError):
        descriptor = os.open(home.lock_path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Deleted with the folder while we waited, the lock would keep nobody out.
            if os.path.samestat(os.fstat(descriptor), home.lock_path.stat()):
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
    return None
