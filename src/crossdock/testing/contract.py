"""The contract of connectors as tests: what every connector promises, tried on the real system it is for.

A module that tries a connector names a fixture `counterpart` and the parts that its system has:

    @pytest.fixture(scope="module")
    def counterpart() -> Iterator[MySystem]: ...

    class TestMySystem(ConnectorContract, FeedContract, HookContract, UndoContract): ...

A connector must not declare more than that, nor less.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import msgspec
import pytest

from crossdock.kit.connector import Command, Connector, Failed, Forged, Gone, Hint, Hook, Page, Record
from crossdock.kit.maker import Secrets
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
from crossdock.testing.counterpart import Calling, Counterpart, Feeding, Reversing, opened
from crossdock.testing.proxy import Between
from crossdock.testing.sender import Sending

T = TypeVar("T")
_TRIES: Final = 12
_KILLS: Final = 8
_SPOILED: Final = 5
_AT_ONCE: Final = 3
_CHANGES: Final = 12
_PAGES_MAX: Final = 400
BAD_ANSWERS: Final = ("cut_before", "cut_after", "late", "garble", "html", "fail", "down")


def using(connector: Connector, work: Callable[[Connector], Awaitable[T]]) -> T:
    """Do something with a connector, and close it."""

    async def run() -> T:
        try:
            return await work(connector)
        finally:
            await connector.close()

    return asyncio.run(run())


def apply(connector: Connector, command: Command) -> AnyOutcome:
    """Ask once."""
    return using(connector, lambda one: one.apply(command))


def finish(counterpart: Counterpart, command: Command) -> Applied | Already:
    """As the engine does: look, and ask again where it was not found, until it is done."""
    for _ in range(_TRIES):

        async def once(connector: Connector) -> AnyOutcome:
            found = await connector.find(command)
            assert not isinstance(found, CannotTell), found.reason
            return (
                Already(document_no=found.document_no) if isinstance(found, Found) else await connector.apply(command)
            )

        outcome = using(opened(counterpart), once)
        assert not isinstance(outcome, Rejected), outcome.reason
        if isinstance(outcome, (Applied, Already)):
            return outcome
    raise AssertionError(f"{command.key} does not come to an end")


def requests_of(counterpart: Counterpart, between: Between, command: Command) -> int:
    """How many requests a command takes."""
    between.fault("pass")
    outcome = apply(opened(counterpart, address=between.address), command)
    assert isinstance(outcome, (Applied, Already)), outcome
    return between.seen()


class _Tried:
    """What all parts of the contract need."""

    @pytest.fixture(scope="class")
    @classmethod
    def between(cls, counterpart: Counterpart) -> Iterator[Between]:
        """A proxy before the system."""
        with Between(counterpart.address) as proxy:
            yield proxy

    @pytest.fixture(autouse=True)
    def _well(self, between: Between) -> Iterator[None]:
        yield
        between.fault("pass")


class ConnectorContract(_Tried):
    """What all connectors promise."""

    # -- credentials -------------------------------------------------------------------------------------------------

    def test_good_credentials_are_let_in(self, counterpart: Counterpart) -> None:
        """It says that all is well."""
        assert using(opened(counterpart), lambda one: one.check()).is_well

    def test_bad_credentials_do_nothing_and_can_be_mended(self, counterpart: Counterpart) -> None:
        """A wrong secret is a failure of the connection, not of the command."""
        command, bad = counterpart.command(), Secrets(bearer="not-the-key", password="not-the-password")  # noqa: S106
        outcome = apply(opened(counterpart, secrets=bad), command)
        assert isinstance(outcome, RetryAfter), outcome
        assert not outcome.is_busy
        assert counterpart.count(command) == 0
        assert isinstance(apply(opened(counterpart), command), Applied)

    def test_no_secret_is_in_evidence(self, counterpart: Counterpart) -> None:
        """Whatever is kept of an exchange, no secret is."""
        told = msgspec.json.encode(apply(opened(counterpart), counterpart.command()).evidence).decode()
        for secret in (counterpart.secrets.bearer, counterpart.secrets.password, counterpart.secrets.hook_secret):
            assert secret is None or secret not in told

    # -- one effect --------------------------------------------------------------------------------------------------

    def test_what_is_applied_twice_is_there_once(self, counterpart: Counterpart) -> None:
        """The second time it says that it was done already, and gives the same number."""
        command = counterpart.command()
        first, second = apply(opened(counterpart), command), apply(opened(counterpart), command)
        assert isinstance(first, Applied), first
        assert isinstance(second, Already), second
        assert second.document_no == first.document_no
        assert counterpart.count(command) == 1

    def test_what_was_not_asked_for_is_not_found(self, counterpart: Counterpart) -> None:
        """And what was is found, under the same number."""
        command = counterpart.command()
        assert isinstance(using(opened(counterpart), lambda one: one.find(command)), NotFound)
        done = apply(opened(counterpart), command)
        found = using(opened(counterpart), lambda one: one.find(command))
        assert isinstance(done, Applied)
        assert isinstance(found, Found)
        assert found.document_no == done.document_no

    def test_two_that_apply_at_once_make_one_record(self, counterpart: Counterpart) -> None:
        """A process that is slow, and the one that took its work over."""
        for _ in range(4):
            command = counterpart.command()

            async def at_once(command: Command = command) -> list[AnyOutcome]:
                connectors = [opened(counterpart) for _ in range(_AT_ONCE)]
                try:
                    return list(await asyncio.gather(*(one.apply(command) for one in connectors)))
                finally:
                    for one in connectors:
                        await one.close()

            outcomes = asyncio.run(at_once())
            assert not any(isinstance(one, Unknown) for one in outcomes), outcomes
            finish(counterpart, command)
            assert counterpart.count(command) == 1

    def test_killed_after_any_request_and_recovered_it_is_there_once(
        self, counterpart: Counterpart, between: Between
    ) -> None:
        """The system does the request and its answer never comes; the process that asked is killed meanwhile."""
        requests = requests_of(counterpart, between, counterpart.command())
        assert requests >= 1
        secrets = counterpart.secrets
        for number in range(0, requests, max(1, requests // _KILLS)):
            command = counterpart.command()
            between.fault("halt", first=number)
            sending = Sending(
                maker=counterpart.maker, configured=counterpart.configured(), command=command, address=between.address,
                bearer=secrets.bearer, hook_secret=secrets.hook_secret, password=secrets.password,
            )  # fmt: skip
            program = [sys.executable, "-m", "crossdock.testing.sender"]
            with subprocess.Popen(program, stdin=subprocess.PIPE) as victim:  # noqa: S603  # our own
                assert victim.stdin is not None
                victim.stdin.write(msgspec.json.encode(sending))
                victim.stdin.close()
                try:
                    assert between.until_seen(number + 1), f"it does not come to request {number} of {requests}"
                finally:
                    victim.kill()
            finish(counterpart, command)
            assert counterpart.count(command) == 1, f"killed at request {number} of {requests}"

    @pytest.mark.parametrize("mode", BAD_ANSWERS)
    def test_a_bad_answer_to_any_request_is_told_apart_and_leads_to_one_record(
        self, counterpart: Counterpart, between: Between, mode: str
    ) -> None:
        """Slow, cut, garbled, not JSON, 500: it says truly whether the deed may have been done."""
        requests = requests_of(counterpart, between, counterpart.command())
        for number in range(0, requests, max(1, requests // _SPOILED)):
            command = counterpart.command()
            between.fault(mode, first=number, count=1, seconds=2)
            outcome = apply(opened(counterpart, address=between.address, seconds=1), command)
            assert isinstance(outcome, (Unknown, RetryAfter, Applied, Already)), (mode, number, outcome)
            if isinstance(outcome, (Applied, Already)):
                assert counterpart.count(command) == 1
            finish(counterpart, command)
            assert counterpart.count(command) == 1, (mode, number)

    def test_a_busy_system_is_obeyed(self, counterpart: Counterpart, between: Between) -> None:
        """429 with `Retry-After`: it was not done, and nobody asks before that."""
        command = counterpart.command()
        between.fault("busy")
        outcome = apply(opened(counterpart, address=between.address), command)
        assert isinstance(outcome, RetryAfter)
        assert outcome.is_busy
        assert outcome.seconds == 7  # noqa: PLR2004  # as the proxy says
        assert counterpart.count(command) == 0

    def test_what_it_does_not_know_is_refused_for_good(self, counterpart: Counterpart) -> None:
        """A kind of command that is not in its vocabulary."""
        command = msgspec.structs.replace(counterpart.command(), kind="paint_the_fence")
        assert isinstance(apply(opened(counterpart), command), Rejected)

    def test_it_declares_what_it_can_do(self, counterpart: Counterpart) -> None:
        """No more than the parts of the contract that it is tried with, and no less."""
        declared = opened(counterpart).declares
        deeds = {deed.kind: deed.actions for deed in declared.deeds}
        assert "do" in deeds[counterpart.command().kind]
        assert declared.can_find
        assert declared.is_idempotent
        assert declared.has_feed == isinstance(counterpart, Feeding) == isinstance(self, FeedContract)
        assert declared.has_hooks == isinstance(counterpart, Calling) == isinstance(self, HookContract)
        undoes = any("undo" in actions for actions in deeds.values())
        assert undoes == isinstance(counterpart, Reversing) == isinstance(self, UndoContract)

    def test_an_unsigned_call_is_refused(self, counterpart: Counterpart) -> None:
        """Nobody's word is taken for a system's."""
        assert isinstance(opened(counterpart).verify(Hook(headers={}, body=b"{}")), Forged)


class UndoContract(_Tried):
    """What is promised of taking back: once, wherever an earlier attempt was left."""

    def test_what_is_undone_twice_is_undone_once(self, counterpart: Reversing) -> None:
        """And is found as done."""
        command = counterpart.reversible()
        done = apply(opened(counterpart), command)
        assert isinstance(done, Applied), done
        assert counterpart.stands(command) == 1
        undo = counterpart.reverse(command, done.document_no)
        assert isinstance(using(opened(counterpart), lambda one: one.find(undo)), NotFound)
        first, second = apply(opened(counterpart), undo), apply(opened(counterpart), undo)
        assert isinstance(first, Applied), first
        assert isinstance(second, Already), second
        assert isinstance(using(opened(counterpart), lambda one: one.find(undo)), Found)
        assert counterpart.stands(command) == 0

    @pytest.mark.parametrize("mode", ["cut_after", "fail"])
    def test_an_undo_goes_on_after_any_bad_answer(self, counterpart: Reversing, between: Between, mode: str) -> None:
        """Cut off after any request, it comes to its end, once."""

        def done() -> tuple[Command, Command]:
            command = counterpart.reversible()
            return command, counterpart.reverse(command, finish(counterpart, command).document_no)

        requests = requests_of(counterpart, between, done()[1])
        for number in range(0, requests, max(1, requests // _SPOILED)):
            command, undo = done()
            between.fault(mode, first=number, count=1)
            outcome = apply(opened(counterpart, address=between.address), undo)
            assert isinstance(outcome, (Unknown, RetryAfter, Applied, Already)), (mode, number, outcome)
            finish(counterpart, undo)
            assert counterpart.stands(command) == 0, (mode, number)


class FeedContract(_Tried):
    """What is promised of reading."""

    def drain(self, counterpart: Counterpart, cursor: str | None) -> tuple[list[Record], str | None]:
        """Read until there is no more, with a connector that lives for one page: the cursor is all that is kept."""
        records: list[Record] = []
        for _ in range(_PAGES_MAX):
            page = using(opened(counterpart), lambda one, at=cursor: one.changes(at))  # type: ignore[misc]
            assert isinstance(page, Page), page
            records += page.records
            cursor = page.cursor
            if not page.more:
                return records, cursor
        raise AssertionError("the feed does not come to an end")

    def test_a_cursor_goes_on_without_a_gap_while_others_write(self, counterpart: Feeding) -> None:
        """Everything is told, and once it is told and did not change it is not told again."""
        _, cursor = self.drain(counterpart, None)
        made: list[Hint] = []

        def write() -> None:
            while len(made) < _CHANGES:
                made.append(counterpart.change())

        writer = threading.Thread(target=write)
        writer.start()
        told: set[tuple[str, str]] = set()
        while True:
            is_last = not writer.is_alive()
            records, cursor = self.drain(counterpart, cursor)
            told |= {(record.entity, record.id) for record in records}
            if is_last:
                break
        assert len(made) == _CHANGES
        assert {(hint.entity, hint.id) for hint in made} <= told
        again, _ = self.drain(counterpart, cursor)
        assert again == []

    def test_a_record_is_the_same_however_it_is_read(self, counterpart: Feeding) -> None:
        """By the feed, by a hint, by the same hint again; and what is not there is gone."""
        hint = counterpart.change()
        records, _ = self.drain(counterpart, None)
        told = next(one for one in reversed(records) if (one.entity, one.id) == (hint.entity, hint.id))
        for _ in range(2):
            assert using(opened(counterpart), lambda one: one.get(hint)) == told
        nothing = Hint(entity=hint.entity, id="99999999")
        assert isinstance(using(opened(counterpart), lambda one: one.get(nothing)), Gone)

    def test_a_garbled_feed_is_no_page(self, counterpart: Feeding, between: Between) -> None:
        """What cannot be believed moves no cursor."""
        for mode in ("garble", "html", "fail", "cut_after"):
            between.fault(mode)
            page = using(opened(counterpart, address=between.address, seconds=2), lambda one: one.changes(None))
            assert isinstance(page, Failed), mode


class HookContract(_Tried):
    """What is promised of calls from outside: they hint, and only if they are genuine."""

    def test_genuine_calls_hint_however_often_and_in_whatever_order(self, counterpart: Calling) -> None:
        """A hint is about a record as it is now, so neither copies nor the order do harm."""
        connector = opened(counterpart)
        hints = [_hint("one"), _hint("other")]
        calls = [counterpart.call(_named(connector, hint)) for hint in hints]
        for call in (*calls, *reversed(calls), *calls):
            told = connector.verify(call)
            assert not isinstance(told, Forged), told.reason
            assert [hint.id for hint in told] == [hints[calls.index(call)].id]

    def test_a_forged_call_is_refused(self, counterpart: Calling) -> None:
        """With another body, another signature, or when we have no secret to tell."""
        connector = opened(counterpart)
        call = counterpart.call(_named(connector, _hint("one")))
        other = Hook(headers=call.headers, body=call.body.replace(b"one", b"two"))
        assert other.body != call.body
        assert isinstance(connector.verify(other), Forged)
        spoiled = {name: value[::-1] for name, value in call.headers.items()}
        assert isinstance(connector.verify(Hook(headers=spoiled, body=call.body)), Forged)
        assert isinstance(connector.verify(Hook(headers={}, body=call.body)), Forged)
        nothing = opened(counterpart, secrets=counterpart.secrets._replace(hook_secret=None))
        assert isinstance(nothing.verify(call), Forged)


def _hint(name: str) -> Hint:
    return Hint(entity="", id=name)


def _named(connector: Connector, hint: Hint) -> Hint:
    """The hint, of an entity that the connector knows."""
    return msgspec.structs.replace(hint, entity=connector.declares.entities[0].name)
