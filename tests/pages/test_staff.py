"""People on the site: an admin adds, changes and removes them and lets them in; they set a password of their own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from incident.words import LOCALES
from tests.pages.markup import Markup, seen
from tests.web.place import Place

ERIN = {
    "id": "erin",
    "name": "Erin",
    "unit": "field",
    "role": "responder",
    "locale": "en",
    "timezone": "Europe/Berlin",
    "email": "",
}


def send(place: Place, path: str, by: str = "dora", **fields: str) -> Any:
    headers = place.session(by) | {"accept": "text/html"}
    return place.client.post(path, data=fields, headers=headers, follow_redirects=False)


def person(place: Place, name: str) -> Any:
    people = place.client.get("/api/people", headers=place.key("admin")).json()["items"]
    return next((one for one in people if one["id"] == name), None)


def form_of(place: Place, name: str) -> dict[str, str]:
    page = place.client.get(f"/people/{name}", headers=place.session("dora")).text
    [form] = [form for form in Markup(page).forms if form.action == f"/people/{name}"]
    chosen = {field: person(place, name)[field] for field in ("unit", "role", "locale")}
    return form.fields | chosen


def test_who_is_added_comes_to_a_page_that_says_what_is_left_to_do(place: Place) -> None:
    added = send(place, "/people", **ERIN)
    assert (added.status_code, added.headers["location"]) == (303, "/people/erin?new=1")
    page = seen(place, added.headers["location"], "dora").text
    assert "Two things are left" in page
    assert "On no roster." in page
    assert person(place, "erin")["timezone"] == "Europe/Berlin"


@pytest.mark.parametrize(
    ("field", "typed"), [("id", "alice"), ("id", "Er in"), ("timezone", "Mars"), ("name", ""), ("unit", "nowhere")]
)
def test_what_cannot_be_is_refused_with_what_was_typed(place: Place, field: str, typed: str) -> None:
    refused = send(place, "/people", **(ERIN | {field: typed}))
    assert refused.status_code in (409, 422)
    assert 'value="Erin"' in refused.text or field == "name"
    assert person(place, "erin") is None


def test_a_change_leaves_ways_skills_and_time_off_as_they_were(place: Place) -> None:
    before = person(place, "alice")
    fields = form_of(place, "alice") | {"name": "Alice B.", "role": "commander", "locale": "zh_Hans"}
    saved = send(place, "/people/alice", **fields)
    assert saved.headers["location"] == "/people/alice?saved=1"
    after = person(place, "alice")
    assert (after["name"], after["role"], after["locale"]) == ("Alice B.", "commander", "zh_Hans")
    assert (after["ways"], after["skills"]) == (before["ways"], before["skills"])


def test_who_saves_over_somebody_elses_change_is_told(place: Place) -> None:
    fields = form_of(place, "alice")
    assert send(place, "/people/alice", **(fields | {"name": "First"})).status_code == 303
    late = send(place, "/people/alice", **(fields | {"name": "Second"}))
    assert late.status_code == 409
    assert person(place, "alice")["name"] == "First"


def test_who_stands_on_a_roster_is_not_removed_and_nobody_removes_themselves(place: Place) -> None:
    assert send(place, "/people/alice/remove").status_code == 422
    assert person(place, "alice") is not None
    assert send(place, "/people/dora/remove").status_code == 422
    assert person(place, "dora") is not None
    send(place, "/people", **ERIN)
    assert send(place, "/people/erin/remove").headers["location"] == "/people"
    assert person(place, "erin") is None


def test_a_link_lets_in_once_and_the_password_set_then_lets_in_after_that(place: Place) -> None:
    send(place, "/people", **ERIN)
    made = send(place, "/people/erin/signin")
    link = re.search(r"/login/([\w-]+)<", made.text)
    assert link is not None
    assert made.headers["cache-control"] == "no-store"
    entered = place.client.post(f"/login/{link[1]}", follow_redirects=False)
    assert entered.status_code == 303
    place.client.cookies.clear()
    page = seen(place, "/me/password", "erin").text
    assert "At least 12 characters" in page
    short = send(place, "/me/password", by="erin", password="short", again="short")
    assert short.status_code == 422
    assert "short" not in short.text.replace("shortcut", "")
    differs = send(place, "/me/password", by="erin", password="correct horse battery", again="correct horse")
    assert "not the same as above" in differs.text
    before = place.session("erin")
    done = send(place, "/me/password", by="erin", password="correct horse battery", again="correct horse battery")
    assert done.headers["location"] == "/me/password?saved=1"
    assert "set-cookie" in done.headers
    place.client.cookies.clear()
    assert place.client.get("/me/password", headers=before, follow_redirects=False).status_code == 401
    place.client.cookies.clear()
    login = {"name": "erin", "password": "correct horse battery", "next": "/"}
    assert place.client.post("/login", data=login, follow_redirects=False).headers["location"] == "/"
    place.client.cookies.clear()


def test_only_an_admin_keeps_people(place: Place) -> None:
    for path in ("/people", "/people/alice", "/people/alice/signin", "/people/bob/remove"):
        assert send(place, path, by="alice", **ERIN).status_code == 403, path
    assert "Add somebody" not in seen(place, "/people", "alice").text
    assert "Add somebody" in seen(place, "/people", "dora").text


@pytest.mark.parametrize("locale", LOCALES)
def test_in_every_language(place: Place, locale: str) -> None:
    lang = locale.replace("_", "-")
    for path in ("/people", "/people/alice", "/me/password"):
        seen(place, f"{path}?lang={lang}", "dora")
