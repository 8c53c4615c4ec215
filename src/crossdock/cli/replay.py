"""`crossdock replay`: stored messages read again, first to see what would follow, then in earnest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from functools import wraps
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from crossdock.cli.output import (
    FINDINGS,
    PARTLY,
    Command,
    Finish,
    Output,
    advise,
    cut,
    looking,
    money,
    progress,
    several,
)

if TYPE_CHECKING:
    from datetime import datetime

    from crossdock.app.opening import Opened
    from crossdock.app.replay import Replayed
    from crossdock.app.replay_effects import Effects
    from crossdock.engine.configuration import Configuration, Reader
    from crossdock.store.waiting import Which

_MOMENTS: Final = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_LISTED: Final = 5


class How(NamedTuple):
    """How messages are read again: in earnest or not, by whom, by which version, how many, and how fast."""

    execute: bool
    who: str | None
    mapping: str | None
    first: int | None
    per_second: int


def how_to_replay(command: Command) -> Command:
    """Give a command the options of a replay, as `how`."""

    @click.option(
        "--mapping", metavar="NAME@VERSION", help="Read by this version of a mapping, not by the one in force."
    )
    @click.option("--first", type=click.IntRange(1), help="Only so many messages, those that came first.")
    @click.option(
        "--per-second",
        type=click.IntRange(1, 10_000),
        default=200,
        show_default=True,
        help="Put back at most so many messages a second, so that today's are not crowded out.",
    )
    @click.option("--execute", is_flag=True, help="Do it; without this, only say what would happen.")
    @click.option("--as", "who", metavar="NAME", help="Who does it. [default: you, as this machine knows you]")
    @wraps(command)
    def run(  # one option each
        *arguments: object,
        mapping: str | None,
        first: int | None,
        per_second: int,
        execute: bool,
        who: str | None,
        **named: object,
    ) -> None:
        command(*arguments, how=How(execute, who, mapping, first, per_second), **named)

    return run


@click.command()
@click.argument("messages", metavar="[MESSAGE]...", nargs=-1)
@click.option("--source", help="Only messages of this sender.")
@click.option("--content-type", help="Only messages of this content type, as they were sent.")
@click.option("--since", type=click.DateTime(_MOMENTS), help="Received at this moment (UTC) or later.")
@click.option("--until", type=click.DateTime(_MOMENTS), help="Received before this moment (UTC).")
@click.option("--dead", is_flag=True, help="Only messages of which a dead letter waits.")
@click.option("--rule", help="Only messages with dead letters of this rule.")
@how_to_replay
@looking
def replay(  # noqa: PLR0913  # one option each
    out: Output,
    at: Opened,
    *,
    messages: tuple[str, ...],
    source: str | None,
    content_type: str | None,
    since: datetime | None,
    until: datetime | None,
    dead: bool,
    rule: str | None,
    how: How,
) -> None:
    """Read messages again by today's mappings, and show what would follow: a dry run until --execute.

    Messages are named, or chosen by sender, type and time of receipt. What was read of them before is known and has no
    effect again; only what is read anew counts: the cases it touches, what would be asked of other systems, posted,
    opened and closed.
    """
    from crossdock.store.waiting import Which

    if not (messages or source or content_type or since or until or dead or rule):
        raise click.UsageError("say which messages: name them, or choose by --source, --since, --until, --dead, --rule")
    which = Which(
        arrivals=numbers_of(messages) if messages else None,
        source=source,
        content_type=content_type,
        since=since.replace(tzinfo=UTC) if since else None,
        until=until.replace(tzinfo=UTC) if until else None,
        dead=dead,
        rule=rule,
        first=how.first,
    )
    run(out, at, which, how)


def numbers_of(messages: Iterable[str]) -> Sequence[int]:
    """Arrival numbers of messages as people write them. Raises `click.UsageError`."""
    from crossdock.app.message_lookup import parse_letter

    found = []
    for name in messages:
        place = parse_letter(name.strip())
        if place is None:
            raise click.UsageError(f"{name!r} is no message; one is written 2026-11-23/5021/17")
        found.append(place[0])
    return found


def _version(loaded: Configuration, said: str) -> Reader:
    from crossdock.mapping.overlay import named_in

    name = named_in(said)
    found = loaded.versions.named(name) if name else None
    if found is None:
        raise click.UsageError(f"--mapping: there is no {said}; one is written carrier-status@3")
    return found


def run(out: Output, at: Opened, which: Which, how: How) -> None:
    """Replay, and say what happened or would happen."""
    from crossdock.app import replay as replaying
    from crossdock.app.proposals import me
    from crossdock.engine import configuration

    loaded = configuration.load(at.connection, at.tenant)
    by = (how.who or me()) if how.execute else None
    version = _version(loaded, how.mapping) if how.mapping else None
    try:
        with progress("reading again") as bar:
            report = replaying.replay(
                at.connection, at.tenant, loaded, which, execute=by, version=version, per_second=how.per_second,
                progress=lambda done: bar(done, 0),
            )  # fmt: skip
    except LookupError as unknown:
        raise click.UsageError(str(unknown)) from unknown
    is_of_letters = which.is_of_letters
    if out.as_json:
        out.document(report)
    else:
        _print(out, report, is_of_letters=is_of_letters)
    if report.refused or (is_of_letters and report.messages > report.put_back):
        raise Finish(PARTLY if how.execute and report.put_back else FINDINGS)


def _print(out: Output, report: Replayed, *, is_of_letters: bool) -> None:
    if not report.messages:
        out.text("No dead letter of that waits." if is_of_letters else "There is no such message.")
        return
    done, would = ("", "was put back") if report.executed else ("would be ", "would be put back")
    out.text(f"{several(report.messages, 'message')} {'with dead letters' if is_of_letters else 'chosen'}")
    out.pairs([
        (would, several(report.put_back, "message")),
        (f"{done}read now" if report.executed else "would be read", several(report.readable, "dead letter")),
        ("new events", report.events or None),
        ("still refused", _counted(report.refused)),
        ("not kept any more", several(report.lost, "message") if report.lost else None),
    ])  # fmt: skip
    print_effects(out, report.effects)
    if report.samples:
        out.heading("Still refused, for instance")
        out.table(
            ("dead letter", "rule", "where", "problem"),
            ((one.id, one.rule, one.position, cut(one.problem)) for one in report.samples),
            below=("problem",),
        )
    if report.executed and report.put_back:
        advise(f"A worker settles them now (act {report.trail}); `crossdock dead list` shows what fails again.")
    elif report.put_back:
        advise("This was a dry run: add --execute to do it.")
    elif is_of_letters:
        advise("Nothing would change: correct the mapping (or have it sent again), then replay.")
    else:
        advise("Nothing would change: all that can be read of them is known, and has no effect again.")


def print_effects(out: Output, effects: Effects) -> None:
    """What follows, or would follow, from what is read."""
    if not (effects.cases or effects.references):
        return
    named = ", ".join(effects.listed[:_LISTED])
    more = effects.cases - min(len(effects.listed), _LISTED)
    out.heading("What follows from it")
    out.pairs([
        ("cases change", f"{effects.cases:,}: {named}" + (f" and {more:,} more" if more else "")),
        ("asked of systems", _counted(effects.commands)),
        ("items opened", _counted(effects.opened)),
        ("items closed", f"{effects.closed:,}" if effects.closed else None),
        ("reference data", several(effects.references, "record") if effects.references else None),
        ("not looked at", several(effects.beyond, "fact") if effects.beyond else None),
    ])  # fmt: skip
    if effects.posted:
        out.table(
            ("posted", "to (debit)", "from (credit)"),
            (
                (f"{one.amount:,} units" if one.item == "units" else money(one.amount, one.item), one.debit, one.credit)
                for one in effects.posted
            ),
            right=("posted",),
        )


def _counted(counts: dict[str, int]) -> str | None:
    """The most frequent first."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda one: -one[1])) or None
