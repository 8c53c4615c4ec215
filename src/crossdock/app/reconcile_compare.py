"""Compares one system's beliefs, which lie in the database, with ours, within one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Final, NamedTuple

import msgspec
import psycopg

from crossdock.kit.connection import Connection
from crossdock.ledger.reconciliation import Difference, InFlight, Side, Subject, difference
from crossdock.store import arrival, reconcile
from crossdock.store.reconcile import Incoming, Line, Pending, Scope
from crossdock.store.reconcile_positions import POSITIONS

_LISTED_MAX: Final = 1_000
_RECENT_SECONDS: Final = 900
_SKEW_SECONDS: Final = 300
_DIGITS: Final = "%Y%m%d%H%M%S"


class Comparison(NamedTuple):
    """What holds for all systems: where the books are, when we began, from which message on, what is overdue."""

    connection: psycopg.Connection
    tenant: int
    began_at: datetime
    since: int
    overdue_seconds: float


class Compared(msgspec.Struct, kw_only=True):
    """One kind of thing: documents of both sides, and what differs, listed up to a limit."""

    entity: str
    theirs: int
    ours: int
    in_flight: int = 0
    findings: dict[str, int] = {}
    listed: list[Difference] = []
    unlisted: int = 0

    def add(self, found: Difference) -> None:
        """Count a difference, and list it if there is room."""
        if found.name == "in_flight":
            self.in_flight += 1
        else:
            self.findings[found.name] = self.findings.get(found.name, 0) + 1
        if len(self.listed) < _LISTED_MAX:
            self.listed.append(found)
        else:
            self.unlisted += 1


class Around(NamedTuple):
    """What may explain differences of one kind of thing."""

    incoming: Incoming
    pending: dict[str, list[InFlight]]
    accepted: frozenset[str]
    comparison: Comparison


def compare(comparison: Comparison, name: str, settings: Connection, entities: Sequence[str]) -> list[Compared]:
    """Each kind of thing that the system was asked for."""
    books = comparison.connection
    with books.transaction():
        reconcile.look(books)
        scopes = [Scope(comparison.tenant, entity, settings.only, comparison.since) for entity in entities]
        for scope in scopes:
            reconcile.compute(books, scope)
        reconcile.measure(books)
        incoming = reconcile.incoming(books, comparison.tenant, name)
        return [_compared(comparison, name, scope, incoming) for scope in scopes]


def _compared(comparison: Comparison, name: str, scope: Scope, incoming: Incoming) -> Compared:
    books, position = comparison.connection, POSITIONS[scope.entity]
    theirs, ours = reconcile.counts(books, scope.entity)
    pending = _in_flight(reconcile.pending(books, scope), comparison, name)
    around = Around(incoming, pending, reconcile.done_by_others(books, scope), comparison)
    found = Compared(entity=scope.entity, theirs=theirs, ours=ours, findings={}, listed=[])
    unheard = _unheard(comparison, around) if position.made_of == "ledger" else {}
    for subject in _subjects(scope, around, reconcile.differing(books, scope.entity, pending)):
        explained = _stock_explained(subject, unheard) if position.made_of == "ledger" else subject
        one = difference(explained)
        if one is not None:
            found.add(one)
    return found


def _subjects(scope: Scope, around: Around, lines: Iterator[Line]) -> Iterator[Subject]:
    seen: set[str] = set()
    for key, group in groupby(lines, key=lambda line: line.key):
        if key in around.pending:
            seen.add(key)
        yield _subject(scope, key, list(group), around)
    for key in around.pending.keys() - seen:
        yield _subject(scope, key, [], around)


def _subject(scope: Scope, key: str, lines: Sequence[Line], around: Around) -> Subject:
    position = POSITIONS[scope.entity]
    is_told = position.made_of != "commands"
    ours, theirs = _side(lines, is_ours=True), _side(lines, is_ours=False)
    in_flight = around.pending.get(key, [])
    if position.made_of == "events" and not ours.documents:
        in_flight = _on_the_way(around.incoming)
    return Subject(
        key=key,
        theirs=theirs,
        ours=ours,
        in_flight=in_flight,
        is_told=is_told,
        is_counted=position.is_counted,
        is_accepted=key in around.accepted,
        is_recent=_is_recent(max((line.at for line in lines), default=""), around),
    )


def _side(lines: Sequence[Line], *, is_ours: bool) -> Side:
    documents: dict[str, dict[tuple[str, str], int]] = {}
    for line in lines:
        if line.is_ours == is_ours:
            amounts = documents.setdefault(line.document, {})
            amounts[line.place, line.item] = amounts.get((line.place, line.item), 0) + line.amount
    return Side(documents)


# -- what is on its way ------------------------------------------------------------------------------------------


def _in_flight(rows: Sequence[Pending], comparison: Comparison, name: str) -> dict[str, list[InFlight]]:
    """By key, the commands that are not settled, each with what the system will hold when it is."""
    found: dict[str, list[InFlight]] = {}
    for command, lines in groupby(sorted(rows, key=lambda row: row.name), key=lambda row: row.name):
        told = list(lines)
        one = told[0]
        amounts: dict[tuple[str, str], int] = {}
        for line in told if one.action != "undo" else ():
            if line.item is not None:
                place = (line.place or "", line.item)
                amounts[place] = amounts.get(place, 0) + (line.amount or 0)
        age_seconds = (comparison.began_at - one.created_at).total_seconds()
        is_overdue = age_seconds > comparison.overdue_seconds and one.hold not in {"observe", "propose"}
        state, action = _state(one, name)
        flying = InFlight(name=command, state=state, amounts=amounts, is_overdue=is_overdue, next=action)
        found.setdefault(one.key, []).append(flying)
    return found


def _state(one: Pending, name: str) -> tuple[str, str]:
    """Where a command is, and what can be done about it."""
    why = f" ({one.last_error})" if one.last_error else ""
    case, _, _ = one.name.rpartition("/")
    if one.hold in {"propose", "limit", "rule", "before"}:
        return f"held ({one.hold}){why}", "Release or drop it with `crossdock propose`"
    if one.hold == "observe":
        return (
            f"only observed: {name} is not trusted to send it",
            f"Trust it with `crossdock connection autonomy {name}`",
        )
    if one.hold is not None or one.state == "unknown":
        look = f"Look at it with `crossdock connection attempts {case.rpartition('/')[0]}`"
        return f"{one.state}{': its outcome is looked up' if one.hold is None else ''}{why}", look
    return ("sent, and not answered yet" if one.state == "sent" else "wanted, and not sent yet") + why, ""


def _on_the_way(incoming: Incoming) -> list[InFlight]:
    """Messages that were received or announced, and may hold what we have not heard."""
    if incoming.first is not None:
        state = f"one of {incoming.messages:,} received and not settled yet"
        return [InFlight(name=f"message {arrival.text(incoming.first)} or a later one", state=state)]
    if incoming.hints:
        return [InFlight(name="its record", state=f"one of {incoming.hints:,} that a hook announced, to be read")]
    return []


def _is_recent(at: str, around: Around) -> bool:
    """Was its feed not read since? Of a system that has none: did it change a moment ago, if its clock is right?"""
    began_at, polled_at = around.comparison.began_at, around.incoming.polled_at
    if polled_at is not None:
        return 0 < (began_at - polled_at).total_seconds() < around.comparison.overdue_seconds
    changed = _moment(at)
    return changed is not None and -_SKEW_SECONDS < (began_at - changed).total_seconds() < _RECENT_SECONDS


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.strptime(text, _DIGITS) if text.isdecimal() else datetime.fromisoformat(text)  # noqa: DTZ007  # below
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


# -- stock -------------------------------------------------------------------------------------------------------


def _unheard(comparison: Comparison, around: Around) -> dict[tuple[str, str], list[tuple[str, int, bool]]]:
    """By place and item: goods issues that the system has booked and not told, how many, and whether that is late."""
    found: dict[tuple[str, str], list[tuple[str, int, bool]]] = {}
    is_coming = bool(_on_the_way(around.incoming))
    for one in reconcile.unheard(comparison.connection):
        is_late = not is_coming and not _is_recent(one.at, around)
        found.setdefault((one.place, one.item), []).append((one.issue_no, one.amount, is_late))
    return found


def _stock_explained(subject: Subject, unheard: dict[tuple[str, str], list[tuple[str, int, bool]]]) -> Subject:
    """Would the books agree, had the goods issues been told?"""
    amounts = subject.ours.amounts
    issues: dict[str, bool] = {}
    for (place, item), told in unheard.items():
        if item == subject.key:
            for issue_no, amount, is_late in told:
                amounts[place, item] = amounts.get((place, item), 0) - amount
                issues[issue_no] = is_late
    if not issues:
        return subject
    name = f"goods issue {', '.join(sorted(issues)[:5])}"
    flying = InFlight(name=name, state="booked there and not told to us yet", amounts=amounts,
                      is_overdue=any(issues.values()))  # fmt: skip
    return msgspec.structs.replace(subject, in_flight=[flying])
