"""Carriers look at disputed bills again: most are corrected, some are insisted on; each dispute has one effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.sandbox.talking import Recorder, Talk
from tests.sandbox.test_business_trouble import _plan, _said, _world

from crossdock.sandbox.systems.fleet import Fleet

StartFleet = Callable[..., Fleet]
Billed = tuple[Fleet, Talk, dict[str, Any]]


@pytest.fixture
def billed(start_fleet: StartFleet, recorder: Recorder) -> Billed:
    """A carrier by X12 has billed a move, 84 dollars too much."""
    fleet = _world(start_fleet, recorder, accessorial_84=1, insist=0)
    _plan(fleet, 1)
    carriers = Talk(fleet, "carriers")
    carriers.wait(lambda: carriers.ask("GET", "/freight_invoices").json["items"])
    (bill,) = carriers.ask("GET", "/freight_invoices").json["items"]
    return fleet, carriers, bill


def dispute(bill: dict[str, Any], expected: int | None) -> dict[str, Any]:
    billed = int(bill["total"].replace(".", ""))
    said = {"scac": bill["scac"], "invoice_no": bill["invoice_no"], "billed_cents": billed}
    return said | ({"expected_cents": expected} if expected is not None else {})


def test_a_disputed_bill_is_corrected_and_sent_again_in_the_carriers_form(billed: Billed, recorder: Recorder) -> None:
    _, carriers, bill = billed
    expected = int(bill["total"].replace(".", "")) - 8_400
    made = carriers.do("/disputes", dispute(bill, expected), "dispute/1")
    assert made.status == 201
    assert carriers.do("/disputes", dispute(bill, expected), "dispute/1").json["id"] == made.json["id"]
    carriers.wait(lambda: carriers.ask("GET", f"/disputes/{made.json['id']}").json["status"] == "corrected")
    carriers.wait(lambda: len(_said(recorder, "freight.invoiced")) == 2)
    posts = [post for post, _ in _said(recorder, "freight.invoiced")]
    assert {post.headers["content-type"] for post in posts} == {"application/edi-x12"}
    (again,) = carriers.ask("GET", "/freight_invoices").json["items"]
    assert again["total"] == f"{expected // 100}.{expected % 100:02d}"


def test_a_dispute_that_is_withdrawn_changes_nothing(billed: Billed) -> None:
    _, carriers, bill = billed
    made = carriers.do("/disputes", dispute(bill, 100), "dispute/1").json["id"]
    assert carriers.do(f"/disputes/{made}/withdraw", {}, "withdraw/1").json["status"] == "withdrawn"
    found = carriers.ask("GET", "/disputes?reference=withdraw/1").json["items"]
    assert [one["withdraw_reference"] for one in found] == ["withdraw/1"]
    (same,) = carriers.ask("GET", "/freight_invoices").json["items"]
    assert same["total"] == bill["total"]


def test_a_bill_that_nobody_sent_cannot_be_disputed_and_without_an_amount_the_carrier_insists(billed: Billed) -> None:
    _, carriers, bill = billed
    assert carriers.do("/disputes", dispute(bill | {"invoice_no": "NONE"}, 1), "dispute/0").status == 422
    made = carriers.do("/disputes", dispute(bill, None), "dispute/1").json["id"]
    carriers.wait(lambda: carriers.ask("GET", f"/disputes/{made}").json["status"] == "insisted")
