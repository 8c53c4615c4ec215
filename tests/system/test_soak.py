"""Everything at once, seed by seed: systems that err and fall silent, one away for a minute, workers killed.

At the end every command has exactly one effect in the book of the system it was for, nothing is lost, and what every
system believes is what we believe. `make test` runs one seed with a short absence, `make verify` twenty in which a
system is away for a minute.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from crossdock.app import reconcile
from crossdock.app.estate import Estate
from crossdock.app.opening import Opened

SEEDS = [pytest.param(1, 5.0)] + [pytest.param(seed, 60.0, marks=pytest.mark.verify) for seed in range(1, 21)]
ORDERS = 16
KILLS = 5
AWAY = ("erp", "tms", "wms-a", "wms-b", "carriers")
FAULTS = {
    "error": 0.05,
    "timeout_after": 0.02,
    "hold_seconds": 1.0,
    "doubled_hooks": 0.02,
    "lost_hooks": 0.01,
    "doubled_messages": 0.02,
}


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("seed", "away_seconds"), SEEDS)
def test_with_all_faults_at_once_every_command_has_one_effect_and_all_books_agree(
    database_url: str, tmp_path: Path, seed: int, away_seconds: float
) -> None:
    luck = Random(f"soak/{seed}")
    with Estate(database_url, tmp_path, speed=5_000, timeout_seconds=0.5, seed=seed) as estate:
        estate.open()
        for name in estate.fleet.names:
            estate.fleet.control(name, **FAULTS)
        estate.fleet.control("carriers", rules={"accessorial_84": 0.2, "doubled_210": 0.2})
        estate.order(ORDERS, 8.0)
        time.sleep(luck.uniform(0.5, 2.5))
        away = luck.choice(AWAY)
        how = luck.choice(("503", "close", "refuse"))
        estate.fleet.control(away, down={"how": how, "seconds": away_seconds})
        ends_at = time.monotonic() + away_seconds
        killed = [kill_a_worker(estate, luck, after_seconds=luck.uniform(0.3, 1.0)) for _ in range(KILLS)]
        time.sleep(max(0.0, ends_at - time.monotonic()))
        for name in estate.fleet.names:
            estate.fleet.control(name, faults=None)
        estate.await_still(150)

        story = f"{away} was away ({how}), killed were {killed}"
        assert estate.findings() == [], story
        books = estate.books()
        effects = {deed["key"]: deed["applied"] for book in books.values() for deed in book["deeds"] if deed["applied"]}
        assert set(effects.values()) == {1}, story
        done = {one.key.wire() for one in estate.ours().commands if one.state in {"applied", "undone"}}
        assert done == effects.keys(), story
        assert len(estate.ours().orders) == len(books["shop"]["records"]["order"]) == ORDERS, story
        found = reconcile.run(
            Opened(estate.connection, estate.tenant, estate.url), environment=os.environ | estate.environment()
        )
        differences = [f"{system.name}: {one.sentence}" for system in found.systems for one in system.differences]
        assert (differences, found.unreachable, found.clean) == ([], (), True), story


def kill_a_worker(estate: Estate, luck: Random, *, after_seconds: float) -> str:
    """Kill a worker or a deliverer as a power cut would; the server starts another."""
    time.sleep(after_seconds)
    children = [
        int(child)
        for told in Path(f"/proc/{estate.process}/task").glob("*/children")
        for child in told.read_text().split()
    ]
    pid = luck.choice(sorted(children))
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return next((word for word in words if word in {"worker", "deliverer"}), "child")
