"""A sender corrects what it said: by a revision, or, where it has none, by saying it again."""

from __future__ import annotations

import pytest
from msgspec import structs
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.engine import configuration
from crossdock.engine.configuration import Ownership


def reserved(distributor: Distributor) -> int:
    rows = distributor.rows("select coalesce(sum(amount), 0)::int from balance where account = 'stock.reserved/DC01'")
    found: int = rows[0][0]
    return found


@pytest.fixture
def corrects(distributor: Distributor) -> Distributor:
    """The shop has no revisions: it sends an order again when it has changed."""
    folder = configuration.read_folder(DISTRIBUTOR)
    shop = folder.sources["oms"]
    owns = shop.owns | {"order.created": Ownership(by_arrival=True)}
    sources = folder.sources | {"oms": structs.replace(shop, owns=owns)}
    configuration.apply(distributor.connection, distributor.tenant, folder._replace(sources=sources))
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)
    return distributor


def test_the_first_telling_counts_where_nothing_else_is_declared(distributor: Distributor) -> None:
    distributor.ordered(quantity=10)
    distributor.ordered(quantity=7)
    distributor.settle()
    assert reserved(distributor) == 10


@pytest.mark.parametrize("at_once", [True, False])
def test_the_last_telling_counts_where_a_sender_corrects_itself_by_arrival(
    corrects: Distributor, *, at_once: bool
) -> None:
    for quantity in (10, 7, 7, 4):
        corrects.ordered(quantity=quantity)
        if not at_once:
            corrects.settle()
    corrects.settle()
    assert reserved(corrects) == 4
    copies = corrects.rows("select count(*)::int from event where type = 'order.created' and copy")
    assert copies == [(1,)], "7 was said twice"


def test_a_correction_is_read_in_the_order_of_receipt_not_of_settling(corrects: Distributor) -> None:
    corrects.ordered(quantity=10)
    corrects.ordered(quantity=7)
    waits = corrects.rows("delete from inbox where arrival = (select min(arrival) from inbox) returning *")
    corrects.settle()
    corrects.connection.execute("insert into inbox values (%s, %s, %s, %s, %s)", waits[0])
    corrects.settle()
    assert reserved(corrects) == 7
