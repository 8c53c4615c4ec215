from pathlib import Path

import pytest

from crossdock.mapping import compile_mapping
from crossdock.mapping.coverage import Coverage
from crossdock.mapping.outline import Change, compared, likeness, outline
from crossdock.mapping.overlay import merged

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "distributor" / "mappings").glob("*.yaml"))
BASE = """\
mapping: m
version: 1
format: json
discriminator: /kind
envelope: {occurred: at}
tables: {milestones: {X3: arrived_pickup, AF: departed_pickup}}
documents:
  status:
    at: data
    event: shipment.milestone_reported
    fields:
      scac: scac
      shipment_no: order.number
      status_code: status
      milestone: {path: status, map: milestones}
      stop_no: {constant: "1"}
"""


def test_two_versions_differ_target_by_target() -> None:
    newer = BASE.replace("X3: arrived_pickup", "X3: arrived_pickup, SD: delayed").replace("scac: scac", "scac: carrier")
    newer = newer.replace('      stop_no: {constant: "1"}\n', '      stop_no: {constant: "1"}\n      city: town\n')
    changes = compared(outline(merged(BASE)), outline(merged(newer.replace(", AF: departed_pickup", ""))))
    assert changes == [
        Change("tables.milestones.AF", "departed_pickup", None),
        Change("status shipment.milestone_reported.scac", "scac", "carrier"),
        Change("tables.milestones.SD", None, "delayed"),
        Change("status shipment.milestone_reported.city", None, "town"),
    ]
    assert [change.kind for change in changes] == ["removed", "changed", "added", "added"]


def test_what_an_overlay_changes_shows_as_if_it_had_been_written_out() -> None:
    over = "mapping: n\nversion: 1\nextends: m@1\ndocuments: {status: {fields: {scac: {constant: RDWY}}}}\n"
    changes = compared(outline(merged(BASE)), outline(merged(over, {("m", 1): BASE})))
    assert changes == [Change("status shipment.milestone_reported.scac", "scac", "{constant: RDWY}")]
    same, of = likeness(outline(merged(BASE)), outline(merged(over, {("m", 1): BASE})))
    assert of - same == 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_laid_out(path: Path) -> None:
    laid = outline(merged(path.read_text()))
    assert laid.mapped
    assert laid.reads


@pytest.mark.parametrize(
    ("mapping", "body", "unused"),
    [
        (
            BASE,
            (
                b'{"kind":"status","at":"2026-03-02T08:00:00Z","data":{"at":"2026-03-02T08:00:00Z","scac":"RDWY",'
                b'"order":{"number":"SH1","ref":"x"},"status":"X3","seal":"17","empty":""}}'
            ),
            {"at", "data.order.ref", "data.seal"},
        ),
        (
            (
                "mapping: c\nversion: 1\nformat: csv\ndelimiter: ';'\nevent: payment.received\ncurrency: USD\n"
                "envelope: {occurred: {path: day, as: date, at: '00:00Z'}}\nfields: {payment_ref: ref, invoice_no: inv,"
                " amount_minor: amount, currency: {constant: USD}, value_on: day}\n"
            ),
            b"ref;inv;amount;day;bank\nP1;I1;10.00;2026-03-02;B\n",
            {"bank"},
        ),
        (
            (
                "mapping: x\nversion: 1\nformat: xml\nrecord: All/One\nevent: shipment.milestone_reported\n"
                "envelope: {occurred: '@at'}\nfields: {scac: /../Head/@scac, shipment_no: 'Ref[@type=SI]',"
                " status_code: Code, stop_no: {constant: '1'}, milestone: {path: Code, map: {X3: arrived_pickup}}}\n"
            ),
            (
                b'<All><Head scac="RDWY"/><One at="2026-03-02T08:00:00Z" seal="9"><Ref type="SI">SH1</Ref>'
                b"<Code>X3</Code><Note>n</Note></One></All>"
            ),
            {"@seal", "Note"},
        ),
    ],
)
def test_places_that_nothing_reads_are_named(mapping: str, body: bytes, unused: set[str]) -> None:
    counting = Coverage(compile_mapping(mapping), outline(merged(mapping)))
    counting.add(body)
    found = counting.found()
    assert (found.events, found.rejected) == (1, 0)
    assert {place.place for place in found.unused} == unused


def test_fields_that_no_event_had_are_named_and_whether_anything_fills_them() -> None:
    text = BASE.replace("      scac: scac\n", "      scac: scac\n      city: town\n")
    counting = Coverage(compile_mapping(text), outline(merged(text)))
    counting.add(
        b'{"kind":"status","data":{"at":"2026-03-02T08:00:00Z","scac":"RDWY","order":{"number":"S"},"status":"X3"}}'
    )
    empty = {target.target.rpartition(".")[2]: target.is_mapped for target in counting.found().empty}
    assert (empty["city"], empty["state"]) == (True, False)
    assert "scac" not in empty


def test_a_quantity_is_one_field() -> None:
    text = (EXAMPLES[0].parent / "distributor-json.yaml").read_text()
    counting = Coverage(compile_mapping(text), outline(merged(text)))
    lines = b'[{"line":1,"sku":"A","qty":1,"uom":"EA","lot":"L"}]'
    data = b'"gi_doc":"G","order_no":"O","shipment_no":"S","warehouse":"DC01","gross_weight_lb":7,"posted_at":"%b"'
    at = b"2026-03-02T08:00:00Z"
    counting.add(b'{"id":"e","type":"goods.issued","time":"%b","data":{%b,"lines":%b}}' % (at, data % at, lines))
    found = counting.found()
    assert (found.events, found.rejected) == (1, 0)
    assert "goods.issued.gross_weight" not in {target.target for target in found.empty}
    assert "goods.issued.pallets" in {target.target for target in found.empty}
