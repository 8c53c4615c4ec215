"""`crossdock dead`: what could not be read or mapped, why, and reading it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, PARTLY, Finish, Output, advise, ago, cut, looking, progress, several

if TYPE_CHECKING:
    from crossdock.app.opening import Opened
    from crossdock.app.replay import Replayed


@click.group()
def dead() -> None:
    """Messages, or parts of them, that could not be read or mapped."""


@dead.command("list")
@click.option("--rule", help="Only dead letters of this rule, such as field.required; lists them.")
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def list_(out: Output, at: Opened, *, rule: str | None, limit: int) -> None:
    """Dead letters that wait, by cause: rule, source and mapping."""
    from crossdock.app.message_lookup import letter_line
    from crossdock.clock import SystemClock
    from crossdock.store import arrival as arrivals
    from crossdock.store import waiting

    groups = waiting.letter_groups(at.connection, at.tenant, rule)
    letters = []
    if rule:
        letters = [letter_line(row) for row in waiting.letters_of_rule(at.connection, at.tenant, rule, limit)]
    if out.as_json:
        shown = [
            {
                "rule": group.rule, "source": group.source, "mapping": group.mapping, "count": group.letters,
                "messages": group.messages, "oldest": group.oldest,
                "sample": {"id": f"{arrivals.text(group.arrival)}:{group.row}", "problem": group.problem},
            }
            for group in groups
        ]  # fmt: skip
        out.document({"groups": shown, "dead_letters": letters})
        return
    if not groups:
        out.text("No dead letter waits." if not rule else f"No dead letter of {rule} waits.")
        return
    now = SystemClock().now()
    out.table(
        ("count", "rule", "source", "mapping", "oldest", "for instance", "problem"),
        (
            (f"{group.letters:,}", group.rule, group.source, group.mapping or "none", ago(group.oldest, now),
             f"{arrivals.text(group.arrival)}:{group.row}", cut(group.problem))
            for group in groups
        ),
        right=("count", "oldest"),
        below=("mapping", "for instance", "problem"),
        indent=0,
    )  # fmt: skip
    if letters:
        out.text()
        rows = [(one.id, one.source, one.position, cut(one.value, 40), cut(one.problem)) for one in letters]
        columns = ("dead letter", "source", "where", "what stood there", "problem")
        out.table(columns, rows, indent=0, below=columns[3:])
        total = sum(group.letters for group in groups)
        if total > len(letters):
            advise(f"{several(total - len(letters), 'more dead letter')}: raise --limit.")
    advise("`crossdock dead show ID` shows one in its surroundings; `crossdock dead replay` reads them again.")


@dead.command("show")
@click.argument("id_", metavar="ID")
@looking
def show(out: Output, at: Opened, id_: str) -> None:
    """A dead letter such as 2026-11-23/5021/17:3, where it stands, and what stands around it."""
    from crossdock.app import surroundings
    from crossdock.app.message_lookup import letter_line, parse_letter
    from crossdock.cli.message_page import print_letter
    from crossdock.store import messages

    place = parse_letter(id_.strip())
    found = messages.letters(at.connection, at.tenant, place[0], 10_000) if place else []
    letters = [letter for letter in found if place is None or place[1] in (None, letter.row)]
    if place is None or not letters:
        advise(f"No dead letter is called {id_!r}: `crossdock dead list` names them.")
        raise Finish(FINDINGS)
    body = next(iter(messages.bodies(at.connection, at.tenant, [place[0]])), None)
    shown = []
    for letter in letters:
        lines = []
        if body is not None:
            lines = surroundings.around(body.body, letter.position, header=body.header or b"", first_row=body.first_row)
        shown.append((letter_line(letter), lines))
    if out.as_json:
        out.document([{"dead_letter": letter, "around": lines} for letter, lines in shown])
        return
    for number, (line, lines) in enumerate(shown):
        if number:
            out.text()
        print_letter(out, line)
        if not lines:
            out.text("  The message itself is not kept any more.", style="yellow")
            continue
        out.heading("There it stands" if any(near.here for near in lines) else "The message begins")
        out.table((), ((">" if near.here else "", near.place, near.text) for near in lines))


@dead.command("replay")
@click.option("--rule", help="Only dead letters of this rule.")
@click.option("--arrival", metavar="MESSAGE", help="Only those of one message, such as 2026-11-23/5021/17.")
@click.option("--execute", is_flag=True, help="Do it; without this, only say what would happen.")
@looking
def replay(out: Output, at: Opened, *, rule: str | None, arrival: str | None, execute: bool) -> None:
    """Read messages of dead letters again by today's mappings: a dry run until --execute.

    What can be read now is settled by a worker; what fails again stays a dead letter; what was read before is known
    and changes nothing.
    """
    from crossdock.app import replay as replaying
    from crossdock.app.message_lookup import parse_letter
    from crossdock.engine import configuration

    place = parse_letter(arrival.strip()) if arrival else None
    if arrival and place is None:
        raise click.UsageError(f"{arrival!r} is no message; one is written 2026-11-23/5021/17")
    loaded = configuration.load(at.connection, at.tenant)
    with progress("reading again") as bar:
        report = replaying.replay(
            at.connection, at.tenant, loaded,
            rule=rule, arrival=place[0] if place else None, execute=execute,
            progress=lambda done: bar(done, 0),
        )  # fmt: skip
    if out.as_json:
        out.document(report)
    else:
        _print(out, report)
    left = report.messages - report.put_back
    if left or report.refused:
        raise Finish(PARTLY if execute and report.put_back else FINDINGS)


def _print(out: Output, report: Replayed) -> None:
    if not report.messages:
        out.text("No dead letter of that waits.")
        return
    done, would = ("", "was put back") if report.executed else ("would be ", "would be put back")
    out.text(f"{several(report.messages, 'message')} with dead letters")
    out.pairs([
        (would, several(report.put_back, "message")),
        (f"{done}read now" if report.executed else "would be read", several(report.readable, "dead letter")),
        ("new events", report.events or None),
        ("still refused", _by_rule(report)),
        ("not kept any more", several(report.lost, "message") if report.lost else None),
    ])  # fmt: skip
    if report.samples:
        out.heading("Still refused, for instance")
        out.table(
            ("dead letter", "rule", "where", "problem"),
            ((one.id, one.rule, one.position, cut(one.problem)) for one in report.samples),
            below=("problem",),
        )
    if report.executed and report.put_back:
        advise("A worker settles them now; `crossdock dead list` shows what fails again.")
    elif report.put_back:
        advise("This was a dry run: add --execute to do it.")
    else:
        advise("Nothing would change: correct the mapping (or have it sent again), then replay.")


def _by_rule(report: Replayed) -> str | None:
    return ", ".join(f"{count} {rule}" for rule, count in report.refused.most_common()) or None
