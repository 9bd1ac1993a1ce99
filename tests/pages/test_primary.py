"""The primary action: always the next sensible thing for whoever looks."""

from __future__ import annotations

from datetime import timedelta

from incident.record.shapes import IncidentView
from tests.web.place import START, Place
from web.pages.primary import Primary, primary
from web.reading import standing, view


def look(place: Place, incident: str) -> IncidentView:
    state, _ = standing(place.house, place.app.state.states, incident)
    return view(place.house, state, "en")


def offered(place: Place, incident: str, person: str | None = "alice", minutes: float = 0) -> Primary | None:
    return primary(look(place, incident), person, START + timedelta(minutes=minutes))


def test_what_nobody_has_is_taken_first(place: Place):
    incident = place.reported()["id"]
    assert offered(place, incident) == Primary("do.take", "acknowledge")
    assert offered(place, incident, None) is None


def test_an_offer_of_command_goes_before_everything(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "alice")
    place.act(incident, "offer-command", "alice", to="bob")
    assert offered(place, incident, "bob") == Primary("do.accept", "accept-command")
    assert offered(place, incident, "alice") != Primary("do.accept", "accept-command")


def test_a_late_word_goes_before_the_next_step_for_the_commander_only(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "alice")
    late = offered(place, incident, "alice", minutes=30)
    assert late is not None
    assert late.says == "do.update"
    others = offered(place, incident, "bob", minutes=30)
    assert others is not None
    assert others.says == "do.start_step"


def test_one_starts_a_step_and_ends_it_before_the_next(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "alice")
    start = offered(place, incident)
    assert start is not None
    assert start.command == "start-step"
    place.act(incident, "start-step", "alice", step=start.values["step"])
    finish = offered(place, incident)
    assert finish is not None
    assert (finish.command, finish.values) == ("finish-step", start.values)


def test_the_end_is_tested_then_completed_then_closed(place: Place):
    incident = place.reported(level="low")["id"]
    place.act(incident, "acknowledge", "alice")
    place.act(incident, "resolve", "alice")
    assert getattr(offered(place, incident), "says", "") == "do.verify"
    place.act(incident, "verify", "bob", test="Tried it", passed=True)
    assert getattr(offered(place, incident), "says", "") == "do.finish"
    place.act(incident, "record-findings", "alice", cause="A breaker", measure="Replaced")
    view_now = look(place, incident)
    for item in view_now.closeout:
        place.act(incident, "tick-closeout", "alice", item=item.id)
    for step in view_now.steps:
        if step.weight == "critical" and step.status == "waiting":
            place.act(incident, "skip-step", "alice", step=step.id, reason="Not needed")
    if any(why.key == "close.no_follow_up" for why in look(place, incident).to_close):
        place.act(incident, "follow-up", "alice", text="All well")
    assert look(place, incident).to_close == ()
    assert getattr(offered(place, incident), "says", "") == "do.close"
    place.act(incident, "close", "charlie")
    assert offered(place, incident) is None
