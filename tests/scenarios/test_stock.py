"""Stock moves without an order: goods come in, are written off, are counted; every unit has two sides."""

from __future__ import annotations

from datetime import date

from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.engine import configuration
from crossdock.processes.policy import Inventory, Policy


def stock(distributor: Distributor) -> dict[str, int]:
    rows = distributor.rows("select account, sum(amount)::int from balance where item = 'SKU1' group by account")
    return {account: amount for account, amount in rows if amount}


def opened(distributor: Distributor) -> None:
    csv = b"warehouse,sku,on_hand\nDC01,SKU1,100\n"
    distributor.bytes("master-data", csv, "text/csv; layout=initial_stock")


def received(distributor: Distributor, quantity: int) -> None:
    distributor.say(
        "wms/DC01", "goods.received", receipt_id="GR1", warehouse="DC01", asn="ASN-1", supplier_no="S1",
        lines=[{"line": 1, "sku": "SKU1", "qty": quantity, "uom": "EA"}],
    )  # fmt: skip


def adjusted(distributor: Distributor, quantity: int, reason: str) -> None:
    distributor.say(
        "wms/DC01", "stock.adjusted", adjustment_id="ADJ1", warehouse="DC01", sku="SKU1", qty=quantity, uom="EA",
        reason=reason,
    )  # fmt: skip


def counted(distributor: Distributor, found: int, book: int | None) -> None:
    more = {} if book is None else {"book": book}
    distributor.say(
        "wms/DC01", "stock.counted", count_id="CNT1", warehouse="DC01", sku="SKU1", qty=found, uom="EA", **more
    )


def test_what_came_in_is_on_hand_against_what_was_received(distributor: Distributor) -> None:
    opened(distributor)
    received(distributor, 40)
    distributor.settle()
    assert stock(distributor) == {
        "stock.on_hand/DC01": 140, "stock.opening/DC01": -100, "stock.received/DC01": -40
    }  # fmt: skip
    assert distributor.rows("select status from case_record where id = 'goods_receipt/DC01/GR1'") == [("RECEIVED",)]


def test_what_was_written_off_is_named_by_its_reason(distributor: Distributor) -> None:
    opened(distributor)
    adjusted(distributor, -3, "damaged")
    distributor.settle()
    assert stock(distributor) == {
        "stock.on_hand/DC01": 97, "stock.opening/DC01": -100, "stock.adjusted.damaged/DC01": 3
    }  # fmt: skip
    assert distributor.items() == []


def test_a_count_posts_its_difference_and_a_person_hears_of_it(distributor: Distributor) -> None:
    opened(distributor)
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    counted(distributor, 88, 90)
    distributor.settle()
    assert stock(distributor)["stock.on_hand/DC01"] == 88
    assert stock(distributor)["stock.adjusted.counted/DC01"] == 2
    assert "COUNT_DIFFERENCE DC01/CNT1/SKU1" in distributor.items()


def test_a_goods_issue_that_is_on_its_way_while_somebody_counts_is_taken_once(distributor: Distributor) -> None:
    """The warehouse counted after the goods had left; we hear of the count first. Only its difference is ours."""
    opened(distributor)
    distributor.ordered()
    counted(distributor, 89, 90)
    distributor.settle()
    assert stock(distributor)["stock.on_hand/DC01"] == 99
    distributor.issued()
    distributor.settle()
    assert stock(distributor)["stock.on_hand/DC01"] == 89


def test_within_the_tolerance_a_count_is_posted_and_nobody_is_asked(distributor: Distributor) -> None:
    policy = Policy(name="calm", valid_from=date(2026, 1, 1), inventory=Inventory(count_tolerance_units=5))
    folder = configuration.read_folder(DISTRIBUTOR)
    configuration.apply(distributor.connection, distributor.tenant, folder._replace(policies=[policy]))
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)
    opened(distributor)
    counted(distributor, 95, 100)
    distributor.settle()
    assert stock(distributor)["stock.on_hand/DC01"] == 95
    assert distributor.items() == []


def test_a_count_that_does_not_say_what_the_books_said_is_not_posted(distributor: Distributor) -> None:
    opened(distributor)
    counted(distributor, 95, None)
    distributor.settle()
    assert stock(distributor)["stock.on_hand/DC01"] == 100
    assert distributor.items() == ["COUNT_NOT_COMPARABLE DC01/CNT1/SKU1"]
