"""What every transport keeps, tried on each: whole files only, exactly their bytes, settled once, nothing followed."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from crossdock.exchange.folder import Folder
from crossdock.kit.transport import Exchange, OutOfReach, Parcel, Receipt, Transport, Unfinished


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Kind:
    """A kind of transport: a partner's hand in it, and ours."""

    def __init__(self, transport: Transport, path: Path, clock: Clock) -> None:
        self.transport = transport
        self.path = path
        self.clock = clock

    def write(self, name: str, body: bytes) -> Path:
        file = self.path / name
        file.write_bytes(body)
        return file

    def whole(self) -> list[Parcel]:
        """What is shown after everything was still for long enough."""
        self.transport.look()
        self.clock.now += 2
        return self.transport.look()

    def fetched(self, parcel: Parcel) -> bytes:
        into = io.BytesIO()
        self.transport.fetch(parcel, into)
        return into.getvalue()


def folder(path: Path, clock: Clock) -> Transport:
    return Folder(path, Exchange(path="in", source="bank", takes={"*": "text/csv"}), now=clock)


@pytest.fixture(params=[folder])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    make: Callable[[Path, Clock], Transport] = request.param
    clock = Clock()
    path = tmp_path / "in"
    path.mkdir()
    return Kind(make(path, clock), path, clock)


RECEIPT = Receipt(
    file="a.csv", status="taken", bytes=3, sha256="ab" * 32, messages=1, first_message="2026-11-25/1/0",
    received="2026-11-25T10:00:00+00:00",
)  # fmt: skip


def test_a_file_is_shown_when_it_was_still_for_a_while_and_not_before(kind: Kind) -> None:
    kind.write("a.csv", b"one")
    assert kind.transport.look() == []
    kind.clock.now += 1.9
    assert kind.transport.look() == []
    kind.clock.now += 0.2
    assert [parcel.name for parcel in kind.transport.look()] == ["a.csv"]


def test_a_file_that_grows_is_not_shown_until_it_stops(kind: Kind) -> None:
    kind.write("a.csv", b"one")
    for size in range(5):
        kind.transport.look()
        kind.write("a.csv", b"one" * (size + 2))
        kind.clock.now += 1.5
    assert kind.transport.look() == []
    kind.clock.now += 2
    (parcel,) = kind.transport.look()
    assert kind.fetched(parcel) == b"one" * 6


@pytest.mark.parametrize("name", ["a.csv.tmp", "a.csv.part", ".a.csv", "a.csv.filepart", "a.csv~"])
def test_a_name_that_says_that_it_is_not_finished_is_believed(kind: Kind, name: str) -> None:
    kind.write(name, b"half")
    assert kind.whole() == []


def test_what_changes_between_the_look_and_the_fetch_is_noticed(kind: Kind) -> None:
    file = kind.write("a.csv", b"one")
    (parcel,) = kind.whole()
    with file.open("ab") as more:
        more.write(b" and more")
    with pytest.raises(Unfinished):
        kind.fetched(parcel)
    file.unlink()
    with pytest.raises(Unfinished):
        kind.fetched(parcel)


def test_links_folders_and_pipes_are_not_followed(kind: Kind, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (kind.path / "link.csv").symlink_to(secret)
    (kind.path / "folder.csv").mkdir()
    os.mkfifo(kind.path / "pipe.csv")
    assert kind.whole() == []
    file = kind.write("a.csv", b"one")
    (parcel,) = kind.whole()
    file.unlink()
    file.symlink_to(secret)
    with pytest.raises((OutOfReach, Unfinished)):
        kind.fetched(parcel)


def test_files_come_oldest_first(kind: Kind) -> None:
    for age, name in enumerate(["c.csv", "a.csv", "b.csv"]):
        file = kind.write(name, b"x")
        os.utime(file, (1_000 + age, 1_000 + age))
    assert [parcel.name for parcel in kind.whole()] == ["c.csv", "a.csv", "b.csv"]


def test_a_settled_file_is_in_the_archive_of_its_day_and_its_receipt_is_there(kind: Kind) -> None:
    kind.write("a.csv", b"one")
    (parcel,) = kind.whole()
    kind.transport.settle(parcel, RECEIPT)
    assert (kind.path / "archive" / "2026-11-25" / "a.csv").read_bytes() == b"one"
    told = json.loads((kind.path / "receipts" / "a.csv.json").read_bytes())
    assert told == msgspec.to_builtins(RECEIPT)
    assert kind.whole() == []


def test_settling_again_after_a_crash_does_no_harm_and_loses_nothing(kind: Kind) -> None:
    kind.write("a.csv", b"one")
    (parcel,) = kind.whole()
    kind.transport.settle(parcel, RECEIPT)
    kind.transport.settle(parcel, RECEIPT)
    kind.write("a.csv", b"two")
    (again,) = kind.whole()
    kind.transport.settle(again, msgspec.structs.replace(RECEIPT, sha256="cd" * 32))
    kept = sorted(file.read_bytes() for file in (kind.path / "archive" / "2026-11-25").iterdir())
    assert kept == [b"one", b"two"]


def test_a_place_that_is_not_there_says_so(tmp_path: Path) -> None:
    gone = Folder(tmp_path / "nowhere", Exchange(path="nowhere", source="bank", takes={"*": "text/csv"}))
    with pytest.raises(OutOfReach, match="nowhere is not there"):
        gone.look()
