"""What tests on real systems share: the systems, each started once, and which tests run beside which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.real.contract.counterparts import TrytonErp, TrytonWms, counterpart

from crossdock.testing.counterpart import Counterpart

Systems = Callable[[str], Counterpart]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one system run one after another, in one process; two processes work on two systems at once."""
    for item in items:
        parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        name = str(parameters.get("counterpart", ""))
        group = "others" if name and name != "tryton-erp" else "tryton-erp"
        if "tryton_wms" in getattr(item, "fixturenames", ()):
            group = "others"
        if "database_url" in getattr(item, "fixturenames", ()):
            group = item.nodeid
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    """Gives a system by its name, running: started when it is first asked for, ended with the run."""
    running: dict[str, Counterpart] = {}
    with ExitStack() as stack:

        def give(name: str) -> Counterpart:
            if name not in running:
                running[name] = stack.enter_context(counterpart(name, tmp_path_factory.mktemp("fleet")))
            return running[name]

        yield give


@pytest.fixture
def tryton_erp(systems: Systems) -> TrytonErp:
    system = systems("tryton-erp")
    assert isinstance(system, TrytonErp)
    return system


@pytest.fixture
def tryton_wms(systems: Systems) -> TrytonWms:
    system = systems("tryton-wms")
    assert isinstance(system, TrytonWms)
    return system
