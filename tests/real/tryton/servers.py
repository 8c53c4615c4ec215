"""Trytons to test against: a snapshot of a set-up database built once, copied for each test, served by a process.

PostgreSQL and not SQLite: SQLite lets one transaction write at a time, so two writers never meet, and what we promise
about them would be tried on nothing. A copy is `create database ... template ...`, a fraction of a second.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import psycopg
from tests.real.tryton import erp, wms
from tests.real.tryton.installing import REQUIREMENTS, installed
from tests.real.tryton.rpc import Person

from crossdock.store import embedded
from crossdock.store.databases import create_database, drop_database

ADMIN = ("admin", "a-person-of-the-tests")
KINDS: dict[str, ModuleType] = {"erp": erp, "wms": wms}
_LOCK_KEY = int.from_bytes(b"tryto", "big")
_START_SECONDS = 90


def cluster() -> str:
    """The PostgreSQL server under the Trytons: one of its own, left running."""
    return embedded.ensure_running(embedded.default_data_dir().with_name("pg-tryton"))


def snapshot(kind: str) -> str:
    """The name of a database that is set up and that nobody uses; built if there is none of today's set-up."""
    here = Path(__file__).parent
    parts = [REQUIREMENTS, here / "rpc.py", here / "erp.py", here / f"{kind}.py"]
    digest = hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()[:10]
    name = f"tryton_{kind}_{digest}"
    url = cluster()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [_LOCK_KEY])
        names = {str(row[0]) for row in connection.execute("select datname from pg_database")}
        if name not in names:
            for old in (one for one in names if one.startswith(f"tryton_{kind}_")):
                drop_database(url, old)
            _build(url, f"{name}_draft", KINDS[kind])
            connection.execute(f'alter database "{name}_draft" rename to "{name}"'.encode())
    return name


def _build(url: str, name: str, kind: ModuleType) -> None:
    """Install the modules, then set the house up as its people would."""
    programs = installed()
    drop_database(url, name)
    create_database(url, name, "template0")
    with TemporaryDirectory() as folder:
        password = Path(folder) / "password"
        password.write_text(ADMIN[1])
        subprocess.run(
            ["nice", str(programs / "trytond-admin"), "-c", str(_configuration(Path(folder), 0)), "-d", name, "-u",
             *kind.MODULES, "--activate-dependencies", "--email", "admin@tests.invalid"],
            check=True, env=os.environ | {"TRYTONPASSFILE": str(password)}, capture_output=True,
        )  # fmt: skip
    with Tryton(name) as server:
        kind.seed(server.person())


def _configuration(folder: Path, port: int) -> Path:
    parts = urlsplit(cluster())
    place = parse_qs(parts.query)["host"][0]
    path = folder / "trytond.conf"
    path.write_text(
        f"[database]\nuri = postgresql://{parts.username}@/?host={place}\nmaxconn = 24\n"
        f"[web]\nlisten = 127.0.0.1:{port}\n[session]\nauthentications = password\n"
        "[password]\nlength = 8\nentropy = 0\n[request]\ntimeout = 60\n"
    )
    return path


@contextmanager
def copied(kind: str) -> Iterator[str]:
    """A database of the caller's own, as the snapshot was."""
    url, template = cluster(), snapshot(kind)
    name = f"real_{kind}_{os.getpid()}_{secrets.token_hex(4)}"
    create_database(url, name, template)
    try:
        yield name
    finally:
        drop_database(url, name)


class Tryton:
    """One Tryton on one database: a process on a port of loopback that stays the same when it is started again."""

    def __init__(self, database: str) -> None:
        self.database = database
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._folder = TemporaryDirectory()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Start it and wait until it answers."""
        folder = Path(self._folder.name)
        program = [str(installed() / "trytond"), "-c", str(_configuration(folder, self.port)), "-d", self.database]
        command = [sys.executable, str(Path(__file__).with_name("tied.py")), *program]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        give_up_at = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"trytond does not answer: {(folder / 'log').read_text()[-2_000:]}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.address}/{self.database}/rest/model/res.user", timeout=30).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def stop(self) -> None:
        """End it at once, as a power cut would; its database stays."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait()
            self._process = None

    def person(self, user: tuple[str, str] = ADMIN) -> Person:
        """Somebody of the house, signed in."""
        person = Person(self.address, self.database, *user)
        companies = person.model("company.company", "search", [], 0, 1, None)
        person.context = {"company": companies[0], "language": "en"} if companies else {}
        return person


def until(condition: Callable[[], Any], seconds: float = 60.0, told: Callable[[], object] = lambda: "") -> Any:
    """Wait for something to be true; what it was."""
    give_up_at = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not within {seconds} s: {told()}")
        time.sleep(0.05)
    return value
