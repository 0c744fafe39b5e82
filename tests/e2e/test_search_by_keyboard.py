"""Ctrl+K from any page: type, choose with the arrows, open; and the same without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.eyes import watched
from tests.e2e.looks import LOOKS, looks_for


@pytest.mark.parametrize("look", looks_for(2), ids=str)
def test_a_reader_is_found_and_opened_without_a_mouse(look, installation, known, signed_in):
    with watched(signed_in(look), look, installation.url) as eyes:
        page = eyes.page
        page.goto(f"{installation.url}/o/{known['organisation']}/campaigns/")
        page.keyboard.press("Control+k")
        box = page.locator("#search-dialog input")
        expect(box).to_be_focused()
        page.keyboard.type("never.kato")
        hit = page.locator("#search-dialog .search-hit").first
        expect(hit).to_contain_text("never.kato@icloud.com")
        eyes.check("dialog: search")
        page.keyboard.press("ArrowDown")
        expect(hit).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(box).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"/readers/\d+/$"))
        expect(page.locator("h1")).to_be_visible()
    assert not eyes.faults, "\n".join(eyes.faults)


def test_escape_leads_back_to_where_the_focus_was(installation, known, signed_in):
    with watched(signed_in(LOOKS[0]), LOOKS[0], installation.url) as eyes:
        page = eyes.page
        page.goto(f"{installation.url}/o/{known['organisation']}/campaigns/")
        link = page.locator(".side [data-search]")
        link.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#search-dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#search-dialog")).to_be_hidden()
        expect(link).to_be_focused()


def test_without_javascript_it_is_a_page(browser, installation, known, signed_in):
    state = signed_in(LOOKS[0]).storage_state()
    context = browser.new_context(storage_state=state, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{installation.url}/o/{known['organisation']}/campaigns/")
    page.click(".side [data-search]")
    page.fill("main input[type=search]", "never.kato")
    page.click("main .filter-bar button")
    page.click("text=never.kato@icloud.com")
    assert re.search(r"/readers/\d+/$", page.url)
    context.close()
