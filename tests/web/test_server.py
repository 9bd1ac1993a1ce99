"""The real server in a process of its own: it starts, streams over a real socket, and stops in good order."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.web.place import secret


@contextmanager
def serving(folder: Path, template: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    shutil.copy(template, folder / "incident.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {"INCIDENT_DATA": str(folder), "INCIDENT_PORT": str(port)}
    line = [sys.executable, "-m", "uvicorn", "web.app:create", "--factory", "--port", str(port)]
    command = [*line, "--log-level", "warning", "--timeout-graceful-shutdown", "5"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server)
            yield url, server
        finally:
            server.kill()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert server.poll() is None, server.stderr.read().decode() if server.stderr else ""
        try:
            if httpx2.get(f"{url}/healthz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    pytest.fail("the server did not start")


def test_a_stop_says_good_bye_to_walls_and_ends_cleanly(tmp_path: Path, template: Path) -> None:
    viewer = {"authorization": f"Bearer {secret('viewer')}"}
    reporter = {"authorization": f"Bearer {secret('responder')}"}
    with serving(tmp_path, template) as (url, server):
        with httpx2.stream("GET", f"{url}/api/stream", headers=viewer, timeout=20) as answer:
            events = iter(httpx2.EventSource(answer))
            assert next(events).event == "snapshot"
            assert next(events).event == "heartbeat"
            body = {"title": "down", "level": "critical", "product": "cloud"}
            assert httpx2.post(f"{url}/api/incidents", json=body, headers=reporter).status_code == 201
            assert next(events).event == "entry"
            server.send_signal(signal.SIGTERM)
            assert [event.event for event in events][-1] == "bye"
        server.wait(10)
        told = server.stderr.read().decode() if server.stderr else ""
    assert server.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in told
