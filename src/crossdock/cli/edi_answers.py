"""`crossdock edi ack`, `write` and `diff`: what to answer, how to write, what differs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from crossdock.cli.edi_options import file_argument, guided
from crossdock.cli.output import FINDINGS, Finish, Output, advise, cut, in_json, several

if TYPE_CHECKING:
    from crossdock.formats.edi.guide import Guide

_KINDS = ("997", "999", "advice")


@click.command()
@in_json
@file_argument
@click.option("--kind", type=click.Choice(_KINDS), help="997 or 999; advice: an 824 or APERAK for each document.")
@click.option(
    "--control", type=click.IntRange(1, 999_999_999), default=1, show_default=True, help="Number to begin with."
)
@guided
def ack(out: Output, guide: Guide, *, file: str, kind: str | None, control: int) -> None:
    """Write the acknowledgements of FILE: TA1 and 997 (or 999), or CONTRL; exit code 1 when one refuses something."""
    from crossdock.app.edi_answers import answers
    from crossdock.clock import SystemClock

    refused = False
    for answer in answers(file, guide, kind=kind or "", at=SystemClock().now(), control=control):
        refused = refused or "refused" in answer.means or "partly" in answer.means
        if out.as_json:
            out.line({"kind": answer.kind, "code": answer.code, "means": answer.means, "text": answer.text})
        else:
            advise(f"{answer.kind} {answer.code}: {answer.means}".strip(" :"))
            click.echo(answer.text, nl=False)
    if refused:
        raise Finish(FINDINGS)


@click.command()
@in_json
@file_argument
@click.option("--one-line", is_flag=True, help="No line ends between segments.")
@guided
def write(out: Output, guide: Guide, *, file: str, one_line: bool) -> None:
    """Write FILE strictly: EDI that has its flaws mended, or the lines that `edi parse --json` prints.

    What breaks the standard, or the partner's guide, is named and not written; exit code 1.
    """
    from crossdock.app.edi_answers import written
    from crossdock.formats.edi.writing import CannotWrite

    try:
        for interchange in list(written(file, guide, lines=not one_line)):
            if out.as_json:
                out.line({"standard": interchange.standard, "text": interchange.raw.decode("utf-8", "replace")})
            else:
                sys.stdout.buffer.write(interchange.raw)
    except CannotWrite as wrong:
        _refuse(out, str(wrong))


@click.command()
@in_json
@file_argument
@click.argument("other", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--bodies", is_flag=True, help="Leave envelopes out: headers, trailers, control numbers.")
@guided
def diff(out: Output, guide: Guide, *, file: str, other: str | None, bodies: bool) -> None:
    """Show where FILE differs from OTHER by segment and element, or from how it would be written strictly.

    Separators and line ends are no difference. Exit code 1 when there is one.
    """
    from crossdock.app.edi_answers import compared, strictly_compared
    from crossdock.formats.edi.canonical import shown
    from crossdock.formats.edi.writing import CannotWrite

    try:
        if other is None:
            found = list(strictly_compared(file, guide, bodies=bodies))
        else:
            found = list(compared(file, other, guide, bodies=bodies))
    except CannotWrite as wrong:
        _refuse(out, str(wrong))
        return
    found = [each._replace(old=shown(each.old), new=shown(each.new)) for each in found]
    if out.as_json:
        for each in found:
            out.line(each._asdict())
    elif found:
        rows = (
            (each.kind, each.before or "", each.after or "", each.reference, cut(each.old), cut(each.new))
            for each in found
        )
        columns = ("what", "segment", "of other", "element", "before", "after")
        out.table(columns, rows, right=("segment", "of other"), below=("before", "after"), indent=0)
    advise(f"{several(len(found), 'difference')}.")
    if found:
        raise Finish(FINDINGS)


def _refuse(out: Output, problem: str) -> None:
    if out.as_json:
        out.line({"refused": problem})
    else:
        advise(f"Not written: {problem}.")
    sys.stdout.flush()
    raise Finish(FINDINGS)
