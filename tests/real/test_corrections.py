"""A posted document is corrected in a real ERP: taken back, posted anew, billed once; what will not come is let go."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from tests.real.contract.counterparts import TrytonErp

from crossdock.kit.connector import Action, Command
from crossdock.kit.outcomes import Already, AnyOutcome, Applied, Conflict, Rejected, RetryAfter, Unknown
from crossdock.testing.contract import apply, finish
from crossdock.testing.counterpart import opened
from crossdock.testing.proxy import Between

SKU = "BRG-001"


def issue(order_no: str, quantity: int, generation: int = 1, *, name: str = "GI", of: str | None = None) -> Command:
    """So many left for an order; `of`: what is taken back of it."""
    action: Action = "undo" if of else "do"
    content: dict[str, object] = {
        "issue_no": name, "order_no": order_no, "shipment_no": f"S-{order_no}", "warehouse": "DC01",
        "lines": [[1, SKU, quantity]],
    }  # fmt: skip
    key = f"shipment/S-{order_no}/goods_issue/{name}/{generation}"
    return Command(key=key, kind="post_goods_issue", action=action, content=content, of_key=of)


def invoice(order_no: str, quantity: int, freight: int = 0) -> Command:
    content: dict[str, object] = {
        "order_no": order_no, "customer_no": "K00001", "currency": "USD", "freight_charge_minor": freight,
        "lines": [[1, SKU, quantity]],
    }  # fmt: skip
    return Command(key=f"order/{order_no}/invoice/1", kind="create_invoice", action="do", content=content)


def not_coming(order_no: str, quantity: int) -> Command:
    content: dict[str, object] = {
        "order_no": order_no, "shipment_no": f"S-{order_no}", "warehouse": "DC01", "lines": [[1, SKU, quantity]]
    }  # fmt: skip
    return Command(key=f"shipment/S-{order_no}/back_order/1", kind="cancel_back_order", action="do", content=content)


def done(erp: TrytonErp, *commands: Command) -> list[AnyOutcome]:
    """Each is asked for once, by a connector that lives for all."""

    async def ask() -> list[AnyOutcome]:
        connector = opened(erp, seconds=20)
        try:
            return [await connector.apply(command) for command in commands]
        finally:
            await connector.close()

    return asyncio.run(ask())


def stock(erp: TrytonErp) -> int:
    place = erp.person.one("stock.location", ["code", "=", "DC01"], ["type", "=", "warehouse"])
    [row] = erp.person.model(
        "product.product", "search_read", [["code", "=", SKU]], 0, None, None, ["quantity"], locations=[place],
        with_childs=True,
    )  # fmt: skip
    return int(row["quantity"])


def shipments(erp: TrytonErp, order_no: str) -> dict[str, float]:
    """How much of an order is in which state there."""
    [sale] = erp.person.rows("sale.sale", [["reference", "=", order_no]], ["shipments"])
    found: dict[str, float] = {}
    fields = ["state", "outgoing_moves.quantity"]
    for row in erp.person.rows("stock.shipment.out", [["id", "in", sale["shipments"]]], fields):
        moved = sum(move["quantity"] for move in row["outgoing_moves."])
        found[row["state"]] = found.get(row["state"], 0) + moved
    return found


def test_a_goods_issue_is_taken_back_posted_anew_and_billed_as_it_is_now(tryton_erp: TrytonErp) -> None:
    erp, order = tryton_erp, "ORD-CORRECTED"
    erp.ordered(order, 10)
    before = stock(erp)
    first = issue(order, 8)
    undo, again = issue(order, 8, 2, of=first.key), issue(order, 9, 3)
    outcomes = done(erp, first, undo)
    assert all(isinstance(one, Applied) for one in outcomes), [one.reason for one in outcomes]
    assert stock(erp) == before
    [outcome] = done(erp, again)
    assert isinstance(outcome, Applied), outcome
    assert stock(erp) == before - 9
    assert [type(one) for one in done(erp, undo, again)] == [Already] * 2
    [more] = done(erp, issue(order, 4, name="OTHER"))
    assert isinstance(more, Rejected), more
    assert stock(erp) == before - 9
    [billed] = done(erp, invoice(order, 9, 1_500))
    assert isinstance(billed, Applied), billed
    [row] = erp.person.rows("account.invoice", [["number", "=", billed.document_no]], ["state", "untaxed_amount"])
    assert (row["state"], row["untaxed_amount"]) == ("posted", Decimal(105))


def test_an_order_that_went_in_two_parts_is_billed_by_one_invoice(tryton_erp: TrytonErp) -> None:
    erp, order = tryton_erp, "ORD-PARTS"
    erp.ordered(order, 10)
    first, early = done(erp, issue(order, 7, name="A"), invoice(order, 10))
    assert isinstance(first, Applied), first
    assert isinstance(early, Conflict), early
    second, billed, again = done(erp, issue(order, 3, name="B"), invoice(order, 10), invoice(order, 10))
    assert isinstance(second, Applied), second
    assert isinstance(billed, Applied), billed
    assert isinstance(again, Already), again
    fields = ["state", "untaxed_amount", "tax_amount"]
    [row] = erp.person.rows("account.invoice", [["number", "=", billed.document_no]], fields)
    assert (row["state"], row["untaxed_amount"], row["tax_amount"]) == ("posted", Decimal(100), Decimal(6))
    assert erp.person.rows("account.invoice", [["reference", "like", "%emptied"]], []) == []


def test_what_was_picked_short_and_will_not_come_is_cancelled_once(tryton_erp: TrytonErp) -> None:
    erp, order = tryton_erp, "ORD-SHORT"
    erp.ordered(order, 10)
    [sent] = done(erp, issue(order, 4))
    assert isinstance(sent, Applied), sent
    assert shipments(erp, order) == {"done": 4, "waiting": 6}
    first, second = done(erp, not_coming(order, 2), not_coming(order, 2))
    assert isinstance(first, Applied), first
    assert isinstance(second, Already), second
    assert shipments(erp, order) == {"done": 4, "cancelled": 2, "waiting": 4}
    [rest] = done(erp, issue(order, 4, name="REST"))
    assert isinstance(rest, Applied), rest
    assert shipments(erp, order) == {"done": 8, "cancelled": 2}
    [sale] = erp.person.rows("sale.sale", [["reference", "=", order]], ["shipment_state"])
    assert sale["shipment_state"] == "sent"


def test_what_is_let_go_before_the_rest_has_left_splits_its_shipment_once(tryton_erp: TrytonErp) -> None:
    erp, order = tryton_erp, "ORD-LET-GO"
    erp.ordered(order, 11)
    outcomes = done(erp, not_coming(order, 4), issue(order, 7))
    assert [type(one) for one in outcomes] == [Applied] * 2, outcomes
    assert shipments(erp, order) == {"cancelled": 4, "done": 7}
    [sale] = erp.person.rows("sale.sale", [["reference", "=", order]], ["shipments", "shipment_state"])
    assert (len(sale["shipments"]), sale["shipment_state"]) == (2, "sent")


@pytest.mark.timeout(300)
def test_letting_go_goes_on_after_a_cut_at_any_step(tryton_erp: TrytonErp) -> None:
    erp = tryton_erp
    with Between(erp.address) as between:
        erp.ordered("ORD-UNCUT", 11)
        uncut = apply(opened(erp, address=between.address, seconds=20), not_coming("ORD-UNCUT", 4))
        assert isinstance(uncut, Applied), uncut
        steps = [n for n, one in enumerate(uncut.evidence) if one.sent.startswith("POST")]
        signed_in = next(n for n in steps if "/rpc/" in uncut.evidence[n].sent)  # which is one request more, before it
        assert between.seen() == len(uncut.evidence) + 1
        for number in [n + (n >= signed_in) for n in steps]:
            order = f"ORD-CUT-{number}"
            erp.ordered(order, 11)
            between.fault("cut_after", first=number, count=1)
            outcome = apply(opened(erp, address=between.address, seconds=20), not_coming(order, 4))
            assert isinstance(outcome, (Unknown, RetryAfter, Applied)), (number, outcome)
            finish(erp, not_coming(order, 4))
            assert shipments(erp, order) == {"cancelled": 4, "waiting": 7}, (number, outcome)
            [sale] = erp.person.rows("sale.sale", [["reference", "=", order]], ["shipment_state"])
            assert sale["shipment_state"] == "partially shipped", (number, outcome)


def test_what_is_not_open_is_not_cancelled_and_what_did_not_leave_is_not_billed(tryton_erp: TrytonErp) -> None:
    erp, order = tryton_erp, "ORD-LITTLE"
    erp.ordered(order, 3)
    cancelled, billed = done(erp, not_coming(order, 5), invoice(order, 3))
    assert isinstance(cancelled, Conflict), cancelled
    assert isinstance(billed, Conflict), billed
