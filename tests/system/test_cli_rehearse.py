"""New policies on the real command line: tried, applied, seen, decided, released."""

import shutil
from pathlib import Path

import pytest
from tests.system.conftest import EXAMPLE, Own, settle

POLICY = """
  - name: bill at goods issue
    valid_from: 2026-01-02
    ship_to_invoice:
      invoice_on: goods_issue
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's configuration with one more policy, from before the day of the example."""
    copied = Path(shutil.copytree(EXAMPLE, tmp_path / "configuration"))
    with (copied / "policies.yaml").open("a") as file:
        file.write(POLICY)
    return copied


def test_a_policy_is_tried_applied_decided_and_released(own: Own, folder: Path) -> None:
    crossdock, books = own
    assert crossdock("rehearse").out == "Every case is on the latest rules and policies.\n"

    tried = crossdock("rehearse", "--policies", folder, "--json")
    assert tried.code == 1
    wanted = [one for one in tried.json["documents"] if one["kind"] == "create_invoice"]
    assert [one["action"] for one in wanted] == ["do"]
    assert wanted[0]["documents"] > 0
    assert crossdock("rehearse").code == 0, "trying changes nothing"

    assert crossdock("config", "apply", folder).code == 0
    seen = crossdock("rehearse")
    assert seen.code == 1
    assert "create_invoice" in seen.out
    assert "--decide adopt, accept or keep" in seen.err

    dry = crossdock("rehearse", "--decide", "adopt", "--because", "new terms")
    assert dry.code == 1
    decided = crossdock("rehearse", "--decide", "adopt", "--because", "new terms", "--as", "Ada", "--execute", "--json")
    assert decided.json["kept"] == decided.json["accepted"] == 0
    settle(books, 1)
    assert crossdock("rehearse").code == 0

    held = crossdock("propose", "list", "--kind", "create_invoice", "--json").json
    assert sum(one["documents"] for one in held["differences"] if one["hold"] == "rule") == wanted[0]["documents"]
    assert crossdock("ledger", "check").code == 0
    trail = crossdock("queue", "trail", "--json").json
    assert trail["acts"][0]["what"] == "case.migration_adopt"


def test_deciding_needs_a_reason(own: Own) -> None:
    done = own.crossdock("rehearse", "--decide", "keep", "--execute", "--as", "Ada")
    assert done.code == 2
    assert "--because WHY" in done.err


def test_what_is_only_tried_cannot_be_decided_about(own: Own, folder: Path) -> None:
    done = own.crossdock("rehearse", "--policies", folder, "--decide", "keep")
    assert done.code == 2
    assert "apply them first" in done.err
