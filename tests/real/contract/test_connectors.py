"""What every connector promises, tried on the real system it is for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import msgspec
import pytest
from tests.real.conftest import Systems
from tests.real.contract.counterparts import FEEDING, NAMES, Counterpart, Feeding, opened
from tests.real.contract.sender import Sending
from tests.real.proxy import Between

from crossdock.app.connections import Secrets
from crossdock.kit.connector import Command, Connector, Failed, Forged, Gone, Hint, Hook, Page, Record
from crossdock.kit.outcomes import (
    Already,
    AnyOutcome,
    Applied,
    CannotTell,
    Found,
    NotFound,
    Rejected,
    RetryAfter,
    Unknown,
)

T = TypeVar("T")
TRIES = 12


@pytest.fixture(scope="module", params=NAMES)
def system(request: pytest.FixtureRequest, systems: Systems) -> Counterpart:
    return systems(request.param)


@pytest.fixture(scope="module")
def between(system: Counterpart) -> Iterator[Between]:
    with Between(system.address) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def well(between: Between) -> Iterator[None]:
    yield
    between.fault("pass")


def using(connector: Connector, work: Callable[[Connector], Awaitable[T]]) -> T:
    async def run() -> T:
        try:
            return await work(connector)
        finally:
            await connector.close()

    return asyncio.run(run())


def apply(connector: Connector, command: Command) -> AnyOutcome:
    return using(connector, lambda one: one.apply(command))


def finish(system: Counterpart, command: Command) -> Applied | Already:
    """As the engine does: look, and ask again where it was not found, until it is done."""
    for _ in range(TRIES):

        async def once(connector: Connector) -> AnyOutcome:
            found = await connector.find(command)
            assert not isinstance(found, CannotTell), found.reason
            return (
                Already(document_no=found.document_no) if isinstance(found, Found) else await connector.apply(command)
            )

        outcome = using(opened(system), once)
        assert not isinstance(outcome, Rejected), outcome.reason
        if isinstance(outcome, (Applied, Already)):
            return outcome
    raise AssertionError(f"{command.key} does not come to an end")


# -- credentials -------------------------------------------------------------------------------------------------------


def test_good_credentials_are_let_in(system: Counterpart) -> None:
    assert using(opened(system), lambda one: one.check()).is_well


def test_bad_credentials_do_nothing_and_can_be_mended(system: Counterpart) -> None:
    command, bad = system.command(), Secrets(bearer="not-the-key", password="not-the-password")
    outcome = apply(opened(system, secrets=bad), command)
    assert isinstance(outcome, RetryAfter), outcome
    assert not outcome.is_busy
    assert system.count(command) == 0
    assert isinstance(apply(opened(system), command), Applied)


def test_no_secret_is_in_evidence(system: Counterpart) -> None:
    told = msgspec.json.encode(apply(opened(system), system.command()).evidence).decode()
    for secret in (system.secrets.bearer, system.secrets.password):
        assert secret is None or secret not in told


# -- one effect --------------------------------------------------------------------------------------------------------


def test_what_is_applied_twice_is_there_once(system: Counterpart) -> None:
    command = system.command()
    first, second = apply(opened(system), command), apply(opened(system), command)
    assert isinstance(first, Applied), first
    assert isinstance(second, Already), second
    assert second.document_no == first.document_no
    assert system.count(command) == 1


def test_what_was_not_asked_for_is_not_found(system: Counterpart) -> None:
    command = system.command()
    assert isinstance(using(opened(system), lambda one: one.find(command)), NotFound)
    done = apply(opened(system), command)
    found = using(opened(system), lambda one: one.find(command))
    assert isinstance(done, Applied)
    assert isinstance(found, Found)
    assert found.document_no == done.document_no


def test_two_that_apply_at_once_make_one_record(system: Counterpart) -> None:
    for _ in range(4):
        command = system.command()

        async def both(command: Command = command) -> list[AnyOutcome]:
            connectors = [opened(system), opened(system), opened(system)]
            try:
                return list(await asyncio.gather(*(one.apply(command) for one in connectors)))
            finally:
                for one in connectors:
                    await one.close()

        outcomes = asyncio.run(both())
        assert not any(isinstance(one, Unknown) for one in outcomes), outcomes
        finish(system, command)
        assert system.count(command) == 1


def test_killed_after_any_request_and_recovered_it_is_there_once(system: Counterpart, between: Between) -> None:
    """The system does the request and its answer never comes; the process that asked is killed with it in flight."""
    between.fault("pass")
    apply(opened(system, address=between.address), system.command())
    requests = between.seen()
    assert requests >= 1
    step = max(1, requests // 8)
    for number in range(0, requests, step):
        command = system.command()
        between.fault("halt", first=number)
        sending = Sending(system.configured(), command, between.address, system.secrets.bearer, system.secrets.password)
        program = [sys.executable, "-m", "tests.real.contract.sender"]
        with subprocess.Popen(program, stdin=subprocess.PIPE) as victim:
            assert victim.stdin is not None
            victim.stdin.write(msgspec.json.encode(sending))
            victim.stdin.close()
            assert between.until_seen(number + 1)
            victim.kill()
        finish(system, command)
        assert system.count(command) == 1, f"killed at request {number} of {requests}"


@pytest.mark.parametrize("mode", ["cut_before", "cut_after", "late", "garble", "html", "fail", "down"])
def test_a_bad_answer_to_any_request_is_told_apart_and_leads_to_one_record(
    system: Counterpart, between: Between, mode: str
) -> None:
    between.fault("pass")
    apply(opened(system, address=between.address), system.command())
    requests = between.seen()
    for number in range(0, requests, max(1, requests // 5)):
        command = system.command()
        between.fault(mode, first=number, count=1, seconds=2)
        outcome = apply(opened(system, address=between.address, seconds=1), command)
        assert isinstance(outcome, (Unknown, RetryAfter, Applied, Already)), (mode, number, outcome)
        if isinstance(outcome, (Applied, Already)):
            assert system.count(command) == 1
        finish(system, command)
        assert system.count(command) == 1, (mode, number)


def test_a_busy_system_is_obeyed(system: Counterpart, between: Between) -> None:
    command = system.command()
    between.fault("busy")
    outcome = apply(opened(system, address=between.address), command)
    assert isinstance(outcome, RetryAfter)
    assert outcome.is_busy
    assert outcome.seconds == 7
    assert system.count(command) == 0


def test_what_it_does_not_know_is_refused_for_good(system: Counterpart) -> None:
    command = msgspec.structs.replace(system.command(), kind="paint_the_fence")
    assert isinstance(apply(opened(system), command), Rejected)


def test_it_declares_what_it_can_do(system: Counterpart) -> None:
    connector, command = opened(system), system.command()
    deeds = {deed.kind: deed.actions for deed in connector.declares.deeds}
    assert "do" in deeds[command.kind]
    assert connector.declares.can_find
    assert connector.declares.is_idempotent
    assert connector.declares.has_hooks == system.has_hooks
    asyncio.run(connector.close())


# -- reading -----------------------------------------------------------------------------------------------------------


def drain(system: Counterpart, cursor: str | None, pages: int = 400) -> tuple[list[Record], str | None]:
    """Read until there is no more, with a connector that lives for one page: the cursor is all that is kept."""
    records: list[Record] = []
    for _ in range(pages):
        page = using(opened(system), lambda one, at=cursor: one.changes(at))  # type: ignore[misc]
        assert isinstance(page, Page), page
        records += page.records
        cursor = page.cursor
        if not page.more:
            return records, cursor
    raise AssertionError("the feed does not come to an end")


@pytest.mark.parametrize("system", FEEDING, indirect=True)
def test_a_cursor_goes_on_without_a_gap_while_others_write(system: Feeding) -> None:
    if system.name.startswith("rest/"):
        pytest.skip("no ../shared: tests/sandbox/test_feed_and_hooks.py tries the feeds of the sandbox")
    _, cursor = drain(system, None)
    made: list[str] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set() and len(made) < 12:
            made.append(system.change())

    writer = threading.Thread(target=write)
    writer.start()
    told: set[str] = set()
    while writer.is_alive():
        records, cursor = drain(system, cursor)
        told |= {record.id for record in records}
    stop.set()
    writer.join()
    records, cursor = drain(system, cursor)
    told |= {record.id for record in records}
    assert set(made) <= told
    again, _ = drain(system, cursor)
    assert again == [], "what was told once and did not change is not told again"


@pytest.mark.parametrize("system", FEEDING, indirect=True)
def test_a_record_is_the_same_however_it_is_read(system: Feeding) -> None:
    if system.name.startswith("rest/"):
        pytest.skip("no ../shared: tests/sandbox/test_feed_and_hooks.py tries the feeds of the sandbox")
    number = system.change()
    records, _ = drain(system, None)
    told = next(
        record for record in reversed(records) if record.id == number and record.entity in {"customer", "shipment"}
    )
    hint = Hint(entity=told.entity, id=told.id)
    for _ in range(2):  # a hint that comes twice leads to the same record
        assert using(opened(system), lambda one: one.get(hint)) == told
    assert isinstance(using(opened(system), lambda one: one.get(Hint(entity=told.entity, id="99999999"))), Gone)


def test_a_garbled_feed_is_no_page(system: Counterpart, between: Between) -> None:
    for mode in ("garble", "html", "fail", "cut_after"):
        between.fault(mode)
        page = using(opened(system, address=between.address, seconds=2), lambda one: one.changes(None))
        assert isinstance(page, Failed), mode


def test_a_forged_call_is_refused(system: Counterpart) -> None:
    hook = Hook(headers={"x-sandbox-signature": "sha256=00", "x-sandbox-timestamp": "1700000000"}, body=b"{}")
    connector = opened(system)
    assert isinstance(connector.verify(hook), Forged)
    asyncio.run(connector.close())
