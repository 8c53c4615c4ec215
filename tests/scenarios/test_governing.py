"""The life of a mapping version: from its file, past other eyes and its examples, to what reads messages, and back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.app import governing, mapping_rehearsal, mapping_review, replay
from crossdock.app.handling import NotDone
from crossdock.app.opening import Opened
from crossdock.engine import configuration
from crossdock.engine.mapping_files import EXPECTED
from crossdock.engine.settle import Settler
from crossdock.governance.lifecycle import Governance, MappingRules
from crossdock.mapping import MappingError, compile_mapping
from crossdock.mapping.examples import said
from crossdock.settings import ConfigurationError
from crossdock.store import mappings, trail
from crossdock.store.waiting import Which

STATUS = (DISTRIBUTOR / "mappings" / "distributor-status.yaml").read_text()
HEADER = "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by\n"
ROW = "CNWY,LTL-X1,100,QQ,NS,1,Reno,NV,2026-03-02T10:00:00.000Z,\n"
SECOND = "distributor-status@2"


class Desk:
    """People who look after mappings."""

    def __init__(self, distributor: Distributor, folder: Path) -> None:
        self.distributor = distributor
        self.at = Opened(distributor.connection, distributor.tenant, "")
        self.path = folder / "distributor-status.yaml"

    def writes(self, milestone: str = "queued", *, keeps: bool = True) -> Path:
        """The carrier's mapping in a second version, which knows one code more, with an example."""
        text = STATUS.replace("version: 1\n", "version: 2\nowner: carriers\n")
        self.path.write_text(text.replace("    X3: ", f"    QQ: {milestone}\n    X3: "))
        examples = self.path.with_suffix("")
        examples.mkdir(exist_ok=True)
        (examples / "queued.csv").write_text(HEADER + ROW)
        if keeps:
            made = said(compile_mapping(self.path.read_text()), (HEADER + ROW).encode())
            (examples / f"queued.csv{EXPECTED}").write_bytes(msgspec.json.encode(made))
        return self.path

    def states(self) -> dict[int, str]:
        rows = mappings.versions(self.at.connection, self.at.tenant, "distributor-status")
        return {row.version: row.state for row in rows}

    def workers_look_round(self) -> None:
        self.distributor.configuration = configuration.load(self.at.connection, self.at.tenant)
        self.distributor.settler = Settler(self.at.connection, self.at.tenant, self.distributor.configuration)

    def rules(self, *, four_eyes: bool) -> None:
        folder = configuration.read_folder(DISTRIBUTOR)._replace(
            governance=Governance(mappings=MappingRules(four_eyes=four_eyes))
        )
        configuration.apply(self.at.connection, self.at.tenant, folder)


@pytest.fixture
def desk(distributor: Distributor, tmp_path: Path) -> Desk:
    return Desk(distributor, tmp_path)


def test_a_version_goes_from_its_file_to_what_reads_messages(desk: Desk, distributor: Distributor) -> None:
    with pytest.raises(MappingError, match="nothing says what must come of it"):
        governing.submit_file(desk.at, desk.writes(keeps=False), who="ann")
    submitted = governing.submit_file(desk.at, desk.writes(), who="ann", note="QQ is new")
    assert (submitted.version, submitted.state) == (SECOND, "review")
    with pytest.raises(NotDone, match="distributor-status@2 is review: `map approve` it"):
        governing.take(desk.at, "publish", SECOND, who="bob")
    with pytest.raises(NotDone, match="distributor-status@2 is review: raise its version"):
        governing.submit_file(desk.at, desk.path, who="ann")
    governing.take(desk.at, "return", SECOND, who="bob", note="queued in which yard?")
    governing.submit_file(desk.at, desk.path, who="ann")
    governing.take(desk.at, "approve", SECOND, who="bob")

    desk.workers_look_round()
    distributor.bytes("carrier/CNWY", (HEADER + ROW).encode(), "text/csv; layout=status")
    assert distributor.settle().rejected == 1, "an approved version reads nothing yet"
    done = governing.take(desk.at, "publish", SECOND, who="bob")
    assert (done.replaced, desk.states()) == ("distributor-status@1", {1: "deprecated", 2: "published"})
    desk.workers_look_round()
    where = (distributor.connection, distributor.tenant, distributor.configuration)
    assert replay.replay(*where, Which(value="QQ"), execute="bob").readable == 1
    assert distributor.settle().events == 1

    row = mappings.versions(desk.at.connection, desk.at.tenant, "distributor-status")[1]
    steps = [(step.state, step.who) for step in mappings.steps(desk.at.connection, desk.at.tenant, row.id)]
    assert (row.owner, steps) == (
        "carriers",
        [("draft", "ann"), ("review", "ann"), ("draft", "bob"), ("draft", "ann"), ("review", "ann"),
         ("approved", "bob"), ("published", "bob")],
    )  # fmt: skip
    acts = [act.what for act in trail.latest(desk.at.connection, desk.at.tenant, 10) if act.subject == SECOND]
    assert acts[:3] == ["mapping.published", "mapping.approved", "mapping.submitted"]
    assert trail.broken_at(desk.at.connection, desk.at.tenant) is None


def test_the_way_back_stays_when_the_folder_is_applied_again(desk: Desk) -> None:
    governing.submit_file(desk.at, desk.writes(), who="ann")
    governing.take(desk.at, "approve", SECOND, who="bob")
    governing.take(desk.at, "publish", SECOND, who="bob")
    governing.take(desk.at, "publish", "distributor-status@1", who="bob", note="QQ was a mistake")
    folder = configuration.read_folder(DISTRIBUTOR)
    folder = folder._replace(mappings=folder.mappings | {("distributor-status", 2): desk.path.read_text()})
    configuration.apply(desk.at.connection, desk.at.tenant, folder)
    assert desk.states() == {1: "published", 2: "deprecated"}
    with pytest.raises(NotDone, match="distributor-status@1 reads for carrier/CNWY"):
        governing.take(desk.at, "deprecate", "distributor-status@1", who="bob")
    governing.take(desk.at, "retire", SECOND, who="bob", note="never again")
    with pytest.raises(NotDone, match="it is never used again"):
        governing.take(desk.at, "publish", SECOND, who="bob")
    with pytest.raises(NotDone, match=r"there is no mapping distributor-status@9; there are distributor-status@1"):
        governing.take(desk.at, "publish", "distributor-status@9", who="bob")


def test_a_house_of_four_eyes_publishes_what_another_one_approved(desk: Desk) -> None:
    desk.rules(four_eyes=True)
    folder = configuration.read_folder(DISTRIBUTOR)
    folder = folder._replace(
        mappings=folder.mappings | {("distributor-status", 2): desk.writes().read_text()},
        governance=Governance(mappings=MappingRules(four_eyes=True)),
    )
    with pytest.raises(ConfigurationError, match="asks for approval"):
        configuration.apply(desk.at.connection, desk.at.tenant, folder)
    governing.submit_file(desk.at, desk.path, who="ann")
    with pytest.raises(NotDone, match="asks for another one's approval"):
        governing.take(desk.at, "approve", SECOND, who="ann")
    governing.take(desk.at, "approve", SECOND, who="bob")
    configuration.apply(desk.at.connection, desk.at.tenant, folder)
    assert desk.states() == {1: "deprecated", 2: "published"}
    desk.rules(four_eyes=False)


def test_what_fails_an_example_goes_no_further(desk: Desk) -> None:
    desk.writes()
    desk.path.write_text(desk.path.read_text().replace("QQ: queued", "QQ: delayed"))
    with pytest.raises(NotDone, match=r"data\.milestone: 'delayed', expected 'queued'"):
        governing.submit_file(desk.at, desk.path, who="ann")
    assert desk.states() == {1: "published"}
    # One that was approved with an example that does not hold is not published either.
    governing.submit_file(desk.at, desk.writes(), who="ann")
    governing.take(desk.at, "approve", SECOND, who="bob")
    row = mappings.versions(desk.at.connection, desk.at.tenant, "distributor-status")[1]
    broken = [("empty.csv", (HEADER + ROW).encode(), "[]")]
    mappings.keep_examples(desk.at.connection, desk.at.tenant, row.id, broken)
    with pytest.raises(NotDone, match="1 events and refusals, 0 expected"):
        governing.take(desk.at, "publish", SECOND, who="bob")
    assert desk.states()[1] == "published"


def test_a_folder_with_an_example_that_fails_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    (folder / "distributor-status").mkdir(parents=True)
    (folder / "distributor-status.yaml").write_text(STATUS)
    (folder / "distributor-status" / "one.csv").write_text(HEADER + ROW)
    (folder / "distributor-status" / f"one.csv{EXPECTED}").write_text("[]")
    (tmp_path / "sources.yaml").write_text("sources: {}\n")
    (tmp_path / "policies.yaml").write_text("policies: []\n")
    with pytest.raises(ConfigurationError, match=r"an example fails: one\.csv: 1 events and refusals, 0 expected"):
        configuration.read_folder(tmp_path)


def test_nothing_changes_a_version_that_was_submitted_not_even_sql(desk: Desk, distributor: Distributor) -> None:
    with pytest.raises(Exception, match="distributor-status@1 is published: raise its version"):
        distributor.rows("update mapping set document = 'x' where name = 'distributor-status' returning id")
    with pytest.raises(Exception, match="mapping_in_force"):
        distributor.rows(
            "insert into mapping (tenant, name, version, document, state) "
            "values (%s, 'distributor-status', 9, 'x', 'published') returning id",
            desk.at.tenant,
        )


def test_a_rehearsal_shows_events_documents_and_money_and_points_out_what_looks_scaled(
    desk: Desk, distributor: Distributor, tmp_path: Path
) -> None:
    distributor.rates_published()
    for number in range(1, 4):
        distributor.ordered(number)
        distributor.issued(number)
        distributor.delivered(number)
        distributor.freight_billed("131.25", number, f"F{number}")
    distributor.settle()
    entries = distributor.rows("select count(*), sum(amount) from ledger_entry")
    text = (DISTRIBUTOR / "mappings" / "distributor-json.yaml").read_text()
    path = tmp_path / "second.yaml"
    path.write_text(
        text.replace("version: 1\n", "version: 2\n").replace("linehaul_minor: linehaul\n", "linehaul_minor: no\n")
    )
    report = mapping_rehearsal.rehearse(desk.at, mapping_review.mapping_of(desk.at, str(path)), days=1, limit=100)
    assert (report.before, report.after) == ("distributor-json@1", "distributor-json@2")
    assert report.removed == {"freight_invoice.received": 3}
    assert report.refused == {"field.required": 3}
    assert [(one.kind, one.action, one.documents, one.minor) for one in report.effects.documents] == [
        ("post_freight_invoice", "withdraw", 3, -39375)
    ]
    assert [(one.debit, one.credit, one.amount) for one in report.effects.postings] == [
        ("freight.expense", "freight.accrued", 39375), ("freight.expense", "freight.payable", -39375),
    ]  # fmt: skip
    assert distributor.rows("select count(*), sum(amount) from ledger_entry") == entries, "nothing of it stays"
