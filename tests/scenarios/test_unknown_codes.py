"""A code that nobody has told us is one item, however many messages say it; it closes when none waits any more."""

from __future__ import annotations

import pytest
from tests.scenarios.conftest import DISTRIBUTOR, Distributor

from crossdock.app import replay
from crossdock.engine import configuration, letter_causes
from crossdock.engine.settle import Settler
from crossdock.mapping import compile_mapping
from crossdock.store import trail
from crossdock.store.waiting import Which

HEADER = "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by\n"
MAPPING = (DISTRIBUTOR / "mappings" / "distributor-status.yaml").read_text()


def status(distributor: Distributor, number: int, code: str) -> None:
    row = f"CNWY,LTL-{number},{number},{code},NS,1,Reno,NV,2026-03-02T10:00:00.000Z,\n"
    distributor.bytes("carrier/CNWY", (HEADER + row).encode(), "text/csv; layout=status")


def learns(distributor: Distributor, version: int, milestone: str) -> None:
    """A version of the carrier's mapping knows the code QQ."""
    text = MAPPING.replace("version: 1", f"version: {version}").replace("    X3: ", f"    QQ: {milestone}\n    X3: ")
    compile_mapping(text)
    folder = configuration.read_folder(DISTRIBUTOR)
    folder = folder._replace(mappings=folder.mappings | {("distributor-status", version): text})
    configuration.apply(distributor.connection, distributor.tenant, folder)
    distributor.configuration = configuration.load(distributor.connection, distributor.tenant)
    distributor.settler = Settler(distributor.connection, distributor.tenant, distributor.configuration)


def test_a_code_is_one_item_and_closes_when_the_mapping_has_learnt_it(distributor: Distributor) -> None:
    for number in range(37):
        status(distributor, number, "QQ")
    distributor.settle()
    status(distributor, 37, "QQ")
    status(distributor, 38, "RR")
    distributor.settle()
    assert distributor.items() == ["CODE_UNKNOWN QQ", "CODE_UNKNOWN RR"]
    (title,) = distributor.rows("select title from work_item where subject = 'QQ'")[0]
    assert title == "carrier/CNWY says 'QQ' at row, column status_code, which distributor-status does not know"

    where = (distributor.connection, distributor.tenant)
    learns(distributor, 2, "arrived_pickup")
    done = replay.replay(*where, distributor.configuration, Which(value="QQ"), execute="Ann", per_second=10_000)
    assert done.put_back == 38
    assert distributor.items() == ["CODE_UNKNOWN RR"]
    distributor.settle()
    again = replay.replay(*where, distributor.configuration, Which(value="RR"), execute="Ann")
    assert again.put_back == 0
    assert distributor.items() == ["CODE_UNKNOWN RR"]


def test_what_fails_again_opens_its_item_again(distributor: Distributor) -> None:
    status(distributor, 1, "QQ")
    distributor.settle()
    distributor.put_back([row[0] for row in distributor.rows("select arrival from dead_letter")])
    assert distributor.items() == []
    distributor.settle()
    assert distributor.items() == ["CODE_UNKNOWN QQ"]


def test_messages_are_read_by_the_version_that_a_person_chose(distributor: Distributor) -> None:
    status(distributor, 1, "QQ")
    distributor.settle()
    learns(distributor, 2, "arrived_pickup")
    learns(distributor, 3, "arrived_delivery")
    chosen = distributor.configuration.versions.named(("distributor-status", 2))
    assert chosen is not None
    where = (distributor.connection, distributor.tenant, distributor.configuration)
    dry = replay.replay(*where, Which(dead=True), version=chosen)
    assert (dry.readable, dry.events) == (1, 1)
    replay.replay(*where, Which(dead=True), version=chosen, execute="Ann")
    distributor.settle()
    told = distributor.rows(
        "select mapping.version, data ->> 'milestone' from event join mapping on mapping.id = event.mapping"
    )
    assert told == [(2, "arrived_pickup")]
    (act,) = trail.latest(distributor.connection, distributor.tenant, 1)
    assert '"mapping":"distributor-status@2"' in act.detail


def test_a_worker_that_has_not_looked_round_reads_by_the_chosen_version_too(distributor: Distributor) -> None:
    status(distributor, 1, "QQ")
    distributor.settle()
    old = distributor.settler
    learns(distributor, 2, "arrived_pickup")
    chosen = distributor.configuration.versions.named(("distributor-status", 2))
    where = (distributor.connection, distributor.tenant, distributor.configuration)
    replay.replay(*where, Which(dead=True), version=chosen, execute="Ann")
    assert old.settle(batch=10, now=distributor.now).events == 1


def test_garbage_fills_no_queue(distributor: Distributor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_causes, "ITEMS_MAX", 5)
    for number in range(9):
        status(distributor, number, f"Q{number}")
    distributor.settle()
    assert len(distributor.items()) == 5
    assert len(distributor.rows("select distinct cause from dead_letter")) == 9
