"""Playing back in a browser: by keys alone, at a chosen speed, on a phone; the state is what the server says it was."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Centre, press

pytestmark = pytest.mark.long


def closed(centre: Centre) -> Any:
    made = centre.report(level="low", kind="other")
    path = f"/api/incidents/{made['id']}"
    for command, body in (
        ("acknowledge", {"person": "alice"}),
        ("update", {"text": "We are on it."}),
        ("resolve", {"person": "alice", "cause": "a fuse", "measure": "exchanged"}),
        ("verify", {"person": "charlie", "test": "it runs", "passed": True}),
    ):
        centre.post(f"{path}/{command}", **body)
    for item in made["closeout"]:
        centre.post(f"{path}/tick-closeout", item=item["id"])
    return centre.post(f"{path}/close", summary="done")["incident"]


def opened(centre: Centre, made: Any, width: int, **more: Any) -> Page:
    page = centre.page("vera", width=width, height=800, **more)
    page.goto(f"/incidents/{made['id']}/playback?lang=en")
    page.locator("#tape[data-ready]").wait_for(state="attached")
    return page


@pytest.mark.parametrize("width", [360, 1920])
def test_it_is_played_by_keys_alone(centre: Centre, width: int):
    made = closed(centre)
    page = opened(centre, made, width)
    shown, phase = page.locator("#words > li:visible"), page.locator("#s-phase")
    total = made["seq"]
    expect(shown).to_have_count(1)
    press(page, "End")
    expect(shown).to_have_count(total)
    expect(phase).to_have_text("Closed")
    press(page, "Home")
    expect(shown).to_have_count(1)
    expect(phase).to_have_text("Reported")
    press(page, "ArrowRight")
    press(page, "ArrowRight")
    press(page, "ArrowLeft")
    expect(page.locator("#now-entry")).to_have_text(f"entry 2 of {total}")
    press(page, "+")
    press(page, "+")
    expect(page.locator("#speed")).to_have_value("10")
    press(page, "-")
    expect(page.locator("#speed")).to_have_value("1")
    press(page, "Home")
    for _ in range(4):
        press(page, "+")
    press(page, " ")  # some seconds were written: at 600 times they are over at once
    expect(phase).to_have_text("Closed")
    expect(page.locator("#play")).to_have_text("Play")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert centre.troubles == []


def test_one_entry_each_second_is_played_and_stopped_and_who_stands_by_the_words_can_jump(centre: Centre):
    made = closed(centre)
    page = opened(centre, made, 1280)
    press(page, " ")
    expect(page.locator("#play")).to_have_text("Pause")
    expect(page.locator("#now-entry")).to_have_text(re.compile("^entry [2-9]"))
    press(page, " ")
    expect(page.locator("#play")).to_have_text("Play")
    page.locator("#words > li:visible a.when").last.click()
    expect(page.locator("#now-entry")).to_have_text(f"entry 1 of {made['seq']}")
    expect(page.locator("#standing")).to_contain_text("Reported")
    page.locator("#place").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#now-entry")).to_have_text(f"entry 2 of {made['seq']}")
    assert centre.troubles == []


def test_where_motion_is_not_wanted_it_goes_in_steps(centre: Centre):
    page = opened(centre, closed(centre), 1280, reduced_motion="reduce")
    for _ in range(4):
        press(page, "+")
    press(page, " ")
    expect(page.locator("#s-phase")).to_have_text("Closed")
    assert centre.troubles == []


def test_without_a_script_the_whole_timeline_is_there(centre: Centre):
    made = closed(centre)
    page = centre.page("vera", width=360, java_script_enabled=False)
    page.goto(f"/incidents/{made['id']}/playback")
    expect(page.locator("#words > li:visible")).to_have_count(made["seq"])
    expect(page.locator("#controls")).to_be_hidden()
    expect(page.locator("#picture")).to_be_visible()


def test_a_state_that_cannot_be_fetched_is_said_and_fetched_again(centre: Centre):
    made = closed(centre)
    page = centre.page("vera", width=1280)
    fails = [True]
    page.route("**/playback?after=*", lambda route: route.abort() if fails and fails.pop() else route.continue_())
    page.goto(f"/incidents/{made['id']}/playback?lang=en")
    expect(page.locator("#s-trouble")).to_be_visible()
    expect(page.locator("#s-phase")).to_have_text("Reported")
    expect(page.locator("#s-trouble")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1920])
def test_then_and_today_stand_side_by_side_without_a_sideways_scroll(centre: Centre, width: int):
    made = closed(centre)
    page = centre.page("charlie", width=width)
    for lang in ("en", "zh"):
        page.goto(f"/incidents/{made['id']}/against-today?lang={lang}")
        expect(page.locator("svg.picture")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert centre.troubles == []
