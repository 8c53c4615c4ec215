"""`crossdock serve` and `crossdock worker` as an operator starts, watches and ends them."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.running_server import TENANT, configure, environment_of, running_server

from crossdock.app import database
from crossdock.app.workers import Workers


def crossdock(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "crossdock", *arguments],
        env=environment_of(url),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def started(url: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "crossdock", *arguments],
        env=environment_of(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(true: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + 40
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def lives(pid: int) -> bool:
    """Does the process run? One that ended and was not collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def order(number: str) -> bytes:
    return b'{"note":"%s"}' % number.encode()


# -- where it listens ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_an_address_that_others_can_reach_is_refused_while_there_is_no_sign_in(host: str) -> None:
    done = crossdock("postgresql://nobody@192.0.2.1/none", "serve", "--host", host)
    assert done.returncode == 5
    assert host in done.stderr
    assert "no sign-in" in done.stderr


def test_a_port_that_is_taken_is_a_sentence(database_url: str) -> None:
    configure(database_url)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = crossdock(database_url, "serve", "--port", port, "--workers", "0")
    assert done.returncode == 3
    assert port in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_configuration_it_says_what_is_missing(database_url: str) -> None:
    done = crossdock(database_url, "serve", "--port", "0")
    assert done.returncode == 3
    assert "crossdock config apply" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_where_it_listens_and_what_to_try(database_url: str) -> None:
    configure(database_url)
    serving = started(database_url, "serve", "--port", "0", "--workers", "0")
    assert serving.stderr is not None
    assert serving.stdout is not None
    serving.stdout.close()
    with serving.stderr as said:
        assert "http://127.0.0.1:" in said.readline()
        serving.send_signal(signal.SIGINT)
        assert "curl" in said.read()
    assert serving.wait(30) == 0


# -- the tree ------------------------------------------------------------------------------------------------------


def test_what_is_taken_in_is_settled_by_its_workers(database_url: str) -> None:
    with running_server(database_url, configure(database_url), "--workers", "2") as server:
        assert server.post(order("1")).status == 202
        until(lambda: server.rows("select 1 from dead_letter"))
        assert len(server.children()) == 2
        assert server.stop() == 0


def test_a_worker_that_is_killed_is_started_again(database_url: str) -> None:
    with running_server(database_url, configure(database_url), "--workers", "1") as server:
        (before,) = server.children()
        os.kill(before, signal.SIGKILL)
        until(lambda: server.children() and server.children() != [before])
        server.post(order("2"))
        until(lambda: server.rows("select 1 from dead_letter"))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_workers_end_with_the_server(database_url: str, how: signal.Signals) -> None:
    with running_server(database_url, configure(database_url), "--workers", "2") as server:
        workers = server.children()
        assert len(workers) == 2
        until(lambda: server.rows("select 1 from pg_stat_activity where application_name like 'crossdock worker%%'"))
        assert server.stop(how) == (-signal.SIGKILL if how == signal.SIGKILL else 0)
        until(lambda: not any(map(lives, workers)))


@pytest.mark.parametrize("seconds", [0.3, 0.5, 0.7, 0.9, 1.1])
def test_it_can_be_stopped_while_it_starts(database_url: str, seconds: float) -> None:
    configure(database_url)
    serving = started(database_url, "serve", "--port", "0", "--workers", "1", "--json")
    with pytest.raises(subprocess.TimeoutExpired):
        serving.wait(seconds)
    serving.send_signal(signal.SIGTERM)
    _, said = serving.communicate(timeout=30)
    assert serving.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in said


def test_nobody_reads_the_address_of_the_database_from_a_command_line(database_url: str) -> None:
    with running_server(database_url, configure(database_url), "--workers", "1") as server:
        for pid in [server.process.pid, *server.children()]:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            assert b"crossdock" in command
            assert database_url.encode() not in command
            assert b"postgresql:" not in command


# -- a worker alone ------------------------------------------------------------------------------------------------


def test_a_worker_settles_until_it_is_told_to_stop(database_url: str) -> None:
    with running_server(database_url, configure(database_url)) as server:
        server.batch(*[order(secrets.token_hex(4)) for _ in range(20)])
        worker = started(database_url, "worker", "--json", "--shard", "3", "--batch", "7")
        until(lambda: not server.rows("select 1 from inbox"))
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=30)
    assert worker.returncode == 0, err
    assert json.loads(out) == {"messages": 20, "events": 0, "copies": 0, "rejected": 20, "wakes": 0}


def test_a_supervised_worker_ends_when_the_pipe_to_its_parent_closes(database_url: str) -> None:
    configure(database_url)
    program = [sys.executable, "-m", "crossdock", "worker", "--supervised"]
    worker = subprocess.Popen(program, env=environment_of(database_url), stdin=subprocess.PIPE)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(2)
    worker.communicate(timeout=30)
    assert worker.returncode == 0


@pytest.mark.parametrize("clock", ["yesterday", "2026-03-02T08:00:00"])
def test_a_worker_needs_a_whole_instant_for_its_clock(database_url: str, clock: str) -> None:
    done = crossdock(database_url, "worker", "--clock", clock)
    assert done.returncode == 2
    assert "no instant" in done.stderr


# -- the supervisor ------------------------------------------------------------------------------------------------


def test_workers_that_die_are_started_again_when_checked(database_url: str) -> None:
    configure(database_url)
    with Workers(database_url, TENANT, 2, clock=datetime(2026, 3, 2, tzinfo=UTC)) as crew:
        before = crew.pids()
        assert len(before) == 2
        assert crew.check() == 0
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(crew.pids()) == 1)
        until(crew.check)
        assert crew.restarts == 1
        assert len(set(crew.pids()) - set(before)) == 1
        ended = crew.pids()
    assert crew.pids() == []
    assert not any(map(lives, ended))


def test_a_worker_that_dies_at_once_is_not_started_again_and_again(database_url: str) -> None:
    # There is no configuration, so it cannot work.
    database.prepare(database_url)
    with Workers(database_url, TENANT, 1) as crew:
        until(lambda: crew.check() or crew.restarts >= 2)
        until(lambda: crew.check() or crew.restarts >= 3)
        began = time.monotonic()
        restarts = crew.restarts
        until(lambda: crew.check() or time.monotonic() > began + 3)
        assert crew.restarts <= restarts + 2
        assert not crew.hopeless or crew.restarts >= 4
        until(lambda: crew.check() or crew.hopeless)
