"""Commands that wait for a person are shown with what they would change, and let go as they were seen."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Site, Visit, order_message

HOLDS = "select hold from delivery where owner = %s and slot = 'release'"


def proposed(site: Site, number: int) -> str:
    """An order whose release the warehouse system of its site is only proposed; its case."""
    site.crossdock("connection", "autonomy", "wms-a", "*", "propose", "--as", "Ann")
    order = f"HELD-{number}"
    site.server.post(order_message(order))
    site.until(f"select 1 from delivery where owner = 'order/{order}'")
    site.server.rows(
        "update delivery set hold = 'propose' where connection = 'wms-a' returning 1"
    )  # as a deliverer does
    return f"order/{order}"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_proposed_command_is_seen_released_and_in_the_trail(visit: Visit, own_site: Site, *, scripts: bool) -> None:
    case = proposed(own_site, 1)
    key = f"{case}/release/1"
    page = visit(own_site.server.address, java_script_enabled=scripts).go("/")
    page.locator("#held a.row").first.click()
    row = page.locator(f'tr[data-command="{key}"]')
    row.locator("summary").click()
    expect(row).to_contain_text("SKU00001")
    row.locator("input[type=checkbox]").check()
    page.fill("#work input[name=who]", "Ann Åberg")
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("Done for 1 command.")
    expect(page.locator(f'tr[data-command="{key}"]')).to_have_count(0)
    assert own_site.server.rows(HOLDS, case) == [(None,)]
    act = own_site.crossdock("queue", "trail")["acts"][0]
    assert (act["who"], act["what"], act["subject"]) == ("Ann Åberg", "propose.release", "wms-a")


def test_what_became_another_after_it_was_shown_is_not_released(visit: Visit, own_site: Site) -> None:
    case = proposed(own_site, 2)
    page = visit(own_site.server.address).go("/held?connection=wms-a")
    page.locator(f'tr[data-command="{case}/release/1"] input').check()
    own_site.server.rows(
        "update command set content = content::jsonb || '{\"lines\": []}' where owner = %s returning 1", case
    )
    page.fill("#work input[name=who]", "Bob")
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("Done for 0 commands. 1 was not held any more")
    assert own_site.server.rows(HOLDS, case) == [("propose",)]


def test_a_command_that_nobody_can_look_up_is_said_to_be_done(visit: Visit, own_site: Site) -> None:
    case = proposed(own_site, 3)
    own_site.server.rows("update delivery set hold = 'person', told = 'unknown' where owner = %s returning 1", case)
    page = visit(own_site.server.address).go("/held?hold=person")
    page.locator(f'tr[data-command="{case}/release/1"] input').check()
    page.fill("#work input[name=who]", "Bob")
    page.fill("#work input[name=document]", "REL-77")
    page.get_by_role("button", name="It was done").click()
    expect(page.locator(".notice")).to_contain_text("Done for 1 command.")
    own_site.until(f"select 1 from command where owner = '{case}' and slot = 'release' and state = 'applied'")
