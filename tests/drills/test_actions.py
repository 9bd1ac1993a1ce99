"""Actions of improvement plans: done by a word, proved only by a later drill of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from drills import keeping
from drills.actions import Sheet, Tracked, closure, in_order, measured, track
from drills.measures import Measure
from drills.score import profile
from drills.score.observations import Added, Plan
from drills.script.reader import open_script
from drills.simulate.play import Played
from drills.tabletop import Tabletop
from incident.clock import MovedClock
from incident.store import drill_actions
from incident.store import drills as table
from incident.store.drill_actions import ActionRow, Change, Planned
from incident.store.engine import changing, open_engine, reading
from incident.store.migrations import migrate
from tests.drills.test_simulate import CASE, outside, played

DONE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TODAY = date(2026, 11, 26)


def action(
    done_at: datetime | None = DONE, *, due: str = "2026-11-30", measure: str | None = "containment"
) -> ActionRow:
    planned = Planned("Containment", "Label the breakers.", "Zhao Min", None, due, "equipment", measure)
    return ActionRow(1, "found", "system-outage", CASE, planned, done_at, "person:zhao-min" if done_at else None)


def sheet(name: str, days: float, playbook: str = "system-outage", **seen: bool) -> Sheet:
    """A drill so many days after the action was done."""
    return Sheet(name, playbook, DONE + timedelta(days=days), seen)


def stands(found: Tracked) -> tuple[str, str | None]:
    return found.state, found.by.drill if found.by else None


def test_a_word_makes_it_done_and_a_later_drill_proves_it():
    assert stands(track(action(None), [sheet("a", 1, containment=True)], TODAY)) == ("open", None)
    assert stands(track(action(), [], TODAY)) == ("done", None)
    assert stands(track(action(), [sheet("b", 2, containment=True), sheet("a", 1, containment=True)], TODAY)) == (
        "proved",
        "a",
    )


@pytest.mark.parametrize(
    "no_proof",
    [
        sheet("before", -1, containment=True),
        sheet("found", 1, containment=True),
        sheet("other-playbook", 1, "fire", containment=True),
        sheet("not-observed", 1, acknowledge=True),
    ],
)
def test_what_proves_nothing(no_proof: Sheet):
    assert stands(track(action(), [no_proof], TODAY)) == ("done", None)


def test_an_action_without_a_measure_is_never_proved():
    assert stands(track(action(measure=None), [sheet("a", 1, containment=True)], TODAY)) == ("done", None)


def test_a_drill_that_does_not_reach_it_opens_it_again_until_one_does():
    missed = sheet("a", 1, containment=False)
    assert stands(track(action(), [missed], TODAY)) == ("open", "a")
    assert stands(track(action(), [missed, sheet("b", 2, containment=True)], TODAY)) == ("proved", "b")
    assert stands(track(action(DONE + timedelta(days=1.5)), [missed], TODAY)) == ("done", None)  # done once more


def test_only_what_is_open_is_overdue_and_words_for_a_day_never_are():
    assert track(action(None, due="2026-11-25"), [], TODAY).overdue
    assert not track(action(None, due="2026-11-26"), [], TODAY).overdue
    assert not track(action(due="2026-11-25"), [], TODAY).overdue
    assert not track(action(None, due="before the next drill"), [], TODAY).overdue


def test_the_next_due_comes_first_and_the_figures_have_their_n():
    sheets = [sheet("a", 1, containment=True)]
    rows = [action(None, due="soon"), action(None, due="2026-11-25"), action(measure="word"), action()]
    found = [track(row, sheets, TODAY) for row in rows]
    assert [one.row.planned.due for one in in_order(found)] == ["2026-11-25", "2026-11-30", "soon"]
    whole = closure(found, drills=4)
    assert (whole.found_in, whole.drills, whole.acted, whole.proved, whole.actions, whole.overdue) == (1, 4, 2, 1, 4, 1)


def sat(outcome: str, at: datetime) -> Played:
    """A tabletop in which all was done, but containment came to this."""
    told = Tabletop(open_script(CASE), outside(), MovedClock(at), f"{CASE}-{outcome}", "en")
    told.open()
    for measure in told.left():
        told.judge(measure, outcome if measure == Measure.parse("containment") else "done")
    return told.finish(profile())


def test_reached_is_whole_and_half_is_not():
    assert measured(sat("done", DONE).score(profile()))["containment"]
    assert not measured(sat("partly", DONE).score(profile()))["containment"]
    found = measured(played().score(profile()))
    assert "satisfaction" not in found  # not observed
    assert any(name.startswith("step.") for name in found)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'incident.db'}")
    migrate(engine)
    yield engine
    engine.dispose()


def test_a_kept_drill_proves_what_an_earlier_one_found(engine: Engine):
    policy, judge = outside().plans.policy("drill"), profile()
    plan = Plan.model_validate(
        {
            "area": "Containment",
            "action": "Label the breakers.",
            "owner": "Zhao Min",
            "due": "2026-12-31",
            "element": "equipment",
            "measure": "containment",
        }
    )
    with changing(engine) as connection:
        first = keeping.keep(connection, sat("not", DONE - timedelta(days=9)), policy, judge, "tabletop")
        for _ in range(2):  # the same file once more adds nothing
            keeping.observe(connection, first.id, Added(plan=(plan,)))
        (row,) = drill_actions.listed(connection)
        drill_actions.became(connection, row.id, Change(drill_actions.DONE, "person:zhao-min", DONE, {}, ""))
        later = keeping.keep(connection, sat("done", DONE + timedelta(days=3)), policy, judge, "tabletop")
        again = keeping.find(connection, first.id, judge)
    with reading(engine) as connection:
        (row,) = drill_actions.listed(connection, first.id)
        sheets = keeping.sheets(connection, {row.playbook})
    assert stands(track(row, sheets, TODAY)) == ("proved", later.id)
    assert again.observations.plan == (plan,)
    assert not again.score(judge).void


def test_dice_prove_nothing_and_older_drills_are_read_from_their_log(engine: Engine):
    policy, judge = outside().plans.policy("drill"), profile()
    with changing(engine) as connection:
        keeping.keep(connection, played(), policy, judge)
        people = keeping.keep(connection, sat("done", DONE), policy, judge, "tabletop")
        connection.execute(table.drills.update().values(measured=None))
    with reading(engine) as connection:
        (only,) = keeping.sheets(connection, {"system-outage"})
    assert only.drill == people.id
    assert only.measured["containment"]
