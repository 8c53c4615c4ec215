"""A message and its dead letters on paper."""

from __future__ import annotations

from crossdock.app.message_lookup import LetterLine, MessageDetail
from crossdock.cli.output import Output, at, money, several, size, utc
from crossdock.ledger.accounts import holds_money

_SHOWN_MAX = 20


def print_message(out: Output, message: MessageDetail) -> None:
    """Where it came from, what it said, what was refused, and how it begins."""
    out.text(f"message {message.message}  {message.state}", style="bold")
    again = sum(repeat.copies for repeat in message.repeats if repeat.conflict is None)
    out.pairs([
        ("from", message.source or "a source that is not configured any more"),
        ("received", utc(message.received)),
            ("settled", utc(message.settled)),
        ("content", f"{message.content_type}, {size(message.size_bytes)}"),
        ("file", message.name),
        ("first row", message.first_row or None),
        ("received again", f"{several(again, 'time')}, byte for byte" if again else None),
    ])  # fmt: skip
    for repeat in message.repeats:
        if repeat.conflict is not None:
            out.text(f"  CONFLICT: {repeat.conflict} has the same identity and other content", style="yellow")
    for one in message.corrections:
        which = f"corrects {one.original}" if one.message == message.message else f"is corrected by {one.message}"
        out.text(f"  It {which}, says {one.who}: {one.why} (act {one.act}; `crossdock dead diff`)", style="yellow")
    if message.state == "waiting":
        out.text("  It waits to be settled; `crossdock doctor` says whether a worker runs", style="yellow")
    if message.events:
        out.heading(f"Said {several(message.events_count, 'event')} (UTC)")
        rows = [
            (one.row, at(one.occurred), one.event, one.key, one.case, one.mapping, "told before" if one.copy else "")
            for one in message.events[:_SHOWN_MAX]
        ]
        out.table(
            ("row", "occurred", "event", "key", "case", "mapping", ""), rows, right=("row",), below=("mapping", "")
        )
        _more(out, len(message.events))
    if message.commands or message.entries:
        out.heading("Because of it")
        asked = [(f"{one.kind}: {one.action}", f"{one.case}/{one.slot}", one.state) for one in message.commands]
        out.table(("asked of systems", "command", "state"), asked[:_SHOWN_MAX])
        posted = [
            (money(one.amount, one.item) if holds_money(one.debit) else f"{one.amount:,} {one.item}",
             one.debit, one.credit, one.case)
            for one in message.entries
        ]  # fmt: skip
        out.table(("posted", "to (debit)", "from (credit)", "case"), posted[:_SHOWN_MAX], right=("posted",))
        _more(out, max(len(asked), len(posted)))
    if message.dead_letters:
        out.heading(f"Refused {several(len(message.dead_letters), 'part')}")
        for letter in message.dead_letters[:_SHOWN_MAX]:
            settled = f"  [{letter.settlement} {utc(letter.settled)}]" if letter.settled else ""
            out.text(f"  {letter.id}  {letter.rule}  {letter.position}{settled}", style=None if settled else "yellow")
            out.text(f"      {letter.problem}")
        _more(out, len(message.dead_letters))
    out.heading("Begins")
    for line in message.excerpt.splitlines():
        out.text(f"  {line}")
    out.text(f"  (all of it: crossdock show --raw {message.message})", style="dim")


def print_letter(out: Output, letter: LetterLine) -> None:
    """One dead letter: what is wrong, where, by which rule."""
    state = f"{letter.settlement} {utc(letter.settled)}" if letter.settled else "waits"
    out.text(f"dead letter {letter.id}  {state}", style="bold")
    out.pairs([
        ("problem", letter.problem),
        ("where", letter.position),
        ("what stood there", letter.value),
        ("rule", f"{letter.rule}  (crossdock explain {letter.rule})"),
        ("from", letter.source),
        ("mapping", letter.mapping or "none"),
        ("since", utc(letter.since)),
        ("message", letter.message),
    ])  # fmt: skip


def _more(out: Output, count: int) -> None:
    if count > _SHOWN_MAX:
        out.text(f"  and {count - _SHOWN_MAX} more (--json shows them)", style="dim")
