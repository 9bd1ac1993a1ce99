"""A whole story, with every kind of secret in it: not one of them, and no number, stands in any line of the log."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from incident.ids import new_key
from incident.running import logs
from incident.store import links
from incident.store.engine import reading
from tests.web.place import NUMBERS, Place, secret
from tests.web.test_guests import invited
from tests.web.test_tabletop import begun
from web import feeds

PASSWORD = "correct horse battery staple"


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What a web process would write, everything down to DEBUG, through the same redaction."""
    stream, root = io.StringIO(), logging.getLogger()
    level, before = root.level, structlog.get_config()
    logs.configure("web", "json", stream=stream)
    structlog.configure(cache_logger_on_first_use=False)  # or its loggers keep these settings in the tests that follow
    root.setLevel(logging.DEBUG)
    ours = root.handlers[0]
    yield stream
    root.removeHandler(ours)  # those that stood there before were pytest's for the setup, and are closed
    root.setLevel(level)
    structlog.configure(**before)


def test_no_secret_and_no_number_in_any_line(place: Place, told: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = place.reported(contact="+1 202 555 0177", symptom=f"the password is {PASSWORD}")["id"]
    place.deliver()
    with reading(place.house.engine) as connection:
        token = links.of(connection, [incident])[incident, "alice"]
    admin, html = place.key("admin"), {"accept": "text/html"}
    made = place.client.post("/api/keys", json={"name": "grafana", "role": "integration"}, headers=admin).json()["key"]
    link = place.client.post("/api/people/bob/signin", headers=admin).json()["link"].rpartition("/")[2]
    place.client.put("/api/people/alice/password", json={"password": PASSWORD}, headers=admin)
    session = place.client.post("/login", data={"name": "alice", "password": PASSWORD}).cookies["incident_session"]
    feed = feeds.make(place.house, "alice", feeds.OWN).rpartition("/")[2].removesuffix(".ics")
    assert place.client.get(f"/calendar/{feed}.ics").status_code == 200
    guest = invited(place, begun(place))[1]
    assert place.client.get(f"/guest/{guest}").status_code == 200
    wrong = new_key()
    place.client.post("/login", data={"name": "alice", "password": f"not {PASSWORD}"})
    place.client.get("/api/incidents", headers={"authorization": f"Bearer {wrong}"})
    place.client.post(f"/hooks/generic/{made}", json={"title": "x", "contact": NUMBERS["bob"]})
    place.client.post(f"/hooks/alertmanager/{made}", content=b"{")
    place.client.get(f"/a/{token}", headers=html)
    place.client.post(f"/a/{token}/acknowledge", headers=html)
    place.client.post(f"/api/phones/{NUMBERS['bob']}/messages", json={"body": "2"}, headers=admin)
    place.client.post(f"/login/{link}")

    def broken(*args: object, **more: object) -> None:
        """The worst place for it: an error whose words hold everything."""
        logging.getLogger("uvicorn.error").error("/a/%s %s %s", token, NUMBERS["alice"], made)
        logging.getLogger("uvicorn.access").info("GET /calendar/%s.ics", feed)
        logging.getLogger("uvicorn.access").info("GET /guest/%s", guest)
        raise RuntimeError(f"/hooks/generic/{made} Bearer {wrong} /a/{token} /login/{link} {NUMBERS['alice']}")

    monkeypatch.setattr("web.api.people.show", broken)
    assert place.client.get("/api/people", headers=admin).status_code == 500
    monkeypatch.setattr("web.hooks.take", broken)
    assert place.client.post(f"/hooks/generic/{made}", json={"title": "x"}).status_code == 500
    lines = told.getvalue()
    assert "request failed" in lines
    assert "delivery.sent" in lines
    for kept in (
        token,
        made,
        link,
        feed,
        guest,
        session,
        wrong,
        PASSWORD,
        *map(secret, ("responder", "admin")),
        *NUMBERS.values(),
    ):
        assert kept not in lines, next(line for line in lines.splitlines() if kept in line)
    assert not re.search(r"555[ -]?01\d\d", lines)
