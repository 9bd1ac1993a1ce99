"""The summary of a hand-over: read from board rows, rosters and windows, and from nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from incident.commands import Resolve, Update
from incident.levels import Kind, Level
from incident.maintenance import NO_WINDOWS, Windows
from incident.record.handover import HandOver, change, hand_over
from incident.record.row import board_row
from incident.roster import Roster
from tests.core.house import START, Story, organisation
from tests.core.test_maintenance import window

SUNDAY = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""The field's roster hands over on Sundays at eight; START is the Monday after."""


def roster(name: str = "field-response") -> Roster:
    found = organisation().roster_named(name)
    assert found is not None
    return found


def row(story: Story, number: int) -> dict[str, Any]:
    return {**board_row(story.incident, story.organisation), "id": f"i{number}", "code": f"C{number}"}


def summary(
    *stories: Story, which: str = "next", windows: Windows = NO_WINDOWS, name: str = "field-response"
) -> HandOver:
    found = change(roster(name), organisation(), START, which)  # type: ignore[arg-type]
    assert found is not None
    rows = [row(story, number) for number, story in enumerate(stories, 1)]
    states = {f"i{number}": story.incident for number, story in enumerate(stories, 1)}
    return hand_over(
        roster(name), found, organisation=organisation(), rows=rows, windows=windows, locale="en", states=states
    )


def taken(by: str, level: Level = Level.HIGH) -> Story:
    return Story().opened(level, Kind.OTHER).taken(by)


def test_the_last_and_the_next_hand_over_say_who_goes_and_who_comes():
    last = change(roster(), organisation(), START, "last")
    coming = change(roster(), organisation(), START, "next")
    assert last is not None
    assert coming is not None
    assert (last.at, coming.at) == (SUNDAY, SUNDAY + timedelta(days=7))
    assert last.on is not None
    assert coming.off is not None
    assert last.off is not None
    assert last.on.person == coming.off.person != last.off.person


def test_who_goes_on_by_a_swap_hands_nothing_over_to_themselves():
    second, third = SUNDAY + timedelta(days=7), SUNDAY + timedelta(days=14)
    usual = change(roster(), organisation(), START, "next")
    assert usual is not None
    assert usual.off is not None
    assert usual.on is not None
    taker, giver = usual.off.person, usual.on.person
    swap = {"start": second, "end": third, "giver": giver, "taker": taker, "state": "accepted"}
    swapped = Roster.model_validate(roster().model_dump() | {"swaps": [swap]})
    ahead = change(swapped, organisation(), START, "next")
    assert ahead is not None
    assert ahead.off is not None
    assert ahead.on is not None
    assert (ahead.at, ahead.off.person, ahead.on.person) == (third + timedelta(days=7), taker, giver)
    within = change(swapped, organisation(), second + timedelta(days=1), "last")
    assert within is not None
    assert (within.at, within.on and within.on.person) == (SUNDAY, taker), "it began where it was really handed over"


def test_a_rotation_of_one_has_no_hand_over():
    alone = roster().model_dump()
    alone["layers"][0]["rotation"] = ["alice"]
    assert change(Roster.model_validate(alone), organisation(), START, "next") is None


def test_what_is_open_stands_in_the_order_of_the_wall_with_who_has_it_and_what_is_owed():
    nobody, his = Story().opened(), taken("alice").does(Update("two racks are back"), "person:alice")
    found = summary(his, nobody)
    assert [(item.code, item.state) for item in found.open] == [("C2", "nobody"), ("C1", "taken")]
    assert found.counts == {"critical": 1, "high": 1, "medium": 0, "low": 0}
    [loud] = found.unanswered
    assert (loud.owed, loud.next_page_at) == ("answer", nobody.incident.alarm.next_at)
    mine = found.open[1]
    assert (mine.who.name if mine.who else None, mine.said, mine.owed) == ("Alice", "two racks are back", "update")


def test_what_the_one_who_goes_off_still_commands_is_named_and_what_is_solved_is_not():
    going = change(roster(), organisation(), START, "next")
    assert going is not None
    assert going.off is not None
    name = going.off.person
    other = "bob" if name == "alice" else "alice"
    solved = taken(name).does(Resolve(name, "web"))
    found = summary(taken(name), taken(other), solved)
    assert [item.code for item in found.commands] == ["C1"]
    assert {item.code: item.state for item in found.open}["C3"] == "solved"


def test_what_makes_no_noise_is_named_held_by_maintenance_or_with_an_expired_answer():
    held = Story()
    held.windows = Windows(windows=(window(),))
    held.opened(Level.HIGH, Kind.OTHER)
    asleep = taken("alice", Level.CRITICAL).later(minutes=20)
    found = summary(held, asleep, windows=held.windows)
    assert {item.code: item.state for item in found.silenced} == {"C1": "held", "C2": "expired"}
    assert [item.code for item in found.unanswered] == ["C2"]
    assert next(item for item in found.silenced if item.code == "C1").until == START + timedelta(hours=2)


def test_only_the_unit_and_what_is_beneath_it_belongs_to_a_roster():
    story = taken("alice")
    assert len(summary(story, name="hq-response").open) == 1
    elsewhere = {**row(story, 1), "unit": "hq"}
    found = change(roster(), organisation(), START, "next")
    assert found is not None
    shown = hand_over(roster(), found, organisation=organisation(), rows=[elsewhere], windows=NO_WINDOWS, locale="en")
    assert shown.open == ()


def test_what_comes_due_in_the_shift_that_begins_is_told_in_its_order():
    begins = SUNDAY + timedelta(days=7)
    late = Story()
    late.now = begins - timedelta(minutes=30)
    late.opened(Level.HIGH, Kind.OTHER)
    work = window(
        start=(begins + timedelta(hours=5)).replace(tzinfo=None), end=(begins + timedelta(hours=7)).replace(tzinfo=None)
    )
    found = summary(late, windows=Windows(windows=(work,)))
    assert [one.at for one in found.ahead] == sorted(one.at for one in found.ahead)
    assert {(one.what, one.name, one.at - begins) for one in found.ahead} == {
        ("clock", "response", timedelta(minutes=30)),
        ("update", "update", timedelta(minutes=30)),
        ("window_starts", "Core switch", timedelta(hours=5)),
    }
    assert [turn.start - begins for turn in found.following] == [timedelta(days=7 * n) for n in (1, 2, 3)]


def test_a_storm_is_counted_and_not_listed():
    story = taken("alice")
    found = change(roster(), organisation(), START, "next")
    assert found is not None
    rows = [row(story, number) for number in range(1, 120)]
    shown = hand_over(roster(), found, organisation=organisation(), rows=rows, windows=NO_WINDOWS, locale="en")
    assert (len(shown.open), shown.unlisted, shown.counts["high"]) == (50, 69, 119)
