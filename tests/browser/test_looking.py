"""Search, journeys, messages: found by any name, told in lanes, shown harmless."""

import json
import re
import secrets

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Site, Visit, Visitor, order_message
from tests.browser.vendor.fetch import axe

LANES = ["Shop", "TMS", "WMS", "Carrier", "ERP", "Bank", "People", "Crossdock"]


def test_search_finds_an_order_by_any_of_its_names(visitor: Visitor, site: Site) -> None:
    order = site.day.order("PAID")
    rows = site.server.rows(
        "select value from identifier where owner in"
        " (select owner from event where owner like 'shipment/%%' and data->>'order_no' = %s)",
        order,
    )
    names = [order, order.lower(), f"order/{order}", *(row[0] for row in rows[:4])]
    shipment = site.server.rows(
        "select owner from event where owner like 'shipment/%%' and data->>'order_no' = %s limit 1", order
    )[0][0]
    names += [shipment, shipment.partition("/")[2]]
    assert len(names) > 6
    for name in names:
        page = visitor.go("/")
        page.fill("#q", name)
        page.press("#q", "Enter")
        expect(page.locator("h1")).to_contain_text(order)


def test_a_message_and_a_work_item_are_found_by_their_names(visitor: Visitor, site: Site) -> None:
    item = site.crossdock("queue", "list")["items"][0]
    page = visitor.go(f"/search?q={item['message']}")
    expect(page.locator("h1")).to_contain_text(item["message"])
    page = visitor.go(f"/search?q={item['id']}")
    expect(page.locator("#items")).to_contain_text(item["code"])


def test_what_is_not_there_gets_a_page_that_helps(visitor: Visitor) -> None:
    page = visitor.go("/search?q=SO00000x99")
    expect(page.locator("h1")).to_contain_text("Nothing is called")
    for path in ("/nothing", "/message/2026-01-01/1/1", "/journey/order/NOPE", "/queue/act"):
        page = visitor.go(path)
        expect(page.locator("h1")).to_be_visible()
        assert "Crossdock" in page.title()


def test_a_journey_has_a_lane_for_each_system_and_its_events_in_order(visitor: Visitor, site: Site) -> None:
    page = visitor.go(f"/journey/{site.day.order('PAID')}")
    assert page.locator(".lanes thead .lane").all_inner_texts() == LANES
    said = page.locator(".lanes tr.said")
    titles = said.locator("a.row").all_inner_texts()
    assert titles[0] == "Order placed"
    for earlier, later in (("Picked", "Goods issued"), ("Goods issued", "Delivered"), ("Load tendered", "Delivered")):
        assert titles.index(earlier) < titles.index(later)
    where = {
        title: row.locator("td.lane.at .unseen").inner_text()
        for title, row in zip(titles, said.all(), strict=True)
    }  # fmt: skip
    assert where["Order placed"] == "Shop"
    assert where["Goods issued"] == "WMS"
    assert where["Delivered"] == "Carrier"
    assert where["Customer invoice"] == "ERP"
    assert where["Payment"] == "Bank"
    assert page.locator(".lanes tr.asked").count() > 0
    expect(page.locator(".why")).to_contain_text(site.crossdock("explain", site.day.order("PAID"))["unblocks"])


def test_each_fact_leads_to_its_message_and_back(visitor: Visitor, site: Site) -> None:
    order = site.day.order("PAID")
    page = visitor.go(f"/journey/{order}")
    page.locator(".lanes a.row").first.click()
    expect(page.locator("#bytes pre")).to_contain_text(order)
    expect(page.locator("#events")).to_contain_text("distributor-json@1")
    page.locator("#events a.row").first.click()
    expect(page.locator("h1")).to_contain_text(order)


def test_an_x12_message_leads_to_the_ledger_lines_that_followed_from_it(visitor: Visitor, site: Site) -> None:
    (message,) = site.server.rows(
        "select message.arrival from message join ledger_entry entry"
        " on entry.tenant = message.tenant and entry.arrival = message.arrival and entry.debit = 'freight.expense'"
        " where message.content_type = 'application/edi-x12' and entry.credit = 'freight.payable' limit 1"
    )
    name = site.crossdock("show", str(message[0]))["message"]
    page = visitor.go(f"/message/{name}")
    expect(page.locator("#bytes pre")).to_contain_text("ST*210*")
    expect(page.locator("#entries")).to_contain_text("freight.payable")
    expect(page.locator("#followed")).to_contain_text("Post freight invoice")
    page.locator("#entries a").first.click()
    expect(page.locator("#timeline")).to_contain_text("Freight invoice")
    detail = site.crossdock("show", name)
    assert {entry["credit"] for entry in detail["entries"]} >= {"freight.payable"}


def test_a_dead_letter_shows_the_place_and_what_to_do(visitor: Visitor, site: Site) -> None:
    group = site.crossdock("dead", "list")["groups"][0]
    page = visitor.go("/dead")
    page.locator("#causes a.row").first.click()
    letter = page.locator("article.card").first
    expect(letter).to_contain_text(group["rule"])
    letter.get_by_role("link").first.click()
    expect(page.locator("#refused")).to_contain_text(group["rule"])


@pytest.mark.parametrize("hostile", ["<script>document.title='owned'</script>", '"><img src=x onerror=alert(1)>'])
def test_hostile_content_is_shown_as_text(visitor: Visitor, site: Site, hostile: str) -> None:
    order = f"SO{secrets.token_hex(4)}".upper()
    message = ""
    for sku in (hostile, "SKU1"):
        body = json.loads(order_message(order, sku))
        body["data"]["ship_to"]["name"] = hostile
        body["data"]["requested_date"] = hostile if sku == "SKU1" else "2026-03-05"
        answer = site.server.post(json.dumps(body).encode())
        message = answer.json["message"]
        page = visitor.go(f"/message/{message}")
        expect(page.locator("#bytes pre")).to_contain_text("ship_to")
        assert hostile.replace('"', '\\"') in page.locator("#bytes pre").inner_text()
        assert page.title() == f"Message {message} · Crossdock"
        assert page.locator("main script, main img").count() == 0
    page = visitor.go(f"/search?q={hostile}")
    expect(page.locator("h1")).to_contain_text(hostile)
    raw = site.server.ask("GET", f"/message/{message}/raw")
    assert raw.headers["content-type"] == "application/octet-stream"
    assert raw.headers["content-disposition"].startswith("attachment")


def test_bytes_that_are_no_text_are_shown_all_the_same(visitor: Visitor, site: Site) -> None:
    body = b"\xff\x00\x1b[31m\xe2\x80\xae" + secrets.token_bytes(40)
    message = site.server.post(body).json["message"]
    page = visitor.go(f"/message/{message}")
    expect(page.locator("#bytes pre")).to_contain_text("\\xff")
    expect(page.locator("#bytes pre")).to_contain_text("\\u202e")
    assert site.server.ask("GET", f"/message/{message}/raw").body == body


def test_a_large_message_is_bounded(visitor: Visitor, site: Site) -> None:
    message = site.server.post(b"x" * 300_000).json["message"]
    page = visitor.go(f"/message/{message}")
    assert len(page.locator("#bytes pre").inner_text()) < 20_000
    expect(page.locator("#bytes")).to_contain_text("the first 16.0 kB of 300.0 kB")


def test_the_keyboard_does_it_all(visitor: Visitor, site: Site) -> None:
    page = visitor.go("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("a[data-row]").first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("a[data-row]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/queue[?]"))
    assert site.server.messages() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_screen_reader_finds_nothing_to_complain_about(visit: Visit, site: Site, scheme: str, width: int) -> None:
    visitor = visit(site.server.address, color_scheme=scheme, viewport={"width": width, "height": 844})
    visitor.page.add_init_script(axe())
    item = site.crossdock("queue", "list")["items"][0]
    site.crossdock("connection", "autonomy", "wms-b", "*", "propose", "--as", "Ann")  # so that something is held
    paths = [
        "/",
        "/queue",
        "/held",
        "/dead",
        "/trail",
        f"/journey/{item['case']}",
        f"/message/{item['message']}",
        "/search?q=SO",
    ]
    found = []
    for path in paths:
        page = visitor.go(path)
        result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        found += [
            f"{path}: {one['id']} ({one['impact']}) {[node['target'] for node in one['nodes'][:3]]}"
            for one in result["violations"]
            if one["impact"] in {"serious", "critical", "moderate"}
        ]
        assert not page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not found, "\n".join(found)
