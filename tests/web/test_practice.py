"""Practising alone: one person, the real engine, nobody else; scored, shown to them, and counted nowhere but there."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from drills.practice import A_DAY, IDLE
from incident.desk.clerk import Clerk
from incident.marks import is_practice
from incident.store.engine import changing, reading
from incident.store.tables import links, log, outbox
from tests.web.place import Place, opened, settle
from web import drilling

pytestmark = pytest.mark.long

SCRIPT = "data-centre-outage"
EXPECTED = "two nodes both claim"  # of a message that is to come


def begun(place: Place, by: str = "alice", **body: object) -> dict[str, Any]:
    answer = place.client.post("/api/practices", json=body or {"script": SCRIPT}, headers=place.session(by))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wishes(place: Place, name: str, act: str, by: str = "alice") -> Any:
    return place.client.post(f"/api/practices/{name}/acts", json={"act": act}, headers=place.session(by))


def seen(place: Place, name: str, by: str = "alice") -> dict[str, Any]:
    answer = place.client.get(f"/api/practices/{name}", headers=place.session(by))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def of(place: Place, incident: str, by: str = "alice") -> dict[str, Any]:
    found: dict[str, Any] = place.client.get(f"/api/incidents/{incident}", headers=place.session(by)).json()
    return found


def ordered(place: Place) -> tuple[int, int]:
    """Messages and links that were ever made."""
    with reading(place.house.engine) as connection:
        counts = [connection.scalar(select(func.count()).select_from(table)) or 0 for table in (outbox, links)]
    return counts[0], counts[1]


def works_through(place: Place, incident: str, by: str = "alice") -> None:
    """Handle it as its playbook says, until it is closed."""
    place.act(incident, "acknowledge", by)
    place.act(incident, "fill-post", by, post="scribe", person="played-hand")
    place.act(incident, "update", by, text="We are on it.")
    for _ in range(60):
        steps = [
            one for one in of(place, incident, by)["steps"] if one["status"] == "waiting" and not one["waiting_for"]
        ]
        if not steps:
            break
        for step in steps:
            place.act(incident, "start-step", by, step=step["id"])
            place.act(incident, "finish-step", by, step=step["id"])
    place.act(incident, "restore", by)
    place.act(incident, "resolve", by, cause="power", measure="switched over")
    drilling.look(place.house)
    for item in of(place, incident, by)["closeout"]:
        place.act(incident, "tick-closeout", by, item=item["id"])
    if "follow-up" in of(place, incident, by)["allowed"]:
        place.act(incident, "follow-up", by, text="They are content.")
    place.act(incident, "close", by)
    drilling.look(place.house)


def test_one_person_plays_it_to_the_close_and_sees_the_score_with_what_shows_it(place: Place):
    one = begun(place)
    incident = one["incident"]
    assert [page["person"] for page in of(place, incident)["alarm"]["paged"]] == ["alice"]
    works_through(place, incident)
    shown = seen(place, one["name"])
    assert (shown["over"], shown["scored"]) == (True, True)
    assert shown["total"] > 60
    steps = next(item for item in shown["score"]["items"] if item["name"] == "steps")
    assert steps["ratio"] == 1.0
    assert all(line["seq"] for line in steps["lines"])
    assert all(step["seq"] for step in shown["wanted"]["steps"])
    satisfaction = next(item for item in shown["score"]["items"] if item["name"] == "satisfaction")
    assert satisfaction["points"] is None  # nobody was asked
    assert EXPECTED in str(shown["wanted"]["messages"])


def test_it_is_the_same_on_postgresql(tmp_path: Path, postgres_url: str):
    settle(postgres_url)
    with opened(tmp_path, None, database_url=postgres_url) as place:
        one = begun(place)
        place.act(one["incident"], "acknowledge")
        place.later(minutes=2)
        assert wishes(place, one["name"], "next").status_code == 200
        assert wishes(place, one["name"], "end").json()["scored"]
        assert [row["rating"] for row in _list(place, "dora")] == ["U"]
        assert ordered(place) == (0, 0)
        assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []
        for name in ("%00", "%25", "_", "-"):
            assert place.client.get(f"/api/practices/{name}", headers=place.session("alice")).status_code == 404, name


def test_no_message_leaves_and_nobody_else_is_in_it(place: Place):
    one = begun(place)
    for _ in range(8):
        place.later(minutes=20)
        place.act(one["incident"], "note", text="still here")
        drilling.look(place.house)
    assert ordered(place) == (0, 0)
    paged = {page["person"] for page in of(place, one["incident"])["alarm"]["paged"]}
    assert {person for person in paged if not person.startswith("played-")} == {"alice"}
    place.deliver()
    assert ordered(place) == (0, 0)


def test_it_stands_in_no_list_figure_wall_or_coverage(place: Place):
    one = begun(place)
    works_through(place, one["incident"])
    Clerk(place.house.engine).catch_up()
    reader = place.key("viewer")
    for path in ("/api/incidents", "/api/incidents?drill=true", "/api/incidents?q=data", "/api/drills"):
        assert place.client.get(path, headers=reader).json()["items"] == [], path
    figures = place.client.get("/api/statistics", headers=reader).json()
    assert (figures["open"], figures["phases"]) == (dict.fromkeys(figures["open"], 0), {})
    assert one["code"] not in place.client.get("/", headers=reader).text
    assert one["code"] not in place.client.get("/wall", headers=reader).text
    playbooks = place.client.get("/api/playbooks", headers=reader).json()["items"]
    assert all(playbook["last_drill"] is None for playbook in playbooks)
    for form in ("people", "simulated", "all"):
        page = place.client.get(f"/drills?form={form}", headers=place.session("vera")).text
        assert "heat-" not in page
        assert one["code"] not in page


def test_who_practises_sees_no_script_before_the_end(place: Place):
    one = begun(place)
    for path in (f"/api/practices/{one['name']}", f"/drills/practice/{one['name']}", f"/incidents/{one['incident']}"):
        assert EXPECTED not in place.client.get(path, headers=place.session("alice")).text
    assert place.client.get(f"/drills/{one['name']}/console", headers=place.session("dora")).status_code == 404


def test_the_next_message_may_come_at_once(place: Place):
    one = begun(place)
    drilling.look(place.house)
    before = seen(place, one["name"])["to_come"]
    assert wishes(place, one["name"], "next").json()["to_come"] == before - 1
    for _ in range(before - 1):
        assert wishes(place, one["name"], "next").status_code == 200
    assert wishes(place, one["name"], "next").status_code == 409


def test_two_practise_at_once_and_neither_acts_in_or_sees_the_others(place: Place):
    mine, others = begun(place, "alice"), begun(place, "bob")
    assert [one["name"] for one in _list(place, "alice")] == [mine["name"]]
    assert [one["name"] for one in _list(place, "bob")] == [others["name"]]
    assert {one["name"] for one in _list(place, "dora")} == {mine["name"], others["name"]}
    for path in (
        f"/api/practices/{mine['name']}",
        f"/drills/practice/{mine['name']}",
        f"/incidents/{mine['incident']}",
    ):
        assert place.client.get(path, headers=place.session("bob")).status_code == 403, path
        assert place.client.get(path, headers=place.session("dora")).status_code == 200, path
    for by in (place.session("bob"), place.session("dora"), place.key("commander")):
        acted = place.client.post(f"/api/incidents/{mine['incident']}/note", json={"text": "mine"}, headers=by)
        assert acted.status_code == 409
    assert wishes(place, mine["name"], "end", "bob").status_code == 403
    assert wishes(place, mine["name"], "end", "dora").status_code == 409
    assert of(place, mine["incident"])["commander"] is None


def _list(place: Place, by: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = place.client.get("/api/practices", headers=place.session(by)).json()["items"]
    return found


def test_one_person_has_one_open(place: Place):
    one = begun(place)
    again = place.client.post("/api/practices", json={"script": SCRIPT}, headers=place.session("alice"))
    assert again.status_code == 409
    wishes(place, one["name"], "give_up")
    assert begun(place)["name"] != one["name"]


def test_one_given_up_or_left_lying_is_not_scored(place: Place):
    one = begun(place)
    given_up = wishes(place, one["name"], "give_up").json()
    assert (given_up["over"], given_up["scored"], given_up["score"]) == (True, False, None)
    left = begun(place)
    place.act(left["incident"], "acknowledge")
    place.clock.move(IDLE - timedelta(minutes=1))
    drilling.look(place.house)
    assert not seen(place, left["name"])["over"]
    place.clock.move(timedelta(minutes=1))
    drilling.look(place.house)
    over = seen(place, left["name"])
    assert (over["over"], over["scored"]) == (True, False)
    assert "an hour" in over["unscored"]
    assert _list(place, "alice")[0]["scored"] is False


def test_nobody_begins_more_than_so_many_a_day(place: Place):
    for _ in range(A_DAY):
        wishes(place, begun(place)["name"], "give_up")
    again = place.client.post("/api/practices", json={"script": SCRIPT}, headers=place.session("alice"))
    assert again.status_code == 409
    place.clock.move(timedelta(days=1, minutes=1))
    begun(place)


def test_a_real_critical_stops_it_and_none_begins_meanwhile(place: Place):
    one = begun(place)
    place.act(one["incident"], "acknowledge")
    real = place.reported()
    drilling.look(place.house)
    assert seen(place, one["name"])["state"] == "suspended"
    refused = place.client.post("/api/practices", json={"script": SCRIPT}, headers=place.session("bob"))
    assert refused.status_code == 409
    assert wishes(place, one["name"], "resume").status_code == 409
    place.act(real["id"], "acknowledge", "bob")
    assert wishes(place, one["name"], "resume").json()["state"] == "running"
    paged = {page["person"] for page in of(place, real["id"])["alarm"]["paged"]}
    assert paged
    assert not any(person.startswith("played-") for person in paged)


def test_a_real_critical_ends_what_nobody_has_taken(place: Place):
    one = begun(place)
    place.reported()
    drilling.look(place.house)
    over = seen(place, one["name"])
    assert (over["over"], over["scored"]) == (True, False)


def test_a_closed_incident_can_be_practised_and_an_open_one_cannot(place: Place):
    real = place.reported(title="Rack lost power")
    for body in (
        {"incident": real["code"]},
        {},
        {"script": SCRIPT, "incident": real["code"]},
        {"script": "/etc/passwd"},
    ):
        answer = place.client.post("/api/practices", json=body, headers=place.session("alice"))
        assert answer.status_code == 422, body
    place.act(real["id"], "acknowledge")
    place.act(real["id"], "resolve", cause="power", measure="fixed")
    _closes(place, real["id"])
    assert "Rack lost power" in place.client.get("/drills/practice", headers=place.session("alice")).text
    one = begun(place, incident=real["code"])
    incident = of(place, one["incident"])
    assert (incident["title"], is_practice(incident["drill"])) == ("Rack lost power", True)
    place.act(one["incident"], "acknowledge")
    ended = wishes(place, one["name"], "end").json()
    assert ended["scored"]
    page = place.client.get(f"/drills/practice/{one['name']}", headers=place.session("alice")).text
    assert f"/incidents/{real['code']}/report" in page
    played = place.client.get(f"/incidents/{one['incident']}/playback", headers=place.session("alice"))
    assert played.status_code == 200
    assert place.client.get(f"/incidents/{one['incident']}/playback", headers=place.session("bob")).status_code == 403
    assert ended["again"] == {"script": None, "incident": real["code"]}


def _closes(place: Place, incident: str) -> None:
    place.act(incident, "verify", "bob", test="measured")
    for step in of(place, incident)["steps"]:
        if step["status"] == "waiting":
            place.act(incident, "skip-step", "alice", step=step["id"], reason="not needed")
    for item in of(place, incident)["closeout"]:
        place.act(incident, "tick-closeout", item=item["id"])
    if "follow-up" in of(place, incident)["allowed"]:
        place.act(incident, "follow-up", text="content")
    place.act(incident, "close")


def test_a_real_incident_is_never_folded_into_a_practice(place: Place):
    real = place.reported(title="Rack lost power", level="low", kind="other")
    one = begun(place)
    for by in ("alice", "charlie"):
        merged = place.client.post(
            f"/api/incidents/{real['id']}/merge", json={"into": one["code"]}, headers=place.session(by)
        )
        assert merged.status_code in (403, 409)
    assert of(place, real["id"])["phase"] != "merged"


def test_a_practice_is_merged_into_no_real_incident(place: Place):
    real = place.reported(title="Rack lost power", level="low", kind="other")
    one = begun(place)
    assert "merge" not in of(place, one["incident"])["allowed"]
    into = {"json": {"into": real["code"]}, "headers": place.session("alice")}
    assert place.client.post(f"/api/incidents/{one['incident']}/merge", **into).status_code in (403, 409)


def test_an_altered_log_has_no_points(place: Place):
    one = begun(place)
    place.act(one["incident"], "acknowledge")
    place.act(one["incident"], "note", text="as it was")
    wishes(place, one["name"], "end")
    assert _list(place, "alice")[0]["rating"] == "U"
    note = (log.c.incident == one["incident"]) & (log.c.kind == "noted")
    with changing(place.house.engine) as connection:
        connection.execute(update(log).where(note).values(body='{"text":"as it never was"}'))
    assert _list(place, "alice")[0]["rating"] is None
    assert seen(place, one["name"])["score"]["void"] is True


def test_a_scored_practice_is_training_of_its_person_and_an_admin_may_record_a_session_of_it(place: Place):
    one = begun(place)
    place.act(one["incident"], "acknowledge")
    assert "/drills/practice/" not in place.client.get("/training", headers=place.session("alice")).text
    wishes(place, one["name"], "end")
    mine = place.client.get("/training", headers=place.session("alice")).text
    assert f"/drills/practice/{one['name']}" in mine
    assert "attended=alice" not in mine
    assert one["name"] not in place.client.get("/training", headers=place.session("bob")).text
    page = place.client.get("/training", headers=place.session("dora")).text
    link = unescape(page.split('href="/training?topic=')[1].split('"')[0])
    form = place.client.get(f"/training?topic={link}".split("#", maxsplit=1)[0], headers=place.session("dora")).text
    assert 'name="attended.alice" value="yes" checked' in form
    assert "Practised alone: Data-centre outage at night" in form


@pytest.mark.parametrize("by", ["alice", "dora"])
def test_the_pages_lead_through_it(place: Place, by: str):
    page = {**place.session(by), "accept": "text/html"}
    assert "/drills/practice" in place.client.get("/drills", headers=page).text
    answer = place.client.post("/drills/practice", data={"script": SCRIPT}, headers=page)
    assert answer.status_code == 303
    incident = answer.headers["location"]
    shown = place.client.get(incident, headers=page).text
    assert "your colleagues are played" in shown
    assert "I take it" in shown
    name = shown.split("/drills/practice/")[1].split('"')[0]
    answer = place.client.post(f"/drills/practice/{name}", data={"act": "next"}, headers=page)
    assert answer.headers["location"] == incident
    answer = place.client.post(f"/drills/practice/{name}", data={"act": "end"}, headers=page)
    assert answer.headers["location"] == f"/drills/practice/{name}"
    over = place.client.get(f"/drills/practice/{name}", headers=page).text
    assert EXPECTED in over
    assert "Try again" in over
    assert "See how it went" in place.client.get(incident, headers=page).text


def test_the_next_message_is_offered_as_long_as_one_is_to_come(place: Place):
    practice = begun(place)
    path, by = f"/incidents/{practice['incident']}", {"accept": "text/html", **place.session("alice")}
    for _ in range(seen(place, practice["name"])["to_come"]):
        assert "Next message now" in place.client.get(path, headers=by).text
        assert wishes(place, practice["name"], "next").status_code == 200
    page = place.client.get(path, headers=by).text
    assert "Next message now" not in page
    assert "No more message is to come." in page


def test_the_page_says_who_runs_it_in_words_and_of_no_message_that_it_is_on_its_way(place: Place):
    practice = begun(place)
    path, by = f"/incidents/{practice['incident']}", {"accept": "text/html", **place.session("alice")}
    page = place.client.get(f"{path}?lang=en", headers=by).text
    assert "<b>Exercise control</b>" in page
    assert "<b>control</b>" not in page
    assert "on its way" not in page
    assert "on duty (Response)" in page
    assert "导调组" in place.client.get(f"{path}?lang=zh-Hans", headers=by).text
