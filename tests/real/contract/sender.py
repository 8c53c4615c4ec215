"""Applies one command, as a process that a test may kill: `python -m tests.real.contract.sender`, told on its input."""

from __future__ import annotations

import asyncio
import sys

import msgspec

from crossdock.app.connections import MAKERS, Secrets
from crossdock.kit.connection import Configured
from crossdock.kit.connector import Command


class Sending(msgspec.Struct):
    configured: Configured
    command: Command
    address: str
    bearer: str | None
    password: str | None


async def main() -> None:
    sending = msgspec.json.decode(sys.stdin.buffer.read(), type=Sending)
    maker = MAKERS[sending.configured.connection.connector]
    connector = maker.open(
        sending.configured, sending.address, Secrets(bearer=sending.bearer, password=sending.password)
    )
    await connector.apply(sending.command)
    await connector.close()


if __name__ == "__main__":
    asyncio.run(main())
