"""Every test that asks for `engine` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from incident.store.engine import open_engine
from tests.servers import Reused


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of each kind: at the newest step of its schema for a test with an `engine`, else empty."""
    migrated = "engine" in request.fixturenames
    if request.param == "sqlite":
        if migrated:
            shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "incident.db")
        return f"sqlite:///{tmp_path}/incident.db"
    if not migrated:
        empty: str = request.getfixturevalue("postgres_url")
        return empty
    reused: Reused = request.getfixturevalue("migrated_postgres")
    reused.reset()
    return reused.url


@pytest.fixture
def engine(store_url: str) -> Iterator[Engine]:
    """A database at the newest step of its schema."""
    engine = open_engine(store_url)
    yield engine
    engine.dispose()
