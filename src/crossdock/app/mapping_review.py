"""Mappings looked at before anybody decides: how two versions differ, what one leaves out, which are nearly alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from crossdock.app.file_reading import CUTS, Form, pieces
from crossdock.app.governing import row_of
from crossdock.app.opening import Opened
from crossdock.clock import SystemClock
from crossdock.engine import configuration
from crossdock.engine.configuration import Configuration, bases_of, content_type
from crossdock.engine.mapping_files import bases_for
from crossdock.mapping import Bases, Compiled, compile_mapping, overlay
from crossdock.mapping.coverage import Coverage, Covered
from crossdock.mapping.outline import Outline, likeness, outline
from crossdock.mapping.overlay import named
from crossdock.mapping.source import parse
from crossdock.store import configuration as stored
from crossdock.store import messages, waiting
from crossdock.store.settling import Message
from crossdock.store.waiting import Which

_BATCH: Final = 200
_ALIKE_PERCENT: Final = 60
_ALIKE_FIELDS_MIN: Final = 5


class Mapping(NamedTuple):
    """A mapping, of a file or stored: its name with its version, compiled, and laid out."""

    name: str
    compiled: Compiled
    outline: Outline


class Reuse(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping in force: what it extends, and how many of its targets are its own (not as its base has them)."""

    mapping: str
    extends: list[str]
    targets: int
    own: int


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Two mappings that neither extends the other, and fill many targets in the same way."""

    one: str
    other: str
    same: int
    of: int


def mapping_of(at: Opened, said: str) -> Mapping:
    """The mapping of a file, or a stored one (`carrier-status@3`, or the one in force). Raises `NotDone`."""
    rows = stored.read(at.connection, at.tenant)
    bases, path = bases_of(rows.mappings), Path(said)
    if not path.is_file():
        row = row_of(rows, said)
        return _mapping(row.document, bases)
    text = path.read_text(encoding="utf-8")
    return _mapping(text, bases_for(path, text, bases))


def _mapping(text: str, bases: Bases) -> Mapping:
    compiled = compile_mapping(text, bases=bases)
    return Mapping(named((compiled.name, compiled.version)), compiled, outline(overlay.merged(text, bases)))


def messages_of(at: Opened, loaded: Configuration, name: str, *, days: int, limit: int) -> Iterator[list[Message]]:
    """Stored messages of the last days that a mapping of this name reads, in batches by source."""
    since, left = SystemClock().now() - timedelta(days=days), limit
    for source in loaded.sources.values():
        read = {sent for sent, reader in source.readers.items() if reader.mapping.name == name}
        if not read:
            continue
        for batch in waiting.chosen(at.connection, at.tenant, Which(source=source.name, since=since), batch=_BATCH):
            bodies = messages.bodies(at.connection, at.tenant, [one.arrival for one in batch])
            found = [one for one in bodies if content_type(one.content_type) in read][:left]
            left -= len(found)
            if found:
                yield found
            if left <= 0:
                return


def coverage(at: Opened, mapping: Mapping, *, days: int, limit: int) -> Covered:
    """What a mapping leaves out of the stored messages that it, or another version of it, reads."""
    counting = Coverage(mapping.compiled, mapping.outline)
    loaded = configuration.load(at.connection, at.tenant)
    for batch in messages_of(at, loaded, mapping.compiled.name, days=days, limit=limit):
        for message in batch:
            counting.add(message.body, header=message.header or b"")
    return counting.found()


def coverage_of(mapping: Mapping, files: Iterable[Path]) -> Covered:
    """What a mapping leaves out of files, cut as they would be taken in. Raises `Unreadable`."""
    counting = Coverage(mapping.compiled, mapping.outline)
    for file in files:
        with file.open("rb") as stream:
            form = Form("", CUTS[mapping.compiled.format], mapping.compiled.record_end)
            for message, _ in pieces(stream, form, 0, name=file.name):
                counting.add(message.body, header=message.header or b"")
    return counting.found()


def reuse(at: Opened) -> tuple[list[Reuse], list[Alike]]:
    """How much of the mappings in force is shared by extending, and which might be."""
    rows = stored.read(at.connection, at.tenant)
    bases = bases_of(rows.mappings)
    in_force = [(row.name, row.version) for row in rows.mappings if row.state == "published"]
    chains = {name: list(_chain(name, bases)) for name in in_force}
    laid = {
        name: outline(overlay.merged(bases[name], bases)) for chained in chains for name in (chained, *chains[chained])
    }
    found = []
    for name, chain in chains.items():
        below = laid.get(chain[0]) if chain else None
        targets = laid[name].targets
        own = [target for target, fills in targets.items() if below is None or below.targets.get(target) != fills]
        found.append(
            Reuse(mapping=named(name), extends=[named(one) for one in chain], targets=len(targets), own=len(own))
        )
    alike = []
    for place, one in enumerate(in_force):
        for other in in_force[place + 1 :]:
            if {one, *chains[one]} & {other, *chains[other]}:
                continue
            same, of = likeness(laid[one], laid[other])
            if same >= _ALIKE_FIELDS_MIN and same * 100 >= _ALIKE_PERCENT * of:
                alike.append(Alike(one=named(one), other=named(other), same=same, of=of))
    return found, sorted(alike, key=lambda pair: -pair.same)


def _chain(name: overlay.Named, bases: Bases) -> Iterator[overlay.Named]:
    base = overlay.base_of(parse(bases[name]))
    while base is not None and base in bases:
        yield base
        base = overlay.base_of(parse(bases[base]))
