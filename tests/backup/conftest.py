"""A database with some hours of work in it, of either kind, and empty ones to restore into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Acknowledge, Note
from incident.desk.requests import Act
from incident.desk.watch import Watch
from incident.ids import hashed
from incident.store import keys
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate
from tests.desk.house import START, opened_desk, report, settle_in
from tests.servers import Postgres
from tests.store.conftest import store_url

__all__ = ["store_url"]

Opens = Callable[[str], Engine]


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Opens a database that is closed after the test."""
    opened: list[Engine] = []

    def one(url: str) -> Engine:
        opened.append(open_engine(url))
        return opened[-1]

    yield one
    for engine in opened:
        engine.dispose()


@pytest.fixture
def engine(store_url: str, opens: Opens) -> Engine:
    """Some hours of work, in a database of either kind."""
    return worked_in(opens(store_url))


@pytest.fixture
def sqlite(tmp_path: Path, opens: Opens) -> Engine:
    """The same in SQLite, for tests where the kind of the target is what matters."""
    return worked_in(opens(f"sqlite:///{tmp_path}/source.db"))


def worked_in(engine: Engine) -> Engine:
    """Twelve incidents: some taken, some ringing, one noted, pages waiting, a key."""
    migrate(engine)
    settle_in(engine)
    with changing(engine) as connection:
        keys.add(connection, hashed=hashed("k" * 43), name="monitor", role="integration", now=START)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk:
        asked = [desk.submit(report(f"key-{n}", title=f"机房 {n} down ✓")) for n in range(12)]
        incidents = [future.result(10).state.id for future in asked]
        for incident in incidents[:4]:
            desk.submit(Act(incident, Acknowledge("li-wei", "web"), "person:li-wei")).result(10)
        desk.submit(Act(incidents[0], Note("it smells of\n\tsmoke"), "person:li-wei")).result(10)
        Watch(desk, engine, clock).run_due(clock.now())
    return engine


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path, opens: Opens) -> Iterator[Engine]:
    """An empty database of either kind, another one than the source."""
    if request.param == "sqlite":
        yield opens(f"sqlite:///{tmp_path}/target.db")
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield (engine := opens(url))
        engine.dispose()
