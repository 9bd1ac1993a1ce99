"""A dry run over the web: the API and the page tell the same, write nothing, and page nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incident.maintenance import Window, Windows
from incident.store import log
from incident.store.engine import reading
from incident.words import LOCALES
from tests.pages.markup import Markup
from tests.web.place import Place
from web.pages.dry_samples import SAMPLES
from web.say import LANG

BODY = {"title": "Data centre down", "kind": "system_outage", "level": "critical", "product": "cloud"}


def asked(place: Place, body: dict[str, object] | None = None, query: str = "", status: int = 200) -> Any:
    answer = place.client.post(
        f"/api/dry-run{query}", json=body if body is not None else BODY, headers=place.key("viewer")
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def page(place: Place, data: dict[str, str], by: str = "alice", status: int = 200, lang: str = "en") -> str:
    answer = place.client.post(f"/dry-run?lang={lang}", data=data, headers=place.session(by))
    assert answer.status_code == status, answer.text
    found = Markup(answer.text)
    assert (found.inline, found.mismatched, found.nameless) == ([], [], [])
    return answer.text


def written(place: Place) -> int:
    with reading(place.house.engine) as connection:
        return log.last_position(connection)


def test_the_api_tells_who_would_be_paged_and_nothing_is_written(place: Place) -> None:
    found = asked(place)
    pages = [[p["person"] for p in m["people"]] for m in found["moments"] if m["kind"] == "page"]
    assert pages[0] == ["alice"]
    assert ["charlie"] in pages
    assert found["missed_at"] == found["target"] == "2026-11-23T02:27:00.000Z"
    assert written(place) == 0
    assert "+1202" not in str(found), "people by name, never by number"


def test_what_it_tells_is_what_then_happens(place: Place) -> None:
    """Dry, then wet: the same report for real, with nobody answering, pages the same people at the same times."""
    found = asked(place)
    incident = place.reported(title="Data centre down")
    for _ in range(30):
        place.later(minutes=1)
    entries = place.client.get(f"/api/incidents/{incident['id']}/log", headers=place.key("viewer")).json()["items"]
    really = [
        (e["at"][:16], [p["person"] for p in e["fields"]["people"]])
        for e in entries
        if e["kind"] == "paged" and e["fields"]["round"] <= 1
    ]
    pages = [(m["at"][:16], [p["person"] for p in m["people"]]) for m in found["moments"] if m["kind"] == "page"]
    assert pages == really


def test_another_night_and_an_incident_as_it_stands(place: Place) -> None:
    later = asked(place, query="?at=2026-12-01T03:00:00%2B08:00")
    assert later["at"] == "2026-11-30T19:00:00.000Z"
    incident = place.reported()
    place.clock.move(timedelta(minutes=1))
    now = asked(place, {}, f"?incident={incident['code']}")
    assert (now["code"], now["at"]) == (incident["code"], "2026-11-23T02:13:00.000Z")
    assert [p["person"] for p in now["moments"][0]["people"]] != ["alice"], "alice was asked already"
    asked(place, BODY, f"?incident={incident['code']}", status=422)
    asked(place, {}, "?incident=C99", status=404)


def test_a_repeat_of_something_open_says_that_it_would_be_folded(place: Place) -> None:
    key = {"dedup_key": "node-3"}
    body = {**BODY, **key}
    assert asked(place, body)["folded_into"] is None
    answer = place.client.post("/api/incidents", json=body, headers=place.key("responder"))
    answer = place.client.post("/api/dry-run", json=body, headers=place.key("responder"))
    assert answer.json()["folded_into"] == "C1"
    assert asked(place, body)["folded_into"] is None, "another sender's keys are another sender's"


def test_what_no_report_may_be_is_refused_as_a_report_is(place: Place) -> None:
    asked(place, {"title": ""}, status=422)
    asked(place, {**BODY, "policy": "none-such"}, status=422)
    asked(place, {**BODY, "surprise": 1}, status=422)


def test_what_is_over_has_no_future(place: Place) -> None:
    incident = place.reported()
    place.reported(title="other")
    place.act(incident["id"], "merge", by="dora", into="C2")
    asked(place, {}, "?incident=C1", status=409)
    shown = place.client.get("/dry-run?incident=C1", headers=place.session("vera"))
    assert (shown.status_code, "C1 is over" in shown.text) == (409, True)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_draws_the_clock_and_says_each_line(place: Place, locale: str) -> None:
    text = page(place, {**SAMPLES["data_centre"], "product": "cloud"}, lang=LANG[locale])
    assert '<svg class="clock-line"' in text
    assert text.count('<g class="mark page">') >= 3
    assert "Alice" in text
    assert written(place) == 0


def test_the_page_takes_the_fields_of_a_report_keeps_them_and_offers_it_for_real(place: Place) -> None:
    typed = {**SAMPLES["data_centre"], "when": "2026-12-25 03:00"}
    text = page(place, typed)
    assert 'value="Data centre down, Hall 3"' in text
    assert 'value="2026-12-25 03:00"' in text
    assert 'formaction="/report"' in text
    assert "2026-12-25" in text or "25" in text
    real = place.client.post(
        "/report", data=typed | {"format": "alertmanager", "payload": ""}, headers=place.session("alice")
    )
    assert (real.status_code, real.headers["location"][:11]) == (303, "/incidents/")
    assert 'formaction="/report"' not in page(place, typed, by="vera"), "who may only look may not report"


def test_the_page_takes_what_a_monitor_sends(place: Place) -> None:
    text = page(place, dict(SAMPLES["alert"]))
    assert "node-3 is down" in text
    assert 'class="mark page"' in text
    bad = page(place, {"format": "alertmanager", "payload": "{"}, status=422)
    assert "payload-fault" in bad
    resolved = SAMPLES["alert"]["payload"].replace("firing", "resolved")
    assert "only all-clears" in page(place, {"format": "alertmanager", "payload": resolved}, status=422)
    page(place, {"format": "nonsense", "payload": "{}"}, status=422)


def test_a_time_that_is_none_is_said_at_its_field(place: Place) -> None:
    text = page(place, {**SAMPLES["data_centre"], "when": "tomorrow night"}, status=422)
    assert "when-fault" in text
    assert 'value="tomorrow night"' in text


def test_the_page_of_an_incident_leads_to_what_would_happen_now(place: Place) -> None:
    incident = place.reported()
    desk = place.client.get(f"/incidents/{incident['id']}", headers=place.session("vera")).text
    assert 'href="/dry-run?incident=C1"' in desk
    text = place.client.get("/dry-run?incident=C1", headers=place.session("vera")).text
    assert "C1 from" in text


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_can_be_run(place: Place, sample: str) -> None:
    shown = place.client.get(f"/dry-run?sample={sample}", headers=place.session("alice"))
    assert shown.status_code == 200
    assert page(place, dict(SAMPLES[sample]))


def test_planned_maintenance_is_asked_too(place: Place) -> None:
    begin = place.clock.now().replace(tzinfo=None)
    window = Window(
        id="w1",
        name="Hall 3",
        reason="new batteries",
        owner="dora",
        timezone="UTC",
        start=begin - timedelta(minutes=1),
        end=begin + timedelta(minutes=30),
        products=("cloud",),
    )
    place.house.directory.edit_windows(lambda _: Windows(windows=(window,)), "dora")  # type: ignore[attr-defined]
    found = asked(place, {**BODY, "level": "high"})
    assert (found["moments"][0]["kind"], found["first_page_at"]) == ("paging_held", "2026-11-23T02:42:00.000Z")
    text = page(place, {**SAMPLES["data_centre"], "product": "cloud", "impact": "medium"})
    assert "Planned maintenance" in text
