"""Real servers for tests: a Redis, a PostgreSQL, a Chromium.

Each test process (xdist starts several) makes its own and ends them. Where PostgreSQL or Chromium is missing the
tests that ask for it are skipped with one line; with CI=true they fail instead, so that nothing is left out unseen.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from incident.running import memory, redis_server
from incident.store.engine import open_engine
from incident.store.migrations import migrate
from tests.servers import Postgres, Reused, find_postgres


def missing(what: str, package: str) -> NoReturn:
    """Skip for the lack of a program, or fail where nothing may be skipped."""
    line = f"{what} is not installed (Debian: apt-get install {package})"
    if os.environ.get("CI") == "true":
        pytest.fail(line, pytrace=False)
    pytest.skip(line)


os.environ.pop(
    "PYTHONDONTWRITEBYTECODE", None
)  # many tests start our processes: compile the modules once, not each time


def pytest_collection_finish() -> None:
    """Some thousand tests and all that they import are there to stay: looking through them was a tenth of the time."""
    memory.settled()


_examples = {"max_examples": 20 * int(os.environ["FUZZ"])} if "FUZZ" in os.environ else {}  # make fuzz
settings.register_profile(
    "patient",  # a machine that does other things as well is slow, not wrong
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    **_examples,
)
settings.load_profile("patient")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own INCIDENT_* must not reach a test."""
    for name in [name for name in os.environ if name.startswith("INCIDENT_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets up its log, on a stream that is closed when the test is over."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded Redis, for the whole session. Use your own key prefixes, or `clean_redis_url`."""
    with redis_server.running(tmp_path_factory.mktemp("redis"), os.environ) as url:
        yield url


@pytest.fixture
def clean_redis_url(redis_url: str) -> str:
    """The same server with nothing in it."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A private PostgreSQL cluster on a unix socket, without fsync: for tests only."""
    binaries = find_postgres()
    if binaries is None:
        missing("PostgreSQL", "postgresql")
    with Postgres.started(binaries) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database for one test."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest step of the schema, to be copied: the steps are walked once, not for each test."""
    path = tmp_path_factory.mktemp("template") / "incident.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: Postgres) -> Iterator[Reused]:
    """A database at the newest step of the schema; `reset` it before use."""
    with postgres_server.database() as url:
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        found = Reused(url)
        found.keep()
        yield found


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Chromium's binary for playwright's `executable_path`; start it with `--no-sandbox`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return Path(found)
    missing("Chromium", "chromium fonts-noto-cjk")
