"""Overlays: what a partner's mapping says in the place of its base, and mistakes by the line of whoever made them."""

import pytest

from crossdock.mapping import Bases, MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection

BASE = """\
mapping: carrier
version: 3
format: json
owner: carriers
envelope: {occurred: at}
tables:
  milestones: {X3: arrived_pickup, AF: departed_pickup}
event: shipment.milestone_reported
fields:
  scac: scac
  shipment_no: order
  status_code: status
  milestone: {path: status, map: milestones}
  stop_no: {path: stop, default: "1"}
  city: city
"""
BASES: Bases = {("carrier", 3): BASE}
SAID = b'{"at":"2026-03-02T08:00:00Z","scac":"RDWY","order":"SH1","status":"%b","town":"Reno","city":"Elko"}'


def overlay(text: str) -> str:
    return f"mapping: rdwy\nversion: 1\nextends: carrier@3\n{text}"


def read(source: str, status: bytes = b"X3", bases: Bases = BASES) -> Event | Rejection:
    (made,) = compile_mapping(source, bases=bases).read(SAID % status)
    return made


def test_an_overlay_says_only_what_differs() -> None:
    source = overlay("tables: {milestones: {OK: departed_pickup, X3: arrived_delivery}}\nfields: {city: town}\n")
    compiled = compile_mapping(source, bases=BASES)
    assert (compiled.name, compiled.version, compiled.format) == ("rdwy", 1, "json")
    for status, milestone in ((b"OK", "departed_pickup"), (b"AF", "departed_pickup"), (b"X3", "arrived_delivery")):
        made = read(source, status)
        assert isinstance(made, Event)
        assert (made.data.milestone, made.data.city) == (milestone, "Reno")  # type: ignore[union-attr]


def test_a_null_removes_and_a_bare_path_is_laid_under_an_object() -> None:
    made = read(overlay("fields:\n  city: null\n  shipment_no: {as: code}\n  scac: {constant: ODFL}\n"))
    assert isinstance(made, Event)
    assert (made.data.city, made.data.shipment_no, made.data.scac) == (None, "SH1", "ODFL")  # type: ignore[union-attr]


def test_lists_are_replaced_and_emissions_come_as_the_base_has_them() -> None:
    one = "{event: stock.opened, when: {path: kind, in: [A, B]}, fields: {warehouse: w, sku: s, quantity: q, unit: u}}"
    base = f"mapping: b\nversion: 1\nformat: json\nenvelope: {{occurred: at}}\nemits: [{one}]\n"
    payment = "payment_ref: p, invoice_no: i, amount_minor: a, currency: {constant: USD}, value_on: d"
    emits = f"emits: [{{event: payment.received, currency: USD, fields: {{{payment}}}}}]"
    over = f"mapping: o\nversion: 1\nextends: b@1\n{emits}\n"
    assert compile_mapping(over, bases={("b", 1): base}).event_types == ("payment.received",)


def test_a_base_may_extend_another_up_to_three() -> None:
    bases = {
        **BASES,
        ("west", 1): "mapping: west\nversion: 1\nextends: carrier@3\nfields: {city: town}\n",
        ("two", 1): "mapping: two\nversion: 1\nextends: west@1\nfields: {shipment_no: order}\n",
    }
    source = "mapping: rdwy\nversion: 1\nextends: %s\nfields: {stop_no: {constant: '7'}}\n"
    made = read(source % "west@1", bases=bases)
    assert isinstance(made, Event)
    assert (made.data.city, made.data.stop_no) == ("Reno", 7)  # type: ignore[union-attr]
    with pytest.raises(MappingError, match="a chain of more than 3 mappings"):
        compile_mapping(source % "two@1", bases=bases)


@pytest.mark.parametrize(
    ("extends", "bases", "problem"),
    [
        ("carrier@4", BASES, "carrier@4 is not there; did you mean 'carrier@3'?"),
        ("carrier", BASES, "must be a mapping with its version, such as carrier-status@3"),
        (
            "rdwy@1",
            {("rdwy", 1): overlay("").replace("carrier@3", "rdwy@1")},
            "goes in a circle: rdwy@1 extends rdwy@1",
        ),
        (
            "b@1",
            {("b", 1): "mapping: b\nversion: 1\nextends: rdwy@1\n", ("rdwy", 1): overlay("")},
            "goes in a circle: rdwy@1 extends b@1 extends rdwy@1",
        ),
        ("b@1", {("b", 1): "mapping: b\nversion: 1\n: : :"}, "b@1 itself is wrong: the document"),
    ],
)
def test_a_base_that_cannot_be_is_refused_with_the_line(extends: str, bases: Bases, problem: str) -> None:
    with pytest.raises(MappingError) as found:
        compile_mapping(overlay("fields: {city: town}\n").replace("carrier@3", extends), bases=bases)
    assert found.value.line == 3
    assert problem in str(found.value)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("fields:\n  town: town\n", 5, "MilestoneReported has no field 'town'"),
        ("fields:\n  citi: null\n", 5, "removes what carrier@3 does not have; did you mean 'city'?"),
        ("fields:\n  scac: null\n", 4, "the required field 'scac'"),
        ("fields:\n  zip: {path: null}\n", 5, "removes what is not there"),
        ("\ntables: null\n", 1, "no table 'milestones'; possible are none (it comes from line 13 of carrier@3)"),
        ("format: csv\n", 4, "is that of carrier@3: an overlay has none of its own"),
        ("event: stock.opened\n", 1, "StockOpened has no field 'scac'"),
        ("fields: {city: {unit: LBR}}\n", 4, "unknown key 'unit'"),
    ],
)
def test_a_mistake_names_the_line_of_the_overlay_and_where_the_base_has_it(text: str, line: int, problem: str) -> None:
    with pytest.raises(MappingError) as found:
        compile_mapping(overlay(text), bases=BASES)
    assert problem in found.value.problem
    assert found.value.line == line
