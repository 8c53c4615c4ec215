"""Connectors translate for a system, not for a partner: what is one partner's own stands in configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CONNECTORS = sorted((ROOT / "src" / "crossdock" / "connectors").rglob("*.py"))


def partners() -> set[str]:
    """Everybody whom the example deals with, by the names that its sources give them."""
    sources = yaml.safe_load((ROOT / "examples" / "distributor" / "sources.yaml").read_text())["sources"]
    return {part for name in sources for part in name.split("/")[1:]}


@pytest.mark.parametrize("path", CONNECTORS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_connector_names_a_partner(path: Path) -> None:
    words = set(re.findall(r"[A-Z0-9]{4,}", path.read_text()))
    assert partners()
    assert not words & partners()
