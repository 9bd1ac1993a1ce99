"""Why me: on the page behind the link, at the entry in the timeline, and as an API with every try by every way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from incident.store.engine import reading
from incident.store.tables import links
from incident.words import LOCALES
from tests.pages.markup import Markup
from tests.web.place import NUMBERS, Place
from web.say import LANG


@pytest.fixture
def second_rung(place: Place) -> dict[str, Any]:
    """alice was asked and said nothing; somebody above her has been paged."""
    incident = place.reported()
    place.deliver()
    place.later(minutes=5)
    place.deliver()
    return incident


def link_of(place: Place, person: str) -> str:
    with reading(place.house.engine) as connection:
        return str(connection.scalar(select(links.c.token).where(links.c.person == person)))


def pages(place: Place, incident: dict[str, Any]) -> list[dict[str, Any]]:
    answer = place.client.get(f"/api/incidents/{incident['id']}/pages", headers=place.key("responder"))
    assert answer.status_code == 200, answer.text
    assert not any(number in answer.text for number in NUMBERS.values()), "numbers are masked"
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_the_api_tells_each_page_with_its_reasons_and_every_try(place: Place, second_rung: dict[str, Any]) -> None:
    first, second, *_ = pages(place, second_rung)
    assert (first["why"]["person"], first["why"]["rung"]) == ("alice", 1)
    assert first["why"]["heard"]["answer"] == "silent"
    assert first["why"]["heard"]["delivered_at"]
    (way,) = first["ways"]
    assert (way["way"], way["to"], way["state"]) == ("sms", "+12…01", "delivered")
    assert [tried["outcome"] for tried in way["tries"]] == ["sent"]
    assert second["why"]["because"]["key"] == "alarm.silence"
    assert [asked["person"] for asked in second["why"]["before"]] == ["alice"]


def test_a_viewer_does_not_see_numbers_not_even_masked_ones(place: Place, second_rung: dict[str, Any]) -> None:
    path = f"/api/incidents/{second_rung['id']}/pages"
    assert place.client.get(path, headers=place.key("viewer")).status_code == 403
    desk = place.client.get(f"/incidents/{second_rung['id']}", headers=place.session("vera")).text
    assert "+12…" not in desk


def test_an_address_that_is_no_longer_theirs_is_not_shown_as_if_it_were(
    place: Place, second_rung: dict[str, Any]
) -> None:
    found = place.house.directory.organisation()
    people = [p.model_copy(update={"ways": ()}) if p.id == "alice" else p for p in found.people]
    place.house.directory.save(type(found)(units=found.units, people=tuple(people), rosters=found.rosters), "dora")  # type: ignore[attr-defined]
    assert pages(place, second_rung)[0]["ways"][0]["to"] is None


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_behind_the_link_says_why_me_and_who_was_asked_before(
    place: Place, second_rung: dict[str, Any], locale: str
) -> None:
    who = pages(place, second_rung)[1]["why"]
    shown = place.client.get(f"/a/{link_of(place, who['person'])}?lang={LANG[locale]}")
    found = Markup(shown.text)
    assert (shown.status_code, found.inline, found.mismatched) == (200, [], [])
    assert f"{who['rung']}" in found.text
    assert "Alice" in found.text
    for key in ("why.", "roster.", "alarm."):
        assert key not in found.text, "every reason in words"


def test_the_first_one_reads_that_nobody_was_asked_before(place: Place) -> None:
    place.reported()
    shown = Markup(place.client.get(f"/a/{link_of(place, 'alice')}?lang=en").text).text
    assert "Rung 1 of" in shown
    assert "Nobody: this was the first page." in shown
    assert "answers for the product" in shown


@pytest.mark.parametrize("locale", LOCALES)
def test_each_page_in_the_timeline_opens_to_who_why_and_what_became_of_it(
    place: Place, second_rung: dict[str, Any], locale: str
) -> None:
    path = f"/incidents/{second_rung['id']}?lang={LANG[locale]}"
    found = Markup(place.client.get(path, headers=place.session("alice")).text)
    assert (found.inline, found.mismatched) == ([], [])
    assert found.text.count("+12…01") == 1
    assert "why." not in found.text
