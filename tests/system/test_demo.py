"""The estate: orders go from the shop to the bank through Crossdock, and all books agree at the end."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from crossdock.app.estate import Estate
from crossdock.app.reconciling import agreed
from crossdock.app.scratch import drop_leftovers
from crossdock.store import databases
from crossdock.store.databases import create_database, drop_database

KINDS = ("plan_shipment", "release_order", "post_goods_issue", "create_invoice", "post_freight_invoice")
ORDERS = 20


@pytest.mark.timeout(90)
def test_twenty_orders_go_from_shop_to_bank_and_every_command_is_applied_once(
    database_url: str, tmp_path: Path
) -> None:
    with Estate(database_url, tmp_path, speed=5_000) as estate:
        estate.open()
        for name in ("wms-a", "wms-b"):
            estate.fleet.control(name, rules={"short_pick": 0})
        estate.fleet.control("carriers", rules={"decline": 0, "variance": 0})
        estate.fleet.control("bank", rules={"short": 0})
        estate.order(ORDERS)
        estate.await_still(60)
        assert estate.findings() == []
        ours, books = estate.ours(), estate.books()
    asked = Counter(one.kind for one in ours.commands)
    assert asked == dict.fromkeys(KINDS, ORDERS)
    assert {one.state for one in ours.commands} <= {"applied", "satisfied"}
    assert Counter(view["status"] for view in ours.orders.values() if view) == {"PAID": ORDERS}
    deeds = Counter(
        deed["kind"] for name in ("tms", "wms-a", "erp") for deed in books[name]["deeds"] if deed["applied"] == 1
    )
    deeds["release_order"] += sum(deed["applied"] == 1 for deed in books["wms-b"]["deeds"])
    assert deeds == asked
    assert all(deed["applied"] == 1 for book in books.values() for deed in book["deeds"])
    assert all(one.theirs == one.ours for one in agreed(books, ours))
    assert len(books["bank"]["records"]["payment"]) == ORDERS


@pytest.mark.timeout(120)
def test_they_do_so_although_systems_fail_and_repeat_themselves(database_url: str, tmp_path: Path) -> None:
    with Estate(database_url, tmp_path, speed=5_000, timeout_seconds=0.5) as estate:
        estate.open()
        for name in estate.fleet.names:
            estate.fleet.control(name, error=0.05, timeout_after=0.05, hold_seconds=1, doubled_messages=0.2)
        estate.order(ORDERS)
        estate.fleet.control("erp", down={"how": "close", "seconds": 3})
        estate.await_still(100)
        assert estate.findings() == []
        assert Counter(
            view["status"] in {"PAID", "PARTIALLY_PAID"} for view in estate.ours().orders.values() if view
        ) == {True: ORDERS}


def _demo(cluster_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "crossdock", "demo", *arguments],
        env=os.environ | {"CROSSDOCK_DATABASE_URL": cluster_url},
        capture_output=True,
        text=True,
        timeout=140,
        check=False,
    )


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scenario", ["F-8", "F-9", "F-10", "F-11", "F-12", "F-13", "F-14", "F-16", "F-17", "F-18"])
def test_a_scenario_says_in_one_line_how_it_ended(cluster_url: str, scenario: str) -> None:
    done = _demo(cluster_url, "--scenario", scenario, "--json")
    (line,) = done.stdout.splitlines()
    verdict = json.loads(line)
    assert (done.returncode, verdict["is_as_told"], verdict["findings"]) == (0, True, []), done.stderr


def test_a_scenario_that_is_not_there_is_refused_with_the_list(cluster_url: str) -> None:
    done = _demo(cluster_url, "--scenario", "F-99")
    assert done.returncode == 2
    assert "F-8" in done.stderr
    assert "F-18" in done.stderr


@pytest.mark.timeout(150)
def test_the_demo_ends_clean_with_all_that_a_visitor_would_do_done_and_compares(cluster_url: str) -> None:
    done = _demo(cluster_url, "--json", "--orders", "25", "--history", "60")
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"], report["is_clean"]) == (0, [], True), done.stderr
    assert report["dead_letters"] < 37
    assert report["breakers"].keys() >= {"carriers", "erp"}
    assert sum(report["orders"].values()) >= 25 + 37 + 60
    assert {one["system"]: one["theirs"] for one in report["agreed"]}["carriers"] == 1, "one bill was disputed"
    assert [one["what"] for one in report["compared"]][-1] == "orders of an item that nobody knew"
    assert "37 kept, read" in report["compared"][-1]["crossdock"]
    for told in ("is approved: it is posted as billed", "is disputed", "the 37 orders are read again", "came as X12"):
        assert told in done.stderr


def test_what_a_killed_run_left_is_dropped_by_the_next_and_nothing_else(cluster_url: str) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    token = secrets.token_hex(6)
    names = {
        "left": f"killed_{gone.pid}_{token}",
        "in use": f"killed_{gone.pid}_{token[::-1]}",
        "alive": f"killed_{os.getpid()}_{token}",
        "kept": f"killed_{token}",
    }
    urls = {what: create_database(cluster_url, name) for what, name in names.items()}
    try:
        with psycopg.connect(urls["in use"]):
            assert drop_leftovers(cluster_url, "killed") == [names["left"]]
        there = databases.names(cluster_url)
        assert {what for what, name in names.items() if name in there} == {"in use", "alive", "kept"}
    finally:
        for name in names.values():
            drop_database(cluster_url, name)


@pytest.mark.timeout(60)
def test_nothing_outlives_a_demo_that_is_killed(database_url: str, tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib\n"
        "from crossdock.app.estate import Estate\n"
        "with Estate(sys.argv[1], pathlib.Path(sys.argv[2])) as estate:\n"
        "    estate.open()\n"
        "    print(*(one.process.pid for one in estate.fleet.running.values()), estate._serve.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program, database_url, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        pids = [int(pid) for pid in demo.stdout.readline().split()]
        children = [child for pid in pids for child in _children(pid)]
        demo.send_signal(signal.SIGKILL)
    assert len(pids) == 8
    assert len(children) >= 3
    give_up_at = time.monotonic() + 25
    while any(_lives(pid) for pid in [*pids, *children]):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
