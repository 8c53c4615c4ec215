"""As known then: the facts of a moment, in their version of then, and what had been asked and posted by then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from msgspec import structs
from tests.scenarios.conftest import DISTRIBUTOR, Distributor
from tests.scenarios.test_order_to_cash import invoiced

from crossdock.app.time_travel import Then, as_of
from crossdock.engine import configuration
from crossdock.engine.configuration import Ownership


def now(distributor: Distributor) -> datetime:
    moment = distributor.rows("select clock_timestamp()")[0][0]
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)


def then(distributor: Distributor, case: str, at: datetime) -> Then:
    return as_of(distributor.connection, distributor.tenant, case, at)


def test_an_order_is_known_as_it_was_with_what_others_said_of_it(distributor: Distributor) -> None:
    start = now(distributor)
    distributor.rates_published()
    distributor.ordered()
    distributor.settle()
    ordered = now(distributor)
    distributor.issued()
    distributor.delivered()
    distributor.settle()
    delivered = now(distributor)
    invoiced(distributor)
    distributor.settle()

    assert then(distributor, "order/SO1", start).facts == []
    before = then(distributor, "order/SO1", ordered)
    assert (before.status, [one.kind for one in before.asked]) == ("ACCEPTED", ["release_order"])
    assert [(one.debit, one.amount) for one in before.postings] == [("stock.reserved/DC01", 10)]
    assert before.postings == before.posted
    later = then(distributor, "order/SO1", delivered)
    assert later.status == "DELIVERED"
    assert [one.kind for one in later.wanted] == ["create_invoice"]
    assert later.posted == []
    assert then(distributor, "order/SO1", now(distributor)).status == "INVOICED"


@pytest.fixture
def corrects(distributor: Distributor) -> Distributor:
    folder = configuration.read_folder(DISTRIBUTOR)
    shop = folder.sources["oms"]
    sources = folder.sources | {"oms": structs.replace(shop, owns={"order.created": Ownership(by_arrival=True)})}
    configuration.apply(distributor.connection, distributor.tenant, folder._replace(sources=sources))
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)
    return distributor


def test_a_fact_that_was_corrected_since_is_known_as_it_was(corrects: Distributor) -> None:
    moments = []
    for quantity in (10, 7, 4):
        corrects.ordered(quantity=quantity)
        corrects.settle()
        moments.append(now(corrects))
    assert [then(corrects, "order/SO1", at).postings[0].amount for at in moments] == [10, 7, 4]
    assert [sum(one.amount for one in then(corrects, "order/SO1", at).posted) for at in moments] == [10, 7, 4]


def test_a_rate_that_was_not_known_then_is_missing_then(distributor: Distributor) -> None:
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    at = now(distributor)
    distributor.rates_published()
    distributor.settle()
    assert [one.code for one in then(distributor, "shipment/SH1", at).items] == ["RATE_MISSING"]
    assert then(distributor, "shipment/SH1", now(distributor)).items == []
