"""What publishing a mapping version would change: stored messages read by the version in force and by the new one.

First the events: those that would be other ones, by field; new ones; and those that would not be said any more. Then
what would have followed, had these messages been read by the new version: documents, items and money, of all cases
that hear of it. Nothing of it stays. Values that look scaled are pointed out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import msgspec

from crossdock.app import rehearsing
from crossdock.app.mapping_review import Mapping, messages_of
from crossdock.app.opening import Opened
from crossdock.engine import configuration, rehearsal
from crossdock.engine.configuration import Configuration, Reader
from crossdock.engine.cross_references import CrossReferences
from crossdock.engine.reading import Read, Refused, read_messages
from crossdock.mapping import scales
from crossdock.mapping.scales import Suspicion
from crossdock.mapping.targets import fields_of
from crossdock.model.envelope import BY_ARRIVAL, Receipt
from crossdock.model.events import CATALOGUE
from crossdock.processes.facts import AnyKept
from crossdock.store import arrival as arrivals
from crossdock.store import rehearsal as store
from crossdock.store.reference import Published
from crossdock.store.settling import Message

_DECODE: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_SAMPLES_MAX: Final = 3
_HISTORY_MAX: Final = 5_000
_SHIFT_MINUTES: Final = 30
_HOUR_US: Final = 3_600_000_000
# Later than any message: what is rehearsed takes the place of what was told.
_LAST: Final = Receipt(2**62, 0)
_ENVELOPE: Final = {5: "occurred", 7: "recorded", 8: "lifecycle", 9: "revision", 10: "retracted"}
_KIND, _OWNER, _KEY, _OCCURRED, _DATA = 2, 3, 4, 5, 15


class FieldChange(msgspec.Struct, kw_only=True):
    """A field that would be another one, in so many events; samples are message, before, after (no personal data)."""

    field: str
    events: int = 0
    samples: list[tuple[str, str, str]] = []


class Report(msgspec.Struct, kw_only=True):
    """What would differ. `added` and `removed` events by type; `refused` and `readable` parts by rule, new and gone."""

    before: str | None
    after: str
    messages: int = 0
    same: int = 0
    added: Counter[str] = msgspec.field(default_factory=Counter)
    removed: Counter[str] = msgspec.field(default_factory=Counter)
    changed: list[FieldChange] = []
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    readable: Counter[str] = msgspec.field(default_factory=Counter)
    references: int = 0
    suspicions: list[Suspicion] = []
    shifts: list[str] = []
    effects: rehearsing.Report = msgspec.field(default_factory=rehearsing.Report)

    def __bool__(self) -> bool:
        """Would anything differ?"""
        return bool(self.added or self.removed or self.changed or self.refused or self.readable)


def rehearse(
    at: Opened, mapping: Mapping, *, days: int, limit: int, progress: Callable[[int], None] = lambda _: None
) -> Report:
    """Read the messages of the last days by both versions, and say what would differ. Changes nothing."""
    loaded = configuration.load(at.connection, at.tenant)
    comparing = _Comparing(at, loaded, mapping)
    with store.rehearsing(at.connection):
        copy = rehearsal.Rehearsal(at.connection, at.tenant, loaded.policies)
        for batch in messages_of(at, loaded, mapping.compiled.name, days=days, limit=limit):
            told = comparing.add(batch)
            if told:
                copy.tell(told)
            progress(comparing.report.messages)
        report = comparing.done()
        sums = rehearsing.Sums()
        for one in copy.differences():
            sums.add(one.difference)
        report.effects = sums.done()
    return report


class _Comparing:
    """Two readings of the same messages, and where they differ."""

    def __init__(self, at: Opened, loaded: Configuration, mapping: Mapping) -> None:
        self._at = at
        self._loaded = loaded
        self._lookup = CrossReferences(at.connection, at.tenant)
        self._new = Reader(0, mapping.compiled)
        old = next(
            (reader.mapping for source in loaded.sources.values() for reader in source.readers.values()
             if reader.mapping.name == mapping.compiled.name), None,
        )  # fmt: skip
        self.report = Report(before=f"{old.name}@{old.version}" if old else None, after=mapping.name)
        self._changes: dict[str, FieldChange] = {}
        self._pairs: defaultdict[str, list[tuple[Fraction, Fraction]]] = defaultdict(list)
        self._fresh: defaultdict[str, list[Fraction]] = defaultdict(list)
        self._shifts: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def add(self, messages: Sequence[Message]) -> list[tuple[str, AnyKept]]:
        """Compare what both make of messages; the facts that would take the place of others."""
        chosen = dict.fromkeys((message.arrival for message in messages), self._new)
        before, refused_before = read_messages(messages, self._loaded, self._lookup)
        after, refused_after = read_messages(messages, self._loaded, self._lookup, chosen=chosen)
        self.report.messages += len(messages)
        gone, come = _refusals(refused_before), _refusals(refused_after)
        self.report.readable.update((gone - come).values())
        self.report.refused.update((come - gone).values())
        was, is_ = _named(before), _named(after)
        told: list[tuple[str, AnyKept]] = []
        for name in dict.fromkeys([*was, *is_]):
            told += self._pair(was.get(name), is_.get(name))
        return told

    def _pair(self, old: Read | None, new: Read | None) -> Iterator[tuple[str, AnyKept]]:
        if old is not None and new is not None and _content(old) == _content(new):
            self.report.same += 1
            return
        if old is not None and new is not None:
            self._compare(old, new)
        elif new is not None:
            self.report.added[str(new.row[_KIND])] += 1
            for field, values in scales.numbers(_data(new), str(new.row[_KIND])).items():
                self._fresh[field] += values
        elif old is not None:
            self.report.removed[str(old.row[_KIND])] += 1
        for one, retracts in ((old, True), (new, False)):
            if one is None or (retracts and new is not None and _fact(one) == _fact(new)):
                continue
            if isinstance(one.told, Published):
                self.report.references += 1
                continue
            # It takes the place of what was told: a revision more, or told last where the last one counts.
            bump = 0 if one.told.revision == BY_ARRIVAL or not (retracts or (old and _fact(old) == _fact(one))) else 1
            yield (
                one.owner,
                msgspec.structs.replace(
                    one.told, first=_LAST, revision=one.told.revision + bump, retracted=retracts or one.told.retracted
                ),
            )

    def _compare(self, old: Read, new: Read) -> None:
        kind = str(new.row[_KIND])
        for place, name in _ENVELOPE.items():
            if old.row[place] != new.row[place]:
                self._differs(f"{kind}: {name}", new, _moment(old.row[place], name), _moment(new.row[place], name))
        before, after = old.row[_OCCURRED], new.row[_OCCURRED]
        if isinstance(before, int) and isinstance(after, int) and before != after:
            self._shifts[kind][after - before] += 1
        was, is_ = _data(old), _data(new)
        mine, theirs = scales.numbers(was, kind), scales.numbers(is_, kind)
        for field in mine.keys() & theirs.keys():
            if len(mine[field]) == len(theirs[field]):
                self._pairs[field] += [
                    pair for pair in zip(mine[field], theirs[field], strict=True) if pair[0] != pair[1]
                ]
        for field in theirs.keys() - mine.keys():
            self._fresh[field] += theirs[field]
        for field, before_, after_ in _differences(was, is_, kind):
            self._differs(field, new, before_, after_)

    def _differs(self, field: str, one: Read, before: object, after: object) -> None:
        change = self._changes.setdefault(field, FieldChange(field=field, samples=[]))
        change.events += 1
        if len(change.samples) < _SAMPLES_MAX and not _is_personal(field):
            change.samples.append((arrivals.text(one.receipt.arrival), _shown(before), _shown(after)))

    def done(self) -> Report:
        """The report, as far as events go."""
        report = self.report
        report.changed = sorted(self._changes.values(), key=lambda change: -change.events)
        kinds = sorted({field.partition("[")[0].rpartition(".")[0] for field in self._fresh})
        history: defaultdict[str, list[Fraction]] = defaultdict(list)
        for kind in {kind for kind in CATALOGUE if any(each.startswith(kind) for each in kinds)}:
            for data in store.history(self._at.connection, self._at.tenant, kind, _HISTORY_MAX):
                for field, values in scales.numbers(_decoded(data), kind).items():
                    history[field] += values
        report.suspicions = scales.changed(self._pairs) + scales.unusual(self._fresh, history)
        for kind, shifts in sorted(self._shifts.items()):
            (shift, times), *_ = shifts.most_common(1)
            if shift % (_HOUR_US // 60 * _SHIFT_MINUTES) == 0 and times * 2 >= shifts.total():
                hours = shift / _HOUR_US
                report.shifts.append(f"{kind} would have occurred {hours:+g} h, {times} of {shifts.total()}: a zone?")
        return report


def _named(read: Sequence[Read]) -> dict[tuple[int, object, object, int], Read]:
    """Events by message, type and key; several of one key by their number."""
    found: dict[tuple[int, object, object, int], Read] = {}
    seen: Counter[tuple[int, object, object]] = Counter()
    for one in read:
        name = (one.receipt.arrival, one.row[_KIND], one.row[_KEY])
        found[*name, seen[name]] = one
        seen[name] += 1
    return found


class _Refusals(dict[tuple[int, int, str], str]):
    """The rule of each part that is refused."""

    def __sub__(self, other: _Refusals) -> dict[tuple[int, int, str], str]:
        return {name: rule for name, rule in self.items() if name not in other}


def _refusals(refused: Sequence[Refused]) -> _Refusals:
    return _Refusals(
        {(one.message.arrival, one.rejection.row, one.rejection.rule): one.rejection.rule for one in refused}
    )


def _content(one: Read) -> tuple[object, ...]:
    """What an event says, whoever mapped it: neither its place in the message nor the id of the mapping."""
    return (*one.row[2:11], *one.row[12:])


def _fact(one: Read) -> tuple[str, str]:
    """Which fact of which case it is; some facts are named by what they say."""
    return one.owner, one.told.key


def _data(one: Read) -> Any:  # noqa: ANN401  # JSON
    return _decoded(one.row[_DATA])


def _decoded(data: Any) -> Any:  # noqa: ANN401  # JSON
    return _DECODE(data)


def _differences(was: Any, is_: Any, place: str) -> Iterator[tuple[str, object, object]]:  # noqa: ANN401  # JSON
    if isinstance(was, dict) and isinstance(is_, dict):
        for key in dict.fromkeys([*was, *is_]):
            yield from _differences(was.get(key), is_.get(key), f"{place}.{key}")
    elif isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
        for one, other in zip(was, is_, strict=True):
            yield from _differences(one, other, f"{place}[]")
    elif was != is_:
        yield place, was, is_


def _is_personal(field: str) -> bool:
    """Is a field, or what it is a part of, marked as personal?"""
    kind = next((kind for kind in CATALOGUE if field.startswith(f"{kind}.")), None)
    struct: type[msgspec.Struct] | None = CATALOGUE[kind] if kind else None
    for step in field[len(kind) + 1 :].replace("[]", "").split(".") if kind else ():
        known = fields_of(struct).get(step) if struct is not None else None
        if known is None:
            return False
        if known.personal:
            return True
        struct = known.part
    return struct is not None and any(each.personal for each in fields_of(struct).values())


def _moment(value: object, name: str) -> object:
    if name in {"occurred", "recorded"} and isinstance(value, int):
        return datetime.fromtimestamp(value / 1_000_000, UTC).isoformat()
    return value


def _shown(value: object) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text[:80]
