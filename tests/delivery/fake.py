"""A system and a deliverer in one process: every step is the test's, so that things can go wrong between any two."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.delivery.house import House

from crossdock.engine.deliver import Desk
from crossdock.engine.deliver_outcomes import Done
from crossdock.engine.deliver_sending import send
from crossdock.kit.connector import Command, Declaration
from crossdock.kit.outcomes import AnyFinding, AnyOutcome, Applied, Found, NotFound, RetryAfter, Unknown, Unsupported


class FakeSystem:
    """Does deeds and loses answers. `spy` is called with each command that reaches it."""

    def __init__(self, draw: random.Random, *, is_idempotent: bool, can_find: bool) -> None:
        self.declares = Declaration(is_idempotent=is_idempotent, can_find=can_find)
        self.draw = draw
        self.trouble = 0.5
        self.done: Counter[str] = Counter()
        self.by_deed: Counter[tuple[str, str, str]] = Counter()
        self.spy: Callable[[Command], None] = lambda _: None

    async def apply(self, command: Command) -> AnyOutcome:
        self.spy(command)
        chance = self.draw.random()
        if chance < self.trouble / 3:
            return RetryAfter(reason="down")
        if chance < self.trouble / 2:
            return Unknown(reason="no answer, and nothing done")
        if not (self.declares.is_idempotent and command.key in self.done):
            self.done[command.key] += 1
            self.by_deed[command.kind, command.action, str(command.content)] += 1
        return Unknown(reason="no answer") if chance < self.trouble else Applied(document_no="D1")

    async def find(self, command: Command) -> AnyFinding:
        if not self.declares.can_find:
            return Unsupported()
        return Found(document_no="D1") if command.key in self.done else NotFound()


def desk(house: House, name: str) -> Desk:
    assert house.settler is not None
    from crossdock.store import delivery_state  # noqa: PLC0415

    delivery_state.make(house.connection, house.tenant, list(house.settler.configuration.connections))
    return Desk(house.connection, house.tenant, house.settler.configuration, worker=name, draw=lambda: 0.0)


def connect(house: House, **changes: Any) -> None:
    calm = {"failures": 1_000_000, "least": 1_000_000}
    limits = {"per_second": 1e9, "burst": 1_000_000, "concurrency": 100}
    house.connect(
        {"wms": ({"role": "wms", "address": "http://unused", "breaker": calm, "limits": limits} | changes, {})}
    )


def run(house: House, system: FakeSystem, draw: random.Random, *, deaths: float = 0.0, rounds: int = 200) -> None:
    """Deliver until nothing waits. Sometimes a worker dies between sending and recording, and a new one comes."""
    with suppress(StopIteration):
        _run(house, system, draw, deaths, rounds).send(None)  # it never waits for anything: no event loop is needed


async def _run(house: House, system: FakeSystem, draw: random.Random, deaths: float, rounds: int) -> None:
    worker, number = desk(house, "worker 0"), 0
    done: list[Done] = []
    for _ in range(rounds):
        turn = worker.turn("wms", done, on_their_way=0, room=50, is_idempotent=system.declares.is_idempotent)
        assert turn is not None
        done = [await send(system, job) for job in turn.jobs]  # type: ignore[arg-type]  # reads nothing, only deeds
        if draw.random() < deaths:
            done = []
            number += 1
            worker = desk(house, f"worker {number}")
            house.rows("update delivery set lease_until = '2020-01-01' where lease_until is not null")
        house.rows("update delivery set due_at = now() - interval '1 second' where lease_until is null")
        if not done and house.rows("select count(*) from delivery where hold is null") == [(0,)]:
            return
    raise AssertionError("it never comes to an end")
