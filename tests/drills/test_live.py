"""A live drill on a real desk and a real database: marked, inside, suspended by what is real, scored and sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from drills import keeping, live
from drills.control import END, PAUSE, RESUME, SAID, SEEN, SENT, SKIPPED
from drills.measures import Item
from drills.room import Room, Standing, Wish, standing
from drills.score import profile
from drills.script.reader import open_script
from drills.simulate.plans import Outside, shipped_plans
from drills.simulate.play import Played
from incident.clock import MovedClock
from incident.commands import Acknowledge, Command, Decline, Tick, Update
from incident.desk.desk import Desk
from incident.desk.requests import Act, OpenReport
from incident.errors import Refused
from incident.events import Entry, Noted, Paged, Reported
from incident.levels import Kind, Level
from incident.notify.guard import barred
from incident.organisation.reader import demo_organisation
from incident.report import Report
from incident.store import live as store
from incident.store import log
from incident.store.drill_tables import drill_acts
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from incident.store.tables import outbox
from tests.desk.house import opened_desk, settle_in

pytestmark = pytest.mark.long

CASE = "data-centre-outage"
START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


class Hall:
    """The desk, its clock, and what the people do while control waits: acts by the minute since the start."""

    def __init__(self, engine: Engine, desk: Desk, clock: MovedClock) -> None:
        self.desk, self.engine, self.clock = desk, engine, clock
        self.acts: list[tuple[float, Callable[[], None]]] = []
        self.name = f"{CASE}-t"
        self.room = Room(desk, engine, clock, lambda: Outside(demo_organisation(), shipped_plans()))

    def opens(self, *, real_phones: bool = False) -> None:
        live.start(
            self.room,
            open_script(CASE).model_copy(update={"duration_min": 100}),
            self.name,
            by="person:liu-yang",
            locale="en",
            judge="standard",
            real_phones=real_phones,
        )

    def runs(self, minutes: int = 1000) -> None:
        """Control looks each minute, until it is over."""
        for _ in range(minutes):
            if live.look(self.room, self.name):
                return
            self.wait()

    def wait(self) -> None:
        """A minute passes; the watch looks, and people do what is planned."""
        self.clock.move(timedelta(minutes=1))
        self.act(self.incident, Tick())
        gone = (self.clock.now() - START).total_seconds() / 60
        for act in [a for a in self.acts if a[0] <= gone]:
            self.acts.remove(act)
            act[1]()

    def wishes(self, kind: str, inject: int | None = None, text: str = "", said: str = "") -> None:
        live.act(self.room, self.name, Wish(kind, inject, text, said), "person:liu-yang")

    def standing(self) -> Standing:
        return standing(self.room, self.name)

    @property
    def incident(self) -> str:
        return self.standing().row.incident

    def entries(self) -> tuple[Entry, ...]:
        return self.standing().entries

    def played(self) -> Played:
        seal = self.standing().row.kept
        assert seal
        with reading(self.engine) as connection:
            return keeping.find(connection, seal, profile())

    def bars(self, provider: str = "twilio") -> bool:
        """Whether the guard lets no message of this drill go to a real phone now."""
        first = self.entries()[0].event
        assert isinstance(first, Reported)
        with reading(self.engine) as connection:
            state = store.state_of(connection, first.drill or "")
        return barred(first.drill, provider, lambda _: state in (store.RUNNING, store.PAUSED)) is not None

    def act(self, incident: str, command: Command, by: str = "system") -> None:
        self.desk.submit(Act(incident, command, by)).result(10)

    def takes(self, minute: float, person: str) -> None:
        self.acts.append((minute, lambda: self.act(self.incident, Acknowledge(person, "sms"), f"person:{person}")))

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
        return [entry.event.text for entry in self.entries() if isinstance(entry.event, Noted)]


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
    hall.opens()
    hall.runs()
    with reading(hall.engine) as connection:
        marks = set(connection.scalars(select(outbox.c.drill)))
    assert marks == {hall.name}
    assert hall.bars("twilio")
    assert not hall.bars("simulated")


def test_only_a_live_drill_that_says_so_and_runs_reaches_a_real_phone(hall: Hall):
    hall.opens(real_phones=True)
    assert not hall.bars()
    hall.wishes(PAUSE)
    assert not hall.bars()  # control may still send an inject by hand; what the ladder ordered is put off
    hall.wishes(END)
    assert hall.bars()


def test_the_guard_asks_of_no_message_but_a_live_drills():
    def never(mark: str) -> bool:
        raise AssertionError(mark)

    assert barred(None, "twilio", never) is None
    assert barred("test/li-wei", "twilio", never) is None
    for provider in ("twilio", "simulated"):
        assert barred("practice/li-wei/field/x", provider, lambda _: True) is not None  # nobody is paged for it
    assert barred("data-centre-outage-1", "twilio", never) is not None  # simulated
    assert barred("live/anything", "simulated", never) is None
    assert barred("live/unknown", "twilio", lambda _: False) is not None


def test_no_message_of_a_drill_goes_to_anybody_but_the_people_of_the_directory(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens(real_phones=True)
    hall.runs(2)
    hall.act(hall.incident, Update("dear customers", "customers"), "person:li-wei")
    hall.runs(40)
    with reading(hall.engine) as connection:
        told = set(connection.scalars(select(outbox.c.person)))
    assert told <= {person.id for person in demo_organisation().people}


def test_injects_come_at_their_times_and_help_only_where_it_is_needed(hall: Hall):
    hall.takes(4, "li-wei")
    hall.opens()
    hall.runs()
    numbers = [note[1] for note in hall.notes() if note.startswith("[")]
    assert numbers == ["1", "2", "3", "4", "5"]
    played = hall.played()
    assert [help_.inject for help_ in played.observations.helps] == [4]
    assert played.entries[played.observations.helps[0].position - played.entries[0].position].kind == "noted"


def test_it_ends_at_its_time_with_a_score_and_a_seal(hall: Hall):
    hall.takes(4, "li-wei")
    hall.opens()
    hall.runs()
    played = hall.played()
    score = played.score(profile())
    assert (score.mark(Item.ACKNOWLEDGE).took_min or 99) <= 5
    assert not score.void
    assert score.stands == "U"  # nobody restored it
    assert played.observations.sealed == hall.standing().row.kept


@pytest.mark.parametrize("taken", [False, True])
def test_when_it_is_over_nobody_is_paged_or_reminded_any_more(hall: Hall, taken: bool):
    if taken:
        hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(3 if taken else 16)
    hall.wishes(END)
    assert hall.played().entries[-1].kind == "drill_ended"
    for _ in range(60):
        hall.wait()
    assert hall.entries()[-1].kind == "drill_ended"
    assert not waiting(hall)


def test_after_the_end_control_can_do_nothing_and_the_score_stands(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(2)
    hall.wishes(END)
    sealed = hall.played()
    for kind in (PAUSE, RESUME, SENT, SKIPPED, SAID, SEEN, END):
        with pytest.raises(Refused):
            hall.wishes(kind, 1)
    assert hall.played().entries == sealed.entries


def test_a_pause_stops_the_drills_own_clock(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(5)
    hall.wishes(PAUSE)
    before = [note for note in hall.notes() if note.startswith("[")]
    hall.runs(60)
    assert [note for note in hall.notes() if note.startswith("[")] == before
    hall.wishes(RESUME)
    control = hall.standing().control
    assert control.elapsed(hall.clock.now()) == timedelta(minutes=5)
    assert control.at(15) - START == timedelta(minutes=75)
    hall.wishes(END)
    (pause,) = hall.played().observations.pauses
    assert pause.end - pause.start == timedelta(minutes=60)


def test_control_leaves_out_one_sends_one_early_and_says_something_itself(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.wishes(SKIPPED, 2)
    hall.wishes(SENT, 3)
    hall.wishes(SAID, text="the generator is out of fuel")
    with pytest.raises(Refused):
        hall.wishes(SENT, 2)
    with pytest.raises(Refused):
        hall.wishes(SENT, 99)
    hall.runs()
    numbers = [note[1] for note in hall.notes() if note.startswith("[")]
    assert sorted(numbers) == ["!", "1", "3", "4", "5"]
    who = {e.by for e in hall.entries() if isinstance(e.event, Noted) and e.event.text.startswith(("[3]", "[!]"))}
    assert who == {"person:liu-yang"}


def test_what_observers_saw_is_in_the_score(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(20)
    hall.wishes(SEEN, 1, said="not")
    hall.wishes(SEEN, 1, "read it back", "done")
    hall.wishes(SEEN, 2, "after a reminder", "partly")
    hall.wishes(END)
    seen = hall.played().observations.seen
    assert [(one.kind, one.by) for one in seen] == [("strength", "Liu Yang"), ("improvement", "Liu Yang")]
    assert seen[0].text.endswith(": done - read it back")
    assert seen[1].text.endswith(": partly done - after a reminder")


def test_a_real_critical_suspends_it_once_and_control_lets_it_go_on(hall: Hall):
    hall.takes(4, "li-wei")
    hall.real(10, taken=40)
    hall.acts.append((44, lambda: hall.wishes(RESUME)))
    hall.opens(real_phones=True)
    hall.runs(12)
    assert hall.bars()
    assert not waiting(hall)
    hall.runs()
    kinds = [entry.kind for entry in hall.entries()]
    assert kinds.count("drill_paused") == kinds.count("drill_resumed") == 1
    second = next(e for e in hall.entries() if isinstance(e.event, Noted) and e.event.text.startswith("[2]"))
    assert timedelta(minutes=48) <= second.at - START <= timedelta(minutes=52)  # planned for the 15th minute
    (pause,) = hall.played().observations.pauses
    assert timedelta(minutes=33) <= pause.end - pause.start <= timedelta(minutes=35)


def test_it_does_not_go_on_while_the_real_critical_has_nobody(hall: Hall):
    hall.takes(4, "li-wei")
    hall.real(10, taken=40)
    hall.opens()
    hall.runs(20)
    with pytest.raises(Refused) as refused:
        hall.wishes(RESUME)
    assert refused.value.reason.key == "drill.live.real_first"
    assert hall.standing().row.state == store.SUSPENDED
    hall.runs(25)
    hall.wishes(RESUME)
    assert hall.standing().row.state == store.RUNNING


def test_a_real_critical_ends_a_drill_that_nobody_has_taken(hall: Hall):
    hall.real(2, taken=None)
    hall.opens()
    hall.runs(20)
    found = hall.standing()
    assert found.unscored is not None
    assert found.unscored.key == "drill.live.cut_off"  # they still had time: it shows nothing of them
    assert hall.entries()[-1].kind == "drill_ended"
    with reading(hall.engine) as connection:
        assert keeping.listed(connection) == []
    assert live.look(hall.room, hall.name)  # once and for all


@pytest.mark.parametrize("said", ["nothing", "no", "seen", "late"])
def test_one_that_was_ended_before_anybody_did_or_saw_anything_counts_nowhere(hall: Hall, said: str):
    hall.opens()
    hall.runs(16 if said == "late" else 2)
    if said == "no":
        (first,) = (one.person for e in hall.entries() if isinstance(e.event, Paged) for one in e.event.people)
        hall.act(hall.incident, Decline(first, "sms"), f"person:{first}")
    if said == "seen":
        hall.wishes(SEEN, None, "nobody heard the phone", "not")
    hall.wishes(END)
    hall.wait()
    with reading(hall.engine) as connection:
        kept = keeping.listed(connection)
    assert hall.entries()[-1].kind == "drill_ended"
    unscored = hall.standing().unscored
    if said == "nothing":
        assert kept == []
        assert unscored is not None
        assert unscored.key == "drill.live.called_off"
    else:
        assert len(kept) == 1
        assert unscored is None


def test_one_that_nobody_took_in_time_is_scored_also_when_a_real_critical_ends_it(hall: Hall):
    hall.real(20, taken=None)
    hall.opens()
    hall.runs(40)
    assert hall.standing().unscored is None
    assert hall.played().score(profile()).stands == "U"


def test_none_begins_while_a_real_critical_has_nobody(hall: Hall):
    report = Report(title="gas", kind=Kind.GAS_LEAK, level=Level.CRITICAL, place="Beijing")
    hall.desk.submit(OpenReport(report, "key:monitor")).result(10)
    with pytest.raises(Refused):
        hall.opens()


def test_whoever_dies_on_the_way_the_next_look_goes_on_and_nothing_is_there_twice(hall: Hall):
    """An act that was written but not told, and a desk that died after the note but before its position was kept."""
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(3)
    with changing(hall.engine) as connection:
        connection.execute(update(drill_acts).values(position=None))  # as if each had died before it kept it
        store.act(connection, hall.name, store.ActRow("pause:9", PAUSE, "person:liu-yang", hall.clock.now()))
    real = hall.desk.submit(OpenReport(Report(title="disk", kind=Kind.OTHER, level=Level.LOW), "key:m")).result(10)
    with opened_desk(hall.engine, hall.clock) as another:
        hall.room = Room(another, hall.engine, hall.clock, hall.room.outside)
        live.look(hall.room, hall.name)
        live.look(hall.room, hall.name)
    notes = hall.notes()
    assert len(notes) == len(set(notes))
    assert [entry.kind for entry in hall.entries()].count("drill_paused") == 1
    assert all(one.position is not None for one in hall.standing().acts)
    assert real.state is not None
    with reading(hall.engine) as connection:
        assert not any(isinstance(e.entry().event, Noted) for e in log.of(connection, real.state.id))


def test_several_that_look_at_once_on_postgresql_send_each_inject_once(postgres_url: str):
    engine = open_engine(postgres_url)
    migrate(engine)
    settle_in(engine)
    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk, opened_desk(engine, clock) as other:
        hall = Hall(engine, desk, clock)
        hall.takes(1, "li-wei")
        hall.opens()
        hall.wait()
        clock.move(timedelta(minutes=60))
        rooms = [hall.room, Room(other, engine, clock, hall.room.outside)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda room: live.look(room, hall.name), rooms * 4))
        injects = [note[:3] for note in hall.notes() if note.startswith("[")]
        assert sorted(injects) == ["[1]", "[2]", "[3]", "[4]"]
        hall.wishes(END)
        assert hall.standing().row.kept
    engine.dispose()


def test_it_asks_before_it_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from drills.cli import main

    assert main(["run", CASE, "--data", str(tmp_path)]) == 2
    assert "--live" in capsys.readouterr().err


def waiting(hall: Hall) -> list[str]:
    """What of this drill still waits to go out."""
    with reading(hall.engine) as connection:
        mine = (outbox.c.incident == hall.incident) & (outbox.c.state == "waiting")
        return list(connection.scalars(select(outbox.c.purpose).where(mine)))
