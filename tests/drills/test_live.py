"""A live drill on a real desk and a real database: marked, inside, suspended by what is real, scored and sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from drills.live import LiveDrill, Room
from drills.measures import Item
from drills.score import profile
from drills.script.reader import open_script
from drills.simulate.plans import Outside, shipped_plans
from incident.clock import MovedClock
from incident.commands import Acknowledge, Command, Tick
from incident.desk.desk import Desk
from incident.desk.requests import Act, OpenReport
from incident.events import Noted, Reported
from incident.levels import Kind, Level
from incident.notify.guard import barred
from incident.organisation.reader import demo_organisation
from incident.report import Report
from incident.store.engine import open_engine, reading
from incident.store.migrations import migrate
from incident.store.tables import outbox
from tests.desk.house import opened_desk, settle_in

CASE = "data-centre-outage"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Hall:
    """The desk, its clock, and what the people do while control waits: acts by the minute since the start."""

    def __init__(self, engine: Engine, desk: Desk, clock: MovedClock) -> None:
        self.desk, self.engine, self.clock = desk, engine, clock
        self.acts: list[tuple[float, Callable[[], None]]] = []
        room = Room(desk, engine, clock, Outside(demo_organisation(), shipped_plans()), self.wait)
        script = open_script(CASE).model_copy(update={"duration_min": 100})
        self.drill = LiveDrill(room, script, f"{CASE}-t", "en")

    def wait(self, seconds: float) -> None:
        """Two minutes pass; the watch looks, and people do what is planned."""
        self.clock.move(timedelta(minutes=2))
        self.act(self.drill.incident, Tick())
        gone = (self.clock.now() - START).total_seconds() / 60
        for act in [a for a in self.acts if a[0] <= gone]:
            self.acts.remove(act)
            act[1]()

    def act(self, incident: str, command: Command, by: str = "system") -> None:
        self.desk.submit(Act(incident, command, by)).result(10)

    def takes(self, minute: float, person: str) -> None:
        self.acts.append(
            (minute, lambda: self.act(self.drill.incident, Acknowledge(person, "sms"), f"person:{person}"))
        )

    def real(self, minute: float, taken: float | None) -> None:
        """A real Critical comes, and somebody takes it later."""

        def comes() -> None:
            report = Report(title="gas", kind=Kind.GAS_LEAK, level=Level.CRITICAL, place="Beijing")
            state = self.desk.submit(OpenReport(report, "key:monitor")).result(10).state
            assert state is not None
            if taken is not None:
                self.acts.append((taken, lambda: self.act(state.id, Acknowledge("liu-yang", "sms"), "person:liu-yang")))

        self.acts.append((minute, comes))

    def notes(self) -> list[str]:
        return [entry.event.text for entry in self.drill.entries() if isinstance(entry.event, Noted)]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    settle_in(engine)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk:
        yield Hall(engine, desk, clock)
    engine.dispose()


def test_everything_of_it_bears_the_mark_and_stays_inside(hall: Hall):
    hall.takes(4, "li-wei")
    hall.drill.open(real_phones=False)
    hall.drill.run()
    first = hall.drill.entries()[0].event
    assert isinstance(first, Reported)
    assert first.drill == f"{CASE}-t"
    with reading(hall.engine) as connection:
        marks = set(connection.scalars(select(outbox.c.drill)))
    assert marks == {f"{CASE}-t"}
    assert barred(first.drill, "twilio") is not None
    assert barred(first.drill, "simulated") is None


def test_only_a_drill_that_says_so_reaches_a_real_phone(hall: Hall):
    hall.drill.open(real_phones=True)
    first = hall.drill.entries()[0].event
    assert isinstance(first, Reported)
    assert first.drill == f"live/{CASE}-t"
    assert barred(first.drill, "twilio") is None
    hall.drill.finish(profile())


def test_injects_come_at_their_times_and_help_only_where_it_is_needed(hall: Hall):
    hall.takes(4, "li-wei")
    hall.drill.open(real_phones=False)
    hall.drill.run()
    numbers = [note[1] for note in hall.notes() if note.startswith("[")]
    assert numbers == ["1", "2", "3", "4", "5"]
    played = hall.drill.finish(profile())
    assert [help_.inject for help_ in played.observations.helps] == [4]
    assert played.entries[played.observations.helps[0].position - played.entries[0].position].kind == "noted"


def test_it_ends_at_its_time_with_a_score_and_a_seal(hall: Hall):
    hall.takes(4, "li-wei")
    hall.drill.open(real_phones=False)
    hall.drill.run()
    played = hall.drill.finish(profile())
    score = played.score(profile())
    assert (score.mark(Item.ACKNOWLEDGE).took_min or 99) <= 6
    assert not score.void
    assert score.stands == "U"  # nobody restored it
    assert played.observations.sealed


def test_when_it_is_over_nobody_is_paged_any_more(hall: Hall):
    hall.drill.open(real_phones=False)
    hall.drill.step()
    played = hall.drill.finish(profile())
    assert played.entries[-1].kind == "noted"
    hall.wait(60)
    hall.wait(60)
    assert hall.drill.entries()[-1].kind == "resolved"


def test_who_commands_is_not_reminded_after_the_end(hall: Hall):
    hall.takes(1, "li-wei")
    hall.drill.open(real_phones=False)
    for _ in range(3):
        hall.drill.step()
        hall.wait(60)
    sealed = hall.drill.finish(profile())
    assert sealed.entries[-1].kind == "noted"
    for _ in range(20):
        hall.wait(60)
    assert hall.drill.entries()[-1].kind == "resolved"


def test_a_real_critical_makes_it_stand_still_and_the_time_does_not_count(hall: Hall):
    hall.takes(4, "li-wei")
    hall.real(10, taken=40)
    hall.drill.open(real_phones=False)
    hall.drill.run()
    notes = hall.notes()
    assert any("stands still" in note for note in notes)
    assert any("goes on" in note for note in notes)
    second = next(e for e in hall.drill.entries() if isinstance(e.event, Noted) and e.event.text.startswith("[2]"))
    assert timedelta(minutes=44) <= second.at - START <= timedelta(minutes=52)  # planned for the 15th minute
    played = hall.drill.finish(profile())
    (pause,) = played.observations.pauses
    assert timedelta(minutes=28) <= pause.end - pause.start <= timedelta(minutes=34)


def test_a_real_critical_ends_a_drill_that_nobody_has_taken(hall: Hall):
    hall.real(2, taken=None)
    hall.drill.open(real_phones=False)
    hall.drill.run()
    assert hall.drill.ended
    hall.drill.finish(profile())
    assert hall.drill.entries()[-1].kind == "resolved"


def test_it_asks_before_it_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from drills.cli import main

    assert main(["run", CASE, "--data", str(tmp_path)]) == 2
    assert "--live" in capsys.readouterr().err
