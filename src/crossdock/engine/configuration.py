"""Who may send what, how it is read and by which rules it is judged: a folder of YAML, checked, stored, compiled.

A configuration folder holds `sources.yaml`, `policies.yaml` and `mappings/*.yaml`; and where commands are to be
delivered, `connections.yaml` and `manifests/*.yaml`. Applying it is all or nothing: what is wrong is named with its
place, and nothing changes.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import psycopg
import yaml

from crossdock.engine import own_sources
from crossdock.engine.mapping_files import owner_of, read_mappings
from crossdock.governance.lifecycle import READS, Governance, MappingRules
from crossdock.governance.publishing import Applied, applied
from crossdock.kit.connection import Configured, Connection, overlap
from crossdock.kit.transport import Exchange
from crossdock.mapping import NO_BASES, Bases, Compiled, MappingError, Named, compile_mapping
from crossdock.mapping.examples import Example
from crossdock.model.events import CATALOGUE
from crossdock.processes.policy import Policy, PolicyBook
from crossdock.settings import ConfigurationError
from crossdock.store import configuration as store
from crossdock.store import trail

_KEY_PREFIX: Final = "cdk_"

T = TypeVar("T")


class Ownership(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a source may say of an event type: only where fields have these values, and never these fields.

    `by_arrival`: the source has no revisions and corrects what it said by saying it again; the last one received
    counts.
    """

    only: dict[str, str | int] = {}
    never: list[str] = []
    by_arrival: bool = False


class SourceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sender: the event types it owns, and the mapping that reads each content type it sends."""

    owns: dict[str, Ownership]
    reads: dict[str, str]
    title: str = ""


class Folder(NamedTuple):
    """A configuration folder, read and checked."""

    sources: dict[str, SourceDocument]
    mappings: dict[tuple[str, int], str]
    policies: list[Policy]
    connections: Mapping[str, Configured] = MappingProxyType({})
    exchanges: Mapping[str, Exchange] = MappingProxyType({})
    governance: Governance = Governance()
    examples: Mapping[Named, Sequence[Example]] = MappingProxyType({})

    def without_connections(self) -> Folder:
        """The folder of a house that only listens: no command is queued for anybody, no file is picked up."""
        return self._replace(connections={}, exchanges={})


class Reader(NamedTuple):
    """How a source's messages of one content type are read."""

    mapping_id: int
    mapping: Compiled


class Versions:
    """Every stored version of every mapping, each compiled when it is asked for."""

    def __init__(self, rows: Sequence[store.MappingRow] = ()) -> None:
        """Nothing is compiled yet."""
        self._rows = {row.id: row for row in rows}
        self._bases = bases_of(rows)
        self._readers: dict[int, Reader] = {}

    def __contains__(self, mapping_id: int) -> bool:
        """Is there a version of this id?"""
        return mapping_id in self._rows

    def reader(self, mapping_id: int) -> Reader:
        """The version of this id. Raises `MappingError` where it does not compile any more, `KeyError` for no id."""
        if mapping_id not in self._readers:
            compiled = compile_mapping(self._rows[mapping_id].document, bases=self._bases)
            self._readers[mapping_id] = Reader(mapping_id, compiled)
        return self._readers[mapping_id]

    def named(self, name: Named) -> Reader | None:
        """A version by its name, if a person may choose it: one that is published, or was."""
        rows = (row for row in self._rows.values() if (row.name, row.version) == name and row.state in READS)
        found = next((row.id for row in rows), None)
        return None if found is None else self.reader(found)


class Source(NamedTuple):
    """A sender at work: readers by content type, ownership by event type."""

    id: int
    name: str
    readers: dict[str, Reader]
    owns: dict[str, Ownership]


class Configuration(NamedTuple):
    """Everything a worker needs to know of a tenant."""

    version: int
    sources: dict[int, Source]
    policies: PolicyBook
    versions: Versions
    connections: Mapping[str, Configured] = MappingProxyType({})

    def named(self, name: str) -> Source | None:
        """A source by its name."""
        return next((source for source in self.sources.values() if source.name == name), None)


@lru_cache(256)
def content_type(header: str) -> str:
    """A content type in its one form: lower case, no blanks, no charset: `text/csv;layout=status`."""
    media, *parameters = (part.strip() for part in header.split(";"))
    kept = [part for part in parameters if part and not part.lower().startswith("charset")]
    return ";".join([media.lower(), *sorted(kept)])


# -- a folder ----------------------------------------------------------------------------------------------------


def read_folder(folder: Path, stored: Bases = NO_BASES) -> Folder:
    """Read and check a configuration folder. Raises `ConfigurationError`.

    `stored` are mappings that were applied before: those of the folder may extend them.
    """
    if not (folder / "sources.yaml").is_file():
        raise ConfigurationError(f"{folder}: no sources.yaml there; name a folder such as examples/distributor")
    sources = _convert(folder / "sources.yaml", "sources", dict[str, SourceDocument])
    for name in sorted(own_sources.NAMES & sources.keys()):
        raise ConfigurationError(f"source {name} is our own: give the sender another name")
    policies = _convert(folder / "policies.yaml", "policies", list[Policy])
    try:
        mappings, examples = read_mappings(folder / "mappings", stored)
    except MappingError as wrong:
        raise ConfigurationError(str(wrong)) from wrong
    if all(policy.scope.width for policy in policies):
        raise ConfigurationError(f"{folder / 'policies.yaml'}: at least one policy without a scope is needed")
    _check_reads(sources, {name for name, _ in mappings})
    _check_owners(sources)
    path = folder / "governance.yaml"
    return Folder(
        sources,
        mappings,
        policies,
        _read_connections(folder, sources),
        _read_exchanges(folder, sources),
        _convert(path, "governance", Governance) if path.is_file() else Governance(),
        examples,
    )


def _convert(path: Path, member: str, form: type[T]) -> T:
    try:
        with path.open(encoding="utf-8") as file:
            document = yaml.safe_load(file)
    except (OSError, yaml.YAMLError) as unreadable:
        raise ConfigurationError(f"{path}: {unreadable}") from unreadable
    if not isinstance(document, dict) or set(document) - {"shared"} != {member}:
        raise ConfigurationError(f"{path}: one top-level member {member!r} is expected")
    try:
        return msgspec.convert(document[member], form)
    except msgspec.ValidationError as wrong:
        raise ConfigurationError(f"{path}: {wrong}") from wrong


def _read_connections(folder: Path, sources: Mapping[str, SourceDocument]) -> dict[str, Configured]:
    path = folder / "connections.yaml"
    if not path.is_file():
        return {}
    connections = _convert(path, "connections", dict[str, Connection])
    for name, connection in connections.items():
        if connection.source is not None and connection.source not in sources:
            raise ConfigurationError(f"{path}: connection {name} reads as {connection.source!r}, which is no source")
        for other, theirs in connections.items():
            if other < name and overlap(connection, theirs):
                raise ConfigurationError(f"{path}: {other} and {name} take the same commands: split them by only:")
    return {
        name: Configured(connection=connection, manifest=_read_manifest(folder / "manifests", name, connection))
        for name, connection in connections.items()
    }


def _read_exchanges(folder: Path, sources: Mapping[str, SourceDocument]) -> dict[str, Exchange]:
    path = folder / "exchanges.yaml"
    if not path.is_file():
        return {}
    exchanges = _convert(path, "exchanges", dict[str, Exchange])
    for name, one in exchanges.items():
        source = sources.get(one.source)
        if source is None:
            raise ConfigurationError(f"{path}: exchange {name} takes files of {one.source!r}, which is no source")
        read = {content_type(sent) for sent in source.reads}
        for pattern, sent in one.takes.items():
            if content_type(sent) not in read:
                raise ConfigurationError(f"{path}: exchange {name}: {one.source} has no mapping for {sent} ({pattern})")
        if one.root_env and (one.path.startswith("/") or ".." in one.path.split("/")):
            raise ConfigurationError(f"{path}: exchange {name}: {one.path!r} leads out of {one.root_env}")
        clash = next((other for other, its in exchanges.items() if other < name and _same_place(one, its)), None)
        if clash is not None:
            raise ConfigurationError(f"{path}: {clash} and {name} pick up from the same place")
    return exchanges


def _same_place(one: Exchange, other: Exchange) -> bool:
    return (one.root_env, one.path.strip("/")) == (other.root_env, other.path.strip("/"))


def _read_manifest(folder: Path, name: str, connection: Connection) -> dict[str, Any]:
    path = folder / f"{connection.manifest}.yaml"
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as unreadable:
        raise ConfigurationError(f"connection {name}: {path}: {unreadable}") from unreadable
    if not isinstance(document, dict):
        raise ConfigurationError(f"connection {name}: {path} is no manifest")
    return document


def _check_reads(sources: Mapping[str, SourceDocument], mappings: set[str]) -> None:
    for name, source in sources.items():
        for sent, mapping in source.reads.items():
            if mapping not in mappings:
                known = ", ".join(sorted(mappings))
                raise ConfigurationError(
                    f"source {name} reads {sent} by {mapping!r}, which is not in mappings/: {known}"
                )


def _check_owners(sources: Mapping[str, SourceDocument]) -> None:
    """Each event type has one owner, or owners that split it by the value of a field."""
    claims: dict[str, list[tuple[str, Ownership]]] = {}
    for name, source in sources.items():
        for type_, ownership in source.owns.items():
            if type_ not in CATALOGUE:
                raise ConfigurationError(f"source {name} owns {type_!r}, which is no event of the catalogue")
            for field in (*ownership.only, *ownership.never):
                if field not in CATALOGUE[type_].__struct_fields__:
                    raise ConfigurationError(f"source {name}: {type_} has no field {field!r}")
            for other, theirs in claims.setdefault(type_, []):
                if not _apart(ownership, theirs):
                    raise ConfigurationError(
                        f"sources {other} and {name} both own {type_}: give it to one, or split it by a field (only:)"
                    )
            claims[type_].append((name, ownership))


def _apart(one: Ownership, other: Ownership) -> bool:
    return any(field in other.only and other.only[field] != value for field, value in one.only.items())


# -- the database ------------------------------------------------------------------------------------------------


def new_key() -> tuple[str, bytes]:
    """An API key of 256 random bits, and the hash that is kept of it."""
    key = _KEY_PREFIX + secrets.token_urlsafe(32)
    return key, key_hash(key)


def key_hash(key: str) -> bytes:
    """SHA-256: a key is random and long, so no slow hash is needed."""
    return sha256(key.encode()).digest()


def changes_of_mappings(rows: store.Rows, mappings: Mapping[Named, str], rules: MappingRules) -> Applied:
    """What applying mappings to what is stored does to each of them.

    A house governs itself from its second folder on: in the first one, nobody is there to approve anything.
    """
    return applied(
        rows.mappings, mappings, four_eyes=rules.four_eyes and bool(rows.sources), exempt=own_sources.MAPPINGS
    )


def apply(connection: psycopg.Connection, tenant: int, folder: Folder, *, who: str = "config apply") -> dict[str, str]:
    """Store a folder. Returns the API keys of sources that are new: they are shown once and kept only as a hash.

    The newest version of each mapping is published, unless the rules ask for approval. A published mapping version and
    a policy in force never change: raise the version, or date a new policy. Raises `ConfigurationError`.
    """
    stored = store.read(connection, tenant)
    ours = own_sources.own_sources(delivers=bool(folder.connections))
    mappings = folder.mappings | {own.mapping: own.text for own in ours}
    rules = msgspec.json.decode(stored.governance, type=Governance)
    changed = changes_of_mappings(stored, mappings, rules.mappings)
    for (name, version), why in changed.refused.items():
        raise ConfigurationError(f"mapping {name} version {version}: {why}")
    policies = {(policy.name, policy.valid_from): msgspec.json.encode(policy).decode() for policy in folder.policies}
    for old in stored.policies:
        new = policies.get((old.name, old.valid_from))
        if new is not None and msgspec.json.decode(new) != msgspec.json.decode(old.document):
            raise ConfigurationError(
                f"policy {old.name} holds from {old.valid_from}: add one with a later valid_from instead of changing it"
            )
    keys = {name: new_key() for name in folder.sources}
    known = {(row.name, row.version): row.document for row in stored.mappings}
    wanted = store.Wanted(
        [
            store.NewSource(name, msgspec.json.encode(source).decode(), keys[name][1])
            for name, source in folder.sources.items()
        ]
        + [store.NewSource(own.name, own.document, None) for own in ours],
        [
            store.NewMapping(
                *name,
                text,
                owner_of(text),
                changed.states.get(name),
                folder.examples.get(name, ()),
            )
            for name, text in (known | mappings).items()
            if name in mappings or name in changed.states
        ],
        [(name, day, text) for (name, day), text in policies.items()],
        [(name, msgspec.json.encode(one).decode()) for name, one in folder.connections.items()],
        [(name, msgspec.json.encode(one).decode()) for name, one in folder.exchanges.items()],
        governance=msgspec.json.encode(folder.governance).decode(),
        who=who,
    )
    with connection.transaction():
        if folder.governance != rules:
            trail.append(
                connection, tenant, who=who, what="governance.changed", subject="governance.yaml",
                detail=wanted.governance,
            )  # fmt: skip
        fresh = store.write(connection, tenant, wanted)
    return {name: keys[name][0] for name in fresh if name in keys}


def load(connection: psycopg.Connection, tenant: int) -> Configuration:
    """What is stored, compiled. Raises `ConfigurationError` when nothing is."""
    return compiled(store.read(connection, tenant))


def compiled(rows: store.Rows) -> Configuration:
    """What was read, compiled. Raises `ConfigurationError` when there is nothing."""
    if not rows.policies or not rows.sources:
        raise ConfigurationError("no configuration is applied: run `crossdock config apply examples/distributor`")
    versions = Versions(rows.mappings)
    in_force = {row.name: row.id for row in rows.mappings if row.state == "published"}
    sources = {}
    for row in rows.sources:
        document = msgspec.json.decode(row.document, type=SourceDocument)
        readers = {
            content_type(sent): versions.reader(in_force[name])
            for sent, name in document.reads.items()
            if name in in_force  # what is not published reads nothing: it becomes dead letters that say so
        }
        sources[row.id] = Source(row.id, row.name, readers, document.owns)
    policies = policy_book(rows)
    connections = {row.name: msgspec.json.decode(row.document, type=Configured) for row in rows.connections}
    return Configuration(rows.version, sources, policies, versions, connections)


def bases_of(rows: Sequence[store.MappingRow]) -> Bases:
    """Stored mappings, as others may extend them: what may still change is no base."""
    return {(row.name, row.version): row.document for row in rows if row.state not in {"draft", "review"}}


def policy_book(rows: store.Rows) -> PolicyBook:
    """The stored policies by edition. Raises `ConfigurationError` when there are none."""
    if not rows.policies:
        raise ConfigurationError("no policy is stored: run `crossdock config apply examples/distributor`")
    policies = [msgspec.json.decode(row.document, type=Policy) for row in rows.policies]
    return PolicyBook(policies, [row.edition for row in rows.policies])
