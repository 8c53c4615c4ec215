"""Mistakes in a mapping are refused while compiling, with their place and what would be right."""

import re
from typing import Any

import pytest

from crossdock.mapping import MappingError, compile_mapping

GOOD = """
mapping: payments
version: 1
format: json
event: payment.received
envelope: {occurred: at}
fields:
  payment_ref: ref
  invoice_no: invoice
  amount_minor: {path: amount, currency: USD}
  currency: {constant: USD}
  value_on: day
"""
FIELDS = "event: payment.received\nenvelope: {occurred: at}\nfields:"


def refused(source: str | dict[str, Any], **tables: dict[str, str]) -> MappingError:
    with pytest.raises(MappingError) as found:
        compile_mapping(source, tables=tables)
    return found.value


def test_the_mapping_these_tests_break_is_good() -> None:
    assert compile_mapping(GOOD).event_types == ("payment.received",)


@pytest.mark.parametrize(
    ("good", "bad", "path", "problem"),
    [
        ("version: 1", "version: one", "version", "whole number"),
        ("version: 1\n", "", "", "'version' is missing"),
        ("format: json", "format: toml", "format", "possible are json, ndjson, csv, fixed, xml, x12"),
        ("payment.received", "payment.recieved", "event", "did you mean 'payment.received'?"),
        ("  invoice_no: invoice\n", "", "fields", "the required field 'invoice_no' (text) is missing"),
        ("invoice_no: invoice", "invoice_number: invoice", "fields.invoice_number", "did you mean 'invoice_no'?"),
        ("{path: amount, currency: USD}", "amount", "fields.amount_minor", "needs a currency"),
        ("currency: USD}", "currency: usd}", "fields.amount_minor.currency", "not an ISO 4217 code"),
        ("currency: USD}", "as: text}", "fields.amount_minor.as", "it takes money"),
        ("currency: USD}", "as: integer}", "fields.amount_minor.as", "it takes money"),
        ("currency: USD}", "currency: USD, units: {}}", "fields.amount_minor.units", "unknown key 'units'"),
        ("value_on: day", "value_on: {path: day, style: us}", "fields.value_on.style", "month_first"),
        ("value_on: day", "value_on: {constant: tomorrow}", "fields.value_on.constant", "must be a date such as"),
        ("value_on: day", "value_on: {path: day, default: '1066-01-01'}", "fields.value_on.default", "1990 to 2100"),
        ("value_on: day", "value_on: {path: day, required: false}", "fields.value_on.required", "give a default"),
        ("value_on: day", "value_on: {as: date}", "fields.value_on", "needs a path or a constant"),
        ("value_on: day", "value_on: {path: a..b}", "fields.value_on.path", "is not a path"),
        ("value_on: day", "value_on: [day]", "fields.value_on", "must be an object"),
        ("{constant: USD}", "{constant: DOLLAR}", "fields.currency.constant", "ISO 4217"),
        ("{constant: USD}", "{constant: USD, map: {a: USD}}", "fields.currency.map", "a constant needs none"),
        ("{constant: USD}", "{path: c, map: {a: dollar}}", "fields.currency.map", "does not fit currency"),
        ("{constant: USD}", "{path: c, map: monies}", "fields.currency.map", "no table 'monies'"),
        ("{constant: USD}", "{path: c, unlisted: keep}", "fields.currency.unlisted", "belongs to a `map`"),
        ("{constant: USD}", "{path: c, map: {a: [1]}}", "fields.currency.map.a", "must be a text"),
        ("{constant: USD}", "{path: c, xref: {scheme: x}}", "fields.currency.xref", "'issuer' is missing"),
        ("{occurred: at}", "{recorded: at}", "", "says nowhere when"),
        ("{occurred: at}", "{occured: at}", "envelope.occured", "did you mean 'occurred'?"),
        ("{occurred: at}", "{occurred: {path: at, as: date}}", "envelope.occurred", "at what time of day"),
        ("{occurred: at}", "{occurred: {path: at, as: date, at: noon}}", "envelope.occurred.at", "00:00Z"),
        ("{occurred: at}", "{occurred: {path: at, zone: Mars}}", "envelope.occurred.zone", "America/Denver"),
        ("{occurred: at}", "{occurred: {path: d, time: t}}", "envelope.occurred", "need a zone"),
        ("{occurred: at}", "{occurred: at, lifecycle: phase}", "envelope.lifecycle", "planned, estimated or actual"),
        ("{occurred: at}", "{occurred: at, lifecycle: {constant: done}}", "envelope.lifecycle.constant", "planned"),
        ("{occurred: at}", "{occurred: at, retracted: action}", "envelope.retracted", "must be an object"),
        ("format: json", "format: json\nwhen: {path: a}", "when", "needs a path and one of"),
        ("format: json", "format: json\nwhen: {path: a, equals: b, absent: true}", "when", "needs a path and one of"),
        ("format: json", "format: json\nwhen: {any: []}", "when.any", "at least one member"),
        ("format: json", "format: json\nwhen: {not: {path: a, present: true}, path: b}", "when", "stands alone"),
        ("format: json", "format: json\ntables: {t: {a: b}}", "tables.t", "no field uses this table"),
        ("format: json", "format: json\ndiscriminator: type", "", "come together"),
        ("format: json", "format: json\ndelimiter: ','", "delimiter", "only csv has that"),
        ("format: json", "format: csv\ndelimiter: x", "delimiter", "comma"),
        ("format: json", "format: csv\nrecord: a/b", "record", "only xml and fixed have that"),
        ("format: json", "format: csv\nguide: {}", "guide", "only x12 and edifact have that"),
        ("format: json", "format: csv\nat: data", "at", "only JSON"),
        ("format: json", "format: csv\neach: lines", "each", "a row is one event"),
        ("format: json", "format: json\neach: a/b", "each", "is not a path"),
        ("format: json", "format: x12", "", "needs `documents`"),
        ("format: json", "format: json\nemits: []", "event", "belongs into one of `emits`"),
        ("mapping: payments", "mapping: payments\nmapping: again", "mapping", "given twice"),
        ("{occurred: at}", "&a {occurred: at}\ntables: *a", "", "aliases"),
        ("{occurred: at}", "{occurred: at", "", "not YAML"),
    ],
)
def test_each_mistake_is_named(good: str, bad: str, path: str, problem: str) -> None:
    assert good in GOOD
    error = refused(GOOD.replace(good, bad, 1))
    assert error.path == path
    assert problem in error.problem


def test_a_mistake_names_its_line() -> None:
    assert refused(GOOD.replace("invoice_no: invoice", "invoice: invoice")).line == 9
    assert str(refused(GOOD.replace("  value_on: day\n", ""))).startswith("fields (line 7): the required field")


def document(fields: str, format_: str = "json", event: str = "stock.opened") -> str:
    return f"mapping: m\nversion: 1\nformat: {format_}\nevent: {event}\nenvelope: {{occurred: at}}\nfields: {fields}"


@pytest.mark.parametrize(
    ("quantity", "path", "problem"),
    [
        ("{path: q, as: quantity}", "fields.quantity", "needs a unit"),
        ("{path: q, as: quantity, unit: EA}", "fields.quantity", "`to: EA`"),
        ("{path: q, as: quantity, unit: LB, to: EA}", "fields.quantity.unit", "is not possible here"),
        ("{path: q, as: quantity, unit: LBR, to: EA}", "fields.quantity.to", "LBR is a mass, EA is a count"),
        ("{path: q, as: quantity, unit: {path: u}, units: {BOX: BX}, to: EA}", "fields.quantity.units", "BX"),
        ("{path: q, unit: EA}", "fields.quantity.unit", "add `as: quantity`"),
        ("{path: q, as: text}", "fields.quantity.as", "integer or quantity"),
        ("{path: q, default: many}", "fields.quantity.default", "whole number"),
        ("{path: q, default: '-1'}", "fields.quantity.default", "does not fit quantity"),
    ],
)
def test_a_quantity_needs_a_unit_that_fits(quantity: str, path: str, problem: str) -> None:
    error = refused(document(f"{{warehouse: w, sku: s, quantity: {quantity}, unit: {{constant: EA}}}}"))
    assert error.path == path
    assert problem in error.problem


@pytest.mark.parametrize("unit", ["{path: u, map: {E: EACH}}", "{path: u, map: {E: XYZ}}", "{constant: XYZ}"])
def test_a_unit_must_be_one_that_we_can_convert(unit: str) -> None:
    error = refused(document(f"{{warehouse: w, sku: s, quantity: q, unit: {unit}}}"))
    assert error.path.startswith("fields.unit")


X12 = """
mapping: m
version: 1
format: x12
documents:
  "%s":
    event: freight_invoice.received
    currency: USD
    envelope: {occurred: {path: B3-06, as: date, style: ccyymmdd, at: "00:00Z"}}
    fields:
      scac: B3-11
      invoice_no: B3-02
      shipment_no: B3-03
      invoiced_on: {path: B3-06, style: ccyymmdd}
      linehaul_minor: %s
      charges: %s
      total_minor: {path: B3-07, implied_decimals: true}
      currency: {constant: USD}
"""
CHARGES = "{each: LX/L1, fields: {code: L1-08, amount_minor: {path: L1-04, implied_decimals: true}}}"


@pytest.mark.parametrize(
    ("code", "linehaul", "charges", "problem"),
    [
        ("998", "B3-07", CHARGES, "no grammar for the document '998'"),
        ("210", "{path: LX/L1-04}", CHARGES, "add `sum: true`"),
        ("210", "{path: B3-07, sum: true}", CHARGES, "may match several segments"),
        ("210", "B4-07", CHARGES, "the 210 has no segment B4"),
        ("210", "B3-99", CHARGES, "B3 has 14 elements"),
        ("210", "B3", CHARGES, "say which element, such as B3-01"),
        ("210", "LX-01", CHARGES, "LX opens a loop; write LX/LX"),
        ("210", "ZZ/L1-04", CHARGES, "the 210 has no loop ZZ"),
        ("210", "b3.07", CHARGES, "is not a segment path"),
        ("210", "{constant: '1'}", CHARGES.replace("LX/L1,", "LX/L1-04,"), "a group repeats a loop or a segment"),
        ("210", "{constant: '1'}", CHARGES.replace("code: L1-08", "code: L5-01"), "inside a group of L1"),
    ],
)
def test_a_path_that_no_transaction_can_have_is_refused(code: str, linehaul: str, charges: str, problem: str) -> None:
    assert problem in refused(X12 % (code, linehaul, charges)).problem


def test_a_list_says_what_repeats_and_what_is_in_it() -> None:
    head = "order_no: a, customer_no: b, warehouse: c, currency: d, requested_on: e"
    freight = "freight_charge_minor: {path: f, currency: USD}"
    to = "ship_to: {fields: {name: n, street: s, city: c, state: t, postal_code: p}}"
    error = refused(document(f"{{{head}, {freight}, {to}, lines: {{fields: {{}}}}}}", event="order.created"))
    assert (error.path, error.problem) == ("fields.lines", "'each' is missing")


def test_an_emission_that_is_never_reached_is_refused() -> None:
    emission = {"event": "stock.opened", "fields": {"warehouse": "w", "sku": "s", "quantity": "q", "unit": "u"}}
    source = {"mapping": "m", "version": 1, "format": "json", "envelope": {"occurred": "at"}}
    error = refused({**source, "emits": [emission, emission]})
    assert (error.path, error.line) == ("emits.0", None)
    assert "never reached" in error.problem


def test_shared_tables_serve_where_the_mapping_has_none() -> None:
    source = document("{warehouse: w, sku: s, quantity: q, unit: {path: u, map: units}}")
    assert compile_mapping(source, tables={"units": {"E": "EA"}}).name == "m"
    assert "no table 'units'" in refused(source).problem


@pytest.mark.parametrize(
    "source", ["", "just text", "[1, 2]", "a: b: c", "\x00", "&a [*a]", "[" * 1000, "x" * 1_000_001]
)
def test_what_is_no_mapping_is_refused(source: str) -> None:
    assert re.search(r"\w", str(refused(source)))
