"""Practising alone in a real browser, on a phone: chosen, taken, ended, with the score and what was wanted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Centre

pytestmark = pytest.mark.long

WIDE = "document.documentElement.scrollWidth"


def test_a_newcomer_practises_on_a_phone_and_sees_how_it_went(centre: Centre):
    page = centre.page("alice", 360, 740)
    page.goto("/drills")
    page.get_by_role("link", name="Practise alone").click()
    page.get_by_role("button", name="Practise: Data-centre outage at night").click()
    expect(page.locator("#practice")).to_contain_text("nobody was paged")
    page.get_by_role("button", name="I take it").click()
    page.get_by_role("button", name="Next message now").click()
    expect(page.locator("#timeline")).to_contain_text("[1]")
    assert page.evaluate(WIDE) <= 360
    page.get_by_role("link", name="End it, or break it off").click()
    page.locator("summary", has_text="End it").click()
    page.get_by_role("button", name="End it and see the score").click()
    expect(page.locator("#score")).to_contain_text("First human answer")
    expect(page.locator("#steps")).to_contain_text("not done")
    assert page.evaluate(WIDE) <= 360
    page.locator("#score a").first.click()
    expect(page.locator("#practice")).to_contain_text("See how it went")
    page.goto("/training")
    expect(page.locator("#practised")).to_contain_text("Data-centre outage at night")
    assert centre.troubles == []
