"""A folder of EDI files, each read, checked and answered; a line of facts for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from crossdock.app.edi_files import Outcome, read_file
from crossdock.app.edi_views import repair_view
from crossdock.formats.edi.answering import Answer
from crossdock.formats.edi.guide import STANDARD, Guide

_MANIFEST: Final = "manifest.csv"


def files_of(folder: Path, only: str = "*") -> list[Path]:
    """The files of a folder and the folders in it, by name; what only describes them is left out."""
    found = (path for path in sorted(folder.rglob(only)) if path.is_file() and not path.name.startswith("."))
    return [path for path in found if path.name != _MANIFEST]


def lines_of(folder: Path, at: datetime, guide: Guide = STANDARD, *, only: str = "*") -> Iterator[dict[str, Any]]:
    """What became of each file: `read`, `repaired` or `refused`, with its repairs, defects and answer.

    `only`: files whose names are like that (`*.edi`).
    """
    for path in files_of(folder, only):
        outcome, found = Outcome(), list[Answer]()
        standard, parts = read_file(str(path), guide, keep=False)
        answering = standard.answering(at, 1, guide)
        for part in parts:
            outcome.take(part)
            answer = answering.take(part)
            if answer is not None:
                found.append(answer)
        yield {
            "file": path.relative_to(folder).as_posix(),
            "set": "+".join(outcome.codes),
            "outcome": outcome.word,
            "repairs": [repair_view(each) for each in outcome.repairs],
            "defects": [
                {"position": each.position, "rule": each.rule, "value": each.value, "problem": each.problem}
                for each in outcome.findings
                if not each.is_warning
            ],
            "warnings": [
                {"position": each.position, "rule": each.rule, "value": each.value, "problem": each.problem}
                for each in outcome.findings
                if each.is_warning
            ],
            "ack": [answer._asdict() for answer in found],
        }
