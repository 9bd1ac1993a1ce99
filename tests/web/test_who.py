"""Sign-in, sessions, keys, roles, and where a request may come from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from incident.clock import iso
from incident.store.engine import changing
from incident.store.keys import revoke
from tests.web.place import Place, opened
from web.auth import safe_next

PASSWORD = "correct horse battery"


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (None, "GET", "/api/incidents", 401),
        (None, "POST", "/api/incidents", 401),
        (None, "GET", "/api/stream", 401),
        ("integration", "GET", "/api/incidents", 403),
        ("integration", "GET", "/api/stream", 403),
        ("viewer", "GET", "/api/incidents", 200),
        ("viewer", "POST", "/api/incidents", 403),
        ("viewer", "GET", "/api/phones", 403),
        ("viewer", "POST", "/api/rosters/field-response/overrides", 403),
        ("responder", "POST", "/api/rosters/field-response/overrides", 422),  # for oneself
        ("responder", "GET", "/api/keys", 403),
        ("commander", "GET", "/api/organisation", 403),
        ("admin", "GET", "/api/keys", 200),
    ],
)
def test_each_role_may_what_it_may(place: Place, role: str | None, method: str, path: str, status: int) -> None:
    headers = place.key(role) if role else {}
    answer = place.client.request(method, path, json=None if method == "GET" else {}, headers=headers)
    assert answer.status_code == status
    if status in (401, 403):
        assert answer.headers["content-type"] == "application/problem+json"


def test_only_a_commander_regrades(place: Place) -> None:
    incident = place.reported()["id"]
    body = {"level": "low", "reason": "a test rack only"}
    path = f"/api/incidents/{incident}/regrade"
    assert place.client.post(path, json=body, headers=place.key("responder")).status_code == 403
    assert place.client.post(path, json=body, headers=place.key("commander")).status_code == 200


def test_a_wrong_key_is_401_and_guessing_is_slowed(place: Place) -> None:
    wrong = {"authorization": "Bearer nonsense"}
    answers = [place.client.get("/api/incidents", headers=wrong).status_code for _ in range(32)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert place.client.get("/api/incidents", headers=place.key("viewer")).status_code == 200


def test_a_browser_is_sent_to_sign_in_and_back(place: Place) -> None:
    answer = place.client.get("/wall?distance=5", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fwall%3Fdistance%3D5"


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("/wall?x=1", "/wall?x=1"),
        (None, "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(given: str | None, safe: str) -> None:
    assert safe_next(given) == safe


def test_a_password_opens_a_session_that_ends_with_the_sign_out(place: Place) -> None:
    place.app.state.gate.sessions.set_password("alice", PASSWORD)
    form = {"name": "alice@example.com", "password": PASSWORD, "next": "/wall"}
    answer = place.client.post("/login", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/wall"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert place.client.get("/api/incidents").status_code == 200
    place.client.post("/logout")
    assert place.client.get("/api/incidents").status_code == 401


def test_signing_in_gives_a_new_session_whatever_was_in_the_browser(place: Place) -> None:
    place.app.state.gate.sessions.set_password("alice", PASSWORD)
    place.client.cookies.set("incident_session", "planted")
    answer = place.client.post("/login", data={"name": "alice", "password": PASSWORD})
    assert answer.cookies["incident_session"] != "planted"
    assert place.app.state.gate.sessions.person("planted") is None


def test_what_was_signed_in_before_is_signed_out_by_signing_in_anew_and_by_signing_out(place: Place) -> None:
    sessions = place.app.state.gate.sessions
    before, other = place.session("alice"), place.session("alice")
    answer = place.client.post(f"/login/{sessions.make_link('bob')}", headers=before)
    new = {"cookie": f"incident_session={answer.cookies['incident_session']}"}
    place.client.cookies.clear()
    assert place.client.get("/api/incidents", headers=before).status_code == 401
    assert place.client.get("/api/incidents", headers=new).status_code == 200
    out = place.client.post("/logout", headers=new)
    assert 'incident_session=""' in out.headers["set-cookie"]
    assert place.client.get("/api/incidents", headers=new).status_code == 401, "not in this browser only: everywhere"
    assert place.client.get("/api/incidents", headers=other).status_code == 200


def test_behind_https_the_cookie_goes_nowhere_else(tmp_path: Path, template: Path) -> None:
    with opened(tmp_path, template, public_url="https://incident.example") as place:
        link = place.app.state.gate.sessions.make_link("bob")
        answer = place.client.post(f"/login/{link}")
        flags = {flag.strip().lower() for flag in answer.headers["set-cookie"].split(";")}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= flags
        assert "domain" not in answer.headers["set-cookie"].lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_wrong_passwords_are_counted_by_account_whoever_asks(place: Place) -> None:
    place.app.state.gate.sessions.set_password("alice", PASSWORD)
    for _ in range(10):
        assert place.client.post("/login", data={"name": "alice", "password": "wrong"}).status_code == 401
    assert place.client.post("/login", data={"name": "alice", "password": PASSWORD}).status_code == 429


def test_an_unknown_name_is_answered_like_a_wrong_password(place: Place) -> None:
    place.app.state.gate.sessions.set_password("alice", PASSWORD)
    one = place.client.post("/login", data={"name": "alice", "password": "wrong"})
    other = place.client.post("/login", data={"name": "nobody", "password": "wrong"})
    assert one.status_code == other.status_code == 401


def test_a_link_signs_in_once_and_only_by_its_button(place: Place) -> None:
    made = place.client.post("/api/people/bob/signin", headers=place.key("admin"))
    assert made.status_code == 201
    path = made.json()["link"].removeprefix("http://127.0.0.1:8000")
    assert place.client.get(path, headers={"accept": "text/html"}).status_code == 200
    assert place.client.get("/api/incidents").status_code == 401
    assert place.client.post(path).status_code == 303
    assert place.client.get("/api/incidents").status_code == 200
    place.client.cookies.clear()
    assert place.client.post(path).status_code == 401


def test_a_link_is_good_for_a_shift(place: Place) -> None:
    secret = place.app.state.gate.sessions.make_link("bob")
    place.clock.move(timedelta(hours=12, minutes=1))
    assert place.client.post(f"/login/{secret}").status_code == 401


def test_a_session_ends_a_month_after_its_last_use(place: Place) -> None:
    sessions = place.app.state.gate.sessions
    value = sessions.begin("alice")
    place.clock.move(timedelta(days=20))
    assert sessions.person(value) == "alice"
    sessions._kept.clear()
    place.clock.move(timedelta(days=20))
    assert sessions.person(value) == "alice"
    sessions._kept.clear()
    place.clock.move(timedelta(days=31))
    assert sessions.person(value) is None


def test_a_new_password_signs_out_everywhere(place: Place) -> None:
    session = place.session("alice")
    assert place.client.get("/api/incidents", headers=session).status_code == 200
    body = {"password": PASSWORD}
    assert place.client.put("/api/people/alice/password", json=body, headers=place.session("bob")).status_code == 403
    assert place.client.put("/api/people/alice/password", json=body, headers=session).status_code == 204
    assert place.client.get("/api/incidents", headers=session).status_code == 401


def test_who_has_left_the_organisation_is_signed_in_no_more(place: Place) -> None:
    session = place.session("vera")
    assert place.client.get("/api/people", headers=session).status_code == 200
    assert place.client.delete("/api/people/vera", headers=place.key("admin")).status_code == 204
    assert place.client.get("/api/people", headers=session).status_code == 401


def test_a_key_is_shown_once_and_can_be_revoked(place: Place) -> None:
    body = {"name": "grafana", "role": "integration", "unit": "field"}
    made = place.client.post("/api/keys", json=body, headers=place.key("admin"))
    assert made.status_code == 201
    secret = made.json()["key"]
    report = {"title": "disk full"}
    own = {"authorization": f"Bearer {secret}"}
    answer = place.client.post("/api/incidents", json=report, headers=own)
    assert answer.json()["unit"] == "field"
    listed = place.client.get("/api/keys", headers=place.key("admin"))
    assert secret not in listed.text
    assert "grafana" in [key["name"] for key in listed.json()["items"]]
    assert place.client.post("/api/keys", json=body, headers=place.key("admin")).status_code == 409
    assert place.client.delete("/api/keys/grafana", headers=place.key("admin")).status_code == 204
    assert place.client.post("/api/incidents", json=report, headers=own).status_code == 401


def test_it_is_known_when_a_key_was_last_used(place: Place) -> None:
    """Given a key that works and one that nobody has, when an admin looks for dead ones, then they are told apart."""

    def used() -> dict[str, str | None]:
        place.app.state.hub.source.writable()  # the heartbeat
        items = place.client.get("/api/keys", headers=place.key("admin")).json()["items"]
        return {key["name"]: key["used_at"] for key in items}

    place.reported()
    first = used()
    assert (first["responder-key"], first["viewer-key"]) == (iso(place.clock.now()), None)
    place.clock.move(timedelta(minutes=2))
    place.app.state.gate.keys._kept.clear()  # seconds later
    place.reported(dedup_key="b")
    assert used()["responder-key"] == iso(place.clock.now())


def test_what_another_process_revokes_is_seen_within_seconds(place: Place) -> None:
    headers = place.key("viewer")
    assert place.client.get("/api/people", headers=headers).status_code == 200
    with changing(place.house.engine) as connection:
        revoke(connection, "viewer-key", place.clock.now())
    place.app.state.gate.keys._kept._now = lambda: 10.0**9
    assert place.client.get("/api/people", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_a_page_elsewhere_cannot_make_a_browser_act(place: Place, headers: dict[str, str], status: int) -> None:
    incident = place.reported()["id"]
    answer = place.client.post(
        f"/api/incidents/{incident}/note", json={"text": "hello"}, headers=place.session("alice") | headers
    )
    assert answer.status_code == status


def test_every_answer_bears_the_headers_that_keep_a_page_safe(place: Place) -> None:
    for path in ("/healthz", "/api/incidents", "/login", "/nothing", "/static/app.css"):
        answer = place.client.get(path, headers={"accept": "text/html"})
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_language_is_chosen_by_hand_then_by_person_then_by_browser(place: Place) -> None:
    chinese = {"accept-language": "zh-TW,en;q=0.3"}
    detail = place.client.get("/api/incidents", headers=chinese).json()["detail"]
    assert "請先登入" in detail
    answer = place.client.get("/api/incidents?lang=zh", headers={"accept-language": "en"})
    assert "请先登录" in answer.json()["detail"]
    assert "lang=zh-Hans" in answer.headers["set-cookie"]
    missing = place.client.get("/api/incidents/C9", headers=place.session("bob"))
    assert "C9" in missing.json()["detail"]
    assert "There" not in missing.json()["detail"]


def test_guessing_the_link_of_a_page_is_slowed(place: Place) -> None:
    html = {"accept": "text/html"}
    answers = [place.client.get(f"/a/abcdefghjk{n:02}", headers=html).status_code for n in range(32)]
    assert answers[0] == 404
    assert answers[-1] == 429
