"""What a manifest says: how this system is spoken to, as far as installations differ. Secrets never stand here."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crossdock.kit.maker import ManifestError


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`message_type` is the content type under which its records are taken in: what a source's `reads` names."""

    manifest: str
    version: int
    message_type: Annotated[str, Meta(max_length=200)] = "application/json; dialect=docket"


def read_manifest(document: dict[str, Any]) -> Manifest:
    """A checked manifest. Raises `ManifestError`."""
    try:
        return msgspec.convert(document, Manifest)
    except msgspec.ValidationError as wrong:
        raise ManifestError(str(wrong)) from wrong
