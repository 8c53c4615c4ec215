"""Two kinds of warehouse software receive, write off and count: their words become the same facts, and books agree."""

from pathlib import Path

import pytest
from tests.system.reconciling import opened


def test_what_two_dialects_tell_of_their_stock_makes_our_books_theirs(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url, tmp_path / "fleet", monkeypatch, ("wms-a", "wms-b")) as world:
        assert world.reconcile().code == 0
        for system, warehouse in (("wms-a", "DC01"), ("wms-b", "DC03")):
            stock = {"warehouse": warehouse, "sku": world.sku}
            receipt = {"warehouse": warehouse, "asn": "ASN-1", "lines": [{"sku": world.sku, "qty": 40}]}
            world.fleet.ask(system, "POST", "/control/receipts", receipt)
            world.fleet.ask(system, "POST", "/control/adjustments", stock | {"qty": -3, "reason": "damaged"})
            world.fleet.ask(system, "POST", "/control/counts", stock | {"found": 777})
        assert world.reconcile().names == {f"wms-a stock {world.sku}": "break", f"wms-b stock {world.sku}": "break"}
        world.connect(poll={"every_seconds": 0.2})
        world.house.deliverer()
        facts = "select count(*) from case_record where id ~ '^(goods_receipt|stock_adjustment|stock_count)/'"

        def heard() -> bool:
            world.house.settle()
            return world.house.rows(facts) == [(6,)]

        world.house.until(heard, 30)
        assert world.house.rows("select count(*) from dead_letter") == [(0,)]
        found = world.reconcile()
        assert (found.code, found.names) == (0, {})
        sums = world.house.rows(
            "select account, sum(amount)::int from balance where item = %s and account ~ 'received|damaged'"
            " group by account order by account",
            world.sku,
        )
        assert sums == [
            ("stock.adjusted.damaged/DC01", 3), ("stock.adjusted.damaged/DC03", 3),
            ("stock.received/DC01", -40), ("stock.received/DC03", -40),
        ]  # fmt: skip
