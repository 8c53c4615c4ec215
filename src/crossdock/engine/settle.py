"""Settling: messages become events, events facts, and what follows from them becomes true, in one transaction.

The steps of a batch: claim it from the inbox, read and map its messages, ask the cases (see `rounds`), then write
events, items, commands, wake-ups, ledger entries, and balances last. A batch that fails is settled again in halves,
until the message that breaks it stands alone: that one becomes a dead letter, its neighbours go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast

import msgspec
import psycopg

from crossdock.engine import deliver_queue, letter_causes
from crossdock.engine.configuration import Configuration, Reader, compiled
from crossdock.engine.cross_references import CrossReferences
from crossdock.engine.effects import Effects
from crossdock.engine.letter_causes import Cause, cause_of
from crossdock.engine.reading import NONE_CHOSEN, Read, Refused, read_messages, sample_of
from crossdock.engine.rounds import Rounds, Touched
from crossdock.ledger.posting import balances
from crossdock.model.envelope import Rejection
from crossdock.model.event import Reference
from crossdock.model.events import CATALOGUE
from crossdock.processes.plan import WorkItem
from crossdock.processes.reference import Records
from crossdock.store import configuration as stored
from crossdock.store import dead_letters
from crossdock.store import effects as effects_store
from crossdock.store import reference as reference_store
from crossdock.store import settling as store
from crossdock.store.reference import Published
from crossdock.store.settling import Message

_LOG = logging.getLogger(__name__)
_COMMITS_MAX: Final = 100
_BATCH_BYTES: Final = 8_000_000


class Settled(NamedTuple):
    """What a batch held."""

    messages: int = 0
    events: int = 0
    copies: int = 0
    rejected: int = 0
    wakes: int = 0

    def __bool__(self) -> bool:
        """Was there anything to do?"""
        return bool(self.messages or self.wakes)


class ReferenceCache:
    """Reference data read before, forgotten when any of it changes."""

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Nothing read yet."""
        self._connection = connection
        self._tenant = tenant
        self._version = -1
        self._records: dict[str, list[Reference]] = {}

    def at(self, version: int) -> None:
        """Forget everything read at another version."""
        if version != self._version:
            self._version = version
            self._records = {}

    def read(self, keys: Iterable[str]) -> Records:
        """All records read so far, and those of `keys`."""
        missing = [key for key in keys if key not in self._records]
        if missing:
            found: dict[str, list[Reference]] = {key: [] for key in missing}
            for key, data in reference_store.read_reference(self._connection, self._tenant, missing):
                form = cast("type[Reference]", CATALOGUE[key.partition("/")[0]])
                found[key].append(msgspec.json.decode(data, type=form))
            self._records |= found
        return self._records


class CaseShelf:
    """The cases of a tenant in the database."""

    def __init__(self, connection: psycopg.Connection, tenant: int) -> None:
        """Uses the transaction of `connection`."""
        self._connection = connection
        self._tenant = tenant

    def read(self, ids: Iterable[str]) -> dict[str, store.Stored]:
        """The cases that exist."""
        return store.read_cases(self._connection, self._tenant, ids)

    def write(self, rows: list[store.CaseRow]) -> set[str]:
        """Write rows sorted by id; the ids of those that lost a race."""
        return store.write_cases(self._connection, self._tenant, rows)


class Settler:
    """Settles batches of one tenant over one connection. Any number of them may work at once."""

    def __init__(
        self, connection: psycopg.Connection, tenant: int, configuration: Configuration, *, shard: int = 0
    ) -> None:
        """`shard` is the part of each balance this settler adds to."""
        self.configuration = configuration
        self._connection = connection
        self._tenant = tenant
        self._shard = shard
        self._shelf = CaseShelf(connection, tenant)
        self._reference = ReferenceCache(connection, tenant)
        self._cross_references = CrossReferences(connection, tenant)

    def settle(self, *, batch: int, now: datetime) -> Settled:
        """Settle about `batch` messages (whole group commits) and as many due wake-ups, in one transaction."""
        try:
            with self._connection.transaction():
                return self._settle(*self._claim(batch, now))
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.OperationalError):
            raise
        except Exception:  # noqa: BLE001  # whatever one message breaks, the others go on
            _LOG.exception("a batch failed as a whole and is settled again in parts")
        with self._connection.transaction():
            messages, chosen, due = self._claim(batch, now)
            settled = self._in_parts(messages, chosen)
            return settled._replace(wakes=self._settle([], NONE_CHOSEN, due).wakes) if due else settled

    def _claim(self, batch: int, now: datetime) -> tuple[list[Message], Mapping[int, Reader], list[store.Due]]:
        claimed = store.claim(
            self._connection,
            self._tenant,
            commits=min(batch, _COMMITS_MAX),
            messages=batch,
            size_bytes=_BATCH_BYTES,
        )
        messages = store.read_messages(self._connection, self._tenant, claimed) if claimed else []
        wanted = {one.first: one.mapping for one in claimed if one.mapping is not None}
        if any(mapping not in self.configuration.versions for mapping in wanted.values()):
            # Published a moment ago, and chosen before we looked round.
            self.configuration = compiled(stored.read_within(self._connection, self._tenant))
        chosen = {arrival: self.configuration.versions.reader(mapping) for arrival, mapping in wanted.items()}
        return messages, chosen, store.read_due(self._connection, self._tenant, now, batch)

    def _in_parts(self, messages: list[Message], chosen: Mapping[int, Reader] = NONE_CHOSEN) -> Settled:
        """Settle what can be; a message that fails alone becomes a dead letter."""
        try:
            with self._connection.transaction():
                return self._settle(messages, chosen, [])
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.OperationalError):
            raise
        except Exception as failure:  # noqa: BLE001  # as above
            if len(messages) == 1:
                return self._bury(messages[0], failure)
        half = len(messages) // 2
        first, second = self._in_parts(messages[:half], chosen), self._in_parts(messages[half:], chosen)
        return Settled(*(a + b for a, b in zip(first, second, strict=True)))

    def _bury(self, message: Message, failure: Exception) -> Settled:
        _LOG.warning("message %d cannot be settled: %s", message.arrival, failure)
        text = f"{type(failure).__name__}: {failure}".replace("\0", "\\0")[:300]
        rejection = Rejection(
            row=0,
            position="the whole message",
            rule="settle.failed",
            problem=f"What it says cannot be settled ({text}); correct it and replay",
            sample=sample_of(message.body),
        )
        self._write_messages([message], [], [], [Refused(message, None, rejection)])
        return Settled(messages=1, rejected=1)

    # -- one batch -----------------------------------------------------------------------------------------------

    def _settle(self, messages: list[Message], chosen: Mapping[int, Reader], due: list[store.Due]) -> Settled:
        self._cross_references.begin()
        read, refused = read_messages(messages, self.configuration, self._cross_references, chosen=chosen)
        records = [one.told for one in read if isinstance(one.told, Published)]
        self._reference.at(reference_store.lock_reference(self._connection, self._tenant, alone=bool(records)))
        if records:
            reference_store.publish(self._connection, self._tenant, counting(records))

        rounds = Rounds(self._shelf, self.configuration.policies, self._reference.read)
        places = [_tell(rounds, one) for one in read]
        for wake in due:
            touched = rounds.touch(wake.owner)
            touched.clock, touched.again = max(touched.clock, wake.at), True
        cases = rounds.settle()

        copies = [
            place is not None and place[0].asked.tellings[place[1]].is_copy  # type: ignore[union-attr]
            for place in places
        ]
        with self._connection.pipeline():
            self._write_messages(messages, read, copies, refused)
            store.rang(self._connection, self._tenant, due)
            self._write_effects(cases)
        return Settled(len(messages), len(read), sum(copies), len(refused), len(due))

    def _write_messages(
        self, messages: Sequence[Message], read: Sequence[Read], copies: Sequence[bool], refused: Sequence[Refused]
    ) -> None:
        events, identifiers = effects_store.Events(), set[tuple[str, str]]()
        counted = {message.arrival: [0, 0] for message in messages}
        for one, copy in zip(read, copies, strict=True):
            events.rows.append((copy, *one.row))
            counted[one.receipt.arrival][0] += 1
            if one.names and not copy:
                identifiers.update([(name, one.owner) for name in one.names])
        letters = effects_store.DeadLetters()
        causes = [(one, _cause_of(one)) for one in refused]
        for letter, cause in causes:
            counted[letter.message.arrival][1] += 1
            letters.rows.append(_letter_row(letter, cause))
        results, names = effects_store.Results(), effects_store.Identifiers()
        results.rows = [(arrival, *count) for arrival, count in counted.items() if count != [1, 0]]
        names.rows = sorted(identifiers)
        for rows in (events, letters, results, names):
            rows.write(self._connection, self._tenant)
        if causes:
            self._open_items(
                letter_causes.items(causes, {one.id: one.name for one in self.configuration.sources.values()})
            )

    def _open_items(self, found: Mapping[str, tuple[WorkItem, int]]) -> None:
        """One for each code that nobody has told us, in key order, as other workers may open the same."""
        known = dead_letters.items_open(self._connection, self._tenant, letter_causes.CODE) if found else 0
        opened = effects_store.OpenedItems()
        opened.rows = [
            (owner, letter_causes.ITEM, item.code, item.subject, item.title, item.owner, item.action, 0, "", False,
             arrival, 0, 0, None)
            for owner, (item, arrival) in sorted(found.items())[: max(0, letter_causes.ITEMS_MAX - known)]
        ]  # fmt: skip
        opened.write(self._connection, self._tenant)

    def _write_effects(self, cases: dict[str, Touched]) -> None:
        effects = Effects()
        for owner, touched in cases.items():
            effects.add(owner, touched)
        effects.write(self._connection, self._tenant)
        deliver_queue.enqueue(self._connection, self._tenant, self.configuration.connections, cases)
        effects_store.add_to_balances(self._connection, self._tenant, self._shard, balances(effects.postings))


def _tell(rounds: Rounds, one: Read) -> tuple[Touched, int] | None:
    """Tell an event to its case; which case, and the how-manieth telling to it this is."""
    if isinstance(one.told, Published):
        return None
    touched = rounds.touch(one.owner)
    touched.tell(one.told, one.receipt)
    return touched, len(touched.events) - 1


def _cause_of(one: Refused) -> Cause:
    rejection = one.rejection
    mapping = one.reader.mapping.name if one.reader is not None else ""
    return cause_of(rejection.rule, one.message.source, mapping, rejection.position, rejection.value)


def _letter_row(one: Refused, cause: Cause) -> tuple[object, ...]:
    message, rejection = one.message, one.rejection
    mapping = one.reader.mapping_id if one.reader is not None else None
    texts = (
        cause.id, cause.place, rejection.position, rejection.rule, rejection.problem, rejection.value, rejection.sample,
    )  # fmt: skip
    return (message.arrival, rejection.row, message.source, mapping, *(text.replace("\0", "\\0") for text in texts))


def counting(records: Sequence[Published]) -> list[Published]:
    """Reference data to be stored: of several tellings of one record, the one that counts."""
    best: dict[tuple[str, object], Published] = {}
    for record in records:
        place = (record.key, record.valid_from)
        known = best.get(place)
        if known is None or (record.revision, -record.arrival, -record.row) > (
            known.revision,
            -known.arrival,
            -known.row,
        ):
            best[place] = record
    return [best[place] for place in sorted(best, key=str)]
