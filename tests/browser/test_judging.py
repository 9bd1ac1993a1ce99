"""On a phone: a reviewer judges how people were told, and an admin decides about a candidate, each with words."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Centre

pytestmark = pytest.mark.long


def test_a_reviewer_judges_and_the_bars_show_it(centre: Centre):
    path = f"/api/incidents/{centre.report('Data centre down')['id']}"
    centre.post(f"{path}/acknowledge", person="alice")
    centre.post(f"{path}/resolve", person="alice", cause="breaker", measure="replaced")
    centre.post(f"{path}/verify", person="charlie", test="switched over", passed=True)
    page = centre.page("dora", 360, 740)
    page.goto(path.removeprefix("/api") + "/report?lang=en")
    told = page.locator("#communication")
    expect(told.locator(".measures .none")).to_have_count(3)
    told.get_by_text("Judge the communication").click()
    page.select_option("#accuracy", "4")
    page.fill("#accuracy_reason", "One figure was wrong for a while")
    told.get_by_role("button", name="Keep the judgement").click()
    expect(told.locator(".measures .none")).to_have_count(2)
    expect(told.locator(".judgement")).to_contain_text("One figure was wrong for a while")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert centre.troubles == []


def test_an_admin_approves_a_candidate_and_says_why(centre: Centre):
    page = centre.page("dora", 360, 740)
    page.goto("/candidates?for=unit:field&lang=en")
    alice = page.locator("#alice")
    expect(alice.locator(".measures .none")).to_have_count(3)
    alice.locator("summary").click()
    page.fill("#alice-reason", "Knows the hall best")
    alice.get_by_role("button", name="Approve").click()
    expect(page.locator("#alice")).to_contain_text("approved")
    expect(page.locator("table")).to_contain_text("Knows the hall best")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert centre.troubles == []
