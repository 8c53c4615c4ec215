"""What applying a configuration folder would change: the folder held against what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from crossdock.app import opening
from crossdock.engine import own_sources
from crossdock.engine.configuration import Folder, changes_of_mappings
from crossdock.governance.lifecycle import Governance, MappingRules
from crossdock.settings import ConfigurationError, Settings
from crossdock.store import configuration as stored

Change = Literal["new", "changed", "refused", "only stored"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. `only stored`: it is not in the folder, and stays as it is."""

    change: Change
    kind: Literal["source", "mapping", "policy", "connection", "governance"]
    name: str
    detail: str = ""


def stored_rows(settings: Settings) -> stored.Rows:
    """What is stored, without making anything: no database, schema or tenant is nothing stored."""
    try:
        with opening.existing(settings) as at:
            return stored.read(at.connection, at.tenant)
    except ConfigurationError:
        return stored.Rows(0, [], [], [])


def steps(rows: stored.Rows, folder: Folder) -> Iterator[Step]:
    """Every difference between what is stored and a folder; none when applying it would change nothing."""
    rules = msgspec.json.decode(rows.governance, type=Governance)
    if rules != folder.governance:
        yield Step(
            change="changed", kind="governance", name="governance", detail=f"from {rules} to {folder.governance}"
        )
    yield from _sources(rows, folder)
    yield from _mappings(rows, folder, rules.mappings)
    yield from _policies(rows, folder)
    yield from _connections(rows, folder)


def _sources(rows: stored.Rows, folder: Folder) -> Iterator[Step]:
    known = {row.name: msgspec.json.decode(row.document) for row in rows.sources}
    for name, source in folder.sources.items():
        document = msgspec.to_builtins(source)
        if name not in known:
            yield Step(change="new", kind="source", name=name, detail="gets an API key")
        elif known[name] != document:
            yield Step(change="changed", kind="source", name=name, detail=_members(known[name], document))
    for name in known.keys() - folder.sources.keys() - own_sources.NAMES:
        yield Step(change="only stored", kind="source", name=name)


def _mappings(rows: stored.Rows, folder: Folder, rules: MappingRules) -> Iterator[Step]:
    known = {(row.name, row.version): row.state for row in rows.mappings}
    in_force = {row.name: row.version for row in rows.mappings if row.state == "published"}
    changes = changes_of_mappings(rows, folder.mappings, rules)
    for name, version in folder.mappings:
        place, state = f"{name} version {version}", changes.states.get((name, version))
        if (name, version) in changes.refused:
            yield Step(change="refused", kind="mapping", name=place, detail=changes.refused[name, version])
        elif (name, version) not in known:
            detail = f"after version {in_force[name]}" if name in in_force else ""
            if state != "published":
                detail = "is not used, as a newer version is"
            yield Step(change="new", kind="mapping", name=place, detail=detail)
        elif state is not None:
            detail = f"was {known[name, version]}, is {state} then"
            yield Step(change="changed", kind="mapping", name=place, detail=detail)
    names = {name for name, _ in folder.mappings}
    for name in sorted({name for name, _ in known} - names - own_sources.MAPPINGS):
        yield Step(change="only stored", kind="mapping", name=name)


def _policies(rows: stored.Rows, folder: Folder) -> Iterator[Step]:
    known = {(row.name, row.valid_from): msgspec.json.decode(row.document) for row in rows.policies}
    for policy in folder.policies:
        place = f"{policy.name} from {policy.valid_from}"
        document = msgspec.to_builtins(policy)
        if (policy.name, policy.valid_from) not in known:
            yield Step(change="new", kind="policy", name=place)
        elif known[policy.name, policy.valid_from] != document:
            yield Step(
                change="refused",
                kind="policy",
                name=place,
                detail="it is in force: add one with a later valid_from instead",
            )
    given = {(policy.name, policy.valid_from) for policy in folder.policies}
    for name, day in sorted(known.keys() - given):
        yield Step(change="only stored", kind="policy", name=f"{name} from {day}")


def _connections(rows: stored.Rows, folder: Folder) -> Iterator[Step]:
    known = {row.name: msgspec.json.decode(row.document) for row in rows.connections}
    for name, configured in folder.connections.items():
        document = msgspec.json.decode(msgspec.json.encode(configured))
        if name not in known:
            detail = f"takes commands for {configured.connection.role}"
            yield Step(change="new", kind="connection", name=name, detail=detail)
        elif known[name] != document:
            yield Step(change="changed", kind="connection", name=name, detail=_members(known[name], document))
    for name in sorted(known.keys() - folder.connections.keys()):
        yield Step(change="only stored", kind="connection", name=name)


def _members(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Which parts of a source differ: `owns goods.issued, reads text/csv`."""
    parts = []
    for member in sorted(old.keys() | new.keys()):
        before, after = old.get(member), new.get(member)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
            parts.append(f"{member} {', '.join(names)}")
        else:
            parts.append(member)
    return "; ".join(parts)
