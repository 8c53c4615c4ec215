"""`crossdock exchange`: the places where partners leave files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, ago, at, looking, size

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


@click.group()
def exchange() -> None:
    """The places where partners leave files; deliverers pick them up."""


@exchange.command("list")
@looking
def list_(out: Output, where: Opened) -> None:
    """Every place: what was taken, what could not be, and what is the matter. Exit code 1 when one is not well."""
    from crossdock.app.exchange_report import reports
    from crossdock.clock import SystemClock

    found = reports(where.connection, where.tenant, os.environ)
    if out.as_json:
        out.document(found)
    elif not found:
        advise("No exchange is configured: add exchanges.yaml to the folder, then `crossdock config apply`.")
    else:
        now = SystemClock().now()
        out.table(
            ("exchange", "source", "place", "files", "bytes", "refused", "looked", "problem"),
            ((one.name, one.source, one.path or "nowhere", f"{one.files:,}", size(one.bytes), one.refused,
              ago(one.looked_at, now) if one.looked_at else "never", one.problem)
             for one in found),
            right=("files", "bytes", "refused", "looked"),
            below=("problem",),
            indent=0,
        )  # fmt: skip
    if any(one.problem or one.refused for one in found):
        raise Finish(FINDINGS)


@exchange.command("files")
@click.argument("name", required=False)
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="List at most so many.")
@looking
def files(out: Output, where: Opened, *, name: str | None, limit: int) -> None:
    """What was picked up, the latest first, and the first message it became; and what could not be, and why."""
    from crossdock.app.exchange_report import refused
    from crossdock.store import arrival
    from crossdock.store import exchange as store

    taken = store.files(where.connection, where.tenant, name, limit)
    left = refused(where.connection, where.tenant, name, limit)
    if out.as_json:
        told = [one._asdict() | {"first_message": arrival.text(one.first_message)} for one in taken]
        out.document({"taken": told, "refused": left})
        return
    out.table(
        ("taken (UTC)", "exchange", "file", "bytes", "messages", "first message"),
        ((at(one.taken_at), one.name, one.file, size(one.bytes), one.messages, arrival.text(one.first_message))
         for one in taken),
        right=("bytes", "messages"),
        indent=0,
    )  # fmt: skip
    for one in left:
        advise(f"not taken, {at(one.at)}: {one.exchange}: {one.problem}")
    if not taken and not left:
        advise("Nothing was picked up yet.")
