"""`crossdock config`: sources, mappings and policies, from a folder into the database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, configured
from crossdock.settings import Settings

if TYPE_CHECKING:
    from crossdock.app.config_plan import Step

_REFUSED = 3
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_STYLES = {"new": "green", "changed": "yellow", "refused": "bold red", "only stored": "dim"}


@click.group()
def config() -> None:
    """Who may send what, how it is read, and by which rules it is judged."""


@config.command()
@click.argument("folder", type=_FOLDER)
@configured
def plan(out: Output, where: Settings, folder: Path) -> None:
    """Show what applying FOLDER would change, and change nothing. Exit code 3 when it would be refused."""
    from crossdock.app import connections
    from crossdock.app.config_plan import steps, stored_rows
    from crossdock.engine import configuration

    rows = stored_rows(where)
    read = configuration.read_folder(folder, configuration.bases_of(rows.mappings))
    connections.check(read)
    found = list(steps(rows, read))
    _print(out, found)
    if any(step.change == "refused" for step in found):
        raise Finish(_REFUSED)


@config.command()
@click.argument("folder", type=_FOLDER)
@configured
def apply(out: Output, where: Settings, folder: Path) -> None:
    """Check FOLDER and store it, all or nothing. Keys of new sources are shown this once.

    Running workers take it within a second. A published mapping version and a policy in force never change.
    """
    from crossdock.app import connections, database
    from crossdock.app.config_plan import steps, stored_rows
    from crossdock.app.proposals import me
    from crossdock.engine import configuration
    from crossdock.store.connect import connect

    rows = stored_rows(where)
    read = configuration.read_folder(folder, configuration.bases_of(rows.mappings))
    connections.check(read)
    found = list(steps(rows, read))
    url = database.ready(where)
    tenant = database.tenant(url, where)
    with connect(url, purpose="config apply") as connection:
        keys = configuration.apply(connection, tenant, read, who=me())
    if out.as_json:
        out.document({"changes": found, "keys": keys})
        return
    _print(out, found)
    if keys:
        out.heading("API keys of the new sources: shown now and never again")
        out.table(("source", "key"), sorted(keys.items()))
    elif found:
        out.text("Applied.", style="green")


def _print(out: Output, found: list[Step]) -> None:
    if out.as_json:
        out.document({"changes": found})
        return
    if not found:
        out.text("Nothing differs from what is applied.")
    for step in found:
        detail = f": {step.detail}" if step.detail else ""
        out.text(f"{step.change:<12} {step.kind:<8} {step.name}{detail}", style=_STYLES[step.change])


@config.group()
def key() -> None:
    """API keys of sources."""


@key.command()
@click.argument("source")
@configured
def rotate(out: Output, where: Settings, source: str) -> None:
    """Give SOURCE another API key and show it this once. The old one ends at once."""
    from crossdock.app.opening import existing
    from crossdock.engine import configuration
    from crossdock.store import configuration as stored

    with existing(where) as at:
        fresh, hashed = configuration.new_key()
        if not stored.rotate_key(at.connection, at.tenant, source, hashed):
            known = [row.name for row in stored.read(at.connection, at.tenant).sources]
            advise(f"No source is called {source!r}. There are: {', '.join(known)}.")
            raise Finish(FINDINGS)
    if out.as_json:
        out.document({"source": source, "key": fresh})
    else:
        out.text(fresh)
        advise(f"The key of {source}, shown now and never again. The one it had before ended.")
