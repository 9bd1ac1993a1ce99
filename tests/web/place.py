"""A small command centre with a web on it: a real database, the real desk, a clock that is moved by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from incident.clock import MovedClock
from incident.desk.auditor import Audit, Auditor
from incident.desk.requests import NoteKey
from incident.desk.watch import Watch
from incident.ids import hashed
from incident.organisation import Organisation
from incident.settings import Settings
from incident.store import directory, keys, signs
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate
from incident.wiring import House, open_house
from incident.words import words_for
from web.app import build

START = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
ROLES = ("viewer", "responder", "commander", "admin", "integration")
NUMBERS = {"alice": "+12025550101", "bob": "+12025550102", "charlie": "+12025550103"}


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": words}


def person(name: str, unit: str, role: str, **more: object) -> dict[str, object]:
    number = NUMBERS.get(name)
    ways = [{"kind": "sms", "address": number}] if number else []
    return {
        "id": name,
        "name": name.title(),
        "timezone": "UTC",
        "unit": unit,
        "role": role,
        "ways": ways,
        "email": f"{name}@example.com",
        **more,
    }


@cache
def organisation() -> Organisation:
    """alice and bob are on duty in the field, charlie above them; dora is the admin, vera only looks."""
    days = {"timezone": "UTC", "start": "2026-11-08", "handover": "08:00", "period_days": 7}
    rosters = {"field": ["alice", "bob"], "hq": ["charlie"]}
    return Organisation.model_validate(
        {
            "units": [
                {"id": "hq", "name": text("Headquarters"), "tier": "hq", "timezone": "UTC"},
                {
                    "id": "field",
                    "name": text("Field"),
                    "tier": "field",
                    "parent": "hq",
                    "timezone": "UTC",
                    "products": ["cloud"],
                },
            ],
            "people": [
                person("alice", "field", "responder"),
                person("bob", "field", "responder", locale="zh_Hans"),
                person("charlie", "hq", "commander"),
                person("dora", "hq", "admin"),
                person("vera", "hq", "viewer"),
            ],
            "rosters": [
                {"id": f"{unit}-response", "name": text(unit), "unit": unit, **days, "rotation": people}
                for unit, people in rosters.items()
            ],
        }
    )


@cache
def migrated(folder: Path) -> Path:
    """An empty database with the organisation and one key of each role, made once and copied for each test."""
    path = folder / "template.db"
    settle(f"sqlite:///{path}")
    return path


def settle(url: str) -> None:
    """Bring a database up to date, with the organisation and a key of each role."""
    engine = open_engine(url)
    migrate(engine)
    with changing(engine) as connection:
        directory.save_organisation(connection, organisation(), expected=0, at=START, by="system")
        for role in ROLES:
            keys.add(connection, hashed=hashed(secret(role)), name=f"{role}-key", role=role, now=START)
    engine.dispose()


def secret(role: str) -> str:
    return f"secret-of-{role}-0123456789"


@dataclass
class Place:
    """`client` sends nothing that says who asks; `key(role)` and `person(name)` give headers that do."""

    house: House
    app: Starlette
    client: TestClient
    clock: MovedClock

    def key(self, role: str) -> dict[str, str]:
        return {"authorization": f"Bearer {secret(role)}"}

    def session(self, name: str) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        return {"cookie": f"incident_session={self.app.state.gate.sessions.begin(name)}"}

    def reported(self, **fields: object) -> dict[str, Any]:
        """An incident, as the API answers a report of it."""
        body = {"title": "Data centre down", "kind": "system_outage", "level": "critical", "product": "cloud", **fields}
        answer = self.client.post("/api/incidents", json=body, headers=self.key("responder"))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def act(self, incident: str, command: str, by: str = "alice", **body: object) -> Any:
        """Put a command by a key in somebody's name, or fail."""
        answer = self.client.post(f"/api/incidents/{incident}/{command}", json=body, headers=self.session(by))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def later(self, **time: float) -> None:
        """Time passes and the watch looks."""
        self.clock.move(timedelta(**time))
        Watch(self.house.desk, self.house.engine, self.clock).run_due(self.clock.now())

    def audit(self) -> Audit:
        """The auditor looks, while worker and web give signs of life."""
        house = self.house
        with changing(house.engine) as connection:
            for name in (signs.WORKER, signs.WEB):
                signs.sign(connection, name, self.clock.now())
        say = words_for("en").reason
        return Auditor(house.engine, self.clock, house.desk, house.directory.organisation, say=say).audit()

    def deliver(self) -> None:
        """What is due goes out to the simulated phones, and the log has been told what became of it."""
        self.house.delivery().drain()
        self.house.desk.submit(NoteKey("nobody's", "system", "-")).result(10)  # after all that was asked


@contextmanager
def opened(folder: Path, template: Path | None, **env: str) -> Iterator[Place]:
    """The house on a copy of the template, or on the `database_url` of `env`."""
    if template is not None:
        shutil.copy(template, folder / "incident.db")
    clock = MovedClock(START)
    settings = Settings.load({f"INCIDENT_{name.upper()}": value for name, value in env.items()}, data_dir=folder)
    house = open_house(settings, clock=clock)
    app = build(house)
    try:
        with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
            yield Place(house, app, client, clock)
    finally:
        house.close()
