"""What holds for every route there is: whom it lets in, that no page elsewhere can use it, what its answers bear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Mount, Route

from incident.ids import new_key
from incident.store import links
from incident.store.engine import reading
from tests.web.doors import ANYBODY, DOORS, Door
from tests.web.place import NUMBERS, Place, opened, secret
from tests.web.test_guests import invited
from tests.web.test_tabletop import begun
from web import feeds
from web.limiter import Limiter

PEOPLE = {"viewer": "vera", "responder": "alice", "commander": "charlie", "admin": "dora"}
MACHINES = ("/hooks/", "/v2/")


@dataclass
class Town:
    """A place where everything exists once; `ask` knocks at a door with the real names in its path."""

    place: Place
    incident: str
    token: str
    feed: str
    guest: str

    def address(self, door: Door) -> str:
        """What a request would take away is nobody's, so that all can be asked in a row."""
        plan = "system-outage" if door.path.startswith("/playbooks") else "appliance"
        return door.path.replace("/static", "/static/app.css").format(
            id=self.incident if "incidents" in door.path else plan,
            format="alertmanager",
            key=secret("integration"),
            command="finish-step" if door.path.startswith("/a/") else "note",
            person="nobody",
            way="sms-0",
            act="test",
            roster="field-response",
            unit="field",
            playbook="system-outage",
            name="no-such-key",
            window="no-such-window",
            number=NUMBERS["alice"],
            token=self._token(door),
            secret="nobodys",
            drill="no-such-drill",
            guest="no-such-guest",
            action="0",
            plan="no-such-plan",
            practice="no-such-practice",
        )

    def _token(self, door: Door) -> str:
        if door.path.startswith("/login"):
            return "no-such-link"
        if door.path.startswith("/guest"):
            return self.guest
        return self.feed if door.path.startswith("/calendar/") else self.token

    def ask(self, door: Door, headers: dict[str, str], method: str | None = None, query: str = "") -> Any:
        return self.knock(door, self.address(door) + query, headers, method)

    def knock(self, door: Door, address: str, headers: dict[str, str], method: str | None = None) -> Any:
        body: dict[str, Any] = {} if (method or door.method) in ("GET", "DELETE", "HEAD") else {"json": {}}
        return self.place.client.request(method or door.method, address, headers=headers, **body)

    def log(self) -> Any:
        return self.place.client.get(f"/api/incidents/{self.incident}/log", headers=self.place.key("viewer")).json()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[Town]:
    """One for all of these tests: what they ask for is refused, or changes nothing."""
    with opened(tmp_path_factory.mktemp("town"), template) as place:
        incident = place.reported()["id"]
        place.deliver()
        place.app.state.hub.stopping = True  # a stream says good-bye and ends
        sessions = place.app.state.gate.sessions
        sessions._by_address, sessions._by_account = Limiter(10_000, 1), Limiter(10_000, 1)  # nobody is slowed here
        with reading(place.house.engine) as connection:
            token = links.of(connection, [incident])[incident, "alice"]
        feed = feeds.make(place.house, "alice", feeds.OWN).rpartition("/")[2].removesuffix(".ics")
        yield Town(place, incident, token, feed, invited(place, begun(place))[1])


def routed(place: Place) -> Iterator[tuple[str, str]]:
    for route in place.app.routes:
        if isinstance(route, Mount):
            yield "GET", route.path
        else:
            assert isinstance(route, Route)
            yield from ((method, route.path) for method in (route.methods or ()) if method != "HEAD")


def test_every_route_has_its_row(place: Place) -> None:
    assert sorted(routed(place)) == sorted((door.method, door.path) for door in DOORS)


@pytest.mark.parametrize("role", [None, "integration", *PEOPLE])
def test_a_key_enters_where_its_role_may_and_nowhere_else(town: Town, role: str | None) -> None:
    headers = town.place.key(role) if role else {}
    inside = {door: door.status if door.lowest == ANYBODY else door.keys or door.status for door in DOORS}
    expected = {door: inside[door] if door.lets_in(role) else 403 if role else 401 for door in DOORS}
    assert {door: town.ask(door, headers).status_code for door in DOORS} == expected


@pytest.mark.parametrize("role", list(PEOPLE))
def test_a_person_enters_where_their_role_may_and_nowhere_else(town: Town, role: str) -> None:
    headers = town.place.session(PEOPLE[role])
    expected = {door: door.status if door.lets_in(role) else 403 for door in DOORS}
    expected[Door("GET", "/login", ANYBODY, 200)] = 303  # who is in already is sent on
    assert {door: town.ask(door, headers).status_code for door in DOORS} == expected


def test_a_guests_link_opens_its_own_page_and_nothing_else(town: Town) -> None:
    """As a key, as a session, and as whatever secret a path or a query asks for: it is worth nothing elsewhere."""
    gate, guest, own = town.place.app.state.gate, town.guest, "/guest/{token}"
    gate.wrong = gate.codes = Limiter(10_000, 1)
    others = [door for door in DOORS if door.path != own]
    assert len(others) == len(DOORS) - 2
    asked = {door: town.ask(door, {}).status_code for door in others}
    cookie = {"cookie": f"incident_session={guest}"}
    assert {door: town.ask(door, cookie).status_code for door in others} == asked, "it signs nobody in"
    for door in others:
        if door.lowest != ANYBODY:
            assert town.ask(door, {"authorization": f"Bearer {guest}"}).status_code == 401, door
            assert town.ask(door, {}, query=f"?key={guest}&token={guest}").status_code == 401, door
        elif "{" in door.path:
            answers = [town.knock(door, re.sub(r"{[^}]+}", given, door.path), {}) for given in (guest, new_key())]
            assert answers[0].status_code == answers[1].status_code, f"{door}: what any wrong secret is worth"
    assert town.ask(Door("GET", own, ANYBODY, 200), {}).status_code == 200


def test_a_browser_that_nobody_has_signed_in_is_sent_to_sign_in(town: Town) -> None:
    for door in DOORS:
        page = not door.path.startswith(("/api/", *MACHINES))
        if page and door.method == "GET" and door.lowest != ANYBODY:
            answer = town.ask(door, {"accept": "text/html"})
            assert answer.status_code == 303, door
            assert answer.headers["location"].startswith("/login?next=%2F"), door


@pytest.mark.parametrize(
    "elsewhere",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
    ids=lambda headers: "".join(headers.values()),
)
def test_no_page_elsewhere_can_make_a_browser_change_anything(town: Town, elsewhere: dict[str, str]) -> None:
    """A form of another site brings the admin's cookie with it. Doors of machines ask for no cookie."""
    admin, before = town.place.session("dora"), town.log()
    for door in DOORS:
        if door.method != "GET" and not door.path.startswith(MACHINES):
            assert town.ask(door, admin | elsewhere).status_code == 403, door
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert town.place.client.request(method, "/", headers=admin | elsewhere).status_code == 403
    assert town.log() == before
    assert town.place.client.get("/api/people", headers=admin).status_code == 200, "still signed in"


def test_a_door_of_machines_takes_no_cookie(town: Town) -> None:
    """What is not asked for its origin must not be opened by a session."""
    for key in ("not-a-key", secret("admin")):
        answer = town.place.client.post(
            f"/hooks/generic/{key}", json={"title": "x"}, headers=town.place.session("dora")
        )
        assert answer.status_code == 403


def test_what_is_read_by_get_changes_nothing(town: Town) -> None:
    """Every GET by an admin, and the log is as long as before: scanners and prefetchers follow links."""
    admin, before = town.place.session("dora"), town.log()
    for door in DOORS:
        if door.method == "GET":
            town.ask(door, admin)
    assert town.log() == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_methods_that_a_route_does_not_have_are_405_and_never_an_error(town: Town, method: str) -> None:
    """TRACE would read the headers out, with the key in them."""
    seen = {("HEAD", door.status) for door in DOORS if door.method == "GET"}  # of a path that is read as well
    for door in DOORS:
        answer = town.ask(door, town.place.key("admin"), method)
        if method == "HEAD" and door.method == "GET":
            assert (answer.status_code, answer.content) == (door.keys or door.status, b""), door
        else:
            assert answer.status_code == 405 or (method, answer.status_code) in seen, door
            assert secret("admin") not in answer.text, door


def test_every_answer_bears_the_headers_that_keep_a_page_safe(town: Town) -> None:
    html = {"accept": "text/html"}
    for door in DOORS:
        for headers in ({}, town.place.key("admin"), town.place.session("dora") | html):
            answer = town.ask(door, headers)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy, door
            assert "unsafe" not in policy, door
            assert answer.headers["x-content-type-options"] == "nosniff", door
            assert answer.headers["x-frame-options"] == "DENY", door
            assert answer.headers["referrer-policy"] == "same-origin", door
            if door.path == "/calendar/{token}.ics":
                assert answer.headers["cache-control"] == "private, max-age=900"
            elif door.path != "/static":
                assert answer.headers["cache-control"] == "no-store", door


def test_the_providers_doors_take_only_what_bears_its_signature(tmp_path: Path, template: Path) -> None:
    env = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "t" * 32, "twilio_from": "+12025550100"}
    with opened(tmp_path, template, **env) as place:
        paths = [door.path for door in DOORS if door.path.startswith("/hooks/twilio/")]
        assert len(paths) == 3
        for path in paths:
            for headers in ({}, place.session("dora"), place.key("admin"), {"x-twilio-signature": "AAAA"}):
                answer = place.client.post(path, data={"From": "+12025550101", "Body": "1"}, headers=headers)
                assert answer.status_code == 403, path
