"""Dead letters are mended on the page: what an identifier is, is said once, and what waited for it is read again."""

import time

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import WEBSHOP, Site, Visit, order_message

ORDERS = [f"ORD-WEB{number}" for number in range(37)]


def send(site: Site, sku: str) -> None:
    for order_no in ORDERS:
        assert site.server.post(order_message(order_no, sku), content_type=WEBSHOP).status == 202
    give_up_at = time.monotonic() + 20
    while site.server.rows("select count(*) from dead_letter where rule = 'xref.unknown'")[0][0] < len(ORDERS):
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


@pytest.mark.parametrize("scripts", [True, False])
def test_an_unknown_sku_is_mapped_and_the_37_orders_that_waited_for_it_go_on(
    visit: Visit, own_site: Site, *, scripts: bool
) -> None:
    send(own_site, "NEW-999")
    page = visit(own_site.server.address, java_script_enabled=scripts).go("/")
    page.get_by_role("link", name="xref.unknown").click()
    expect(page.locator("form.card")).to_contain_text("37 messages wait to learn what item NEW-999 of oms is")
    page.fill("form.card input[name=ours]", "PMP-001")
    page.fill("form.card input[name=who]", "Ann Åberg")
    page.get_by_role("button", name="Map it and replay 37").click()
    expect(page.locator(".notice")).to_contain_text("37 messages are read again, 37 of them settled")
    expect(page.locator("main")).to_contain_text("No dead letter waits")
    page.goto(f"{own_site.server.address}/journey/{ORDERS[-1]}")
    expect(page.locator(".lanes tr.said").filter(has_text="Order placed")).to_have_count(1)
    acts = own_site.crossdock("queue", "trail")["acts"]
    assert [(act["who"], act["what"]) for act in acts] == [
        ("Ann Åberg", "replayed"), ("Ann Åberg", "cross_reference.added"),
    ]  # fmt: skip


def test_it_is_mended_from_the_command_line_as_well(own_site: Site) -> None:
    send(own_site, "NEW-998")
    (lacking,) = own_site.crossdock("xref", "missing")
    assert lacking == {"scheme": "item", "issuer": "oms", "theirs": "NEW-998", "messages": 37}
    assert own_site.crossdock("xref", "add", "item", "oms", "NEW-998", "PMP-001", "--as", "Ann")["is_settled"]
    replay = ("dead", "replay", "--rule", "xref.unknown", "--value", "NEW-998")
    dry = own_site.crossdock(*replay)
    assert (dry["executed"], dry["put_back"], dry["effects"]["cases"]) == (False, 37, 37)
    assert own_site.crossdock(*replay, "--execute", "--as", "Ann")["put_back"] == 37
    assert own_site.crossdock("xref", "list", "--issuer", "oms")[-1]["ours"] == "PMP-001"


def test_what_is_no_identifier_of_ours_is_refused_and_nothing_is_read_again(visit: Visit, own_site: Site) -> None:
    send(own_site, "NEW-997")
    page = visit(own_site.server.address).go("/dead?rule=xref.unknown")
    page.fill("form.card input[name=ours]", "PMP 001 \u00e9")
    page.fill("form.card input[name=who]", "Bob")
    page.get_by_role("button", name="Map it and replay 37").click()
    expect(page.locator("h1")).to_have_text("Nothing was done")
    expect(page.locator("main")).to_contain_text("That cannot be a cross-reference")
    assert own_site.crossdock("queue", "trail")["acts"] == []


def test_letters_of_a_rule_are_read_again_and_what_is_refused_still_is_said(visit: Visit, own_site: Site) -> None:
    rule = own_site.crossdock("dead", "list")["groups"][0]["rule"]
    page = visit(own_site.server.address).go(f"/dead?rule={rule}")
    page.fill("form.acts input[name=who]", "Bob")
    page.get_by_role("button", name="Read them again").click()
    expect(page.locator(".notice")).to_contain_text("Nothing would be read that was not read before")
    expect(page.locator(".notice")).to_contain_text("refused still")
