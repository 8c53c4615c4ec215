"""The command line: one module per group of commands, loaded when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

import click

from crossdock import __version__

# name: (module, attribute); the help text is read from the command itself.
COMMANDS: Final = {
    "bench": ("bench", "bench"),
    "config": ("config", "config"),
    "connection": ("connection", "connection"),
    "connector": ("connector", "connector"),
    "day": ("day", "day"),
    "db": ("db", "db"),
    "dead": ("dead", "dead"),
    "deliverer": ("deliverer", "deliverer"),
    "demo": ("demo", "demo"),
    "doctor": ("doctor", "doctor"),
    "edi": ("edi", "edi"),
    "exchange": ("exchange", "exchange"),
    "explain": ("explain", "explain"),
    "ingest": ("ingest", "ingest"),
    "ledger": ("ledger", "ledger"),
    "map": ("map", "map_"),
    "propose": ("propose", "propose"),
    "queue": ("queue", "queue"),
    "reconcile": ("reconcile", "reconcile"),
    "rehearse": ("rehearse", "rehearse"),
    "replay": ("replay", "replay"),
    "search": ("search", "search"),
    "secrets": ("secrets", "secrets"),
    "serve": ("serve", "serve"),
    "show": ("show", "show"),
    "worker": ("serve", "worker"),
    "xref": ("xref", "xref"),
}


class Lazy(click.Group):
    """Loads a command's module when it is called, so that `crossdock --help` starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All of them, by name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the module that holds it."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = getattr(import_module(f"crossdock.cli.{place[0]}"), place[1])
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crossdock")
def cli() -> None:
    """Crossdock: makes an ERP, a TMS, warehouses, carriers and finance agree, and proves that they do.

    Every command takes --json. Exit codes: 0 fine, 1 findings, 2 usage, 3 configuration, 4 unreachable, 5 refused by
    policy, 6 partly done.
    """


def main() -> None:
    """Run the command line; a refusal becomes a sentence and an exit code, never a traceback."""
    try:
        # Out of standalone mode, click returns the code of an exit instead of leaving with it.
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as refused:
        refused.show()
        sys.exit(refused.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as failure:
        from crossdock.cli.errors import exit_code_of, sentence_of

        code = exit_code_of(failure)
        if code is None:
            raise
        click.echo(f"Error: {sentence_of(failure)}", err=True)
        sys.exit(code)
