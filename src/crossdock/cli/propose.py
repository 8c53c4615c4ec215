"""`crossdock propose`: commands that wait for a person before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, PARTLY, Finish, Output, advise, ago, looking, money, several

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossdock.app.opening import Opened
    from crossdock.app.proposals import Proposal

_CONNECTION: Final = click.option("--connection", metavar="NAME", help="Only of this connection.")
_KIND: Final = click.option("--kind", help="Only of this kind of command, such as create_invoice.")
_AS: Final = click.option("--as", "who", metavar="NAME", help="Who does it. [default: your name on this machine]")


@click.group()
def propose() -> None:
    """Commands that wait for a person: observed, proposed, beyond a limit, from a new rule, or beyond our knowledge."""


@propose.command("list")
@_CONNECTION
@_KIND
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def list_(out: Output, at: Opened, *, connection: str | None, kind: str | None, limit: int) -> None:
    """What would be sent, summed by kind, and one by one."""
    from crossdock.app import proposals

    found = proposals.proposals(at, connection=connection, kind=kind)
    if out.as_json:
        out.document({"differences": proposals.difference(found), "proposals": found[:limit]})
        return
    if not found:
        out.text("Nothing waits to be released.")
        return
    _sums(out, found)
    out.text()
    _each(out, found[:limit])
    if len(found) > limit:
        advise(f"{several(len(found) - limit, 'more command')}: raise --limit.")


@propose.command("show")
@click.argument("key", metavar="KEY")
@looking
def show(out: Output, at: Opened, key: str) -> None:
    """One command, named by its key (order/SO1/invoice/1): what it says, and what the system holds now."""
    import msgspec

    from crossdock.app import proposals

    one = next(iter(proposals.proposals(at, key=key.strip())), None)
    if one is None:
        advise(f"No held command is called {key!r}. `crossdock propose list` names them.")
        raise Finish(FINDINGS)
    if out.as_json:
        out.document(one)
        return
    out.text(f"{one.action} {one.kind}  held: {one.hold}", style="bold")
    out.text(f"{proposals.HOLDS.get(one.hold, '')}{f' ({one.cause})' if one.cause in {'rule', 'policy'} else ''}.")
    names = sorted(one.content.keys() | (one.before or {}).keys())
    values = {name: ((one.before or {}).get(name), one.content.get(name)) for name in names}
    shown = {name: [msgspec.json.encode(value).decode() if value is not None else "" for value in pair]
             for name, pair in values.items()}  # fmt: skip
    out.pairs([("key", one.key), ("connection", one.connection), ("money", money(one.minor, one.currency))])
    out.table(("field", "there now", "would be"), ((name, *pair) for name, pair in shown.items()))


@propose.command("release")
@click.argument("key", metavar="KEY", required=False)
@click.option("--all", "everything", is_flag=True, help="All that is proposed, or of a --connection or --kind.")
@_CONNECTION
@_KIND
@_AS
@click.option("--execute", is_flag=True, help="Really: they are sent. Without it, only shown.")
@looking
def release(
    out: Output, at: Opened, *, key: str | None, everything: bool, connection: str | None, kind: str | None,
    who: str | None, execute: bool,
) -> None:  # fmt: skip
    """Let a command go (KEY), or all of a kind. A dry run unless --execute: shows documents and money first.

    What is only observed goes if it is named. A released command that changes before it is sent waits again.
    """
    from crossdock.app import proposals

    if bool(key) == bool(everything or connection or kind):
        raise click.UsageError("name a KEY, or say --all, --connection or --kind")
    found = proposals.proposals(at, connection=connection, kind=kind, key=key)
    if not key:
        found = [one for one in found if one.hold in {"propose", "limit", "rule"}]
    gone = proposals.release(at, found, who or proposals.me()) if execute and found else 0
    if out.as_json:
        out.document({"differences": proposals.difference(found), "released": gone, "executed": execute})
    elif not found:
        out.text("Nothing to release.")
    else:
        _sums(out, found)
        if execute:
            out.text(f"Released {several(gone, 'command')}.", style="green")
        else:
            advise("Nothing is released yet: say --execute.")
    if key and not found:
        raise Finish(FINDINGS)
    if execute and gone < len(found):
        raise Finish(PARTLY)


@propose.command("done")
@click.argument("key", metavar="KEY")
@click.option("--document", metavar="NO", help="The number that the system gave it.")
@_AS
@click.option("--execute", is_flag=True, help="Really. Without it, only shown.")
@looking
def done(out: Output, at: Opened, *, key: str, document: str | None, who: str | None, execute: bool) -> None:
    """Say that a command whose outcome nobody could look up was done: you looked. If it was not, release it."""
    from crossdock.app import proposals

    one = next((one for one in proposals.proposals(at, key=key.strip()) if one.hold == "person"), None)
    if one is None:
        advise(f"No command called {key!r} waits for somebody to look.")
        raise Finish(FINDINGS)
    if execute:
        proposals.declare(at, one, who or proposals.me(), document_no=document)
    if out.as_json:
        out.document({"key": one.key, "document_no": document, "executed": execute})
    elif execute:
        out.text(f"{one.key} counts as done.", style="green")
    else:
        _each(out, [one])
        advise("Nothing is declared yet: say --execute.")


def _sums(out: Output, found: Sequence[Proposal]) -> None:
    from crossdock.app import proposals

    out.table(
        ("documents", "money", "action", "kind", "connection", "held"),
        ((f"{sum_.documents:,}", money(sum_.minor, sum_.currency) if sum_.minor else "", sum_.action, sum_.kind,
          sum_.connection, sum_.hold)
         for sum_ in proposals.difference(found)),
        right=("documents", "money"),
        indent=0,
    )  # fmt: skip


def _each(out: Output, found: Sequence[Proposal]) -> None:
    from crossdock.clock import SystemClock

    now = SystemClock().now()
    out.table(
        ("command", "action", "kind", "connection", "held", "since", "money"),
        ((one.key, one.action, one.kind, one.connection, one.hold, ago(one.since, now),
          money(one.minor, one.currency) if one.minor else "")
         for one in found),
        right=("since", "money"),
        indent=0,
    )  # fmt: skip
