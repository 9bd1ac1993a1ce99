"""What is late stays late in words until it is done: on the wall, on the board, in the primary action."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from incident.record.row import board_row
from incident.words import words_for
from tests.core.house import Story, organisation
from tests.pages.test_primary import offered
from tests.web.place import Place
from web.pages.wall_view import Row, due_of, in_order, view
from web.say import Reader


def row_of(story: Story, **more: object) -> Row:
    return {**board_row(story.incident, organisation()), **more}


def reader(story: Story, later: timedelta = timedelta(0)) -> Reader:
    return Reader(words_for("en"), ZoneInfo("UTC"), story.now + later)


def test_a_word_that_was_missed_counts_up_from_when_it_was_due():
    story = Story().opened().taken("alice")
    owed = story.incident.word.due
    story.later(minutes=14)
    due = due_of(row_of(story))
    assert due is not None
    assert (due.what, due.at) == ("update", owed)
    seen = view(row_of(story), reader(story))
    assert "late" in seen["state"]
    assert seen["brief"] == seen["note"] == "update overdue"
    assert seen["count"].startswith("−")


def test_one_line_of_the_wall_names_who_has_it_while_nothing_is_late():
    story = Story().opened().taken("alice")
    assert view(row_of(story), reader(story))["brief"] == "Alice"
    assert view(row_of(Story().opened()), reader(story))["brief"] == "NOBODY HAS IT"


def test_a_drill_stands_behind_what_is_real_and_as_urgent():
    drill, real = Story().opened(), Story().opened()
    real.later(minutes=1)
    rows = in_order([row_of(drill, drill="d1", code="C1"), row_of(real, code="C2")])
    assert [row["code"] for row in rows] == ["C2", "C1"]


def test_the_commander_is_asked_for_the_word_that_was_missed(place: Place):
    incident = place.reported()["id"]
    place.act(incident, "acknowledge", "alice")
    place.later(minutes=6)
    late = offered(place, incident, "alice", minutes=7)
    assert late is not None
    assert late.says == "do.update"


def test_a_day_of_another_year_is_not_taken_for_one_of_this():
    story = Story()
    seen = reader(story)
    near, far = story.now - timedelta(days=20), story.now - timedelta(days=370)
    assert str(near.year) not in seen.day(near)
    assert seen.clock(far).startswith(f"{far:%Y-%m-%d}")
