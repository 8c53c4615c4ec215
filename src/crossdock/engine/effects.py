"""What follows from asking cases, as rows: items, commands, wake-ups, uses of reference data, ledger entries."""

from __future__ import annotations

from typing import Final

import msgspec
import psycopg

from crossdock.engine.rounds import Touched
from crossdock.ledger.posting import Posting
from crossdock.processes.case import BY_RULE, NOTHING_FOLLOWS
from crossdock.processes.slots import CommandChange
from crossdock.store import effects as store

_JSON: Final = msgspec.json.Encoder(order="deterministic").encode


class Effects:
    """Rows of every table that the cases of a transaction write to, balances excepted."""

    def __init__(self) -> None:
        """Nothing follows yet."""
        self.opened = store.OpenedItems()
        self.closed = store.ClosedItems()
        self.commands = store.Commands()
        self.states = store.CommandStates()
        self.wakes = store.WakeUps()
        self.uses = store.ReferenceUses()
        self.entries = store.Entries()
        self.postings: list[Posting] = []

    def add(self, owner: str, touched: Touched) -> None:
        """What follows from one case. Every row names its watermark (the latest message), rules, policies and cause."""
        asked = touched.asked
        if asked is None or asked.changes is None:
            return
        changes, latest, basis = asked.changes, asked.latest, asked.basis
        if changes is NOTHING_FOLLOWS:
            return
        why = (*basis, None if changes.cause == "facts" else changes.cause)
        held = (*basis, changes.cause if changes.cause in BY_RULE else "rule")
        for name, item in changes.opened.items():
            self.opened.rows.append(
                (
                    owner, name, item.code, item.subject, item.title, item.owner, item.action, item.at_stake_minor,
                    item.currency, item.finding, latest, *why,
                )
            )  # fmt: skip
        self.closed.rows.extend((owner, name) for name in changes.closed)
        for command in changes.commands:
            self._command(owner, command, latest, held if command.slot in changes.held else why)
        if changes.alarm is not None:
            self.wakes.rows.append((owner, changes.alarm))
        self.uses.rows.extend((key, owner) for key in changes.uses)
        for posting in changes.postings:
            self.entries.rows.append(
                (latest, owner, posting.debit, posting.credit, posting.item, posting.amount, *basis)
            )
        self.postings.extend(changes.postings)

    def _command(self, owner: str, change: CommandChange, latest: int, why: tuple[int, int, str | None]) -> None:
        if change.command is None or not (change.is_new or change.state == "wanted"):
            self.states.rows.append((owner, change.slot, change.generation, change.state))
            return
        command = change.command
        content = _JSON(command.content).decode()
        self.commands.rows.append(
            (
                owner, change.slot, change.generation, command.kind, command.target, change.action, change.state,
                content, latest, *why,
            )
        )  # fmt: skip

    def write(self, connection: psycopg.Connection, tenant: int) -> None:
        """One statement a table."""
        self.wakes.rows.sort()
        self.uses.rows.sort()
        for rows in (self.opened, self.closed, self.commands, self.states, self.wakes, self.uses, self.entries):
            rows.write(connection, tenant)
