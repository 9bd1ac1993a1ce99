"""Exams and decisions about people are kept as they were made, once, on both databases; weights in versions."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from incident.errors import Refused
from incident.selection import Decision, Exam, Part, Weights
from incident.store import selection
from incident.store.engine import changing, reading

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
GAS = Exam(person="alice", subject="煤气", held_on=date(2026, 11, 20), score=81.5, pass_mark=60, examiner="Prof. Gu")
YES = Decision(kind="skill", target="煤气", person="alice", decision="approved", reason="the best we have")
BASIS = {"parts": {"exams": {"points": 81.5, "n": 1}}}


def test_an_exam_is_kept_once_and_another_result_beside_it(engine: Engine) -> None:
    with changing(engine) as connection:
        first = selection.add_exam(connection, GAS, at=NOW, by="person:dora")
        with pytest.raises(Refused):
            selection.add_exam(connection, GAS, at=NOW, by="key:hr")
        again = GAS.model_copy(update={"score": 44.0})
        second = selection.add_exam(connection, again, at=NOW, by="person:dora")
    with reading(engine) as connection:
        assert selection.latest_exams(connection) == [second, first]
        assert selection.latest_exams(connection, before=second.id) == [first]
        assert selection.latest_exams(connection, person="bob") == []
        assert [one.score for one in selection.sat(connection)["alice"]] == [81.5, 44]


def test_a_decision_is_kept_with_its_basis_and_the_last_one_holds(engine: Engine) -> None:
    with changing(engine) as connection:
        kept = selection.decide(connection, YES, score=81.5, basis=BASIS, at=NOW, by="person:dora")
        assert selection.decide(connection, YES, score=81.5, basis=BASIS, at=NOW, by="person:dora") == kept
        other = selection.decide(connection, YES, score=70.0, basis=BASIS, at=NOW, by="person:dora")
        no = YES.model_copy(update={"decision": "declined", "reason": "moves away"})
        last = selection.decide(connection, no, score=None, basis=BASIS, at=NOW, by="person:dora")
    assert (kept.basis, kept.at, kept.score) == (BASIS, NOW, 81.5)
    with reading(engine) as connection:
        assert selection.latest(connection) == [last, other, kept]
        assert selection.holding(connection, "skill", "煤气") == {"alice": last}
        assert selection.holding(connection, "skill", "gas") == {}
        assert selection.latest(connection, person="bob") == []


def test_a_house_has_the_products_weights_until_it_saves_its_own(engine: Engine) -> None:
    own = Weights(exams=0.5, drills=0.25, appraisal=0.25, months=12)
    with changing(engine) as connection:
        profile, version = selection.weighing(connection)
        assert (profile.id, version, profile.weights[Part.EXAMS]) == ("standard", 0, 0.4)
        assert selection.save_weights(connection, own, expected=0, at=NOW, by="person:dora") == 1
        with pytest.raises(Refused):
            selection.save_weights(connection, own, expected=0, at=NOW, by="person:erik")
        profile, version = selection.weighing(connection)
    assert (profile.id, profile.version, profile.weights[Part.EXAMS], profile.months) == ("own", 1, 0.5, 12)
