"""The embedded server, for real: started by several processes at once, killed, planted with stale files, refused."""

import os
import secrets
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from crossdock.store import embedded, postgres_binaries
from crossdock.store.data_dir import home_of

START = """
import pathlib, sys
from crossdock.store import embedded
print(embedded.ensure_running(pathlib.Path(sys.argv[1])))
"""


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder that does not exist yet, where root's server account can reach it (not so pytest's)."""
    path = Path(tempfile.gettempdir()).resolve() / f"crossdock-test-{secrets.token_hex(6)}"
    yield path
    if path.exists():
        for stranger in path.glob("stranger*"):
            stranger.unlink()
        embedded.destroy(path)
    assert not path.exists()


def _server_pid(data_dir: Path) -> int:
    return int((data_dir / "cluster" / "postmaster.pid").read_text().splitlines()[0])


def _remember(url: str, fact: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists fact (text text)")
        connection.execute("insert into fact values (%s)", [fact])


def _facts(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [str(row[0]) for row in connection.execute("select text from fact order by text")]


def test_processes_that_start_it_at_once_share_one_server_which_outlives_them(data_dir: Path) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(data_dir)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    urls = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert len(urls) == 1
    _remember(urls.pop(), "still here")
    pid = _server_pid(data_dir)
    assert _facts(embedded.ensure_running(data_dir)) == ["still here"]
    assert _server_pid(data_dir) == pid


def test_after_kill_9_of_the_server_it_starts_again_with_everything_that_was_committed(data_dir: Path) -> None:
    url = embedded.ensure_running(data_dir)
    for fact in ("first", "second"):
        _remember(url, fact)
        killed = _server_pid(data_dir)
        os.kill(killed, signal.SIGKILL)
        assert embedded.ensure_running(data_dir) == url
        assert _server_pid(data_dir) != killed
    assert _facts(url) == ["first", "second"]


def test_processes_that_find_it_killed_share_one_new_server(data_dir: Path) -> None:
    _remember(embedded.ensure_running(data_dir), "kept")
    os.kill(_server_pid(data_dir), signal.SIGKILL)
    starters = [
        subprocess.Popen([sys.executable, "-c", START, str(data_dir)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    urls = {starter.communicate(timeout=60)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert _facts(urls.pop()) == ["kept"]


def test_a_stale_socket_does_not_keep_it_from_starting(data_dir: Path) -> None:
    _remember(embedded.ensure_running(data_dir), "kept")
    embedded.stop(data_dir)
    stale = data_dir / "socket" / ".s.PGSQL.5432"
    assert not stale.exists()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(stale))
    assert _facts(embedded.ensure_running(data_dir)) == ["kept"]


def test_a_stale_process_number_that_another_process_has_now_does_not_keep_it_from_starting(data_dir: Path) -> None:
    _remember(embedded.ensure_running(data_dir), "kept")
    mark = data_dir / "cluster" / "postmaster.pid"
    lines = mark.read_text().splitlines(keepends=True)
    embedded.stop(data_dir)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        mark.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        assert not embedded.status(data_dir).running
        assert _facts(embedded.ensure_running(data_dir)) == ["kept"]
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_first_start_is_taken_up_again(data_dir: Path) -> None:
    postgres_binaries.make_open_dir(data_dir / "cluster.new" / "half")
    _remember(embedded.ensure_running(data_dir), "made")
    assert sorted(path.name for path in data_dir.iterdir()) == ["cluster", "lock", "log", "socket"]


def test_status_tells_of_a_server_before_during_and_after_its_run(data_dir: Path) -> None:
    before = embedded.status(data_dir)
    assert (before.running, before.version, before.size_bytes) == (False, None, 0)
    assert not data_dir.exists()

    embedded.ensure_running(data_dir)
    during = embedded.status(data_dir)
    assert during.running
    assert during.data_dir == data_dir
    assert during.version is not None
    assert during.version.startswith("18.")
    assert during.size_bytes > 20_000_000

    embedded.stop(data_dir)
    after = embedded.status(data_dir)
    assert (after.running, after.version) == (False, "18")
    embedded.stop(data_dir)


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(data_dir: Path) -> None:
    postgres_binaries.make_open_dir(data_dir)
    stranger = data_dir / "stranger.txt"
    stranger.write_text("mine")
    with pytest.raises(embedded.DataDirRefused, match=r"stranger\.txt"):
        embedded.ensure_running(data_dir)
    with pytest.raises(embedded.DataDirRefused, match=r"stranger\.txt"):
        embedded.destroy(data_dir)
    assert stranger.read_text() == "mine"
    assert list(data_dir.iterdir()) == [stranger]


def test_root_keeps_out_of_homes_and_everyone_else_may_use_their_own() -> None:
    inside = Path.home() / f"crossdock-test-{secrets.token_hex(6)}"
    if os.geteuid() == 0:
        with pytest.raises(embedded.DataDirRefused, match="CROSSDOCK_DATA_DIR"):
            embedded.ensure_running(inside)
    else:
        assert home_of(inside).account.uid == os.geteuid()
    assert not inside.exists()


def test_a_folder_behind_a_closed_door_is_refused_to_root_and_the_door_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if os.geteuid() == 0:
        with pytest.raises(embedded.DataDirRefused, match="is closed to the account crossdock"):
            embedded.ensure_running(closed / "pg")
    else:
        embedded.ensure_running(closed / "pg")
        embedded.destroy(closed / "pg")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def test_a_socket_folder_open_to_others_is_refused(data_dir: Path) -> None:
    postgres_binaries.make_open_dir(data_dir / "socket")
    with pytest.raises(embedded.DataDirRefused, match="0700"):
        embedded.ensure_running(data_dir)


def test_data_of_another_version_are_refused(data_dir: Path) -> None:
    embedded.ensure_running(data_dir)
    embedded.stop(data_dir)
    (data_dir / "cluster" / "PG_VERSION").write_text("12\n")
    with pytest.raises(embedded.DataDirRefused, match=r"PostgreSQL 12, .* pg_dump"):
        embedded.ensure_running(data_dir)


def test_a_server_that_cannot_start_says_what_its_log_says(data_dir: Path) -> None:
    with psycopg.connect(embedded.ensure_running(data_dir), autocommit=True) as connection:
        connection.execute("alter system set archive_mode = on")
    embedded.stop(data_dir)
    # PostgreSQL accepts the setting, and finds at the next start that it contradicts wal_level = minimal.
    with pytest.raises(embedded.ServerNotStarted, match=r"(?s)end of the log.*WAL archival cannot be enabled"):
        embedded.ensure_running(data_dir)


def test_a_path_too_long_for_a_socket_works(data_dir: Path) -> None:
    long = data_dir.with_name(data_dir.name + "-" + "x" * 90)
    assert len(str(long)) > 100
    url = embedded.ensure_running(long)
    try:
        _remember(url, "reached")
        assert _facts(embedded.ensure_running(long)) == ["reached"]
        assert not (long / "socket").exists()
    finally:
        embedded.destroy(long)
    assert not home_of(long).socket_dir.exists()


def test_it_is_durable_and_closed_to_everyone_else(data_dir: Path) -> None:
    url = embedded.ensure_running(data_dir)
    with psycopg.connect(url) as connection:
        names = ["fsync", "synchronous_commit", "full_page_writes", "data_checksums", "listen_addresses", "jit"]
        found = {name: connection.execute(f"show {name}".encode()).fetchone() for name in names}
        files = connection.execute("select error from pg_file_settings where error is not null").fetchall()
        rules = connection.execute("select type, auth_method, error from pg_hba_file_rules").fetchall()
    on, off = ("on",), ("off",)
    assert found == {
        "fsync": on,
        "synchronous_commit": on,
        "full_page_writes": on,
        "data_checksums": on,
        "listen_addresses": ("",),
        "jit": off,
    }
    assert files == []
    assert rules == [("local", "peer", None)]
    account = postgres_binaries.server_account()
    for folder in ("cluster", "log", "socket"):
        entry = (data_dir / folder).stat()
        assert (entry.st_uid, stat.S_IMODE(entry.st_mode)) == (account.uid, 0o700)


def test_destroying_what_does_not_exist_is_fine(data_dir: Path) -> None:
    embedded.destroy(data_dir)
    embedded.stop(data_dir)
    assert not data_dir.exists()
