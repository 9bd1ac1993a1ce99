"""The page that plays an incident or a drill back: its picture, its words, and that it changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from drills import keeping
from drills.score import profile
from incident.store.engine import changing, reading
from incident.store.log import last_position
from incident.words import LOCALES
from tests.drills.test_simulate import outside, played
from tests.web.place import Place
from web.say import LANG


def closed(place: Place) -> dict[str, Any]:
    """Reported, left alone for a while, taken, resolved, proved and closed."""
    made = place.reported(level="low", kind="other")
    place.later(minutes=50)
    place.act(made["id"], "acknowledge", person="alice")
    place.later(minutes=10)
    place.act(made["id"], "resolve", person="alice", cause="a fuse", measure="exchanged")
    place.act(made["id"], "verify", by="charlie", person="charlie", test="it runs", passed=True)
    shown = place.client.get(f"/api/incidents/{made['id']}", headers=place.key("viewer")).json()
    for item in shown["closeout"]:
        place.act(made["id"], "tick-closeout", item=item["id"])
    place.later(hours=30)
    return place.act(made["id"], "close", by="charlie", summary="done")["incident"]


def kept(place: Place, seed: int = 1) -> str:
    with changing(place.house.engine) as connection:
        return keeping.keep(connection, played(seed=seed), outside().plans.policy("drill"), profile()).id


def text_of(place: Place, path: str, by: str = "vera") -> str:
    answer = place.client.get(path, headers=place.session(by))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_closed_incident_leads_to_it_and_one_that_goes_on_does_not(place: Place):
    goes_on = place.reported()
    assert "/playback" not in text_of(place, f"/incidents/{goes_on['id']}")
    for path in ("/incidents", "/api/incidents"):
        answer = place.client.get(f"{path}/{goes_on['id']}/playback", headers=place.session("vera"))
        assert answer.status_code == 409
        assert "It goes on" in answer.text
    made = closed(place)
    assert made["phase"] == "closed"
    for page in ("", "/report"):
        assert f'href="/incidents/{made["id"]}/playback"' in text_of(place, f"/incidents/{made['id']}{page}")


@pytest.mark.parametrize("locale", LOCALES)
def test_without_a_script_it_is_the_picture_and_the_whole_timeline(place: Place, locale: str):
    made = closed(place)
    page = text_of(place, f"/incidents/{made['code']}/playback?lang={LANG[locale]}")
    shown = [int(seq) for seq in re.findall(r'<li id="e(\d+)" data-seq', page)]
    assert shown == list(range(made["seq"], 0, -1))
    assert 'id="controls"' in page
    assert not re.findall(r">\s*playback\.[\w.]+\s*<", page)
    assert "style=" not in page
    picture = page.partition('<svg id="picture"')[2].partition("</figure>")[0]
    assert "Alice" in picture
    assert 'class="band nobody"' in picture or 'class="band handled"' in picture
    assert 'class="flag' in picture


def test_the_last_frame_is_the_incident_as_it_stands_now(place: Place):
    made = closed(place)
    path = f"/api/incidents/{made['id']}"
    frames, after = [], 0
    while after is not None:
        answer = place.client.get(f"{path}/playback?after={after}&limit=5", headers=place.key("viewer")).json()
        frames += answer["items"]
        after = answer["next"]
    log = place.client.get(f"{path}/log?limit=1000", headers=place.key("viewer")).json()["items"]
    assert [frame["entry"] for frame in frames] == log
    now = place.client.get(path, headers=place.key("viewer")).json()
    last = frames[-1]["standing"]
    for name in ("level", "phase", "commander", "clocks", "posts", "restored_percent"):
        assert last[name] == now[name], name
    assert last["due"] == []
    assert not last["ringing"]
    assert frames[0]["standing"]["phase"] == "reported"


def test_a_kept_drill_of_any_form_is_played_from_the_copy_that_was_sealed(place: Place):
    name = kept(place)
    assert f'href="/drills/{name}/playback"' in text_of(place, "/drills")
    page = text_of(place, f"/drills/{name[:12]}/playback")
    entries = played().entries
    assert len(re.findall(r'<li id="e\d+" data-seq', page)) == len(entries)
    assert "演练" in page or "DRILL" in page
    assert "drill:" not in page  # its actors by their names
    found = place.client.get(
        f"/api/drills/{name}/playback?after={len(entries) - 1}", headers=place.key("viewer")
    ).json()
    assert found["next"] is None
    [last] = found["items"]
    assert last["standing"]["phase"] == "closed"
    assert place.client.get("/api/drills/nothing/playback", headers=place.key("viewer")).status_code == 404


def test_a_live_drill_is_played_once_it_has_ended_and_not_before(place: Place):
    dora = place.session("dora")
    name = place.client.post("/api/drills", json={"script": "data-centre-outage"}, headers=dora).json()["name"]
    incident = place.client.get(f"/api/drills/{name}/console", headers=dora).json()["incident"]
    assert place.client.get(f"/incidents/{incident}/playback", headers=dora).status_code == 409
    for deed in ({"act": "observe", "done": "done", "text": "calm"}, {"act": "end"}):
        assert place.client.post(f"/api/drills/{name}/acts", json=deed, headers=dora).status_code == 200
    assert f'href="/incidents/{incident}/playback"' in text_of(place, f"/incidents/{incident}", by="dora")
    of_incident = text_of(place, f"/incidents/{incident}/playback", by="dora")
    assert 'data-kind="drill_ended"' in of_incident
    [row] = place.client.get("/api/drills", headers=place.key("viewer")).json()["items"]
    of_copy = text_of(place, f"/drills/{row['id']}/playback", by="dora")
    shown = [len(re.findall(r'<li id="e\d+" data-seq', page)) for page in (of_incident, of_copy)]
    assert shown[1] <= shown[0]
    assert place.client.get(f"/incidents/{incident}/against-today", headers=dora).status_code == 409


def test_a_tabletop_of_notes_alone_is_played_too(place: Place):
    dora = place.session("dora")
    name = place.client.post("/api/tabletops", json={"script": "data-centre-outage"}, headers=dora).json()["name"]
    for deed in ({"act": "read", "inject": 1}, {"act": "judge", "inject": 1, "done": "done"}, {"act": "end"}):
        told = place.client.post(f"/api/tabletops/{name}/acts", json=deed, headers=dora)
        assert told.status_code == 200, told.text
    [row] = place.client.get("/api/drills", headers=place.key("viewer")).json()["items"]
    page = text_of(place, f"/drills/{row['id']}/playback")
    assert len(re.findall(r'<li id="e\d+" data-seq', page)) >= 2
    frames = place.client.get(f"/api/drills/{row['id']}/playback", headers=place.key("viewer")).json()["items"]
    assert not any(frame["standing"]["ringing"] for frame in frames)


def test_looking_writes_nothing(place: Place):
    made, name = closed(place), kept(place)
    with reading(place.house.engine) as connection:
        before = last_position(connection)
    for path in (f"/incidents/{made['id']}/playback", f"/drills/{name}/playback"):
        text_of(place, path)
        assert place.client.get(f"/api{path}", headers=place.key("viewer")).status_code == 200
    with reading(place.house.engine) as connection:
        assert last_position(connection) == before


def test_a_page_of_frames_is_bounded(place: Place):
    made = closed(place)
    answer = place.client.get(f"/api/incidents/{made['id']}/playback?limit=201", headers=place.key("viewer"))
    assert answer.status_code == 422
    assert (
        len(
            place.client.get(f"/api/incidents/{made['id']}/playback?limit=1", headers=place.key("viewer")).json()[
                "items"
            ]
        )
        == 1
    )


def test_days_are_named_where_they_are_not_the_first(place: Place):
    made = closed(place)
    page = text_of(place, f"/incidents/{made['id']}/playback?lang=en")
    first, last = (
        re.findall(r'<time datetime="[^"]+">([^<]+)</time>', page)[-1],
        re.findall(r"<time [^>]+>([^<]+)<", page)[0],
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d", first)
    assert re.search(r"\b2\d Nov|Nov 2\d|November", last)
