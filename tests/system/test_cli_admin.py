import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import EXAMPLE, Crossdock, Own, SettledDay

from crossdock.store.databases import create_database, drop_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "configuration"))


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# -- doctor ------------------------------------------------------------------------------------------------------


def test_a_doctor_finds_a_settled_day_in_order_but_for_what_waits(crossdock: Crossdock) -> None:
    done = crossdock("doctor", "--json")
    found = {one["what"]: one for one in done.lines}
    assert done.code == 0
    assert found["schema"]["grade"] == found["durability"]["grade"] == found["configuration"]["grade"] == "ok"
    assert found["partitions"]["grade"] == found["backlog"]["grade"] == "ok"
    assert found["dead letters"]["grade"] == "warn"
    assert found["deadlines"]["do"] == "start one: `crossdock worker`"
    assert all(one["do"] for one in found.values() if one["grade"] != "ok")


def test_a_doctor_says_what_is_wrong_and_what_to_do(cluster_url: str, crossdock: Crossdock, books: Any) -> None:
    name = f"{books.info.dbname}_sick"
    url = create_database(cluster_url, name)
    try:
        done = crossdock("doctor", "--url", url, "--json")
        assert done.code == 1
        schema = next(one for one in done.lines if one["what"] == "schema")
        assert (schema["grade"], schema["do"]) == ("fail", "run `crossdock db migrate`")
        assert crossdock("show", "anything", "--url", url).code == 3
    finally:
        drop_database(cluster_url, name)


def test_a_parked_case_fails_the_doctor(own: Own) -> None:
    own.books.execute(
        "insert into work_item (tenant, owner, name, code, subject, title, desk, action, at_stake_minor, currency,"
        " finding, arrival, rules) select tenant, 'order/PARKED', 'PLAN_FAILED', 'PLAN_FAILED', '', '', 'integration',"
        " '', 0, '', false, 0, 1 from work_item limit 1"
    )
    done = own.crossdock("doctor")
    assert done.code == 1
    assert "crossdock explain order/PARKED" in done.out


def test_a_server_that_is_not_there_is_unreachable(crossdock: Crossdock) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
    assert crossdock("doctor", "--url", nowhere).code == 4
    assert crossdock("show", "anything", "--url", nowhere).code == 4


# -- db ----------------------------------------------------------------------------------------------------------


def test_a_schema_is_brought_to_its_head(cluster_url: str, crossdock: Crossdock, books: Any) -> None:
    name = f"{books.info.dbname}_empty"
    url = create_database(cluster_url, name)
    try:
        before = crossdock("db", "status", "--url", url, "--json")
        assert (before.code, before.json["schema"]) == (1, None)
        migrated = crossdock("db", "migrate", "--url", url, "--json")
        assert (migrated.code, migrated.json["schema"]) == (0, migrated.json["head"])
        assert crossdock("db", "status", "--url", url).code == 0
    finally:
        drop_database(cluster_url, name)


# -- config ------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_applied_differs_in_nothing(crossdock: Crossdock, folder: Path) -> None:
    assert crossdock("config", "plan", folder, "--json").json == {"changes": []}


def test_a_plan_shows_what_applying_does_and_new_keys_are_shown_once(own: Own, folder: Path) -> None:
    _edit(folder / "sources.yaml", "title: Bank", "title: The bank")
    _edit(folder / "sources.yaml", "  oms:\n", "  shop:\n    owns: {}\n    reads: {}\n  oms:\n")
    plan = own.crossdock("config", "plan", folder, "--json")
    assert plan.code == 0
    assert {(one["change"], one["name"]) for one in plan.json["changes"]} == {("changed", "bank"), ("new", "shop")}
    applied = own.crossdock("config", "apply", folder, "--json").json
    assert applied["changes"] == plan.json["changes"]
    assert list(applied["keys"]) == ["shop"]
    again = own.crossdock("config", "apply", folder, "--json").json
    assert again == {"changes": [], "keys": {}}


def test_what_is_published_is_never_changed(crossdock: Crossdock, folder: Path) -> None:
    _edit(folder / "mappings" / "distributor-rates.yaml", "format: csv", "format: csv\ndelimiter: ';'")
    _edit(folder / "policies.yaml", "absolute_minor: 500", "absolute_minor: 501")
    plan = crossdock("config", "plan", folder, "--json")
    assert plan.code == 3
    assert [one["change"] for one in plan.json["changes"]].count("refused") == 2
    assert crossdock("config", "apply", folder).code == 3


def test_a_folder_that_is_wrong_is_named_with_its_place(crossdock: Crossdock, folder: Path) -> None:
    _edit(folder / "sources.yaml", "order.created", "order.craeted")
    done = crossdock("config", "plan", folder)
    assert done.code == 3
    assert "order.craeted" in done.err


def test_a_key_is_rotated(own: Own) -> None:
    hashed = "select key_hash from source where name = 'bank'"
    before = own.books.execute(hashed).fetchone()
    done = own.crossdock("config", "key", "rotate", "bank", "--json")
    assert done.json["key"].startswith("cdk_")
    assert own.books.execute(hashed).fetchone() != before
    missing = own.crossdock("config", "key", "rotate", "bnak")
    assert missing.code == 1
    assert "bank" in missing.err


# -- map ---------------------------------------------------------------------------------------------------------


def test_a_mapping_is_run_against_a_file(crossdock: Crossdock, settled_day: SettledDay) -> None:
    done = crossdock(
        "map", "test", EXAMPLE / "mappings" / "distributor-rates.yaml", settled_day.folder / "rates.csv", "--json"
    )
    assert done.code == 0
    assert {one["event"] for one in done.lines} == {"rate.published"}
    assert len(done.lines) == len((settled_day.folder / "rates.csv").read_text().splitlines()) - 1


def test_what_a_mapping_refuses_is_shown_and_ends_with_1(crossdock: Crossdock, settled_day: SettledDay) -> None:
    mapping, file = EXAMPLE / "mappings" / "distributor-x12.yaml", settled_day.folder / "deliveries.ndjson"
    done = crossdock("map", "test", mapping, file, "--content-type", "application/edi-x12")
    assert done.code == 1
    assert "Refused" in done.out
    assert "shipment.milestone_reported" in done.out
    lines = crossdock("map", "test", mapping, file, "--content-type", "application/edi-x12", "--json").lines
    assert {"rule", "position", "problem"} <= next(one for one in lines if "rule" in one).keys()


def test_a_mapping_that_does_not_compile_is_a_matter_of_configuration(crossdock: Crossdock, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("mapping: x\nversion: 1\nformat: csv\nevent: no.such\nfields: {}\n")
    done = crossdock("map", "test", mapping, mapping)
    assert done.code == 3
    assert "no.such" in done.err or "event" in done.err


def test_an_overlay_may_extend_what_was_applied_before_and_a_mistake_names_both_lines(own: Own, folder: Path) -> None:
    base = (folder / "mappings" / "distributor-status.yaml").read_text()
    # The base is stored, and not in the folder any more.
    (folder / "mappings" / "distributor-status.yaml").unlink()
    overlay = folder / "mappings" / "cnwy-status.yaml"
    overlay.write_text(
        "mapping: cnwy-status\nversion: 1\nextends: distributor-status@1\ntables: {milestones: {QQ: queued}}\n"
    )
    _edit(folder / "sources.yaml", "layout=status: distributor-status", "layout=status: cnwy-status")
    applied = own.crossdock("config", "apply", folder, "--json")
    assert ("new", "cnwy-status version 1") in {(one["change"], one["name"]) for one in applied.json["changes"]}

    alone = own.crossdock("map", "test", overlay, overlay)
    assert (alone.code, "distributor-status@1 is not there" in alone.err) == (3, True)
    (folder / "mappings" / "distributor-status.yaml").write_text(base)
    file = folder / "status.csv"
    file.write_text(
        "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by\n"
        "CNWY,LTL-X1,100,QQ,NS,1,Reno,NV,2026-03-02T10:00:00.000Z,\n"
    )
    assert own.crossdock("map", "test", overlay, file, "--json").lines[0]["data"]["milestone"] == "queued"

    _edit(overlay, "QQ: queued", "QQ: queued}, cities: {A: B")
    wrong = own.crossdock("map", "test", overlay, file)
    assert (wrong.code, "tables.cities (line 4)" in wrong.err) == (3, True)


# -- all of them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    ["show", "explain", "search", "queue list", "queue show", "dead list", "dead show", "dead replay",
     "ledger balance", "ledger check", "doctor", "db migrate", "db status", "config plan", "config apply",
     "config key rotate", "map test", "ingest"],
)  # fmt: skip
def test_every_command_takes_json(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crossdock", *command.split(), "--help"], capture_output=True, text=True, check=True
    )
    assert "--json" in done.stdout
