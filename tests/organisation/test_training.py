"""Whose skills run out next, and what a session makes of the skills of those who attended."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from incident.organisation import Person
from incident.organisation.training import Due, Training, due, faults, renewed

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
UNTIL = date(2028, 1, 31)


def somebody(name: str, *skills: Any, zone: str = "UTC") -> Person:
    return Person.model_validate({"id": name, "name": name, "timezone": zone, "unit": "hq", "skills": list(skills)})


def gas(until: str | None, name: str = "gas", waiver: str | None = None) -> dict[str, Any]:
    return {"name": name, "until": until, "waiver": waiver}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [gas("2028-01-31", "Gas")]),
        ([gas("2026-12-15")], [gas("2028-01-31")]),
        ([gas("2026-01-01", waiver="exam is on Friday")], [gas("2028-01-31")]),
        ([gas("2028-02-01")], [gas("2028-02-01")]),
        ([gas(None)], [gas(None)]),
        ([gas("2026-01-01"), gas(None, "crane"), gas("2026-12-15", "GAS")], [gas("2028-01-31"), gas(None, "crane")]),
    ],
    ids=["new", "renewed", "waiver goes", "longer stays", "for good stays", "two of one become one"],
)
def test_a_session_renews_and_never_shortens(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    kept = [dict(one) for one in before]
    assert renewed(before, "Gas", UNTIL) == after
    assert before == kept, "the document that it was made from stands"


def test_what_runs_out_is_told_by_skill_and_the_first_one_first() -> None:
    people = [
        somebody("anna", gas("2027-02-21"), "crane"),
        somebody("bernd", gas("2026-11-01", "Gas"), gas("2026-11-22", "Gas")),
        somebody("clara", gas("2027-02-22"), gas("2026-12-01", "electrical", waiver="x")),
        somebody("dirk", gas("2026-01-01"), gas(None)),
    ]
    assert due(people, NOW) == [
        Due("electrical", "clara", date(2026, 12, 1), 8),
        Due("gas", "bernd", date(2026, 11, 22), -1),
        Due("gas", "anna", date(2027, 2, 21), 90),
    ]
    assert [one.person for one in due(people, NOW, 30)] == ["clara", "bernd"]


def test_the_days_are_counted_where_the_holder_lives() -> None:
    evening = datetime(2026, 11, 22, 20, tzinfo=UTC)  # already the 23rd in Beijing
    people = [somebody("li", gas("2026-11-22"), zone="Asia/Shanghai"), somebody("ute", gas("2026-11-22"))]
    assert [(one.person, one.days) for one in due(people, evening)] == [("li", -1), ("ute", 0)]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"held_on": "2026-11-24"}, ["/held_on"]),
        ({"until": None}, ["/until"]),
        ({"skill": None}, ["/skill"]),
        ({"until": "2026-11-01"}, ["/until"]),
        ({"attended": ["anna", "nobody"]}, ["/attended/1"]),
        ({"skill": None, "until": None}, []),
        ({}, []),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_place(fields: dict[str, Any], at: list[str]) -> None:
    told = {"held_on": "2026-11-23", "topic": "Gas", "attended": ["anna"], "skill": "gas", "until": "2028-01-31"}
    found = faults(Training.model_validate(told | fields), ["anna"], NOW.date())
    assert [one.pointer for one in found] == at
