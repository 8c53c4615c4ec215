"""XML by the mapping language: elements, attributes, repeated ones, many records, and what is around them."""

from typing import Any

import pytest

from crossdock.mapping import Compiled, MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection

MILESTONES = """
mapping: m
version: 1
format: xml
record: Messages/Milestone
event: shipment.milestone_reported
envelope: {occurred: "@at"}
fields:
  scac: /../Sender/@scac
  shipment_no: "Reference[@type=SI]"
  status_code: Status/Code
  milestone: {path: Status/Code, map: {X3: arrived_pickup}}
  stop_no: Status/@stop
"""
ONE = (
    '<Milestone at="2026-03-02T08:00:00Z"><Reference type="PO">P1</Reference><Reference type="SI"> SH1 </Reference>'
    '<Status stop="1"><Code>X3</Code></Status></Milestone>'
)
FILE = f'<?xml version="1.0"?>\n<m:Messages xmlns:m="urn:m">\n<Sender scac="RDWY"/>\n{ONE}\n{ONE}\n</m:Messages>\n'

INVOICE = """
mapping: m
version: 1
format: xml
discriminator: name()
documents:
  Invoice:
    event: freight_invoice.received
    currency: {path: Total/@currency}
    envelope: {occurred: {path: Date, as: date, at: "00:00Z"}}
    fields:
      scac: Carrier
      invoice_no: "@no"
      shipment_no: "Reference[Type=SI]/No"
      invoiced_on: Date
      linehaul_minor: {path: Charges/Linehaul, sum: true}
      charges: {each: Charges/Charge, fields: {code: "@code", amount_minor: .}}
      total_minor: Total
      currency: Total/@currency
"""
BILL = """<Invoice no="F1"><Carrier>RDWY</Carrier><Date>2026-03-02</Date>
<Reference><Type>BM</Type><No>B1</No></Reference><Reference><Type>SI</Type><No>SH1</No></Reference>
<Charges><Linehaul>100.00</Linehaul><Linehaul>10.00</Linehaul><Charge code="FUE">2.50</Charge></Charges>
<Total currency="USD">112.50</Total></Invoice>"""


def read(mapping: Compiled, text: str) -> list[Event | Rejection]:
    return list(mapping.read(text.encode()))


def data(made: list[Event | Rejection]) -> list[Any]:
    assert all(isinstance(each, Event) for each in made), made
    return [each.data for each in made if isinstance(each, Event)]


def test_each_record_is_an_event_that_knows_what_stands_around_it() -> None:
    made = read(compile_mapping(MILESTONES), FILE)
    assert [each.row for each in made] == [0, 1000]
    assert {(one.scac, one.shipment_no, one.milestone, one.stop_no) for one in data(made)} == {
        ("RDWY", "SH1", "arrived_pickup", 1)
    }


def test_a_whole_document_is_a_record_told_apart_by_its_name() -> None:
    (invoice,) = data(read(compile_mapping(INVOICE), BILL))
    assert (invoice.shipment_no, invoice.linehaul_minor, invoice.total_minor, invoice.currency) == (
        "SH1", 11_000, 11_250, "USD",
    )  # fmt: skip
    assert [(one.code, one.amount_minor) for one in invoice.charges] == [("FUE", 250)]
    (refused,) = read(compile_mapping(INVOICE), BILL.replace("Invoice", "Creditnote"))
    assert isinstance(refused, Rejection)
    assert (refused.rule, refused.position, refused.value) == ("type.unknown", "line 1, name()", "Creditnote")


def test_a_value_that_stands_twice_is_refused_even_if_it_is_the_same() -> None:
    twice = BILL.replace("<Total ", '<Total currency="USD">112.50</Total><Total ')
    dollars = INVOICE.replace("{path: Total/@currency}", "USD").replace("Total/@currency", "{constant: USD}")
    (refused,) = read(compile_mapping(dollars), twice)
    assert isinstance(refused, Rejection)
    assert (refused.rule, refused.position) == ("path.ambiguous", "line 4, Total")


def test_a_bad_record_costs_itself_and_names_its_line() -> None:
    bad = FILE.replace("<Code>X3</Code>", "<Code>QQ</Code>", 1)
    refused, event = read(compile_mapping(MILESTONES), bad)
    assert isinstance(refused, Rejection)
    assert (refused.rule, refused.row, refused.position, refused.value) == (
        "map.unlisted", 0, "line 4, Status/Code", "QQ",
    )  # fmt: skip
    assert isinstance(event, Event)


def test_what_stands_before_a_defect_is_read_and_the_rest_is_one_refusal() -> None:
    event, refused = read(compile_mapping(MILESTONES), FILE.replace("\n</m:Messages>\n", "<a></b>"))[1:]
    assert isinstance(event, Event)
    assert isinstance(refused, Rejection)
    assert (refused.rule, refused.row, refused.position.partition(",")[0]) == ("xml.malformed", 2000, "line 5")


def test_a_path_that_leads_out_of_the_document_is_refused() -> None:
    (refused,) = read(compile_mapping(INVOICE.replace("scac: Carrier", "scac: ../../Carrier")), BILL)
    assert isinstance(refused, Rejection)
    assert refused.rule == "path.outside"


@pytest.mark.parametrize(
    ("good", "bad", "problem"),
    [
        ("Status/Code\n", "Status//Code\n", "is not a path into XML"),
        ("Status/Code\n", "Status/Code[x]\n", "is not a path into XML"),
        ("Status/Code\n", '"@stop/Code"\n', "is not a path into XML"),
        ("Messages/Milestone", "Messages/@at", "must name elements"),
        ("record: Messages/Milestone", 'record: A/B\neach: "@at"', "names no elements that repeat"),
        ("record: Messages/Milestone", "at: A", "only JSON has members to start at"),
    ],
)
def test_a_wrong_path_is_refused_when_it_is_compiled(good: str, bad: str, problem: str) -> None:
    assert good in MILESTONES
    with pytest.raises(MappingError) as found:
        compile_mapping(MILESTONES.replace(good, bad, 1))
    assert problem in found.value.problem
