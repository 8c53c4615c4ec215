"""EDI files and partners' guides, read from disk or a pipe in flat memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from crossdock.formats.edi.document import Document, GroupEnd, InterchangeEnd, Part
from crossdock.formats.edi.findings import Finding, Findings, Flaw
from crossdock.formats.edi.guide import STANDARD, Guide
from crossdock.formats.edi.repairs import Repair
from crossdock.formats.guides import GuideError, guide_of
from crossdock.formats.standards import Standard, standard_of
from crossdock.mapping.source import MappingError, parse

# Larger chunks hold more documents at once, and the garbage collector looks at all of them.
CHUNK_BYTES: Final = 16_384
GUIDE_BYTES_MAX: Final = 1_000_000
PIPE: Final = "-"
_GUIDES: Final = Path("guides")


class EdiFile(NamedTuple):
    """A file that is being read: its standard, and its parts as they come."""

    standard: Standard
    parts: Iterator[Part]


def read_file(path: str, guide: Guide = STANDARD, *, keep: bool = True) -> EdiFile:
    """The parts of a file, or of what comes through a pipe (`-`). Raises `OSError`."""
    # Closed when it is read to its end, or with the program.
    stream = sys.stdin.buffer if path == PIPE else Path(path).open("rb")  # noqa: SIM115
    first = stream.read(CHUNK_BYTES)
    standard = standard_of(first)
    return EdiFile(standard, standard.read(chain([first], _chunks(stream)), guide, keep=keep))


def load_guide(name: str | None) -> Guide:
    """A partner's guide: a file, or `guides/NAME.yaml`; the standard where none is named. Raises `GuideError`."""
    if name is None:
        return STANDARD
    candidates = [Path(name), _GUIDES / f"{name}.yaml"]
    path = next((each for each in candidates if each.is_file()), None)
    if path is None:
        raise GuideError(f"there is no guide {name!r}: neither a file of that name nor {candidates[1]}")
    with path.open("rb") as file:
        raw = file.read(GUIDE_BYTES_MAX + 1)
    if len(raw) > GUIDE_BYTES_MAX:
        raise GuideError(f"{path}: longer than {GUIDE_BYTES_MAX:,} bytes")
    try:
        guide = guide_of(parse(raw.decode()).value)
    except (GuideError, MappingError, UnicodeDecodeError) as wrong:
        raise GuideError(f"{path}: {wrong}") from None
    return guide if guide.name else guide._replace(name=path.stem)


def findings_of(part: Part) -> Findings | None:
    """What is wrong with a part that is over; None of one that begins."""
    if isinstance(part, Document):
        return part.findings
    if isinstance(part, GroupEnd):
        return part.group.findings
    return part.interchange.findings if isinstance(part, InterchangeEnd) else None


class Outcome:
    """What became of a file: counted while its parts go by; of each kind of fault the first are kept."""

    KEPT_MAX: Final = 1_000

    def __init__(self) -> None:
        self.documents = self.refused = self.errors = self.warnings = 0
        self.codes: dict[str, int] = {}
        self.findings: list[Finding] = []
        self.repairs: list[Repair] = []

    def take(self, part: Part) -> None:
        """Count a part."""
        found = findings_of(part)
        if found is None:
            return
        if isinstance(part, Document):
            self.documents += 1
            self.refused += part.is_refused
            if part.code in self.codes or len(self.codes) < self.KEPT_MAX:
                self.codes[part.code] = self.codes.get(part.code, 0) + 1
        if isinstance(part, InterchangeEnd):
            self.repairs += part.interchange.repairs.all()[: self.KEPT_MAX - len(self.repairs)]
        self.errors += found.errors
        self.warnings += found.warnings
        for finding in found.kept:
            if len(self.findings) < self.KEPT_MAX:
                self.findings.append(finding)
            elif finding.flaw is Flaw.SIZE:
                # What ended the reading is told, whatever came before.
                self.findings[-1] = finding

    @property
    def word(self) -> str:
        """`read`, `repaired`, or `refused` where anything of the file is."""
        return "refused" if self.errors else "repaired" if self.repairs else "read"


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk
