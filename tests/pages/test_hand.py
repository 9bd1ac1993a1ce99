"""The page behind the link in a message: what it says to whoever opens it late, again, or without a part in it."""

from __future__ import annotations

import pytest

from tests.pages.test_quiet import link_of
from tests.web.place import Place

HERE = {"origin": "http://127.0.0.1:8000"}


def opened(place: Place, incident: str, person: str) -> str:
    return str(place.client.get(link_of(place, incident, person)).text)


def pressed(place: Place, incident: str, person: str, name: str) -> str:
    answer = place.client.post(f"{link_of(place, incident, person)}/{name}", headers=HERE, follow_redirects=True)
    return str(answer.text)


def test_who_is_offered_the_command_reads_the_briefing_and_accepts_without_having_answered_before(place: Place):
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", "alice")
    place.act(incident, "offer-command", "alice", to="charlie", briefing="The pumps run. Hall 3 is dark.")
    page = opened(place, incident, "charlie")
    assert "Alice offers you the command." in page
    assert "The pumps run. Hall 3 is dark." in page
    assert "You need not do anything" not in page
    assert "Offered to Charlie" in opened(place, incident, "alice")
    assert "you have the command" in pressed(place, incident, "charlie", "accept-command")
    assert "offers you the command" not in opened(place, incident, "charlie")


def test_who_has_passed_it_on_is_told_so_when_they_open_it_again(place: Place):
    incident = str(place.reported()["id"])
    pressed(place, incident, "alice", "decline")
    page = opened(place, incident, "alice")
    assert "You have passed it on" in page
    assert "I take it" in page
    assert "next person" not in page


def test_an_alarm_that_went_out_by_itself_asks_nobody_any_more(place: Place):
    incident = str(place.reported()["id"])
    place.act(incident, "resolve", "bob")
    page = opened(place, incident, "alice")
    assert "This is resolved. Nothing is asked of you" in page
    for button in ("I take it", "next person", "left to answer"):
        assert button not in page


def test_whoever_has_a_part_in_it_sees_that_it_is_resolved_and_not_yet_closed(place: Place):
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", "alice")
    place.act(incident, "resolve", "alice")
    assert "still has to be verified and closed" in opened(place, incident, "alice")


def test_what_was_merged_says_where_it_went(place: Place):
    first = place.reported()
    incident = str(place.reported(title="Once more", dedup_key="more")["id"])
    place.act(incident, "merge", "charlie", into=first["id"])
    assert f"This is part of {first['code']} now" in opened(place, incident, "alice")


def test_who_answers_second_is_not_told_that_they_have_taken_it(place: Place):
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", "bob")
    page = pressed(place, incident, "alice", "acknowledge")
    assert "you are on it too" in page
    assert "you have taken it" not in page


@pytest.mark.parametrize("lang", ["en", "zh-Hans", "zh-Hant"])
def test_it_leads_to_the_whole_of_the_incident(place: Place, lang: str):
    incident = str(place.reported()["id"])
    page = place.client.get(f"{link_of(place, incident, 'alice')}?lang={lang}").text
    assert f'href="/incidents/{incident}"' in page


def test_who_is_paged_because_nothing_was_heard_is_told_of_whom(place: Place):
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", "alice")
    for _ in range(4):
        place.later(minutes=10)
    page = place.client.get(link_of(place, incident, "bob") + "?lang=en").text
    assert "Alice has it, but nothing was heard for 40 min. If you take it, you command." in page
    assert "If you take it, you command" not in opened(place, incident, "alice")
