"""A folder in which a partner leaves files: taken when they are whole, then archived, with a receipt beside.

inbox/status-1.csv          the sender's
inbox/status-2.csv.tmp      not whole: by its name
inbox/archive/2026-11-25/status-0.csv
inbox/receipts/status-0.csv.json
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from crossdock.kit.transport import Exchange, OutOfReach, Parcel, Receipt, Unfinished

_UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".writing", ".new", "~")
_AT_ONCE: Final = 200
_LOOKED_AT_MAX: Final = 20_000
_CHUNK: Final = 1 << 20


class Folder:
    """See `crossdock.kit.transport.Transport`, which it is one of."""

    def __init__(self, path: Path, settings: Exchange, *, now: Callable[[], float] = time.monotonic) -> None:
        """`now` in seconds, to tell how long a file has been still."""
        self._path = path
        self._settings = settings
        self._now = now
        self._still_since: dict[str, tuple[str, float]] = {}

    def look(self) -> list[Parcel]:
        """The whole files that wait, oldest first."""
        with _reached(self._path):
            found = list(self._files())
        now, before = self._now(), self._still_since
        self._still_since = {}
        whole = []
        for changed_ns, parcel in sorted(found):
            mark, since = before.get(parcel.name, (parcel.mark, now))
            since = since if mark == parcel.mark else now
            self._still_since[parcel.name] = (parcel.mark, since)
            if now - since >= self._settings.still_seconds:
                whole.append((changed_ns, parcel))
        return [parcel for _, parcel in whole[:_AT_ONCE]]

    def _files(self) -> Iterator[tuple[int, Parcel]]:
        with os.scandir(self._path) as entries:
            for count, entry in enumerate(entries):
                if count >= _LOOKED_AT_MAX:
                    return
                if entry.name.startswith(".") or entry.name.endswith(_UNFINISHED):
                    continue
                try:
                    seen = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(seen.st_mode):
                    yield seen.st_mtime_ns, Parcel(entry.name, seen.st_size, _mark(seen))

    def fetch(self, parcel: Parcel, into: BinaryIO) -> None:
        """Copy a file; what was written to it meanwhile is noticed."""
        with _reached(self._path / parcel.name, gone=Unfinished):
            file = os.open(self._path / parcel.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                self._check(file, parcel)
                while chunk := os.read(file, _CHUNK):
                    into.write(chunk)
                self._check(file, parcel)
            finally:
                os.close(file)

    def _check(self, file: int, parcel: Parcel) -> None:
        if _mark(os.fstat(file)) != parcel.mark:
            raise Unfinished(f"{self._path / parcel.name} changes while it is read")

    def settle(self, parcel: Parcel, receipt: Receipt) -> None:
        """Move the file to the archive of its day, and leave its receipt for the sender."""
        archive = self._path / self._settings.archive / receipt.received[:10]
        with _reached(archive):
            archive.mkdir(parents=True, exist_ok=True)
            there = archive / parcel.name
            if there.exists():  # another file of this name, earlier that day
                there = archive / f"{receipt.sha256[:12]}-{parcel.name}"
            source = self._path / parcel.name
            if source.is_file() and not source.is_symlink():
                source.rename(there)
        receipts = self._path / self._settings.receipts
        with _reached(receipts):
            receipts.mkdir(parents=True, exist_ok=True)
            draft = receipts / f".{parcel.name}.json.tmp"
            draft.write_bytes(msgspec.json.format(msgspec.json.encode(receipt)) + b"\n")
            draft.replace(receipts / f"{parcel.name}.json")


def _mark(seen: os.stat_result) -> str:
    return f"{seen.st_dev}.{seen.st_ino}.{seen.st_size}.{seen.st_mtime_ns}"


@contextmanager
def _reached(path: Path, gone: type[Exception] = OutOfReach) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as missing:
        raise gone(f"{path} is not there") from missing
    except OSError as failed:
        raise OutOfReach(f"{path}: {failed.strerror or failed}") from failed
