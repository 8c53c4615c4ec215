"""What applying a folder does to mappings: the newest version of each is published, the one before it deprecated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from crossdock.mapping.overlay import Named, named
from crossdock.store.configuration import MappingRow, State


class Applied(NamedTuple):
    """What changes: the state of versions, of which some are new; and versions that are refused, with the reason."""

    states: dict[Named, State]
    refused: dict[Named, str]


def applied(
    rows: Sequence[MappingRow], folder: Mapping[Named, str], *, four_eyes: bool = False, exempt: Collection[str] = ()
) -> Applied:
    """What a folder's mappings change. With `four_eyes` only what was approved is published, `exempt` names apart."""
    known = {(row.name, row.version): row for row in rows}
    found = Applied({}, {})
    for name in sorted({name for name, _ in folder}):
        versions = sorted(version for other, version in folder if other == name)
        in_force = next((row.version for row in rows if row.name == name and row.state == "published"), 0)
        for version in versions:
            row = known.get((name, version))
            if row is not None and row.document != folder[name, version]:
                found.refused[name, version] = f"it is {row.state}: raise its version"
        strict = four_eyes and name not in exempt
        _of_name(found, name, versions, in_force, known, strict=strict)
    return found


def _of_name(
    found: Applied,
    name: str,
    versions: Sequence[int],
    in_force: int,
    known: Mapping[Named, MappingRow],
    *,
    strict: bool,
) -> None:
    states = {version: known[name, version].state if (name, version) in known else None for version in versions}
    # What somebody took out of force on purpose stays so, unless nothing else is there to read.
    open_ = [version for version in versions if states[version] not in {"published", "deprecated", "retired"}]
    wanted = max((version for version in open_ if version > in_force), default=None)
    if wanted is None and not in_force:
        wanted = max((version for version in versions if states[version] == "deprecated"), default=None)
    for version in versions:
        if strict and states[version] not in {"approved", "published", "deprecated", "retired"}:
            found.refused.setdefault(
                (name, version), f"governance.yaml asks for approval: `crossdock map submit` {named((name, version))}"
            )
        elif version != wanted and states[version] is None:
            found.states[name, version] = "deprecated"
    if wanted is not None:
        if in_force:
            found.states[name, in_force] = "deprecated"
        found.states[name, wanted] = "published"
