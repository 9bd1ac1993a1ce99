"""The forms without a script: a post does it and leads on; a refusal says why and keeps what was typed."""

from __future__ import annotations

from httpx2 import Response

from tests.pages.markup import Markup, seen
from tests.pages.test_pages import token_of
from tests.web.place import NUMBERS, Place, secret


def send(place: Place, path: str, by: str = "", /, **fields: str) -> Response:
    headers = {"accept": "text/html", "accept-language": "en"} | (place.session(by) if by else {})
    return place.client.post(path, data=fields, headers=headers)


def test_a_command_by_form_is_done_and_leads_back(place: Place):
    incident = place.reported()["id"]
    answer = send(place, f"/incidents/{incident}/acknowledge", "alice")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/incidents/{incident}")
    assert "Alice took it" in seen(place, f"/incidents/{incident}").text


def test_a_refused_command_says_why_and_keeps_what_was_typed(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge")
    answer = send(place, f"/incidents/{incident}/resolve", "alice", note="", cause="A breaker", measure="x" * 4001)
    assert answer.status_code == 422
    assert "A breaker" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_an_illegal_command_is_a_sentence_on_the_page(place: Place):
    incident = place.reported()["id"]
    answer = send(place, f"/incidents/{incident}/accept-command", "alice")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text


def test_who_may_not_is_told_so_on_the_page(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "bob")
    answer = send(place, f"/incidents/{incident}/regrade", "alice", level="low", reason="No")
    assert answer.status_code == 403
    assert "No" in Markup(answer.text).text
    answer = send(place, f"/incidents/{incident}/note", "vera", text="I only look")
    assert answer.status_code == 403


def test_a_field_of_a_field_is_taken_apart(place: Place):
    incident = place.reported()["id"]
    answer = send(place, f"/incidents/{incident}/amend", "alice", **{"fields.place": "Hall 3", "fields.scope": ""})
    assert answer.status_code == 303
    assert "Hall 3" in seen(place, f"/incidents/{incident}").text


def test_a_report_by_form_opens_an_incident(place: Place):
    fields = {"title": "Burning smell", "kind": "fire_or_shock", "channel": "phone", "impact": "", "injury": "true"}
    answer = send(place, "/report", "alice", **fields)
    assert answer.status_code == 303
    page = seen(place, answer.headers["location"])
    assert "Burning smell" in page.text
    assert "Critical" in page.text


def test_an_incomplete_report_points_at_each_field(place: Place):
    blank = dict.fromkeys(("place", "product", "symptom", "scope", "impact", "urgency"), "")
    fields = {"title": "Slow", "kind": "software_fault", "channel": "phone", "level": "low"}
    answer = send(place, "/report", "alice", **fields, **blank)
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 4
    assert 'value="Slow"' in answer.text


def test_one_takes_it_on_the_page_behind_the_link_by_post_only(place: Place):
    incident = place.reported()["id"]
    token = token_of(place, "alice")
    page = seen(place, f"/a/{token}", by="")
    assert "I take it" in page.text
    assert "Why me?" in page.text
    assert place.client.get(f"/a/{token}/acknowledge").status_code == 405
    answer = send(place, f"/a/{token}/acknowledge")
    assert answer.headers["location"] == f"/a/{token}?did=acknowledge"
    page = seen(place, answer.headers["location"], by="")
    assert "Recorded: you have taken it." in page.text
    assert "You are the commander." in page.text
    place.act(incident, "offer-command", "alice", to="bob")


def test_one_who_cannot_passes_it_on_and_learns_who_is_next(place: Place):
    place.reported()
    token = token_of(place, "alice")
    assert "This pages one person now: Bob." in seen(place, f"/a/{token}", by="").text
    send(place, f"/a/{token}/decline")
    assert "passed it on" in seen(place, f"/a/{token}?did=decline", by="").text
    assert "I take it" in seen(place, f"/a/{token_of(place, 'bob')}?lang=en", by="").text


def test_the_link_of_one_person_speaks_for_nobody_else(place: Place):
    incident = place.reported()["id"]
    path = f"/a/{token_of(place, 'alice')}/acknowledge"
    assert send(place, path, person="charlie").status_code == 422
    assert "NOBODY HAS IT" in seen(place, f"/incidents/{incident}").text
    assert send(place, path, "dora").status_code == 303
    assert "Commander Alice" in seen(place, "/wall").text


def test_the_responders_sheet_ticks_tells_and_resolves(place: Place):
    incident = place.reported()["id"]
    token = token_of(place, "alice")
    send(place, f"/a/{token}/acknowledge")
    step = next(s for s in place.client.get(f"/api/incidents/{incident}", headers=place.key("viewer")).json()["steps"])
    assert send(place, f"/a/{token}/finish-step", step=step["id"]).status_code == 303
    assert send(place, f"/a/{token}/update", text="On my way").status_code == 303
    assert send(place, f"/a/{token}/resolve", note="Fuse").status_code == 303
    text = seen(place, f"/incidents/{incident}").text
    assert "On my way" in text
    assert "Verifying" in text


def test_somebody_stands_in_and_is_taken_out_again(place: Place):
    fields = {"person": "bob", "start": "2026-11-23T02:00", "end": "2026-11-23T20:00", "reason": "Alice is ill"}
    assert send(place, "/on-call/field-response/overrides", "alice", **fields).status_code == 403
    assert send(place, "/on-call/field-response/overrides", "charlie", **fields).status_code == 303
    assert "Bob stands in" in seen(place, "/on-call").text
    gone = {"person": "bob", "start": "2026-11-23T02:00:00+00:00"}
    assert send(place, "/on-call/field-response/overrides/remove", "charlie", **gone).status_code == 303
    assert "Bob stands in" not in seen(place, "/on-call").text


def test_a_shift_that_ends_before_it_starts_is_refused_with_the_form_open(place: Place):
    fields = {"person": "bob", "start": "2026-11-23T20:00", "end": "2026-11-23T02:00", "reason": "Swap"}
    answer = send(place, "/on-call/field-response/overrides", "charlie", **fields)
    assert answer.status_code == 422
    assert '<details class="ask" id="stand-in" open>' in answer.text
    assert 'value="Swap"' in answer.text


def test_a_reply_on_a_simulated_phone_takes_the_incident(place: Place):
    incident = place.reported()["id"]
    place.deliver()
    number = NUMBERS["alice"]
    assert send(place, f"/phones/{number}", "dora", body="1").status_code == 303
    assert "Alice took it" in seen(place, f"/incidents/{incident}").text


def test_a_wrong_password_tells_nothing_and_a_right_one_leads_on(place: Place):
    place.app.state.gate.sessions.set_password("dora", "a long enough password")
    answer = send(place, "/login", name="dora", password="no", next="/wall")
    assert answer.status_code == 401
    assert 'value="dora"' in answer.text
    assert Markup(answer.text).forms[-1].fields["password"] != "no"
    answer = send(place, "/login", name="dora", password="a long enough password", next="//evil.example/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_a_sign_in_link_works_once_and_only_by_its_button(place: Place):
    token = place.app.state.gate.sessions.make_link("dora")
    for _ in range(2):
        assert "signs you in once" in seen(place, f"/login/{token}", by="").text
    assert send(place, f"/login/{token}").headers["location"] == "/"
    place.client.cookies.clear()
    assert send(place, f"/login/{token}").status_code == 401


def test_signing_out_ends_the_session(place: Place):
    headers = {"accept": "text/html", **place.session("dora")}
    assert place.client.post("/logout", headers=headers).status_code == 303
    assert place.client.get("/", headers=headers).status_code == 303


def test_what_recovered_by_itself_can_still_be_taken_from_its_page(place: Place):
    """Given an alert that is over before anybody took it, when somebody wants to do its steps, then there is a way."""
    for more in ({}, {"status": "resolved"}):
        body = {"title": "Hot", "level": "high", "dedup_key": "k"} | more
        place.client.post(f"/hooks/generic/{secret('integration')}", json=body)
    page = seen(place, "/incidents/C1").text
    assert "Solved, nobody had it" in page
    assert "NOBODY HAS IT" not in page
    assert "/take-command" in place.client.get("/incidents/C1", headers=place.session("alice")).text
    assert send(place, "/incidents/C1/take-command", "alice").status_code == 303
    assert "Alice commands from now on" in seen(place, "/incidents/C1").text
