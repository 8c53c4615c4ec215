"""Days of a distributor for tests of every folder: of our own generator, or of the shared one where it is at hand."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crossdock.sandbox import day

SHARED_WORKLOAD = Path(__file__).resolve().parents[2] / "shared" / "workload"

needs_shared = pytest.mark.skipif(
    not (SHARED_WORKLOAD / "generate.py").exists(),
    reason="no ../shared: the shared generator of reference days is not beside this repository",
)


def own_day(seed: int, orders: int, trouble: float, out: Path) -> dict[str, Any]:
    """Write a day of our own generator into a folder and return its oracle."""
    day.generate(out, seed=seed, orders=orders, trouble=trouble)
    return _oracle(out)


def shared_day(seed: int, orders: int, trouble: float, out: Path) -> dict[str, Any]:
    """Write a day of the shared generator, its shares of trouble multiplied, and return its oracle."""
    with _shared_generator() as generator:
        for kind, share in generator.SHARE.items():
            generator.SHARE[kind] = min(1.0, share * trouble)
        generator.generate(seed, orders, out)
    return _oracle(out)


def _oracle(folder: Path) -> dict[str, Any]:
    oracle: dict[str, Any] = json.loads((folder / "oracle.json").read_text())
    return oracle


@contextmanager
def _shared_generator() -> Iterator[ModuleType]:
    """Load the shared module afresh, with the `model` it imports, and leave no trace of it: no module, no bytecode."""
    before, writes_bytecode = dict(sys.modules), sys.dont_write_bytecode
    sys.path.insert(0, str(SHARED_WORKLOAD))
    sys.dont_write_bytecode = True
    for name in ("generate", "model"):
        sys.modules.pop(name, None)
    try:
        yield importlib.import_module("generate")
    finally:
        sys.dont_write_bytecode = writes_bytecode
        sys.path.remove(str(SHARED_WORKLOAD))
        for name in ("generate", "model"):
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]
