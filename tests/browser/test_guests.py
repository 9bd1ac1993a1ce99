"""A partner from outside watches a drill on a phone, without signing in, until the link is taken back."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Centre, press
from tests.browser.test_tabletop import looks

pytestmark = pytest.mark.long


def link_for(control: Page, name: str) -> str:
    """Made on the page of the drill's guests, which the console leads to."""
    control.locator("a[href$='/guests']").click()
    control.locator("#name").fill(name)
    control.locator(".guests-form button.primary").click()
    return urlsplit(control.locator("#guest-link").inner_text().strip()).path


def test_a_guest_follows_and_writes_until_the_link_is_taken_back(centre: Centre):
    control, phone = centre.page("dora"), centre.page("", width=360, height=740)
    phone.clock.install()  # its looks every few seconds come when we say so
    control.goto("/drills/tabletop?script=data-centre-outage")
    control.locator("main form button.primary").click()
    expect(control).to_have_url(re.compile(r"/drills/[\w-]+/tabletop$"))
    console = control.url
    phone.goto(link_for(control, "Fire brigade, Mr Li"))
    expect(phone.locator(".guest")).to_contain_text("Fire brigade, Mr Li")
    expect(phone.locator("#guest-told li")).to_have_count(1)
    control.goto(console)
    press(control, "n", leads_on=True)
    looks(phone)
    expect(phone.locator("#guest-told li")).to_have_count(2)  # it came by itself
    phone.locator("#remarks summary").click()
    phone.locator("#remark").fill("The gate stood open.")
    press(control, "n", leads_on=True)
    looks(phone)  # and leaves alone what is being typed
    expect(phone.locator("#guest-told li")).to_have_count(3)
    phone.locator("button[value=not]").click()
    expect(phone.locator("#remarks li")).to_contain_text("The gate stood open.")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    control.reload()
    expect(control.locator("#table-noted")).to_contain_text("Fire brigade, Mr Li, guest")
    control.locator("a[href$='/guests']").click()
    assert centre.troubles == []
    control.locator("form[action$='/remove'] button").click()
    expect(control.locator("form[action$='/remove']")).to_have_count(0)
    looks(phone)
    expect(phone.locator("h1")).to_have_text("This page is closed")
    expect(phone.locator("#guest-told")).to_have_count(0)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.clock.run_for(60_000)
    assert asked == []
    assert [one for one in centre.troubles if "404" not in one] == []


def test_what_an_evaluator_wrote_is_still_there_when_there_was_no_network(centre: Centre):
    control, phone = centre.page("dora"), centre.page("alice", width=360, height=740)
    control.goto("/drills/tabletop?script=data-centre-outage")
    control.locator("main form button.primary").click()
    press(control, "n", leads_on=True)
    phone.goto(control.locator(".evaluators a[href*=observe]").get_attribute("href") or "")
    phone.wait_for_function("document.documentElement.dataset.keeps")
    note = phone.locator("#inject-1 input[name=text]")
    note.fill("They called it in at once.")
    phone.context.set_offline(True)
    phone.locator("#inject-1 button[value=partly]").click()
    expect(phone.locator("#unsent")).to_be_visible()
    expect(note).to_have_value("They called it in at once.")
    phone.context.set_offline(False)
    phone.locator("#inject-1 button[value=partly]").click()
    expect(phone.locator("#inject-1 p.small").last).to_contain_text("Partly")
    expect(phone.locator("#unsent")).to_be_hidden()
    control.reload()
    expect(control.locator("#table-noted")).to_contain_text("They called it in at once.")
    expect(control.locator("#table-noted li")).to_have_count(1)
