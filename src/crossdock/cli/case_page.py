"""A case on paper: where it stands, what is open, what is known, what was asked and posted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from crossdock.app.lookup import CaseDetail, CommandLine, EntryLine, FactLine, ItemLine, Node
from crossdock.app.time_travel import Then
from crossdock.cli.output import Output, at, money, several, utc
from crossdock.ledger import accounts

_OPEN_STATES = frozenset({"wanted", "sent", "unknown"})


def print_case(out: Output, case: CaseDetail) -> None:
    """Everything about a case, what needs somebody first."""
    out.text(f"{case.id}  {case.status}", style="bold")
    out.pairs([
        *_view(case),
        ("also known as", ", ".join(case.known_as)),
        ("changed", utc(case.changed)),
        ("next look", utc(case.deadline)),
        ("rules", f"version {case.rules}"),
    ])  # fmt: skip
    if case.parked:
        out.text(f"  PARKED: its rules failed; `crossdock explain {case.id}` shows the trace", style="bold red")
    print_items(out, case.items)
    print_relations(out, case)
    print_facts(out, case.facts)
    print_commands(out, "Asked of other systems (UTC)", case.commands)
    _entries(out, case.entries)


def print_then(out: Output, then: Then) -> None:
    """A case as it was known at an earlier moment."""
    out.text(f"{then.id}  {then.status}  as known on {utc(then.at)}, with messages up to {then.last_message}",
             style="bold")  # fmt: skip
    if not then.facts:
        out.text("Nothing was known of it yet.")
        return
    out.heading("Facts known then (UTC)")
    out.table(("occurred", "fact", "", "message"),
              ((at(fact.occurred), fact.key, "withdrawn" if fact.withdrawn else "", fact.message)
               for fact in then.facts), below=("message",))  # fmt: skip
    if then.items:
        out.heading("Held then")
        out.table(("code", "subject", "what"), ((one.code, one.subject, one.title) for one in then.items),
                  below=("what",))  # fmt: skip
    if then.wanted:
        out.heading("Wanted then, given those facts")
        out.table(("command", "system", "slot"), ((one.kind, one.target, one.slot) for one in then.wanted))
    if then.asked:
        out.heading("Asked by then (UTC)")
        out.table(("asked", "action", "command", "system", "slot"),
                  ((at(one.asked), one.action, one.kind, one.target, one.slot) for one in then.asked))  # fmt: skip
    for title, booked in (("Should have stood in the ledger", then.postings), ("Posted by then", then.posted)):
        if booked:
            out.heading(title)
            out.table(("amount", "to (debit)", "from (credit)"),
                      ((amount_text(one.debit, one.item, one.amount), one.debit, one.credit) for one in booked),
                      right=("amount",))  # fmt: skip


def _view(case: CaseDetail) -> Iterator[tuple[str, object]]:
    """What the case shows of itself; amounts with their currency."""
    if case.view is None:
        return
    view: dict[str, Any] = msgspec.json.decode(case.view)
    currency = view.pop("currency", "")
    view.pop("status", None)
    for name, value in view.items():
        label = name.removesuffix("_minor").replace("_", " ")
        yield label, money(value, currency) if name.endswith("_minor") else value


def print_items(out: Output, items: Sequence[ItemLine]) -> None:
    """Open items with the one thing to do; findings and what is closed below, a line each."""
    waiting = [item for item in items if item.closed is None and not item.finding]
    if waiting:
        out.heading("Open")
        for item in waiting:
            stake = f"  {money(item.at_stake_minor, item.currency)} at stake" if item.at_stake_minor else ""
            out.text(f"  {item.code}  {item.subject}  ({item.desk}, since {utc(item.opened)}){stake}", style="yellow")
            out.text(f"      {item.title}")
            if item.action:
                out.text(f"      -> {item.action}")
    others = [item for item in items if item not in waiting]
    if others:
        out.heading("Noted, and closed")
        rows = [
            (item.code, item.subject, item.title, f"closed {utc(item.closed)}" if item.closed else "finding")
            for item in others
        ]
        out.table(("code", "subject", "what", ""), rows, below=("what", ""))


def print_relations(out: Output, case: CaseDetail) -> None:
    """What says something to what: an order, its shipments, their freight invoices."""
    if any(node.below for node in case.relations):
        out.heading("Belongs together")
        for node in case.relations:
            _tree(out, node)


def _tree(out: Output, node: Node, before: str = "  ", branch: str = "") -> None:
    here = "  <- this one" if node.this else ""
    out.text(f"{before}{branch}{node.id}  {node.status}{here}", style="bold" if node.this else None)
    inner = before + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
    for place, below in enumerate(node.below, 1):
        _tree(out, below, inner, "├─ " if place < len(node.below) or node.more else "└─ ")
    if node.more:
        out.text(f"{inner}└─ and {node.more} more")


def print_facts(out: Output, facts: Sequence[FactLine]) -> None:
    """The timeline, in business order."""
    if not facts:
        return
    out.heading("Facts, in the order in which they happened (UTC)")
    rows = [
        (
            at(fact.occurred),
            at(fact.received),
            fact.source,
            fact.event + (" (withdrawn)" if fact.retracted else ""),
            fact.key,
            f"{fact.message}:{fact.row}" if fact.row else fact.message,
            " ".join([
                f"told {fact.copies + 1} times" if fact.copies else "",
                f"revision {fact.revision}" if fact.revision else "",
            ]).strip(),
        )
        for fact in facts
    ]  # fmt: skip
    columns = ("occurred", "received", "source", "event", "key", "message", "")
    out.table(columns, rows, below=("received", "source", "message", ""))


def print_commands(out: Output, title: str, commands: Sequence[CommandLine]) -> None:
    """Commands, what they wait for last."""
    if not commands:
        return
    out.heading(title)
    rows = [
        (
            at(one.changed),
            one.target,
            one.kind if one.action == "do" else f"{one.action} {one.kind}",
            one.slot,
            one.state + (f" (generation {one.generation})" if one.generation > 1 else ""),
            one.message,
        )
        for one in commands
    ]
    out.table(("changed", "system", "command", "slot", "state", "because of"), rows, below=("slot", "because of"))


def is_waiting(command: CommandLine) -> bool:
    """Was it asked, and not answered yet?"""
    return command.state in _OPEN_STATES


def amount_text(account: str, item: str, amount: int) -> str:
    """Money with its currency, or units of an item: the account says which."""
    return money(amount, item) if is_money(account) else f"{amount} {item}"


def is_money(account: str) -> bool:
    """Does the account hold money? The others hold units of an item."""
    return accounts.holds_money(account)


def _entries(out: Output, entries: Sequence[EntryLine]) -> None:
    if not entries:
        return
    out.heading(f"Posted: {several(len(entries), 'ledger entry', 'ledger entries')} (UTC)")
    rows = [
        (at(one.posted), amount_text(one.debit, one.item, one.amount), one.debit, one.credit, one.message)
        for one in entries
    ]
    columns = ("posted", "amount", "to (debit)", "from (credit)", "because of")
    out.table(columns, rows, right=("amount",), below=("because of",))
