"""Files that partners leave: picked up once by real deliverers, whatever dies, archived, with a receipt."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.running_server import EXAMPLE, environment_of

from crossdock.app.picking_up import Books, Place
from crossdock.engine import configuration
from crossdock.exchange.folder import Folder
from crossdock.kit.transport import Exchange, OutOfReach, Parcel
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as stored
from crossdock.store import exchange as store
from crossdock.store.connect import connect

HEADER = "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo\n"
SETTINGS = Exchange(
    path="bank", root_env="FILES", source="bank", takes={"payments-*.csv": "text/csv; layout=payments"},
    every_seconds=0.05, still_seconds=0.0,
)  # fmt: skip


def payment(number: int) -> str:
    return f"PMT-{number},INV-{number},C1,10.00,USD,2026-03-02,ACH,\n"


class House:
    """A tenant that takes files, and the bank's folder."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.bank = folder / "bank"
        self.bank.mkdir()
        self.opened: list[Books] = []
        self.connection = connect(url, purpose="test")
        self.tenant = stored.tenant_id(self.connection, "main")
        read = configuration.read_folder(EXAMPLE)
        configuration.apply(self.connection, self.tenant, read._replace(connections={}, exchanges={"bank": SETTINGS}))

    def drop(self, name: str, text: str) -> None:
        """As a careful sender does it."""
        draft = self.bank / f"{name}.tmp"
        draft.write_text(text)
        draft.rename(self.bank / name)

    def place(self, worker: str = "w1", transport: Folder | None = None, settings: Exchange = SETTINGS) -> Place:
        books = Books(self.url, self.tenant)
        self.opened.append(books)
        return Place("bank", settings, transport or Folder(self.bank, settings), books, worker)

    def payments(self) -> int:
        row = self.connection.execute("select count(*) from message").fetchone()
        return int(row[0]) if row else 0

    def problems(self) -> list[str]:
        return [row[0] for row in self.connection.execute("select problem from feed_problem order by id")]


@pytest.fixture
def house(database_url: str, tmp_path: Path) -> Iterator[House]:
    house = House(database_url, tmp_path)
    yield house
    for books in house.opened:
        books.close()
    house.connection.close()


def test_a_file_is_picked_up_once_archived_and_acknowledged(house: House) -> None:
    house.drop("payments-1.csv", HEADER + payment(1))
    place = house.place()
    assert place.look() == 1
    assert place.look() == 0
    assert house.payments() == 1
    (taken,) = store.files(house.connection, house.tenant, "bank", 10)
    receipt = json.loads((house.bank / "receipts" / "payments-1.csv.json").read_text())
    assert (receipt["status"], receipt["messages"], receipt["file"]) == ("taken", 1, "payments-1.csv")
    assert taken.seen == 1
    assert [file.name for file in house.bank.iterdir() if file.is_file()] == []


def test_the_same_content_again_is_a_duplicate_and_its_receipt_says_so(house: House) -> None:
    place = house.place()
    for name in ("payments-1.csv", "payments-2.csv"):
        house.drop(name, HEADER + payment(1))
        place.look()
    assert house.payments() == 1
    assert json.loads((house.bank / "receipts" / "payments-2.csv.json").read_text())["status"] == "duplicate"


def test_a_crash_between_the_commit_and_the_archive_costs_nothing(house: House) -> None:
    class Dies(Folder):
        def settle(self, parcel: Parcel, receipt: object) -> None:  # noqa: ARG002  # as the port has it
            raise KeyboardInterrupt

    house.drop("payments-1.csv", HEADER + payment(1))
    with pytest.raises(KeyboardInterrupt):
        house.place("w1", Dies(house.bank, SETTINGS)).look()
    assert house.payments() == 1
    house.connection.execute("update exchange_state set lease_until = now()")
    assert house.place("w2").look() == 0
    assert house.payments() == 1
    assert json.loads((house.bank / "receipts" / "payments-1.csv.json").read_text())["status"] == "duplicate"
    assert len(list((house.bank / "archive").rglob("payments-1.csv"))) == 1


def test_while_one_process_looks_after_a_place_no_other_does(house: House) -> None:
    house.drop("payments-1.csv", HEADER + payment(1))
    assert store.take(house.connection, house.tenant, "bank", "w1", lease_seconds=60)
    assert house.place("w2").look() == 0
    assert house.place("w1").look() == 1


def test_what_cannot_be_taken_stays_with_its_reason_and_its_neighbours_go_on(house: House) -> None:
    house.drop("payments-0.csv", "")
    house.drop("payments-1.csv", HEADER + payment(1))
    house.drop("readme.txt", "hello")
    small = msgspec.structs.replace(SETTINGS, bytes_max=200)
    house.drop("payments-2.csv", HEADER + payment(2) * 10)
    place = house.place(settings=small)
    assert place.look() == 1
    assert place.look() == 0
    assert sorted(house.problems()) == [
        "payments-0.csv is empty",
        "payments-2.csv has 484 bytes; 200 are taken at most",
        "readme.txt is like none of payments-*.csv",
    ]
    (standing,) = store.standings(house.connection, house.tenant)
    assert (standing.waiting, standing.files) == (3, 1)


def test_a_large_file_becomes_parts_and_all_of_it_or_nothing_is_taken(house: House) -> None:
    house.drop("payments-1.csv", HEADER + "".join(payment(number) for number in range(60_000)))
    assert house.place().look() == 1
    (taken,) = store.files(house.connection, house.tenant, "bank", 10)
    assert taken.messages == house.payments() > 1


def test_a_place_out_of_reach_says_so_and_comes_back(house: House) -> None:
    away = house.bank.with_name("away")
    house.bank.rename(away)
    place = house.place()
    assert place.look() == 0
    (standing,) = store.standings(house.connection, house.tenant)
    assert standing.problem is not None
    assert "is not there" in standing.problem
    away.rename(house.bank)
    house.drop("payments-1.csv", HEADER + payment(1))
    assert place.look() == 1
    (standing,) = store.standings(house.connection, house.tenant)
    assert standing.problem is None


def test_a_place_that_hangs_holds_up_no_other(house: House) -> None:
    class Hangs(Folder):
        def look(self) -> list[Parcel]:
            hung.set()
            released.wait(20)
            raise OutOfReach("it hung")

    hung, released = threading.Event(), threading.Event()
    books = Books(house.url, house.tenant)
    sick = Place("sick", SETTINGS, Hangs(house.bank, SETTINGS), books, "w1")
    thread = threading.Thread(target=sick.look)
    thread.start()
    try:
        assert hung.wait(10)
        house.drop("payments-1.csv", HEADER + payment(1))
        well = Place("bank", SETTINGS, Folder(house.bank, SETTINGS), books, "w1")
        assert well.look() == 1
    finally:
        released.set()
        thread.join()
        books.close()


@pytest.mark.timeout(90)
def test_files_dropped_while_deliverers_are_killed_are_each_taken_once(house: House) -> None:
    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "crossdock", "deliverer"],
            env=environment_of(house.url) | {"FILES": str(house.bank.parent)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    deliverers = [start(), start()]
    try:
        for number in range(60):
            house.drop(f"payments-{number}.csv", HEADER + payment(number))
            time.sleep(0.02)
            if number in {20, 40}:
                deliverers[0].send_signal(signal.SIGKILL)
                deliverers[0].wait()
                # Nobody waits a minute for the lease of the dead.
                house.connection.execute("update exchange_state set lease_until = now()")
                deliverers = [deliverers[1], start()]
        give_up_at = time.monotonic() + 60
        while any(file.is_file() for file in house.bank.iterdir()):
            assert time.monotonic() < give_up_at
            time.sleep(0.1)
    finally:
        for deliverer in deliverers:
            deliverer.terminate()
            deliverer.wait(20)
    assert house.payments() == 60
    assert len(list((house.bank / "receipts").iterdir())) == 60
    assert len(list((house.bank / "archive").rglob("*.csv"))) == 60


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"source": "nobody"}, "which is no source"),
        ({"takes": {"*.csv": "text/csv; layout=other"}}, "has no mapping for"),
        ({"path": "../elsewhere"}, "leads out of"),
    ],
)
def test_an_exchange_that_cannot_be_is_refused_when_it_is_applied(
    tmp_path: Path, changed: dict[str, object], problem: str
) -> None:
    for path in EXAMPLE.rglob("*.yaml"):
        copied = tmp_path / path.relative_to(EXAMPLE)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_bytes(path.read_bytes())
    one = msgspec.to_builtins(SETTINGS) | changed
    (tmp_path / "exchanges.yaml").write_bytes(msgspec.json.encode({"exchanges": {"bank": one}}))
    with pytest.raises(ConfigurationError, match=problem):
        configuration.read_folder(tmp_path)
