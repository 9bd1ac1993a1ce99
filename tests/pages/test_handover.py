"""The page and the answer of the API for a change of shift."""

from __future__ import annotations

from datetime import timedelta

from tests.web.place import Place

HERE = {"origin": "http://127.0.0.1:8000"}


def page(place: Place, by: str = "charlie", query: str = "?roster=field-response") -> str:
    answer = place.client.get(f"/handover{query}", headers=place.session(by))
    assert answer.status_code == 200
    return answer.text


def on_duty(place: Place) -> str:
    [line] = [
        one
        for one in place.client.get("/api/on-call", headers=place.key("viewer")).json()["items"]
        if one["roster"] == "field-response"
    ]
    return str(line["primary"]["person"])


def test_the_command_of_who_goes_off_is_offered_with_one_button(place: Place):
    going = on_duty(place)
    coming = "bob" if going == "alice" else "alice"
    incident = str(place.reported()["id"])
    place.act(incident, "acknowledge", going)
    text = page(place, by=going)
    assert f"{going.title()} still commands" in text
    assert f"Offer the command to {coming.title()}" in text
    assert "Offer the command" not in page(place, by=coming)
    form = {"to": coming, "briefing": "Change of shift"}
    headers = {**place.session(going), **HERE}
    assert place.client.post(f"/incidents/{incident}/offer-command", data=form, headers=headers).status_code == 303
    offered = place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()["offered_to"]
    assert offered["person"] == coming


def test_what_nobody_has_and_what_is_held_stand_in_their_own_lists(place: Place):
    place.reported(title="Nobody looks at this")
    text = page(place)
    assert "Pages that nobody has answered" in text
    assert text.count("Nobody looks at this") == 2  # there, and among all that is open
    assert "next page" in text


def test_the_hand_over_that_was_just_done_comes_first_and_the_other_can_be_asked_for(place: Place):
    place.reported()
    assert '<option value="next" selected>' in page(place)
    place.clock.move(timedelta(days=6, hours=6))
    assert '<option value="last" selected>' in page(place)
    assert '<option value="next" selected>' in page(place, query="?roster=field-response&which=next")


def test_without_a_roster_it_is_ones_own_and_an_unknown_one_is_not_found(place: Place):
    assert '<option value="field-response" selected>' in page(place, by="alice", query="")
    assert place.client.get("/handover?roster=nothing", headers=place.session("alice")).status_code == 404


def test_the_api_says_the_same_with_keys_for_programs(place: Place):
    place.reported(level="high", kind="other")
    found = place.client.get("/api/handover?roster=field-response", headers=place.key("viewer")).json()
    assert found["counts"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    assert found["open"][0]["state"] == "nobody"
    assert found["unanswered"][0]["owed"] == "answer"
    missing = place.client.get("/api/handover?roster=nothing", headers=place.key("viewer"))
    assert missing.status_code == 404


def test_nothing_open_says_so(place: Place):
    assert "Nothing is open." in page(place)
