"""`crossdock search TEXT`: what begins like this."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, looking

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


@click.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@looking
def search(out: Output, at: Opened, text: str, *, limit: int) -> None:
    """Find cases by the beginning of an id, a number or another name of theirs."""
    from crossdock.app import finding

    found = finding.search(at.connection, at.tenant, text.strip(), limit)
    if out.as_json:
        for case in found:
            out.line({"id": case.id, "kind": case.id.partition("/")[0], "status": case.status, "found_by": case.name})
    elif found:
        rows = [
            (case.id, case.id.partition("/")[0], case.status, "" if case.name == case.id else case.name)
            for case in found
        ]
        out.table(("case", "kind", "status", "found by"), rows, indent=0)
        if len(found) == limit:
            advise(f"There may be more than these {limit}: type more of it, or raise --limit.")
    if not found:
        advise(f"Nothing begins with {text.strip()!r}.")
        raise Finish(FINDINGS)
