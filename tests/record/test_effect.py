"""What a change would do is told before it is saved, gaps first of all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from incident.organisation import Organisation
from incident.record.effect import Change, changes
from tests.web.place import organisation

START = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
END = START + timedelta(days=30)
MONDAY = datetime(2026, 11, 29, 8, tzinfo=UTC)


def changed(**fields: Any) -> Organisation:
    """The field's roster with other fields."""
    document = organisation().model_dump(mode="json")
    document["rosters"][0] |= fields
    return Organisation.model_validate(document)


def away(person: str, start: datetime, end: datetime) -> Organisation:
    document = organisation().model_dump(mode="json")
    found = next(one for one in document["people"] if one["id"] == person)
    found["time_off"] = [{"start": start.isoformat(), "end": end.isoformat()}]
    return Organisation.model_validate(document)


def test_no_change_has_no_effect() -> None:
    assert changes(organisation(), organisation(), START, END) == ()


def test_a_stand_in_is_named_with_whom_it_is_for() -> None:
    new = changed(overrides=[{"start": START, "end": START + timedelta(hours=5), "person": "charlie", "reason": "ill"}])
    assert changes(organisation(), new, START, END) == (
        Change("field-response", START, START + timedelta(hours=5), "alice", "charlie"),
    )


def test_a_rotation_taken_away_leaves_gaps_that_are_named_whole() -> None:
    found = changes(organisation(), changed(layers=[]), START, END)
    assert all(one.is_gap for one in found)
    assert (found[0].start, found[-1].end) == (START, END)
    assert [one.was for one in found[:2]] == ["alice", "bob"]


def test_time_off_brings_the_next_of_the_rotation() -> None:
    found = changes(organisation(), away("alice", START, MONDAY), START, END)
    assert found == (Change("field-response", START, MONDAY, "alice", "bob"),)


def test_time_off_of_the_only_one_is_a_gap() -> None:
    (found,) = changes(organisation(), away("charlie", START, MONDAY), START, END)
    assert (found.roster, found.is_gap, found.was) == ("hq-response", True, "charlie")


def test_a_new_roster_is_told_from_nothing() -> None:
    document = organisation().model_dump(mode="json")
    document["rosters"].append(document["rosters"][1] | {"id": "second", "function": "response"})
    found = changes(organisation(), Organisation.model_validate(document), START, END)
    assert {(one.was, one.now) for one in found} == {(None, "charlie")}
