import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import Crossdock, SettledDay, settle

from crossdock.store import configuration as stored

_HEADER = "payment_ref,invoice_no,customer_no,amount,currency,value_date,method,memo"


def _payments(path: Path, rows: int, name: str) -> Path:
    lines = [f"{name}-{n},NOINV-{n},K1,{n}.17,USD,2026-03-02,WIRE,memo of {name} {n}" for n in range(1, rows + 1)]
    path.write_text("\n".join([_HEADER, *lines]) + "\n")
    return path


def _messages(books: Any, name: str) -> list[tuple[int, int]]:
    """(first row, bytes) of each part of a file."""
    found: list[tuple[int, int]] = books.execute(
        "select first_row, length(body) from message where name = %s order by arrival", (name,)
    ).fetchall()
    return found


def test_a_file_comes_in_parts_that_read_as_the_whole_would(crossdock: Crossdock, books: Any, tmp_path: Path) -> None:
    path = _payments(tmp_path / "whole.csv", 2_000, "WHOLE")
    (taken,) = crossdock("ingest", path, "--source", "bank", "--json").lines
    assert (taken["state"], taken["duplicates"], taken["bytes"]) == ("taken in", 0, path.stat().st_size)
    parts = _messages(books, "whole.csv")
    assert len(parts) == taken["new"] > 3
    settle(books, stored.tenant_id(books, "main"))
    count = "select count(*), count(distinct key) from event where key like 'WHOLE-%'"
    assert books.execute(count).fetchone() == (2_000, 2_000)
    assert crossdock("show", "WHOLE-1777", "--json").json["id"] == "customer_invoice/NOINV-1777"


def test_the_same_file_again_was_taken_in_before(crossdock: Crossdock, books: Any, tmp_path: Path) -> None:
    path = _payments(tmp_path / "again.csv", 10, "AGAIN")
    assert crossdock("ingest", path, "--source", "bank", "--json").lines[0]["new"] == 1
    (again,) = crossdock("ingest", path, "--source", "bank", "--json").lines
    assert (again["state"], again["new"], again["duplicates"]) == ("taken in before", 0, 0)
    assert "nothing changed" in crossdock("ingest", path, "--source", "bank").err
    os.utime(path)
    (touched,) = crossdock("ingest", path, "--source", "bank", "--json").lines
    assert (touched["state"], touched["new"], touched["duplicates"]) == ("taken in", 0, 1)
    with path.open("a") as file:
        file.write("AGAIN-NEW,NOINV-1,K1,1.00,USD,2026-03-02,WIRE,one more\n")
    assert crossdock("ingest", path, "--source", "bank", "--json").lines[0]["new"] == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_file_goes_on_where_it_stopped(
    crossdock: Crossdock, books: Any, url: str, tmp_path: Path, how: signal.Signals
) -> None:
    path = _payments(tmp_path / f"long{how.value}.csv", 150_000, f"LONG{how.value}")
    process = subprocess.Popen(
        [sys.executable, "-m", "crossdock", "ingest", str(path), "--source", "bank", "--json"],
        env=os.environ | {"CROSSDOCK_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads here
    )
    while not _messages(books, path.name):
        time.sleep(0.005)
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode in (130, 0), err
        assert sum(json.loads(line)["new"] for line in out.splitlines()) == len(_messages(books, path.name))
    before = _messages(books, path.name)
    (rest,) = crossdock("ingest", path, "--source", "bank", "--json").lines
    parts = _messages(books, path.name)
    assert rest["new"] == len(parts) - len(before)
    assert rest["duplicates"] == 0
    assert sum(size for _, size in parts) == path.stat().st_size
    assert [row for row, _ in parts] == sorted({row for row, _ in parts})
    # Nobody needs them settled.
    books.execute("delete from inbox")


def test_a_pipe_and_a_folder_are_taken_in_and_the_same_bytes_are_kept_once(
    crossdock: Crossdock, settled_day: SettledDay, tmp_path: Path
) -> None:
    day = (settled_day.folder / "deliveries.ndjson").read_bytes()
    count = settled_day.oracle["input"]["deliveries"]
    (piped,) = crossdock("ingest", "-", "--envelope", "--json", stdin=day).lines
    assert (piped["new"], piped["duplicates"]) == (0, count)
    folder = tmp_path / "drop"
    folder.mkdir()
    _payments(folder / "b.csv", 2, "DROPB")
    _payments(folder / "a.csv", 2, "DROPA")
    (folder / ".hidden").write_text("not ours")
    taken = crossdock("ingest", folder, "--source", "bank", "--json").lines
    assert [(Path(one["file"]).name, one["new"]) for one in taken] == [("a.csv", 1), ("b.csv", 1)]


def test_json_lines_are_messages_of_their_own(crossdock: Crossdock, books: Any, tmp_path: Path) -> None:
    path = tmp_path / "orders.ndjson"
    path.write_text('{"type": "order.created", "n": 1}\n\n{"type": "order.created", "n": 2}\n')
    (taken,) = crossdock("ingest", path, "--source", "oms", "--json").lines
    assert taken["new"] == 2
    assert books.execute("select distinct content_type from message where name = 'orders.ndjson'").fetchall() == [
        ("application/json",)
    ]


def test_a_json_document_is_one_message(crossdock: Crossdock, tmp_path: Path) -> None:
    path = tmp_path / "order.json"
    path.write_text('{\n "type": "order.created",\n "n": 3\n}\n')
    assert crossdock("ingest", path, "--source", "oms", "--json").lines[0]["new"] == 1


def test_what_leaves_a_choice_is_asked_for(crossdock: Crossdock, settled_day: SettledDay) -> None:
    path = settled_day.folder / "rates.csv"
    done = crossdock("ingest", path, "--source", "master-data")
    assert done.code == 2
    assert "text/csv;layout=customers, text/csv;layout=initial_stock, text/csv;layout=items" in done.err
    said = ["--content-type", "text/csv; layout=rates"]
    assert crossdock("ingest", path, "--source", "master-data", *said).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--source, or --envelope"),
        (["--source", "bank", "--envelope"], "--source, or --envelope"),
        (["--source", "bnak"], "bank"),
        (["--source", "oms"], "oms does not send 'text/csv'; it sends application/json"),
        (["--source", "bank", "--content-type", "text/plain"], "bank does not send 'text/plain'"),
    ],
)
def test_what_cannot_be_decided_is_a_usage_error(
    crossdock: Crossdock, tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = crossdock("ingest", _payments(tmp_path / "x.csv", 1, "X"), *arguments)
    assert done.code == 2
    assert says in done.err


def test_a_line_that_is_no_envelope_stops_the_file_there(crossdock: Crossdock, tmp_path: Path) -> None:
    path = tmp_path / "day.ndjson"
    good = json.dumps({"source": "oms", "content_type": "application/json", "raw": '{"only": "this"}'})
    path.write_text(f"{good}\nnot an envelope\n")
    done = crossdock("ingest", path, "--envelope", "--json")
    assert done.code in (1, 6)
    assert f"byte {len(good) + 1}" in done.err
    path.write_text(good.replace("oms", "nobody") + "\n")
    assert "source 'nobody' is not configured" in crossdock("ingest", path, "--envelope").err
