"""Systems of the sandbox as real processes; all are stopped at the end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.sandbox.talking import Recorder, Talk

from crossdock.sandbox.systems.catalog import SYSTEMS
from crossdock.sandbox.systems.fleet import Fleet

StartFleet = Callable[..., Fleet]
StartOne = Callable[..., Talk]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A stand-in for Crossdock."""
    recorder = Recorder()
    yield recorder
    recorder.close()


@pytest.fixture
def start_fleet(tmp_path: Path) -> Iterator[StartFleet]:
    """Starts systems, all unless some are named."""
    with ExitStack() as stack:

        def start(*names: str, speed: float = 1.0, seed: int = 7) -> Fleet:
            folder = tmp_path / f"fleet-{len(list(tmp_path.iterdir()))}"
            return stack.enter_context(Fleet(folder, names=names or SYSTEMS, seed=seed, speed=speed))

        yield start


@pytest.fixture
def start_one(start_fleet: StartFleet) -> StartOne:
    """Starts one system alone."""
    return lambda name, **how: Talk(start_fleet(name, **how), name)
