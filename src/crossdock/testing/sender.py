"""Applies one command, as a process that a test may kill: `python -m crossdock.testing.sender`, told on its input."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

import msgspec

from crossdock.kit.connection import Configured
from crossdock.kit.connector import Command
from crossdock.kit.maker import Maker, Secrets


class Sending(msgspec.Struct, kw_only=True):
    """What to apply, where, and by which connector: `maker` is `package.module:NAME`."""

    maker: str
    configured: Configured
    command: Command
    address: str
    bearer: str | None
    hook_secret: str | None
    password: str | None


def maker_at(place: str) -> Maker:
    """The maker of `package.module:NAME`."""
    module, _, name = place.partition(":")
    maker = getattr(import_module(module), name)
    if not isinstance(maker, Maker):
        raise TypeError(f"{place} is no crossdock.kit.maker.Maker")
    return maker


async def main() -> None:
    """Apply what the input says."""
    sending = msgspec.json.decode(sys.stdin.buffer.read(), type=Sending)
    secrets = Secrets(bearer=sending.bearer, hook_secret=sending.hook_secret, password=sending.password)
    connector = maker_at(sending.maker).open(sending.configured, sending.address, secrets)
    await connector.apply(sending.command)
    await connector.close()


if __name__ == "__main__":
    asyncio.run(main())
