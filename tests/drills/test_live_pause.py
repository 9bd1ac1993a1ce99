"""A live drill that is paused: nobody is paged further, nothing runs out, and afterwards all of it comes later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from drills import live
from drills.control import END, PAUSE, RESUME, SENT
from drills.score import profile
from drills.simulate.plans import Outside, Plans, shipped_plans
from incident.clock import MovedClock
from incident.commands import Acknowledge, Decline, Note, Resolve, Update
from incident.deadlines import deadlines
from incident.errors import Refused, Unknown
from incident.evolve import replay
from incident.organisation.reader import demo_organisation
from incident.policy.reader import load_policies
from incident.state import Incident
from incident.store import live as store
from incident.store import sends
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from incident.store.tables import board, outbox
from tests.desk.house import opened_desk, settle_in
from tests.drills.test_live import START, Hall, waiting

pytestmark = pytest.mark.long


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    sqlite = request.param == "sqlite"
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}" if sqlite else request.getfixturevalue("postgres_url"))
    migrate(engine)
    settle_in(engine)

    clock = MovedClock(START)
    with opened_desk(engine, clock) as desk:
        yield Hall(engine, desk, clock)
    engine.dispose()


def state(hall: Hall) -> Incident:
    found = replay(hall.entries())
    assert found is not None
    return found


def due_to_go(hall: Hall) -> list[tuple[datetime, datetime]]:
    """What waits to go out: not before when, and until when it is worth sending."""
    query = select(outbox.c.not_before, outbox.c.expires_at).where(outbox.c.state == "waiting")
    with reading(hall.engine) as connection:
        return sorted(tuple(row) for row in connection.execute(query))


def test_the_ladder_stands_still_and_goes_on_where_it_stood(hall: Hall):
    hall.opens()
    hall.runs(2)
    before, running = due_to_go(hall), {one.at for one in deadlines(state(hall))}
    assert before
    hall.wishes(PAUSE)
    with reading(hall.engine) as connection:
        assert connection.scalar(select(board.c.wake_at).where(board.c.incident == hall.incident)) is None
    kinds = [entry.kind for entry in hall.entries()]
    hall.runs(60)
    assert [entry.kind for entry in hall.entries()] == kinds
    assert all(at > hall.clock.now() + timedelta(days=30_000) for at, _ in due_to_go(hall))
    hall.wishes(RESUME)
    hour = timedelta(minutes=60)
    assert due_to_go(hall) == [(at + hour, until + hour) for at, until in before]
    assert {one.at for one in deadlines(state(hall))} == {at + hour for at in running}
    hall.runs(10)
    assert "escalated" in [entry.kind for entry in hall.entries()]


def test_what_comes_back_to_be_tried_again_is_put_off_too_and_is_not_brought_forward(hall: Hall):
    hall.opens()
    hall.wishes(PAUSE)
    with changing(hall.engine) as connection:
        send = connection.scalars(select(outbox.c.id).where(outbox.c.state == "waiting")).first()
        assert send is not None
        assert sends.bring_forward(connection, send, hall.clock.now()) == 0
        store.let_go(connection, hall.name, hall.incident, timedelta())  # as if a provider had been asked in vain
    hall.runs(1)
    assert all(at > hall.clock.now() + timedelta(days=30_000) for at, _ in due_to_go(hall))


def test_the_paused_time_is_not_counted_against_the_players(hall: Hall):
    hall.opens()
    hall.runs(2)
    hall.wishes(PAUSE)
    hall.runs(60)
    hall.wishes(RESUME)
    hall.runs(1)
    hall.act(hall.incident, Acknowledge("li-wei", "sms"), "person:li-wei")
    hall.wishes(END)
    mark = next(mark for mark in hall.played().score(profile()).marks if mark.item == "acknowledge")
    assert mark.took_min is not None
    assert mark.took_min <= 3


def test_somebody_who_answers_meanwhile_has_it_and_nothing_else_goes(hall: Hall):
    hall.opens()
    hall.wishes(PAUSE)
    hall.act(hall.incident, Acknowledge("li-wei", "sms"), "person:li-wei")
    with pytest.raises(Refused):
        hall.act(hall.incident, Update("so far"), "person:li-wei")
    assert state(hall).commander == "li-wei"
    assert "page" not in waiting(hall)  # the others need not answer any more


def test_after_the_end_nobody_can_act_on_its_incident(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(2)
    hall.wishes(PAUSE)
    hall.wishes(END)
    sealed, last = hall.played(), hall.entries()[-1]
    assert last.kind == "drill_ended"
    assert sealed.entries[-1].position == last.position
    for command in (Note("x"), Update("x"), Acknowledge("zhao-min", "sms"), Resolve("li-wei", "web", "x")):
        with pytest.raises(Refused) as refused:
            hall.act(hall.incident, command, "person:li-wei")
        assert refused.value.reason.key == "drill.sealed"
    assert hall.entries()[-1] == last
    with reading(hall.engine) as connection:
        assert connection.scalar(select(board.c.over).where(board.c.incident == hall.incident))


def test_one_that_an_older_release_was_ending_is_sealed_behind_its_note(hall: Hall):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(2)
    hall.act(hall.incident, Note("The drill is over."), "drill:control")
    position = hall.entries()[-1].position
    with changing(hall.engine) as connection:
        end = store.ActRow("end", END, "person:liu-yang", hall.clock.now(), position=position)
        store.act(connection, hall.name, end)
    hall.runs(1)
    assert hall.played().entries[-1].position == position
    assert hall.entries()[-1].kind == "drill_ended"


def test_an_inject_by_hand_goes_out_in_a_pause(hall: Hall):
    hall.opens()
    hall.wishes(PAUSE)
    hall.wishes(SENT, 3)
    assert [note[:3] for note in hall.notes() if note.startswith("[")] == ["[3]"]


@pytest.mark.parametrize("gone", ["playbook", "policy"])
def test_one_whose_playbook_or_policy_was_taken_away_ends_once_and_says_why(hall: Hall, gone: str):
    hall.takes(1, "li-wei")
    hall.opens()
    hall.runs(2)
    plans = shipped_plans()
    left = (
        Plans(load_policies(), [one for one in plans.playbooks() if one.id != "system-outage"])
        if gone == "playbook"
        else Plans({}, plans.playbooks())
    )
    hall.room = replace(hall.room, outside=lambda: Outside(demo_organisation(), left))
    hall.wishes(END)
    hall.runs(3)
    found = hall.standing()
    assert [act.kind for act in found.acts][-1:] == ["unscored"]
    assert (found.row.kept, found.row.state) == ("", "ended")
    assert found.unscored is not None
    assert dict(found.unscored.params)["what"] == gone
    assert hall.entries()[-1].kind == "drill_ended"
    assert live.running(hall.room) == []
    with pytest.raises(Unknown):
        Hall.opens(hall)  # and none begins that could not be scored


def test_a_no_in_a_pause_is_taken_and_pages_the_next_when_it_goes_on(hall: Hall):
    hall.opens()
    hall.wishes(PAUSE)
    hall.runs(3)
    (first,) = {page.person for page in state(hall).alarm.paged}
    hall.act(hall.incident, Decline(first, "sms"), f"person:{first}")
    hall.runs(3)
    assert {page.person for page in state(hall).alarm.paged} == {first}
    hall.wishes(RESUME)
    assert len({page.person for page in state(hall).alarm.paged}) == 2
