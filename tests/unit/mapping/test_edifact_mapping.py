"""EDIFACT messages to events, addressed as X12 is."""

from datetime import UTC, datetime

import pytest
from tests.unit.formats.messages import interchange, message, status
from tests.unit.mapping.edifact_mapping import IFTSTA

from crossdock.mapping import MappingError, compile_mapping
from crossdock.model.envelope import Event, Rejection
from crossdock.model.events import MilestoneReported, ShipmentDelivered

MAPPING = compile_mapping(IFTSTA)


def read(*messages: list[str]) -> list[Event | Rejection]:
    return list(MAPPING.read(interchange(list(messages)).encode()))


def rejected(*messages: list[str]) -> tuple[str, str, str]:
    [made] = read(*messages)
    assert isinstance(made, Rejection)
    return made.rule, made.position, made.value


def several(*dates: str) -> list[str]:
    """A report of two consignments: the first arrived, the second departed and arrived."""
    body = ["BGM+44+S1+9", "DTM+137:20260302:102", "NAD+CA+ABCD::182", "CNI+1+SH1", "STS+1+21", f"DTM+334:{dates[0]}"]
    body += ["LOC+175+USDAL:139:6:Dallas", "CNI+2+SH2", "STS+1+24", f"DTM+334:{dates[-1]}", "STS+1+21"]
    return message("IFTSTA", [*body, f"DTM+334:{dates[-1]}"])


def test_statuses_of_several_consignments_are_events_of_their_own() -> None:
    made = read(several("202603020854:203"))
    assert [type(each.data) for each in made if isinstance(each, Event)] == [
        ShipmentDelivered, MilestoneReported, ShipmentDelivered,
    ]  # fmt: skip
    first, second, third = (each.data for each in made if isinstance(each, Event))
    assert isinstance(first, ShipmentDelivered)
    assert isinstance(second, MilestoneReported)
    assert isinstance(third, ShipmentDelivered)
    assert (first.scac, first.shipment_no, first.status_code, first.city) == ("ABCD", "SH1", "21", "Dallas")
    assert (second.shipment_no, second.milestone) == ("SH2", "departed")
    assert third.shipment_no == "SH2"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("202603020854:203", datetime(2026, 3, 2, 7, 54, tzinfo=UTC)),
        ("20260302085430:204", datetime(2026, 3, 2, 7, 54, 30, tzinfo=UTC)),
        ("2603020854:201", datetime(2026, 3, 2, 7, 54, tzinfo=UTC)),
        ("202603020854UTC:303", datetime(2026, 3, 2, 8, 54, tzinfo=UTC)),
        ("202603020854-05:303", datetime(2026, 3, 2, 13, 54, tzinfo=UTC)),
        ("202603022400:203", datetime(2026, 3, 2, 23, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_its_code_says(written: str, meant: datetime) -> None:
    first = read(several(written))[0]
    assert isinstance(first, Event)
    assert first.occurred == meant


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("20260302:102", "instant.time"),
        ("202610:616", "instant.syntax"),
        ("202603020854XYZ:303", "instant.zone"),
        ("190003020854:203", "instant.year"),
    ],
)
def test_what_is_no_moment_is_refused_with_its_place(written: str, rule: str) -> None:
    first = read(several(written, "202603020854:203"))[0]
    assert isinstance(first, Rejection)
    assert (first.rule, first.position.partition(",")[0]) == (rule, "segment 8")


def test_a_wrong_document_is_one_rejection_and_its_neighbours_are_read() -> None:
    made = read(status("1", "A1"), [*status("2")[:-1], "UNT+9+2"], status("3", "A3"))
    assert [each.rule if isinstance(each, Rejection) else each.row for each in made] == [0, "edifact.count", 2000]


def test_a_document_that_the_mapping_does_not_know_is_named() -> None:
    aperak = message("APERAK", ["BGM+313+A1+9", "ERC+1"])
    assert rejected(aperak) == ("type.unknown", "segment 2, UNH-02:1", "APERAK")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("STS-02", "STS-02 has 4 components; say which one: STS-02:1"),
        ("STS-02:9", "STS-02 has 4 components"),
        ("CNI-02:1", "STS has no segment CNI"),
        ("../STS-02:1", "STS opens a loop; write STS/STS"),
        ("../../../BGM-02", "there is no loop around the IFTSTA; take away a ../"),
        ("/BGM-03:2", "BGM-03 has no components"),
        ("/BGM-09", "BGM has 4 elements"),
    ],
)
def test_a_path_that_can_find_nothing_is_refused_when_it_is_compiled(path: str, problem: str) -> None:
    with pytest.raises(MappingError, match=problem.replace("(", r"\(")):
        compile_mapping(IFTSTA.replace("shipment_no: ../CNI-02:1", f'shipment_no: "{path}"', 1))
