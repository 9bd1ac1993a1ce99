"""Keys of programs on the site: made and shown once, connected with what the page says, and revoked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from incident.words import LOCALES
from tests.pages.markup import Markup, seen
from tests.web.place import Place


def add(place: Place, **fields: str) -> Any:
    headers = place.session("dora") | {"accept": "text/html"}
    return place.client.post("/keys", data=fields, headers=headers)


def secret_on(html: str) -> str:
    found = re.search(r'id="key">([\w-]{20,})<', html)
    assert found is not None
    return found[1]


def test_a_new_key_is_shown_once_and_opens_the_door_that_the_page_names(place: Place) -> None:
    made = add(place, name="prometheus", role="integration", unit="", mapping="")
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert not Markup(made.text).mismatched
    secret = secret_on(made.text)
    sample = re.search(r"/hooks/generic/\S+", made.text)
    assert sample is not None
    body = re.search(r"-d &#39;(.*?)&#39;|-d '(.*?)'", made.text, re.DOTALL)
    assert body is not None
    report = json.loads((body[1] or body[2]).replace("&#34;", '"'))
    answer = place.client.post(f"/hooks/generic/{secret}", json=report)
    assert answer.status_code == 200, answer.text
    assert answer.json()["incidents"] == [], "as the page says, it pages nobody"
    assert answer.json()["notes"]
    del report["status"]
    assert len(place.client.post(f"/hooks/generic/{secret}", json=report).json()["incidents"]) == 1
    again = seen(place, "/keys", "dora").text
    assert "prometheus" in again
    assert secret not in again


def test_a_key_that_reads_is_told_how_it_is_sent(place: Place) -> None:
    made = add(place, name="wallboard", role="viewer")
    secret = secret_on(made.text)
    assert f"Authorization: Bearer {secret}" in made.text
    assert "/hooks/" not in made.text
    assert place.client.get("/api/incidents", headers={"authorization": f"Bearer {secret}"}).status_code == 200


def test_a_mapping_is_taken_as_json_and_what_is_wrong_stands_at_its_field(place: Place) -> None:
    broken = add(place, name="boiler", role="integration", mapping="{title:")
    assert broken.status_code == 422
    assert "this is no JSON" in broken.text
    assert 'value="boiler"' in broken.text, "what was typed is still there"
    assert add(place, name="boiler2", role="integration", mapping='{"no such field": "/x"}').status_code == 422
    assert add(place, name="Bad Name", role="integration").status_code == 422
    assert add(place, name="x", role="integration", unit="nowhere").status_code == 422


def test_a_revoked_key_is_refused_at_once_and_its_name_stays_taken(place: Place) -> None:
    secret = secret_on(add(place, name="old", role="viewer").text)
    headers = place.session("dora") | {"accept": "text/html"}
    assert place.client.post("/keys/old/revoke", headers=headers, follow_redirects=False).status_code == 303
    assert place.client.get("/api/incidents", headers={"authorization": f"Bearer {secret}"}).status_code == 401
    page = seen(place, "/keys", "dora").text
    assert "Revoked" in page
    taken = add(place, name="old", role="viewer")
    assert taken.status_code == 409


def test_only_an_admin_is_led_there(place: Place) -> None:
    assert "Keys of programs" in seen(place, "/people", "dora").text
    assert "Keys of programs" not in seen(place, "/people", "alice").text
    assert place.client.get("/keys", headers=place.session("alice")).status_code == 403


@pytest.mark.parametrize("locale", LOCALES)
def test_in_every_language(place: Place, locale: str) -> None:
    seen(place, f"/keys?lang={locale.replace('_', '-')}", "dora")
