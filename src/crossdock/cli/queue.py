"""`crossdock queue`: the work items that wait for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, ago, looking, money, several, utc

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


class _Queue(click.Group):
    """Its commands stand in three modules: looking here, acting in `queue_acts`, deciding in `queue_decisions`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._complete()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        self._complete()
        return super().get_command(ctx, cmd_name)

    def _complete(self) -> None:
        from crossdock.cli.queue_acts import ACTS
        from crossdock.cli.queue_decisions import DECISIONS

        for command in (*ACTS, *DECISIONS):
            self.add_command(command)


@click.group(cls=_Queue)
def queue() -> None:
    """What waits for somebody, grouped by cause; and what people do about it."""


@queue.command("list")
@click.option("--code", help="Only items of this code, such as FREIGHT_VARIANCE; lists them.")
@click.option("--desk", help="Only items of this desk, such as 'freight audit'; lists them.")
@click.option("--claimed", metavar="NAME", help="Only items that NAME holds; 'nobody': those not claimed; lists them.")
@click.option("--resolved", is_flag=True, help="Instead those that a person decided about, while they say the same.")
@click.option("--all-findings", is_flag=True, help="Also what was only noted, and waits for nobody.")
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def list_(  # one option each
    out: Output,
    at: Opened,
    *,
    code: str | None,
    desk: str | None,
    claimed: str | None,
    resolved: bool,
    all_findings: bool,
    limit: int,
) -> None:
    """Open items by code: how many, the money at stake, since when."""
    from crossdock.app.lookup import item_line
    from crossdock.clock import SystemClock
    from crossdock.store import work

    wanted = work.Wanted(code.upper() if code else None, desk, claimed, all_findings, resolved)
    groups = work.groups(at.connection, at.tenant, wanted)
    items = []
    is_narrowed = bool(code or desk or claimed or resolved)
    if is_narrowed or out.as_json:
        items = [item_line(row) for row in work.items(at.connection, at.tenant, wanted, limit=limit)]
    if out.as_json:
        out.document({"groups": [group._asdict() for group in groups], "items": items})
        return
    if not groups:
        out.text("Nothing of that waits." if is_narrowed else "Nothing waits for anybody.")
        return
    now = SystemClock().now()
    out.table(
        ("count", "code", "desk", "claimed", "at stake", "oldest", ""),
        (
            (f"{group.items:,}", group.code, group.desk, f"{group.claimed:,}" if group.claimed else "",
             _stake(group.at_stake_minor, group.currency), ago(group.oldest, now),
             "finding" if group.finding else "")
            for group in groups
        ),
        right=("count", "claimed", "at stake", "oldest"),
        indent=0,
    )  # fmt: skip
    total = sum(group.items for group in groups)
    if items:
        out.text()
        out.table(
            ("item", "subject", "what", "at stake", "who"),
            (
                (item.id, item.subject, item.title, _stake(item.at_stake_minor, item.currency),
                 item.resolved_by or item.claimed_by)
                for item in items
            ),
            right=("at stake",),
            below=("what",),
            indent=0,
        )  # fmt: skip
        if total > len(items):
            advise(f"{several(total - len(items), 'more item')}: raise --limit.")
    else:
        advise("--code CODE or --desk DESK lists them; `crossdock explain CODE` says what a code means.")


def _stake(minor: int, currency: str) -> str:
    return money(minor, currency) if minor else ""


@queue.command("show")
@click.argument("item", metavar="ITEM")
@looking
def show(out: Output, at: Opened, item: str) -> None:
    """One item, named by its case and its name: shipment/SH1/short_pick/PK1."""
    if not show_item(out, at, item.strip()):
        advise(f"No item is called {item!r}. `crossdock queue list --code CODE` names them.")
        raise Finish(FINDINGS)


def show_item(out: Output, at: Opened, name: str) -> bool:
    """Show the item of this name; false when there is none."""
    from crossdock.app import codes
    from crossdock.app.handling import named
    from crossdock.app.lookup import item_line
    from crossdock.processes.decisions import offers

    rows = named(at.connection, at.tenant, [name])
    if not rows:
        return False
    line = item_line(rows[0])
    if out.as_json:
        out.document(line)
        return True
    meaning = codes.meaning(line.code)
    state = f"closed {utc(line.closed)}" if line.closed else "a finding: waits for nobody" if line.finding else "open"
    out.text(f"{line.code} {line.subject}  {'resolved' if line.resolved_by else state}", style="bold")
    out.pairs(
        [
            ("what", line.title),
            ("do", line.action),
            ("decide", " | ".join(offers(line.code, line.desk)) if not line.closed else None),
            ("desk", line.desk),
            ("claimed by", f"{line.claimed_by}, {utc(line.claimed_at)}" if line.claimed_by else None),
            ("resolved by", f"{line.resolved_by}, {utc(line.resolved_at)}" if line.resolved_by else None),
            ("decision", line.resolution),
            ("at stake", _stake(line.at_stake_minor, line.currency)),
            ("since", utc(line.opened)),
            ("case", f"{line.case}  (crossdock explain {line.case})"),
            ("because of", f"message {line.message}"),
            ("means", meaning.means if meaning else None),
        ]
    )
    return True
