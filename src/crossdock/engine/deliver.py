"""Delivering, the part in the database: outcomes are recorded and commands claimed in one transaction, a turn.

A turn holds the state of one connection. It tells the cases what became of commands that were sent, and of those it
is about to send that they are *sent*: so from then on their plans wait. Only what is still wanted after that is
leased, and only when the turn is committed does anything leave the house. Whoever crashes in between has recorded more
than was done, never less: what was leased and not heard of again is looked up before it is repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.engine import outcome_messages
from crossdock.engine.configuration import Configuration
from crossdock.engine.deliver_commands import command_of, trust
from crossdock.engine.deliver_outcomes import Done, Job, Sums, settled_by
from crossdock.engine.deliver_rules import (
    Breaker,
    Bucket,
    Undone,
    allowed,
    filled,
    heard,
    may_take,
    may_undo,
    paused,
    probing,
    taken,
)
from crossdock.engine.settle import Settler
from crossdock.kit.connection import AutonomySettings, Connection
from crossdock.model.money import minor_in
from crossdock.processes.case import Record, unpack
from crossdock.processes.slots import content_hash
from crossdock.store import delivery as store
from crossdock.store import delivery_messages, delivery_state, settling
from crossdock.store.delivery import Candidate, Key
from crossdock.store.delivery_state import Counts, State
from crossdock.store.intake import Incoming
from crossdock.store.settling import Message

_BATCH_MAX: Final = 100
_IDLE_SECONDS: Final = 0.02
_UNTOLD: Final = "its case cannot be told that it is sent: look for PLAN_FAILED or a dead letter of source crossdock"
_LIMIT: Final = "as much was taken back from {name} within the hour as its limit of undos allows"
_ENDS: Final = frozenset({"applied", "refused"})
_JSON: Final = msgspec.json.Encoder(order="deterministic").encode


class Turn(NamedTuple):
    """What a turn gave: jobs to be sent now, and after how many seconds another turn may give more."""

    jobs: list[Job]
    wait_seconds: float


class _ChangedMeanwhile(Exception):
    """What a person released, or what was counted, is not what the case wants any more: take the turn again."""


class NotConfigured(LookupError):
    """The source of our own messages is missing: apply the configuration folder again."""


class Desk:
    """Takes turns for one tenant over one database connection; not to be used by two threads at once."""

    def __init__(
        self,
        connection: psycopg.Connection,
        tenant: int,
        configuration: Configuration,
        *,
        worker: str,
        shard: int = 0,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """`worker` names this process among all; `draw` gives a number in [0, 1) for the jitter of waits."""
        self._connection = connection
        self._tenant = tenant
        self._worker = worker
        self._draw = draw
        self._settler = _AtOnce(connection, tenant, configuration, shard=shard)
        self._levels: dict[str, tuple[str, AutonomySettings]] = {}

    @property
    def configuration(self) -> Configuration:
        """What it works by; may be replaced between turns."""
        return self._settler.configuration

    @configuration.setter
    def configuration(self, configuration: Configuration) -> None:
        self._settler.configuration = configuration
        self._levels = {}

    def turn(
        self, name: str, done: Sequence[Done], *, on_their_way: int, room: int, is_idempotent: bool = True
    ) -> Turn | None:
        """Record what is done and claim what is due on a connection, up to `room`; `None`: another process is at it.

        `on_their_way` is how many commands this process has sent there and not heard of yet, those of `done` not
        counted. When it returns, everything is committed.
        """
        settings = self.configuration.connections[name].connection
        while True:
            try:
                with self._connection.transaction():
                    state = delivery_state.lock(self._connection, self._tenant, name, wait=bool(done))
                    if state is None:
                        return None
                    return _Turn(self, name, settings, state).take(
                        done, on_their_way=on_their_way, room=room, is_idempotent=is_idempotent
                    )
            except _ChangedMeanwhile:
                continue

    # -- for its turns -------------------------------------------------------------------------------------------

    def source(self) -> int:
        """The id of our own source."""
        ours = self.configuration.named(outcome_messages.SOURCE)
        if ours is None:
            raise NotConfigured("source crossdock is not registered: run `crossdock config apply` again")
        return ours.id

    def levels(self, name: str, overrides: str, settings: AutonomySettings) -> AutonomySettings:
        """How far a connection is trusted now: what was set at run time, over what is configured."""
        known = self._levels.get(name)
        if known is None or known[0] != overrides:
            known = self._levels[name] = (overrides, trust(overrides, settings))
        return known[1]


class _AtOnce(Settler):
    """Settles messages that were stored in the same transaction."""

    def settle_now(self, messages: list[Message]) -> None:
        """Settle what can be; what cannot becomes a dead letter."""
        if messages:
            self._in_parts(messages)


class _Turn:
    """One turn, in the transaction of its desk."""

    def __init__(self, desk: Desk, name: str, settings: Connection, state: State) -> None:
        self._desk = desk
        self._connection = desk._connection  # noqa: SLF001  # a turn is a part of its desk
        self._tenant = desk._tenant  # noqa: SLF001
        self._worker = desk._worker  # noqa: SLF001
        self._name = name
        self._settings = settings
        self._now = state.now
        self._at = datetime.fromtimestamp(state.now, UTC)
        self._bucket = filled(msgspec.json.decode(state.bucket, type=Bucket), settings.limits, state.now)
        self._breaker = msgspec.json.decode(state.breaker, type=Breaker)
        self._undone = msgspec.json.decode(state.undone, type=Undone)
        self._levels = desk.levels(name, state.autonomy, settings.autonomy)
        self._state = state

    def take(self, done: Sequence[Done], *, on_their_way: int, room: int, is_idempotent: bool) -> Turn:
        """See `Desk.turn`."""
        sums = settled_by(done, self._settings.retry, self._desk._draw)  # noqa: SLF001
        self._hear(sums)
        count, wait, is_probe = self._allowance(on_their_way, room)
        claimed = self._candidates(count, is_idempotent=is_idempotent) if count else []
        seen = self._seen(claimed)
        held = self._held(claimed, seen)
        claimed = [one for one in claimed if one.key not in held]
        cases = self._tell(sums, held, claimed)
        jobs = self._jobs(claimed, cases)
        if any(job.key in seen and content_hash(job.command.content) != content_hash(seen[job.key]) for job in jobs):
            raise _ChangedMeanwhile
        jobs = self._lease(jobs, claimed, cases, is_probe=is_probe)
        self._keep(sums, held, jobs, is_probe=is_probe)
        is_more = bool(held) or 0 < count == len(claimed)
        return Turn(jobs, 0.0 if is_more else max(wait, _IDLE_SECONDS))

    def _hear(self, sums: Sums) -> None:
        if sums.pause_seconds is not None:
            self._bucket = paused(self._bucket, self._now + sums.pause_seconds)
        before = self._breaker
        self._breaker = heard(before, self._settings.breaker, sums.answers, self._now)
        if self._breaker.state != before.state:
            self._note_breaker(before, self._breaker)

    def _note_breaker(self, before: Breaker, after: Breaker) -> None:
        delivery_state.note(
            self._connection, self._tenant, self._name, what="breaker", before=before.state, after=after.state,
            reason=after.reason or "the wait is over", who=self._worker,
        )  # fmt: skip

    # -- claiming ------------------------------------------------------------------------------------------------

    def _allowance(self, on_their_way: int, room: int) -> tuple[int, float, bool]:
        """How many may be claimed, else how long to wait; whether it is the breaker's probe."""
        rate, wait = may_take(self._bucket, self._settings.limits, self._now)
        lets = allowed(self._breaker, self._settings.breaker, self._now)
        if lets.through == 0:
            return 0, lets.wait_seconds, False
        if rate == 0:
            return 0, wait, False
        count = min(rate, room, _BATCH_MAX)
        if lets.through is not None:
            return min(count, lets.through), 0.0, True
        if count > 0:
            others = store.leased_by_others(self._connection, self._tenant, self._name, self._worker)
            count = min(count, self._settings.limits.concurrency - on_their_way - others)
        return max(count, 0), 0.0, False

    def _candidates(self, count: int, *, is_idempotent: bool) -> list[Candidate]:
        # What a dead process sent to a system that cannot tell repeats apart may arrive until its timeout.
        grace = 0.0 if is_idempotent else self._settings.limits.timeout_seconds
        return store.candidates(self._connection, self._tenant, self._name, count, grace_seconds=grace)

    def _seen(self, claimed: Sequence[Candidate]) -> dict[Key, dict[str, object]]:
        """The contents that count before anything is told: what a person released, and what is to be undone."""
        judged = [one for one in claimed if one.told is None and (one.released is not None or one.action == "undo")]
        cases = self._cases({one.key.owner for one in judged})
        seen = {}
        for one in judged:
            record = cases.get(one.key.owner)
            slot = record.slots.get(one.key.slot) if record else None
            seen[one.key] = slot.asked.content if slot is not None and slot.asked is not None else {}
        return seen

    def _held(self, claimed: Sequence[Candidate], seen: dict[Key, dict[str, object]]) -> dict[Key, str]:
        """What may not go without a person. What was sent before is followed up whatever the trust is now."""
        held: dict[Key, str] = {}
        for one in claimed:
            if one.told is not None or (one.released is not None and one.released == content_hash(seen[one.key])):
                continue
            level = self._levels.of(one.kind)
            if level != "act":
                held[one.key] = level
            elif one.action == "undo":
                undone = may_undo(self._undone, self._settings.undo, minor_in(seen[one.key]), self._now)
                if undone is None:
                    held[one.key] = "limit"
                else:
                    self._undone = undone
        return held

    def _tell(self, sums: Sums, held: Mapping[Key, str], claimed: Sequence[Candidate]) -> dict[str, Record]:
        """Store and settle what is to be told, in this transaction; then the cases of the claimed as they stand now."""
        source = self._desk.source()
        telling: list[Incoming] = [
            outcome_messages.message(source, key, told, self._at, document_no=document_no, reason=reason)
            for key, told, document_no, reason in sums.told
        ]
        telling += [
            outcome_messages.message(source, key, "held", self._at, reason=_LIMIT.format(name=self._name))
            for key, why in held.items()
            if why == "limit"
        ]
        telling += [outcome_messages.message(source, one.key, "sent", self._at) for one in claimed if one.told is None]
        messages = delivery_messages.keep(self._connection, self._tenant, telling)
        self._desk._settler.settle_now(messages)  # noqa: SLF001
        return self._cases({one.key.owner for one in claimed})

    def _cases(self, owners: set[str]) -> dict[str, Record]:
        if not owners:
            return {}
        stored = settling.read_cases(self._connection, self._tenant, sorted(owners))
        return {owner: unpack(row.record) for owner, row in stored.items()}

    def _jobs(self, claimed: Sequence[Candidate], cases: dict[str, Record]) -> list[Job]:
        """The claimed that are on their way by their case's own account."""
        jobs = []
        for one in claimed:
            record = cases.get(one.key.owner)
            slot = record.slots.get(one.key.slot) if record else None
            if record is None or slot is None or slot.asked is None or slot.generation != one.key.generation:
                continue
            if slot.state not in {"sent", "unknown"}:
                continue
            jobs.append(Job(self._name, one, command_of(one.key, slot, record)))
        return jobs

    def _lease(
        self, jobs: list[Job], claimed: Sequence[Candidate], cases: dict[str, Record], *, is_probe: bool
    ) -> list[Job]:
        """Lease the jobs; what is not wanted any more leaves the queue, what a case cannot be told waits there."""
        left = [one.key for one in claimed if one.key not in {job.key for job in jobs}]
        untold = [key for key in left if _is_wanted(key, cases)]
        store.postpone(self._connection, self._tenant, untold, _UNTOLD)
        store.drop(self._connection, self._tenant, [key for key in left if key not in untold])
        told = [job.candidate.told or "sent" for job in jobs]
        leased = store.lease(self._connection, self._tenant, self._worker, [job.key for job in jobs], told)
        return [job._replace(is_probe=is_probe) for job in jobs if job.key in leased]

    def _keep(self, sums: Sums, held: dict[Key, str], jobs: Sequence[Job], *, is_probe: bool) -> None:
        store.drop(self._connection, self._tenant, [told[0] for told in sums.told if told[1] in _ENDS])
        store.again(self._connection, self._tenant, self._worker, sums.again)
        store.hold(self._connection, self._tenant, list(held), list(held.values()))
        store.keep_attempts(self._connection, self._tenant, sums.attempts)
        if jobs:
            self._bucket = taken(self._bucket, len(jobs))
            if is_probe:
                before = self._breaker
                self._breaker = probing(before, self._now, self._settings.limits.timeout_seconds)
                if before.state != "half_open":
                    self._note_breaker(before, msgspec.structs.replace(self._breaker, reason="the wait is over"))
        delivery_state.save(
            self._connection, self._tenant, self._name, _JSON(self._bucket).decode(), _JSON(self._breaker).decode(),
            _JSON(self._undone).decode(), Counts(*sums.counts),
        )  # fmt: skip


def _is_wanted(key: Key, cases: dict[str, Record]) -> bool:
    record = cases.get(key.owner)
    slot = record.slots.get(key.slot) if record else None
    return slot is not None and slot.generation == key.generation and slot.state == "wanted"
