"""What the delivery tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.delivery.house import House


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A house with an empty database."""
    with House(database_url) as made:
        yield made
