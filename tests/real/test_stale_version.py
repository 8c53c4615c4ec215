"""What somebody changed after we read it is not written over, and not moved on: a conflict, and nothing is done."""

from __future__ import annotations

import asyncio

import pytest
from tests.real.contract.counterparts import TrytonErp

from crossdock.connectors.tryton.deeds import TrytonConnector
from crossdock.connectors.tryton.talk import Stop
from crossdock.kit.outcomes import Conflict
from crossdock.testing.counterpart import opened


def test_a_draft_that_was_changed_meanwhile_is_neither_changed_nor_moved_on(tryton_erp: TrytonErp) -> None:
    person = tryton_erp.person
    draft = tryton_erp.shipped(1_000)

    async def try_both() -> None:
        connector = opened(tryton_erp)
        assert isinstance(connector, TrytonConnector)
        talk = connector._talk("apply")
        row = await talk.read("account.invoice", draft, ["_timestamp"])
        await asyncio.to_thread(person.change, "account.invoice", draft, description="mine")
        for attempt in (
            talk.write_unchanged("account.invoice", row, {"description": "ours"}),
            talk.press_unchanged("account.invoice", row, "cancel"),
        ):
            with pytest.raises(Stop) as stopped:
                await attempt
            assert isinstance(stopped.value.outcome, Conflict)
        fresh = await talk.read("account.invoice", draft, ["_timestamp"])
        await talk.press_unchanged("account.invoice", fresh, "cancel")
        await connector.close()

    asyncio.run(try_both())
    told = person.rows("account.invoice", [["id", "=", draft]], ["description", "state"])[0]
    assert (told["description"], told["state"]) == ("mine", "cancelled")


def test_a_session_that_ended_is_opened_again(tryton_erp: TrytonErp) -> None:
    async def ask() -> None:
        connector = opened(tryton_erp)
        assert isinstance(connector, TrytonConnector)
        talk = connector._talk("get")
        assert await talk.call("model.party.party.search", [], 0, 1, None)
        connector._house.session = "Session bm9ib2R5OjE6bm90aGluZw=="  # type: ignore[union-attr]  # it is open
        assert await talk.call("model.party.party.search", [], 0, 1, None)
        await connector.close()

    asyncio.run(ask())
