"""The reference day equals its oracle, whatever the order, number and batching of arrival, and however often killed.

Every test runs the command a user runs, in a process of its own with settle workers of its own.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.reference_day import needs_shared, own_day, shared_day

from crossdock.sandbox.day import compare, freight_choices
from crossdock.store import databases, embedded

Generator = Callable[[int, int, float, Path], dict[str, Any]]


class Runner:
    """Runs `crossdock day` against a server of the tests."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = os.environ | environment
        self.out = folder / "result.json"

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "crossdock", "day", str(self.folder), "--out", str(self.out), "--json", *options]

    def run(self, *options: str) -> dict[str, Any]:
        done = subprocess.run(
            self.command(*options), env=self.environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        summary = json.loads(done.stdout)
        assert summary["unbalanced"] == []
        result: dict[str, Any] = json.loads(self.out.read_text())
        return result


@pytest.fixture
def on(cluster_url: str, tmp_path: Path) -> Callable[..., Runner]:
    """A runner on a folder."""
    return lambda folder: Runner(folder, {"CROSSDOCK_DATABASE_URL": cluster_url})


generators = pytest.mark.parametrize(
    "generate", [pytest.param(own_day, id="own"), pytest.param(shared_day, id="shared", marks=needs_shared)]
)


@needs_shared
@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.verify) for seed in range(4, 21))])
def test_days_of_the_shared_generator_equal_their_oracle(
    seed: int, tmp_path: Path, on: Callable[[Path], Runner]
) -> None:
    oracle = shared_day(seed, 500, 1.0, tmp_path)
    assert compare(oracle, on(tmp_path).run()) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_of_our_own_generator_equal_their_oracle(seed: int, tmp_path: Path, on: Callable[[Path], Runner]) -> None:
    oracle = own_day(seed, 500, 1.0, tmp_path)
    assert compare(oracle, on(tmp_path).run()) == []


@needs_shared
@pytest.mark.timeout(300)
def test_the_default_day_of_ten_thousand_orders_equals_its_oracle(tmp_path: Path, on: Callable[[Path], Runner]) -> None:
    oracle = shared_day(20260302, 10_000, 1.0, tmp_path)
    assert compare(oracle, on(tmp_path).run()) == []


@pytest.mark.parametrize("workers", ["1", "2", "4"])
@generators
def test_any_number_of_workers_gives_the_same_books(
    generate: Generator, workers: str, tmp_path: Path, on: Callable[[Path], Runner]
) -> None:
    oracle = generate(31, 300, 1.0, tmp_path)
    assert compare(oracle, on(tmp_path).run("--workers", workers)) == []


@pytest.mark.parametrize("batch", ["1", "7", "500", "5000"])
@generators
def test_any_size_of_batch_gives_the_same_books(
    generate: Generator, batch: str, tmp_path: Path, on: Callable[[Path], Runner]
) -> None:
    oracle = generate(32, 200, 1.0, tmp_path)
    assert compare(oracle, on(tmp_path).run("--batch", batch)) == []


@pytest.mark.parametrize("seed", [41, pytest.param(42, marks=pytest.mark.verify)])
@generators
def test_four_times_the_trouble_gives_the_same_books(
    generate: Generator, seed: int, tmp_path: Path, on: Callable[[Path], Runner]
) -> None:
    oracle = generate(seed, 400, 4.0, tmp_path)
    assert compare(oracle, on(tmp_path).run()) == []


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.verify)])
@generators
def test_shuffled_and_sent_three_times_only_what_may_differ_differs(
    generate: Generator, seed: int, tmp_path: Path, on: Callable[[Path], Runner]
) -> None:
    oracle = generate(50 + seed, 300, 2.0, tmp_path)
    result = on(tmp_path).run("--shuffle", str(seed), "--repeat", "3", "--batch", "97")
    choices = freight_choices(tmp_path)
    assert compare(oracle, result, resent=True, any_order=True, choices=choices) == []


# -- kill -9 -----------------------------------------------------------------------------------------------------


@pytest.fixture
def server_of_its_own() -> Iterator[Path]:
    """The data folder of an embedded server that may be killed."""
    data_dir = embedded.default_data_dir().with_name(f"pg-kill-{os.getpid()}")
    yield data_dir
    embedded.stop(data_dir / "pg")
    embedded.destroy(data_dir / "pg")
    data_dir.rmdir()


def _workers(pid: int) -> list[int]:
    """The settle workers that a command has started."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = (stat.parent / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid and b"worker" in command:
            found.append(int(stat.parent.name))
    return found


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.verify)])
@generators
def test_killed_at_random_moments_and_started_again_the_day_ends_the_same(
    generate: Generator, seed: int, tmp_path: Path, server_of_its_own: Path
) -> None:
    """A worker, the database server and the command itself are each killed with `kill -9`, twice."""
    day, state, server = tmp_path / "day", tmp_path / "state", server_of_its_own / "pg"
    oracle = generate(60 + seed, 2_000, 1.0, day)
    runner = Runner(day, {"CROSSDOCK_DATA_DIR": str(server_of_its_own)})
    runner.environment.pop("CROSSDOCK_DATABASE_URL", None)
    options = ("--state", str(state), "--batch", "20")
    chance = random.Random(seed)
    for _ in range(2):
        with subprocess.Popen(
            runner.command(*options), env=runner.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as run:
            workers = _wait_for(lambda: _workers(run.pid))
            time.sleep(chance.uniform(0.5, 1.5))  # a random moment, not a wait for anything
            os.kill(workers[0], signal.SIGKILL)
            time.sleep(chance.uniform(0.1, 1.0))
            os.kill(int((server / "cluster" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            time.sleep(chance.uniform(0.0, 0.5))
            run.kill()
            assert run.wait() != 0, "the day ended before it was killed: make it longer"
    result = runner.run(*options)
    assert compare(oracle, result, resent=True) == []
    _drop(server_of_its_own, state)


def _wait_for(what: Callable[[], list[int]]) -> list[int]:
    for _ in range(3_000):
        if found := what():
            return found
        time.sleep(0.01)
    raise AssertionError("no settle worker was started")


def _drop(data_dir: Path, state: Path) -> None:
    name = json.loads((state / "state.json").read_text())["database"]
    databases.drop_database(embedded.ensure_running(data_dir / "pg"), name)
