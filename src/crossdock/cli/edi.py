"""`crossdock edi`: EDI files read, checked, explained; no database is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.edi_answers import ack, diff, write
from crossdock.cli.edi_corpus import corpus
from crossdock.cli.edi_options import file_argument, guided
from crossdock.cli.output import FINDINGS, Finish, Output, cut, in_json, several

if TYPE_CHECKING:
    from crossdock.app.edi_files import Outcome
    from crossdock.formats.edi.document import Document, Part
    from crossdock.formats.edi.guide import Guide
    from crossdock.formats.standards import Standard


@click.group()
def edi() -> None:
    """EDI files: what they say, what is wrong with them, what to answer.

    FILE is X12 or EDIFACT, told apart by how it begins; - reads what comes through a pipe.
    """


edi.add_command(ack)
edi.add_command(corpus)
edi.add_command(diff)
edi.add_command(write)


@edi.command()
@in_json
@file_argument
@guided
def parse(out: Output, guide: Guide, *, file: str) -> None:
    """Show the documents of FILE, each segment below the loop it stands in; exit code 1 when one is refused."""
    from crossdock.app.edi_files import Outcome, read_file
    from crossdock.app.edi_views import part_view

    outcome = Outcome()
    for part in read_file(file, guide).parts:
        outcome.take(part)
        if out.as_json:
            out.line(part_view(part))
        else:
            _show(out, part)
    if not out.as_json:
        _faults(out, outcome)
    _finish(outcome)


@edi.command()
@in_json
@file_argument
@guided
def validate(out: Output, guide: Guide, *, file: str) -> None:
    """Say what is wrong with FILE and what was mended to read it; exit code 1 when anything of it is refused."""
    from crossdock.app.edi_files import Outcome, read_file
    from crossdock.app.edi_views import finding_view, repair_view

    outcome = Outcome()
    for part in read_file(file, guide, keep=False).parts:
        outcome.take(part)
    if out.as_json:
        defects = [finding_view(each) for each in outcome.findings if not each.is_warning]
        warnings = [finding_view(each) for each in outcome.findings if each.is_warning]
        out.line(
            {
                "file": file, "outcome": outcome.word, "documents": outcome.documents, "refused": outcome.refused,
                "codes": outcome.codes, "repairs": [repair_view(each) for each in outcome.repairs],
                "defects": defects, "warnings": warnings, "defects_counted": outcome.errors,
                "warnings_counted": outcome.warnings,
            }
        )  # fmt: skip
    else:
        codes = ", ".join(f"{count:,} {code}" for code, count in outcome.codes.items())
        out.text(f"{several(outcome.documents, 'document')}{f' ({codes})' if codes else ''}: {outcome.word}.")
        _faults(out, outcome)
    _finish(outcome)


@edi.command()
@in_json
@file_argument
@click.option("--document", "wanted", type=click.IntRange(1), help="Only the n-th document of the file.")
@guided
def explain(out: Output, guide: Guide, *, file: str, wanted: int | None) -> None:
    """Say in words what each segment and element of FILE is, what its codes mean, and what is wrong where."""
    from crossdock.app.edi_files import Outcome, read_file
    from crossdock.formats.edi.document import Document

    outcome, envelopes = Outcome(), Outcome()
    standard, parts = read_file(file, guide)
    for part in parts:
        outcome.take(part)
        if not isinstance(part, Document):
            envelopes.take(part)
        elif wanted in (None, outcome.documents):
            _explain(out, standard, part)
    if not out.as_json:
        _faults(out, envelopes)
    _finish(outcome)


@edi.command()
@in_json
def documents(out: Output) -> None:
    """List the documents that there is a table of."""
    from crossdock.formats.standards import STANDARDS

    rows = [
        (each.name, code, document.name) for each in STANDARDS.values() for code, document in each.documents.items()
    ]
    if out.as_json:
        out.document([dict(zip(("standard", "code", "name"), row, strict=True)) for row in rows])
    else:
        out.table(("standard", "document", "what it is"), rows, indent=0)


# -- for people --------------------------------------------------------------------------------------------------


def _show(out: Output, part: Part) -> None:
    """A part that begins, or a document with its segments."""
    from crossdock.formats.edi.canonical import ELEMENT
    from crossdock.formats.edi.document import Document, Group, Interchange

    if isinstance(part, Interchange):
        who = f" from {part.sender or 'nobody'} to {part.receiver or 'nobody'}" if part.is_enveloped else ""
        control = f" {part.control}" if part.control else ""
        out.heading(f"Interchange{control}{who} ({part.standard.upper()} {part.release})".replace(" )", ")"))
    elif isinstance(part, Group):
        if part.header:
            out.text(f"  Group {part.code} {part.control}, release {part.version}")
    elif isinstance(part, Document):
        out.text(f"    {_title(part)}")
        for number, (segment, at) in enumerate(zip(part.segments, part.places, strict=True), part.number + 1):
            depth = part.grammar.depth(at) if part.grammar is not None else 0
            text = _written(part, ELEMENT.join(segment))
            out.text(f"    {number:>6}  {'  ' * depth}{cut(text, 160)}")


def _written(document: Document, text: str) -> str:
    from crossdock.formats.edi.canonical import shown

    return shown(text, document.interchange.separators)


def _title(document: Document) -> str:
    name = f" {document.grammar.definition.name}" if document.grammar is not None else ""
    whether = "refused" if document.is_refused else "read"
    return f"{document.code}{name} {document.control}, release {document.version}: {whether}"


def _faults(out: Output, outcome: Outcome) -> None:
    """What is wrong and what was mended, as tables."""
    for title, is_told, counted in (("Refused", False, outcome.errors), ("Told", True, outcome.warnings)):
        found = [each for each in outcome.findings if each.is_warning == is_told]
        if found:
            shown = "" if len(found) == counted else f" (the first {len(found):,} of {counted:,})"
            out.heading(f"{title}{shown}")
            rows = ((each.position, each.rule, cut(each.value, 40), each.problem, cut(each.line, 60)) for each in found)
            out.table(("where", "rule", "value", "problem", "segment"), rows, below=("value", "problem", "segment"))
    if outcome.repairs:
        out.heading("Mended")
        out.table(
            ("where", "rule", "before", "after", "times"),
            (
                (each.position, each.rule, cut(each.before, 40), cut(each.after, 40), each.times)
                for each in outcome.repairs
            ),
            right=("times",),
            below=("before", "after"),
        )


def _explain(out: Output, standard: Standard, document: Document) -> None:
    from crossdock.app.edi_views import told_view
    from crossdock.formats.edi.explaining import told

    release = document.grammar.definition.release if document.grammar is not None else standard.releases[1]
    known = set(standard.dictionary.ids())
    segments = told(document, lambda id_: standard.dictionary.segment(id_, release) if id_ in known else None)
    if out.as_json:
        out.line(
            {
                "code": document.code, "control": document.control, "release": document.version,
                "outcome": "refused" if document.is_refused else "read",
                "segments": [told_view(each) for each in segments],
            }
        )  # fmt: skip
        return
    out.heading(_title(document))
    for segment in segments:
        indent = "  " * segment.depth
        out.text(f"{segment.number:>6}  {indent}{segment.id}  {segment.name}", "bold")
        for element in segment.elements:
            meaning = f" = {element.meaning}" if element.meaning else ""
            reference = element.reference.removeprefix(f"{segment.id}-")
            out.text(f"        {indent}  {reference:<6} {element.name}: {element.value}{meaning}")
        for finding in segment.findings:
            mark = "note" if finding.is_warning else "WRONG"
            out.text(f"        {indent}  {mark}: {finding.problem} ({finding.rule})")


def _finish(outcome: Outcome) -> None:
    if outcome.errors:
        raise Finish(FINDINGS)
