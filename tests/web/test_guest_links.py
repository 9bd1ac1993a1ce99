"""The links of a drill's guests: who makes them, how they are kept, when they end, and what a guess is worth."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from drills import guests
from drills.cli import main
from incident.ids import hashed, new_key
from incident.running.lock import only_one
from incident.store import drill_guests, drill_tables
from incident.store.engine import reading
from tests.web import test_console as live
from tests.web import test_tabletop as table
from tests.web.place import Place
from tests.web.test_guests import EN, HTML, invited, links, looks, writes
from web.limiter import Limiter

pytestmark = pytest.mark.long


def test_a_link_ends_with_the_drill_unless_it_was_given_some_days(place: Place):
    drill = live.begun(place)
    _, till_end = invited(place, drill)
    _, some_days = invited(place, drill, "City of Suzhou", days=3)
    assert live.acts(place, drill, act="end") == 200
    assert looks(place, till_end).status_code == 404
    late = looks(place, till_end, **EN)
    assert "This page is closed" in late.text
    assert 'href="/"' not in late.text, "a guest has no board"
    assert "This page is closed" in looks(place, till_end[:-3], **EN).text
    assert writes(place, till_end, text="late", done="not") == 404
    page = looks(place, some_days, **EN)
    assert page.status_code == 200
    assert "The drill is over" in page.text
    assert "data-every" not in page.text
    assert writes(place, some_days, text="late", done="not") == 409
    place.clock.move(timedelta(days=2, hours=23))
    assert looks(place, some_days).status_code == 200
    place.clock.move(timedelta(hours=2))
    assert looks(place, some_days).status_code == 404
    body = {"name": "Late"}
    again = place.client.post(f"/api/drills/{drill}/guests", json=body, headers=place.session("dora"))
    assert again.status_code == 409


def test_a_tabletop_that_nobody_ends_keeps_no_link_open_for_ever(place: Place):
    _, secret = invited(place, table.begun(place), days=7)
    place.clock.move(guests.LONGEST - timedelta(minutes=1))
    assert looks(place, secret).status_code == 200
    place.clock.move(timedelta(minutes=2))
    assert looks(place, secret).status_code == 404


def test_a_link_is_kept_as_a_hash_listed_with_its_maker_and_taken_back_at_once(place: Place):
    drill = live.begun(place)
    first, secret = invited(place, drill)
    place.clock.move(timedelta(seconds=1))
    second, other = invited(place, drill, "City of Suzhou")
    with reading(place.house.engine) as connection:
        rows = connection.execute(drill_tables.drill_guests.select()).all()
    assert hashed(secret) in {row.hash for row in rows}
    assert not any(secret in str(row) for row in rows)
    one = links(place, drill)[0]
    assert (one["id"], one["name"], one["made_by"], one["used_at"], one["opens"]) == (
        first,
        "Fire brigade, Mr Li",
        "Dora",
        None,
        True,
    )
    assert looks(place, secret).status_code == 200
    assert links(place, drill)[0]["used_at"] is not None
    assert links(place, drill)[1]["used_at"] is None
    gone = f"/api/drills/{drill}/guests/{first}"
    assert place.client.delete(gone, headers=place.session("dora")).status_code == 204
    assert looks(place, secret).status_code == 404
    assert writes(place, secret, text="still here", done="not") == 404
    assert looks(place, other).status_code == 200
    assert place.client.delete(gone, headers=place.session("dora")).status_code == 404
    assert [one["opens"] for one in links(place, drill)] == [False, True]
    # a link of one drill is not taken back through another
    aside = table.begun(place)
    assert place.client.delete(f"/api/drills/{aside}/guests/{second}", headers=place.session("dora")).status_code == 404
    assert looks(place, other).status_code == 200


def test_it_is_written_down_once_a_minute_that_a_link_is_in_use(place: Place):
    drill = table.begun(place)
    _, secret = invited(place, drill)
    looks(place, secret)
    first = links(place, drill)[0]["used_at"]
    place.clock.move(drill_guests.SELDOM / 2)
    looks(place, secret)
    assert links(place, drill)[0]["used_at"] == first
    place.clock.move(drill_guests.SELDOM)
    looks(place, secret)
    assert links(place, drill)[0]["used_at"] > first


def test_whoever_takes_part_makes_no_links(place: Place):
    drill = live.begun(place)
    for who in ("charlie", "alice"):  # a commander who was paged, a responder
        for answer in (
            place.client.post(f"/api/drills/{drill}/guests", json={"name": "x"}, headers=place.session(who)),
            place.client.get(f"/api/drills/{drill}/guests", headers=place.session(who)),
            place.client.post(f"/drills/{drill}/guests", data={"name": "x"}, headers=place.session(who)),
        ):
            assert answer.status_code == 403
    assert links(place, drill) == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " "},
        {"name": "x" * 81},
        {"name": "x", "days": 8},
        {"name": "x", "days": -1},
        {"name": "x", "language": "fr"},
        {"name": "x", "role": "admin"},
    ],
)
def test_half_a_wish_makes_no_link(place: Place, body: dict[str, object]):
    drill = table.begun(place)
    answer = place.client.post(f"/api/drills/{drill}/guests", json=body, headers=place.session("dora"))
    assert answer.status_code == 422
    assert links(place, drill) == []


def test_a_drill_has_so_many_links_at_once(place: Place, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(guests, "MOST", 2)
    drill = table.begun(place)
    first, _ = invited(place, drill)
    invited(place, drill)
    body = {"json": {"name": "one more"}, "headers": place.session("dora")}
    assert place.client.post(f"/api/drills/{drill}/guests", **body).status_code == 409
    place.client.delete(f"/api/drills/{drill}/guests/{first}", headers=place.session("dora"))
    assert place.client.post(f"/api/drills/{drill}/guests", **body).status_code == 201


def test_guessing_is_counted_and_a_right_link_still_opens(place: Place):
    _, secret = invited(place, table.begun(place))
    gate = place.app.state.gate
    gate.wrong = Limiter(3, 3600)
    answers = [looks(place, new_key()).status_code for _ in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert looks(place, secret).status_code == 200


def test_the_page_makes_shows_and_takes_back_links(place: Place):
    drill, dora = live.begun(place), place.session("dora")
    assert f'href="/drills/{drill}/guests"' in place.client.get(f"/drills/{drill}/console", headers=dora).text
    assert f'href="/drills/{drill}/guests"' in place.client.get("/drills", headers=dora).text
    path = f"/drills/{drill}/guests"
    made = place.client.post(path, data={"name": "消防队", "language": "zh-Hans", "days": "1"}, headers=dora)
    assert made.status_code == 200
    found = re.search(r'id="guest-link">([^<]+)<', made.text)
    assert found
    secret = found[1].rpartition("/")[2]
    assert looks(place, secret).status_code == 200
    again = place.client.get(path, headers=dora).text
    assert "消防队" in again
    assert secret not in again
    assert place.client.post(path, data={"name": ""}, headers=dora | HTML).status_code == 422
    (one,) = links(place, drill)
    assert place.client.post(f"{path}/{one['id']}/remove", headers=dora).status_code == 303
    assert looks(place, secret).status_code == 404


@pytest.mark.parametrize("form", [live, table], ids=["live", "tabletop"])
def test_the_terminal_makes_lists_and_takes_back_the_same_links(
    place: Place, form: Any, capsys: pytest.CaptureFixture[str]
):
    drill, data = form.begun(place), ["--data", str(place.house.settings.data)]
    assert main(["guest", "add", drill, "--name", "Fire brigade", "--lang", "zh-Hant", "--days", "1", *data]) == 0
    name, address = capsys.readouterr().out.split()
    secret = address.rpartition("/")[2]
    assert '<html lang="zh-Hant"' in looks(place, secret).text
    with only_one(place.house.settings.data, "http://127.0.0.1:9000"):  # it is served at another port
        assert main(["guest", "add", drill, "--name", "City", *data]) == 0
    name_of_city, address = capsys.readouterr().out.split()
    assert address.startswith("http://127.0.0.1:9000/guest/")
    assert main(["guest", "remove", drill, name_of_city, *data]) == 0
    assert main(["guest", "list", drill, "--json", *data]) == 0
    told = capsys.readouterr().out
    one = next(each for each in json.loads(told) if each["id"] == name)
    assert (one["id"], one["name"], one["language"], one["opens"]) == (name, "Fire brigade", "zh-Hant", True)
    assert secret not in told
    assert main(["guest", "remove", drill, name, *data]) == 0
    assert looks(place, secret).status_code == 404
    assert main(["guest", "list", drill, *data]) == 0
    assert "Fire brigade" in capsys.readouterr().out
    assert main(["guest", "add", drill, "--name", " ", *data]) == 2
    assert main(["guest", "add", "no-such-drill", "--name", "x", *data]) == 2
    assert main(["guest", "remove", drill, name, *data]) == 2
