"""A policy is published for days that have begun: nothing changes until the difference was seen and decided about."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.app import rehearsing
from crossdock.app.opening import Opened
from crossdock.app.rehearsing import Documents, Way
from crossdock.engine import configuration
from crossdock.processes.policy import Policy, ShipToInvoice


def published(distributor: Distributor) -> None:
    """Billing no longer waits for the proof of delivery, from a day on that is before the order's."""
    folder = configuration.read_folder(DISTRIBUTOR)
    eager = Policy(
        name="eager billing", valid_from=date(2026, 3, 1), ship_to_invoice=ShipToInvoice(invoice_on="goods_issue")
    )
    configuration.apply(distributor.connection, distributor.tenant, folder._replace(policies=[*folder.policies, eager]))
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)


def opened(distributor: Distributor) -> Opened:
    return Opened(distributor.connection, distributor.tenant, "")


def invoices(distributor: Distributor) -> list[tuple[Any, ...]]:
    """State and cause of every invoice asked for, and why it is not sent."""
    return distributor.rows(
        "select command.state, cause, hold from command left join delivery using (tenant, owner, slot, generation)"
        " where command.kind = 'create_invoice' order by owner, generation"
    )


@pytest.fixture
def left(distributor: Distributor) -> Distributor:
    """An order whose goods have left and were not delivered, and a new policy by which it could be billed."""
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    published(distributor)
    return distributor


def test_a_policy_for_days_that_have_begun_changes_nothing_by_itself(left: Distributor) -> None:
    left.freight_billed("131.25")
    left.settle()
    assert invoices(left) == []


def test_orders_of_today_go_by_the_new_policy_at_once(left: Distributor) -> None:
    left.ordered(2)
    left.issued(2)
    left.settle()
    assert invoices(left) == [("wanted", "facts", None)]


def test_a_rehearsal_shows_the_documents_and_changes_nothing(left: Distributor) -> None:
    report = rehearsing.rehearse(opened(left))
    assert report.documents == [
        Documents(kind="create_invoice", target="erp", action="do", documents=1, minor=0, currency="USD")
    ]
    assert report.differing == 1
    assert [found.case for found in report.samples] == ["order/SO1"]
    left.settle()
    assert invoices(left) == []


@pytest.mark.parametrize(
    ("way", "follows"), [("adopt", [("wanted", "policy", "rule")]), ("accept", [("wanted", "policy", "rule")]),
                         ("keep", [])],
)  # fmt: skip
def test_what_is_decided_is_what_follows(left: Distributor, way: Way, follows: list[Any]) -> None:
    decided = rehearsing.decide(opened(left), way, prefix=None, who="Ada", why="new terms")
    assert decided.kept == (way == "keep")
    left.settle()
    assert invoices(left) == follows
    assert rehearsing.rehearse(opened(left)).behind == 0
    assert left.rows("select who, what, note from act") == [("Ada", f"case.migration_{way}", "new terms")]


def test_accepting_leaves_what_was_asked_as_it_is(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.delivered()
    distributor.settle()
    before = invoices(distributor)
    assert before == [("wanted", "facts", None)]
    published(distributor)
    rehearsing.decide(opened(distributor), "accept", prefix=None, who="Ada", why="new terms")
    distributor.settle()
    assert invoices(distributor) == before


def test_a_case_that_keeps_its_policy_goes_on_by_it(left: Distributor) -> None:
    rehearsing.decide(opened(left), "keep", prefix="order/", who="Ada", why="as agreed")
    left.delivered()
    left.settle()
    assert invoices(left) == [("wanted", "facts", None)]
