"""`crossdock reconcile`: what every system believes, against what we do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, looking, plain, several

if TYPE_CHECKING:
    from datetime import datetime

    from crossdock.app.opening import Opened
    from crossdock.app.reconcile import Named, Reconciliation, System

_SHOWN_MAX: Final = 50
_NAMES: Final = ("late", "lost", "doubled", "unit", "wrong_place", "break")


@click.command()
@click.option("--system", "only", metavar="NAME", help="Only this connection.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]),
    help="Only what was received from this moment on (UTC): the systems did not know what came before.",
)
@click.option(
    "--overdue-minutes",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="What has been in flight for longer is late.",
)
@looking
def reconcile(out: Output, where: Opened, *, only: str | None, since: datetime | None, overdue_minutes: float) -> None:
    """Ask every system what it believes, and name every difference to the books.

    Exit codes: 0 clean (what is in flight settles by itself), 1 differences, 4 a system could not be asked.
    """
    from datetime import UTC

    from crossdock.app.reconcile import run
    from crossdock.cli.errors import UNREACHABLE

    from_then = since.replace(tzinfo=UTC) if since else None
    found = run(where, only=only, since=from_then, overdue_minutes=overdue_minutes)
    if out.as_json:
        out.document(found)
    else:
        _show(out, found)
    if found.unreachable:
        raise Finish(UNREACHABLE)
    if found.findings:
        raise Finish(FINDINGS)


def _show(out: Output, found: Reconciliation) -> None:
    if not found.systems:
        advise("No connection is configured: add connections.yaml to the folder, then `crossdock config apply`.")
    for system in found.systems:
        _show_system(out, system)
    out.text()
    at = f"at {found.watermark}" if found.watermark else "and nothing was settled yet"
    if found.clean:
        out.text(f"Clean: what the systems believe is what we do, {at}.", style="green")
    else:
        unasked = f", {several(len(found.unreachable), 'system')} could not be asked" if found.unreachable else ""
        out.text(f"{several(found.findings, 'difference')}{unasked}, {at}.", style="red")


def _show_system(out: Output, system: System) -> None:
    out.heading(system.name)
    if system.problem:
        out.text(f"  It could not be asked: {system.problem}", style="red")
        return
    if not system.entities:
        out.text("  Its manifest does not say how it is asked (beliefs).", style="dim")
        return
    out.table(
        ("", "theirs", "ours", "in flight", *(name.replace("_", " ") for name in _NAMES)),
        (
            (one.entity.replace("_", " "), one.theirs, one.ours, one.in_flight or "",
             *(one.findings.get(name) or "" for name in _NAMES))
            for one in system.entities
        ),
        right=("theirs", "ours", "in flight", *(name.replace("_", " ") for name in _NAMES)),
    )  # fmt: skip
    listed = sorted(system.differences, key=lambda one: one.name == "in_flight")
    for one in listed[:_SHOWN_MAX]:
        out.text(_sentence(one), style=None if one.name == "in_flight" else "red")
    more = len(listed) - _SHOWN_MAX
    if more > 0 or system.unlisted:
        advise(f"and {max(0, more) + system.unlisted} more (--json lists up to 1,000 of each)")


def _sentence(one: Named) -> str:
    name, entity = one.name.replace("_", " "), one.entity.replace("_", " ")
    because = f" (because of {one.because})" if one.because and one.because not in one.sentence else ""
    return plain(f"  {name}: {entity} {one.key}: {one.sentence}{because}. -> {one.next}")
