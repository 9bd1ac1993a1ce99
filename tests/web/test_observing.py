"""Evaluators of a live drill: by the link that a controller shows, as themselves, and never a player."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from drills import keeping
from drills.score import profile
from drills.simulate.play import Played
from incident.store.engine import reading
from tests.web.place import Place
from tests.web.test_console import acts, begun, seen

TASK = "The page is answered"


def link(place: Place, name: str) -> str:
    page = place.client.get(f"/drills/{name}/console", headers=place.session("dora")).text
    found = re.search(r'href="(/drills/[^"]+/observe\?key=[^"]+)"', page)
    assert found
    return unescape(found[1])


def writes(place: Place, path: str, by: dict[str, str], **values: str) -> int:
    client: TestClient = place.client
    return client.post(path, data=values, headers=by).status_code


def kept(place: Place, name: str) -> Played:
    assert acts(place, name, act="end") == 200
    with reading(place.house.engine) as connection:
        return keeping.find(connection, seen(place, name)["kept"], profile())


def test_what_evaluators_write_is_in_the_score_under_their_name_and_at_its_time(place: Place):
    name = begun(place)
    path, alice = link(place, name), place.session("alice")
    place.later(minutes=3)
    assert TASK in place.client.get(path, headers=alice).text
    assert writes(place, path, alice, task="somebody-has-it/answer", done="not") == 303
    assert writes(place, path, alice, task="somebody-has-it/answer", done="done", text="at once") == 303
    assert writes(place, path, place.session("dora"), task="somebody-has-it/answer", done="partly") == 303
    for answer in ("4", "5"):
        assert writes(place, path, alice, answer=answer, played="true") == 303
    assert writes(place, path, alice, answer="2") == 303
    assert writes(place, path, alice, done="not", text="Nobody wrote the times down.") == 303
    page = place.client.get(path, headers=alice).text
    assert "at once" in page
    assert "Nobody wrote" in page
    found = kept(place, name).observations
    assert [(a.value, a.played) for a in found.answers] == [(4, True), (5, True), (2, False)]
    assert [(s.kind, s.objective) for s in found.seen] == [
        ("strength", "somebody-has-it"),
        ("improvement", "somebody-has-it"),
        ("improvement", None),
    ]
    assert "at once" in found.seen[0].text
    assert [one.by for one in found.seen] == ["Alice", "Dora", "Alice"]
    assert all(s.position for s in found.seen)


def test_a_player_is_turned_away_with_the_link_and_anybody_without(place: Place):
    name = begun(place)
    path = link(place, name)
    answer = place.client.get(path, headers=place.session("charlie"))  # paged
    assert answer.status_code == 403
    assert TASK not in answer.text
    assert writes(place, path, place.session("charlie"), answer="5") == 403
    for wrong in (f"/drills/{name}/observe", path[:-1] + ("a" if path[-1] != "a" else "b")):
        assert place.client.get(wrong, headers=place.session("alice")).status_code == 403
        assert writes(place, wrong, place.session("alice"), answer="5") == 403
    assert acts(place, name, act="observe", done="done", text="calm") == 200  # so that there is something to keep
    assert kept(place, name).observations.answers == ()


@pytest.mark.parametrize(
    "values",
    [
        {"task": "somebody-has-it/answer"},
        {"task": "no/such", "done": "done"},
        {"answer": "6"},
        {"done": "not"},
        {"shout": "x"},
    ],
)
def test_half_an_observation_writes_nothing(place: Place, values: dict[str, str]):
    path = link(place, begun(place))
    assert writes(place, path, place.session("alice"), **values) == 422


def test_after_the_end_the_page_takes_nothing(place: Place):
    name = begun(place)
    path = link(place, name)
    assert acts(place, name, act="end") == 200
    assert writes(place, path, place.session("alice"), answer="5") == 409
    assert "drill observe" in place.client.get(path, headers=place.session("alice")).text
