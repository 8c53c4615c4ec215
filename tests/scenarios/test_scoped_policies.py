"""Policies for some: a carrier, a customer, a warehouse; and what they leave unsaid comes from the general one."""

from __future__ import annotations

from datetime import date

import pytest
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.audit.tolerance import Tolerance
from crossdock.engine import configuration
from crossdock.processes.policy import FreightAudit, OrderToShip, Policy, PolicyBook, Scope, ShipToInvoice


def apply(distributor: Distributor, *policies: Policy) -> None:
    folder = configuration.read_folder(DISTRIBUTOR)
    configuration.apply(
        distributor.connection, distributor.tenant, folder._replace(policies=[*folder.policies, *policies])
    )
    distributor.settler.configuration = configuration.load(distributor.connection, distributor.tenant)


def tolerant(name: str, scope: Scope, absolute_minor: int) -> Policy:
    audit = FreightAudit(tolerance=Tolerance(absolute_minor=absolute_minor))
    return Policy(name=name, valid_from=date(2026, 1, 1), scope=scope, freight_audit=audit)


def billed_six_dollars_more(distributor: Distributor) -> list[str]:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.freight_billed("137.25")
    distributor.settle()
    return distributor.items()


def test_six_dollars_more_are_too_much_in_general(distributor: Distributor) -> None:
    assert billed_six_dollars_more(distributor) == ["FREIGHT_VARIANCE RDWY/F1"]


def test_a_carrier_that_is_trusted_more_is_paid(distributor: Distributor) -> None:
    apply(distributor, tolerant("trusted", Scope(carriers=["RDWY"]), 1000))
    assert billed_six_dollars_more(distributor) == []


def test_a_narrower_scope_counts_over_a_wider_one(distributor: Distributor) -> None:
    strict = tolerant("but not from here", Scope(carriers=["RDWY"], warehouses=["DC01"]), 500)
    apply(distributor, strict, tolerant("trusted", Scope(carriers=["RDWY"]), 1000))
    assert billed_six_dollars_more(distributor) == ["FREIGHT_VARIANCE RDWY/F1"]


def test_a_customer_is_billed_earlier_than_others(distributor: Distributor) -> None:
    eager = ShipToInvoice(invoice_on="goods_issue")
    scope = Scope(customers=["C1"])
    apply(distributor, Policy(name="C1", valid_from=date(2026, 1, 1), scope=scope, ship_to_invoice=eager))
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    distributor.settle()
    assert distributor.rows("select kind from command where kind = 'create_invoice'") == [("create_invoice",)]


def test_parts_come_from_the_narrowest_policy_that_says_them() -> None:
    day = date(2026, 1, 1)
    general = Policy(name="all", valid_from=day, order_to_ship=OrderToShip(unmatched_after_minutes=1))
    carrier = tolerant("carrier", Scope(carriers=["RDWY"]), 7)
    later = Policy(name="later", valid_from=date(2027, 1, 1), scope=Scope(carriers=["RDWY"]))
    found = PolicyBook([later, carrier, general]).at(None, carrier="RDWY")
    assert found.order_to_ship.unmatched_after_minutes == 1
    assert found.freight_audit.tolerance.absolute_minor == 7
    assert found.ship_to_invoice == ShipToInvoice()
    assert {policy.name for policy in found.policies} == {"all", "carrier"}
    other = PolicyBook([later, carrier, general]).at(None, carrier="ODFL")
    assert other.freight_audit == FreightAudit()


def test_a_book_needs_a_policy_for_all() -> None:
    with pytest.raises(ValueError, match="without a scope"):
        PolicyBook([tolerant("some", Scope(carriers=["RDWY"]), 7)])
