"""Nothing here may open a socket: values in, values out."""

import pytest


@pytest.fixture(autouse=True)
def _without_sockets(socket_disabled: None) -> None:
    """Any socket fails the test."""
