"""A house with systems to deliver to: real cases, the real engine, real HTTP servers in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import psycopg

from crossdock.engine import configuration
from crossdock.engine.configuration import Folder
from crossdock.engine.settle import Settler
from crossdock.kit.connection import Configured, Connection
from crossdock.store import configuration as stored
from crossdock.store.connect import connect
from crossdock.store.intake import Incoming, digest, receive

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "distributor"
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def manifest(**changes: Any) -> dict[str, Any]:
    """How the test system is spoken to."""
    find = {"path": "/deeds", "query": {"reference": "$key"}, "rows": "items", "same": {"reference": "$key"},
            "document_no": ["id"]}  # fmt: skip

    def deed(action: str, kind: str) -> dict[str, Any]:
        return {"path": f"/{kind}/{action}", "body": {"content": "$content", "of": "$of_document"},
                "same": {"reference": "$key"}, "document_no": ["id"]}  # fmt: skip

    kinds = ("release_order", "create_invoice", "post_goods_issue", "post_freight_invoice")
    return {
        "manifest": "test", "version": 1, "idempotent": True, "key": {"header": "Idempotency-Key"},
        "believed": {"numbers": ["version"]}, "check": "/book",
        "deeds": {kind: {"find": find, "actions": {a: deed(a, kind) for a in ("do", "amend", "undo", "adjust")}}
                  for kind in kinds},
        "rules": [{"when": {"error.code": ["E900"]}, "means": "rejected", "reason": "error.message"}],
    } | changes  # fmt: skip


class Far:
    """A system in a process of its own."""

    def __init__(self) -> None:
        program = Path(__file__).with_name("system.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def control(self, **moods: Any) -> None:
        body = json.dumps(moods).encode()
        request = urllib.request.Request(f"{self.address}/control", body, method="PUT")
        urllib.request.urlopen(request, timeout=10).close()

    def book(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}/book", timeout=10) as answer:
            shown: dict[str, Any] = json.load(answer)
            return shown

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class House:
    """Orders are told, commands follow, deliverers in processes of their own send them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection = connect(url, purpose="house")
        self.tenant = stored.tenant_id(self.connection, "main")
        self.folder = _retractable(configuration.read_folder(EXAMPLE).without_connections())
        self.processes: list[subprocess.Popen[bytes]] = []
        self.systems: list[Far] = []
        self.settler: Settler | None = None
        self.roles: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, bad: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
        for system in self.systems:
            system.close()
        self.connection.close()

    def system(self) -> Far:
        self.systems.append(Far())
        return self.systems[-1]

    def connect(self, connections: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
        """Apply the example with these connections: settings and manifest by name."""
        configured = {
            name: Configured(connection=msgspec.convert({"manifest": "test"} | settings, Connection), manifest=spoken)
            for name, (settings, spoken) in connections.items()
        }
        self.roles = sorted({one.connection.role for one in configured.values()})
        folder: Folder = self.folder._replace(connections=configured)
        configuration.apply(self.connection, self.tenant, folder)
        loaded = configuration.load(self.connection, self.tenant)
        self.settler = Settler(self.connection, self.tenant, loaded)

    def deliverer(self, number: int = 0) -> subprocess.Popen[bytes]:
        """A deliverer process."""
        command = [sys.executable, "-P", "-m", "crossdock", "deliverer", "--supervised", "--shard", str(number)]
        process = subprocess.Popen(
            command, env=os.environ | {"CROSSDOCK_DATABASE_URL": self.url}, stdin=subprocess.PIPE
        )
        self.processes.append(process)
        return process

    def say(self, source: str, what: str, /, *, revision: int = 0, gone: bool = False, **data: Any) -> None:
        """A JSON event, not settled yet; `gone` takes it back."""
        assert self.settler is not None
        at = MORNING.isoformat().replace("+00:00", "Z")
        envelope = {
            "id": f"{what}/{digest(json.dumps(data).encode()).hex()}", "source": source, "type": what,
            "specversion": "1.0", "time": at, "data": data, "revision": str(revision), "gone": "yes" if gone else "no",
        }  # fmt: skip
        body = json.dumps(envelope).encode()
        sender = self.settler.configuration.named(source)
        assert sender is not None
        content = digest(body)
        receive(self.connection, self.tenant, [Incoming(sender.id, content, content, "application/json", body)])

    def settle(self) -> None:
        """Settle all that waits."""
        assert self.settler is not None
        while self.settler.settle(batch=500, now=datetime.now(UTC)):
            pass

    def order(
        self,
        number: int,
        quantity: int = 10,
        *,
        warehouse: str = "DC01",
        sku: str = "SKU1",
        revision: int = 0,
        gone: bool = False,
    ) -> None:
        """An order: its warehouse is to release it."""
        ship_to = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}
        line = {"line": 1, "sku": sku, "qty": quantity, "uom": "EA", "unit_price": "10.00"}
        self.say(
            "oms", "order.created", order_no=f"SO{number}", customer_no="K00001", warehouse=warehouse, currency="USD",
            ship_to=ship_to, requested_date="2026-03-05", freight_charge="0.00", lines=[line], revision=revision,
            gone=gone,
        )  # fmt: skip

    def issue(
        self,
        number: int,
        suffix: str = "",
        quantity: int = 10,
        *,
        warehouse: str = "DC01",
        sku: str = "SKU1",
        revision: int = 0,
        gone: bool = False,
    ) -> None:
        """Goods left the house: the ERP is to post them."""
        line = {"line": 1, "sku": sku, "qty": quantity, "uom": "EA"}
        self.say(
            f"wms/{warehouse}", "goods.issued", gi_doc=f"GI{number}{suffix}", order_no=f"SO{number}",
            shipment_no=f"SH{number}", warehouse=warehouse, gross_weight_lb=700, pallets=1, seal_no=f"S{number}",
            posted_at="2026-03-02T08:00:00Z", lines=[line], revision=revision, gone=gone,
        )  # fmt: skip

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(query, parameters or None)
        return cursor.fetchall() if cursor.description else []

    def states(self) -> dict[str, str]:
        """The state of every command that some connection takes."""
        rows = self.rows(
            "select owner || '/' || slot || '/' || generation, state from command where target = any(%s)"
            " order by created_at, slot, owner",
            self.roles,
        )
        return dict(rows)

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait for something to be true."""
        give_up_at = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > give_up_at:
                shown = self.rows("select owner, slot, generation, told, hold, attempts, due_at - now(), last_error,"
                                  " leased_by from delivery limit 20")  # fmt: skip
                states = dict(list(self.states().items())[:20])
                raise AssertionError(f"not within {seconds} s; states {states}; queue {shown}")
            time.sleep(0.02)

    def until_all(self, state: str, count: int, seconds: float = 20.0) -> None:
        """Wait until all commands, `count` of them, are in a state."""
        self.until(lambda: list(self.states().values()) == [state] * count, seconds)
        self.until(lambda: self.rows("select count(*) from delivery where hold is null") == [(0,)], 5)


def _retractable(folder: Folder) -> Folder:
    """The example, whose senders can also revise and take back what they said."""
    name = ("distributor-json", 1)
    more = '  revision: {path: /revision, default: "0"}\n  retracted: {path: /gone, equals: "yes"}\n'
    text = folder.mappings[name].replace("  correlation: /correlation_id\n", "  correlation: /correlation_id\n" + more)
    return folder._replace(mappings=folder.mappings | {name: text})


def queue(connection: psycopg.Connection) -> int:
    row = connection.execute("select count(*) from delivery").fetchone()
    return int(row[0]) if row else 0
