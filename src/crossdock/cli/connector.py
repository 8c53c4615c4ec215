"""`crossdock connector`: the connectors there are, and how to begin one of your own."""

from __future__ import annotations

from pathlib import Path

import click

from crossdock.cli.output import Output, advise, in_json


@click.group()
def connector() -> None:
    """Kinds of systems that can be connected: those that come with Crossdock, and those of other packages."""


@connector.command("list")
@in_json
def list_(out: Output) -> None:
    """Every connector that a connection may name, and the package it comes from."""
    from crossdock.app.connections import known

    found = dict(sorted(known().items()))
    if out.as_json:
        out.document([{"connector": name, "package": package} for name, package in found.items()])
    else:
        out.table(("connector", "package"), found.items(), indent=0)


@connector.command("new")
@click.argument("name")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="FOLDER",
              help="The folder to write into. [default: this one]")  # fmt: skip
@in_json
def new(out: Output, name: str, into: Path) -> None:
    """Write the package crossdock-NAME: a connector to the example system, which passes the contract suite."""
    from crossdock.testing.new_connector import CannotWrite, write

    try:
        written = write(name, into)
    except CannotWrite as refused:
        raise click.UsageError(str(refused)) from refused
    if out.as_json:
        out.document({"connector": name, "files": [str(path) for path in written]})
        return
    for path in written:
        out.text(str(path))
    advise("Its README says how to install and try it; docs/how-to/add-a-connector.md goes on from there.")
