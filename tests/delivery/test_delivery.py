"""Commands reach the systems they are for, once each, and their outcomes come back as facts."""

from __future__ import annotations

from tests.delivery.house import House, manifest


def test_a_command_is_sent_and_its_outcome_is_told_to_its_case(house: House) -> None:
    wms = house.system()
    house.connect({"wms": ({"role": "wms", "address": wms.address}, manifest())})
    house.order(1)
    house.settle()
    assert house.states() == {"order/SO1/release/1": "wanted"}
    house.deliverer()
    house.until_all("applied", 1)
    assert wms.book()["times"] == {"order/SO1/release/1": 1}
    told = house.rows("select data->>'outcome', data->>'document_no' from event where type = 'command.settled'")
    assert sorted(told) == [("applied", "D000001"), ("sent", None)]


def test_every_way_an_answer_can_go_wrong_ends_in_one_deed(house: House) -> None:
    """Each mood answers the first attempt at one command; later attempts are answered well."""
    wms = house.system()
    limits = {"timeout_seconds": 0.6, "per_second": 500, "burst": 100}
    calm = {"failures": 1_000, "least": 1_000}
    retry = {"first_seconds": 0.05, "longest_seconds": 0.2}
    settings = {"role": "wms", "address": wms.address, "limits": limits, "breaker": calm, "retry": retry}
    house.connect({"wms": (settings, manifest())})
    moods = {
        1: ("html", "unknown"), 2: ("error_in_200", "unknown"), 3: ("truncated", "unknown"), 4: ("other", "unknown"),
        5: ("as_text", "unknown"), 6: ("late", "unknown"), 7: ("cut", "unknown"), 8: ("elsewhere", "unknown"),
        9: ("broken", "unknown"), 10: ("large", "unknown"), 11: ("down", "retry_after"), 12: ("busy", "retry_after"),
        13: ("stale", "conflict"), 14: ("stranger", "retry_after"),
    }  # fmt: skip
    wms.control(once={f"order/SO{number}/release/1": mood for number, (mood, _) in moods.items()})
    for number in moods:
        house.order(number)
    house.settle()
    house.deliverer()
    house.until_all("applied", len(moods), 30)
    assert set(wms.book()["times"].values()) == {1}
    first = house.rows(
        "select distinct on (owner) owner, classified, reason from delivery_attempt where what = 'apply'"
        " order by owner, id"
    )
    assert {owner: said for owner, said, _ in first} == {f"order/SO{n}": said for n, (_, said) in moods.items()}
    assert all(reason for *_, reason in first)
    told = house.rows("select owner from event where type = 'command.settled' and data->>'outcome' = 'unknown'")
    assert sorted(told) == sorted({(f"order/SO{n}",) for n, (_, said) in moods.items() if said == "unknown"})


def test_a_refusal_for_good_opens_an_item_and_is_not_repeated(house: House) -> None:
    wms = house.system()
    house.connect({"wms": ({"role": "wms", "address": wms.address}, manifest())})
    wms.control(script=["invalid", "refused_in_200"])
    for number in (1, 2):
        house.order(number)
    house.settle()
    house.deliverer()
    house.until_all("refused", 2)
    assert wms.book()["times"] == {}
    assert sum(wms.book()["received"].values()) == 2
    reasons = {row[0] for row in house.rows("select data->>'reason' from event where data->>'outcome' = 'refused'")}
    assert reasons == {"422: quantity is wrong", "not in this period"}
    assert house.rows("select code, count(*) from work_item where closed_at is null group by 1") == [("REFUSED", 2)]


def test_a_command_that_changes_before_it_is_sent_is_sent_as_it_is_then(house: House) -> None:
    wms = house.system()
    house.connect({"wms": ({"role": "wms", "address": wms.address}, manifest())})
    house.order(1)
    house.settle()
    house.say("wms/DC01", "pick.confirmed", pick_id="PK1", order_no="SO1", shipment_no="SH1", warehouse="DC01",
              wave="1", picker="P",
              lines=[{"line": 1, "sku": "SKU1", "qty_ordered": 10, "qty_picked": 10}])  # fmt: skip
    house.say("tms", "shipment.created", shipment_no="SH1", order_no="SO1", warehouse="DC01", mode="LTL", zone=1,
              ship_to={}, pieces=1, planned_weight_lb=7, equipment="TF", service_level="STD", bol_no="B1")  # fmt: skip
    house.settle()
    assert house.states() == {"order/SO1/release/1": "satisfied"}, "the pick shows that it was released"
    assert house.rows("select count(*) from delivery") == [(0,)]


def test_commands_of_one_object_are_sent_in_order_and_never_two_at_once(house: House) -> None:
    erp = house.system()
    limits = {"concurrency": 8, "per_second": 1_000}
    house.connect({"erp": ({"role": "erp", "address": erp.address, "limits": limits}, manifest())})
    erp.control(latency_seconds=0.05)
    for suffix in "ABCDE":
        house.issue(1, suffix)
        house.settle()
    house.deliverer()
    house.until_all("applied", 5)
    book = erp.book()
    assert book["most"] == 1
    assert book["order"] == [f"shipment/SH1/goods_issue/GI1{suffix}/1" for suffix in "ABCDE"]


def test_commands_wanted_before_there_was_a_connection_are_delivered_once_there_is(house: House) -> None:
    erp, wms = house.system(), house.system()
    house.connect({"erp": ({"role": "erp", "address": erp.address}, manifest())})
    house.deliverer()
    house.order(1)
    house.settle()
    assert house.rows("select count(*) from delivery") == [(0,)]
    spoken = manifest()
    house.connect(
        {name: ({"role": name, "address": far.address}, spoken) for name, far in (("erp", erp), ("wms", wms))}
    )
    house.until_all("applied", 1)
