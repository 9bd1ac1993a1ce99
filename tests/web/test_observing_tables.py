"""Evaluators of a tabletop: what is asked now, rated on their own phone, beside the facilitator's, under their name."""

from __future__ import annotations

import re
from html import unescape

import pytest

from drills import keeping
from drills.measures import Item
from drills.score import profile
from drills.script.reader import open_script
from drills.simulate.play import Played
from incident.store.engine import reading
from tests.web.place import Place
from tests.web.test_console import acts as control
from tests.web.test_console import begun as begun_live
from tests.web.test_observing import link as link_live
from tests.web.test_observing import writes
from tests.web.test_tabletop import SCRIPT, acts, begun, seen, shown

FIRST, SECOND = open_script(SCRIPT).injects[:2]
TASK = "The page is answered"


def link(place: Place, name: str) -> str:
    found = re.search(r'href="(/drills/[^"]+/observe\?key=[^"]+)"', shown(place, f"/drills/{name}/tabletop"))
    assert found
    return unescape(found[1])


def kept(place: Place, name: str) -> Played:
    assert acts(place, name, act="end") == 200
    with reading(place.house.engine) as connection:
        return keeping.find(connection, seen(place, name)["kept"], profile())


def test_the_phone_shows_what_is_asked_now_and_nothing_before(place: Place):
    name = begun(place, "alice")
    path = link(place, name)
    page = shown(place, path, "bob")
    assert "尚未提问" in page  # bob reads Chinese
    assert FIRST.text.zh not in page
    assert acts(place, name, act="read", inject=1) == 200
    assert acts(place, name, act="read", inject=2) == 200
    page = shown(place, path, "bob")
    assert page.index(SECOND.text.zh) < page.index(FIRST.text.zh)
    assert SECOND.expected.zh in page
    assert 'data-live="#drill-clock #asked"' in page  # follows by itself


def test_what_evaluators_write_stands_beside_the_facilitators_and_counts_as_in_a_live_drill(place: Place):
    name = begun(place, "alice")
    path, bob, dora = link(place, name), place.session("bob"), place.session("dora")
    place.later(minutes=3)
    assert acts(place, name, act="read", inject=1) == 200
    assert acts(place, name, act="judge", inject=1, done="done") == 200
    assert writes(place, path, bob, inject="1", done="done") == 303
    place.later(minutes=2)
    assert writes(place, path, bob, inject="1", done="partly", text="only after a while") == 303
    assert writes(place, path, dora, inject="1", done="done", text="well asked") == 303
    assert writes(place, path, bob, task="somebody-has-it/answer", done="not") == 303
    assert writes(place, path, bob, done="not", text="Nobody wrote the times down.") == 303
    for answer in ("4", "5", "3"):
        assert writes(place, path, bob, answer=answer, played="true") == 303
    page = shown(place, f"/drills/{name}/tabletop")
    assert "only after a while" in page
    assert 'data-live="#table-clock #table-noted"' in page  # without a reload by hand
    noted = seen(place, name)["noted"]
    assert [(one["kind"], one["by"], one["done"]) for one in noted if one["kind"] != "answer"] == [
        ("seen", "Bob", "not"),
        ("task", "Bob", "not"),
        ("rated", "Dora", "done"),
        ("rated", "Bob", "partly"),
    ]
    played = kept(place, name)
    (judged,) = played.observations.judged
    assert (judged.measure, judged.outcome) == (FIRST.measure, "done")
    found = played.observations.seen
    assert [(one.kind, one.by, one.objective) for one in found] == [
        ("improvement", "Bob", FIRST.objective),
        ("strength", "Dora", FIRST.objective),
        ("improvement", "Bob", "somebody-has-it"),
        ("improvement", "Bob", None),
    ]
    assert found[0].text.endswith("only after a while")
    first = next(e for e in played.entries if e.position == found[0].position)
    assert first.at <= place.clock.now()
    assert all(one.position for one in found)
    score = played.score(profile())
    assert score.mark(Item.SATISFACTION).ratio == 0.75
    rated = next(one for one in score.objectives if one.objective.id == FIRST.objective)
    assert any("only after a while" in str(reason) for reason in rated.reasons)
    report = place.client.get(f"/drills/{seen(place, name)['kept']}/report", headers=dora).text
    assert "only after a while" in report
    assert "Bob" in report


def test_the_same_rating_comes_to_the_same_at_the_table_and_live(place: Place):
    table, live = begun(place, "vera"), begun_live(place)
    for name, act, body in ((table, acts, {"act": "read"}), (live, control, {"act": "send"})):
        assert act(place, name, "dora", **body, inject=1) == 200
    bob = place.session("bob")
    for path in (link(place, table), link_live(place, live)):
        assert FIRST.text.zh in shown(place, path, "bob")
        assert writes(place, path, bob, inject="1", done="partly", text="late") == 303
        assert writes(place, path, bob, inject="5", done="done") == 409  # nobody has asked that yet
    assert acts(place, table, act="judge", inject=1, done="done") == 200
    found = kept(place, table).observations.seen
    assert control(place, live, act="end") == 200
    with reading(place.house.engine) as connection:
        seal = place.client.get(f"/api/drills/{live}/console", headers=place.session("dora")).json()["kept"]
        theirs = keeping.find(connection, seal, profile()).observations.seen
    assert [one.model_copy(update={"position": 0}) for one in found] == [
        one.model_copy(update={"position": 0}) for one in theirs
    ]


def test_whoever_sits_at_the_table_is_turned_away_and_anybody_without_the_link(place: Place):
    name = begun(place, "alice, charlie")
    path = link(place, name)
    for who in ("alice", "charlie"):
        answer = place.client.get(path, headers=place.session(who))
        assert answer.status_code == 403
        assert TASK not in answer.text
        assert writes(place, path, place.session(who), answer="5") == 403
    for wrong in (f"/drills/{name}/observe", path[:-1] + ("a" if path[-1] != "a" else "b")):
        assert place.client.get(wrong, headers=place.session("bob")).status_code == 403
        assert writes(place, wrong, place.session("bob"), answer="5") == 403
    assert place.client.get(path, headers=place.session("vera")).status_code == 403  # only looks
    assert seen(place, name)["noted"] == []


@pytest.mark.parametrize("values", [{"inject": "1"}, {"inject": "0", "done": "done"}, {"done": "not"}])
def test_half_an_observation_writes_nothing(place: Place, values: dict[str, str]):
    name = begun(place, "alice")
    assert acts(place, name, act="read", inject=1) == 200
    assert writes(place, link(place, name), place.session("bob"), **values) == 422
    assert seen(place, name)["noted"] == []


def test_after_the_end_the_page_takes_nothing(place: Place):
    name = begun(place, "alice")
    path = link(place, name)
    assert acts(place, name, act="end") == 200
    assert writes(place, path, place.session("bob"), answer="5") == 409
