"""`crossdock dead`: what could not be read or mapped, why, and reading it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crossdock.cli.dead_edit import commands as edit_commands
from crossdock.cli.output import FINDINGS, Finish, Output, advise, ago, cut, looking, several
from crossdock.cli.replay import How, how_to_replay, numbers_of, run

if TYPE_CHECKING:
    from crossdock.app.opening import Opened
    from crossdock.store.dead_letters import LetterGroup


@click.group()
def dead() -> None:
    """Messages, or parts of them, that could not be read or mapped."""


@dead.command("list")
@click.option("--rule", help="Only dead letters of this rule, such as field.required; lists them.")
@click.option("--cause", help="Only dead letters of this cause; lists them.")
@click.option("--limit", type=click.IntRange(0, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def list_(out: Output, at: Opened, *, rule: str | None, cause: str | None, limit: int) -> None:
    """Dead letters that wait, by cause: rule, source, mapping, place, and the code where a code is unknown."""
    from crossdock.app.message_lookup import letter_line
    from crossdock.store import dead_letters

    groups = dead_letters.groups(at.connection, at.tenant, rule=rule, cause=cause)
    letters = []
    if rule or cause:
        found = dead_letters.letters(at.connection, at.tenant, limit, rule=rule, cause=cause)
        letters = [letter_line(row) for row in found]
    if out.as_json:
        out.document({"groups": [_group(one) for one in groups], "dead_letters": letters})
        return
    if not groups:
        out.text("No dead letter of that waits." if rule or cause else "No dead letter waits.")
        return
    _print_groups(out, groups)
    if letters:
        out.text()
        rows = [(one.id, one.source, one.position, cut(one.value, 40), cut(one.problem)) for one in letters]
        columns = ("dead letter", "source", "where", "what stood there", "problem")
        out.table(columns, rows, indent=0, below=columns[3:])
        total = sum(group.letters for group in groups)
        if total > len(letters):
            advise(f"{several(total - len(letters), 'more dead letter')}: raise --limit.")
    advise("`dead show ID` shows one in its surroundings, `dead edit` corrects one, `dead replay` reads them again.")


def _group(group: LetterGroup) -> dict[str, object]:
    from crossdock.store import arrival as arrivals

    return {
        "cause": group.cause, "rule": group.rule, "source": group.source, "mapping": group.mapping,
        "place": group.place, "count": group.letters, "messages": group.messages, "values": group.values,
        "oldest": group.oldest, "newest": group.newest,
        "sample": {"id": f"{arrivals.text(group.arrival)}:{group.row}", "value": group.value, "problem": group.problem},
    }  # fmt: skip


def _print_groups(out: Output, groups: list[LetterGroup]) -> None:
    from crossdock.clock import SystemClock
    from crossdock.store import arrival as arrivals

    now = SystemClock().now()
    out.table(
        ("count", "messages", "rule", "source", "mapping", "where", "what stood there", "since", "cause",
         "for instance", "problem"),
        (
            (f"{group.letters:,}", f"{group.messages:,}", group.rule, group.source, group.mapping or "none",
             group.place, cut(group.value, 40) if group.values == 1 else several(group.values, "value"),
             ago(group.oldest, now), group.cause, f"{arrivals.text(group.arrival)}:{group.row}", cut(group.problem))
            for group in groups
        ),
        right=("count", "messages", "since"),
        below=("mapping", "where", "for instance", "problem"),
        indent=0,
    )  # fmt: skip


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
@click.option("--cause", help="Only dead letters of this cause, as `dead list` names it.")
@click.option("--value", help="Only dead letters in which this stood, such as an unknown SKU.")
@click.option("--arrival", metavar="MESSAGE", help="Only those of one message, such as 2026-11-23/5021/17.")
@how_to_replay
@looking
def replay(  # one option each
    out: Output, at: Opened, *, rule: str | None, cause: str | None, value: str | None, arrival: str | None, how: How
) -> None:
    """Read messages of dead letters again by today's mappings: a dry run until --execute.

    What can be read now is settled by a worker; what fails again stays a dead letter; what was read before is known
    and changes nothing.
    """
    from crossdock.store.waiting import Which

    which = Which(
        arrivals=numbers_of([arrival]) if arrival else None, dead=True, rule=rule, cause=cause, value=value,
        first=how.first,
    )  # fmt: skip
    run(out, at, which, how)


edit_commands(dead)
