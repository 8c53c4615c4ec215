"""`python -m crossdock.sandbox.day` writes a day into a folder and prints what is in it, as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from crossdock.sandbox.day.generator import generate


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the day that the arguments (of the command line, unless given) ask for; print its input and its totals."""
    parser = argparse.ArgumentParser(
        prog="python -m crossdock.sandbox.day", description="Write a day of a distributor."
    )
    parser.add_argument("--seed", type=int, default=20260302, help="another seed, another day (default: %(default)s)")
    parser.add_argument("--orders", type=int, default=1000, help="about 15 events each (default: %(default)s)")
    parser.add_argument("--trouble", type=float, default=1.0, help="factor of all trouble (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("day"), help="folder to write into (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        oracle = generate(options.out, seed=options.seed, orders=options.orders, trouble=options.trouble)
    except (OSError, ValueError) as refused:
        parser.error(str(refused))
    sys.stdout.write(json.dumps({"input": oracle["input"], "totals": oracle["totals"]}, indent=2) + "\n")


if __name__ == "__main__":
    main()
