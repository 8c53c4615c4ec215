"""`crossdock connection`: the systems we deliver to, how they are, and how far they are trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, ago, at, cut, looking

if TYPE_CHECKING:
    from crossdock.app.opening import Opened

_LEVELS: Final = ("observe", "propose", "act", "configured")


@click.group()
def connection() -> None:
    """The systems that commands are sent to."""


@connection.command("list")
@looking
def list_(out: Output, where: Opened) -> None:
    """Every connection: its class, its breaker, its queue, what became of its commands, how far it is trusted.

    Below, what has waited longer than its class allows.
    """
    from crossdock.app.connection_report import reports
    from crossdock.clock import SystemClock

    now = SystemClock().now()
    found = reports(where.connection, where.tenant, now)
    if out.as_json:
        out.document(found)
        return
    if not found:
        advise("No connection is configured: add connections.yaml to the folder, then `crossdock config apply`.")
        return
    out.table(
        ("connection", "role", "class", "breaker", "reading", "waiting", "sending", "held", "oldest", "applied",
         "refused", "retried", "unknown", "trust"),
        ((one.name, one.role, one.integration or "", one.breaker, one.reading, one.waiting, one.sending, one.held,
          ago(one.oldest, now) if one.oldest else "", one.applied, one.refused, one.retried, one.unknown, one.trust)
         for one in found),
        right=("waiting", "sending", "held", "oldest", "applied", "refused", "retried", "unknown"),
        indent=0,
    )  # fmt: skip
    alarms = [(one.name, alarm) for one in found for alarm in one.alarms]
    if alarms:
        out.heading("Alarms")
        out.table(("connection", "waits longer than its class allows"), alarms)


@connection.command("show")
@click.argument("name")
@looking
def show(out: Output, where: Opened, name: str) -> None:
    """One connection: where it goes, its limits, and what changed about it lately."""
    from crossdock.app.connection_report import reports
    from crossdock.clock import SystemClock
    from crossdock.store import delivery_look

    found = reports(where.connection, where.tenant, SystemClock().now())
    one = next((one for one in found if one.name == name), None)
    if one is None:
        advise(f"No connection is called {name!r}. `crossdock connection list` names them.")
        raise Finish(FINDINGS)
    changes = delivery_look.events(where.connection, where.tenant, name)
    doubts = delivery_look.problems(where.connection, where.tenant, None, name, 20)
    if out.as_json:
        out.document(
            {
                "connection": one,
                "changes": [change._asdict() for change in changes],
                "doubts": [doubt._asdict() for doubt in doubts],
            }
        )
        return
    out.text(f"{one.name}  {one.breaker}", style="bold")
    out.pairs(
        [("role", one.role), ("class", one.integration or "none"), ("which means", one.terms),
         ("alarm", "; ".join(one.alarms) or None), ("address", one.address or "none: nothing is sent"),
         ("manifest", one.manifest), ("trust", one.trust), ("limits", one.limits), ("because", one.breaker_reason),
         ("reading", one.reading), ("for reading because", one.reading_reason),
         ("last error", one.last_error), ("forged hooks", one.hooks_forged or None)]
    )  # fmt: skip
    if changes:
        out.heading("Changes")
        out.table(
            ("UTC", "what", "before", "after", "reason", "by"),
            ((at(one.at), one.what, one.before, one.after, one.reason, one.who) for one in changes),
        )
    if doubts:
        out.heading("Answers that were not believed")
        out.table(
            ("UTC", "reading", "why", "it begins"),
            ((at(one.at), one.what, one.problem, cut(one.evidence, 60)) for one in doubts),
            below=("why", "it begins"),
        )


@connection.command("autonomy")
@click.argument("name")
@click.argument("arguments", metavar="[KIND] observe|propose|act|configured", nargs=-1, required=True)
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: your name on this machine]")
@looking
def autonomy(out: Output, where: Opened, *, name: str, arguments: tuple[str, ...], who: str | None) -> None:
    """Trust a connection so far from now on: all of it, or one KIND of command. `configured` takes that back."""
    from crossdock.app import proposals

    *kinds, level = arguments
    if level not in _LEVELS or len(kinds) > 1:
        raise click.UsageError(f"say [KIND] and one of {', '.join(_LEVELS)}")
    kind = kinds[0] if kinds else "*"
    proposals.set_autonomy(where, name, kind, None if level == "configured" else level, who or proposals.me())
    if out.as_json:
        out.document({"connection": name, "kind": kind, "autonomy": level})
    else:
        out.text(f"{name}: {level} for {'all commands' if kind == '*' else kind}.", style="green")


@connection.command("check")
@click.argument("name", required=False)
@looking
def check(out: Output, where: Opened, name: str | None) -> None:
    """Ask each system whether it is there, without any effect. Exit code 1 when one is not well."""
    from crossdock.app.connection_report import check as ask

    found = ask(where, name)
    if out.as_json:
        out.document(found)
    else:
        out.table(("connection", "well", ""), ((one.name, "yes" if one.is_well else "no", one.detail) for one in found),
                  indent=0)  # fmt: skip
    if not found or not all(one.is_well for one in found):
        raise Finish(FINDINGS)


@connection.command("attempts")
@click.argument("case")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="List at most so many.")
@looking
def attempts(out: Output, where: Opened, case: str, limit: int) -> None:
    """The evidence: what was sent for a CASE (order/SO1), what came back, and how it was understood."""
    from crossdock.store import delivery_look

    found = delivery_look.attempts(where.connection, where.tenant, case, limit=limit)
    if out.as_json:
        out.document([one._asdict() for one in found])
        return
    out.table(
        ("UTC", "command", "connection", "what", "ms", "status", "means", "reason"),
        ((at(one.at), f"{one.slot}/{one.generation}", one.connection, one.what, f"{one.took_us / 1000:.1f}", one.status,
          one.classified, one.reason)
         for one in found),
        right=("ms", "status"),
        indent=0,
    )  # fmt: skip
    if not found:
        advise(f"Nothing was sent for {case}.")
