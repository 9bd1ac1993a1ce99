"""The dead-man hears while all is well, and nothing else; it is never waited for, and its address is never told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.notify.deadman import DeadMan, asked
from incident.settings import Settings
from incident.store import signs
from incident.store.engine import open_engine, reading
from incident.store.migrations import migrate

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Outside:
    """A healthchecks-like server: `status` is what it answers."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.status = 200
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outside.paths.append(self.path)
                self.send_response(outside.status)
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, *args: object) -> None:
                """Nothing on the tests' output."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/5ec4e7"


@pytest.fixture
def outside() -> Iterator[Outside]:
    found = Outside()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/incident.db")
    migrate(engine)
    yield engine
    engine.dispose()


def noted(engine: Engine) -> signs.Pinged | None:
    with reading(engine) as connection:
        return signs.last_ping(connection)


def test_a_ping_is_asked_for_and_written_down(engine: Engine, outside: Outside) -> None:
    DeadMan(engine, MovedClock(NOW), outside.url).ping()
    assert outside.paths == ["/ping/5ec4e7"]
    assert noted(engine) == signs.Pinged(NOW, "")


def test_while_something_is_wrong_nothing_is_asked(engine: Engine) -> None:
    asks: list[str] = []
    DeadMan(engine, MovedClock(NOW), "http://x", ask=lambda url: asks.append(url) or "").tell(False)
    assert asks == []
    assert noted(engine) is None


def test_what_the_outside_answers_is_told_without_its_address(engine: Engine, outside: Outside) -> None:
    outside.status = 404
    DeadMan(engine, MovedClock(NOW), outside.url).ping()
    assert noted(engine) == signs.Pinged(NOW, "HTTP 404")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/ping/5ec4e7", "http://nowhere.invalid/5ec4e7", "http://[::1/5ec4e7"]
)
def test_an_outside_that_is_away_is_a_problem_and_no_crash(url: str) -> None:
    problem = asked(url)
    assert problem
    assert "5ec4e7" not in problem


def test_one_that_hangs_is_not_waited_for_and_not_asked_twice(engine: Engine) -> None:
    hangs, began, asks = threading.Event(), threading.Event(), []

    def hang(url: str) -> str:
        asks.append(url)
        began.set()
        hangs.wait(30)
        return ""

    deadman = DeadMan(engine, MovedClock(NOW), "http://x", ask=hang)
    deadman.tell(True)
    assert began.wait(30)
    deadman.tell(True)
    hangs.set()
    assert deadman._asking is not None
    deadman._asking.join(30)
    assert len(asks) == 1


def test_its_address_is_a_secret_of_the_settings(tmp_path: Path) -> None:
    url = "https://hc.example/ping/5ec4e7"
    settings = Settings.load({"INCIDENT_DEADMAN_URL": url}, tmp_path)
    assert url in settings.secrets()
    assert "5ec4e7" not in repr(settings)
    assert Settings.load(settings.env()).deadman_url == settings.deadman_url
