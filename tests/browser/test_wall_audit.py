"""What the auditor found, on a wall in a real browser: at the first paint, by heartbeat, and when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from incident.audit import Finding, Rule
from incident.store import findings, signs
from incident.store.engine import changing
from tests.browser.conftest import Centre

pytestmark = pytest.mark.long

SCREEN = "/wall?distance=5&panel=55&px=1080&theme=light&lang=en"
BEATS_MS = 12_000


def found(centre: Centre, rules: Sequence[Rule]) -> None:
    """The last audit was this moment, and this is what stands after it."""
    house = centre.house
    now = house.clock.now()
    with changing(house.engine) as connection:
        wrong = [Finding(rule, now - timedelta(minutes=4), f"i{n}", "C7") for n, rule in enumerate(rules)]
        findings.record(connection, wrong, now)
        signs.audited(connection, signs.Audited(now, 1, len(wrong), 1))


def test_it_is_the_first_thing_on_the_screen_and_says_when_it_is_over(centre: Centre) -> None:
    found(centre, [Rule.UNSENT, Rule.WORKER])
    for width, height in ((360, 800), (1920, 1080)):
        page = centre.page("vera", width, height)
        page.goto(SCREEN)
        alarm = page.locator("#alarm")
        expect(alarm).to_contain_text("PAGES OF C7 DO NOT GO OUT")
        expect(alarm).to_contain_text("(and 1 more)")
        expect(page.locator("#quiet h1")).to_be_hidden()
        box = alarm.bounding_box()
        assert box is not None
        assert box["width"] == width
        assert box["y"] < 200
    found(centre, [])
    expect(page.locator("#well")).to_contain_text("Well again since", timeout=BEATS_MS)
    expect(alarm).to_be_hidden()
    expect(page.locator("#quiet h1")).to_be_visible()
    assert centre.troubles == []


def test_the_server_and_the_script_say_the_same_of_it(centre: Centre) -> None:
    found(centre, [Rule.UNREACHABLE])
    still = centre.page("vera", java_script_enabled=False)
    still.goto(SCREEN)
    page = centre.page("vera")
    page.goto(SCREEN)
    painted = still.locator("#alarm").text_content()
    assert painted
    expect(page.locator("#alarm")).to_have_text(painted)


def test_an_auditor_that_is_off_is_itself_the_news(centre: Centre) -> None:
    house = centre.house
    with changing(house.engine) as connection:
        signs.audited(connection, signs.Audited(house.clock.now() - timedelta(minutes=5), 1, 0, 1))
    page = centre.page("vera")
    page.goto(SCREEN)
    expect(page.locator("#alarm")).to_contain_text("NOBODY CHECKS THE PAGER")
