"""What the auditor found is heard: by whoever asks for readiness, figures, the API, and by everybody in the room."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from incident.store import signs
from incident.store.engine import changing
from incident.store.portable.hold import hold, let_go
from incident.words import LOCALES, words_for
from tests.pages.markup import Markup
from tests.web.place import Place, opened
from web.hub import Hub
from web.say import LANG
from web.source import StoreSource


def ready(place: Place) -> Any:
    return place.client.get("/readyz")


def in_trouble(place: Place) -> dict[str, Any]:
    """A Critical whose first page does not go out."""
    incident = place.reported()
    place.clock.move(timedelta(seconds=20))
    place.audit()
    return incident


def test_ready_says_when_it_was_audited_and_that_nothing_was_found(place: Place) -> None:
    place.audit()
    place.clock.move(timedelta(seconds=12))
    body = ready(place).json()
    assert body["checks"]["audit"] == {"ok": True, "detail": "12 s ago, 0 findings"}
    assert (body["status"], body["problems"]) == ("ready", [])


def test_an_audit_that_is_three_minutes_old_is_none(place: Place) -> None:
    place.audit()
    place.clock.move(timedelta(seconds=181))
    answer = ready(place)
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["checks"]["audit"]["ok"] is False


def test_one_that_never_was_is_awaited_for_three_minutes(place: Place) -> None:
    assert ready(place).status_code == 200
    place.clock.move(timedelta(seconds=181))
    assert ready(place).json()["checks"]["audit"] == {"ok": False, "detail": "never: does a watch run?"}


def test_what_was_found_is_listed_with_what_to_do_and_turns_no_report_away(place: Place) -> None:
    incident = in_trouble(place)
    answer = ready(place)
    assert (answer.status_code, answer.json()["status"]) == (200, "problems")
    (problem,) = answer.json()["problems"]
    assert (problem["rule"], problem["incident"]) == ("unsent", incident["code"])
    assert "Alice" in problem["says"], "people by name"
    assert "worker" in problem["do"]
    assert "+1" not in answer.text, "no number in what anybody may read"


def test_figures_count_the_findings_by_rule_and_tell_the_age_of_the_audit(place: Place) -> None:
    in_trouble(place)
    place.clock.move(timedelta(seconds=7))
    figures = place.client.get("/metrics").text
    assert 'incident_findings{rule="unsent"} 1.0' in figures
    assert 'incident_findings{rule="abandoned"} 0.0' in figures
    assert "incident_audit_age_seconds 7.0" in figures
    assert "incident_deadman" not in figures, "none is configured"


def test_the_api_tells_what_stands_and_what_was(place: Place) -> None:
    in_trouble(place)
    place.deliver()
    place.clock.move(timedelta(seconds=10))
    place.audit()
    body = place.client.get("/api/audit", headers=place.key("viewer")).json()
    assert (body["well"], body["standing"], body["deadman"]) == (True, [], False)
    (past,) = body["history"]
    assert past["rule"] == "unsent"
    assert past["closed_at"] > past["opened_at"]
    assert past["says"]["text"]
    assert body["delivered_at"]
    assert body["worker_at"]


def test_the_history_comes_in_pages(place: Place) -> None:
    in_trouble(place)
    place.deliver()
    place.audit()
    place.reported(title="another")
    place.clock.move(timedelta(seconds=20))
    place.audit()
    first = place.client.get("/api/audit?limit=1", headers=place.key("viewer")).json()
    rest = place.client.get(f"/api/audit?limit=1&before={first['next']}", headers=place.key("viewer")).json()
    assert [len(first["history"]), len(rest["history"]), rest["next"]] == [1, 1, None]
    assert first["history"][0]["id"] > rest["history"][0]["id"]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_wall_shouts_it_from_its_first_paint_in_each_language(place: Place, locale: str) -> None:
    incident = in_trouble(place)
    page = place.client.get(f"/wall?lang={LANG[locale]}", headers=place.session("vera")).text
    shown = re.search(r'<p class="w-alarm" id="alarm" role="alert">([^<]+)</p>', page)
    assert shown is not None
    assert words_for(locale).t("wall.audit.unsent", code=incident["code"]) in shown.group(1)


def test_the_heartbeat_tells_the_walls_and_then_what_was_put_right(place: Place) -> None:
    incident = in_trouble(place)

    def beat() -> Any:
        return Hub(StoreSource(place.house), place.clock)._figures(StoreSource(place.house).health())["audit"]

    assert beat()["first"]["code"] == incident["code"]
    assert (beat()["found"], beat()["cleared"]) == (1, None)
    place.deliver()
    place.audit()
    assert beat()["first"] is None
    assert beat()["cleared"]["rule"] == "unsent"
    place.clock.move(timedelta(minutes=6))
    assert beat()["cleared"] is None
    assert beat()["age_s"] == 360.0


def beat(place: Place) -> None:
    assert place.client.portal is not None
    place.client.portal.call(place.app.state.hub._heartbeat)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_a_restore_holds_is_said_on_walls_pages_and_to_programs(place: Place, locale: str) -> None:
    place.reported()
    place.audit()
    with changing(place.house.engine) as connection:
        hold(connection, place.clock.now())
    beat(place)
    say, vera = words_for(locale), place.session("vera")
    page = place.client.get(f"/wall?lang={LANG[locale]}", headers=vera).text
    assert say.t("wall.audit.held") in page
    banner = f'<p class="refusing" id="held" role="alert">{say.t("app.held")}</p>'
    assert banner in unescape(place.client.get(f"/?lang={LANG[locale]}", headers=vera).text)
    told = place.client.get("/api/audit", headers=place.key("viewer")).json()
    assert (told["well"], told["held_since"] is None) == (False, False)
    with changing(place.house.engine) as connection:
        let_go(connection)
    beat(place)
    assert banner not in unescape(place.client.get(f"/?lang={LANG[locale]}", headers=vera).text)
    assert place.client.get("/api/audit", headers=place.key("viewer")).json()["well"] is True


def test_the_quiet_wall_says_when_the_pager_was_proved(place: Place) -> None:
    def said() -> str:
        return str(place.client.get("/wall/facts", headers=place.session("vera")).json()["pager"])

    assert said() == "not checked yet · no page delivered yet"
    place.reported()
    place.deliver()
    place.clock.move(timedelta(seconds=10))
    place.audit()
    place.clock.move(timedelta(seconds=20))
    assert said() == "checked 20 s ago: nothing wrong · last page delivered 30 s ago"


@pytest.mark.parametrize("locale", LOCALES)
def test_the_readiness_page_says_how_the_pager_itself_is(place: Place, locale: str) -> None:
    def said() -> str:
        found = Markup(place.client.get(f"/readiness?lang={LANG[locale]}", headers=place.session("vera")).text)
        assert (found.inline, found.mismatched) == ([], [])
        return found.text

    words = words_for(locale)
    assert words.t("audit.never") in said()
    assert words.t("audit.deadman.off") in said()
    incident = in_trouble(place)
    assert words.t("audit.unsent.do") in said()
    assert incident["code"] in said()
    place.deliver()
    place.audit()
    assert words.t("audit.history") in said()


def test_it_says_when_the_dead_man_was_last_pinged(tmp_path: Path, template: Path) -> None:
    with opened(tmp_path, template, deadman_url="https://hc.example/5ec4e7") as place:
        page = "/readiness?lang=en"
        assert "configured, and not pinged yet" in place.client.get(page, headers=place.session("vera")).text
        with changing(place.house.engine) as connection:
            signs.pinged(connection, signs.Pinged(place.clock.now()))
        place.clock.move(timedelta(seconds=34))
        answer = place.client.get(page, headers=place.session("vera"))
        assert "last ping 34 s ago" in answer.text
        assert "incident_deadman_age_seconds 34.0" in place.client.get("/metrics").text
        assert place.client.get("/api/audit", headers=place.key("viewer")).json()["pinged_at"]
        for path in (page, "/api/audit", "/metrics", "/readyz"):
            assert "5ec4e7" not in place.client.get(path, headers=place.session("dora")).text
