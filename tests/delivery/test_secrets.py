"""What lets us in is sealed, and stands nowhere else: in no log, error, evidence, table, or word of a command."""

from __future__ import annotations

import base64
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.house import House, manifest

from crossdock.app.vault import Key, Vault, VaultClosed, new_key
from crossdock.store.connect import connect

SECRET = "the-token-that-nobody-may-see-0123456789"
OTHER = "another-token-that-nobody-may-see-98765"


class Gossip(http.server.BaseHTTPRequestHandler):
    """A system that repeats in its answer whatever it was told, the token too, and breaks now and then."""

    asked = 0

    def answer(self) -> None:
        Gossip.asked += 1
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = self.headers.get("Authorization", "")
        reference = self.headers.get("Idempotency-Key", "")
        found: dict[str, Any] = {"items": [], "id": "D1", "reference": reference, "told": told, "message": told}
        body = json.dumps(found).encode()
        self.send_response({1: 500, 2: 200, 3: 401}.get(Gossip.asked, 200))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815  # the names that the library calls

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def gossip() -> Iterator[str]:
    Gossip.asked = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gossip)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def crossdock(house: House, ring: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    said = {"CROSSDOCK_DATABASE_URL": house.url, "CROSSDOCK_KEYRING": str(ring)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "crossdock", *arguments], env=os.environ | said, input=typed, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def everything(house: House) -> str:
    """Every table of the database as text."""
    names = [row[0] for row in house.rows("select relname from pg_class where relkind = 'r' and relnamespace ="
                                          " 'public'::regnamespace")]  # fmt: skip
    told = []
    for name in names:
        rows = house.connection.execute(f'select t::text from "{name}" t'.encode()).fetchall()
        told += [str(row[0]) for row in rows]
        told += [bytes(one).decode("latin-1") for row in house.connection.execute(f'select * from "{name}"'.encode())
                 for one in row if isinstance(one, bytes)]  # fmt: skip
    return "\n".join(told)


def test_a_sealed_secret_lets_us_in_and_stands_nowhere(house: House, gossip: str, tmp_path: Path) -> None:
    ring = tmp_path / "keyring"
    ring.write_text(new_key("2026") + "\n")
    done = crossdock(house, ring, "secrets", "set", "wms", "bearer", typed=SECRET + "\n")
    assert done.returncode == 0, done.stderr
    settings = {
        "role": "wms", "address": gossip, "credentials": {"sealed": ["bearer"]},
        "retry": {"first_seconds": 0.05, "longest_seconds": 0.2},
    }  # fmt: skip
    house.connect({"wms": (settings, manifest())})
    for number in range(3):
        house.order(number)
    house.settle()
    log = tmp_path / "log"
    with log.open("wb") as written:
        command = [sys.executable, "-P", "-X", "dev", "-m", "crossdock", "deliverer", "--supervised"]
        said = {"CROSSDOCK_DATABASE_URL": house.url, "CROSSDOCK_KEYRING": str(ring)}
        process = subprocess.Popen(
            command, env=os.environ | said, stdin=subprocess.PIPE, stdout=written, stderr=written
        )
        house.processes.append(process)
        house.until_all("applied", 3)
    shown = [
        crossdock(house, ring, *command)
        for command in (
            ["secrets", "list"], ["secrets", "list", "--json"], ["connection", "list", "--json"],
            ["connection", "show", "wms", "--json"], ["connection", "check"], ["show", "order/SO1", "--json"],
            ["connection", "attempts", "order/SO1", "--json"], ["connection", "attempts", "order/SO0", "--json"],
            ["explain", "order/SO1", "--json"], ["doctor", "--json"],
        )
    ]  # fmt: skip
    written_down = "\n".join([log.read_text(), everything(house), *(one.stdout + one.stderr for one in shown)])
    assert "(secret)" in written_down, "the system told it, and it was masked"
    for form in (SECRET, base64.b64encode(SECRET.encode()).decode(), SECRET.encode().hex()):
        assert form not in written_down


def test_keys_rotate_and_the_old_one_can_be_taken_out(house: House, tmp_path: Path) -> None:
    ring = tmp_path / "keyring"
    old, new = new_key("old"), new_key("new")
    ring.write_text(old + "\n")
    crossdock(house, ring, "secrets", "set", "erp", "password", typed=SECRET)
    ring.write_text(f"{new}\n{old}\n")
    assert "1 sealed anew" in crossdock(house, ring, "secrets", "rotate").stdout
    ring.write_text(new + "\n")
    name, _, text = new.partition(":")
    vault = Vault(house.connection, house.tenant, [Key(name, base64.b64decode(text))])
    assert vault.open("erp") == {"password": SECRET}
    ring.write_text(old + "\n")
    refused = crossdock(house, ring, "secrets", "rotate")
    assert refused.returncode == 3
    assert "is sealed with key new, which is not in the keyring" in refused.stderr


def test_a_row_that_was_moved_or_changed_does_not_open(house: House) -> None:
    vault = Vault(house.connection, house.tenant, [Key("k", b"k" * 32)])
    vault.put("erp", "bearer", SECRET, who="me")
    vault.put("wms", "bearer", OTHER, who="me")
    assert vault.open("erp") == {"bearer": SECRET}
    house.rows("update connection_secret set nonce = o.nonce, sealed = o.sealed from connection_secret o"
               " where connection_secret.connection = 'wms' and o.connection = 'erp'")  # fmt: skip
    with pytest.raises(VaultClosed, match="does not open"):
        vault.open("wms")
    house.rows("update connection_secret set sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1)")
    with pytest.raises(VaultClosed, match="does not open") as refused:
        vault.open("erp")
    assert SECRET not in str(refused.value)
    with pytest.raises(VaultClosed, match="does not open"), connect(house.url, purpose="test") as other:
        Vault(other, house.tenant, [Key("k", b"x" * 32)]).open("erp")


@pytest.mark.parametrize("wrong", ["", "two\nlines", "x" * 10_001])
def test_what_is_no_secret_is_refused_and_not_repeated(house: House, wrong: str) -> None:
    vault = Vault(house.connection, house.tenant, [Key("k", b"k" * 32)])
    with pytest.raises(VaultClosed) as refused:
        vault.put("erp", "bearer", wrong, who="me")
    assert not wrong or wrong not in str(refused.value)
    with pytest.raises(VaultClosed, match="is no secret of a connection"):
        vault.put("erp", "shoe_size", SECRET, who="me")


def test_a_keyring_that_is_none_is_refused_without_a_word_of_it(house: House, tmp_path: Path) -> None:
    ring = tmp_path / "keyring"
    for text in ("", "no colon", "short:" + base64.b64encode(b"short").decode(), "k:" + SECRET):
        ring.write_text(text)
        refused = crossdock(house, ring, "secrets", "set", "erp", "bearer", typed=SECRET)
        assert refused.returncode == 3, refused.stderr
        assert SECRET not in refused.stderr + refused.stdout
