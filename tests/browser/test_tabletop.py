"""A tabletop is run by keys alone, on a phone as well, and Enter in a note judges nothing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Centre, press


def test_a_tabletop_is_run_by_keys(centre: Centre):
    page = centre.page("dora", width=360, height=740)
    page.goto("/drills/tabletop?script=data-centre-outage")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile(r"/drills/[\w-]+/tabletop$"))
    press(page, "n", leads_on=True)
    expect(page).to_have_url(re.compile(r"inject=1$"))
    press(page, "t")
    page.keyboard.type("n 1 they ask twice")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    press(page, "2", leads_on=True)
    expect(page.locator("[aria-pressed=true]")).to_contain_text("Partly")
    expect(page.locator("main")).to_contain_text("n 1 they ask twice")
    press(page, "n", leads_on=True)
    expect(page).to_have_url(re.compile(r"inject=2$"))
    press(page, "v", leads_on=True)
    expect(page).to_have_url(re.compile(r"inject=1$"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert centre.troubles == []
