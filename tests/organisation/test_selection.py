"""Whom to choose: a score of what is known, never of what is not; who lacks something that is asked for comes last."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from incident.organisation import Person
from incident.selection import (
    Duty,
    Evidence,
    Known,
    Part,
    Sat,
    Standing,
    Weighing,
    ranked,
    standing,
    weighed,
    weighing,
)

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
NOTHING = Evidence({}, {}, {})


def person(name: str = "li-wei", *skills: Any) -> Person:
    document = {"id": name, "name": name, "timezone": "UTC", "unit": "field", "skills": list(skills)}
    return Person.model_validate(document)


def exam(score: float, subject: str = "gas", on: date = date(2026, 5, 1), pass_mark: float = 60) -> Sat:
    return Sat(subject, on, score, pass_mark)


def stood(found: Evidence, *skills: str, who: Person | None = None) -> Standing:
    return standing(who or person(), skills, found, weighing(), NOW)


def test_three_parts_weigh_as_the_profile_says() -> None:
    one = stood(Evidence({"li-wei": [exam(80)]}, {"li-wei": [60, 90, 70]}, {"li-wei": Duty(3, 4, 2)}))
    assert {str(part): (known.points, known.n) for part, known in one.parts.items()} == {
        "exams": (80, 1),
        "drills": (70, 3),
        "appraisal": (75, 4),
    }
    assert one.score == round(0.4 * 80 + 0.3 * 70 + 0.3 * 75, 1)
    assert (one.known, one.missing) == (3, ())


def test_what_is_not_known_is_no_zero_and_the_rest_weighs_for_it() -> None:
    one = stood(Evidence({"li-wei": [exam(80)]}, {}, {"li-wei": Duty(1, 2, 1)}))
    assert one.missing == (Part.DRILLS,)
    assert one.score == round((0.4 * 80 + 0.3 * 50) / 0.7, 1)
    assert stood(NOTHING).score is None
    assert stood(NOTHING).known == 0


def test_a_real_zero_counts_as_one() -> None:
    assert stood(Evidence({"li-wei": [exam(0)]}, {}, {})).score == 0
    assert stood(Evidence({}, {}, {"li-wei": Duty(0, 3, 3)})).score == 0
    assert stood(Evidence({}, {}, {"li-wei": Duty(0, 0, 0)})).score is None, "nobody was asked"


def test_of_each_subject_the_latest_exam_counts_and_only_what_is_asked_for() -> None:
    several = [exam(40), exam(70, "Gas", date(2026, 9, 1)), exam(90, "crane"), exam(30, "gas", date(2025, 1, 1))]
    found = Evidence({"li-wei": several}, {}, {})
    assert stood(found, "gas").parts[Part.EXAMS] == Known(70, 1)
    assert stood(found).parts[Part.EXAMS] == Known(80, 2)
    assert stood(found, "welding").parts[Part.EXAMS] == Known(None, 0)
    assert stood(Evidence({"li-wei": [exam(59)]}, {}, {}), "gas").failed == ("gas",)


def test_who_lacks_it_or_let_it_run_out_is_marked_and_a_waiver_is_shown() -> None:
    over = {"name": "gas", "until": "2026-11-01"}
    assert [reason.key for reason in stood(NOTHING, "gas").lacks] == ["skill.lacks"]
    assert [reason.key for reason in stood(NOTHING, "gas", who=person("a", over)).lacks] == ["skill.expired"]
    waived = stood(NOTHING, "gas", who=person("a", over | {"waiver": "exam on Friday"}))
    assert waived.lacks == ()
    assert [reason.key for reason in waived.waived] == ["skill.waived"]


def test_the_qualified_come_first_then_the_higher_score_then_what_is_better_known() -> None:
    exams = {name: [exam(score)] for name, score in (("low", 50), ("high", 90), ("unfit", 100))}
    found = Evidence(exams, {}, {})
    people = [person("none", "gas"), person("low", "gas"), person("unfit"), person("high", "gas")]
    order = ranked(standing(one, ("gas",), found, weighing(), NOW) for one in people)
    assert [one.person for one in order] == ["high", "low", "none", "unfit"]


def test_a_profile_that_does_not_come_to_one_is_refused() -> None:
    data = weighing().model_dump(mode="json")
    for weights in ({"exams": 0.5, "drills": 0.3, "appraisal": 0.3}, {"exams": 0.5, "drills": 0.5}):
        with pytest.raises(ValidationError):
            Weighing.model_validate(data | {"weights": weights})


def test_a_part_that_weighs_nothing_makes_no_score_alone() -> None:
    data = weighing().model_dump(mode="json") | {"weights": {"exams": 0, "drills": 0.5, "appraisal": 0.5}}
    parts = {Part.EXAMS: Known(80, 1), Part.DRILLS: Known(None, 0), Part.APPRAISAL: Known(None, 0)}
    assert weighed(parts, Weighing.model_validate(data)) is None
