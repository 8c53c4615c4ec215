"""The contract of connectors, tried on the example system Docket: put your own system in its place."""

from __future__ import annotations

import hmac
import itertools
import json
from collections.abc import Iterator
from hashlib import sha256

import pytest

from crossdock.kit.connection import Configured, Connection
from crossdock.kit.connector import Command, Hint, Hook
from crossdock.kit.maker import Secrets
from crossdock.testing import docket
from crossdock.testing.contract import ConnectorContract, FeedContract, HookContract, UndoContract


class Example:
    """A docket that runs, as the contract needs it. It is asked here without the connector: by its own people."""

    name = "docket"
    maker = "crossdock.testing.skeleton:MAKER"
    secrets = Secrets(bearer=docket.TOKEN, hook_secret=docket.SECRET)

    def __init__(self, running: docket.Running) -> None:
        """It runs already."""
        self.running = running
        self.address = running.address
        self._numbers = itertools.count(1)

    def configured(self) -> Configured:
        """The connection and its manifest."""
        connection = Connection(role="erp", connector=self.name, manifest=self.name)
        return Configured(connection=connection, manifest={"manifest": self.name, "version": 1})

    def command(self) -> Command:
        """A deed that nobody has asked for yet."""
        number = next(self._numbers)
        content: dict[str, object] = {
            "issue_no": f"GI{number}", "order_no": f"SO{number}", "shipment_no": f"SH{number}", "warehouse": "DC01",
            "lines": [[1, "BRG-001", 5]],
        }  # fmt: skip
        key = f"shipment/SH{number}/goods_issue/GI{number}/1"
        return Command(key=key, kind="post_goods_issue", action="do", content=content)

    def count(self, command: Command) -> int:
        """How many papers it made."""
        return len(self.running.ask("GET", f"/papers?reference={command.key}")["papers"])

    def reversible(self) -> Command:
        """Every deed can be undone here."""
        return self.command()

    def reverse(self, command: Command, document_no: str | None) -> Command:
        """The next generation of it takes it back."""
        return Command(
            key=f"{command.key.rpartition('/')[0]}/2", kind=command.kind, action="undo", content=command.content,
            of_key=command.key, of_document=document_no,
        )  # fmt: skip

    def stands(self, command: Command) -> int:
        """How many open papers it has."""
        papers = self.running.ask("GET", f"/papers?reference={command.key}")["papers"]
        return sum(paper["state"] == "open" for paper in papers)

    def change(self) -> Hint:
        """Somebody writes a paper by hand."""
        paper = {"reference": f"by hand {next(self._numbers)}", "kind": "release_order", "content": {}}
        return Hint(entity="paper", id=self.running.ask("POST", "/papers", paper)["no"])

    def call(self, hint: Hint) -> Hook:
        """A signed call."""
        body = json.dumps({"paper": hint.id}).encode()
        signature = hmac.new(docket.SECRET.encode(), body, sha256).hexdigest()
        return Hook(headers={"x-docket-signature": signature}, body=body)


@pytest.fixture(scope="module")
def counterpart() -> Iterator[Example]:
    """The system, running."""
    with docket.running() as running:
        yield Example(running)


class TestContract(ConnectorContract, FeedContract, HookContract, UndoContract):
    """What the system has of the contract; take out what it has not, and out of what the connector declares."""
