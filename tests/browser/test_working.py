"""The work queue: people claim, decide and take back; every act is in the trail, and strangers' forms are refused."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Site, Visit
from tests.running_server import Answer


def first_item(site: Site, code: str = "PAYMENT_SHORT") -> dict[str, str]:
    item: dict[str, str] = site.crossdock("queue", "list", "--code", code)["items"][0]
    return item


def tick(page: Page, item: str) -> None:
    page.locator(f'tr[data-item="{item}"] input[type=checkbox]').check()


@pytest.mark.parametrize("scripts", [True, False])
def test_claim_and_resolve_work_and_survive_a_reload(visit: Visit, own_site: Site, *, scripts: bool) -> None:
    item = first_item(own_site)
    page = visit(own_site.server.address, java_script_enabled=scripts).go("/queue?code=PAYMENT_SHORT")
    tick(page, item["id"])
    page.fill("#work input[name=who]", "Ann Åberg")
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("claim, 1 item")
    page.reload()
    expect(page.locator(f'tr[data-item="{item["id"]}"]')).to_contain_text("Claimed by Ann Åberg")
    assert page.locator("#work input[name=who]").input_value() == "Ann Åberg"
    assert own_site.crossdock("queue", "show", item["id"])["claimed_by"] == "Ann Åberg"

    tick(page, item["id"])
    page.fill("#work input[name=note]", "The customer pays <b>tomorrow</b>")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("resolve, 1 item")
    expect(page.locator(f'tr[data-item="{item["id"]}"]')).to_have_count(0)
    page.goto(f"{own_site.server.address}/queue?code=PAYMENT_SHORT&resolved=1")
    expect(page.locator(f'tr[data-item="{item["id"]}"]')).to_contain_text("The customer pays <b>tomorrow</b>")

    tick(page, item["id"])
    page.get_by_role("button", name="Take back").click()
    expect(page.locator(".notice")).to_contain_text("reopen, 1 item")
    trail = own_site.crossdock("queue", "trail")
    assert trail["broken_at"] is None
    assert [act["what"] for act in trail["acts"]] == [
        "work_item.reopened", "work_item.resolved", "work_item.claimed",
    ]  # fmt: skip


def test_an_item_is_decided_on_the_journey_as_well(visit: Visit, own_site: Site) -> None:
    item = first_item(own_site)
    page = visit(own_site.server.address).go(f"/journey/{item['case']}")
    card = page.locator("article.card").filter(has_text=item["code"])
    card.locator("input[name=who]").fill("Bob")
    card.locator("input[name=note]").fill("written off")
    card.get_by_role("button", name="Resolve with note").click()
    expect(page.locator("article.card")).to_contain_text("Decided by Bob")
    expect(page.locator("article.card")).to_contain_text("The condition still holds")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_charge_is_approved_and_the_journey_shows_who_decided_and_what_followed(
    visit: Visit, own_site: Site, *, scripts: bool
) -> None:
    item = first_item(own_site, "FREIGHT_VARIANCE")
    order = own_site.crossdock("show", item["case"])["relations"][0]["id"]
    page = visit(own_site.server.address, java_script_enabled=scripts).go("/queue?code=FREIGHT_VARIANCE")
    tick(page, item["id"])
    page.fill("#work input[name=who]", "Ann Åberg")
    page.fill("#work input[name=note]", "agreed by phone")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("approve, 1 item")
    expect(page.locator(f'tr[data-item="{item["id"]}"]')).to_have_count(0)
    assert own_site.crossdock("queue", "show", item["id"])["closed"] is not None

    page.goto(f"{own_site.server.address}/journey/{order}")
    decided = page.locator(".lanes tr.said").filter(has_text="Decided")
    expect(decided).to_contain_text("is approved")
    expect(decided.locator("td.lane.at .unseen")).to_have_text("People")
    expect(page.locator(".lanes tr.asked").filter(has_text="Post freight invoice")).to_have_count(1)
    (act,) = own_site.crossdock("queue", "trail")["acts"]
    assert (act["who"], act["what"], act["note"]) == ("Ann Åberg", "work_item.approved", "agreed by phone")


def test_a_bill_is_disputed_on_the_journey(visit: Visit, own_site: Site) -> None:
    item = first_item(own_site, "FREIGHT_VARIANCE")
    page = visit(own_site.server.address).go(f"/journey/{item['case']}")
    card = page.locator("article.card").filter(has_text=item["code"])
    card.locator("input[name=who]").fill("Bob")
    card.locator("input[name=note]").fill("no detention was agreed")
    card.get_by_role("button", name="Dispute").click()
    expect(page.locator(".notice")).to_contain_text("dispute, 1 item")
    expect(page.locator("article.card").filter(has_text="FREIGHT_VARIANCE")).to_have_count(0)
    expect(page.locator(".lanes tr.asked").filter(has_text="Dispute freight invoice")).to_have_count(1)


def test_a_group_is_decided_after_a_dry_run(own_site: Site) -> None:
    group = own_site.crossdock("queue", "list", "--code", "FREIGHT_VARIANCE")["groups"][0]
    shown = own_site.crossdock("queue", "approve", "FREIGHT_VARIANCE", "--as", "Ann", "--note", "peak")
    assert (len(shown["done"]), shown["trail"]) == (group["items"], None)
    done = own_site.crossdock("queue", "approve", "FREIGHT_VARIANCE", "--as", "Ann", "--note", "peak", "--execute")
    assert [one["closed"] for one in done["done"]] == [True] * group["items"]
    assert own_site.crossdock("queue", "list", "--code", "FREIGHT_VARIANCE")["groups"] == []


def test_a_decision_without_a_reason_or_about_something_else_is_refused(visit: Visit, site: Site) -> None:
    item = first_item(site, "FREIGHT_VARIANCE")
    page = visit(site.server.address).go("/queue?code=FREIGHT_VARIANCE")
    tick(page, item["id"])
    page.fill("#work input[name=who]", "Bob")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("main")).to_contain_text("say in a note what was decided")
    refused = site.crossdock("queue", "retry", item["id"], "--as", "Bob", "--note", "so")
    assert refused["refused"][0]["why"] == "FREIGHT_VARIANCE is settled by approve or dispute or reject"
    assert site.crossdock("queue", "trail")["acts"] == []


def test_what_somebody_else_holds_is_not_claimed(visit: Visit, own_site: Site) -> None:
    item = first_item(own_site)
    page = visit(own_site.server.address).go("/queue?code=PAYMENT_SHORT")
    own_site.crossdock("queue", "claim", item["id"], "--as", "Ann")
    tick(page, item["id"])
    page.fill("#work input[name=who]", "Bob")
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.locator("main")).to_contain_text("Ann holds it already")
    expect(page.locator("h1")).to_have_text("Nothing was done")


def test_a_decision_needs_a_note_and_an_act_needs_an_item(visit: Visit, site: Site) -> None:
    item = first_item(site)
    page = visit(site.server.address).go("/queue?code=PAYMENT_SHORT")
    page.fill("#work input[name=who]", "Bob")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("main")).to_contain_text("no item was ticked")
    page.go_back()
    tick(page, item["id"])
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("main")).to_contain_text("say in a note what was decided")
    assert site.crossdock("queue", "trail")["acts"] == []


def test_a_decision_about_something_that_changed_meanwhile_is_refused(visit: Visit, own_site: Site) -> None:
    item = first_item(own_site)
    page = visit(own_site.server.address).go("/queue?code=PAYMENT_SHORT")
    case, _, name = item["id"].rpartition("/")
    own_site.server.rows(
        "update work_item set title = 'other' where owner = %s and name = %s returning name", case, name
    )
    tick(page, item["id"])
    page.fill("#work input[name=who]", "Bob")
    page.fill("#work input[name=note]", "fine")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("main")).to_contain_text("it says something else by now")


def test_what_was_decided_waits_again_when_it_says_something_else(own_site: Site) -> None:
    item = first_item(own_site)
    own_site.crossdock("queue", "resolve", item["id"], "--as", "Ann", "--note", "fine")
    waiting = own_site.crossdock("queue", "list", "--code", item["code"])["items"]
    assert item["id"] not in [one["id"] for one in waiting]
    case, _, name = item["id"].rpartition("/")
    own_site.server.rows(
        "update work_item set at_stake_minor = 1 where owner = %s and name = %s returning name", case, name
    )
    waiting = own_site.crossdock("queue", "list", "--code", item["code"])["items"]
    assert item["id"] in [one["id"] for one in waiting]


def test_a_group_is_claimed_by_its_code(own_site: Site) -> None:
    group = own_site.crossdock("queue", "list", "--code", "SHORT_PICK")["groups"][0]
    done = own_site.crossdock("queue", "claim", "short_pick", "--as", "Ann")
    assert len(done["done"]) == group["items"] > 1
    assert own_site.crossdock("queue", "list", "--code", "SHORT_PICK")["groups"][0]["claimed"] == group["items"]
    back = own_site.crossdock("queue", "release", "SHORT_PICK", "--as", "Ann")
    assert len(back["done"]) == group["items"]


def test_a_trail_that_was_changed_is_noticed(own_site: Site) -> None:
    for who in ("Ann", "Bob", "Cleo"):
        own_site.crossdock("queue", "claim", first_item(own_site)["id"], "--as", who)
        own_site.crossdock("queue", "release", first_item(own_site)["id"], "--as", who)
    assert own_site.crossdock("queue", "trail")["broken_at"] is None
    with pytest.raises(Exception, match="only added"):
        own_site.server.rows("update act set who = 'Nobody' where seq = 3 returning seq")
    own_site.server.rows(
        "with off as (select set_config('session_replication_role', 'replica', true))"
        " update act set who = 'Nobody' from off where seq = 3 returning seq"
    )
    assert own_site.crossdock("queue", "trail")["broken_at"] == 3


# -- strangers -----------------------------------------------------------------------------------------------------


def post(site: Site, **changed: str) -> Answer:
    """The form of the queue as a browser would send it, with some headers changed; an empty one is left out."""
    page = site.server.ask("GET", "/queue", headers={"Accept": "text/html"})
    token = re.search(r'name="form" value="([^"]+)"', page.body.decode())
    assert token is not None
    item = first_item(site)
    own = f"127.0.0.1:{site.server.port}"
    headers = {
        "Host": own,
        "Origin": f"http://{own}",
        "Cookie": f"crossdock_form={token[1]}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    body = f"form={token[1]}&act=claim&who=Eve&item={item['content']}+{item['id']}&back=//elsewhere.example/"
    return site.server.ask("POST", "/queue/act", body.encode(), {k: v for k, v in headers.items() if v})


def test_a_form_of_our_own_is_believed_and_leads_nowhere_else(own_site: Site) -> None:
    answer = post(own_site)
    assert answer.status == 303
    assert answer.headers["location"].startswith("/queue?")


@pytest.mark.parametrize(
    "changed",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": ""},
        {"Origin": "null"},
        {"Cookie": ""},
        {"Cookie": "crossdock_form=" + "A" * 32},
    ],
)
def test_a_form_of_a_stranger_is_refused(site: Site, changed: dict[str, str]) -> None:
    assert post(site, **changed).status == 403
    assert site.crossdock("queue", "trail")["acts"] == []


def test_the_pages_answer_to_no_name_that_a_stranger_could_give_us(site: Site) -> None:
    strange = {"Host": "rebound.example:8480", "Accept": "text/html"}
    assert site.server.ask("GET", "/", headers=strange).status == 421
    assert post(site, Host="rebound.example", Origin="http://rebound.example").status == 421
    assert site.server.ask("GET", "/live", headers={"Host": "rebound.example"}).status == 421
