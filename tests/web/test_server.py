"""The real server in a process of its own: it starts, streams over a real socket, and stops in good order."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.web.place import secret
from web.security import BODY_LIMIT

pytestmark = pytest.mark.long


@contextmanager
def serving(folder: Path, template: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One `incident web`; what it says is in the file `told`."""
    shutil.copy(template, folder / "incident.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "incident.cli", "web", "--data", str(folder), "--port", str(port)]
    env = os.environ | {"INCIDENT_LOG": "json"}
    with (folder / "told").open("wb") as told, subprocess.Popen(command, env=env, stderr=told) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server, folder / "told")
            yield url, server
        finally:
            server.kill()


def _wait(url: str, server: subprocess.Popen[bytes], told: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, told.read_text()
        try:
            if httpx2.get(f"{url}/healthz").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    pytest.fail("the server did not start")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server")


@pytest.fixture(scope="module")
def url(folder: Path, template: Path) -> Iterator[str]:
    """A server for all tests that do not stop it."""
    with serving(folder, template) as (found, _):
        yield found


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
        server.wait(30)
    assert server.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "told").read_text()


HALF_HEAD = b"POST /api/incidents HTTP/1.1\r\nhost: x\r\nx-slow: "
HALF_BODY = b"POST /v2/enqueue HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n{"


def test_hundreds_of_connections_that_dawdle_stop_no_report(url: str, folder: Path) -> None:
    reporter = {"authorization": f"Bearer {secret('responder')}"}
    with ExitStack() as open_ones:
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
    assert httpx2.get(f"{url}/healthz").status_code == 200
    told = (folder / "told").read_text()
    assert "Traceback" not in told, "a peer that hangs up in the middle is no error of ours"
    assert len(told.splitlines()) < 50


def test_a_wall_that_reads_nothing_holds_up_no_other_and_no_report(url: str) -> None:
    """What it does not take is not kept for it beyond what the sockets hold; that it is cut off: test_hub.py."""
    port, viewer = int(url.rpartition(":")[2]), f"authorization: Bearer {secret('viewer')}\r\n".encode()
    reporter = {"authorization": f"Bearer {secret('responder')}"}
    with socket.socket() as deaf, httpx2.Client(base_url=url, timeout=20) as client:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect(("127.0.0.1", port))
        deaf.sendall(b"GET /api/stream HTTP/1.1\r\nhost: x\r\n" + viewer + b"\r\n")
        headers = {"authorization": f"Bearer {secret('viewer')}"}
        with client.stream("GET", "/api/stream", headers=headers) as answer:
            events = iter(httpx2.EventSource(answer))
            assert next(events).event == "snapshot"
            for batch in range(4):
                reports = [{"title": f"rack {batch}-{n} " + "x" * 150, "product": "cloud"} for n in range(100)]
                assert httpx2.post(f"{url}/api/incidents", json=reports, headers=reporter).status_code == 201
            opened = 0
            while opened < 400:
                one = next(events)
                opened += one.event == "entry" and '"kind": "reported"' in one.data
        assert deaf.recv(12) == b"HTTP/1.1 200"


def test_the_server_as_it_is_run_has_limits_for_heads_and_bodies(url: str) -> None:
    assert httpx2.get(f"{url}/healthz", headers={"x-large": "y" * 40_000}).status_code == 431
    assert httpx2.post(f"{url}/v2/enqueue", content=b" " * (BODY_LIMIT + 1)).status_code == 413


def test_whoever_hammers_at_keys_and_passwords_slows_nobody_else(url: str) -> None:
    """From many addresses at once, as the proxy's header says: no limit for one address helps against that."""
    right, hook = {"authorization": f"Bearer {secret('viewer')}"}, f"/hooks/generic/{secret('integration')}"
    done = threading.Event()
    with ThreadPoolExecutor(6) as pool, httpx2.Client(base_url=url) as client:
        attack = [pool.submit(hammer, url, number, done) for number in range(6)]
        took = []
        try:
            for number in range(15):
                start = time.monotonic()
                assert client.get("/api/people", headers=right).status_code == 200
                assert client.post(hook, json={"title": f"down {number}"}).status_code == 200
                took.append(time.monotonic() - start)
        finally:
            done.set()
        assert all(one.result(10) for one in attack)
    assert sorted(took)[7] < 1.0, took  # two cores, shared with the attacker's own threads


def hammer(url: str, number: int, done: threading.Event) -> int:
    turn = 0
    with httpx2.Client(base_url=url) as client:
        while not done.is_set():
            turn += 1
            headers = {"x-forwarded-for": f"198.51.{number}.{turn % 250}", "authorization": f"Bearer wrong{turn}"}
            if number % 2:
                answer = client.post("/login", data={"name": f"n{turn}", "password": "x"}, headers=headers)
            else:
                answer = client.post(f"/hooks/generic/wrong{turn}", json={}, headers=headers)
                client.get("/api/incidents", headers=headers)
            assert answer.status_code in (401, 403, 429)
    return turn
