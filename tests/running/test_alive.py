"""The container's health check."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident.running.alive import main
from incident.running.pulse import FILE, SILENT_S, beating, is_beating


class _Answer(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
        """Nothing: the test's output is not a log."""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield str(server.server_port)
        server.shutdown()
        thread.join()


def test_a_web_that_answers_is_healthy_on_whatever_address_it_listens(web: str) -> None:
    assert main({"INCIDENT_PORT": web}) == 0
    assert main({"INCIDENT_HOST": "0.0.0.0", "INCIDENT_PORT": web}) == 0


def test_a_web_that_answers_anything_else_is_not(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answer, "status", 503)
    assert main({"INCIDENT_PORT": web}) == 1


def test_nobody_there_is_not_healthy(web: str) -> None:
    assert main({"INCIDENT_PORT": "1"}) == 1


def test_what_listens_on_nothing_is_healthy_while_its_loop_comes_round(tmp_path: Path) -> None:
    env = {FILE: str(tmp_path / "pulse"), "INCIDENT_PORT": "1"}
    assert main(env) == 1, "it has not begun"
    beating(env)()
    assert main(env) == 0
    now = datetime.fromtimestamp((tmp_path / "pulse").stat().st_mtime, UTC)
    assert is_beating(tmp_path / "pulse", now + timedelta(seconds=SILENT_S))
    assert not is_beating(tmp_path / "pulse", now + timedelta(seconds=SILENT_S + 1))
