"""The pages in a real browser: no violation of the policy, no sideways scroll on a phone, keys, live parts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from incident.store import links
from incident.store.engine import reading
from tests.browser.conftest import Centre, press

pytestmark = pytest.mark.long

EVERY = (
    "/",
    "/wall",
    "/report",
    "/on-call",
    "/on-call/roster/field-response",
    "/on-call/roster/field-response/edit",
    "/on-call/roster/field-response/import",
    "/on-call/unit/field",
    "/on-call/me",
    "/on-call/contacts",
    "/people",
    "/people/alice/ways",
    "/people/alice/skills",
    "/people/alice/selection",
    "/training",
    "/exams",
    "/candidates",
    "/communication",
    "/drills/practice",
    "/c",
    "/playbooks",
    "/playbooks/system-outage",
    "/policies",
    "/policies/it-emergency",
    "/phones",
    "/login",
)


WIDE = "() => [...document.querySelectorAll('.stack')].filter((e) => e.scrollWidth > 340).map((e) => e.scrollWidth)"


def token_of(centre: Centre, incident: str, person: str) -> str:
    with reading(centre.house.engine) as connection:
        return links.of(connection, [incident])[incident, person]


def test_no_page_breaks_the_policy_or_scrolls_sideways_on_a_phone(centre: Centre):
    incident = centre.report("A long title about the smart-home platform that does not open any lock", place="x" * 60)
    centre.post(f"/api/incidents/{incident['id']}/acknowledge", person="alice")
    centre.post(f"/api/incidents/{incident['id']}/update", text="https://example.com/" + "y" * 200)
    page = centre.page("dora", 360, 740)
    report = f"/incidents/{incident['id']}/report"
    for path in (*EVERY, f"/incidents/{incident['id']}", report, f"/a/{token_of(centre, incident['id'], 'alice')}"):
        for lang in ("en", "zh"):
            page.goto(f"{path}?lang={lang}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 360, f"{path} is {wide} px wide"
            assert page.evaluate(WIDE) == [], path
    assert centre.troubles == []


def test_one_takes_it_with_a_thumb_on_a_phone(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("", 360, 740, has_touch=True, is_mobile=True)
    page.goto(f"/a/{token_of(centre, incident, 'alice')}")
    take, pass_on = page.get_by_role("button", name="I take it"), page.get_by_role("button", name="I can't")
    boxes = [box for box in (take.bounding_box(), pass_on.bounding_box()) if box]
    assert [box["height"] >= 56 for box in boxes] == [True, True]
    assert boxes[1]["y"] - boxes[0]["y"] - boxes[0]["height"] >= 20
    take.tap()
    expect(page.get_by_role("status").filter(has_text="Recorded")).to_be_visible()
    expect(page.get_by_text("You are the commander.")).to_be_visible()
    assert centre.troubles == []


def test_without_a_network_the_answer_is_kept_and_sent_later(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("", 360, 740)
    page.goto(f"/a/{token_of(centre, incident, 'alice')}")
    page.context.set_offline(True)
    page.get_by_role("button", name="I take it").click()
    expect(page.locator("#offline")).to_contain_text("No network")
    expect(page.get_by_text("Recorded")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.get_by_text("Recorded: you have taken it.")).to_be_visible()


def test_the_link_answers_without_a_script_too(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("", 360, 740, java_script_enabled=False)
    page.goto(f"/a/{token_of(centre, incident, 'alice')}")
    page.get_by_role("button", name="I take it").click()
    expect(page.get_by_text("Recorded: you have taken it.")).to_be_visible()


def test_keys_lead_through_an_incident(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("alice")
    page.goto(f"/incidents/{incident}")
    press(page, "?")
    expect(page.locator("dialog")).to_be_visible()
    expect(page.locator("dialog")).to_contain_text("Write an update")
    page.keyboard.press("Escape")
    press(page, "a", leads_on=True)
    expect(page.locator("#facts")).to_contain_text("since")
    press(page, "u")
    expect(page.locator("#update-text")).to_be_focused()
    page.keyboard.type("Generator runs")
    page.keyboard.press("Escape")
    press(page, "e")
    expect(page.locator("#resolving")).to_have_attribute("open", "")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert centre.troubles == []


def test_what_others_do_appears_while_one_types(centre: Centre):
    incident = centre.report()["id"]
    page = centre.page("bob")
    page.goto(f"/incidents/{incident}?lang=en")
    page.locator("#update-text").fill("Half a sentence")
    centre.post(f"/api/incidents/{incident}/acknowledge", person="alice")
    expect(page.locator("#timeline")).to_contain_text("Alice took it")
    expect(page.locator("#facts")).to_contain_text("Alice")
    expect(page.locator("#update-text")).to_have_value("Half a sentence")
    board = centre.page("bob")
    board.goto("/?lang=en")
    centre.report("Another one")
    expect(board.locator("#rows")).to_contain_text("Another one")
    assert centre.troubles == []


def test_a_loud_action_names_its_effect_before_it_is_done(centre: Centre):
    incident = centre.report("Slow", level="low", kind="other", place="x", symptom="x", scope="x")["id"]
    page = centre.page("charlie")
    page.goto(f"/incidents/{incident}")
    press(page, "r")
    critical = page.locator(".choice-block", has_text="Critical")
    expect(critical).to_contain_text("This pages")
    critical.get_by_role("radio").check()
    page.locator("#regrade-reason").fill("It burns")
    page.get_by_role("button", name="Change the level").click()
    expect(page.locator("#facts")).to_contain_text("Critical")


def test_day_and_night_are_kept(centre: Centre):
    page = centre.page("vera", color_scheme="light")
    page.goto("/")
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/people")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_ways_are_put_in_order_and_confirmed_by_the_keyboard_alone(centre: Centre):
    page = centre.page("alice", 360, 740)
    page.goto("/me")
    page.get_by_label("Kind").select_option("voice")
    page.get_by_label("Number or address").fill("+1 202 555 0101")
    page.keyboard.press("Enter")
    earlier = page.get_by_role("button", name="Call: earlier")
    earlier.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ways h3").first).to_have_text("Call +12025550101")
    expect(page.get_by_role("button", name="Call: earlier")).to_be_focused()
    send = page.get_by_role("button", name="Send me the code").first
    send.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(
        page.get_by_text("attempts are left").or_(page.get_by_text("Confirmed: pages rely on it now"))
    ).to_be_visible()


def test_a_sheet_of_paper_says_when_it_was_so_and_in_which_zone(centre: Centre):
    """Given an incident's page that has been open for a while, when it is printed, then the sheet has that moment."""
    incident = centre.report()["id"]
    page = centre.page("bob", timezone_id="UTC")
    page.clock.install()
    page.route("**/stream*", lambda route: route.abort())  # its heartbeats know nothing of the moved clock
    page.goto(f"/incidents/{incident}?lang=en")
    page.emulate_media(media="print")
    foot = page.locator(".on-paper")
    before = foot.inner_text()
    page.clock.run_for(300_000)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    moments = [datetime.fromisoformat(text[-16:]) for text in (before, foot.inner_text())]
    assert foot.is_visible()
    assert "Asia/Shanghai (UTC+08:00)" in before or "UTC (UTC+00:00)" in before
    assert moments[1] - moments[0] >= timedelta(minutes=4)
    centre.troubles.clear()
