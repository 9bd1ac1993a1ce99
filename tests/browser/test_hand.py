"""The page behind the link lies open while others act: it says so by itself, and disturbs nobody who writes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Centre
from tests.browser.test_pages import token_of

pytestmark = pytest.mark.long


def woken(page: Page) -> None:
    """The phone is taken up again: the page looks at once and not at its next turn."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_page_that_lies_open_says_that_somebody_else_has_it(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("", 360, 740)
    page.goto(f"/a/{token_of(centre, incident, 'alice')}")
    expect(page.get_by_role("button", name="I take it")).to_be_visible()
    centre.post(f"/api/incidents/{incident}/acknowledge", person="bob")
    woken(page)
    expect(page.get_by_text("Bob has it.")).to_be_visible()
    expect(page.get_by_role("button", name="I take it")).to_have_count(0)
    page.get_by_role("button", name="I can help").click()
    expect(page.get_by_text("Recorded: you are on it too.")).to_be_visible()
    assert centre.troubles == []


def test_what_somebody_writes_on_it_stays(centre: Centre):
    incident = centre.report()["id"]
    centre.post(f"/api/incidents/{incident}/acknowledge", person="alice")
    page = centre.page("", 360, 740)
    page.goto(f"/a/{token_of(centre, incident, 'alice')}")
    page.get_by_label("What is going on?").fill("The pumps run")
    centre.post(f"/api/incidents/{incident}/resolve", person="bob")
    woken(page)
    page.get_by_role("button", name="Send the update").click()
    expect(page.get_by_text("Recorded: the update is out.")).to_be_visible()
    expect(page.get_by_text("still has to be verified and closed")).to_be_visible()
