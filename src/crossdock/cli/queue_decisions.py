"""`crossdock queue approve|dispute|reject|accept|retry|assign`: decisions that become facts and change the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, PARTLY, Finish, Output, advise, looking, several
from crossdock.cli.queue_acts import AS, DESK, WHAT

if TYPE_CHECKING:
    from crossdock.app.deciding import Decided, Wish
    from crossdock.app.opening import Opened
    from crossdock.processes.decisions import Verb


_BILL: Final = "freight_invoice/"


def _verb(verb: Verb, what_it_does: str) -> click.Command:
    @click.command(verb, help=what_it_does)
    @WHAT
    @AS
    @DESK
    @click.option("--note", required=True, help="Why.")
    @click.option("--total", metavar="AMOUNT", help="Of a bill sent with several totals: the one that is meant.")
    @click.option("--execute", is_flag=True, help="Of a CODE: do it; without this, only say what would be told.")
    @looking
    def decide(  # one option each
        out: Output,
        where: Opened,
        what: str,
        *,
        who: str,
        desk: str | None,
        note: str,
        total: str | None,
        execute: bool,
    ) -> None:
        from crossdock.app.deciding import Wish

        _decide(out, where, what, desk, Wish(verb, who, note, total, execute=execute or "/" in what))

    return decide


@click.command("assign")
@click.argument("move", metavar="SCAC/NUMBER")
@click.argument("shipment_no", metavar="SHIPMENT")
@AS
@click.option("--note", required=True, help="How you know.")
@looking
def _assign(out: Output, where: Opened, move: str, shipment_no: str, *, who: str, note: str) -> None:
    """Say which shipment a carrier's own number stands for: what the carrier said of it counts for the shipment."""
    from crossdock.app import assigning, handling

    try:
        assigned = assigning.assign(where, move, shipment_no, who=who, note=note)
    except handling.NotDone as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document(assigned)
    else:
        out.text(f"{assigned.move} carries {assigned.shipment}, act {assigned.trail}.", style="green")


DECISIONS: Final = (
    _assign,
    _verb("approve", "Pay a freight bill as it is billed: the case posts it, and the item closes by itself."),
    _verb("dispute", "Ask the carrier to correct a freight bill; nothing of it is paid until then."),
    _verb("reject", "Pay nothing for a freight bill; another bill for the same move counts as the first."),
    _verb("accept", "Leave a deed that cannot be undone as it is."),
    _verb("retry", "Ask a system once more to do what it refused for good."),
)


def _decide(out: Output, where: Opened, what: str, desk: str | None, wish: Wish) -> None:
    from crossdock.app import deciding, handling
    from crossdock.store.work import Wanted

    name = what.strip()
    try:
        if "/" in name:
            rows = handling.named(where.connection, where.tenant, [name])
        else:
            rows = handling.grouped(where.connection, where.tenant, "resolve", Wanted(name.upper(), desk))
        bills = [name.removeprefix(_BILL)] if name.startswith(_BILL) and not rows else []
        decided = deciding.decide(where.connection, where.tenant, wish, rows, bills=bills)
    except handling.NotDone as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document(decided)
    elif not rows and not bills:
        advise(f"Nothing called {name!r} waits for a decision. `crossdock queue list` names codes and items.")
    else:
        _tell_decided(out, decided, wish, is_seen=bool(rows))
    if not decided.done:
        raise Finish(FINDINGS)
    if decided.refused:
        raise Finish(PARTLY)


def _tell_decided(out: Output, decided: Decided, wish: Wish, *, is_seen: bool) -> None:
    for one in decided.done:
        seen = (
            ""
            if not wish.execute or not is_seen
            else "  item closed"
            if one.closed
            else "  not settled yet: is a worker running?"
        )
        out.text(f"{one.item}  {one.says}{seen}")
    for refusal in decided.refused:
        advise(f"not {refusal.item}: {refusal.why}")
    if not wish.execute:
        advise(f"This was a dry run of {several(len(decided.done), 'decision')}: add --execute to take them.")
    elif decided.trail:
        advise(f"{wish.verb}: {several(len(decided.done), 'item')}, act {decided.trail}.")
