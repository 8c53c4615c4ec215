"""Law 3 over many seeded histories: lost answers, refusals and deaths of workers at any moment; always one effect."""

from __future__ import annotations

import random

from tests.delivery.fake import FakeSystem, connect, run
from tests.delivery.house import House

from crossdock.kit.connector import Command
from crossdock.store.connect import connect as connect_database


def _orders(house: House, count: int) -> None:
    for number in range(count):
        house.order(number)
    house.settle()


def test_every_command_has_one_effect_where_the_key_protects(house: House) -> None:
    """The system remembers keys and cannot be asked: repeating under the same key must be enough."""
    connect(house)
    _orders(house, 30)
    draw = random.Random(1)
    system = FakeSystem(draw, is_idempotent=True, can_find=False)
    run(house, system, draw, deaths=0.2)
    assert set(house.states().values()) == {"applied"}
    assert len(system.by_deed) == 30
    assert set(system.by_deed.values()) == {1}


def test_every_command_has_one_effect_where_looking_protects(house: House) -> None:
    """The system remembers nothing but can be asked: it must be, before any repeat."""
    connect(house)
    _orders(house, 30)
    draw = random.Random(2)
    system = FakeSystem(draw, is_idempotent=False, can_find=True)
    run(house, system, draw, deaths=0.2)
    assert set(house.states().values()) == {"applied"}
    assert len(system.by_deed) == 30
    assert set(system.by_deed.values()) == {1}


def test_nothing_is_sent_that_is_not_recorded_as_sent(house: House) -> None:
    """When a command reaches its system, whoever looks into the database sees that it is on its way, and by whom."""
    connect(house)
    _orders(house, 5)
    draw = random.Random(3)
    system = FakeSystem(draw, is_idempotent=True, can_find=True)
    recorded: list[tuple[str, tuple[str, bool] | None]] = []
    with connect_database(house.url, purpose="witness") as witness:

        def spy(command: Command) -> None:
            owner, slot, generation = command.key.rsplit("/", 2)
            row = witness.execute(
                "select state, leased_by is not null from command join delivery using (tenant, owner, slot, generation)"
                " where owner = %s and slot = %s and generation = %s",
                (owner, slot, int(generation)),
            ).fetchone()
            recorded.append((command.key, row))

        system.spy = spy
        run(house, system, draw)
    assert len(recorded) >= 5
    assert [key for key, row in recorded if row is None or row[0] not in {"sent", "unknown"} or not row[1]] == []


def test_a_worker_that_dies_before_it_sends_leaves_nothing_undone(house: House) -> None:
    connect(house)
    _orders(house, 20)
    draw = random.Random(4)
    system = FakeSystem(draw, is_idempotent=False, can_find=True)
    system.trouble = 0.0
    run(house, system, draw, deaths=0.5)
    assert set(house.states().values()) == {"applied"}
    assert set(system.by_deed.values()) == {1}
