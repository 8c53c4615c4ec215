"""A carrier that knows its own number only: what it says is kept, and counts once its shipment is known."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.scenarios.conftest import MORNING, Distributor

from crossdock.app import assigning
from crossdock.app.handling import NotDone
from crossdock.app.opening import Opened


def says(distributor: Distributor, event: str, tracking_no: str = "1Z1", **more: object) -> None:
    """The parcel carrier posts; each thing happens a minute after the last one."""
    distributor.told += 1
    at = (MORNING + timedelta(minutes=distributor.told)).isoformat()
    body = {"event": event, "id": f"p{distributor.told}", "at": at, "tracking_no": tracking_no, "seq": 1, **more}
    distributor.bytes("parcel/UPSN", json.dumps(body).encode())


def labelled(distributor: Distributor, number: int = 1, tracking_no: str = "1Z1") -> None:
    distributor.say("tms", "label.printed", scac="UPSN", tracking_no=tracking_no, shipment_no=f"SH{number}")


def delivered(distributor: Distributor) -> None:
    says(distributor, "scan", code="DP")
    says(distributor, "scan", code="AR", seq=2)
    says(distributor, "delivered", seq=3, signed_by="J SMITH")


def test_what_a_carrier_said_counts_when_the_label_comes(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    delivered(distributor)
    distributor.settle()
    assert distributor.view("order", "SO1")["status"] == "SHIPPED"
    labelled(distributor)
    distributor.settle()
    assert distributor.view("order", "SO1")["status"] == "DELIVERED"
    assert distributor.rows("select kind from command where kind = 'create_invoice'") == [("create_invoice",)]


def test_the_label_first_leads_to_the_same(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    labelled(distributor)
    says(distributor, "scan", code="DP")
    distributor.settle()
    assert distributor.view("order", "SO1")["status"] == "IN_TRANSIT"
    distributor.issued()
    delivered(distributor)
    distributor.settle()
    assert distributor.view("order", "SO1")["status"] == "DELIVERED"


def test_a_delivery_of_an_unknown_move_before_the_goods_issue_leaves_its_trace(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    delivered(distributor)
    distributor.issued()
    labelled(distributor)
    distributor.settle()
    assert distributor.items() == ["OUT_OF_SEQUENCE SH1"]


def test_a_number_that_nobody_knows_becomes_an_item_and_a_person_says_which_shipment_it_is(
    distributor: Distributor,
) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    delivered(distributor)
    distributor.settle(later=timedelta(hours=5))
    assert distributor.items() == ["UNMATCHED UPSN/1Z1"]
    at = Opened(distributor.connection, distributor.tenant, "")
    with pytest.raises(NotDone, match="there is no shipment 'SH9'"):
        assigning.assign(at, "UPSN/1Z1", "SH9", who="Ada", note="on the phone")
    assigning.assign(at, "UPSN/1Z1", "SH1", who="Ada", note="on the phone")
    distributor.settle()
    assert distributor.items() == []
    assert distributor.view("order", "SO1")["status"] == "DELIVERED"


def test_a_bill_under_the_carriers_number_is_audited_with_the_shipment(distributor: Distributor) -> None:
    distributor.rates_published()
    distributor.ordered()
    distributor.issued()
    says(
        distributor, "invoice", invoice_no="U1", invoiced_on="2026-03-03", total="131.25", currency="USD", surcharges=[]
    )
    distributor.settle()
    assert distributor.rows("select status from case_record where id = 'carrier_move/UPSN/1Z1'") == [("UNIDENTIFIED",)]
    labelled(distributor)
    distributor.settle()
    assert distributor.items() == ["WRONG_CARRIER UPSN/U1"], "RDWY took the load"


def test_a_bill_for_several_shipments_goes_to_a_person(distributor: Distributor) -> None:
    for number in (1, 2):
        distributor.ordered(number)
        labelled(distributor, number)
    says(
        distributor, "invoice", invoice_no="U1", invoiced_on="2026-03-03", total="131.25", currency="USD", surcharges=[]
    )
    distributor.settle()
    assert distributor.items() == ["FREIGHT_UNALLOCATED UPSN/U1"]
