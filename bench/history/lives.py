"""Lives of incidents, played on a real desk, one command after the other: what the history is cast from.

Each has marks where its copies differ: the place, the serial number, the customer. Times are whole seconds, so that a
copy needs nothing but another beginning.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from incident.clock import MovedClock
from incident.commands import Acknowledge, Close, Command, FollowUp, Resolve, SkipStep, TickCloseout, Verify
from incident.desk.desk import Desk
from incident.desk.library import StoredLibrary
from incident.desk.requests import Act, OpenReport
from incident.errors import Refused
from incident.levels import Level
from incident.organisation import Organisation
from incident.organisation.reader import demo_organisation
from incident.playbooks.reader import load_library
from incident.policy import load_policies
from incident.report import Report
from incident.state import Incident
from incident.store import directory
from incident.store.engine import changing, open_engine
from incident.store.migrations import migrate

BEGINS: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PLACE, SERIAL, CUSTOMER, KEY = "qqplaceqq", "qqserialqq", "qqcustomerqq", "qqkeyqq"
_BY: Final = "key:bench"

_TITLES: Final = (
    ("Pump pressure lost", "software_fault", "cloud"),
    ("三号厅 数据中心宕机", "system_outage", "cloud"),
    ("Washing machine reports error 17", "batch_defect", "appliance"),
    ("Customer cannot sign in", "platform_down", "smart-home"),
    ("冷却水泵压力过低", "other", "cloud"),
    ("Disk almost full on database server", "software_fault", "cloud"),
    ("Backup of last night failed", "data_loss", "cloud"),
    ("备件库存不足", "spare_shortage", "appliance"),
    ("Network link to region north is down", "network_cut", "cloud"),
    ("Refrigerator does not cool", "batch_defect", "appliance"),
    ("多名客户反映门锁无法打开", "mass_complaint", "smart-home"),
    ("Certificate of the gateway has expired", "information_security", "smart-home"),
)


@dataclass(frozen=True, slots=True)
class Life:
    """One to be played. `end` is closed, handled (somebody is at it) or waiting (nobody has it)."""

    number: int
    level: Level
    end: str
    drill: bool = False

    def report(self) -> Report:
        title, kind, product = _TITLES[self.number % len(_TITLES)]
        if self.end == "waiting" and self.level is Level.LOW:
            kind = "other"  # one that waits for a click, and rings nobody meanwhile
        return Report.model_validate(
            {
                "title": title,
                "kind": kind,
                "level": self.level,
                "place": PLACE,
                "product": product,
                "serial": SERIAL,
                "customer": CUSTOMER,
                "symptom": "alarm from the line, confirmed by the operator",
                "scope": "one site",
                "dedup_key": f"{KEY}{self.number}{self.end}",
            }
        )


def closed_lives() -> list[Life]:
    """A hundred: mostly small ones, two Criticals, two of a drill."""
    levels = [Level.LOW] * 70 + [Level.MEDIUM] * 22 + [Level.HIGH] * 6 + [Level.CRITICAL] * 2
    return [Life(n, level, "closed", drill=n in (13, 57)) for n, level in enumerate(levels)]


def open_lives() -> list[Life]:
    """A hundred as they stand at one moment: most are handled, a fifth are Low and wait for a click."""
    levels = [Level.LOW] * 80 + [Level.MEDIUM] * 13 + [Level.HIGH] * 6 + [Level.CRITICAL]
    return [Life(n, level, "waiting" if 60 <= n < 80 else "handled") for n, level in enumerate(levels)]


def loud_life() -> Life:
    """A Critical that nobody has yet."""
    return Life(1, Level.CRITICAL, "waiting")


@contextmanager
def played(folder: Path, lives: list[Life]) -> Iterator[tuple[Engine, list[str]]]:
    """A database in which these lives were lived, and the incidents' ids in their order."""
    engine = open_engine(f"sqlite:///{folder / 'lives.db'}")
    migrate(engine)
    people = demo_organisation()
    with changing(engine) as connection:
        directory.save_organisation(connection, people, expected=None, at=BEGINS, by="system")
    numbers = itertools.count(1)
    clock = MovedClock(BEGINS)
    desk = Desk(
        engine,
        clock,
        StoredLibrary(engine, load_policies(), load_library()),
        ring=lambda bell: None,
        new_id=lambda: f"qqincident{next(numbers):016}",
        new_token=lambda: f"qqtoken{next(numbers):05}",
    )
    try:
        yield engine, [_live(desk, clock, people, life) for life in lives]
    finally:
        desk.close()
        engine.dispose()


def _live(desk: Desk, clock: MovedClock, people: Organisation, life: Life) -> str:
    clock.set(BEGINS)
    opened = desk.submit(OpenReport(life.report(), _BY, drill="d1" if life.drill else None)).result().state
    assert opened is not None
    paged = [page.person for page in opened.alarm.paged]
    me = paged[0] if paged else people.people[0].id
    if life.end == "waiting":
        return opened.id
    clock.move(timedelta(seconds=40 + 7 * life.number))
    taken = _act(desk, opened, Acknowledge(me, "sms"))
    if life.end == "closed":
        other = next(person.id for person in people.people if person.id != me)
        _close(desk, clock, taken, me, other)
    return opened.id


def _close(desk: Desk, clock: MovedClock, state: Incident, me: str, other: str) -> None:
    """What closing wants, in the shortest way: whatever steps are left are skipped with a reason."""
    clock.move(timedelta(minutes=11))
    state = _act(desk, state, Resolve(me, "web", "works again", "worn seal", "seal replaced"))
    clock.move(timedelta(minutes=4))
    _act(desk, state, Verify(other, "ran it for five minutes"))
    for item in state.pinned.closeout if state.pinned else ():
        _act(desk, state, TickCloseout(item))
    for name, step in state.steps.items():
        if step.plan.weight == "critical" and step.status in ("waiting", "running"):
            _act(desk, state, SkipStep(name, me, "not needed here"))
    with suppress(Refused):
        _act(desk, state, FollowUp("the customer is content"))
    clock.move(timedelta(hours=5))
    _act(desk, state, Close("worn seal, replaced"))


def _act(desk: Desk, state: Incident, command: Command) -> Incident:
    after = desk.submit(Act(state.id, command, _BY)).result().state
    assert after is not None
    return after
