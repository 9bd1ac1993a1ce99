"""A closed incident against today's plans, on the site and by API: who may, what has changed, what is not claimed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from incident.organisation import Organisation
from incident.store.engine import reading
from incident.store.log import last_position
from incident.words import LOCALES
from tests.pages.test_playback import closed
from tests.web.place import Place, organisation
from web import against
from web.say import LANG

pytestmark = pytest.mark.long


def asked(place: Place, name: str, by: str = "charlie", query: str = "") -> Any:
    return place.client.get(f"/incidents/{name}/against-today{query}", headers=place.session(by))


def answer(place: Place, name: str) -> Any:
    found = place.client.get(f"/api/incidents/{name}/against-today", headers=place.key("commander"))
    assert found.status_code == 200, found.text
    return found.json()


def test_a_commander_is_led_there_from_a_closed_incident_and_a_viewer_is_not(place: Place):
    made = closed(place)
    link = f'href="/incidents/{made["id"]}/against-today"'
    for path in ("", "/report", "/playback"):
        page = f"/incidents/{made['id']}{path}"
        assert link in place.client.get(page, headers=place.session("charlie")).text
        assert link not in place.client.get(page, headers=place.session("vera")).text
    assert asked(place, made["id"]).status_code == 200
    assert asked(place, made["id"], by="vera").status_code == 403
    goes_on = place.reported()
    assert asked(place, goes_on["id"]).status_code == 409
    assert asked(place, "nothing").status_code == 404


@pytest.mark.parametrize("locale", LOCALES)
def test_two_pictures_stand_on_one_scale_before_the_table_and_it_says_what_cannot_be_known(place: Place, locale: str):
    made = closed(place)
    page = asked(place, made["id"], query=f"?lang={LANG[locale]}").text
    pictures = re.findall(r'<svg class="picture".*?</svg>\s*<ul|<svg class="picture".*?</figure>', page, re.DOTALL)
    assert len(pictures) == 2
    then, today = (re.findall(r'class="tick-at"[^>]*>([^<]+)<', picture) for picture in pictures)
    assert then == today
    assert page.index('class="picture"') < page.index("against-list") < page.index('class="known"')
    assert not re.findall(r">\s*against\.[\w.]+\s*<", page)
    assert "style=" not in page


def test_where_no_plan_has_changed_it_says_so(place: Place):
    made = closed(place)
    assert all(fact["then"] == fact["today"] for fact in answer(place, made["id"])["facts"])
    assert "Unit, level, policy, playbook" in asked(place, made["id"], query="?lang=en").text


def test_another_roster_today_pages_another_first(place: Place):
    made = closed(place)
    field, *others = organisation().rosters
    alone = tuple(layer.model_copy(update={"rotation": ("charlie",)}) for layer in field.layers)
    rosters = (field.model_copy(update={"layers": alone}), *others)
    changed = Organisation.model_validate(organisation().model_copy(update={"rosters": rosters}).model_dump())
    place.house.directory.save(changed, "system")
    first = next(fact for fact in answer(place, made["id"])["facts"] if fact["name"] == "first")
    assert first["today"] == "Charlie"
    assert first["then"] in ("Alice", "Bob")
    assert "Unit, level, policy, playbook" not in asked(place, made["id"], query="?lang=en").text


def test_the_api_says_what_the_page_says_and_neither_writes(place: Place):
    made = closed(place)
    with reading(place.house.engine) as connection:
        before = last_position(connection)
    found = answer(place, made["id"])
    assert found["runs"] == 25
    figures = {one["name"]: one for one in found["figures"]}
    assert figures["answered_s"]["then"] == 50 * 60
    assert figures["restored_s"]["assumed"]
    assert figures["restored_s"]["verdict"] == "unknown"
    assert "50 min" in asked(place, made["id"], query="?lang=en").text
    with reading(place.house.engine) as connection:
        assert last_position(connection) == before


def test_one_at_a_time_and_who_comes_meanwhile_is_told_to_come_again(place: Place, monkeypatch: pytest.MonkeyPatch):
    made = closed(place)
    monkeypatch.setattr(against, "WAIT_S", 0.0)
    with against._one:
        refused = asked(place, made["id"])
    assert refused.status_code == 503
    assert "retry-after" in refused.headers
    assert asked(place, made["id"]).status_code == 200
