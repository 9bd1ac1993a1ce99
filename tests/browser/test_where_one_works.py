"""Working down the long page of an incident with a thumb: one comes back to where one was, and a fault is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Centre

pytestmark = pytest.mark.long


def at_work(centre: Centre, who: str = "alice") -> tuple[str, Page]:
    incident = centre.report()["id"]
    centre.post(f"/api/incidents/{incident}/acknowledge", person="alice")
    page = centre.page(who, 360, 740)
    page.goto(f"/incidents/{incident}?lang=en")
    return incident, page


def test_a_step_that_is_done_stays_before_the_eyes(centre: Centre):
    _, page = at_work(centre)
    step = page.locator("li.step").filter(has=page.get_by_role("button", name="Done", exact=True)).first
    name = step.get_attribute("id")
    step.get_by_role("button", name="Done", exact=True).click()
    done = page.locator(f"#{name}.done")
    expect(done).to_be_in_viewport()
    assert centre.troubles == []


def test_the_end_of_the_page_tells_what_others_have_done(centre: Centre):
    incident, page = at_work(centre)
    expect(page.locator("#close")).to_contain_text("the cause is not recorded")
    centre.post(f"/api/incidents/{incident}/record-findings", cause="A fuse", measure="Replaced")
    expect(page.locator("#close .missing")).not_to_contain_text("the cause is not recorded")
    expect(page.locator("#close .found")).to_contain_text("A fuse")


def test_a_test_that_is_marked_as_failed_is_not_turned_into_a_passed_one_by_news(centre: Centre):
    incident, page = at_work(centre, "bob")
    centre.post(f"/api/incidents/{incident}/resolve", person="alice")
    page.reload()
    page.locator("#verifying summary").click()
    page.locator("#verifying").get_by_label("failed").check()
    centre.post(f"/api/incidents/{incident}/note", text="Somebody writes")
    expect(page.locator("#timeline")).to_contain_text("Somebody writes")
    expect(page.locator("#verifying").get_by_label("failed")).to_be_checked()


def test_a_fault_far_down_is_shown_and_not_left_below_the_screen(centre: Centre):
    page = centre.page("alice", 360, 740)
    page.goto("/people/alice/ways?lang=en")
    page.locator("#address").fill("0171 3920003")
    page.get_by_role("button", name="Add a way").click()
    expect(page.locator("#address")).to_be_focused()
    expect(page.locator("#address-fault")).to_be_in_viewport()
