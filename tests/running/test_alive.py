"""The container's health check."""

from __future__ import annotations

import http.server
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import pytest

from incident.running.alive import main
from incident.running.pulse import EVERY_S, FILE, SILENT_S, beating, is_beating


def at_once(_: float) -> None:
    """No wait."""


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
    assert main({"INCIDENT_PORT": web}, at_once) == 0
    assert main({"INCIDENT_HOST": "0.0.0.0", "INCIDENT_PORT": web}, at_once) == 0


def test_a_web_that_answers_anything_else_is_not(web: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answer, "status", 503)
    assert main({"INCIDENT_PORT": web}, at_once) == 1


def test_nobody_there_is_not_healthy(web: str) -> None:
    assert main({"INCIDENT_PORT": "1"}, at_once) == 1


def test_what_has_a_pulse_is_healthy_while_its_loop_comes_round(tmp_path: Path) -> None:
    env = {FILE: str(tmp_path / "pulse"), "INCIDENT_PORT": "1"}
    assert main(env, at_once) == 1, "it has not begun"
    beating(env)()
    assert main(env, at_once) == 0
    touched = datetime.fromtimestamp((tmp_path / "pulse").stat().st_mtime, UTC)
    for moved in (-1, 1):  # by a clock that was set back, too
        assert is_beating(tmp_path / "pulse", touched + moved * timedelta(seconds=SILENT_S))
        assert not is_beating(tmp_path / "pulse", touched + moved * timedelta(seconds=SILENT_S + 1))


@pytest.fixture
def hung(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that beat once, long ago, and stands still since."""
    code = "import os; from incident.running.pulse import beating; beating(os.environ)(); print(flush=True); input()"
    env = os.environ | {FILE: str(tmp_path / "pulse")}
    with subprocess.Popen([sys.executable, "-c", code], env=env, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        os.utime(tmp_path / "pulse", (0, 0))
        yield process
        process.kill()


def test_what_hangs_is_ended_for_an_engine_only_starts_again_what_ends(
    hung: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    waits: list[float] = []
    assert main({FILE: str(tmp_path / "pulse")}, waits.append) == 1
    assert hung.wait(30) == -signal.SIGKILL
    assert waits == [2 * EVERY_S], "it was looked at twice"


def test_what_was_only_asleep_beats_again_and_is_left_alone(hung: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert main({FILE: str(tmp_path / "pulse")}, lambda _: (tmp_path / "pulse").touch()) == 0
    assert hung.poll() is None


def test_nobody_is_ended_for_having_the_number_of_a_process_that_is_gone(
    hung: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    pulse = tmp_path / "pulse"
    pulse.write_text(f"{hung.pid} 1", encoding="ascii")
    os.utime(pulse, (0, 0))
    assert main({FILE: str(pulse)}, at_once) == 1
    pulse.write_text("", encoding="ascii")
    os.utime(pulse, (0, 0))
    assert main({FILE: str(pulse)}, at_once) == 1
    assert hung.poll() is None


def test_the_check_costs_next_to_nothing_for_it_runs_in_every_container() -> None:
    """With the settings it took a second of a core, and six at once were all too late on a machine with two."""
    code = "import sys, incident.running.alive; print(*sys.modules)"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in asked.stdout.split()}
    assert not loaded & {"pydantic", "sqlalchemy", "phonenumbers", "babel", "ruamel", "starlette", "typer"}
