"""`crossdock secrets`: what lets us into other systems, sealed. A secret is read from the input and never shown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from crossdock.cli.output import FINDINGS, Finish, Output, advise, at, looking

if TYPE_CHECKING:
    from crossdock.app.opening import Opened


@click.group()
def secrets() -> None:
    """The sealed secrets of connections. CROSSDOCK_KEYRING names the file of the keys that seal them."""


@secrets.command("key")
@click.argument("name")
def key(name: str) -> None:
    """Print a new key, as a line for a keyring: `crossdock secrets key 2026 > keyring`."""
    from crossdock.app.vault import new_key

    click.echo(new_key(name))


@secrets.command("set")
@click.argument("connection")
@click.argument("name")
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: your name on this machine]")
@looking
def set_(out: Output, where: Opened, *, connection: str, name: str, who: str | None) -> None:
    """Seal the secret NAME (bearer, password, hook_secret) of a CONNECTION; it is read from the input, one line."""
    from crossdock.app import proposals
    from crossdock.app.vault import LONGEST, Vault, keyring

    typed = click.prompt("Secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read(LONGEST + 2)
    vault = Vault(where.connection, where.tenant, keyring(os.environ))
    vault.put(connection, name, typed.rstrip("\r\n"), who=who or proposals.me())
    if out.as_json:
        out.document({"connection": connection, "name": name, "sealed": True})
    else:
        out.text(f"The {name} of {connection} is sealed.", style="green")


@secrets.command("list")
@looking
def list_(out: Output, where: Opened) -> None:
    """Which secrets are there, under which key, since when. What they are is shown nowhere."""
    from crossdock.store import secrets as store

    found = store.kept(where.connection, where.tenant)
    if out.as_json:
        out.document([{"connection": one.connection, "name": one.name, "key": one.key_id, "at": one.at, "who": one.who}
                      for one in found])  # fmt: skip
        return
    out.table(("connection", "secret", "key", "since (UTC)", "by"),
              ((one.connection, one.name, one.key_id, at(one.at), one.who) for one in found), indent=0)  # fmt: skip
    if not found:
        advise("No secret is sealed. `crossdock secrets set CONNECTION NAME` seals one.")


@secrets.command("rotate")
@click.option("--as", "who", metavar="NAME", help="Who does it. [default: your name on this machine]")
@looking
def rotate(out: Output, where: Opened, *, who: str | None) -> None:
    """Seal everything anew under the first key of the keyring. The old keys can be taken out afterwards."""
    from crossdock.app import proposals
    from crossdock.app.vault import Vault, keyring

    count = Vault(where.connection, where.tenant, keyring(os.environ)).rotate(who=who or proposals.me())
    if out.as_json:
        out.document({"sealed_anew": count})
    else:
        out.text(f"{count} sealed anew.", style="green")


@secrets.command("remove")
@click.argument("connection")
@click.argument("name")
@looking
def remove(out: Output, where: Opened, *, connection: str, name: str) -> None:
    """Forget a secret. Exit code 1 when it is not there."""
    from crossdock.store import secrets as store

    done = store.remove(where.connection, where.tenant, connection, name)
    if out.as_json:
        out.document({"removed": done})
    elif not done:
        advise(f"Connection {connection} has no sealed {name}.")
    if not done:
        raise Finish(FINDINGS)
