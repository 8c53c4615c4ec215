"""A class of integration promises something, and refuses a connector that cannot keep it."""

from __future__ import annotations

import msgspec
import pytest
from tests.delivery.house import EXAMPLE

from crossdock.app.connections import check
from crossdock.engine import configuration
from crossdock.kit.classes import TERMS, lacking
from crossdock.kit.connector import Declaration
from crossdock.settings import ConfigurationError


def test_posting_needs_a_system_that_can_be_asked_or_tells_repeats_apart() -> None:
    blind = Declaration(is_idempotent=False, can_find=False)
    assert "can neither be asked nor tell repeats apart" in str(lacking(blind, "erp_posting"))
    assert lacking(Declaration(is_idempotent=True, can_find=False), "erp_posting") is None
    assert lacking(Declaration(is_idempotent=False, can_find=True), "erp_posting") is None
    assert lacking(blind, "legacy") is None


def test_status_needs_something_to_read() -> None:
    blind = Declaration(is_idempotent=True, can_find=True)
    assert "neither a feed nor hooks" in str(lacking(blind, "status"))
    assert lacking(msgspec.structs.replace(blind, has_feed=True), "status") is None


def test_a_folder_with_a_promise_that_cannot_be_kept_is_refused() -> None:
    folder = configuration.read_folder(EXAMPLE)
    erp = folder.connections["erp"]
    blind = {**erp.manifest, "idempotent": False}
    blind["deeds"] = {kind: {k: v for k, v in deed.items() if k != "find"} for kind, deed in blind["deeds"].items()}
    connection = msgspec.structs.replace(erp.connection, integration="erp_posting")
    made = msgspec.structs.replace(erp, connection=connection, manifest=blind)
    with pytest.raises(ConfigurationError, match="connection erp: erp_posting promises one effect"):
        check(folder._replace(connections={"erp": made}))


def test_the_page_about_classes_says_what_holds() -> None:
    page = (EXAMPLE.parents[1] / "docs" / "reference" / "connections.md").read_text()
    for kind, terms in TERMS.items():
        name = f"`{kind}`" if kind else "none"
        [row] = [line for line in page.splitlines() if line.startswith(f"| {name} | ") and line.count("|") == 6]
        _, _, needs, waits, alarm, peak, _ = (cell.strip() for cell in row.split("|"))
        assert ("one effect" in needs, "feed or hooks" in needs) == (terms.needs_one_effect, terms.needs_reading)
        assert waits == f"{terms.patience_seconds:g} s"
        seconds = terms.alarm_after_seconds
        assert alarm == (f"{seconds // 60} min" if seconds else "never")
        assert peak == {1: "put off first", 2: "put off next", None: "never put off"}[terms.put_off_from]
