"""Training sessions are kept as they were recorded, once, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from incident.errors import Refused
from incident.organisation.training import Training
from incident.store import trainings
from incident.store.engine import changing, reading

NOW = datetime(2026, 11, 23, 2, 12, tzinfo=UTC)
GAS = Training(
    held_on=date(2026, 11, 20), topic="煤气 refresher", attended=("alice", "bob"), skill="gas", until=date(2028, 1, 31)
)


def test_a_session_is_kept_once_and_another_group_of_the_same_day_beside_it(engine: Engine) -> None:
    others = GAS.model_copy(update={"attended": ("charlie",), "skill": None, "until": None})
    with changing(engine) as connection:
        first = trainings.add(connection, GAS, at=NOW, by="person:dora")
        second = trainings.add(connection, others, at=NOW, by="key:hr")
        turned = GAS.model_copy(update={"attended": ("bob", "alice")})
        with pytest.raises(Refused):
            trainings.add(connection, turned, at=NOW, by="person:dora")
    assert (first.topic, first.attended, first.until) == (GAS.topic, GAS.attended, GAS.until)
    assert (first.at, first.by, first.held_on) == (NOW, "person:dora", GAS.held_on)
    with reading(engine) as connection:
        assert trainings.latest(connection) == [second, first]
        assert trainings.latest(connection, before=second.id) == [first]
        assert trainings.latest(connection, limit=1) == [second]
