"""What a loud command would do is what it then does."""

from __future__ import annotations

from incident.commands import Acknowledge, Decline, Regrade
from incident.levels import Level
from tests.web.place import Place
from web.auth import Visitor
from web.pages.effects import Effect, effect
from web.reading import standing


def before(place: Place, incident: str, command: object) -> Effect:
    state, _ = standing(place.house, place.app.state.states, incident)
    visitor = Visitor("alice", "Alice", None, "en", "UTC")
    return effect(place.house, visitor, state, command)  # type: ignore[arg-type]


def test_to_pass_it_on_pages_whom_it_says(place: Place):
    incident = place.reported()["id"]
    foreseen = before(place, incident, Decline("alice", "web"))
    assert foreseen.paged == ("Bob",)
    done = place.act(incident, "decline", "alice")
    paged = [entry["fields"]["people"] for entry in done["entries"] if entry["kind"] == "paged"]
    assert [person["person_name"] for people in paged for person in people] == ["Bob"]


def test_a_graver_level_pages_anew_and_a_milder_one_nobody(place: Place):
    incident = place.reported(level="medium", kind="other", place="x", scope="x", symptom="x")["id"]
    assert before(place, incident, Regrade(Level.CRITICAL, "?")).paged
    assert before(place, incident, Regrade(Level.LOW, "?")).paged == ()


def test_what_would_be_refused_is_known_before(place: Place):
    incident = place.reported()["id"]
    refused = before(place, incident, Regrade(Level.CRITICAL, "?")).refused
    assert refused is not None
    assert refused.key == "refused.same_level"


def test_looking_writes_nothing(place: Place):
    incident = place.reported()["id"]
    log = place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json()
    before(place, incident, Acknowledge("alice", "web"))
    assert place.client.get(f"/api/incidents/{incident}/log", headers=place.key("viewer")).json() == log
