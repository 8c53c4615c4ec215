"""The manifest: how a system is spoken to, as data. It is checked when the configuration is applied, not when used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from crossdock.connectors.rest.beliefs import Asking
from crossdock.connectors.rest.template import TemplateError, check_path, check_template
from crossdock.kit.connector import Action
from crossdock.kit.maker import ManifestError

Means = Literal["applied", "already", "conflict", "rejected", "retry_after", "unknown"]
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a manifest."""


class KeyPlace(_Part, frozen=True, kw_only=True):
    """Where the key of a command goes: a header, or nowhere but into bodies (as `$key`)."""

    header: str | None = None


class Believed(_Part, frozen=True, kw_only=True):
    """What every answer must be, to be believed: its type, its size, and which members are numbers where present."""

    content_type: str = "application/json"
    bytes_max: Annotated[int, Meta(ge=1_000, le=50_000_000)] = 1_000_000
    numbers: list[str] = []


class Rule(_Part, frozen=True, kw_only=True):
    """How an answer other than a success is understood; the first rule that fits counts.

    `when` maps paths of the body to the values they may have; an empty list: any value but null. `reason` is the path
    of a sentence for a person.
    """

    status: list[int] = []
    when: dict[str, list[str | int | bool]] = {}
    means: Means
    reason: str | None = None


class Deed(_Part, frozen=True, kw_only=True):
    """One action of one kind of command.

    `success` lists the statuses that say so, `has` a member that must be there then, `same` members of the answer and
    what they must equal: the answer must be about what was asked. `document_no` are paths, the first with a value
    counts. `read_first` is a path read before: its `ETag` becomes `If-Match`. `only` are the fields of the content that
    may differ from what the system holds: an adjustment that would need others is refused. `find` looks this action up
    where it is found elsewhere than the others of its kind.
    """

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str
    body: Any = None
    read_first: str | None = None
    success: tuple[int, ...] = (200, 201, 202)
    has: str | None = None
    same: dict[str, Any] = {}
    document_no: list[str] = []
    replayed_header: str | None = None
    only: list[str] = []
    find: Find | None = None


class Find(_Part, frozen=True, kw_only=True):
    """How a command is looked up: a list of what its key did, empty where it did nothing.

    `same` as in a deed, of each row (paths joined by `|`: one of them); `where` selects the rows of an action.
    """

    path: str
    query: dict[str, str] = {}
    rows: str
    same: dict[str, Any] = {}
    where: dict[Action, dict[str, list[str]]] = {}
    document_no: list[str] = []


class Kind(_Part, frozen=True, kw_only=True):
    """A kind of command: its actions, and how any of them is looked up."""

    actions: dict[Action, Deed]
    find: Find | None = None


class Feed(_Part, frozen=True, kw_only=True):
    """How changes are read. `entity` and `id` are paths in a row, `record` that of the record within it.

    With style `cursor` the system gives the cursor to go on from. With `since` it is asked from a moment (path
    `since` of a row) and by page number; the last moment comes again.
    """

    style: Literal["cursor", "since"] = "cursor"
    path: str
    query: dict[str, str] = {}
    after: str
    page: str | None = None
    rows: str
    record: str | None = None
    entity: str
    id: str
    cursor: str | None = None
    since: str | None = None
    more: str
    source: str | None = None


class Read(_Part, frozen=True, kw_only=True):
    """How one record is read: its path (`{id}`) and where it lies in the answer.

    `same` says where its id stands; of several places each holds a part of it, as in `SCAC~70000001`. Without it any
    record is believed.
    """

    path: str
    query: dict[str, str] = {}
    record: str | None = None
    same: str | list[str] | None = None
    source: str | None = None


class Hooks(_Part, frozen=True, kw_only=True):
    """How calls of the system are signed: HMAC-SHA256 over `signed`, in hexadecimal behind a prefix."""

    signature_header: str
    prefix: str = "sha256="
    timestamp_header: str | None = None
    signed: Literal["body", "timestamp.body"] = "body"
    tolerance_seconds: Annotated[int, Meta(ge=1)] = 300
    entity: str
    id: str


class Manifest(_Part, frozen=True, kw_only=True):
    """A whole manifest. `reads` by entity; `message_type` is the content type under which records are taken in.

    `beliefs` says, by kind of thing, how the system is asked what it believes, for reconciliation.
    """

    manifest: str
    version: int
    idempotent: bool
    key: KeyPlace = KeyPlace()
    believed: Believed = Believed()
    check: str | None = None
    deeds: dict[str, Kind] = {}
    rules: list[Rule] = []
    feed: Feed | None = None
    reads: dict[str, Read] = {}
    hooks: Hooks | None = None
    beliefs: dict[str, Asking] = {}
    message_type: str = "application/json"


def read_manifest(document: dict[str, Any]) -> Manifest:
    """A checked manifest. Raises `ManifestError`."""
    try:
        manifest = msgspec.convert(document, Manifest)
        for place, template in _templates(manifest):
            check_template(template, place)
        for place, path in _paths(manifest):
            check_path(path, place)
    except (msgspec.ValidationError, TemplateError) as wrong:
        raise ManifestError(str(wrong)) from wrong
    for header in (manifest.key.header, manifest.hooks.signature_header if manifest.hooks else None):
        if header is not None and not _HEADER.fullmatch(header):
            raise ManifestError(f"{header!r} is no header name")
    if manifest.feed and manifest.feed.style == "cursor" and manifest.feed.cursor is None:
        raise ManifestError("feed: style cursor needs `cursor`, the path of the next one")
    if manifest.feed and manifest.feed.style == "since" and (not manifest.feed.since or not manifest.feed.page):
        raise ManifestError("feed: style since needs `since` (a path in a row) and `page` (a parameter)")
    return manifest


def _templates(manifest: Manifest) -> Iterator[tuple[str, Any]]:
    for name, kind in manifest.deeds.items():
        for action, deed in kind.actions.items():
            yield f"deeds.{name}.{action}.body", deed.body
            yield f"deeds.{name}.{action}.same", deed.same
    for place, find in _finds(manifest):
        yield f"{place}.same", find.same
        yield f"{place}.query", find.query
    for entity, read in manifest.reads.items():
        yield f"reads.{entity}.query", read.query


def _finds(manifest: Manifest) -> Iterator[tuple[str, Find]]:
    for name, kind in manifest.deeds.items():
        if kind.find:
            yield f"deeds.{name}.find", kind.find
        for action, deed in kind.actions.items():
            if deed.find:
                yield f"deeds.{name}.{action}.find", deed.find


def _paths(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for place, find in _finds(manifest):
        yield f"{place}.path", find.path
    for name, kind in manifest.deeds.items():
        for action, deed in kind.actions.items():
            yield f"deeds.{name}.{action}.path", deed.path
            if deed.read_first:
                yield f"deeds.{name}.{action}.read_first", deed.read_first
    for entity, read in manifest.reads.items():
        yield f"reads.{entity}.path", read.path
    for entity, asking in manifest.beliefs.items():
        yield f"beliefs.{entity}.path", asking.path
    if manifest.feed:
        yield "feed.path", manifest.feed.path
    if manifest.check:
        yield "check", manifest.check
