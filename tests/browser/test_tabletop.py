"""A tabletop is run by keys alone, on a phone as well, and Enter in a note judges nothing."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import Centre


def test_a_tabletop_is_run_by_keys(centre: Centre):
    page = centre.page("dora", width=360, height=740)
    page.goto("/drills/tabletop?script=data-centre-outage")
    page.locator("main form button.primary").click()
    expect(page).to_have_url(re.compile(r"/drills/[\w-]+/tabletop$"))
    page.wait_for_load_state()  # a key pressed sooner is heard by nobody
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(r"inject=1$"))
    page.wait_for_load_state()  # a key pressed sooner is heard by nobody
    page.keyboard.press("t")
    page.keyboard.type("n 1 they ask twice")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("[aria-pressed=true]")).to_have_count(0)
    page.keyboard.press("2")
    expect(page.locator("[aria-pressed=true]")).to_contain_text("Partly")
    expect(page.locator("main")).to_contain_text("n 1 they ask twice")
    page.wait_for_load_state()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(r"inject=2$"))
    page.wait_for_load_state()  # a key pressed sooner is heard by nobody
    page.keyboard.press("v")
    expect(page).to_have_url(re.compile(r"inject=1$"))
    page.wait_for_load_state()  # a key pressed sooner is heard by nobody
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert centre.troubles == []
