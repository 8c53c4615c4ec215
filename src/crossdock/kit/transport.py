"""The port of a transport: where files arrive, whole or not yet; and the settings of one such place.

Rules that every transport keeps, and that its contract suite tries:

* A file is shown only when it is whole: its sender has renamed it, or it has not changed for a while.
* `fetch` gives exactly the bytes that were looked at, or raises `Unfinished`. It changes nothing.
* `settle` moves a file out of the way and leaves its receipt. Done twice, or after a crash in between, it does no harm.
* Nothing is followed out of its place: no links, no paths in names.
"""

from __future__ import annotations

from typing import Annotated, BinaryIO, Literal, NamedTuple, Protocol

import msgspec
from msgspec import Meta

_Seconds = Annotated[float, Meta(gt=0)]
Where = Annotated[str, Meta(min_length=1, max_length=500)]


class Exchange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A place where a partner leaves files.

    `root_env` names a variable that holds the folder in which `path` lies (with nothing in it, nothing is picked up);
    without it `path` stands for itself. `takes` maps patterns of names to the content type under which `source` sends
    such files, the first that fits. A file is whole when nobody has changed it for `still_seconds`.
    """

    transport: Literal["folder"] = "folder"
    path: Where
    root_env: str | None = None
    source: str
    takes: Annotated[dict[str, str], Meta(min_length=1)]
    every_seconds: _Seconds = 2.0
    still_seconds: Annotated[float, Meta(ge=0)] = 2.0
    bytes_max: Annotated[int, Meta(ge=1, le=10_000_000_000)] = 200_000_000
    archive: Where = "archive"
    receipts: Where = "receipts"


class Parcel(NamedTuple):
    """A whole file that waits: its name, its size, and a mark that changes with its content."""

    name: str
    size: int
    mark: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a sender can read about a file that was taken: `taken` now, or known before (`duplicate`)."""

    file: str
    status: Literal["taken", "duplicate"]
    bytes: int
    sha256: str
    messages: int
    first_message: str
    received: str


class Unfinished(Exception):
    """A file changed while it was read, or is gone: look again later."""


class OutOfReach(Exception):
    """The place, or a file in it, cannot be used; the message says which and why."""


class Transport(Protocol):
    """One place where files arrive. Its methods may block."""

    def look(self) -> list[Parcel]:
        """The whole files that wait, oldest first, as many as are taken at a time. Raises `OutOfReach`."""
        ...

    def fetch(self, parcel: Parcel, into: BinaryIO) -> None:
        """Copy a file. Raises `Unfinished` where it is not the one that was looked at, `OutOfReach`."""
        ...

    def settle(self, parcel: Parcel, receipt: Receipt) -> None:
        """Move a file that was taken to the archive, and leave its receipt. Raises `OutOfReach`."""
        ...
