"""A small day, kept and served by the real `crossdock serve`, and Debian's Chromium to look at it."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.running_server import EXAMPLE, RunningServer, configure, environment_of, running_server

from crossdock.app import day as days
from crossdock.sandbox import day
from crossdock.store.databases import create_database, drop_database

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 15_000


class KeptDay(NamedTuple):
    """A settled day: the name of its database, the keys of its sources, its right answer, and what settling said."""

    database: str
    keys: dict[str, str]
    oracle: dict[str, Any]
    summary: dict[str, Any]

    def order(self, status: str) -> str:
        """The number of an order that ended so."""
        orders: dict[str, dict[str, Any]] = self.oracle["orders"]
        return next(number for number, one in sorted(orders.items()) if one["status"] == status)


class Site(NamedTuple):
    """A running server, and the command line on its database."""

    server: RunningServer
    day: KeptDay

    def crossdock(self, *arguments: str) -> Any:
        """What the command line says in JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "crossdock", *arguments, "--json"],
            env=environment_of(self.server.url),
            capture_output=True,
            check=False,
            timeout=60,
        )
        return json.loads(done.stdout)

    def until(self, query: str) -> None:
        """Wait until the query finds something."""
        give_up_at = time.monotonic() + PATIENCE_MS / 1_000
        while not self.server.rows(query):
            assert time.monotonic() < give_up_at, query
            time.sleep(0.05)


@pytest.fixture(scope="session")
def kept_day(cluster_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptDay]:
    """A day of 60 orders with much trouble."""
    folder = tmp_path_factory.mktemp("day")
    oracle = day.generate(folder, seed=7, orders=60, trouble=5.0)
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    url = create_database(cluster_url, name)
    keys = configure(url)
    report = days.run(folder, url, config=EXAMPLE, workers=1)
    yield KeptDay(name, keys, oracle, report.summary())
    drop_database(cluster_url, name)


def _served(cluster_url: str, kept_day: KeptDay) -> Iterator[Site]:
    name = f"test_{os.getpid()}_{secrets.token_hex(6)}"
    url = create_database(cluster_url, name, kept_day.database)
    try:
        with running_server(url, kept_day.keys, "--workers", "1") as server:
            _await_deadlines(server)
            yield Site(server, kept_day)
    finally:
        drop_database(cluster_url, name)


def _await_deadlines(server: RunningServer) -> None:
    """The day was months ago: its deadlines fire when the first worker starts."""
    give_up_at = time.monotonic() + 30
    while server.rows("select count(*) from wake_up where at <= now()")[0][0]:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(cluster_url: str, kept_day: KeptDay) -> Iterator[Site]:
    """The day, served for one module of tests."""
    yield from _served(cluster_url, kept_day)


@pytest.fixture
def own_site(cluster_url: str, kept_day: KeptDay) -> Iterator[Site]:
    """The day, served for one test, which may do to it what it likes."""
    yield from _served(cluster_url, kept_day)


# -- the browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the machine has it; none is downloaded.

    For a module, not for the session: an event loop runs as long as it does, and other tests start their own.
    """
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("there is no Chromium: `make test` installs it where it can, else apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """A person with a browser of their own; whatever the browser complains about is remembered."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.complaints: list[str] = []
        self._address = address
        self.page.on("console", lambda said: self._complain(said.type, said.text))
        self.page.on("pageerror", lambda failure: self.complaints.append(str(failure)))

    def _complain(self, kind: str, text: str) -> None:
        # A policy that is violated is told as an error, too.
        if kind in {"error", "warning"} and "the server responded with a status of 4" not in text:
            self.complaints.append(text)

    def go(self, path: str) -> Page:
        """Open a page of the site."""
        self.page.goto(self._address + path)
        return self.page

    def figure(self, name: str) -> int:
        """A figure of the first page."""
        return int(self.page.locator(f"[data-figure={name}]").inner_text().replace(",", ""))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """Opens browsers: `visit(address, color_scheme="dark")`; at the end nothing may have been complained about."""
    visitors: list[Visitor] = []

    def new(address: str, *, complains: bool = False, **options: Any) -> Visitor:
        visitor = Visitor(browser.new_context(**options), address)
        if not complains:
            visitors.append(visitor)
        return visitor

    yield new
    complaints = [complaint for visitor in visitors for complaint in visitor.complaints]
    for context in browser.contexts:
        context.close()
    assert not complaints


@pytest.fixture
def visitor(visit: Visit, site: Site) -> Visitor:
    """A person at the module's site."""
    return visit(site.server.address)


WEBSHOP = "application/json; dialect=webshop"


def order_message(order_no: str, sku: str = "SKU00001") -> bytes:
    """A message by which the shop says that an order was placed."""
    return json.dumps({
        "id": f"evt_{secrets.token_hex(12)}",
        "source": "oms",
        "type": "order.created",
        "specversion": "1.0",
        "time": "2026-03-02T07:00:00.000Z",
        "data": {
            "order_no": order_no,
            "customer_no": "C000030",
            "warehouse": "DC02",
            "currency": "USD",
            "ship_to": {"name": "A", "address": "1 Way", "city": "Boston", "state": "MA", "zip": "02110"},
            "requested_date": "2026-03-05",
            "freight_charge": "99.00",
            "lines": [{"line": 1, "sku": sku, "qty": 2, "uom": "EA", "unit_price": "3.50"}],
        },
    }).encode()  # fmt: skip
