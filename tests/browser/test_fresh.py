"""A page that is open shows what is so, also when one of its own requests fails, is late or finds somebody typing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Centre

pytestmark = pytest.mark.long

Answer = Callable[[Route, int], None]


def opened(centre: Centre, incident: str, answer: Answer | None = None) -> Page:
    """The incident's page, whose own requests for fresh parts are given to `answer`, with their number from 1."""
    page = centre.page("bob")
    page.goto(f"/incidents/{incident}?lang=en")
    asked = 0

    def given(route: Route) -> None:
        nonlocal asked
        asked += 1
        if answer:
            answer(route, asked)
        else:
            route.continue_()

    page.route(f"**/incidents/{incident}?lang=en", given)
    return page


def taken(centre: Centre, incident: str) -> None:
    centre.post(f"/api/incidents/{incident}/acknowledge", person="alice")


@pytest.mark.parametrize("refusal", [503, None], ids=["busy", "no network"])
def test_a_request_that_fails_is_made_again(centre: Centre, refusal: int | None):
    incident = centre.report()["id"]

    def twice_in_vain(route: Route, asked: int) -> None:
        if asked > 2:
            route.continue_()
        elif refusal:
            route.fulfill(status=refusal, body="busy")
        else:
            route.abort()

    page = opened(centre, incident, twice_in_vain)
    taken(centre, incident)
    expect(page.locator("#timeline")).to_contain_text("Alice took it")
    assert all("Failed to load" in trouble for trouble in centre.troubles)


def test_an_older_page_never_comes_in_place_of_a_newer_one(centre: Centre):
    incident = centre.report()["id"]
    held: list[Route] = []

    def the_first_comes_late(route: Route, asked: int) -> None:
        if asked > 1:
            route.continue_()
            return
        old = route.fetch().text()
        taken(centre, incident)
        page.wait_for_function("document.querySelector('#news').textContent.includes('taken')")
        page.wait_for_timeout(1500)  # who asked a second time meanwhile has had the answer
        held.append(route)
        route.fulfill(status=200, content_type="text/html", body=old)

    page = opened(centre, incident, the_first_comes_late)
    centre.post(f"/api/incidents/{incident}/update", text="Generator runs")
    expect(page.locator("#timeline")).to_contain_text("Alice took it")
    page.wait_for_timeout(3000)  # the late one has come
    expect(page.locator("#timeline")).to_contain_text("Alice took it")
    assert held
    assert centre.troubles == []


def test_a_part_in_which_somebody_types_is_fresh_when_they_have_left_it(centre: Centre):
    incident = centre.report()["id"]
    page = opened(centre, incident)
    page.evaluate("document.querySelector('#facts').append(document.createElement('textarea'))")
    field = page.locator("#facts textarea")
    field.focus()
    taken(centre, incident)
    expect(page.locator("#timeline")).to_contain_text("Alice took it")
    expect(field).to_be_focused()
    field.blur()
    expect(page.locator("#facts")).to_contain_text("Alice")
    expect(field).to_have_count(0)
    assert centre.troubles == []


def test_a_board_that_hears_nothing_says_so_wherever_one_has_scrolled(centre: Centre):
    """Given a long board whose server is heard no more, then that stands before the eyes and not below the last row."""
    for n in range(20):
        centre.report(f"Fault {n}", level="low", dedup_key=str(n))
    page = centre.page("vera", 1280, 600)
    page.clock.install()
    page.route("**/api/stream*", lambda route: route.abort())
    page.goto("/?lang=en")
    page.locator("tbody tr").last.scroll_into_view_if_needed()
    page.clock.run_for(12_000)
    notice = page.get_by_text("Not live: the server is not heard.")
    expect(notice).to_be_visible()
    expect(notice).to_be_in_viewport()
    centre.troubles.clear()


@pytest.mark.parametrize("path", ["/?lang=en", "/wall?lang=en&distance=5&panel=55&px=1080"], ids=["board", "wall"])
def test_who_was_signed_out_is_told_so_and_not_to_look_at_the_network(centre: Centre, path: str):
    """Given a screen whose session has ended, when it is stale, then it says what helps; and it goes on by itself."""
    centre.report()
    page = centre.page("vera", 1920, 1080)
    page.clock.install()
    page.route("**/api/stream*", lambda route: route.fulfill(status=401, body=""))
    page.goto(path)
    page.clock.run_for(12_000)
    notice = page.locator("#signed-out")
    expect(notice).to_be_visible()
    expect(notice).to_be_in_viewport()
    expect(page.locator("#link, #stale-why")).to_be_hidden()
    page.unroute("**/api/stream*")
    page.clock.run_for(5_000)
    expect(notice).to_be_hidden()
    centre.troubles.clear()
