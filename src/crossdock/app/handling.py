"""What people do about work items: claim, release, decide, take up again; each act with its place in the trail.

An item is a condition of the plan and closes when the condition goes. So nothing here closes one or touches the books:
to resolve an item is to record a decision about what it says, which hides it until it says something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import msgspec
import psycopg

from crossdock.store import trail, work
from crossdock.store.work import Wanted, WorkRow

Deed = Literal["claim", "release", "resolve", "reopen"]
WHO_MAX: Final = 64
NOTE_MAX: Final = 1_000
ITEMS_MAX: Final = 1_000


class Refusal(msgspec.Struct, frozen=True):
    """An item about which nothing was done, and why."""

    item: str
    why: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an act: the items it holds for, those it does not, and its number in the trail."""

    act: Deed
    who: str
    note: str
    done: list[str]
    refused: list[Refusal]
    trail: int | None


class NotDone(ValueError):
    """An act cannot be recorded as asked; the message says why."""


def places_of(name: str) -> list[tuple[str, str]]:
    """Where an item of this name may be: case ids and item names both have slashes."""
    parts = name.split("/")
    return [("/".join(parts[:cut]), "/".join(parts[cut:])) for cut in range(1, len(parts))]


def named(connection: psycopg.Connection, tenant: int, names: Sequence[str]) -> list[WorkRow]:
    """The items of these names, those that there are."""
    places = [place for name in names for place in places_of(name)]
    return work.items_at(connection, tenant, places) if places else []


def grouped(connection: psycopg.Connection, tenant: int, deed: Deed, wanted: Wanted) -> list[WorkRow]:
    """The items of a code or a desk with which the deed can be done. Raises `NotDone` when they are too many."""
    found = work.items(connection, tenant, wanted._replace(resolved=deed == "reopen"), limit=ITEMS_MAX + 1)
    if len(found) > ITEMS_MAX:
        raise NotDone(f"these are more than {ITEMS_MAX:,} items: narrow them by desk, or name them")
    return found


def act(
    connection: psycopg.Connection,
    tenant: int,
    deed: Deed,
    rows: Sequence[WorkRow],
    *,
    who: str,
    note: str = "",
    seen: dict[str, str] | None = None,
) -> Done:
    """Do it for each item with which it can be done, and add it to the trail, in one transaction.

    `seen` maps an item to the content that the person saw; a decision about another content is refused. Raises
    `NotDone` when the name or the note cannot be recorded.
    """
    who, note = name_of(who), note_of(note, needed=deed == "resolve")
    refused = []
    able: dict[tuple[str, str], WorkRow] = {}
    for row in rows:
        why = _REFUSALS[deed](row, who) or changed(row, seen or {})
        if why:
            refused.append(Refusal(item_id(row), why))
        else:
            able[row.owner, row.name] = row
    number = None
    with connection.transaction():
        done = _write(connection, tenant, deed, able, who, note) if able else set()
        if done:
            subject = item_id(able[min(done)]) if len(done) == 1 else f"{len(done)} items"
            number = trail.append(
                connection, tenant, who=who, what=f"work_item.{_PAST[deed]}", subject=subject, note=note,
                detail=evidence([able[place] for place in sorted(done)]),
            )  # fmt: skip
    refused += [
        Refusal(item_id(row), "somebody was faster: look again") for place, row in able.items() if place not in done
    ]
    return Done(
        act=deed,
        who=who,
        note=note,
        done=[item_id(able[place]) for place in sorted(done)],
        refused=refused,
        trail=number,
    )


_PAST: Final[dict[Deed, str]] = {
    "claim": "claimed",
    "release": "released",
    "resolve": "resolved",
    "reopen": "reopened",
}


def _write(
    connection: psycopg.Connection,
    tenant: int,
    deed: Deed,
    able: dict[tuple[str, str], WorkRow],
    who: str,
    note: str,
) -> set[tuple[str, str]]:
    places = list(able)
    if deed == "claim":
        return work.claim(connection, tenant, places, who)
    if deed == "release":
        return work.release(connection, tenant, places)
    if deed == "resolve":
        return work.resolve(connection, tenant, places, [able[place].content for place in places], who, note)
    return work.reopen(connection, tenant, places)


def evidence(rows: Sequence[WorkRow]) -> str:
    """What the items said when it was done."""
    told = [
        {
            "item": item_id(row),
            "code": row.code,
            "title": row.title,
            "at_stake_minor": row.at_stake_minor,
            "currency": row.currency,
            "content": row.content.hex(),
        }
        for row in rows
    ]
    return msgspec.json.encode({"items": told}).decode()


# -- what cannot be done -----------------------------------------------------------------------------------------


def _waits_not(row: WorkRow) -> str | None:
    if row.closed_at is not None:
        return "it is closed: the condition does not hold any more"
    return "it is a finding: it waits for nobody" if row.finding else None


def _claim(row: WorkRow, who: str) -> str | None:
    if row.claimed_by is not None:
        holder = "you hold" if row.claimed_by == who else f"{row.claimed_by} holds"
        return _waits_not(row) or f"{holder} it already"
    return _waits_not(row) or _decided(row)


def _release(row: WorkRow, _who: str) -> str | None:
    return None if row.claimed_by is not None else "nobody holds it"


def _resolve(row: WorkRow, _who: str) -> str | None:
    return _waits_not(row) or _decided(row)


def _decided(row: WorkRow) -> str | None:
    return f"{row.resolved_by} has resolved it already" if row.resolved_by is not None else None


def _reopen(row: WorkRow, _who: str) -> str | None:
    return None if row.resolved_by is not None else "nobody has resolved what it says now"


_REFUSALS: Final[dict[Deed, Callable[[WorkRow, str], str | None]]] = {
    "claim": _claim,
    "release": _release,
    "resolve": _resolve,
    "reopen": _reopen,
}


def changed(row: WorkRow, seen: Mapping[str, str]) -> str | None:
    """Why a decision about what a person saw is not one about what the item says now."""
    was = seen.get(item_id(row))
    return "it says something else by now: read it again" if was is not None and was != row.content.hex() else None


def name_of(who: str) -> str:
    """Who acts, as the trail keeps it. Raises `NotDone`."""
    name = " ".join(who.split())
    if not name or len(name) > WHO_MAX or not name.isprintable() or name == work.NOBODY:
        raise NotDone(f"say who you are, in 1 to {WHO_MAX} printable characters")
    return name


def note_of(note: str, *, needed: bool) -> str:
    """Why, as the trail keeps it. Raises `NotDone`."""
    text = note.strip()
    if needed and not text:
        raise NotDone("say in a note what was decided, and why")
    if len(text) > NOTE_MAX or "\0" in text:
        raise NotDone(f"a note has at most {NOTE_MAX:,} characters")
    return text


def item_id(row: WorkRow) -> str:
    """The id of an item: its case and its name."""
    return f"{row.owner}/{row.name}"
