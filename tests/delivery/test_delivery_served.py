"""The server starts deliverers of its own, and takes calls of systems at its door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest
from tests.delivery.house import House
from tests.delivery.test_delivery_inbound import SECRET, SPOKEN, issue, received, signed


def _post(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    request = urllib.request.Request(address, body, headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def test_a_served_house_delivers_and_follows_hooks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_HOOK_SECRET", SECRET)
    wms = house.system()
    settings = {
        "role": "wms",
        "source": "wms/DC01",
        "address": wms.address,
        "credentials": {"hook_secret_env": "TEST_HOOK_SECRET"},
    }
    house.connect({"wms": (settings, SPOKEN)})
    wms.control(records={"GI1": issue(1)})
    command = [sys.executable, "-P", "-m", "crossdock", "serve", "--port", "0", "--workers", "1", "--json"]
    server = subprocess.Popen(
        command, env=os.environ | {"CROSSDOCK_DATABASE_URL": house.url}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        house.order(7)
        house.until(lambda: house.states().get("order/SO7/release/1") == "applied")
        assert wms.book()["times"] == {"order/SO7/release/1": 1}

        body = b'{"entity": "goods_issue", "id": "GI1"}'
        assert _post(f"{address}/v1/hooks/wms", body, signed(body)) == (202, {"status": "noted"})
        status, problem = _post(f"{address}/v1/hooks/wms", body, signed(body, "another"))
        assert (status, problem["type"]) == (401, "/problems/hook-forged")
        house.until(lambda: received(house) == 1)
    finally:
        server.terminate()
        server.wait(30)
        assert server.stdout is not None
        server.stdout.close()
