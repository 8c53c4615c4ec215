"""What was done is changed as its kind declares; what is not trusted waits for a person, who sees what it would do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.delivery.house import Far, House, manifest

from crossdock.app import proposals
from crossdock.app.opening import Opened
from crossdock.engine import deliver_queue

CALM = {"failures": 1_000, "least": 1_000}


def at(house: House) -> Opened:
    return Opened(house.connection, house.tenant, house.url)


def connected(house: House, role: str, **changes: Any) -> Far:
    far = house.system()
    house.connect({role: ({"role": role, "address": far.address} | changes, manifest())})
    return far


def crossdock(house: House, *arguments: str) -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "crossdock", *arguments, "--json"],
        env=os.environ | {"CROSSDOCK_DATABASE_URL": house.url},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def test_what_was_released_is_amended_when_the_order_changes(house: House) -> None:
    wms = connected(house, "wms")
    house.deliverer()
    house.order(1)
    house.settle()
    house.until_all("applied", 1)
    house.order(1, quantity=7, revision=1)
    house.settle()
    house.until_all("applied", 2)
    first, second = (wms.book()["done"][f"order/SO1/release/{generation}"] for generation in (1, 2))
    assert second["path"] == "/release_order/amend"
    assert second["body"]["of"] == first["id"], "an amendment names the document it is about"
    assert second["body"]["content"]["lines"] == [[1, "SKU1", 7]]


def test_what_was_posted_is_undone_when_it_is_taken_back_and_done_anew_when_it_comes_again(house: House) -> None:
    erp = connected(house, "erp")
    house.deliverer()
    house.issue(1)
    house.settle()
    house.until_all("applied", 1)
    house.issue(1, revision=1, gone=True)
    house.settle()
    house.until(lambda: house.states()["shipment/SH1/goods_issue/GI1/2"] == "undone")
    house.issue(1, revision=2, quantity=4)
    house.settle()
    house.until(lambda: house.states().get("shipment/SH1/goods_issue/GI1/3") == "applied")
    paths = [erp.book()["done"][key]["path"] for key in erp.book()["order"]]
    assert paths == [f"/post_goods_issue/{action}" for action in ("do", "undo", "do")]
    assert set(erp.book()["times"].values()) == {1}


def test_what_changes_while_it_is_on_its_way_is_changed_when_the_outcome_is_known(house: House) -> None:
    wms = connected(house, "wms")
    wms.control(latency_seconds=0.6)
    house.deliverer()
    house.order(1)
    house.settle()
    house.until(lambda: house.states()["order/SO1/release/1"] == "sent")
    house.order(1, quantity=3, revision=1)
    house.settle()
    assert list(house.states()) == ["order/SO1/release/1"], "one generation in flight at a time"
    house.until(lambda: house.states().get("order/SO1/release/2") == "applied")
    assert wms.book()["done"]["order/SO1/release/2"]["body"]["content"]["lines"] == [[1, "SKU1", 3]]


def waiting(house: House) -> list[int]:
    return [int(row[0][-1]) for row in house.rows("select owner from delivery where hold = 'limit' order by owner")]


def test_undos_beyond_the_limit_of_an_hour_wait_for_a_person(house: House) -> None:
    erp = connected(house, "erp", undo={"per_hour": 2})
    house.deliverer()
    for number in range(5):
        house.issue(number)
    house.settle()
    house.until_all("applied", 5)
    for number in range(5):
        house.issue(number, revision=1, gone=True)
    house.settle()
    house.until(lambda: sorted(house.states().values()) == ["applied"] * 5 + ["undone"] * 2 + ["wanted"] * 3)
    house.until(lambda: house.rows("select count(*) from delivery where hold = 'limit'") == [(3,)])
    assert house.rows("select code, owner from work_item where closed_at is null and not finding order by 2") == [
        ("UNDO_LIMIT", f"shipment/SH{number}") for number in waiting(house)
    ]
    code, told = crossdock(house, "propose", "release", "--connection", "erp", "--execute", "--as", "ann")
    assert (code, told["released"]) == (0, 3)
    house.until(lambda: sorted(house.states().values()) == ["applied"] * 5 + ["undone"] * 5)
    assert set(erp.book()["times"].values()) == {1}
    assert house.rows("select 1 from work_item where closed_at is null and not finding") == [], "released, it is gone"


def test_an_undo_that_waits_beyond_the_limit_is_not_wanted_any_more_and_its_item_goes(house: House) -> None:
    connected(house, "erp", undo={"per_hour": 0})
    house.deliverer()
    house.issue(1)
    house.settle()
    house.until_all("applied", 1)
    house.issue(1, revision=1, gone=True)
    house.settle()
    house.until(lambda: house.rows("select code from work_item where closed_at is null") == [("UNDO_LIMIT",)])
    house.issue(1, revision=2)
    house.settle()
    assert house.states()["shipment/SH1/goods_issue/GI1/2"] == "withdrawn"
    assert house.rows("select 1 from work_item where closed_at is null and code = 'UNDO_LIMIT'") == []


def test_what_is_only_observed_is_recorded_and_never_sent(house: House) -> None:
    wms = connected(house, "wms", autonomy={"default": "observe"})
    house.deliverer()
    house.order(1)
    house.settle()
    house.until(lambda: house.rows("select hold from delivery") == [("observe",)])
    code, told = crossdock(house, "propose", "list")
    assert code == 0
    assert [(one["key"], one["hold"]) for one in told["proposals"]] == [("order/SO1/release/1", "observe")]
    assert crossdock(house, "propose", "release", "--all", "--execute")[1]["released"] == 0
    assert house.states() == {"order/SO1/release/1": "wanted"}
    assert wms.book()["received"] == {}


def test_what_is_proposed_is_shown_with_its_money_and_sent_when_a_person_releases_it(house: House) -> None:
    erp = connected(house, "erp", autonomy={"default": "act", "kinds": {"post_goods_issue": "propose"}})
    for number in (1, 2):
        house.issue(number)
    house.settle()
    code, told = crossdock(house, "propose", "list")  # no deliverer has looked at them yet
    assert [(one["documents"], one["kind"], one["hold"]) for one in told["differences"]] == [
        (2, "post_goods_issue", "propose")
    ]
    house.deliverer()
    house.until(lambda: house.rows("select count(*) from delivery where hold = 'propose'") == [(2,)])
    key = "shipment/SH1/goods_issue/GI1/1"
    assert crossdock(house, "propose", "release", key)[1]["released"] == 0, "a dry run"
    code, told = crossdock(house, "propose", "release", key, "--execute", "--as", "ann")
    assert (code, told["released"]) == (0, 1)
    house.until(lambda: house.states()[key] == "applied")
    assert list(erp.book()["times"]) == [key]
    assert house.rows("select who, what from act") == [("ann", "propose.release")]


def test_a_released_command_that_changes_before_it_is_sent_waits_again(house: House) -> None:
    wms = connected(house, "wms", autonomy={"default": "propose"})
    house.order(1)
    house.settle()
    assert proposals.release(at(house), proposals.proposals(at(house)), "ann") == 1
    house.order(1, quantity=99, revision=1)
    house.settle()
    house.deliverer()
    house.until(lambda: house.rows("select hold from delivery") == [("propose",)])
    assert wms.book()["received"] == {}


def test_a_release_of_what_was_shown_does_not_release_what_it_became_meanwhile(house: House) -> None:
    wms = connected(house, "wms", autonomy={"default": "propose"})
    house.order(1)
    house.settle()
    shown = proposals.proposals(at(house))
    house.order(1, quantity=99, revision=1)
    house.settle()
    proposals.release(at(house), shown, "ann")
    house.deliverer()
    house.until(lambda: house.rows("select hold from delivery") == [("propose",)])
    assert wms.book()["received"] == {}


def test_trust_is_raised_at_run_time_and_what_waited_goes(house: House) -> None:
    wms = connected(house, "wms", autonomy={"default": "observe"})
    house.deliverer()
    house.order(1)
    house.settle()
    house.until(lambda: house.rows("select hold from delivery") == [("observe",)])
    assert crossdock(house, "connection", "autonomy", "wms", "release_order", "act", "--as", "bob")[0] == 0
    house.until_all("applied", 1)
    assert wms.book()["times"] == {"order/SO1/release/1": 1}
    assert house.rows("select what, who from connection_event") == [("autonomy", "bob")]
    code, told = crossdock(house, "connection", "list")
    assert (code, told[0]["trust"], told[0]["applied"]) == (0, "observe, release_order act", 1)


def test_what_only_a_new_rule_wants_waits_for_a_person(house: House) -> None:
    wms = connected(house, "wms")
    assert house.settler is not None
    house.order(1)
    house.settle()
    row = house.rows("select owner, slot, generation, connection, kind, action from delivery")[0]
    from crossdock.store import delivery  # noqa: PLC0415

    name, kind, action = row[3:]
    queued = delivery.Queued(delivery.Key(*row[:3]), name, kind, action, "rule")
    delivery.enqueue(house.connection, house.tenant, [queued])
    assert deliver_queue.sweep(house.connection, house.tenant, house.settler.configuration.connections) == 0
    house.deliverer()
    _, told = crossdock(house, "propose", "list")
    assert [one["hold"] for one in told["proposals"]] == ["rule"]
    assert wms.book()["received"] == {}
    assert crossdock(house, "propose", "release", "--all", "--execute")[1]["released"] == 1
    house.until_all("applied", 1)


def test_a_person_who_looked_says_that_it_was_done(house: House) -> None:
    far = house.system()
    spoken = manifest(idempotent=False)
    for kind in spoken["deeds"].values():
        del kind["find"]
    house.connect({"wms": ({"role": "wms", "address": far.address, "breaker": CALM}, spoken)})
    far.control(is_idempotent=False, script=["cut", "cut"])
    for number in (1, 2):
        house.order(number)
    house.settle()
    house.deliverer()
    house.until(lambda: house.rows("select count(*) from delivery where hold = 'person'") == [(2,)])
    unknown = "select owner from work_item where code = 'OUTCOME_UNKNOWN' and closed_at is null order by 1"
    assert house.rows(unknown) == [("order/SO1",), ("order/SO2",)]
    done = ("propose", "done", "order/SO1/release/1", "--document", "D1", "--execute")
    assert crossdock(house, *done)[0] == 0
    house.settle()
    house.until(lambda: house.states()["order/SO1/release/1"] == "applied")
    assert crossdock(house, "propose", "release", "order/SO2/release/1", "--execute")[1]["released"] == 1
    house.until(lambda: house.states()["order/SO2/release/1"] == "applied")
    assert far.book()["times"] == {"order/SO1/release/1": 1, "order/SO2/release/1": 2}, (
        "the person said it was not done"
    )
    assert house.rows(unknown) == []


def test_the_evidence_of_every_exchange_is_kept(house: House) -> None:
    wms = connected(house, "wms", retry={"first_seconds": 0.05})
    wms.control(script=["broken"])
    house.order(1)
    house.settle()
    house.deliverer()
    house.until_all("applied", 1)
    _, told = crossdock(house, "connection", "attempts", "order/SO1")
    assert [(one["what"], one["status"], one["classified"]) for one in reversed(told)] == [
        ("apply", 500, "unknown"), ("find", 200, "looked"), ("apply", 201, "applied"),
    ]  # fmt: skip
    assert all(one["sent_hash"] and one["took_us"] > 0 for one in told)
    assert "order_no" in told[0]["sent"]
