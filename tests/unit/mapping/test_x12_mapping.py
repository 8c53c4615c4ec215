"""X12 transactions to events."""

from datetime import UTC, date, datetime, timedelta

import pytest
from tests.unit.formats.interchanges import interchange, invoice, status, transaction

from crossdock.mapping import MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection
from crossdock.model.events import FreightInvoiceReceived, ShipmentDelivered

SOURCE = """
mapping: carrier
version: 1
format: x12
documents:
  "214":
    each: LX/AT7
    envelope:
      occurred: {path: AT7-05, time: AT7-06, code: AT7-07, zone: America/Denver}
    emits:
      - event: shipment.delivered
        when: {path: AT7-01, equals: D1}
        fields:
          scac: /B10-03
          shipment_no: /B10-02
          status_code: AT7-01
          stop_no: {path: "/L11[02=QN]-01", default: "1"}
          city: MS1-01
          state: MS1-02
          signed_by: "/L11[02=P8]-01"
      - event: shipment.milestone_reported
        fields:
          scac: /B10-03
          shipment_no: /B10-02
          pro_no: /B10-01
          status_code: AT7-01
          milestone: {path: AT7-01, map: {X3: arrived_pickup, AF: departed_pickup}}
          stop_no: {path: "/L11[02=QN]-01", default: "1"}
  "210":
    event: freight_invoice.received
    currency: {path: C3-01}
    envelope: {occurred: {path: B3-06, as: date, style: ccyymmdd, at: "00:00Z"}}
    fields:
      scac: B3-11
      invoice_no: B3-02
      shipment_no: B3-03
      pro_no: "N9[01=CN]-02"
      invoiced_on: {path: B3-06, style: ccyymmdd}
      linehaul_minor: {path: "LX/L1[08=]-04", implied_decimals: true, sum: true}
      charges:
        each: LX/L1
        where: {path: L1-08, present: true}
        fields: {code: L1-08, amount_minor: {path: L1-04, implied_decimals: true}}
      total_minor: {path: B3-07, implied_decimals: true}
      currency: C3-01
"""
BOTH = compile_mapping(SOURCE)


def read(*transactions: list[str]) -> list[Event | Rejection]:
    return list(BOTH.read(interchange(list(transactions)).encode()))


def rejected(*transactions: list[str]) -> tuple[str, str, str]:
    [made] = read(*transactions)
    assert isinstance(made, Rejection)
    return made.rule, made.position, made.value


def test_a_delivery_is_read_whole() -> None:
    [made] = read(status("SH1", "D1"))
    assert isinstance(made, Event)
    assert isinstance(made.data, ShipmentDelivered)
    assert (made.row, made.occurred) == (0, datetime(2026, 3, 2, 8, 54, 20, tzinfo=UTC))
    assert (made.data.stop_no, made.data.city, made.data.signed_by) == (2, "Dallas", None)


def test_a_mapping_carries_the_guide_of_its_partner() -> None:
    lines = [line.replace("SE*8", "SE*9") for line in status("SH1", "D1")]
    assert rejected(lines)[0] == "x12.count"
    guided = compile_mapping(SOURCE + "guide: {tolerates: {wrong_counts: true}, documents: {'214': {L11: {limit: 1}}}}")
    [made] = guided.read(interchange([lines]).encode())
    assert isinstance(made, Rejection)
    assert (made.rule, made.position) == ("x12.repeat", "segment 6, L11")
    with pytest.raises(MappingError, match=r"guide \(line 46\): documents.214.L12: there is no segment L12"):
        compile_mapping(SOURCE + "guide: {documents: {'214': {L12: required}}}")


def test_every_status_of_a_transaction_is_an_event_and_rows_count_in_thousands() -> None:
    more = ("AT7*AF*NS***20260302*0930*UT", "LX*2", "AT7*D1*NS***20260302*1200*UT")
    made = read(status("SH1", extra=more), status("SH2", control="0002"))
    assert [(each.row, each.data.type) for each in made if isinstance(each, Event)] == [
        (0, "shipment.milestone_reported"),
        (1, "shipment.milestone_reported"),
        (2, "shipment.delivered"),
        (1000, "shipment.milestone_reported"),
    ]


def test_rows_of_a_later_part_go_on() -> None:
    [made] = BOTH.read(interchange([status("SH1")]).encode(), first_row=7000)
    assert made.row == 7000


def test_an_invoice_adds_up_its_freight_and_lists_its_charges() -> None:
    [made] = read(invoice("I1", ("", "100"), ("FUE", "2917"), ("DET", "12000")))
    assert isinstance(made, Event)
    assert isinstance(made.data, FreightInvoiceReceived)
    assert (made.data.linehaul_minor, made.data.total_minor, made.data.invoiced_on) == (12225, 15042, date(2026, 3, 2))
    assert [(each.code, each.amount_minor) for each in made.data.charges] == [("FUE", 2917), ("DET", 12000)]


@pytest.mark.parametrize(
    ("code", "offset"),
    [("UT", 0), ("ES", -5), ("ED", -4), ("ET", -5), ("PT", -8), ("09", 9), ("20", -5), ("LT", -7), ("", -7)],
)
def test_a_time_code_says_the_zone_or_leaves_it_to_the_mapping(code: str, offset: int) -> None:
    segments = [segment.replace("*UT", f"*{code}") for segment in status("SH1")]
    [made] = read(segments)
    assert isinstance(made, Event)
    assert made.occurred.utcoffset() == timedelta(hours=offset)


def test_a_local_time_without_a_zone_in_the_mapping_is_refused() -> None:
    source = """
mapping: no-zone
version: 1
format: x12
documents:
  "214":
    each: LX/AT7
    envelope: {occurred: {path: AT7-05, time: AT7-06, code: AT7-07}}
    event: shipment.delivered
    fields: {scac: /B10-03, shipment_no: /B10-02, status_code: AT7-01, stop_no: {constant: "1"}}
"""
    segments = [segment.replace("*UT", "*LT") for segment in status("SH1", "D1")]
    [made] = compile_mapping(source).read(interchange([segments]).encode())
    assert isinstance(made, Rejection)
    assert (made.rule, made.position, made.value) == ("instant.zone", "segment 8, AT7-05", "LT")


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (status(""), ("field.required", "segment 4, B10-02", "")),
        (status("SH1", "X9"), ("map.unlisted", "segment 8, AT7-01", "X9")),
        (status("SH1", extra=("L11*3*XX", "ZZ*1")), ("x12.unexpected", "segment 11, ZZ", "ZZ")),
        (invoice("I1", ("FUE", "29.17")), ("x12.type", "segment 10, L1-04", "29.17")),
        (invoice("I1", ("FUE", "-5")), ("field.range", "segment 10, L1-04", "-5")),
        (transaction("990", ["B1*RDWY*SH1*20260302*A"], "1"), ("type.unknown", "segment 3, ST-01", "990")),
    ],
)
def test_a_defect_is_named_by_segment_and_element(segments: list[str], expected: tuple[str, str, str]) -> None:
    assert rejected(segments) == expected


def test_two_values_where_one_is_meant_are_refused() -> None:
    segments = transaction("214", [*status("SH1")[1:-1][:3], "L11*9*QN", *status("SH1")[4:-1]], "0001")
    assert rejected(segments) == ("path.ambiguous", "segment 6, L11-01", "2, 9")


def test_a_transaction_of_too_many_events_is_refused_whole() -> None:
    loops = [line for at in range(101) for line in (f"LX*{at}", *["AT7*X3*NS***20260302*0854*UT"] * 10)]
    made = read(transaction("214", ["B10*P*SH1*RDWY", *loops], "0001"))
    assert [each.rule for each in made if isinstance(each, Rejection)] == ["events.too_many"]
    assert len(made) == 1


def test_a_transaction_without_a_status_is_refused() -> None:
    assert rejected(transaction("214", ["B10*P*SH1*RDWY"], "0001"))[0] == "group.empty"
