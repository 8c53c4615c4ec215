"""What every connector promises, tried on the real system it is for; the tests are those of the kit."""

from __future__ import annotations

import pytest
from tests.real.conftest import Systems
from tests.real.contract.counterparts import CALLING, NAMES

from crossdock.testing.contract import ConnectorContract, FeedContract, HookContract, UndoContract
from crossdock.testing.counterpart import Counterpart


@pytest.fixture(scope="module")
def counterpart(request: pytest.FixtureRequest, systems: Systems) -> Counterpart:
    return systems(request.param)


@pytest.mark.parametrize("counterpart", CALLING, indirect=True)
class TestThatCall(ConnectorContract, FeedContract, HookContract, UndoContract):
    pass


@pytest.mark.parametrize("counterpart", [name for name in NAMES if name not in CALLING], indirect=True)
class TestThatAreAsked(ConnectorContract, FeedContract, UndoContract):
    pass
