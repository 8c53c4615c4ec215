"""`crossdock queue`: the work items that wait for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, ago, looking, money, several, utc

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


@click.group()
def queue() -> None:
    """What waits for somebody, grouped by cause."""


@queue.command("list")
@click.option("--code", help="Only items of this code, such as FREIGHT_VARIANCE; lists them.")
@click.option("--desk", help="Only items of this desk, such as 'freight audit'; lists them.")
@click.option("--all-findings", is_flag=True, help="Also what was only noted, and waits for nobody.")
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def list_(out: Output, at: Opened, *, code: str | None, desk: str | None, all_findings: bool, limit: int) -> None:
    """Open items by code: how many, the money at stake, since when."""
    from crossdock.app.lookup import item_line
    from crossdock.clock import SystemClock
    from crossdock.store import waiting

    code = code.upper() if code else None
    asked = (at.connection, at.tenant)
    groups = waiting.item_groups(*asked, code=code, desk=desk, findings=all_findings)
    items = []
    if code or desk or out.as_json:
        rows = waiting.open_items(*asked, code=code, desk=desk, findings=all_findings, limit=limit)
        items = [item_line(row) for row in rows]
    if out.as_json:
        out.document({"groups": [group._asdict() for group in groups], "items": items})
        return
    if not groups:
        out.text("Nothing waits for anybody." if not (code or desk) else "Nothing of that waits.")
        return
    now = SystemClock().now()
    out.table(
        ("count", "code", "desk", "at stake", "oldest", ""),
        (
            (f"{group.items:,}", group.code, group.desk, _stake(group.at_stake_minor, group.currency),
             ago(group.oldest, now), "finding" if group.finding else "")
            for group in groups
        ),
        right=("count", "at stake", "oldest"),
        indent=0,
    )  # fmt: skip
    total = sum(group.items for group in groups)
    if items:
        out.text()
        out.table(
            ("item", "subject", "what", "at stake"),
            ((item.id, item.subject, item.title, _stake(item.at_stake_minor, item.currency)) for item in items),
            right=("at stake",),
            below=("what",),
            indent=0,
        )
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
    from crossdock.app.lookup import item_line
    from crossdock.store import waiting

    parts = name.split("/")
    places = [("/".join(parts[:cut]), "/".join(parts[cut:])) for cut in range(1, len(parts))]
    row = waiting.item_at(at.connection, at.tenant, places) if places else None
    if row is None:
        return False
    line = item_line(row)
    if out.as_json:
        out.document(line)
        return True
    meaning = codes.meaning(line.code)
    state = f"closed {utc(line.closed)}" if line.closed else "a finding: waits for nobody" if line.finding else "open"
    out.text(f"{line.code} {line.subject}  {state}", style="bold")
    out.pairs(
        [
            ("what", line.title),
            ("do", line.action),
            ("desk", line.desk),
            ("at stake", _stake(line.at_stake_minor, line.currency)),
            ("since", utc(line.opened)),
            ("case", f"{line.case}  (crossdock explain {line.case})"),
            ("because of", f"message {line.message}"),
            ("means", meaning.means if meaning else None),
        ]
    )
    return True
