"""`python -m crossdock.sandbox.systems NAME` runs one system until it is stopped or its parent is gone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec
import uvloop

from crossdock.sandbox.systems.catalog import SYSTEMS
from crossdock.sandbox.systems.control import Control, changed
from crossdock.sandbox.systems.server import Server
from crossdock.sandbox.systems.web import Refused


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the system that the arguments name; prints one line of JSON with its port when it listens."""
    parser = argparse.ArgumentParser(
        prog="python -m crossdock.sandbox.systems", description="Run one system of the sandbox on 127.0.0.1."
    )
    parser.add_argument("name", choices=sorted(SYSTEMS))
    parser.add_argument("--port", type=int, default=0, help="0 is any free one (default: %(default)s)")
    parser.add_argument("--book", type=Path, required=True, help="folder of its durable book")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another luck")
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    parser.add_argument("--control", default="{}", help="the rest of its control as JSON, as PUT /control takes it")
    parser.add_argument("--parent", type=int, help="the process it must not outlive")
    options = parser.parse_args(arguments)
    kind = SYSTEMS[options.name]
    try:
        wish = {**msgspec.json.decode(options.control, type=dict[str, object]), "seed": options.seed}
        control = changed(Control(), {**wish, "speed": options.speed}, kind.rules_type)
    except (msgspec.MsgspecError, Refused) as wrong:
        parser.error(str(wrong))

    async def run() -> None:
        await Server(kind(options.name, options.book, control)).run(options.port, options.parent)

    uvloop.run(run())


if __name__ == "__main__":
    main()
