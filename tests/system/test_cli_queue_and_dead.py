from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import EXAMPLE, Crossdock, Own, SettledDay, settle

from crossdock.engine import configuration
from crossdock.engine.configuration import read_folder
from crossdock.store import configuration as stored
from crossdock.store import waiting


def test_the_queue_counts_what_waits_and_hides_findings(crossdock: Crossdock, settled_day: SettledDay) -> None:
    right = Counter(name.split()[0] for name in settled_day.oracle["exceptions"])
    queue = crossdock("queue", "list", "--json").json
    counted = {group["code"]: group["items"] for group in queue["groups"]}
    # Their deadline has not fired, so nothing is unmatched yet.
    assert counted == {
        code: right[code] for code in right if code not in ("TENDER_REJECTED", "OUT_OF_SEQUENCE", "UNMATCHED")
    }
    everything = crossdock("queue", "list", "--all-findings", "--json").json
    assert {group["code"]: group["items"] for group in everything["groups"]}["TENDER_REJECTED"] == right[
        "TENDER_REJECTED"
    ]


def test_items_of_a_code_are_listed_with_the_money_at_stake_and_shown_one_by_one(crossdock: Crossdock) -> None:
    listed = crossdock("queue", "list", "--code", "payment_short", "--json").json
    stakes = [item["at_stake_minor"] for item in listed["items"]]
    assert stakes == sorted(stakes, reverse=True)
    assert sum(stakes) == listed["groups"][0]["at_stake_minor"]
    item = crossdock("queue", "show", listed["items"][0]["id"], "--json").json
    assert item == listed["items"][0] == crossdock("show", item["id"], "--json").json
    shown = crossdock("queue", "show", item["id"])
    assert item["action"] in shown.out
    assert "USD" in shown.out


def test_a_desk_sees_its_own(crossdock: Crossdock) -> None:
    listed = crossdock("queue", "list", "--desk", "warehouse", "--json").json
    assert {item["desk"] for item in listed["items"]} == {"warehouse"}
    assert crossdock("queue", "list", "--desk", "nobody").out == "Nothing of that waits.\n"


@pytest.mark.parametrize("item", ["nothing", "order/NONE/none"])
def test_an_item_that_is_not_there_ends_with_1(crossdock: Crossdock, item: str) -> None:
    assert crossdock("queue", "show", item).code == 1


def test_dead_letters_are_grouped_by_cause_and_add_up(crossdock: Crossdock, settled_day: SettledDay) -> None:
    groups = crossdock("dead", "list", "--json").json["groups"]
    assert sum(group["count"] for group in groups) == settled_day.oracle["malformed_exceptions"]
    rule = groups[0]["rule"]
    letters = crossdock("dead", "list", "--rule", rule, "--json").json["dead_letters"]
    assert len(letters) == sum(group["count"] for group in groups if group["rule"] == rule)


def test_a_dead_letter_is_shown_where_it_stands(crossdock: Crossdock, books: Any) -> None:
    rules = [rule for (rule,) in books.execute("select distinct rule from dead_letter where settled_at is null")]
    assert len(rules) > 3
    for rule in rules:
        letter = crossdock("dead", "list", "--rule", rule, "--json").json["dead_letters"][0]
        (shown,) = crossdock("dead", "show", letter["id"], "--json").json
        assert shown["dead_letter"] == letter
        assert any(line["here"] for line in shown["around"]), letter
        assert letter["problem"] in crossdock("dead", "show", letter["id"]).out


def test_replay_without_a_better_mapping_would_change_nothing(own: Own) -> None:
    done = own.crossdock("dead", "replay", "--json")
    assert done.code == 1
    assert done.json["put_back"] == 0
    assert done.json["readable"] == 0
    assert sum(done.json["refused"].values()) == done.json["messages"]
    assert own.crossdock("dead", "replay", "--execute").code == 1


def test_replay_after_the_mapping_learnt_a_code_reads_what_was_refused_once(own: Own, tmp_path: Path) -> None:
    tenant = stored.tenant_id(own.books, "main")
    _send_with_an_unknown_status(own.crossdock, tmp_path)
    settle(own.books, tenant)
    waiting = own.crossdock("dead", "list", "--rule", "map.unlisted", "--json").json["dead_letters"]
    (letter,) = [one for one in waiting if one["value"] == "QQ"]
    before = _counts(own.books)

    folder = _mapping_that_knows(tmp_path)
    configuration.apply(own.books, tenant, read_folder(folder))
    dry = own.crossdock("dead", "replay", "--arrival", letter["message"], "--json")
    assert (dry.code, dry.json["executed"], dry.json["readable"], dry.json["events"]) == (0, False, 1, 1)
    assert _counts(own.books) == before, "a dry run changes nothing"

    done = own.crossdock("dead", "replay", "--arrival", letter["message"], "--execute")
    assert done.code == 0
    assert "Put back" in done.out or "was put back" in done.out
    settle(own.books, tenant)
    shown = own.crossdock("show", letter["message"], "--json").json
    assert shown["state"] == "read"
    assert [event["row"] for event in shown["events"]] == [0, 1, 2]
    assert shown["dead_letters"][0]["settlement"] == "replayed"
    events, copies, open_letters = _counts(own.books)
    assert (events, copies, open_letters) == (before[0] + 1, before[1], before[2] - 1)
    assert own.crossdock("ledger", "check").code == 0


def test_an_unknown_code_is_one_cause_and_one_item_and_its_cause_is_replayed(own: Own, tmp_path: Path) -> None:
    tenant = stored.tenant_id(own.books, "main")
    _send_with_an_unknown_status(own.crossdock, tmp_path, rows=3)
    settle(own.books, tenant)
    groups = own.crossdock("dead", "list", "--rule", "map.unlisted", "--json").json["groups"]
    (group,) = [one for one in groups if one["sample"]["value"] == "QQ"]
    assert (group["count"], group["messages"], group["values"]) == (3, 1, 1)
    assert (group["place"], group["mapping"]) == ("row, column status_code", "distributor-status@1")
    (item,) = own.crossdock("queue", "list", "--code", "CODE_UNKNOWN", "--json").json["items"]
    assert (item["subject"], item["desk"]) == ("QQ", "integration")
    assert f"--cause {group['cause']}" in item["action"]
    assert own.crossdock("show", item["id"], "--json").json == item

    folder = _mapping_that_knows(tmp_path)
    configuration.apply(own.books, tenant, read_folder(folder))
    asked = ("dead", "replay", "--cause", group["cause"])
    old = own.crossdock(*asked, "--mapping", "distributor-status@1", "--json")
    assert (old.code, old.json["readable"]) == (1, 0)
    none = own.crossdock(*asked, "--mapping", "distributor-status@9")
    assert (none.code, "there is no distributor-status@9" in none.err) == (2, True)
    done = own.crossdock(*asked, "--execute", "--per-second", "100", "--json").json
    assert (done["put_back"], done["readable"]) == (1, 3)
    settle(own.books, tenant)
    assert own.crossdock("queue", "list", "--code", "CODE_UNKNOWN", "--json").json["items"] == []
    assert own.crossdock("dead", "list", "--cause", group["cause"]).out == "No dead letter of that waits.\n"


def test_a_message_is_corrected_by_one_that_is_linked_to_it(own: Own, tmp_path: Path) -> None:
    tenant = stored.tenant_id(own.books, "main")
    _send_with_an_unknown_status(own.crossdock, tmp_path)
    settle(own.books, tenant)
    letter = next(
        one for one in own.crossdock("dead", "list", "--rule", "map.unlisted", "--json").json["dead_letters"]
        if one["value"] == "QQ"
    )  # fmt: skip
    original, before = letter["message"], _counts(own.books)
    edit = ("dead", "edit", original, "--replace", ",QQ,", ",X3,")
    dry = own.crossdock(*edit, "--json").json
    assert (dry["message"], dry["events"], dry["refused"]) == (None, 3, {})
    assert "-CNWY,LTL-X1,100,QQ,NS,2,Reno,NV,2026-03-02T11:00:00.000Z," in dry["diff"]
    assert "+CNWY,LTL-X1,100,X3,NS,2,Reno,NV,2026-03-02T11:00:00.000Z," in dry["diff"]
    assert _counts(own.books) == before, "a dry run changes nothing"

    assert own.crossdock(*edit, "--execute", "--as", "ann").code == 2, "it takes a reason"
    done = own.crossdock(*edit, "--execute", "--as", "ann", "--because", "the carrier says QQ was a typing error")
    assert (done.code, "was taken in" in done.out) == (0, True)
    settle(own.books, tenant)
    events, copies, open_letters = _counts(own.books)
    assert (events, copies, open_letters) == (before[0] + 3, before[1] + 2, before[2] - 1)
    first = own.crossdock("show", original, "--json").json
    assert first["dead_letters"][0]["settlement"] == "corrected"
    (link,) = first["corrections"]
    assert (link["original"], link["who"]) == (original, "ann")
    assert own.crossdock("show", link["message"], "--json").json["corrections"] == [link]
    assert "QQ" in own.crossdock("show", original, "--raw").out, "the original is kept as it came"
    (shown,) = own.crossdock("dead", "diff", link["message"], "--json").json
    assert (shown["why"], shown["diff"]) == ("the carrier says QQ was a typing error", dry["diff"])
    again = own.crossdock(*edit)
    assert (again.code, f"nothing of {original} waits" in again.err) == (2, True)
    assert own.crossdock("ledger", "check").code == 0


@pytest.mark.parametrize(
    ("replaced", "problem"),
    [
        (("CNWY", "X"), "stands there 4 times"),
        (("ZZZ", "X"), "stands there 0 times"),
        ((",QQ,NS,2,", ",QQ,NS,2,"), "nothing differs"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    own: Own, tmp_path: Path, replaced: tuple[str, str], problem: str
) -> None:
    _send_with_an_unknown_status(own.crossdock, tmp_path, rows=2)
    settle(own.books, stored.tenant_id(own.books, "main"))
    letter = own.crossdock("dead", "list", "--rule", "map.unlisted", "--json").json["dead_letters"][-1]
    wrong = own.crossdock("dead", "edit", letter["message"], "--replace", *replaced)
    assert (wrong.code, problem in wrong.err) == (2, True), wrong.err


def test_what_fails_again_is_a_dead_letter_again(own: Own) -> None:
    tenant = stored.tenant_id(own.books, "main")
    number, row = own.books.execute(
        "select arrival, row from dead_letter where settled_at is null and rule = 'json.truncated' limit 1"
    ).fetchone()
    waiting.put_back(own.books, tenant, [number])
    again = "select count(*) from dead_letter where arrival = %s and row = %s and settled_at is null"
    assert own.books.execute(again, (number, row)).fetchone() == (0,)
    settle(own.books, tenant)
    assert own.books.execute(again, (number, row)).fetchone() == (1,)


def _counts(books: Any) -> tuple[int, int, int]:
    found: tuple[int, int, int] = books.execute(
        "select (select count(*) from event), (select count(*) from event where copy),"
        " (select count(*) from dead_letter where settled_at is null)"
    ).fetchone()
    return found


def _send_with_an_unknown_status(crossdock: Crossdock, tmp_path: Path, rows: int = 1) -> None:
    lines = [
        "scac,shipment_no,pro_no,status_code,reason,stop_no,city,state,event_time,signed_by",
        "CNWY,LTL-X1,100,X3,NS,1,Reno,NV,2026-03-02T10:00:00.000Z,",
        *[f"CNWY,LTL-X1,100,QQ,NS,{row + 2},Reno,NV,2026-03-02T11:00:00.000Z," for row in range(rows)],
        "CNWY,LTL-X1,100,D1,NS,9,Reno,NV,2026-03-02T12:00:00.000Z,",
    ]
    path = tmp_path / "status.csv"
    path.write_text("\n".join(lines) + "\n")
    sent = crossdock("ingest", path, "--source", "carrier/CNWY", "--content-type", "text/csv; layout=status", "--json")
    assert sent.lines[0]["new"] == 1


def _mapping_that_knows(tmp_path: Path) -> Path:
    folder = tmp_path / "configuration"
    for path in EXAMPLE.rglob("*.yaml"):
        text = path.read_text()
        if path.name == "distributor-status.yaml":
            text = text.replace("version: 1", "version: 2").replace(
                "X3: arrived_pickup", "X3: arrived_pickup\n    QQ: queued"
            )
        copied = folder / path.relative_to(EXAMPLE)
        copied.parent.mkdir(parents=True, exist_ok=True)
        copied.write_text(text)
    return folder
