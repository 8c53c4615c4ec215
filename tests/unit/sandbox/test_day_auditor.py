"""The auditor works the books out from deliveries alone, and comes to what the generator decided."""

import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crossdock.sandbox.day import compare, freight_choices, generate, replay


def _resend(folder: Path, lines: Iterable[str]) -> None:
    (folder / "deliveries.ndjson").write_text("".join(f"{line}\n" for line in lines))


def _lines(folder: Path) -> list[str]:
    return (folder / "deliveries.ndjson").read_text().splitlines()


@pytest.mark.parametrize("trouble", [0, 1, 4, 15])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_auditor_agrees_with_the_generator(tmp_path: Path, seed: int, trouble: float) -> None:
    oracle = generate(tmp_path, seed=seed, orders=250, trouble=trouble)
    assert compare(oracle, replay(tmp_path)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_shuffled_day_differs_only_in_what_may_depend_on_arrival(tmp_path: Path, seed: int) -> None:
    oracle = generate(tmp_path, seed=seed, orders=250, trouble=6)
    choices, lines = freight_choices(tmp_path), _lines(tmp_path)
    random.Random(seed).shuffle(lines)
    _resend(tmp_path, lines)
    result = replay(tmp_path)
    assert choices
    assert freight_choices(tmp_path) == choices
    assert compare(oracle, result, any_order=True, choices=choices) == []
    assert compare(oracle, result) != []


def test_a_day_sent_twice_differs_only_in_the_copies_dropped(tmp_path: Path) -> None:
    oracle = generate(tmp_path, seed=4, orders=200, trouble=4)
    _resend(tmp_path, _lines(tmp_path) * 2)
    result = replay(tmp_path)
    readable = oracle["input"]["events"] - oracle["input"]["malformed"]
    assert result["malformed_exceptions"] == oracle["malformed_exceptions"]
    assert result["duplicates_dropped"] == oracle["duplicates_dropped"] + readable
    assert compare(oracle, result, resent=True) == []


# One order by hand: 5 + 3 pieces, 250 lb, a carrier at 12.34 a hundredweight and 25 % fuel.
# Linehaul 30.85 is below the minimum of 80.00; fuel 20.00; the last tender's APT 35.00: accrual 135.00, tolerance 5.00.
LINES = [{"line": 1, "sku": "A", "qty": 5}, {"line": 2, "sku": "B", "qty": 3}]
SHIPMENT = {"shipment_no": "S1", "order_no": "O1"}
STORY: list[tuple[str, dict[str, Any]]] = [
    ("order.created", {"order_no": "O1", "warehouse": "W", "lines": LINES}),
    ("shipment.created", {**SHIPMENT, "warehouse": "W", "zone": 2}),
    ("load.tendered", {"tender_id": "T1", "shipment_no": "S1", "scac": "NOPE", "services": ["DET"]}),
    ("tender.rejected", {"tender_id": "T1", "shipment_no": "S1", "scac": "NOPE"}),
    ("load.tendered", {"tender_id": "T2", "shipment_no": "S1", "scac": "YEAH", "services": ["APT"]}),
    ("tender.accepted", {"tender_id": "T2", "shipment_no": "S1", "scac": "YEAH"}),
    (
        "pick.confirmed",
        {
            "pick_id": "P1",
            **SHIPMENT,
            "lines": [{"line": 1, "qty_ordered": 5, "qty_picked": 4}, {"line": 2, "qty_ordered": 3, "qty_picked": 3}],
        },
    ),
    (
        "goods.issued",
        {
            "gi_doc": "G1",
            **SHIPMENT,
            "warehouse": "W",
            "gross_weight_lb": 250,
            "lines": [{**LINES[0], "qty": 4}, LINES[1]],
        },
    ),
    (
        "customer.invoiced",
        {"invoice_no": "I1", "order_no": "O1", "lines": [{**LINES[0], "qty": 4}, LINES[1]], "total": "99.99"},
    ),
    ("payment.received", {"payment_ref": "Y1", "invoice_no": "I1", "amount": "99.98"}),
    ("shipment.milestone", {"scac": "YEAH", "shipment_no": "S1", "status_code": "AF", "stop_no": 1}),
    ("shipment.delivered", {"scac": "YEAH", "shipment_no": "S1", "status_code": "D1", "stop_no": 2}),
    ("freight.invoiced", {"scac": "YEAH", "invoice_no": "F1", "shipment_no": "S1", "total": "140.00"}),
]
ISSUE, INVOICE, PAYMENT, PROOF, FREIGHT = 7, 8, 9, 11, 12


def _day(folder: Path, story: Iterable[tuple[str, dict[str, Any]]]) -> Path:
    (folder / "rates.csv").write_text("scac,warehouse,zone,cwt_cents,min_cents,fuel_bp\nYEAH,W,2,1234,8000,2500\n")
    (folder / "initial_stock.csv").write_text("warehouse,sku,on_hand\nW,A,100\nW,B,2\n")
    messages = [
        json.dumps({"id": n, "type": kind, "time": f"2026-03-02T10:{n:02d}:00.000Z", "data": data})
        for n, (kind, data) in enumerate(story)
    ]
    envelope = {"source": "test", "format": "json", "content_type": "application/json", "events": 1}
    _resend(folder, (json.dumps({**envelope, "raw": raw}) for raw in messages))
    return folder


def _billed(total: str, invoice_no: str = "F1", shipment_no: str = "S1") -> tuple[str, dict[str, Any]]:
    data = {"scac": "YEAH", "invoice_no": invoice_no, "shipment_no": shipment_no, "total": total}
    return "freight.invoiced", data


def test_one_order_told_by_hand_comes_out_as_the_rules_say(tmp_path: Path) -> None:
    assert replay(_day(tmp_path, STORY)) == {
        "duplicates_dropped": 0,
        "malformed_exceptions": 0,
        "orders": {
            "O1": {
                "status": "PARTIALLY_PAID",
                "carrier": "YEAH",
                "freight_accrued": 0,
                "freight_posted": 140_00,
                "invoiced": 99_99,
                "paid": 99_98,
            }
        },
        "stock": {"W/A": [96, 0], "W/B": [-1, 0]},
        "exceptions": ["PAYMENT_SHORT Y1", "SHORT_PICK P1", "TENDER_REJECTED T1"],
    }


@pytest.mark.parametrize(
    ("told", "status", "reserved"),
    [
        (1, "CREATED", 5),
        (2, "PLANNED", 5),
        (4, "TENDERED", 5),
        (6, "ACCEPTED", 5),
        (7, "PICKED", 5),
        (8, "SHIPPED", 0),
        (9, "INVOICED", 0),
    ],
)
def test_status_and_reservation_follow_what_has_been_told(
    tmp_path: Path, told: int, status: str, reserved: int
) -> None:
    result = replay(_day(tmp_path, STORY[:told]))
    assert result["orders"]["O1"]["status"] == status
    assert result["stock"]["W/A"][1] == reserved


@pytest.mark.parametrize(
    ("total", "accrued", "posted"),
    [("140.00", 0, 140_00), ("140.01", 135_00, 0), ("130.00", 0, 130_00), ("129.99", 135_00, 0)],
)
def test_freight_is_posted_up_to_the_tolerance_and_not_a_cent_beyond(
    tmp_path: Path, total: str, accrued: int, posted: int
) -> None:
    result = replay(_day(tmp_path, [*STORY[:FREIGHT], _billed(total)]))
    order = result["orders"]["O1"]
    assert (order["freight_accrued"], order["freight_posted"]) == (accrued, posted)
    assert ("FREIGHT_VARIANCE YEAH/F1" in result["exceptions"]) == (posted == 0)


def test_a_second_invoice_number_is_double_billing_and_a_second_total_a_conflict(tmp_path: Path) -> None:
    more = [_billed("150.00"), _billed("135.00", "F2"), _billed("150.00")]
    result = replay(_day(tmp_path, [*STORY, *more]))
    assert result["orders"]["O1"]["freight_posted"] == 140_00
    assert result["duplicates_dropped"] == 1
    assert {"CONFLICTING_DUPLICATE YEAH/F1", "DUPLICATE_BILLING YEAH/F2"} <= set(result["exceptions"])


def test_any_of_several_freight_invoices_may_be_the_counted_one(tmp_path: Path) -> None:
    story = [*STORY, _billed("150.00"), _billed("135.00", "F2")]
    choices = freight_choices(_day(tmp_path, story))
    assert choices["O1"].invoices == {"YEAH/F1", "YEAH/F2"}
    assert {(one.accrued, one.posted, *sorted(one.exceptions)) for one in choices["O1"].outcomes} == {
        (0, 140_00, "DUPLICATE_BILLING YEAH/F2"),
        (135_00, 0, "DUPLICATE_BILLING YEAH/F2", "FREIGHT_VARIANCE YEAH/F1"),
        (0, 135_00, "DUPLICATE_BILLING YEAH/F1"),
    }


def test_a_proof_of_delivery_before_the_goods_issue_is_remembered(tmp_path: Path) -> None:
    story = [*STORY[:ISSUE], STORY[PROOF], *STORY[ISSUE:]]
    result = replay(_day(tmp_path, story))
    assert "OUT_OF_SEQUENCE S1" in result["exceptions"]
    assert result["duplicates_dropped"] == 1


def test_an_invoice_for_other_quantities_is_not_counted(tmp_path: Path) -> None:
    wrong = (STORY[INVOICE][0], {**STORY[INVOICE][1], "lines": LINES})
    result = replay(_day(tmp_path, [*STORY[:INVOICE], wrong]))
    assert result["orders"]["O1"]["invoiced"] == 0
    assert result["orders"]["O1"]["status"] == "SHIPPED"
    assert "BILLING_MISMATCH I1" in result["exceptions"]


def test_what_belongs_to_no_shipment_is_unmatched_under_its_own_key(tmp_path: Path) -> None:
    lost = ("shipment.milestone", {"scac": "YEAH", "shipment_no": "S9", "status_code": "X6", "stop_no": 3})
    result = replay(_day(tmp_path, [*STORY, lost, _billed("1.00", "F9", "S9")]))
    assert {"UNMATCHED YEAH/S9/X6/3", "UNMATCHED YEAH/F9"} <= set(result["exceptions"])


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("order.invented", STORY[0][1]),
        ("order.created", {**STORY[0][1], "order_no": {"value": "O1"}}),
        ("order.created", {**STORY[0][1], "order_no": ""}),
        ("order.created", {"warehouse": "W", "lines": LINES}),
    ],
)
def test_a_message_of_unknown_type_or_without_a_proper_key_is_malformed(
    tmp_path: Path, kind: str, data: dict[str, Any]
) -> None:
    result = replay(_day(tmp_path, [(kind, data), *STORY]))
    assert result["malformed_exceptions"] == 1
    assert list(result["orders"]) == ["O1"]
