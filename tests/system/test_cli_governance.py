"""The life of a mapping version and what is looked at before, on the command line. All cases: `tests/scenarios`."""

from pathlib import Path

from tests.system.conftest import EXAMPLE, Crossdock, Own

HEADER = "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by\n"
ROW = "CNWY,LTL-X1,100,QQ,NS,1,Reno,NV,2026-03-02T10:00:00.000Z,\n"
X12 = (EXAMPLE / "mappings" / "distributor-x12.yaml").read_text()


def changed(tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    """A second version of a mapping, with something in other words."""
    source = X12
    for old, new in (("version: 1", "version: 2"), *pairs):
        assert old in source
        source = source.replace(old, new)
    path = tmp_path / "second.yaml"
    path.write_text(source)
    return path


def test_a_version_is_tried_submitted_approved_and_published(own: Own, tmp_path: Path) -> None:
    path = tmp_path / "distributor-status.yaml"
    text = (EXAMPLE / "mappings" / "distributor-status.yaml").read_text()
    path.write_text(text.replace("version: 1\n", "version: 2\n").replace("    X3: ", "    QQ: queued\n    X3: "))
    path.with_suffix("").mkdir()
    (path.with_suffix("") / "queued.csv").write_text(HEADER + ROW)
    kept = own.crossdock("map", "test", path, "--keep", "--json")
    assert (kept.code, kept.json) == (0, [{"example": "queued.csv", "failures": []}])
    submitted = own.crossdock("map", "submit", path, "--as", "ann", "--json").json
    assert (submitted["version"], submitted["state"]) == ("distributor-status@2", "review")
    early = own.crossdock("map", "publish", "distributor-status@2")
    assert (early.code, "is review: `map approve` it" in early.err) == (2, True)
    assert own.crossdock("map", "approve", "distributor-status@2", "--as", "bob").code == 0
    dry = own.crossdock("map", "publish", "distributor-status@2")
    assert (dry.code, "distributor-status@1 -> distributor-status@2" in dry.out) == (0, True)
    done = own.crossdock("map", "publish", "distributor-status@2", "--execute", "--json").json
    assert (done["state"], done["replaced"]) == ("published", "distributor-status@1")
    shown = own.crossdock("map", "show", "distributor-status", "--json").json
    assert (shown["version"], shown["reads"], shown["examples"]) == (2, ["carrier/CNWY"], ["queued.csv"])
    assert [step["state"] for step in shown["steps"]] == ["draft", "review", "approved", "published"]


def test_mappings_are_listed_with_who_brought_them_there(crossdock: Crossdock) -> None:
    listed = {one["name"]: one for one in crossdock("map", "list", "--json").json}
    one = listed["distributor-status"]
    assert (one["state"], one["by"], one["reads"]) == ("published", "config apply", ["carrier/CNWY"])
    missing = crossdock("map", "diff", "distributor-x21@1")
    assert (missing.code, "there is no mapping distributor-x21@1" in missing.err) == (2, True)


def test_two_versions_are_compared_target_by_target(crossdock: Crossdock, tmp_path: Path) -> None:
    path = changed(
        tmp_path, ("city: MS1-01", "city: MS1-03"), ("    SD: delayed\n", "    SD: delayed\n    QQ: queued\n")
    )
    done = crossdock("map", "diff", path, "--json")
    assert (done.code, done.json["before"], done.json["after"]) == (1, "distributor-x12@1", "distributor-x12@2")
    assert {(one["change"], one["target"], one["before"], one["after"]) for one in done.json["changes"]} == {
        ("added", "tables.milestones.QQ", None, "queued"),
        ("changed", "214 shipment.delivered.city", "MS1-01", "MS1-03"),
        ("changed", "214 shipment.milestone_reported.city", "MS1-01", "MS1-03"),
    }


def test_what_a_mapping_leaves_out_of_stored_messages_is_named(crossdock: Crossdock) -> None:
    found = crossdock("map", "coverage", "distributor-x12", "--json").json
    assert found["messages"] > 50
    unused = {place["place"]: place["times"] for place in found["unused"]}
    assert unused["AT8-03"] > 0
    assert not {"B10-02", "AT7-01", "L11-02", "B3-07", "L1-04", "L1-08"} & unused.keys()
    assert crossdock("map", "reuse", "--json").json["alike"] == []


def test_a_rehearsal_shows_events_then_documents_and_money_and_a_likely_scale_error(own: Own, tmp_path: Path) -> None:
    before = own.books.execute("select count(*), sum(amount) from ledger_entry").fetchone()
    path = changed(tmp_path, ("B3-07, implied_decimals: true", "B3-07, implied_decimals: false"))
    done = own.crossdock("map", "rehearse", path, "--json")
    report, effects = done.json, done.json["effects"]
    assert done.code == 1
    (change,) = report["changed"]
    (suspicion,) = report["suspicions"]
    assert (suspicion["field"], suspicion["factor"]) == ("freight_invoice.received.total_minor", "x100")
    assert suspicion["values"] == suspicion["of"] == change["events"]
    assert {one["kind"] for one in effects["documents"]} == {"post_freight_invoice"}
    assert {one["code"] for one in effects["items"]} >= {"FREIGHT_VARIANCE"}
    assert effects["postings"]
    assert own.books.execute("select count(*), sum(amount) from ledger_entry").fetchone() == before
    lost = changed(tmp_path, ("time: AT7-06, code: AT7-07", "time: AT7-06, zone: America/Denver"))
    assert (
        "LIKELY ZONE ERROR  shipment.delivered would have occurred +7 h" in own.crossdock("map", "rehearse", lost).out
    )
