from typing import Any

import msgspec
import pytest
from tests.system.conftest import Crossdock, Own, SettledDay

from crossdock.processes.case import pack, unpack
from crossdock.store import arrival


@pytest.mark.parametrize(
    ("status", "lacks"),
    [
        ("CREATED", "the plan of a shipment (transport)"),
        ("PLANNED", "a tender to a carrier (transport)"),
        ("TENDERED", "the answer to the tender (carrier"),
        ("ACCEPTED", "the pick (warehouse"),
        ("SHIPPED", "proof of delivery (carrier"),
        ("INVOICED", "payment (customer"),
    ],
)
def test_an_order_waits_for_the_next_fact_of_its_status(
    crossdock: Crossdock, settled_day: SettledDay, status: str, lacks: str
) -> None:
    sentence = crossdock("explain", settled_day.order(status)).out.splitlines()[0]
    assert sentence.startswith(f"Waits for: {lacks}"), sentence


def test_an_order_that_is_paid_waits_for_nothing(crossdock: Crossdock, settled_day: SettledDay) -> None:
    explained = crossdock("explain", settled_day.order("PAID"), "--json").json
    assert explained["unblocks"].startswith("Nothing")
    assert explained["policies"] == [{"name": "distributor", "valid_from": "2000-01-01"}]
    assert explained["rules"] == {"case": 1, "build": 1}
    assert explained["plan"]["shown"] == ["invoice", "release", "shipment"]
    assert explained["would_change"] == {"opens": [], "closes": [], "commands": [], "postings": []}


def test_a_deadline_says_what_opens_when_nothing_is_heard(crossdock: Crossdock, settled_day: SettledDay) -> None:
    order = settled_day.order("SHIPPED")
    (top,) = crossdock("show", order, "--json").json["relations"]
    shipment = next(below["id"] for below in top["below"] if below["id"].startswith("shipment/"))
    explained = crossdock("explain", shipment, "--json").json
    assert "due since" in explained["unblocks"]
    assert explained["deadlines"][0]["opens"] == ["PROOF_OF_DELIVERY_OVERDUE (carrier desk)"]
    assert "is past: does a worker run?" in crossdock("explain", shipment).out


@pytest.mark.parametrize("code", ["FREIGHT_VARIANCE", "PAYMENT_SHORT", "SHORT_PICK"])
def test_an_open_item_is_what_a_case_waits_for(crossdock: Crossdock, books: Any, code: str) -> None:
    owner, action, desk = books.execute(
        "select owner, action, desk from work_item where code = %s and closed_at is null"
        " and owner not in (select owner from work_item group by owner having count(*) > 1) limit 1",
        (code,),
    ).fetchone()
    sentence = crossdock("explain", owner, "--json").json["unblocks"]
    assert sentence.startswith(f"Waits for: {action[0].lower()}{action[1:]} ({desk}) - {code}")


def test_a_freight_invoice_waits_for_what_its_shipment_says_about_it(crossdock: Crossdock, books: Any) -> None:
    (subject,) = books.execute("select subject from work_item where code = 'FREIGHT_VARIANCE' limit 1").fetchone()
    sentence = crossdock("explain", f"freight_invoice/{subject}", "--json").json["unblocks"]
    assert f"FREIGHT_VARIANCE {subject} at shipment/" in sentence


def test_a_finding_blocks_nothing(crossdock: Crossdock, books: Any) -> None:
    (owner,) = books.execute(
        "select owner from work_item where code = 'TENDER_REJECTED' and owner not in"
        " (select owner from work_item where not finding) limit 1"
    ).fetchone()
    assert "TENDER_REJECTED" not in crossdock("explain", owner).out.splitlines()[0]


def test_a_dead_letter_says_what_to_do(crossdock: Crossdock, books: Any) -> None:
    number, row, rule = books.execute("select arrival, row, rule from dead_letter limit 1").fetchone()
    explained = crossdock("explain", f"{arrival.text(number)}:{row}", "--json").json
    assert explained["unblocks"].startswith("Waits for: ")
    assert rule in explained["unblocks"]


@pytest.mark.parametrize("code", ["RATE_MISSING", "rate_missing", "field.required"])
def test_a_code_is_explained(crossdock: Crossdock, code: str) -> None:
    explained = crossdock("explain", code, "--json").json
    assert explained["means"]
    assert explained["do"]


def test_a_parked_case_shows_the_trace(own: Own, settled_day: SettledDay) -> None:
    case = f"order/{settled_day.order('PARTIALLY_PAID')}"
    (blob,) = own.books.execute("select record from case_record where id = %s", (case,)).fetchone()
    record = unpack(blob)
    other = pack(msgspec.structs.replace(record, rules=99))
    own.books.execute("update case_record set record = %s where id = %s", (other, case))
    done = own.crossdock("explain", case)
    assert "the rules failed on this case" in done.out.splitlines()[0]
    assert "CaseError: the case is on version 99 of its rules" in done.out
    assert own.crossdock("explain", case, "--json").json["parked"]


def test_what_does_not_exist_is_not_explained(crossdock: Crossdock) -> None:
    assert crossdock("explain", "no such thing").code == 1
