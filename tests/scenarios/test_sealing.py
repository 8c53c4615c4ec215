"""A case that needs nothing more for long is sealed; what comes later is booked when it comes, and noted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.scenarios.conftest import Distributor
from tests.scenarios.test_order_to_cash import invoiced, paid

from crossdock.processes.case import Record, unpack

LONG = timedelta(days=200)


def record(distributor: Distributor, case: str) -> Record:
    return unpack(distributor.rows("select record from case_record where id = %s", case)[0][0])


@pytest.fixture
def done(distributor: Distributor) -> Distributor:
    """An order that was shipped, delivered, billed, paid, and whose freight was posted."""
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.delivered()
    distributor.freight_billed("131.25")
    invoiced(distributor)
    paid(distributor, "100.00")
    distributor.settle()
    return distributor


def test_a_case_with_a_command_on_its_way_is_not_sealed(done: Distributor) -> None:
    done.settle(later=LONG)
    assert record(done, "shipment/SH1").sealed is None


def test_what_needs_nothing_more_for_long_is_sealed(done: Distributor) -> None:
    done.all_done()
    assert record(done, "order/SO1").sealed is None
    done.settle(later=LONG)
    for case in ("order/SO1", "shipment/SH1", "customer_invoice/IN1", "freight_invoice/RDWY/F1"):
        assert record(done, case).sealed is not None, case


def test_a_late_fact_is_booked_and_noted(done: Distributor) -> None:
    done.all_done()
    done.settle(later=LONG)
    entries = done.rows("select count(*)::int from ledger_entry")
    paid(done, "5.00", "PY2")
    done.settle()
    assert done.items() == ["LATE_FACT IN1"]
    assert done.rows("select finding from work_item where code = 'LATE_FACT'") == [(True,)]
    assert done.rows("select count(*)::int from ledger_entry") > entries


def test_a_copy_that_comes_late_is_no_late_fact(done: Distributor) -> None:
    done.all_done()
    done.settle(later=LONG)
    done.delivered()
    done.settle()
    assert done.items() == []


def test_an_open_exception_keeps_a_case_open(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.delivered()
    invoiced(distributor)
    paid(distributor, "60.00")
    distributor.settle()
    distributor.all_done()
    distributor.settle(later=LONG)
    assert record(distributor, "customer_invoice/IN1").sealed is None
