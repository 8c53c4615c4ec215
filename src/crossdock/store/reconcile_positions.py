"""The list of things that can be compared with what other systems believe.

A position is made of commands that were applied, of events, or of the ledger.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple


class Position(NamedTuple):
    """A kind of thing both sides speak of: where ours comes from, its key, and its lines, as SQL over `content`.

    `of` is the kind of command, the type of event, or the beginning of the accounts. `lines` are place, item, amount.
    Of several statements of an event's key the first counts, as in the books; with `latest` the one that came last.
    """

    made_of: Literal["commands", "events", "ledger"]
    of: str
    key: str = ""
    lines: str = ""
    is_counted: bool = True
    latest: bool = False


def _asked_lines(place: str) -> str:
    line = "line ->> 1 as item, (line ->> 2)::bigint as amount from json_array_elements(content -> 'lines') as line"
    return f"select {place} as place, {line}"


_TOLD_LINES: Final = (
    "select content ->> 'warehouse' as place, line ->> 'sku' as item, (line ->> 'quantity')::bigint as amount"
    " from json_array_elements(content -> 'lines') as line"
)


def _money(member: str) -> str:
    return f"select '' as place, content ->> 'currency' as item, (content ->> '{member}')::bigint as amount"


_IN_WAREHOUSE: Final = "content ->> 'warehouse'"
_FREIGHT_KEY: Final = "content ->> 'scac' || '/' || (content ->> 'invoice_no')"

POSITIONS: Final[dict[str, Position]] = {
    "stock": Position("ledger", "stock.on_hand/", is_counted=False),
    "order": Position("events", "order.created", "content ->> 'order_no'", _TOLD_LINES),
    "shipment": Position("commands", "plan_shipment", "content ->> 'order_no'", _asked_lines(_IN_WAREHOUSE)),
    "release": Position("commands", "release_order", "content ->> 'order_no'", _asked_lines(_IN_WAREHOUSE)),
    "goods_issue": Position("commands", "post_goods_issue", "content ->> 'issue_no'", _asked_lines(_IN_WAREHOUSE)),
    "invoice": Position("commands", "create_invoice", "content ->> 'order_no'", _asked_lines("''")),
    "freight_invoice": Position("commands", "post_freight_invoice", _FREIGHT_KEY, _money("total_minor")),
    "goods_issued": Position("events", "goods.issued", "content ->> 'issue_no'", _TOLD_LINES),
    "invoiced": Position("events", "customer_invoice.generated", "content ->> 'invoice_no'", _money("total_minor")),
    "freight_billed": Position("events", "freight_invoice.received", _FREIGHT_KEY, _money("total_minor"), latest=True),
    "payment": Position("events", "payment.received", "content ->> 'payment_ref'", _money("amount_minor")),
}
