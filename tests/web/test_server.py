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
from contextlib import ExitStack, contextmanager
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
    command = [sys.executable, "-m", "incident.cli", "web", "--data", str(folder), "--port", str(port)]
    with subprocess.Popen(command, env=os.environ | {"INCIDENT_LOG": "json"}, stderr=subprocess.PIPE) as server:
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


HALF_HEAD = b"POST /api/incidents HTTP/1.1\r\nhost: x\r\nx-slow: "
HALF_BODY = b"POST /v2/enqueue HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n{"


def test_hundreds_of_connections_that_dawdle_stop_no_report(tmp_path: Path, template: Path) -> None:
    reporter = {"authorization": f"Bearer {secret('responder')}"}
    with serving(tmp_path, template) as (url, server), ExitStack() as open_ones:
        port = int(url.rpartition(":")[2])
        slow = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(400)]
        for number, one in enumerate(slow):
            one.sendall(HALF_HEAD if number % 2 else HALF_BODY)
        took = []
        for number in range(20):
            for one in slow[:: 1 + number % 3]:
                one.sendall(b"y")
            body = {"title": f"down {number}", "level": "critical", "product": "cloud"}
            start = time.monotonic()
            assert httpx2.post(f"{url}/api/incidents", json=body, headers=reporter).status_code == 201
            took.append(time.monotonic() - start)
        assert sorted(took)[10] < 0.5, took  # tens of milliseconds on a quiet machine
        open_ones.close()  # all of them hang up in the middle of what they said
        assert httpx2.get(f"{url}/healthz").status_code == 200
        assert httpx2.get(f"{url}/healthz", headers={"x-large": "y" * 40_000}).status_code == 431
        server.send_signal(signal.SIGTERM)
        server.wait(10)
        told = server.stderr.read().decode() if server.stderr else ""
    assert "Traceback" not in told
    assert len(told.splitlines()) < 50, "a peer that hangs up is no error of ours"
