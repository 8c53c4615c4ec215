"""Whose time is up first speaks to the database first; work that begins late is a peak."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from crossdock.engine.deliver_books import Books
from crossdock.engine.deliverer import is_put_off
from crossdock.kit.classes import TERMS, Class
from crossdock.kit.connection import Connection


@pytest.fixture(autouse=True)
def _an_event_loop_wakes_itself_through_a_socket_pair(socket_enabled: None) -> None:
    """Nothing else here opens a socket."""


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def played(play: Callable[[Books, Clock], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        clock = Clock()
        books = Books(clock)
        try:
            await asyncio.wait_for(play(books, clock), 20)
        finally:
            books.close()

    asyncio.run(run())


async def busy(books: Books) -> threading.Event:
    """The books are at something until the event is set."""
    begun, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait(20)

    task = asyncio.create_task(books.do(work))
    await begun.wait()
    task.add_done_callback(lambda _: None)
    return go_on


def test_the_urgent_overtakes_the_patient_and_the_patient_does_not_wait_for_ever() -> None:
    async def play(books: Books, clock: Clock) -> None:
        done: list[str] = []
        go_on = await busy(books)

        def ask(name: str, kind: Class) -> asyncio.Task[None]:
            patience = TERMS[kind].patience_seconds
            return asyncio.create_task(books.do(lambda: done.append(name), patience_seconds=patience))

        asked = [ask("legacy", "legacy"), ask("milestones", "milestones"), ask("posting", "erp_posting")]
        await asyncio.sleep(0)
        clock.now += 1.95
        asked += [ask("status", "status"), ask("later posting", "erp_posting")]
        await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*asked)
        # The later posting could wait until 2.05 s; the legacy system has waited since the beginning, for 2 s.
        assert done == ["posting", "milestones", "status", "legacy", "later posting"]

    played(play)


def test_work_that_begins_late_is_a_peak_until_a_while_after_it() -> None:
    async def play(books: Books, clock: Clock) -> None:
        assert books.height() == 0
        go_on = await busy(books)
        waiting = asyncio.create_task(books.do(lambda: None))
        await asyncio.sleep(0)
        clock.now += 0.6
        assert books.height() == 1
        clock.now += 1.5
        assert books.height() == 2
        go_on.set()
        await waiting
        clock.now += 60
        assert books.height() == 0

    played(play)


def test_what_is_patient_is_not_late_before_its_time() -> None:
    async def play(books: Books, clock: Clock) -> None:
        go_on = await busy(books)
        waiting = asyncio.create_task(books.do(lambda: None, patience_seconds=2.0))
        await asyncio.sleep(0)
        clock.now += 2.0
        assert books.height() == 0
        go_on.set()
        await waiting

    played(play)


def test_a_failure_is_its_own_and_what_nobody_waits_for_is_not_done() -> None:
    async def play(books: Books, clock: Clock) -> None:
        assert clock.now
        done: list[str] = []
        go_on = await busy(books)
        given_up = asyncio.create_task(books.do(lambda: done.append("given up")))
        failing = asyncio.create_task(books.do(lambda: 1 // 0))
        after = asyncio.create_task(books.do(lambda: done.append("after")))
        await asyncio.sleep(0)
        given_up.cancel()
        go_on.set()
        await after
        with pytest.raises(ZeroDivisionError):
            await failing
        assert done == ["after"]

    played(play)


@pytest.mark.parametrize(
    ("kind", "put_off"),
    [("status", (False, False)), ("erp_posting", (False, False)), ("milestones", (False, True)),
     ("legacy", (True, True)), (None, (False, False))],
)  # fmt: skip
def test_the_classes_that_can_wait_are_put_off_in_their_order(kind: Class | None, put_off: tuple[bool, bool]) -> None:
    connection = Connection(role="wms", manifest="wms", integration=kind)
    assert not is_put_off(connection, 0)
    assert (is_put_off(connection, 1), is_put_off(connection, 2)) == put_off
