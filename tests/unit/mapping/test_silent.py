"""What would go wrong in silence is refused while compiling, unless the mapping says how it is meant."""

from decimal import Decimal

import pytest

from crossdock.mapping import MappingError, compile_mapping
from crossdock.model.envelope import Event
from crossdock.model.quantity import Quantity

STOCK = """\
mapping: stock
version: 1
format: json
event: stock.opened
envelope: {occurred: at}
fields: {warehouse: w, sku: s, quantity: QUANTITY, unit: UNIT}
"""
ISSUE = """\
mapping: issue
version: 1
format: json
event: goods.issued
envelope: {occurred: at}
fields:
  issue_no: gi
  order_no: so
  shipment_no: sh
  warehouse: w
  gross_weight: WEIGHT
  lines: {each: lines, fields: {line: line, sku: sku, quantity: qty, unit: {constant: EA}}}
"""
PAYMENT = """\
mapping: payments
version: 1
format: json
event: payment.received
currency: USD
envelope: {occurred: at}
fields: {payment_ref: r, invoice_no: i, amount_minor: AMOUNT, currency: CURRENCY, value_on: d}
"""
INVOICE = """\
mapping: invoice
version: 1
format: x12
documents:
  "210":
    event: freight_invoice.received
    currency: {path: C3-01}
    envelope: {occurred: {path: B3-06, as: date, style: ccyymmdd, at: "00:00Z"}}
    fields:
      scac: B3-11
      invoice_no: B3-02
      invoiced_on: {path: B3-06, style: ccyymmdd}
      linehaul_minor: {path: "LX/L1[08=]-04", implied_decimals: true, sum: true}
      charges: {each: LX/L1, fields: {code: L1-08, amount_minor: {path: L1-04, implied_decimals: true}}}
      total_minor: TOTAL
      currency: C3-01
"""


def stock(quantity: str = "{path: q, as: quantity, unit: {path: u}, to: EA}", unit: str = "{constant: EA}") -> str:
    return STOCK.replace("QUANTITY", quantity).replace("UNIT", unit)


def issue(weight: str) -> str:
    return ISSUE.replace("WEIGHT", weight)


def payment(amount: str = "a", currency: str = "{constant: USD}") -> str:
    return PAYMENT.replace("AMOUNT", amount).replace("CURRENCY", currency)


def problem(source: str) -> str:
    with pytest.raises(MappingError) as found:
        compile_mapping(source)
    assert found.value.line is not None
    return found.value.problem


@pytest.mark.parametrize(
    ("source", "said"),
    [
        # pounds for kilograms
        (issue("{path: weight_kg, unit: LBR}"), "weight_kg is named after KGM, not LBR; with `to` it is converted"),
        (issue("{path: load.gross-lbs, unit: KGM}"), "is named after LBR, not KGM"),
        (issue("{path: w, unit: {path: u}, units: {KG: LBR}}"), "KG is KGM, which is not LBR: map it to KGM"),
        (issue("{path: w, unit: {path: u}, units: {LBR: KGM}}"), "LBR is LBR, which is not KGM"),
        (issue("w"), "a quantity needs a unit"),
        # a case for a piece
        (stock("{path: q, as: quantity, unit: {path: u}, units: {CS: EA}, to: EA}"), "a CS holds more than one"),
        (stock("{path: q, as: quantity, unit: {path: u}, units: {pallet: EA}, to: EA}"), "`pallet: 12 EA`"),
        (stock("q", "{path: u, map: {CASE: EA}}"), "a CASE holds more than one: say how many"),
        (stock("q", "{path: u, map: {DZ: EA}}"), "DZ is DZN, which is not EA"),
        (stock("{path: q, as: quantity, unit: {path: u}, units: {CS: 12 KEG}, to: EA}"), "is no known unit"),
        # cents for dollars
        (payment("{path: total_cents}"), "total_cents is named after cents: say `implied_decimals: true`, or false"),
        (payment("amount_minor"), "amount_minor is named after minor"),
        (INVOICE.replace("TOTAL", "B3-07"), "B3-07 has two implied decimals (65940 is 659.40)"),
        # a currency that is lost
        (payment(currency="c"), "the event would say what c says, and amount_minor is read in USD"),
        (payment("{path: a, currency: EUR}"), "the event would say USD, and amount_minor is read in EUR"),
        (payment("{path: a, currency: {path: x}}", "y"), "what y says, and amount_minor is read in what x says"),
        (payment().replace("currency: USD\n", "", 1), "an amount needs a currency"),
        # a time without a zone
        (payment().replace("{occurred: at}", "{occurred: {path: at, style: ccyymmddhhmmss}}"), "needs its `zone`"),
        (payment().replace("{occurred: at}", "{occurred: {path: d, as: date}}"), "a date is no moment"),
    ],
)
def test_what_would_go_wrong_in_silence_is_refused(source: str, said: str) -> None:
    assert said in problem(source)


@pytest.mark.parametrize(
    "source",
    [
        issue("{path: weight_kg, unit: KGM, to: LBR}"),
        issue("{path: w, unit: {path: u, default: KGM}, units: {KG: KGM, LBS: LBR}}"),
        issue("{path: bag, unit: LBR}"),
        stock("{path: q, as: quantity, unit: {path: u}, units: {CS: 12 EA, PC: PCE}, to: EA}"),
        stock("q", "{path: u, map: {PC: EA, EACH: EA}}"),
        payment("{path: total_cents, implied_decimals: true}"),
        payment("{path: total_cents, implied_decimals: false}"),
        payment("{path: a, currency: {path: c}}", "c"),
        INVOICE.replace("TOTAL", "{path: B3-07, implied_decimals: true}"),
        INVOICE.replace("TOTAL", "{path: B3-07, implied_decimals: false}"),
    ],
)
def test_what_the_mapping_says_how_to_read_is_taken(source: str) -> None:
    assert compile_mapping(source).event_types


def test_so_many_pieces_of_a_pack_are_counted() -> None:
    source = stock("{path: q, as: quantity, unit: {path: u}, units: {CS: 12 EA}, to: EA}")
    (made,) = compile_mapping(source).read(b'{"at":"2026-03-02T08:00:00Z","w":"DC01","s":"S1","q":"2.5","u":"CS"}')
    assert isinstance(made, Event)
    assert made.data.quantity == 30  # type: ignore[union-attr]


@pytest.mark.parametrize(("unit", "weight"), [("LBS", "2"), ("", "2")])
def test_a_unit_that_is_not_there_may_have_a_default(unit: str, weight: str) -> None:
    source = issue("{path: w, unit: {path: u, default: LBR}, units: {LBS: LBR}}")
    lines = b'"lines":[{"line":1,"sku":"A","qty":1}]'
    body = b'{"at":"2026-03-02T08:00:00Z","gi":"G1","so":"O1","sh":"S1","w":"%b","u":"%b",' + lines + b"}"
    (made,) = compile_mapping(source).read(body % (weight.encode(), unit.encode()))
    assert isinstance(made, Event)
    assert made.data.gross_weight == Quantity(Decimal(2), "LBR")  # type: ignore[union-attr]


def test_in_edi_the_unit_beside_a_value_counts() -> None:
    x12 = (
        'mapping: m\nversion: 1\nformat: x12\ndocuments:\n  "945":\n    event: goods.issued\n'
        '    envelope: {occurred: {path: W06-03, as: date, style: ccyymmdd, at: "00:00Z"}}\n'
        "    fields:\n      issue_no: W06-02\n      order_no: W06-02\n      shipment_no: W06-04\n"
        "      warehouse: {constant: DC01}\n"
        "      gross_weight: WEIGHT\n"
        "      lines: {each: LX, fields: {line: LX-01, sku: W12/W12-08, quantity: W12/W12-03, unit: {constant: EA}}}\n"
    )
    found = problem(x12.replace("WEIGHT", "{path: W03-02, unit: LBR}"))
    assert "W03-03 beside it says the unit: `unit: {path: W03-03, default: LBR}`" in found
    edifact = (
        "mapping: m\nversion: 1\nformat: edifact\ndocuments:\n  INVOIC:\n    event: payment.received\n"
        "    currency: EUR\n    envelope: {occurred: {path: DTM-01:2, as: dtm, code: DTM-01:3, zone: UTC}}\n"
        "    fields:\n      payment_ref: BGM-02:1\n      invoice_no: BGM-02:1\n      amount_minor: MONEY\n"
        "      currency: {constant: EUR}\n      value_on: {path: DTM-01:2, as: dtm, code: DTM-01:3}\n"
    )
    found = problem(edifact.replace("MONEY", '{path: "UNS/MOA/MOA[01:1=77]-01:2", sum: true}'))
    assert "MOA-01:3 beside it says its currency" in found
