"""Rosters in a real browser: by keyboard alone, on a phone, on paper, and a swap between two people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Centre, press

pytestmark = pytest.mark.long

FIELD = "/on-call/roster/field-response"


def test_a_month_is_walked_and_asked_by_keyboard(centre: Centre):
    page = centre.page("vera")
    page.goto(f"{FIELD}?month=2026-12&lang=en")
    press(page, ".", leads_on=True)
    expect(page.locator(".month-title")).to_have_text("Jan 2027")
    press(page, ",", leads_on=True)
    expect(page.locator(".month-title")).to_have_text("Dec 2026")
    day = page.locator(".month td", has_text="from 08:00").first
    day.locator("summary").last.focus()
    page.keyboard.press("Enter")
    expect(day.locator("details p").last).to_contain_text("on duty (field) until")
    assert page.locator(".month svg rect").count() > 30
    assert centre.troubles == []


def test_who_stands_in_is_asked_by_one_key_past_the_days_of_the_month(centre: Centre):
    page = centre.page("charlie")
    page.goto(f"{FIELD}?lang=en")
    for key, first in (("i", "#o-person"), ("s", "#s-shift")):
        press(page, key)
        expect(page.locator(first)).to_be_focused()
        page.keyboard.press("Escape")
    assert centre.troubles == []


def test_a_month_is_a_list_on_a_phone_and_a_calendar_on_a_wall(centre: Centre):
    for width, shown in ((360, True), (1920, False)):
        page = centre.page("alice", width, 900)
        page.goto(f"{FIELD}?month=2026-11&lang=en")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(".month .narrow").first.is_visible() is shown
        assert page.locator(".month .broad").first.is_visible() is not shown
        expect(page.locator("main").get_by_text("nobody").first).to_be_visible()
    assert centre.troubles == []


def test_one_asks_and_the_other_takes_the_shift(centre: Centre):
    alice, bob = centre.page("alice"), centre.page("bob", 360, 740)
    alice.goto(f"{FIELD}?lang=en")
    alice.get_by_text("Ask for a swap").click()
    alice.locator("#s-shift").select_option(index=1)
    alice.locator("#s-taker").select_option("bob")
    alice.locator("#s-note").fill("Dentist")
    alice.get_by_role("button", name="See what changes").click()
    expect(alice.locator("#effect")).to_contain_text("Bob instead of Alice")
    expect(alice.locator("#s-note")).to_have_value("Dentist")
    alice.get_by_role("button", name="Ask", exact=True).click()
    expect(alice.get_by_text("waits for an answer")).to_be_visible()
    bob.goto("/?lang=en")
    bob.get_by_role("link", name="1 swap waits for your answer").click()
    expect(bob.locator(".asked")).to_contain_text("Dentist")
    bob.get_by_role("button", name="I take it").click()
    expect(bob.get_by_role("link", name="waits for your answer")).to_have_count(0)
    expect(bob.locator("main")).to_contain_text("took the shift of Alice in a swap")
    alice.reload()
    expect(alice.get_by_text("accepted")).to_be_visible()
    assert centre.troubles == []


def test_the_contact_sheet_is_printed_without_what_is_of_no_use_on_paper(centre: Centre):
    page = centre.page("alice")
    page.goto("/on-call/contacts?lang=en")
    page.emulate_media(media="print")
    expect(page.get_by_text("+12025550101")).to_be_visible()
    for gone in ("header.top", "main form", ".foot"):
        expect(page.locator(gone).first).to_be_hidden()
    expect(page.get_by_text("As of")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_link_for_a_calendar_is_shown_once_and_works(centre: Centre):
    page = centre.page("alice")
    page.goto("/on-call/me?lang=en")
    page.get_by_role("button", name="Make a link My own shifts").click()
    link = page.locator("#feed-link").inner_text()
    answer = page.request.get(link)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "BEGIN:VEVENT" in answer.text()
    assert datetime.now(UTC).strftime("DTSTART:%Y") in answer.text()
    page.goto("/on-call/me?lang=en")
    expect(page.locator("#feed-link")).to_have_count(0)
    expect(page.get_by_text("in force since")).to_be_visible()
    assert centre.troubles == []
