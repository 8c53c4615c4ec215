"""`crossdock edi corpus`: a folder of files at once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.edi_options import FOLDER, guided
from crossdock.cli.output import FINDINGS, Finish, Output, advise, cut, in_json, several

if TYPE_CHECKING:
    from crossdock.formats.edi.guide import Guide


@click.command()
@in_json
@click.argument("folder", type=FOLDER)
@guided
def corpus(out: Output, guide: Guide, *, folder: Path) -> None:
    """Read, check and answer every file of FOLDER; exit code 1 when one is refused."""
    from crossdock.app.edi_corpus import lines_of
    from crossdock.clock import SystemClock

    counts = Counter[str]()
    rows = []
    for line in lines_of(folder, SystemClock().now(), guide):
        counts[line["outcome"]] += 1
        if out.as_json:
            out.line(line)
            continue
        defects, repairs = line["defects"], line["repairs"]
        first = f"{defects[0]['position']}: {defects[0]['problem']}" if defects else ""
        mended = ", ".join(each["rule"].partition(".")[2] for each in repairs)
        answer = ", ".join(f"{each['kind']} {each['code']}" for each in line["ack"] if each["kind"])
        rows.append((line["file"], line["set"], line["outcome"], len(defects) or "", mended, answer, cut(first)))
    if not out.as_json:
        columns = ("file", "set", "outcome", "defects", "mended", "answer", "first defect")
        out.table(columns, rows, right=("defects",), below=("mended", "answer", "first defect"), indent=0)
    told = ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items()))
    advise(f"{several(counts.total(), 'file')}{f': {told}' if told else ''}.")
    if counts["refused"]:
        raise Finish(FINDINGS)
