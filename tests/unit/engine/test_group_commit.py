import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import psycopg
import pytest
import uvloop

from crossdock.engine.group_commit import BYTES_PER_BATCH, MESSAGES_PER_BATCH, GroupCommit, Limits, NotTaken
from crossdock.store.connect import DatabaseUnreachable
from crossdock.store.intake import Incoming, Received, digest

PATIENCE_SECONDS = 20


@pytest.fixture(autouse=True)
def _an_event_loop_wakes_itself_through_a_socket_pair(socket_enabled: None) -> None:
    """Nothing else here opens a socket."""


class Shelf:
    """Storage whose commits wait for a word of the test, and fail when told to."""

    def __init__(self) -> None:
        self.commits: list[list[Incoming]] = []
        self.begun = threading.Semaphore(0)
        self.may_end = threading.Semaphore(0)
        self.failures: list[Exception] = []
        self.poison: bytes | None = None
        self.waiting = 0
        self.lives = True
        self.closed = False

    def receive(self, batch: Sequence[Incoming]) -> list[Received]:
        self.begun.release()
        assert self.may_end.acquire(timeout=PATIENCE_SECONDS), "the test never let this commit end"
        if self.failures:
            raise self.failures.pop()
        if any(message.body == self.poison for message in batch):
            raise psycopg.DataError("it cannot be stored")
        self.commits.append(list(batch))
        return [Received(len(self.commits), "new") for _ in batch]

    def backlog(self) -> int:
        return self.waiting

    def alive(self) -> bool:
        return self.lives

    def close(self) -> None:
        self.closed = True

    def bodies(self) -> list[list[bytes]]:
        return [[message.body for message in commit] for commit in self.commits]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    shelf.may_end.release(1000)


def message(body: bytes) -> Incoming:
    return Incoming(1, digest(body), digest(body), "application/json", body)


def run(
    story: Callable[[GroupCommit], Coroutine[Any, Any, None]],
    connect_to: Callable[[], Shelf],
    limits: Limits | None = None,
) -> None:
    async def told() -> None:
        committer = GroupCommit(connect_to, limits)
        await committer.start()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await story(committer)
        await committer.close()

    uvloop.run(told())


async def begun(shelf: Shelf, commits: int = 1) -> None:
    for _ in range(commits):
        assert await asyncio.to_thread(shelf.begun.acquire, timeout=PATIENCE_SECONDS)


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110  # another thread makes it true, and tells nobody
        await asyncio.sleep(0.01)


def sent(committer: GroupCommit, *bodies: bytes) -> asyncio.Task[list[Received]]:
    return asyncio.get_running_loop().create_task(committer.store([message(body) for body in bodies]))


def test_nobody_is_answered_before_the_commit_has_ended(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        answer = sent(committer, b"a")
        await begun(shelf)
        _, waiting = await asyncio.wait([answer], timeout=0.05)
        assert waiting == {answer}
        shelf.may_end.release()
        assert await answer == [Received(1, "new")]

    run(story, lambda: shelf)


def test_what_comes_while_a_commit_is_under_way_shares_the_next_one(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        first = sent(committer, b"a")
        await begun(shelf)
        others = [sent(committer, b"b"), sent(committer, b"c", b"d")]
        await asyncio.sleep(0)
        shelf.may_end.release(2)
        assert await first == [Received(1, "new")]
        assert await asyncio.gather(*others) == [[Received(2, "new")], [Received(2, "new")] * 2]
        assert shelf.bodies() == [[b"a"], [b"b", b"c", b"d"]]

    run(story, lambda: shelf)


def test_a_batch_closes_at_its_number_of_messages(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        shelf.may_end.release(10)
        await committer.store([message(b"%d" % number) for number in range(2 * MESSAGES_PER_BATCH + 1)])
        assert [len(commit) for commit in shelf.commits] == [MESSAGES_PER_BATCH, MESSAGES_PER_BATCH, 1]

    run(story, lambda: shelf)


def test_a_batch_closes_at_its_number_of_bytes(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        first = sent(committer, b"a")
        await begun(shelf)
        large = [sent(committer, bytes([number]) * (BYTES_PER_BATCH // 2)) for number in range(4)]
        await asyncio.sleep(0)
        shelf.may_end.release(10)
        await asyncio.gather(first, *large)
        assert [len(commit) for commit in shelf.commits] == [1, 2, 2]

    run(story, lambda: shelf)


def test_a_lost_commit_is_acknowledged_to_nobody(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        shelf.failures = [psycopg.errors.AdminShutdown("terminating connection")]
        shelf.may_end.release(2)
        answers = await asyncio.gather(sent(committer, b"a"), sent(committer, b"b"), return_exceptions=True)
        assert all(isinstance(answer, NotTaken) and answer.reason == "database-unreachable" for answer in answers)
        assert await committer.store([message(b"a")]) == [Received(1, "new")]

    run(story, lambda: shelf)


def test_a_message_that_cannot_be_stored_does_not_harm_its_neighbours(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        shelf.poison = b"bad"
        first = sent(committer, b"a")
        await begun(shelf)
        answers = [sent(committer, b"b"), sent(committer, b"bad"), sent(committer, b"c")]
        await asyncio.sleep(0)
        shelf.may_end.release(10)
        await first
        before, bad, after = await asyncio.gather(*answers, return_exceptions=True)
        assert isinstance(bad, psycopg.DataError)
        assert [before, after] == [[Received(2, "new")], [Received(3, "new")]]

    run(story, lambda: shelf)


def test_a_lost_database_is_refused_at_once_until_it_is_back() -> None:
    shelves = [Shelf(), Shelf()]
    back = threading.Event()
    opened: list[Shelf] = []

    def connect_to() -> Shelf:
        if opened and not back.is_set():
            raise DatabaseUnreachable("no answer")
        opened.append(shelves[len(opened)])
        return opened[-1]

    async def story(committer: GroupCommit) -> None:
        for shelf in shelves:
            shelf.may_end.release(10)
        assert await committer.store([message(b"a")])
        shelves[0].lives = False
        with pytest.raises(NotTaken):
            await committer.store([message(b"b")])
        refusal = committer.refusal()
        assert refusal is not None
        assert (refusal.reason, refusal.retry_after_seconds) == ("database-unreachable", 5)
        back.set()
        await until(lambda: committer.refusal() is None)
        assert await committer.store([message(b"c")])
        assert [shelf.bodies() for shelf in shelves] == [[[b"a"]], [[b"c"]]]
        assert shelves[0].closed

    run(story, connect_to)


def test_nobody_waits_for_a_database_that_does_not_answer(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        answers = [sent(committer, b"a"), sent(committer, b"b")]
        await begun(shelf)
        refused = await asyncio.gather(*answers, return_exceptions=True)
        assert [type(answer) for answer in refused] == [NotTaken, NotTaken]
        assert committer.refusal() is not None
        shelf.may_end.release(10)
        await until(lambda: committer.refusal() is None)
        assert await committer.store([message(b"c")])

    run(story, lambda: shelf, Limits(answer_seconds=0.05))


def test_nothing_is_taken_while_too_much_waits_to_be_settled(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        shelf.waiting = 10
        await until(lambda: committer.backlog == 10)
        with pytest.raises(NotTaken, match="10 messages wait to be settled") as refused:
            await committer.store([message(b"a")])
        assert refused.value.reason == "backlog-full"
        shelf.waiting = 9
        shelf.may_end.release(10)
        await until(lambda: committer.refusal() is None)
        assert await committer.store([message(b"a")])

    run(story, lambda: shelf, Limits(backlog_messages=10))


@pytest.mark.parametrize("limits", [Limits(waiting_messages=3), Limits(waiting_bytes=3)])
def test_nothing_is_taken_while_too_much_waits_for_its_commit(shelf: Shelf, limits: Limits) -> None:
    async def story(committer: GroupCommit) -> None:
        waiting = [sent(committer, b"a"), sent(committer, b"b", b"c")]
        await asyncio.sleep(0)
        with pytest.raises(NotTaken) as refused:
            await committer.store([message(b"d")])
        assert refused.value.reason == "queue-full"
        shelf.may_end.release(10)
        await asyncio.gather(*waiting)
        assert await committer.store([message(b"d")])

    run(story, lambda: shelf, limits)


def test_closing_commits_what_waits_and_takes_nothing_more(shelf: Shelf) -> None:
    async def story(committer: GroupCommit) -> None:
        waiting = [sent(committer, b"a"), sent(committer, b"b")]
        await asyncio.sleep(0)
        closing = asyncio.get_running_loop().create_task(committer.close())
        await asyncio.sleep(0)
        with pytest.raises(NotTaken) as refused:
            await committer.store([message(b"c")])
        assert refused.value.reason == "shutting-down"
        shelf.may_end.release(10)
        await asyncio.gather(closing, *waiting)
        assert sorted(body for commit in shelf.bodies() for body in commit) == [b"a", b"b"]
        assert shelf.closed

    run(story, lambda: shelf)
