"""Both real systems on their bad days, and two deliverers at them: nothing is lost and nothing is done twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from tests.real.real_house import RealHouse, real_house
from tests.real.test_order_to_cash import compare, trade

ORDERS = 6
BAD_SECONDS = 60
# Most of the day, not a moment of it: a document takes about ten calls.
SLOW_SECONDS = 180


def stopped(house: RealHouse) -> None:
    """Power cut: both processes are killed, and start again."""
    for server in (house.erp, house.wms):
        server.stop()
    time.sleep(BAD_SECONDS)
    for server in (house.erp, house.wms):
        server.start()


def harmed(mode: str, seconds: float = BAD_SECONDS, **more: float) -> Callable[[RealHouse], None]:
    def harm(house: RealHouse) -> None:
        for proxy in house.between.values():
            proxy.fault(mode, **more)
        time.sleep(seconds)
        for proxy in house.between.values():
            proxy.fault("pass")

    return harm


BAD_DAYS = {
    "stopped for a minute": stopped,
    "five seconds for each call": harmed("pass", SLOW_SECONDS, delay_seconds=5),
    "500 to every third call": harmed("fail", every=3),
    "cut after doing the work, every third": harmed("cut_after", every=3),
    "refusing tokens": harmed("refuse"),
}


@pytest.mark.verify
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("day", BAD_DAYS)
def test_no_document_is_lost_and_none_is_doubled(database_url: str, day: str) -> None:
    with real_house(database_url, harmed=("ERP", "WMS_A")) as house:
        trouble = threading.Thread(target=_later, args=(BAD_DAYS[day], house))
        trouble.start()
        try:
            trade(house, ORDERS, 900, deliverers=2)
        finally:
            trouble.join()
        compare(house, ORDERS)


def _later(harm: Callable[[RealHouse], None], house: RealHouse) -> None:
    """The trouble begins when the work has: some documents are made, others half made."""
    time.sleep(6)
    harm(house)
