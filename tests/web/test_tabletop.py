"""The tabletop in the browser: read out, judged, kept and scored as at the terminal; its participants never see it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from drills import keeping
from drills.score import profile
from drills.script.reader import open_script
from drills.tabletop import Tabletop
from incident.clock import MovedClock
from incident.store import live
from incident.store.engine import reading
from tests.web.place import START, Place
from web import drilling

SCRIPT = "data-centre-outage"
SECRET = "two nodes both claim"  # of an inject


def begun(place: Place, participants: str = "alice, Charlie") -> str:
    body = {"script": SCRIPT, "participants": participants}
    answer = place.client.post("/api/tabletops", json=body, headers=place.session("dora"))
    assert answer.status_code == 201, answer.text
    name: str = answer.json()["name"]
    return name


def seen(place: Place, name: str, by: str = "dora") -> dict[str, Any]:
    answer = place.client.get(f"/api/tabletops/{name}", headers=place.session(by))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def acts(place: Place, name: str, by: str = "dora", **body: object) -> int:
    return place.client.post(f"/api/tabletops/{name}/acts", json=body, headers=place.session(by)).status_code


def shown(place: Place, path: str, by: str = "dora") -> str:
    answer = place.client.get(path, headers={"accept": "text/html", **place.session(by)})
    assert answer.status_code == 200
    return answer.text


def played_through(place: Place, name: str) -> None:
    """Every inject is read out in its turn and done, help is left out, and what is left is done, too."""
    for inject in seen(place, name)["injects"]:
        place.clock.move(timedelta(minutes=2))
        act = "skip" if inject["contingency"] else "read"
        assert acts(place, name, act=act, inject=inject["number"]) == 200
        if act == "read":
            assert acts(place, name, act="judge", inject=inject["number"], done="done") == 200
    for one in seen(place, name)["rest"]:
        assert acts(place, name, act="judge", measure=one["measure"], done="done") == 200


def test_it_is_started_on_the_page_and_pages_nobody(place: Place):
    page = shown(place, f"/drills/tabletop?script={SCRIPT}")
    assert "Nobody is paged" in page
    assert "Charlie" in page  # proposed: the first message would page him
    form = {"script": SCRIPT, "participants": "Alice\nbob", "once": re.findall(r'name="once" value="(\w+)"', page)[0]}
    first, again = (place.client.post("/drills/tabletop", data=form, headers=place.session("dora")) for _ in "12")
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]  # pressed twice, begun once
    with reading(place.house.engine) as connection:
        assert len(live.tables(connection)) == 1
        assert live.unfinished(connection) == []  # nobody looks at it, and no live drill waits for it
    drilling.look(place.house)
    assert place.client.get("/api/incidents", headers=place.key("viewer")).json()["items"] == []
    assert first.headers["location"] in shown(place, "/drills")


@pytest.mark.parametrize("body", [{"script": "/etc/passwd"}, {"script": SCRIPT, "participants": "Alice, Nobody"}])
def test_a_path_or_a_stranger_begins_nothing(place: Place, body: dict[str, str]):
    assert place.client.post("/api/tabletops", json=body, headers=place.session("dora")).status_code == 422
    page = place.client.post("/drills/tabletop", data=body, headers=place.session("dora"))
    assert page.status_code == 422
    with reading(place.house.engine) as connection:
        assert live.tables(connection) == []


def test_whoever_sits_at_the_table_never_sees_the_script(place: Place):
    name = begun(place)
    for who in ("alice", "vera", "charlie"):  # charlie may run drills, but takes part in this one
        for path in (f"/drills/{name}/tabletop", f"/api/tabletops/{name}"):
            answer = place.client.get(path, headers=place.session(who))
            assert answer.status_code == 403
            assert SECRET not in answer.text
    assert acts(place, name, "charlie", act="pause") == 403
    assert seen(place, name)["state"] == "running"
    assert place.client.get(f"/api/tabletops/{name}", headers=place.key("commander")).status_code == 200


def test_one_inject_after_the_other_back_and_forth(place: Place):
    name = begun(place)
    path = f"/drills/{name}/tabletop"
    page = shown(place, path)
    assert "The opening report" in page
    assert SECRET not in page  # only the inject that is shown stands there
    dora = place.session("dora")
    for _ in range(2):  # pressed twice
        answer = place.client.post(path, data={"act": "read", "inject": "1"}, headers=dora)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{path}?inject=1")
    judged = {"act": "judge", "inject": "1", "done": "partly", "who": "Alice", "note": "asks <b>twice</b>"}
    for _ in range(2):
        assert place.client.post(path, data=judged, headers=dora).status_code == 303
    with reading(place.house.engine) as connection:
        assert [act.kind for act in live.acts(connection, f"table/{name}")] == ["present", "sent", "judged"]
    page = shown(place, path)  # another browser goes on where this one stood
    assert open_script(SCRIPT).injects[0].text.en in page
    assert "asks &lt;b&gt;twice" in page
    assert 'data-key="1"' in page
    assert 'data-key="n"' in page
    assert "The opening report" in shown(place, f"{path}?inject=0")
    assert "What is left" in shown(place, f"{path}?inject=rest")
    assert shown(place, f"{path}?inject=nothing").count("asks &lt;b&gt;twice") == page.count("asks &lt;b&gt;twice")
    unread = {"act": "judge", "inject": "5", "done": "done"}
    assert place.client.post(path, data=unread, headers=dora).status_code == 409


def test_a_pause_stops_the_clock(place: Place):
    name = begun(place)
    place.later(minutes=3)
    assert acts(place, name, act="pause") == 200
    assert acts(place, name, act="pause") == 200  # nothing more
    assert acts(place, name, act="read", inject=1) == 409
    place.later(minutes=30)
    assert seen(place, name)["elapsed_min"] == 3
    assert acts(place, name, act="resume") == 200
    place.later(minutes=1)
    assert seen(place, name)["elapsed_min"] == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"act": "read"}, 422),
        ({"act": "judge", "inject": 1}, 422),
        ({"act": "judge", "done": "done"}, 422),
        ({"act": "judge", "done": "done", "measure": "luck"}, 422),
        ({"act": "judge", "done": "done", "measure": "satisfaction"}, 409),
        ({"act": "judge", "done": "done", "inject": 1}, 409),  # not read out yet
        ({"act": "read", "inject": 99}, 409),
    ],
)
def test_half_a_deed_does_nothing(place: Place, body: dict[str, object], status: int):
    name = begun(place)
    before = seen(place, name)
    assert acts(place, name, **body) == status
    assert seen(place, name) == before


def test_the_score_is_the_terminals(place: Place):
    name = begun(place)
    rest = f"/drills/{name}/tabletop?inject=rest"
    assert shown(place, rest).count('data-key="1"') == 1  # the keys judge the first one that is left
    played_through(place, name)
    assert 'data-key="1"' not in shown(place, rest)
    assert acts(place, name, act="judge", inject=1, done="not", who="Bob", note="nobody spoke") == 200
    assert acts(place, name, act="end") == 200
    assert acts(place, name, act="end") == 200
    assert acts(place, name, act="read", inject=1) == 409
    kept = seen(place, name)["kept"]
    with reading(place.house.engine) as connection:
        played = keeping.find(connection, kept, profile())
    assert "At the table: Alice, Charlie" in shown(place, f"/drills/{kept}/report")
    table = Tabletop(open_script(SCRIPT), drilling.room_of(place.house).outside(), MovedClock(START), "t", "en")
    table.open()
    for inject in table.script.injects:
        if not inject.contingency:
            table.read(inject)
            table.judge(inject.measure, "done")
    for measure in table.left():
        table.judge(measure, "done")
    table.judge(table.script.injects[0].measure, "not")
    mine, theirs = (one.score(profile()) for one in (played, table.finish(profile())))
    assert mine.total == theirs.total
    assert (mine.stands, mine.void) == (theirs.stands, False)
    assert [mark.ratio for mark in mine.marks] == [mark.ratio for mark in theirs.marks]
    assert any("Bob: nobody spoke" in getattr(entry.event, "text", "") for entry in played.entries)
    times = {entry.at for entry in played.entries}
    assert len(times) > len(played.script.injects)  # each at its own time
    (row,) = place.client.get("/api/drills", headers=place.key("viewer")).json()["items"]
    assert (row["id"], row["form"]) == (kept, "tabletop")
    assert f"/drills/{kept}/report" in shown(place, f"/drills/{name}/tabletop")
    assert place.client.get(f"/drills/{kept}/report", headers=place.key("viewer")).status_code == 200


def test_help_that_was_read_out_is_capped(place: Place):
    name = begun(place)
    number = next(inject["number"] for inject in seen(place, name)["injects"] if inject["contingency"])
    assert acts(place, name, act="read", inject=number) == 200
    assert acts(place, name, act="skip", inject=number) == 409
    assert acts(place, name, act="judge", inject=number, done="done") == 200
    assert acts(place, name, act="end") == 200
    with reading(place.house.engine) as connection:
        played = keeping.find(connection, seen(place, name)["kept"], profile())
    (help_,) = played.observations.helps
    assert help_.inject == number
    assert played.score(profile()).mark(help_.measure.item).ratio == 0.5


def test_one_at_which_nothing_was_judged_is_not_kept(place: Place):
    """And its console says so before it is ended."""
    name = begun(place)
    assert "Nothing has been judged yet" in shown(place, f"/drills/{name}/tabletop")
    assert acts(place, name, act="end") == 200
    assert seen(place, name)["kept"] == ""
    assert "not kept" in shown(place, f"/drills/{name}/tabletop")
    assert name not in shown(place, "/drills")
    assert place.client.get("/api/drills", headers=place.key("viewer")).json()["items"] == []


def test_it_is_read_in_the_facilitators_language(place: Place):
    name = begun(place)
    assert acts(place, name, act="read", inject=1) == 200
    for lang in ("zh-Hans", "zh-Hant"):
        page = shown(place, f"/drills/{name}/tabletop?lang={lang}")
        assert open_script(SCRIPT).injects[0].text.for_locale(lang.replace("-", "_")) in page
