"""What becomes of the shared EDI samples, as a table of our own: `python -m tests.contracts.edi_corpus` writes it anew.

No content of a sample stands in it, only names of files and of rules. The remarks are written by hand, and kept.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.app.edi_corpus import lines_of

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "edi"
TABLE = Path(__file__).with_suffix(".tsv")
COLUMNS = ("file", "set", "outcome", "repairs", "defects", "answer", "remark")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def pinned() -> list[dict[str, str]]:
    """The table as it stands in the repository."""
    with TABLE.open(newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def measured() -> list[dict[str, str]]:
    """What becomes of the samples now."""
    return [row_of(line) for line in lines_of(SAMPLES, AT)]


def row_of(line: dict[str, Any]) -> dict[str, str]:
    """A line of `crossdock edi corpus` as a row, without the remark."""
    answers = (f"{each['kind']} {each['code']}" for each in line["ack"] if each["kind"])
    return {
        "file": line["file"],
        "set": line["set"],
        "outcome": line["outcome"],
        "repairs": _counted(each["rule"] for each in line["repairs"]),
        "defects": _counted(each["rule"] for each in line["defects"]),
        "answer": ", ".join(answers),
    }


def _counted(rules: Iterable[str]) -> str:
    counts = Counter(rule.partition(".")[2] for rule in rules)
    return ", ".join(f"{rule} {count}" if count > 1 else rule for rule, count in counts.items())


def main() -> None:
    """Write the table, with the remarks that it had."""
    remarks = {row["file"]: row["remark"] for row in pinned()} if TABLE.exists() else {}
    with TABLE.open("w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | {"remark": remarks.get(row["file"], "")} for row in measured())


if __name__ == "__main__":
    main()
