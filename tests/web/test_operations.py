"""Health, readiness, figures, and the description of the API."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from incident.errors import why
from incident.organisation import Role
from incident.store import providers
from incident.store.engine import changing
from incident.store.portable.hold import hold
from incident.store.tables import outbox
from tests.web.place import Place, opened, secret
from tests.web.test_aliyun_hooks import ALIYUN
from web.acts import COMMANDS
from web.app import ENDPOINTS
from web.operations import Verdict

TWILIO = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "t" * 32, "twilio_from": "+12025550190"}


def test_a_living_process_says_so_to_anybody(place: Place) -> None:
    assert place.client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_it_can_write_and_nothing_is_late(place: Place) -> None:
    answer = place.client.get("/readyz")
    assert answer.status_code == 200
    assert set(answer.json()["checks"]) == {
        "database",
        "bell",
        "pages",
        "watch",
        "log",
        "organisation",
        "held",
        "providers",
        "phones",
        "limits",
        "audit",
    }
    assert answer.json()["checks"]["phones"]["detail"].startswith("simulated")


def test_not_ready_while_each_try_puts_a_page_off(place: Place) -> None:
    place.reported()
    place.clock.move(timedelta(seconds=40))
    off = int(timedelta(seconds=60).total_seconds() * 1_000_000)
    with changing(place.house.engine) as connection:
        connection.execute(text(f"UPDATE outbox SET attempts = 7, not_before = not_before + {off}"))
    answer = place.client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["pages"]["detail"]) == (503, "oldest unsent 40.0 s")
    assert "incident_outbox_oldest_seconds 40.0" in place.client.get("/metrics").text


def test_not_ready_when_a_page_waits_too_long_or_the_watch_sleeps(place: Place) -> None:
    place.reported()
    place.clock.move(timedelta(seconds=40))
    answer = place.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["pages"] == {"ok": False, "detail": "oldest unsent 40.0 s"}
    place.clock.move(timedelta(minutes=30))
    checks = place.client.get("/readyz").json()["checks"]
    assert checks["watch"]["ok"] is False
    assert place.client.get("/readyz/web").status_code == 200, "no reason for a proxy to send reports nowhere"


def test_not_ready_when_the_database_takes_nothing(place: Place) -> None:
    with changing(place.house.engine) as connection:
        connection.execute(text("DROP TABLE meta"))
    answer = place.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["ok"] is False
    assert place.client.get("/readyz/web").status_code == 503


def test_says_that_the_work_of_a_restored_backup_is_held(place: Place) -> None:
    place.reported()
    with changing(place.house.engine) as connection:
        hold(connection, place.clock.now())
    place.clock.move(timedelta(minutes=30))
    place.audit()
    answer = place.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "held")
    assert "1 incidents since 2026-11-23T02:12" in answer.json()["checks"]["held"]["detail"]


def test_the_figures_are_prometheus_and_hold_no_ids_or_secrets(place: Place) -> None:
    incident = place.reported()
    place.client.post(f"/hooks/generic/{secret('integration')}", json={"title": "x"})
    place.client.get(f"/api/incidents/{incident['id']}", headers=place.key("viewer"))
    text_ = place.client.get("/metrics").text
    assert 'incident_open{level="critical"} 1.0' in text_
    assert "incident_outbox_oldest_seconds 0.0" in text_
    assert 'route="/api/incidents/{id}"' in text_
    assert incident["id"] not in text_
    assert secret("integration") not in text_


def test_whoever_asks_for_health_again_and_again_costs_the_database_one_look_a_second(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked for a key here, and each look is a write."""
    looks: list[int] = []
    monkeypatch.setattr("web.operations.readiness", lambda _: looks.append(1) or {"bell": Verdict(True, "")})
    for _ in range(20):
        place.client.get("/readyz")
    assert len(looks) == 1
    place.clock.move(timedelta(seconds=1))
    place.client.get("/readyz")
    assert len(looks) == 2


def test_a_broken_store_is_503_with_a_time_to_come_again(place: Place) -> None:
    with changing(place.house.engine) as connection:
        connection.execute(text("ALTER TABLE outbox RENAME TO gone"))
    with capture_logs() as said:
        answer = place.client.post(
            "/api/incidents", json={"title": "x", "product": "cloud"}, headers=place.key("responder")
        )
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert [(line["path"], line["problem"]) for line in said if line["event"] == "the store did not answer"] == [
        ("/api/incidents", "no such table: outbox")
    ]
    assert "gone" not in answer.text
    assert "sqlite" not in answer.text.lower()


@pytest.fixture
def described(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = place.client.get("/openapi.json").json()
    return found


def test_every_endpoint_is_described_with_its_role(described: dict[str, Any]) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.described:
            operation = described["paths"][endpoint.path][endpoint.method.lower()]
            assert operation["summary"]
            assert ("security" in operation) is (endpoint.role is not None)
    for name in COMMANDS:
        assert f"/api/incidents/{{id}}/{name}" in described["paths"]


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


def test_what_needs_a_role_is_closed_to_everybody_else(place: Place) -> None:
    for endpoint in ENDPOINTS:
        if endpoint.role is None or not endpoint.routed:
            continue
        path = endpoint.path.replace("{id}", "C1").replace("{", "").replace("}", "")
        answer = place.client.request(endpoint.method, path)
        assert answer.status_code == 401, endpoint.path
        if endpoint.role is not Role.VIEWER and not endpoint.reports:
            below = "viewer" if endpoint.role is Role.RESPONDER else "responder"
            answer = place.client.request(endpoint.method, path, headers=place.key(below))
            assert answer.status_code == 403, endpoint.path


def test_what_nobody_foresaw_is_500_and_says_nothing_of_itself(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("web.api.people.show", broken)
    answer = place.client.get("/api/people", headers=place.key("viewer"))
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "hunter2" not in answer.text


def test_a_person_with_a_browser_gets_a_page_and_a_program_a_document(place: Place) -> None:
    page = place.client.get("/nothing-here", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert place.client.get("/api/nothing", headers={"accept": "text/html"}).json()["status"] == 404
    assert place.client.request("PATCH", "/healthz").status_code == 405


def test_without_the_bell_it_is_slower_and_not_out_of_service(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> str:
        raise ConnectionError

    monkeypatch.setattr("web.operations._ring", gone)
    answer = place.client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "slower")
    assert answer.json()["checks"]["bell"]["ok"] is False


def test_after_a_refusal_for_want_of_a_store_every_page_says_that_nothing_can_be_written(place: Place) -> None:
    def banner(path: str) -> bool:
        body = place.client.get(path, headers=place.session("alice")).text
        shown = re.search(r'<p class="[^"]*" id="(?:refusing|alarm)" role="alert"( hidden)?>', body)
        assert shown is not None
        return shown.group(1) is None

    assert not banner("/")
    assert not banner("/wall")
    place.app.state.hub.refused()
    assert banner("/")
    assert banner("/wall")


def down(place: Place, provider: str, way: str, *, up: bool = False) -> None:
    """As a worker writes it down."""
    with changing(place.house.engine) as connection:
        reason = None if up else why("page.failed.credentials")
        providers.put(connection, providers.State(provider, way, up, place.clock.now(), reason))
    place.clock.move(timedelta(seconds=2))


def test_a_provider_that_is_down_is_said_and_only_the_last_one_is_an_alarm(tmp_path: Path, template: Path) -> None:
    with opened(tmp_path, template, **TWILIO, **ALIYUN) as place:
        place.client.get("/readyz")
        down(place, "twilio", "sms")
        answer = place.client.get("/readyz")
        checks = answer.json()["checks"]
        assert (answer.status_code, answer.json()["status"]) == (200, "weaker")
        assert checks["providers"]["detail"].startswith("twilio sms down since 2026-11-23T02:12:0")
        figures = place.client.get("/metrics").text
        assert 'incident_provider_up{provider="twilio",way="sms"} 0.0' in figures
        assert 'incident_provider_up{provider="aliyun",way="sms"} 1.0' in figures
        down(place, "aliyun", "sms")
        assert place.client.get("/readyz").status_code == 200  # calls still go
        down(place, "twilio", "voice")
        answer = place.client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["phones"]["ok"]) == (503, False)
        down(place, "aliyun", "sms", up=True)
        assert place.client.get("/readyz").status_code == 200


def test_a_provider_that_is_configured_no_more_is_nobodys_trouble(place: Place) -> None:
    down(place, "twilio", "sms")
    assert place.client.get("/readyz").json()["checks"]["providers"] == {"ok": True, "detail": "up"}


def test_how_well_a_provider_delivers_can_be_scraped(tmp_path: Path, template: Path) -> None:
    with opened(tmp_path, template, **TWILIO) as place:
        place.reported()
        with changing(place.house.engine) as connection:
            at = place.clock.now()
            went = {"provider": "twilio", "state": "delivered", "sent_at": at, "settled_at": at + timedelta(seconds=4)}
            connection.execute(outbox.update().values(**went))
        place.later(minutes=5)
        figures = place.client.get("/metrics").text
        assert 'incident_provider_delivered_share{country="US",provider="twilio",way="sms"} 1.0' in figures
        assert 'incident_provider_median_seconds{country="US",provider="twilio",way="sms"} 4.0' in figures
