"""The desk's tests run on SQLite and on PostgreSQL, with a real core and a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.desk.desk import Desk
from tests.desk.house import START, Bells, opened_desk, settle_in
from tests.store.conftest import engine, store_url

__all__ = ["engine", "store_url"]


@pytest.fixture
def settled(engine: Engine) -> Engine:
    """A database with the demo organisation."""
    settle_in(engine)
    return engine


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(START)


@pytest.fixture
def bells() -> Bells:
    return Bells()


@pytest.fixture
def desk(settled: Engine, clock: MovedClock, bells: Bells) -> Iterator[Desk]:
    with opened_desk(settled, clock, ring=bells) as desk:
        yield desk
