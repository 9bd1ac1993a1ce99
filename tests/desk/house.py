"""A desk on a real database with the demo organisation, as the tests want it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from incident.clock import Clock, MovedClock
from incident.desk.desk import Desk
from incident.desk.library import StoredLibrary
from incident.desk.requests import Bell, OpenReport
from incident.organisation import demo_organisation
from incident.playbooks.reader import load_library
from incident.policy import load_policies
from incident.report import Report
from incident.store import directory
from incident.store.engine import changing

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEY = "key:alertmanager"

_numbers = itertools.count(1)


def settle_in(engine: Engine) -> None:
    """Save the demo organisation, as the first start does."""
    with changing(engine) as connection:
        directory.save_organisation(connection, demo_organisation(), expected=None, at=START, by="system")


class Bells:
    """Counts the bells; fails when it is told to."""

    def __init__(self) -> None:
        self.rung: list[Bell] = []
        self.broken = False

    def __call__(self, bell: Bell) -> None:
        if self.broken:
            raise ConnectionError("no bell")
        self.rung.append(bell)


@contextmanager
def opened_desk(engine: Engine, clock: Clock | None = None, **settings: Any) -> Iterator[Desk]:
    """A desk that is closed at the end. Ids are counted on, over all desks of the process."""
    desk = Desk(
        engine,
        clock or MovedClock(START),
        StoredLibrary(engine, load_policies(), load_library()),
        ring=settings.pop("ring", lambda bell: None),
        new_id=lambda: f"i{next(_numbers):06}",
        new_token=lambda: f"t{next(_numbers):06}",
        **settings,
    )
    try:
        yield desk
    finally:
        desk.close()


def report(key: str | None = None, **fields: Any) -> OpenReport:
    """A Critical outage, by a monitor."""
    given = {"title": "data centre down", "kind": "system_outage", "level": "critical", "dedup_key": key, **fields}
    return OpenReport(Report.model_validate(given), KEY)
