import msgspec
import pytest

from crossdock.mapping import compile_mapping
from crossdock.mapping.examples import Example, failures, said

MAPPING = compile_mapping(
    "mapping: m\nversion: 1\nformat: json\nevent: shipment.milestone_reported\nenvelope: {occurred: at}\n"
    "fields: {scac: scac, shipment_no: {path: order, xref: {scheme: shipment, issuer: x}}, status_code: status,\n"
    "  milestone: {path: status, map: {X3: arrived_pickup}}, stop_no: {constant: '1'}}\n"
)
BODY = b'{"at":"2026-03-02T08:00:00Z","scac":"RDWY","order":"SH1","status":"X3"}'


def test_an_example_holds_what_was_made_of_it() -> None:
    made = said(MAPPING, BODY)
    assert made[0]["event"] == "shipment.milestone_reported"
    assert made[0]["data"]["shipment_no"] == "SH1"
    assert failures(MAPPING, Example("one", BODY, msgspec.json.encode(made).decode())) == []


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        (b'"X9"', "one: event 1, event: None, expected 'shipment.milestone_reported'"),
        (b'"X3","order":"SH2"', None),
    ],
)
def test_what_differs_is_named_with_its_place(change: bytes, failure: str | None) -> None:
    expected = msgspec.json.encode(said(MAPPING, BODY)).decode()
    found = failures(MAPPING, Example("one", BODY.replace(b'"X3"', change), expected))
    assert found[0] == (failure or "one: event 1, data.shipment_no: 'SH2', expected 'SH1'")


def test_a_part_that_is_missing_or_too_much_fails() -> None:
    assert failures(MAPPING, Example("one", BODY, "[]")) == ["one: 1 events and refusals, 0 expected"]
    assert "is no list of events" in failures(MAPPING, Example("one", BODY, "{}"))[0]
