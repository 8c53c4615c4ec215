"""Steps in the life of a mapping version: checked by the rules, taken in one transaction, with an act in the trail."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from crossdock.app.handling import NotDone, name_of, note_of
from crossdock.app.opening import Opened
from crossdock.engine.configuration import SourceDocument, bases_of
from crossdock.engine.mapping_files import bases_for, examples_beside, owner_of
from crossdock.governance import lifecycle
from crossdock.governance.lifecycle import Governance, MappingRules, Verb, Version
from crossdock.mapping import Bases, MappingError, Named, compile_mapping, overlay
from crossdock.mapping.examples import Example, failures
from crossdock.mapping.overlay import named, named_in
from crossdock.mapping.source import parse
from crossdock.store import configuration as stored
from crossdock.store import mappings as store
from crossdock.store import trail
from crossdock.store.configuration import MappingRow, Rows, State

_NEEDS_NOTE: Final[frozenset[Verb]] = frozenset({"return", "retire"})


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was taken: the version, its state now, what went out of force for it, and the act in the trail."""

    version: str
    state: State
    replaced: str | None = None
    trail: int


def submit_file(at: Opened, path: Path, *, who: str, note: str = "") -> Done:
    """Store the mapping of a file with its examples, and submit it. Raises `MappingError`, `NotDone`."""
    who, note = name_of(who), note_of(note, needed=False)
    text, examples = path.read_text(encoding="utf-8"), examples_beside(path)
    name = overlay.head_of(parse(text))
    rows = stored.read(at.connection, at.tenant)
    _check(text, bases_for(path, text, bases_of(rows.mappings)), examples)
    with at.connection.transaction():
        store.lock(at.connection, at.tenant)
        mapping = store.draft(at.connection, at.tenant, *name, text, owner_of(text))
        if mapping is None:
            state = next(row.state for row in rows.mappings if (row.name, row.version) == name)
            raise NotDone(f"{named(name)} is {state}: raise its version")
        store.keep_examples(at.connection, at.tenant, mapping, examples)
        act = _act(at, "submit", named(name), who=who, note=note, text=text)
        store.move(at.connection, at.tenant, mapping, "draft", who=who, note=note, act=act)
        store.move(at.connection, at.tenant, mapping, "review", who=who, note=note, act=act)
    return Done(version=named(name), state="review", trail=act)


def may(at: Opened, verb: Verb, said: str, *, who: str) -> MappingRow:
    """The version with which a step may be taken. Raises `NotDone` where it may not."""
    rows = stored.read_within(at.connection, at.tenant)
    row = row_of(rows, said)
    why_not = lifecycle.refusal(verb, _version(at, rows, row), name_of(who), rules_of(rows))
    if why_not is not None:
        raise NotDone(why_not)
    if verb == "publish":
        _check(row.document, bases_of(rows.mappings), examples_of(at, row.id))
    return row


def take(at: Opened, verb: Verb, said: str, *, who: str, note: str = "") -> Done:
    """Take a step with a stored version. Raises `NotDone` where the rules do not allow it, and says what to do."""
    who, note = name_of(who), note_of(note, needed=verb in _NEEDS_NOTE)
    with at.connection.transaction():
        store.lock(at.connection, at.tenant)
        row = may(at, verb, said, who=who)
        after = lifecycle.STEPS[verb].after
        act = _act(at, verb, named((row.name, row.version)), who=who, note=note, text=row.document)
        rows = stored.read_within(at.connection, at.tenant).mappings
        old = next((one for one in rows if one.name == row.name and one.state == "published"), None)
        if verb == "publish" and old is not None:
            replaced = f"{row.name}@{row.version} takes its place"
            store.move(at.connection, at.tenant, old.id, "deprecated", who=who, note=replaced, act=act)
        store.move(at.connection, at.tenant, row.id, after, who=who, note=note, act=act)
        store.changed(at.connection, at.tenant)
    return Done(
        version=named((row.name, row.version)),
        state=after,
        replaced=named((old.name, old.version)) if verb == "publish" and old is not None else None,
        trail=act,
    )


def row_of(rows: Rows, said: str) -> MappingRow:
    """A stored version by name (`carrier-status@3`); the one in force where no version is said. Raises `NotDone`."""
    name = named_in(said)
    for row in rows.mappings:
        if (row.name, row.version) == name or (name is None and row.name == said and row.state == "published"):
            return row
    near = [named((row.name, row.version)) for row in rows.mappings if row.name == (name[0] if name else said)]
    known = f"there are {', '.join(near)}" if near else "`crossdock map list` names them"
    raise NotDone(f"there is no mapping {said}; {known}")


def examples_of(at: Opened, mapping: int) -> list[Example]:
    """The examples of a stored version."""
    return [Example(name, bytes(body), text) for name, body, text in store.examples(at.connection, at.tenant, mapping)]


def readers_of(rows: Rows, name: str) -> list[str]:
    """The sources of which a mapping reads something."""
    documents = [(row.name, msgspec.json.decode(row.document, type=SourceDocument)) for row in rows.sources]
    return [source for source, document in documents if name in document.reads.values()]


def rules_of(rows: Rows) -> MappingRules:
    """How the house governs its mappings."""
    return msgspec.json.decode(rows.governance, type=Governance).mappings


def _version(at: Opened, rows: Rows, row: MappingRow) -> Version:
    name: Named = (row.name, row.version)
    bases = {(one.name, one.version): overlay.base_of(parse(one.document)) for one in rows.mappings}
    states = {(one.name, one.version): one.state for one in rows.mappings}
    base = bases[name]
    return Version(
        named(name),
        row.state,
        frozenset(step.who for step in store.steps(at.connection, at.tenant, row.id) if step.state == "review"),
        tuple(readers_of(rows, row.name)),
        tuple(
            named(other) for other, its in bases.items() if its == name and states[other] not in {"draft", "retired"}
        ),
        (named(base), states[base]) if base is not None and base in states else None,
    )


def _check(text: str, bases: Bases, examples: list[Example]) -> None:
    """A version that does not compile, or does not hold its examples, goes no further."""
    try:
        compiled = compile_mapping(text, bases=bases)
    except MappingError as wrong:
        raise NotDone(f"it does not compile: {wrong}") from wrong
    failed = [failure for example in examples for failure in failures(compiled, example)]
    if failed:
        more = f"; {len(failed) - 1} more" if len(failed) > 1 else ""
        raise NotDone(f"an example fails: {failed[0]}{more}")


def _act(at: Opened, verb: Verb, version: str, *, who: str, note: str, text: str) -> int:
    detail = msgspec.json.encode({"sha256": sha256(text.encode()).hexdigest()}).decode()
    what = f"mapping.{lifecycle.STEPS[verb].past}"
    return trail.append(at.connection, at.tenant, who=who, what=what, subject=version, note=note, detail=detail)
