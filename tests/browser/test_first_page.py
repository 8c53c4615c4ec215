"""The first page: what it counts is what the command line counts; it lives, and says so when it does not."""

import re
import secrets
import signal

from playwright.sync_api import expect
from tests.browser.conftest import Site, Visit, Visitor, order_message


def test_the_counts_are_those_of_the_command_line(visitor: Visitor, site: Site) -> None:
    visitor.go("/")
    groups = site.crossdock("queue", "list")["groups"]
    letters = site.crossdock("dead", "list")["groups"]
    summary = site.day.summary
    assert visitor.figure("items") == sum(group["items"] for group in groups) > 0
    assert visitor.figure("letters") == sum(group["count"] for group in letters) > 0
    assert visitor.figure("duplicates") == summary["duplicates_dropped"] > 0
    assert visitor.figure("messages") == site.server.messages()
    assert visitor.figure("events") == site.server.rows("select count(*) from event")[0][0]
    assert visitor.page.locator("[data-figure=ledger]").inner_text() == "zero"
    rows = visitor.page.locator("tr[data-status]").all()
    orders = {row.get_attribute("data-status"): int(row.locator("td.num").inner_text()) for row in rows}
    assert orders == summary["orders"]


def test_each_cause_names_its_desk_its_money_and_the_action_that_unblocks_it(visitor: Visitor, site: Site) -> None:
    page = visitor.go("/")
    groups = {group["code"]: group for group in site.crossdock("queue", "list")["groups"]}
    row = page.locator("#decisions tbody tr").filter(has_text="FREIGHT_VARIANCE")
    group = groups["FREIGHT_VARIANCE"]
    expect(row).to_contain_text("freight audit")
    expect(row).to_contain_text(group["action"])
    expect(row).to_contain_text(f"{group['at_stake_minor'] / 100:,.2f} USD")
    row.get_by_role("link").click()
    expect(page).to_have_url(re.compile("code=FREIGHT_VARIANCE"))
    assert page.locator("#rows tbody tr").count() == group["items"]


def test_a_message_that_comes_in_changes_the_page_by_itself(visit: Visit, own_site: Site) -> None:
    visitor = visit(own_site.server.address)
    page = visitor.go("/")
    expect(page.locator("#badge")).to_have_text("live")
    before = visitor.figure("messages")
    assert own_site.server.post(order_message(f"SO{secrets.token_hex(4)}".upper())).status == 202
    expect(page.locator("[data-figure=messages]")).to_have_text(f"{before + 1:,}")
    expect(page.locator("#recent li").first).to_contain_text("order created")


def test_a_journey_changes_by_itself_and_keeps_what_is_being_typed(visit: Visit, own_site: Site) -> None:
    case = own_site.crossdock("queue", "list", "--code", "FREIGHT_VARIANCE")["items"][0]
    visitor = visit(own_site.server.address)
    page = visitor.go(f"/journey/{case['case']}")
    expect(page.locator("#badge")).to_have_text("live")
    note = page.locator("#items input[name=note]").first
    note.fill("half a sentence")
    own_site.crossdock("queue", "claim", case["id"], "--as", "Ann")
    page.wait_for_timeout(3_000)
    expect(note).to_have_value("half a sentence")
    note.fill("")
    note.blur()
    own_site.server.post(order_message(f"SO{secrets.token_hex(4)}".upper()))
    expect(page.locator("#items")).to_contain_text("Claimed by Ann")


def test_the_page_says_that_it_is_stale_when_the_server_is_gone(visit: Visit, own_site: Site) -> None:
    page = visit(own_site.server.address, complains=True).go("/")
    expect(page.locator("#badge")).to_have_text("live")
    own_site.server.stop(signal.SIGKILL)
    expect(page.locator("#badge")).to_contain_text("stale since")
    expect(page.locator("#badge")).to_have_attribute("data-state", "stale")


def test_the_server_stops_at_once_although_people_watch(visit: Visit, own_site: Site) -> None:
    page = visit(own_site.server.address, complains=True).go("/")
    expect(page.locator("#badge")).to_have_text("live")
    own_site.server.process.send_signal(signal.SIGTERM)
    own_site.server.process.wait(10)


def test_without_javascript_everything_is_there(visit: Visit, site: Site) -> None:
    visitor = visit(site.server.address, java_script_enabled=False)
    page = visitor.go("/")
    assert visitor.figure("messages") == site.server.messages()
    expect(page.locator("#badge")).to_contain_text("as of")
    page.fill("#q", site.day.order("PAID"))
    page.press("#q", "Enter")
    expect(page.locator("h1")).to_contain_text(site.day.order("PAID"))


def test_a_program_still_gets_json_at_the_root(site: Site) -> None:
    answer = site.server.ask("GET", "/")
    assert answer.json["name"] == "crossdock"
    page = site.server.ask("GET", "/", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
