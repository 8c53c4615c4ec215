"""The reference pages of EDI, written from the tables that documents are read by."""
# ruff: noqa: INP001 - a part of a script of the documentation, not of a package

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from crossdock.app.codes import CODES
from crossdock.formats import guides
from crossdock.formats.edi.findings import Flaw
from crossdock.formats.edi.grammar import Composite, Field, Segment
from crossdock.formats.edi.guide import REFUSED, TOLERATED
from crossdock.formats.edi.tables import Dictionary, Written
from crossdock.formats.edifact import dictionary as edifact
from crossdock.formats.edifact.catalog import DOCUMENTS as MESSAGES
from crossdock.formats.x12 import dictionary as x12
from crossdock.formats.x12.catalog import DOCUMENTS as X12_DOCUMENTS

_CORPUS: Final = Path(__file__).parents[1] / "tests" / "contracts" / "edi_corpus.tsv"

Table = Callable[[tuple[str, ...], Iterable[tuple[str, ...]]], str]


def overview(table: Table) -> list[str]:
    """What is read, what is mended, what refuses."""
    return [
        "# EDI documents",
        (
            "What Crossdock reads, checks, writes and acknowledges. Grammars are tables in `src/crossdock/formats/`; "
            "one walk over them reads, validates, explains and acknowledges. The segments of each standard: "
            "[X12](edi-x12.md), [EDIFACT](edi-edifact.md). Tasks: [check a file and answer it]"
            "(../how-to/validate-edi.md), [take in a dialect](../how-to/onboard-a-dialect.md)."
        ),
        "## Documents",
        table(
            ("standard", "document", "group", "what it is"),
            (
                (title, f"[{each.code}](edi-{standard}.md#{each.code.lower()})", each.group, each.name)
                for title, standard, documents in (("X12", "x12", X12_DOCUMENTS), ("EDIFACT", "edifact", MESSAGES))
                for each in documents.values()
            ),
        ),
        (
            "X12 is read by the tables of 004010 and, from 005010 on, of 005010; of releases before it only the "
            "dates are known to differ. EDIFACT is read by the tables of D96A, from D99A on of D01B; of later "
            "directories the tables are not whole, so what they do not know is told and passes. A release that we have "
            "no table of is read by the nearest, and that is told."
        ),
        "## Answers",
        (
            "`crossdock edi ack` writes what answers a file. An acknowledgement is not answered, and neither is a file "
            "without an envelope, as there is nobody to answer."
        ),
        table(
            ("received", "answer", "says"),
            (
                ("X12, envelope refused", "TA1", "R with the code of the defect: no group is looked at"),
                ("X12, ISA14 asks for it", "TA1 and 997", "A, and what follows"),
                (
                    "X12, groups",
                    "997, or 999 if the guide says so",
                    "A or R for a document; A, P (partly) or R for a group",
                ),
                ("EDIFACT", "CONTRL", "7 for what is acknowledged, 4 for what is refused, message by message"),
                ("X12, on request", "824", "what is wrong in each document, in words (`--kind advice`)"),
                ("EDIFACT, on request", "APERAK", "the same"),
            ),
        ),
        "## Flaws of form",
        (
            "Mended while reading, with rule, place, before and after on record. A partner's guide can refuse each. In "
            "a mapping `decimal_point` is mended only if its guide says so, as that is a matter of money."
        ),
        table(("flaw", "what it is"), ((f"`{flaw}`", what) for flaw, what in TOLERATED.items())),
        "Refused unless a partner's guide tolerates them, as each may mean that something was lost on the way:",
        table(("flaw", "what it is"), ((f"`{flaw}`", what) for flaw, what in REFUSED.items())),
        "## Guides",
        (
            "What is agreed with a partner is written as a guide: YAML of its own for the command line "
            "(`--partner FILE`), or `guide` of a mapping. A mistake in it is named with its place."
        ),
        f"```yaml\n{_example_guide()}\n```",
        (
            "`optional`, `required` and `unused` are short for what they say. A place is a segment (`L11`), a loop "
            "(`LX/AT7`), an element (`LX/AT7/AT7-07`) or a component (`DTM-01:2`), as in a mapping."
        ),
        "## Rules",
        (
            "A finding names its rule with the standard before it: `x12.count`. An error refuses the document (or the "
            "group or interchange, if it is theirs); a warning is told and lets it pass."
        ),
        table(
            ("rule", "what is wrong", "what to do"),
            (
                (f"`{rule}`", CODES[f"x12.{rule}"].means, CODES[f"x12.{rule}"].do)
                for rule in sorted({flaw.rule for flaw in Flaw if flaw is not Flaw.ENCODING})
            ),
        ),
    ]


def _example_guide() -> str:
    """The guide that stands in the module that reads them."""
    lines = (guides.__doc__ or "").splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))


def x12_page(table: Table) -> list[str]:
    """The transaction sets and segments of X12."""
    release = x12.R4010
    return [
        "# X12 documents and segments",
        (
            "The tables by which X12 is read, release 004010; `@005010` marks what holds from that release on. Ids, "
            "structure and our own words: the standard's text is X12's."
        ),
        *_documents(X12_DOCUMENTS),
        "# Segments",
        (
            "`!` marks what is mandatory; a condition is letter and places: P all or none, R at least one, E at most "
            "one, C if the first then all, L if the first then one more. `...`: more elements are taken as they come."
        ),
        *_segments(table, x12.DICTIONARY, release),
    ]


def edifact_page(table: Table) -> list[str]:
    """The messages and segments of EDIFACT."""
    return [
        "# EDIFACT messages and segments",
        (
            "The tables by which EDIFACT is read, directory D96A; `@1999A` marks what holds from that directory on. "
            "Ids, structure and our own words."
        ),
        *_documents(MESSAGES),
        "# Segments",
        (
            "`!` marks what is mandatory; components stand in brackets behind their composite. A condition is letter "
            "and places, as [in X12](edi-x12.md)."
        ),
        *_segments(table, edifact.DICTIONARY, edifact.D96A),
    ]


def corpus_page(table: Table) -> list[str]:
    """What becomes of the public samples."""
    with _CORPUS.open(newline="", encoding="utf-8") as pinned:
        rows = list(csv.DictReader(pinned, delimiter="\t"))
    counts = Counter(row["outcome"] for row in rows)
    return [
        "# What becomes of public samples",
        (
            f"{len(rows)} public files of {len({row['file'].partition('/')[0] for row in rows}) - 1} documents, as "
            "`crossdock edi corpus FOLDER` reads them without any guide: "
            f"{counts['read']} read, {counts['repaired']} repaired, {counts['refused']} refused. The files are not "
            "ours and not in this repository; a test holds this table against them where they are at hand "
            "(`tests/contracts/test_edi_corpus.py`). It was checked by eye."
        ),
        (
            "In more than half of the refused files a count or a control number is wrong: examples are shortened by "
            "hand, and nobody counts again. In traffic that means a lost segment, so it refuses, and a partner's guide "
            "may tolerate it (`wrong_counts`, `wrong_control`). Next come mandatory parts that are missing, documents "
            "that we have no table of, as they have no part in the journeys, and conditions of a segment (both of a "
            "pair or none)."
        ),
        (
            "The files came with an automatic note on each envelope. It looks at nothing else, so where it says *ok* a "
            "document may still be refused for what stands in it. Where it sees another envelope than we do, the "
            "remark says why."
        ),
        table(
            ("file", "document", "outcome", "mended", "refused for", "answer", "remark"),
            map(_sample, rows),
        ),
    ]


def _sample(row: dict[str, str]) -> tuple[str, ...]:
    rules = (_rules(row["repairs"]), _rules(row["defects"]))
    return row["file"].removesuffix(".edi"), row["set"], row["outcome"], *rules, row["answer"], row["remark"]


def _rules(told: str) -> str:
    """`count 2, control` with the rules as code."""
    parts = (each.partition(" ") for each in told.split(", ") if each)
    return ", ".join(f"`{rule}`{f' ({times})' if times else ''}" for rule, _, times in parts)


def _documents(documents: dict[str, Written]) -> Iterator[str]:
    for each in documents.values():
        yield f"## {each.code}"
        group = f"; group `{each.group}`" if each.group else ""
        yield f"{each.name.capitalize()}{group}. Deeper lines stand in the loop of the line above."
        yield f"```\n{each.uses.strip()}\n```"


def _segments(table: Table, dictionary: Dictionary, release: str) -> Iterator[str]:
    rows = []
    for id_ in sorted(dictionary.ids()):
        segment = dictionary.segment(id_, release)
        rows.append((f"`{id_}`", segment.name, _fields(segment), " ".join(map(str, segment.conditions))))
    yield table(("segment", "what it is", "elements", "conditions"), rows)


def _fields(segment: Segment) -> str:
    return ", ".join(map(_field, segment.fields)) + (", ..." if segment.open and segment.fields else "")


def _field(field: Field) -> str:
    held = field.holds
    mark = "!" if field.required else ""
    if isinstance(held, Composite):
        return f"{held.name or held.number}{mark} ({', '.join(map(_field, held.fields))})"
    lengths = f"{held.shortest}" if held.shortest == held.longest else f"{held.shortest}-{held.longest}"
    return f"{held.name or held.number}{mark} {held.type} {lengths}"
