"""The class of a connection: what it may wait for, when somebody is alarmed, and what is put off at a peak."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
from tests.delivery.house import House, manifest

from crossdock.app.connection_report import reports

FEED = {
    "path": "/feed", "after": "after", "rows": "items", "record": "record", "entity": "entity", "id": "id",
    "cursor": "cursor", "more": "more",
}  # fmt: skip


@contextmanager
def slow_database(url: str) -> Iterator[None]:
    """Nobody reads the queue for most of the time: somebody locks it again and again."""
    stop = threading.Event()

    def lock() -> None:
        with psycopg.connect(url) as other:
            while not stop.is_set():
                with other.transaction():
                    other.execute("lock table delivery in access exclusive mode")
                    stop.wait(0.7)
                stop.wait(0.1)

    thread = threading.Thread(target=lock)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def crossdock(house: House, *words: str) -> str:
    """What the command line says."""
    command = [sys.executable, "-P", "-m", "crossdock", *words]
    told = os.environ | {"CROSSDOCK_DATABASE_URL": house.url, "COLUMNS": "250"}
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=60)
    assert not done.stderr
    return done.stdout


def test_what_waits_longer_than_its_class_allows_is_an_alarm(house: House) -> None:
    unreachable = {"address": "http://127.0.0.1:9"}
    house.connect(
        {
            "wms": ({"role": "wms", "integration": "legacy", **unreachable}, manifest()),
            "erp": ({"role": "erp", "integration": "erp_posting", **unreachable}, manifest()),
        }
    )
    for number in (1, 2):
        house.order(number)
    house.issue(2)
    house.settle()

    def alarmed(after: timedelta) -> dict[str, list[str]]:
        found = reports(house.connection, house.tenant, datetime.now(UTC) + after)
        return {one.name: one.alarms for one in found}

    assert alarmed(timedelta(minutes=4)) == {"erp": [], "wms": []}
    in_a_while = alarmed(timedelta(minutes=6))
    assert in_a_while["wms"] == []
    assert "erp_posting allows 5 min" in in_a_while["erp"][0]
    assert "legacy allows 60 min" in alarmed(timedelta(minutes=61))["wms"][0]


def test_a_class_and_its_alarms_are_listed_shown_and_the_doctor_warns(house: House) -> None:
    posting = {"role": "erp", "integration": "erp_posting", "address": "http://127.0.0.1:9"}
    house.connect({"erp": (posting, manifest())})
    house.order(1)
    house.issue(1)
    house.settle()
    house.rows("update delivery set enqueued_at = now() - interval '10 minutes'")
    for words in (["connection", "list"], ["connection", "show", "erp"], ["doctor"]):
        told = crossdock(house, *words)
        assert "erp_posting allows 5 min" in " ".join(told.split()), told
    assert "one effect a command" in crossdock(house, "connection", "show", "erp")


def test_at_a_peak_what_can_wait_is_put_off_and_the_books_of_the_house_go_on(house: House) -> None:
    wms, erp = house.system(), house.system()
    house.connect(
        {
            "wms": (
                {"role": "wms", "integration": "legacy", "source": "wms/DC01", "address": wms.address,
                 "poll": {"every_seconds": 0.1}}, manifest(feed=FEED),
            ),
            "erp": (
                {"role": "erp", "integration": "erp_posting", "source": "erp", "address": erp.address,
                 "poll": {"every_seconds": 0.1}}, manifest(feed=FEED),
            ),
        }
    )  # fmt: skip
    house.deliverer()
    house.until(lambda: wms.book()["feed_asked"] > 1)
    peaks = "select connection, before, after from connection_event where what = 'peak' order by id"
    with slow_database(house.url):
        house.until(lambda: house.rows(peaks) == [("wms", "all", "put off")])
        asked = wms.book()["feed_asked"]
        for number in (1, 2):
            house.order(number)
        house.issue(2)
        house.settle()
        house.until(lambda: "applied" in house.states().values())
        [posted] = [key for key, state in house.states().items() if state == "applied"]
        assert posted.startswith("shipment/SH2/goods_issue/")
        assert wms.book()["feed_asked"] <= asked + 1, "one may have been on its way when the peak began"
    house.until(lambda: house.rows(peaks)[1:] == [("wms", "put off", "all")])
    house.until(lambda: set(house.states().values()) == {"applied"})
    house.until(lambda: wms.book()["feed_asked"] > asked)
