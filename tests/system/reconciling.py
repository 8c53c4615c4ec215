"""A house connected to systems of the sandbox, to be reconciled: deeds of ours, deeds by hand, and the question."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from tests.delivery.house import MORNING, House

from crossdock.sandbox.systems.fleet import Fleet
from crossdock.store.connect import connect
from crossdock.store.intake import Incoming, digest, receive

EXAMPLE = Path(__file__).parents[2] / "examples" / "distributor"
SYSTEMS = ("erp", "wms-a")


class Answer(NamedTuple):
    code: int
    said: dict[str, Any]

    @property
    def names(self) -> dict[str, str]:
        """Differences by system, entity and key."""
        return {
            f"{system['name']} {one['entity']} {one['key']}": one["name"]
            for system in self.said["systems"]
            for one in system["differences"]
        }

    def of(self, key: str) -> dict[str, Any]:
        found = [one for system in self.said["systems"] for one in system["differences"] if one["key"] == key]
        assert found, self.said
        return dict(found[0])


class World:
    """A house connected to an ERP and a warehouse system."""

    def __init__(self, house: House, fleet: Fleet, names: tuple[str, ...]) -> None:
        self.house = house
        self.fleet = fleet
        self.names = names
        stock = (fleet.folder / "master-data" / "initial_stock.csv").read_text().splitlines()[1:]
        self.sku = stock[0].split(",")[1]
        customers = (fleet.folder / "master-data" / "customers.csv").read_text().splitlines()[1:]
        self.customer_no = customers[0].split(",")[0]

    def connect(self, poll: dict[str, float] | None = None) -> None:
        settings = yaml.safe_load((EXAMPLE / "connections.yaml").read_text())["connections"]
        spoken = {name: yaml.safe_load(_manifest(name).read_text()) for name in self.names}
        asked = {name: settings[name] for name in self.names}
        self.house.connect({name: (asked[name] | {"poll": poll}, spoken[name]) for name in self.names})
        body = (self.fleet.folder / "master-data" / "initial_stock.csv").read_bytes()
        assert self.house.settler is not None
        sender = self.house.settler.configuration.named("master-data")
        assert sender is not None
        content = digest(body)
        said = Incoming(sender.id, content, content, "text/csv;layout=initial_stock", body)
        receive(self.house.connection, self.house.tenant, [said])
        self.house.settle()

    def order(self, number: int, warehouse: str = "DC01") -> None:
        ship_to = {"name": "A", "address": "1 Road", "city": "Tulsa", "state": "OK", "zip": "74103"}
        line = {"line": 1, "sku": self.sku, "qty": 10, "uom": "EA", "unit_price": "10.00"}
        self.house.say("oms", "order.created", order_no=f"SO{number}", customer_no=self.customer_no,
                       warehouse=warehouse, currency="USD", ship_to=ship_to, requested_date="2026-03-05",
                       freight_charge="0.00", lines=[line])  # fmt: skip

    def issue(self, number: int, warehouse: str = "DC03", quantity: int = 10) -> None:
        lines = [{"line": 1, "sku": self.sku, "qty": quantity, "uom": "EA"}]
        self.house.say(f"wms/{warehouse}", "goods.issued", gi_doc=f"GI{number}", order_no=f"SO{number + 500}",
                       shipment_no=f"SH{number}", warehouse=warehouse, gross_weight_lb=700, pallets=1,
                       seal_no=f"S{number}", posted_at=MORNING.isoformat(), lines=lines)  # fmt: skip

    def applied(self) -> None:
        """Settle, deliver, and wait until all is done that goes to the two systems."""
        self.house.settle()
        deliverer = self.house.deliverer()
        query = "select count(*) from command where target = any(%s) and state not in ('applied', 'undone')"
        roles = [name.partition("-")[0] for name in self.names]
        self.house.until(lambda: self.house.rows(query, roles) == [(0,)])
        deliverer.terminate()
        deliverer.wait()

    def by_hand(self, method: str, path: str, body: object, key: str, **headers: str) -> dict[str, Any]:
        """Somebody does something in the ERP."""
        told = {"Idempotency-Key": key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return dict(self.fleet.ask("erp", method, path, body, told))

    def goods_issue(self, number: int) -> dict[str, Any]:
        found = self.fleet.ask("erp", "GET", "/goods_issues?limit=500")["items"]
        return next(one for one in found if one["issue_no"] == f"GI{number}" and one["status"] == "posted")

    def rewrite(self, document: dict[str, Any], **members: object) -> None:
        names = ("issue_no", "order_no", "shipment_no", "warehouse", "lines")
        body = {name: document[name] for name in names} | members
        self.by_hand("PUT", f"/goods_issues/{document['id']}", body, f"hand/{document['id']}",
                     If_Match=f'"{document["version"]}"')  # fmt: skip

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "crossdock", "reconcile", *arguments],
            env=os.environ | {"CROSSDOCK_DATABASE_URL": self.house.url, "COLUMNS": "160"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def reconcile(self, *arguments: str) -> Answer:
        done = self.ask("--json", *arguments)
        assert done.stdout, done.stderr
        return Answer(done.returncode, json.loads(done.stdout))


def _manifest(name: str) -> Path:
    """That of the example."""
    return EXAMPLE / "manifests" / f"{name}.yaml"


@contextmanager
def opened(
    url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], *unasked: str
) -> Iterator[World]:
    """A world of these systems; `unasked` are there and no connection leads to them."""
    with Fleet(folder, names=names + unasked, speed=1.0) as fleet, House(url) as house:
        for name in names:
            stem = f"CROSSDOCK_{name.upper().replace('-', '_')}"
            monkeypatch.setenv(f"{stem}_ADDRESS", fleet.address(name))
            monkeypatch.setenv(f"{stem}_TOKEN", fleet.tokens[name])
            monkeypatch.setenv(f"{stem}_HOOK_SECRET", fleet.hook_secrets.get(name, ""))
        made = World(house, fleet, names)
        made.connect()
        yield made


@contextmanager
def reading_feeds(url: str) -> Iterator[None]:
    """Somebody reads the feeds all the while, and finds nothing in them."""
    ended = threading.Event()

    def read() -> None:
        with connect(url, purpose="feeds") as connection:
            while not ended.wait(0.1):
                connection.execute("update feed set polled_at = now()")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
