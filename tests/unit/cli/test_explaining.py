from datetime import UTC, datetime, timedelta

from crossdock.app.explaining import Beside, Deadline, Open, Standing, also, moment, unblocks
from crossdock.app.lacking import Lack

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
PROOF = Lack("proof of delivery", "carrier RDWY")
LATER = Deadline(at=datetime(2026, 3, 12, 14, 0, tzinfo=UTC), opens=["PROOF_OF_DELIVERY_OVERDUE (carrier desk)"])
VARIANCE = Open(
    case="shipment/SH1", code="FREIGHT_VARIANCE", subject="RDWY/F1", desk="freight audit",
    action="Approve the difference, or dispute it with the carrier", at_stake_minor=8400, currency="USD",
)  # fmt: skip
SHORT = Open(
    case="shipment/SH1",
    code="SHORT_PICK",
    subject="PK1",
    desk="warehouse",
    action="Ship the rest later, or tell the customer",
)


def test_what_is_lacking_is_said_with_who_says_it_and_until_when() -> None:
    standing = Standing(case="shipment/SH1", done="delivered and billed", lack=PROOF, deadline=LATER)
    assert unblocks(standing, NOW) == "Waits for: proof of delivery (carrier RDWY), until 12 Mar 2026 14:00 UTC"


def test_a_deadline_that_passed_unheard_is_said_as_such() -> None:
    standing = Standing(case="shipment/SH1", done="", lack=PROOF, deadline=LATER)
    late = unblocks(standing, LATER.at + timedelta(hours=1))
    assert (
        late
        == "Waits for: proof of delivery (carrier RDWY), due since 12 Mar 2026 14:00 UTC (no worker has noticed yet)"
    )


def test_an_open_item_comes_first_and_what_is_lacking_after_it() -> None:
    standing = Standing(case="shipment/SH1", done="", items=[SHORT, VARIANCE], lack=PROOF, deadline=LATER)
    assert unblocks(standing, NOW) == (
        "Waits for: approve the difference, or dispute it with the carrier (freight audit) - FREIGHT_VARIANCE RDWY/F1,"
        " 84.00 USD at stake (and 1 more item)"
    )
    assert also(standing, NOW) == "Then for: proof of delivery (carrier RDWY), until 12 Mar 2026 14:00 UTC"


def test_the_sentence_does_not_depend_on_the_order_of_items() -> None:
    one = Standing(case="shipment/SH1", done="", items=[SHORT, VARIANCE])
    other = Standing(case="shipment/SH1", done="", items=[VARIANCE, SHORT])
    assert unblocks(one, NOW) == unblocks(other, NOW)


def test_an_item_of_another_case_names_it() -> None:
    standing = Standing(case="freight_invoice/RDWY/F1", done="", items=[VARIANCE])
    assert "FREIGHT_VARIANCE RDWY/F1 at shipment/SH1" in unblocks(standing, NOW)


def test_an_order_takes_the_deadline_and_the_hint_of_its_shipment() -> None:
    beside = Beside(case="shipment/SH1", lack=PROOF, deadline=LATER, items=[SHORT])
    standing = Standing(case="order/SO1", done="paid and closed", lack=PROOF, beside=[beside])
    assert unblocks(standing, NOW) == (
        "Waits for: proof of delivery (carrier RDWY), until 12 Mar 2026 14:00 UTC; open at shipment/SH1: SHORT_PICK, "
        "Ship the rest later, or tell the customer (warehouse)"
    )


def test_a_case_that_needs_nothing_says_how_it_ended() -> None:
    assert unblocks(Standing(case="order/SO1", done="paid and closed"), NOW) == "Nothing: paid and closed"
    assert also(Standing(case="order/SO1", done="paid and closed"), NOW) is None


def test_a_case_that_needs_nothing_still_says_what_is_open_beside_it() -> None:
    beside = Beside(case="shipment/SH1", items=[VARIANCE])
    said = unblocks(Standing(case="order/SO1", done="paid and closed", beside=[beside]), NOW)
    assert said.startswith("Nothing more of its own: paid and closed. Open beside it: approve the difference")
    waiting = Beside(case="shipment/SH1", lack=Lack("the freight invoice", "carrier RDWY"))
    said = unblocks(Standing(case="order/SO1", done="paid and closed", beside=[waiting]), NOW)
    assert (
        said
        == "Nothing more of its own: paid and closed. shipment/SH1 still waits for the freight invoice (carrier RDWY)"
    )


def test_a_parked_case_waits_for_a_mended_rule() -> None:
    standing = Standing(case="order/SO1", done="", parked=True, items=[VARIANCE], lack=PROOF)
    assert unblocks(standing, NOW).startswith("Waits for: a mended rule or fact (integration)")
    assert also(standing, NOW) is None


def test_an_instant_in_a_sentence_names_its_zone() -> None:
    assert moment(datetime(2026, 3, 2, 7, 5, tzinfo=UTC)) == "2 Mar 2026 07:05 UTC"
