"""`crossdock doctor`: is everything right, and if not, what to do."""

from __future__ import annotations

import click

from crossdock.cli.output import FINDINGS, Finish, Output, configured
from crossdock.settings import Settings

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}
_UNREACHABLE = 4


@click.command()
@configured
def doctor(out: Output, where: Settings) -> None:
    """Look at database, schema, durability, configuration, backlog and what waits; say what to do.

    Exit code 1 when something fails; a warning does not fail it.
    """
    from crossdock.app.doctor import Unreachable, examine
    from crossdock.clock import SystemClock

    worst = 0
    try:
        for finding in examine(where, SystemClock().now()):
            if finding.grade == "fail":
                worst = FINDINGS
            if out.as_json:
                out.line(finding)
                continue
            out.text(f"{finding.grade:<4}  {finding.what:<14} {finding.found}", style=_STYLES[finding.grade])
            if finding.do:
                out.text(f"{'':<21}-> {finding.do}")
    except Unreachable:
        worst = _UNREACHABLE
    if worst:
        raise Finish(worst)
