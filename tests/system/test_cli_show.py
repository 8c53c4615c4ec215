from typing import Any

import pytest
from tests.system.conftest import Crossdock, SettledDay

from crossdock.store import arrival


def _below(node: dict[str, Any], kind: str) -> str:
    found = [node["id"]] if node["id"].startswith(f"{kind}/") else []
    for below in node["below"]:
        found += [_below(below, kind)]
    return next((id_ for id_ in found if id_), "")


@pytest.fixture
def paid(settled_day: SettledDay) -> str:
    return settled_day.order("PAID")


def test_an_order_is_shown_with_its_money_its_relations_and_the_whole_timeline(
    crossdock: Crossdock, settled_day: SettledDay, paid: str
) -> None:
    shown = crossdock("show", paid, "--json").json
    right = settled_day.oracle["orders"][paid]
    assert shown["id"] == f"order/{paid}"
    assert shown["status"] == "PAID"
    assert shown["view"]["invoiced_minor"] == right["invoiced"]
    assert shown["view"]["carrier"] == right["carrier"]
    kinds = {"order", "shipment", "customer_invoice", "freight_invoice"}
    (top,) = shown["relations"]
    assert all(_below(top, kind) for kind in kinds)
    assert {fact["case"].partition("/")[0] for fact in shown["facts"]} == kinds
    occurred = [fact["occurred"] for fact in shown["facts"]]
    assert occurred == sorted(occurred)
    assert {"order.created", "goods.issued", "shipment.delivered", "payment.received"} <= {
        fact["event"] for fact in shown["facts"]
    }
    sums: dict[str, int] = {}
    for entry in shown["entries"]:
        sums[entry["debit"]] = sums.get(entry["debit"], 0) + entry["amount"]
    assert sums["cash"] == right["paid"]
    assert all(entry["message"] for entry in shown["entries"])


def test_a_person_reads_utc_and_currencies_and_nothing_is_coloured_in_a_pipe(crossdock: Crossdock, paid: str) -> None:
    done = crossdock("show", paid)
    assert done.code == 0
    assert f"order/{paid}  PAID" in done.out
    assert "(UTC)" in done.out
    assert " USD" in done.out
    assert "\x1b" not in done.out
    assert all(line == line.rstrip() for line in done.out.splitlines())


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("shipment.created", "bol_no"),
        ("load.tendered", "tender_id"),
        ("load.tender_accepted", "pro_no"),
        ("pick.confirmed", "pick_id"),
        ("goods.issued", "issue_no"),
        ("payment.received", "payment_ref"),
    ],
)
def test_a_case_is_found_by_the_identifiers_of_its_events(
    crossdock: Crossdock, books: Any, kind: str, field: str
) -> None:
    owner, name = books.execute(
        "select owner, data ->> %s from event where type = %s and not copy and data ->> %s is not null limit 1",
        (field, kind, field),
    ).fetchone()
    found = crossdock("show", name, "--json").json
    assert found.get("id") == owner or owner in [case["id"] for case in found["cases"]]


def test_a_freight_invoice_is_found_by_its_number_with_and_without_its_carrier(
    crossdock: Crossdock, books: Any
) -> None:
    (id_,) = books.execute("select min(id) from case_record where id like 'freight_invoice/%'").fetchone()
    _, scac, number = id_.split("/")
    assert crossdock("show", f"{scac}/{number}", "--json").json["id"] == id_
    found = crossdock("show", number, "--json").json
    assert found.get("id") == id_ or id_ in [case["id"] for case in found["cases"]]


def test_a_number_of_several_cases_lists_them(crossdock: Crossdock, books: Any) -> None:
    (sku,) = books.execute(
        "select split_part(min(id), '/', 3) from case_record where id like 'stock_opening/%'"
    ).fetchone()
    found = crossdock("show", sku, "--json").json
    assert len(found["cases"]) == 4
    assert "stock_opening/DC01/" in crossdock("show", sku).out


def test_letters_may_be_typed_small(crossdock: Crossdock, paid: str) -> None:
    assert crossdock("show", paid.lower(), "--json").json["id"] == f"order/{paid}"


def test_what_is_not_there_ends_with_1_and_names_what_is_near(crossdock: Crossdock, paid: str) -> None:
    done = crossdock("show", paid[:-1] + "XX", "--json")
    assert done.code == 1
    assert done.json["found"] is None
    assert done.json["near"]
    assert crossdock("show", "zzz").code == 1


def test_a_message_leads_to_its_bytes_and_to_what_it_said(crossdock: Crossdock, paid: str) -> None:
    fact = next(fact for fact in crossdock("show", paid, "--json").json["facts"] if fact["event"] == "order.created")
    message = crossdock("show", fact["message"], "--json").json
    assert message["state"] == "read"
    assert message["source"] == "oms"
    assert [event["case"] for event in message["events"]] == [f"order/{paid}"]
    assert message["events"][0]["mapping"] == "distributor-json@1"
    assert f'"{paid}"' in crossdock("show", "--raw", fact["message"]).out
    assert "Said 1 event" in crossdock("show", fact["message"]).out


def test_a_message_that_was_received_again_says_so(crossdock: Crossdock, books: Any) -> None:
    (number,) = books.execute("select arrival from message_repeat where conflict is null limit 1").fetchone()
    shown = crossdock("show", arrival.text(number), "--json").json
    assert shown["repeats"][0]["copies"] >= 1


def test_reference_data_is_shown_by_its_key(crossdock: Crossdock, books: Any) -> None:
    (key,) = books.execute("select min(key) from reference where type = 'rate.published'").fetchone()
    (record,) = crossdock("show", key, "--json").json
    assert record["data"]["currency"] == "USD"
    assert key in crossdock("show", key).out


def test_search_finds_beginnings_and_is_bounded(crossdock: Crossdock, paid: str) -> None:
    found = crossdock("search", paid[:6], "--limit", 5, "--json").lines
    assert len(found) == 5
    assert {case["kind"] for case in found} == {"order"}
    assert crossdock("search", "no such beginning").code == 1


def test_search_finds_by_the_beginning_of_another_name(crossdock: Crossdock, books: Any) -> None:
    value, owner = books.execute("select value, owner from identifier order by value limit 1").fetchone()
    found = crossdock("search", value[:-1], "--json", "--limit", 100).lines
    assert owner in [case["id"] for case in found]


def test_a_tenant_that_is_not_there_is_a_matter_of_configuration(crossdock: Crossdock, paid: str) -> None:
    done = crossdock("show", paid, "--tenant", "nobody")
    assert done.code == 3
    assert "main" in done.err


def test_a_case_is_shown_as_it_was_known_then(crossdock: Crossdock, settled_day: SettledDay, books: Any) -> None:
    order = settled_day.order("PAID")
    received = books.execute("select min(received_at) - interval '1 hour', max(received_at) from message").fetchone()
    before, after = (moment.isoformat() for moment in received)
    assert crossdock("show", order, "--as-of", before, "--json").json["facts"] == []
    known = crossdock("show", order, "--as-of", after, "--json").json
    assert known["status"] == "PAID"
    assert f"order/{order}  PAID  as known on" in crossdock("show", order, "--as-of", after).out


@pytest.mark.parametrize(("text", "says"), [("yesterday", "is no time"), ("2026-03-02T10:00", "has no zone")])
def test_a_moment_needs_its_zone(crossdock: Crossdock, settled_day: SettledDay, text: str, says: str) -> None:
    done = crossdock("show", settled_day.order("PAID"), "--as-of", text)
    assert done.code == 2
    assert says in done.err
