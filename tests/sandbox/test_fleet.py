"""The processes of the sandbox: introduced to each other, fast, and gone when their parent is."""

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sandbox.talking import Talk

from crossdock.sandbox.systems.fleet import Fleet

StartFleet = Callable[..., Fleet]
StartOne = Callable[..., Talk]
PARENT = """
import sys, time
from pathlib import Path
from crossdock.sandbox.systems.fleet import Fleet
fleet = Fleet(Path(sys.argv[1]), names=("erp", "bank"))
fleet.start()
print(*(running.process.pid for running in fleet.running.values()), flush=True)
time.sleep(60)
"""


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_nothing_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as out:
        children = [int(pid) for pid in out.readline().split()]
    assert len(children) == 2
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    end = time.monotonic() + 20
    while any(map(_lives, children)):
        assert time.monotonic() < end, "a child lives on"
        time.sleep(0.05)


def test_a_fleet_says_where_everything_is(start_fleet: StartFleet) -> None:
    fleet = start_fleet("erp", "bank", "tms")
    told = json.loads((fleet.folder / "fleet.json").read_text())["systems"]
    assert told.keys() == {"erp", "bank", "tms"}
    assert told["erp"]["address"] == fleet.address("erp")
    assert told["erp"]["hook_secret"]
    assert (fleet.folder / "fleet.json").stat().st_mode & 0o077 == 0
    assert {path.name for path in (fleet.folder / "master-data").iterdir()} == {
        "customers.csv",
        "initial_stock.csv",
        "items.csv",
        "rates.csv",
    }
    fleet.restart("erp")
    assert fleet.address("erp") == told["erp"]["address"]


def test_a_system_that_is_wanted_in_the_wrong_way_says_so(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "crossdock.sandbox.systems", "erp", "--book", str(tmp_path)]
    done = subprocess.run([*program, "--control", '{"rules": {"no": 1}}'], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "`no`" in done.stderr


@pytest.mark.timeout(60)
def test_a_few_thousand_deeds_from_many_at_once_are_all_done_once(start_one: StartOne) -> None:
    talk = start_one("erp")
    senders, each = 8, 250

    def send(sender: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", talk.fleet.running["erp"].port, timeout=30)
        for number in range(each):
            name = f"{sender}-{number}"
            body = {"issue_no": name, "order_no": name, "shipment_no": name, "warehouse": "DC01", "lines": []}
            headers = {"Authorization": f"Bearer {talk.fleet.tokens['erp']}", "Idempotency-Key": name}
            connection.request("POST", "/goods_issues", json.dumps(body), headers)
            answer = connection.getresponse()
            assert (answer.status, answer.read()[:6]) == (201, b'{"id":')
        connection.close()

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    book = talk.fleet.book("erp")
    assert len(book["records"]["goods_issue"]) == senders * each
    assert {deed["applied"] for deed in book["deeds"]} == {1}
