"""The guards of law 3 have enemies, too: each is taken out, and a test of delivery that passes otherwise must fail."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from tests.delivery import test_delivery_laws as laws
from tests.delivery.house import House

from crossdock.engine import deliver, deliver_commands, deliver_sending
from crossdock.engine.deliver_sending import Looked
from crossdock.store import delivery


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A house with an empty database."""
    with House(database_url) as made:
        yield made


class Sabotage(NamedTuple):
    """What is taken out: `place.name` becomes `instead`; `caught_by` is the test that must fail."""

    what: str
    place: Any
    name: str
    instead: Any
    caught_by: Callable[[House], None]


def _send_before_recording(real: Callable[..., Any]) -> Callable[..., Any]:
    """Commit a turn only when the next one begins: what it gave is sent before."""
    standing: dict[int, Any] = {}

    def turn(self: deliver.Desk, *arguments: Any, **named: Any) -> Any:
        connection = self._connection
        before = standing.pop(id(connection), None)
        if before is not None:
            before.__exit__(None, None, None)
        standing[id(connection)] = connection.transaction()
        standing[id(connection)].__enter__()
        return real(self, *arguments, **named)

    return turn


def _forget_the_key(real: Callable[..., Any]) -> Callable[..., Any]:
    def command_of(*arguments: Any) -> Any:
        import msgspec  # noqa: PLC0415

        return msgspec.structs.replace(real(*arguments), key=secrets.token_hex(8))

    return command_of


async def _do_not_look(*_: Any) -> Looked:
    return Looked(None)


def _take_over_without_looking(real: Callable[..., Any]) -> Callable[..., Any]:
    def candidates(*arguments: Any, **named: Any) -> Any:
        return [one._replace(look=one.told == "unknown") for one in real(*arguments, **named)]

    return candidates


SABOTAGES = [
    Sabotage(
        "send before recording",
        deliver.Desk,
        "turn",
        _send_before_recording(deliver.Desk.turn),
        laws.test_nothing_is_sent_that_is_not_recorded_as_sent,
    ),
    Sabotage(
        "forget the key",
        deliver,
        "command_of",
        _forget_the_key(deliver_commands.command_of),
        laws.test_every_command_has_one_effect_where_the_key_protects,
    ),
    Sabotage(
        "retry an unknown without looking",
        deliver_sending,
        "look",
        _do_not_look,
        laws.test_every_command_has_one_effect_where_looking_protects,
    ),
    Sabotage(
        "take over a dead worker's command without looking",
        delivery,
        "candidates",
        _take_over_without_looking(delivery.candidates),
        laws.test_a_worker_that_dies_before_it_sends_leaves_nothing_undone,
    ),
]


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda one: one.what)
def test_taking_a_guard_of_law_3_out_is_noticed(
    sabotage: Sabotage, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sabotage.place, sabotage.name, sabotage.instead)
    with pytest.raises(AssertionError):
        sabotage.caught_by(house)
