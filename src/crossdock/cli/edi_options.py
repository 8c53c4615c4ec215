"""What the commands about EDI files take alike."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import click

from crossdock.cli.output import Output

Command = Callable[..., None]


def file_argument(command: Command) -> Command:
    """Give a command its FILE; `-` is what comes through a pipe."""
    return click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))(command)


def guided(command: Command) -> Command:
    """Give a command `--partner`, and the guide as its second argument, behind the `Output`."""

    @click.option("--partner", help="A partner's guide: its file, or NAME for guides/NAME.yaml.", metavar="GUIDE")
    @wraps(command)
    def run(out: Output, *arguments: object, partner: str | None, **named: object) -> None:
        from crossdock.app.edi_files import load_guide

        command(out, load_guide(partner), *arguments, **named)

    return run


FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
