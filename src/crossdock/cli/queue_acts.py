"""`crossdock queue claim|release|resolve|reopen|trail`: what people do about work items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from crossdock.cli.output import FINDINGS, PARTLY, Finish, Output, advise, at, looking, several

if TYPE_CHECKING:
    from crossdock.app.handling import Deed
    from crossdock.app.opening import Opened

WHAT: Final = click.argument("what", metavar="ITEM|CODE")
AS: Final = click.option("--as", "who", metavar="NAME", required=True, help="Who does it.")
DESK: Final = click.option("--desk", help="Of a CODE: only the items of this desk.")
_NOTE: Final = click.option("--note", default="", help="Why.")


@click.command("claim")
@WHAT
@AS
@DESK
@_NOTE
@looking
def claim(out: Output, where: Opened, what: str, *, who: str, desk: str | None, note: str) -> None:
    """Say that you look after an item, or after all open items of a code that nobody holds."""
    _act(out, where, "claim", what, who=who, desk=desk, note=note)


@click.command("release")
@WHAT
@AS
@DESK
@_NOTE
@looking
def release(out: Output, where: Opened, what: str, *, who: str, desk: str | None, note: str) -> None:
    """Give an item back; of a code, those that you hold."""
    _act(out, where, "release", what, who=who, desk=desk, note=note)


@click.command("resolve")
@WHAT
@AS
@DESK
@click.option("--note", required=True, help="What was decided, and why.")
@looking
def resolve(out: Output, where: Opened, what: str, *, who: str, desk: str | None, note: str) -> None:
    """Record a decision about an item, or about all open items of a code.

    An item is a condition: it closes by itself when the condition goes. A note hides it until it says something else,
    and never changes the books. What changes them is to approve, dispute, reject, accept or retry.
    """
    _act(out, where, "resolve", what, who=who, desk=desk, note=note)


@click.command("reopen")
@WHAT
@AS
@DESK
@_NOTE
@looking
def reopen(out: Output, where: Opened, what: str, *, who: str, desk: str | None, note: str) -> None:
    """Take a decision back: the item waits again."""
    _act(out, where, "reopen", what, who=who, desk=desk, note=note)


@click.command("trail")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def trail_(out: Output, where: Opened, *, limit: int) -> None:
    """What people did, the latest first; checks that nothing of it was changed (exit code 1 if it was)."""
    from crossdock.store import trail

    broken = trail.broken_at(where.connection, where.tenant)
    acts = trail.latest(where.connection, where.tenant, limit)
    if out.as_json:
        import msgspec

        told = [act._asdict() | {"detail": msgspec.Raw(act.detail.encode())} for act in acts]
        out.document({"broken_at": broken, "acts": told})
    else:
        rows = [(act.seq, at(act.at), act.who, act.what, act.subject, act.note) for act in acts]
        out.table(("act", "at (UTC)", "who", "what", "about", "note"), rows, right=("act",), below=("note",), indent=0)
        advise(
            f"NOT WHOLE: act {broken} was changed, or one before it is gone."
            if broken
            else "The chain of acts is whole."
        )
    if broken is not None:
        raise Finish(FINDINGS)


ACTS: Final = (claim, release, resolve, reopen, trail_)


def _act(out: Output, where: Opened, deed: Deed, what: str, *, who: str, desk: str | None, note: str) -> None:
    from crossdock.app import handling
    from crossdock.store.work import Wanted

    name = what.strip()
    try:
        if "/" in name:
            rows = handling.named(where.connection, where.tenant, [name])
        else:
            mine = {"claim": "nobody", "release": who}.get(deed)
            rows = handling.grouped(where.connection, where.tenant, deed, Wanted(name.upper(), desk, mine))
        done = handling.act(where.connection, where.tenant, deed, rows, who=who, note=note)
    except handling.NotDone as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document(done)
    elif not rows:
        advise(f"Nothing called {name!r} can be done this with. `crossdock queue list` names codes and items.")
    else:
        for item in done.done:
            out.text(item)
        for refusal in done.refused:
            advise(f"not {refusal.item}: {refusal.why}")
        advise(f"{deed}: {several(len(done.done), 'item')}" + (f", act {done.trail}." if done.trail else "."))
    if not done.done:
        raise Finish(FINDINGS)
    if done.refused:
        raise Finish(PARTLY)
