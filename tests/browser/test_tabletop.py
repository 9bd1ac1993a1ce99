"""A tabletop is run by keys alone, on a phone as well, and Enter in a note judges nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Centre, press

pytestmark = pytest.mark.long


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


def looks(page: Page) -> None:
    """The page fetches itself anew, now."""
    page.locator("html[data-follows='5']").wait_for(state="attached")
    with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
        page.clock.run_for(5_000)


def test_what_an_evaluator_writes_on_a_phone_comes_to_the_facilitator_and_back_by_itself(centre: Centre):
    table, phone = centre.page("dora"), centre.page("bob", width=360, height=740)
    for page in (table, phone):
        page.clock.install()  # their looks every few seconds come when we say so
    table.goto("/drills/tabletop?script=data-centre-outage")
    table.locator("main form button.primary").click()
    phone.goto(table.locator(".evaluators a[href*=observe]").get_attribute("href") or "")
    press(table, "n", leads_on=True)
    rating = phone.locator("#inject-1")
    looks(phone)
    rating.locator("input[name=text]").fill("they ask twice")  # it came by itself
    press(table, "n", leads_on=True)
    looks(phone)  # and leaves alone what is being typed
    rating.locator("button[value=partly]").click()
    expect(phone.locator("#asked > .observed").first).to_have_id("inject-2")
    looks(table)
    expect(table.locator("#table-noted")).to_contain_text("they ask twice")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    assert centre.troubles == []
