"""JSON messages to events."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import pytest

from crossdock.mapping import Compiled, compile_mapping
from crossdock.model.envelope import Event, Rejection
from crossdock.model.events import OrderCreated, ShipmentCreated
from crossdock.model.quantity import Quantity

ORDERS = compile_mapping("""
mapping: orders
version: 2
format: json
discriminator: type
tables:
  units: {EACH: EA, EA: EA}
envelope: {occurred: /time, correlation: /trace}
documents:
  order:
    at: data
    event: order.created
    currency: {path: currency}
    fields:
      order_no: no
      customer_no: customer
      warehouse: {path: site, default: DC01}
      currency: currency
      requested_on: wanted
      freight_charge_minor: freight
      ship_to:
        fields: {name: to.name, street: to.street, city: to.city, state: to.state, postal_code: to.zip}
      lines:
        each: lines
        where: {not: {path: cancelled, equals: "true"}}
        fields:
          line: line
          sku: sku
          quantity: {path: qty, as: quantity, unit: {path: uom}, units: units, to: EA}
          unit: {constant: EA}
          unit_price_minor: price
  shipment:
    at: data
    event: shipment.created
    fields:
      shipment_no: no
      order_no: {path: order, xref: {scheme: order, issuer: shop}}
      warehouse: site
      mode: {path: mode, as: code}
      zone: zone
      pieces: pieces
      planned_weight: {path: weight.value, unit: {path: weight.unit}, units: {LB: LBR}}
      ship_to:
        fields: {name: to.name, street: to.street, city: to.city, state: to.state, postal_code: to.zip}
""")
TO = {"name": " Ann ", "street": "1 Way", "city": "Reno", "state": "NV", "zip": "89501"}


Json: TypeAlias = Any


def order(**changes: Json) -> dict[str, Any]:
    line = {"line": 1, "sku": "SKU1", "qty": 5, "uom": "EACH", "price": "1.50"}
    data = {"no": "SO1", "customer": "C1", "site": "DC02", "currency": "USD", "wanted": "2026-03-05"}
    return {**data, "freight": "99.00", "to": TO, "lines": [line, {**line, "line": 2}], **changes}


def read(data: Json, kind: str = "order", mapping: Compiled = ORDERS, **envelope: Json) -> Event | Rejection:
    message = {"type": kind, "time": "2026-03-02T08:00:00Z", "trace": "t-1", "data": data, **envelope}
    [made] = mapping.read(json.dumps(message).encode())
    return made


def rejected(data: Json, **envelope: Json) -> tuple[str, str, str]:
    made = read(data, **envelope)
    assert isinstance(made, Rejection)
    return made.rule, made.position, made.value


def line(**changes: Json) -> dict[str, Any]:
    lines = order()["lines"]
    return order(lines=[lines[0], {**lines[1], **changes}])


def test_a_mapping_says_what_it_is() -> None:
    assert (ORDERS.name, ORDERS.version, ORDERS.format) == ("orders", 2, "json")
    assert ORDERS.event_types == ("order.created", "shipment.created")


def test_an_order_is_read_whole() -> None:
    made = read(order())
    assert isinstance(made, Event)
    assert isinstance(made.data, OrderCreated)
    assert (made.row, made.occurred, made.correlation) == (0, datetime(2026, 3, 2, 8, tzinfo=UTC), "t-1")
    assert (made.data.order_no, made.data.freight_charge_minor, made.data.requested_on) == (
        "SO1",
        9900,
        date(2026, 3, 5),
    )
    assert made.data.ship_to.name == "Ann"
    assert [(each.line, each.quantity, each.unit_price_minor) for each in made.data.lines] == [(1, 5, 150), (2, 5, 150)]


def test_a_default_stands_in_for_a_blank_value() -> None:
    made = read(order(site="  "))
    assert isinstance(made, Event)
    assert isinstance(made.data, OrderCreated)
    assert made.data.warehouse == "DC01"


def test_members_of_a_list_may_be_left_out_by_a_condition() -> None:
    made = read(line(cancelled=True))
    assert isinstance(made, Event)
    assert isinstance(made.data, OrderCreated)
    assert [each.line for each in made.data.lines] == [1]


@pytest.mark.parametrize(
    ("data", "rule", "position", "value"),
    [
        (order(no=""), "field.required", "data.no", ""),
        (order(no="  "), "field.required", "data.no", ""),
        (order(no={"value": "SO1"}), "field.type", "data.no", "{'value': 'SO1'}"),
        (order(no=17), "field.type", "data.no", "17"),
        (order(no="S" * 10_000), "field.length", "data.no", "S" * 199 + "…"),
        (order(no="S\u0000O"), "field.pattern", "data.no", "S\\x00O"),
        (order(freight="9.999"), "money.syntax", "data.freight", "9.999"),
        (order(freight="-0.05"), "field.range", "data.freight", "-5"),
        (order(freight="\u0661.\u0660"), "money.syntax", "data.freight", "\u0661.\u0660"),
        (order(freight="1,234.00"), "money.syntax", "data.freight", "1,234.00"),
        (order(freight=["1"]), "money.syntax", "data.freight", "['1']"),
        (order(currency=None), "field.required", "data.currency", ""),
        (order(wanted="05.03.2026"), "date.syntax", "data.wanted", "05.03.2026"),
        (order(wanted="9999-01-01"), "date.year", "data.wanted", "9999-01-01"),
        (order(wanted="2026-02-30"), "date.syntax", "data.wanted", "2026-02-30"),
        (order(to={**TO, "city": 5}), "field.type", "data.to.city", "5"),
        (order(to="Reno"), "field.required", "data.to.name", ""),
        (order(to={**TO, "name": "a\nb"}), "field.pattern", "data.to.name", "(personal data)"),
        (order(lines="none"), "field.type", "data.lines", "none"),
        (order(lines=[None]), "field.type", "data.lines[0]", "None"),
        (line(qty=-5), "quantity.range", "data.lines[1].qty", "-5"),
        (line(qty="٣"), "quantity.syntax", "data.lines[1].qty", "٣"),
        (line(qty=10**19), "quantity.range", "data.lines[1].qty", "10000000000000000000"),
        (line(qty=1.5), "quantity.fraction", "data.lines[1].qty", "1.5"),
        (line(uom="PALLET"), "unit.unknown", "data.lines[1].qty", "PALLET"),
        (line(uom=["EA"]), "unit.unknown", "data.lines[1].qty", "['EA']"),
        (line(uom="KGM"), "unit.unlike", "data.lines[1].qty", "KGM"),
        (line(line=True), "integer.syntax", "data.lines[1].line", "True"),
        (line(line=1_000_000), "field.range", "data.lines[1].line", "1000000"),
        (line(sku="SKU 1 \u00e9"), "field.pattern", "data.lines[1].sku", "SKU 1 é"),
        (None, "field.required", "data", ""),
        ([], "field.type", "data", "[]"),
    ],
)
def test_each_defect_is_refused_where_it_stands(data: Json, rule: str, position: str, value: str) -> None:
    assert rejected(data) == (rule, position, value)


@pytest.mark.parametrize(
    ("time", "rule"),
    [
        ("2026-03-02T08:00:00", "instant.zone"),
        ("9999-01-01T00:00:00Z", "instant.year"),
        ("2026-03-02", "instant.syntax"),
        ("2026-02-30T08:00:00Z", "instant.syntax"),
        ("20260302T080000Z", "instant.syntax"),
        ("2026-W10-1T08:00:00Z", "instant.syntax"),
        (1772438400, "instant.syntax"),
        (None, "field.required"),
    ],
)
def test_a_moment_needs_its_zone_and_a_year_of_our_time(time: object, rule: str) -> None:
    assert rejected(order(), time=time)[:2] == (rule, "time")


def test_an_unknown_kind_names_those_that_are_known() -> None:
    made = read(order(), "order.frobnicated")
    assert isinstance(made, Rejection)
    assert (made.rule, made.position, made.value) == ("type.unknown", "type", "order.frobnicated")
    assert made.problem == "type is 'order.frobnicated'; the mapping orders knows order, shipment"


@pytest.mark.parametrize(("kind", "rule"), [(None, "type.missing"), ("", "type.missing"), (["order"], "type.unknown")])
def test_a_message_without_a_kind_is_refused(kind: object, rule: str) -> None:
    assert rejected(order(), type=kind)[:2] == (rule, "type")


@pytest.mark.parametrize("raw", [b"[]", b"null", b'"x"', b"17"])
def test_a_message_is_an_object(raw: bytes) -> None:
    [made] = ORDERS.read(raw)
    assert isinstance(made, Rejection)
    assert made.rule == "field.type"


def shipment(**changes: Json) -> dict[str, Any]:
    weight = {"value": 12.10, "unit": "LB"}
    return {
        "no": "SH1",
        "order": "S-9",
        "site": "DC01",
        "mode": "ltl",
        "zone": 3,
        "pieces": 2,
        "weight": weight,
        "to": TO,
    } | changes


def test_identifiers_of_others_become_ours() -> None:
    message = {"type": "shipment", "time": "2026-03-02T08:00:00Z", "data": shipment()}
    asked: list[tuple[str, str, str]] = []

    def lookup(scheme: str, issuer: str, value: str) -> str | None:
        asked.append((scheme, issuer, value))
        return "SO9"

    [made] = ORDERS.read(json.dumps(message).encode(), lookup=lookup)
    assert isinstance(made, Event)
    assert isinstance(made.data, ShipmentCreated)
    assert asked == [("order", "shop", "S-9")]
    assert (made.data.order_no, made.data.mode) == ("SO9", "LTL")
    assert made.data.planned_weight == Quantity(Decimal("12.1"), "LBR")


def test_an_identifier_that_nobody_knows_is_refused() -> None:
    raw = json.dumps({"type": "shipment", "time": "2026-03-02T08:00:00Z", "data": shipment()}).encode()
    for lookup, rule in ((None, "xref.unavailable"), (lambda *_: None, "xref.unknown")):
        [made] = ORDERS.read(raw, lookup=lookup)
        assert isinstance(made, Rejection)
        assert (made.rule, made.position, made.value) == (rule, "data.order", "S-9")


def test_a_failure_of_the_mapping_itself_costs_one_record() -> None:
    def lookup(_scheme: str, _issuer: str, _value: str) -> str | None:
        raise ZeroDivisionError

    raw = json.dumps({"type": "shipment", "time": "2026-03-02T08:00:00Z", "data": shipment()}).encode()
    [made] = ORDERS.read(raw, lookup=lookup)
    assert isinstance(made, Rejection)
    assert made.rule == "mapping.failed"


SEVERAL = """
mapping: several
version: 1
format: json
each: items
choose: {choose}
envelope:
  occurred: /at
  revision: {{path: version, default: "0"}}
  retracted: {{path: action, equals: CANCEL}}
  lifecycle: {{path: phase, map: {{P: planned}}, default: actual}}
  causation: /id
emits:
  - event: load.tender_declined
    when: {{path: kind, in: [declined, both]}}
    fields: {{tender_id: tender, shipment_no: shipment, scac: scac}}
  - event: load.tender_accepted
    when: {{any: [{{path: kind, equals: accepted}}, {{path: kind, equals: both}}]}}
    fields: {{tender_id: tender, shipment_no: shipment, scac: scac}}
"""


def several(choose: str, *kinds: str, **more: Json) -> list[tuple[int, str]]:
    item = {"tender": "T1", "shipment": "SH1", "scac": "RDWY", **more}
    message = {"at": "2026-03-02T08:00:00Z", "items": [{**item, "kind": kind} for kind in kinds]}
    made = compile_mapping(SEVERAL.format(choose=choose)).read(json.dumps(message).encode())
    return [(each.row, each.rule if isinstance(each, Rejection) else each.data.type) for each in made]


def test_the_first_emission_that_holds_is_made() -> None:
    assert several("first", "both", "accepted") == [(0, "load.tender_declined"), (1, "load.tender_accepted")]


def test_all_emissions_that_hold_are_made_on_demand() -> None:
    assert several("all", "both", "accepted") == [
        (0, "load.tender_declined"),
        (1, "load.tender_accepted"),
        (2, "load.tender_accepted"),
    ]


def test_a_member_that_nothing_wants_is_refused_alone() -> None:
    assert several("first", "other", "accepted") == [(0, "event.none"), (1, "load.tender_accepted")]
    assert several("first") == [(0, "group.empty")]


def test_the_envelope_says_revision_retraction_and_cause() -> None:
    mapping = compile_mapping(SEVERAL.format(choose="first"))
    item = {"tender": "T1", "shipment": "SH1", "scac": "RDWY", "kind": "accepted"}
    item |= {"version": "3", "action": "CANCEL", "phase": "P"}
    raw = json.dumps({"at": "2026-03-02T09:00:00+01:00", "id": "m-1", "items": [item]}).encode()
    [made] = mapping.read(raw)
    assert isinstance(made, Event)
    assert (made.revision, made.retracted, made.lifecycle, made.causation) == (3, True, "planned", "m-1")
    assert made.occurred == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert made.occurred.utcoffset() is not None


@pytest.mark.parametrize("id_", ["x" * 65, "a\u0001", "ä", 5])
def test_an_identifier_of_the_envelope_is_checked_too(id_: object) -> None:
    mapping = compile_mapping(SEVERAL.format(choose="first"))
    item = {"tender": "T1", "shipment": "SH1", "scac": "RDWY", "kind": "accepted"}
    [made] = mapping.read(json.dumps({"at": "2026-03-02T09:00:00Z", "id": id_, "items": [item]}).encode())
    assert isinstance(made, Rejection)
    assert (made.rule, made.position) == ("identifier.syntax", "id")


def test_lines_of_json_are_read_one_by_one() -> None:
    mapping = compile_mapping("""
mapping: lines
version: 1
format: ndjson
event: stock.opened
envelope: {occurred: at}
fields: {warehouse: site, sku: sku, quantity: on_hand, unit: {constant: EA}}
""")
    good = b'{"at":"2026-01-01T00:00:00Z","site":"DC01","sku":"A","on_hand":5}\n'
    bad = b'{"at":"2026-01-01T00:00:00Z","site":"DC01","sku":"A","on_hand":-5}\n'
    made = list(mapping.read(good + b"{\n" + bad + good, first_row=10))
    assert [each.row for each in made] == [10, 11, 12, 13]
    assert [(each.position, each.rule) for each in made if isinstance(each, Rejection)] == [
        ("row 12, byte 2", "json.truncated"),
        ("row 13, on_hand", "field.range"),
    ]
