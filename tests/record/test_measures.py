"""Figures over incidents: medians with n, the waiting counted, drills left out."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from incident.commands import Resolve
from incident.record.measures import measure, spread
from tests.core.house import START, Story


def test_one_incident_from_its_log() -> None:
    story = Story().opened().later(minutes=4).taken().later(minutes=6).does(Resolve("alice", "web"))
    found = measure(story.log)
    assert found is not None
    assert (found.paged_at, found.answered_at) == (START, START + timedelta(minutes=4))
    assert found.restored_at == START + timedelta(minutes=10)
    assert found.level == "critical"


def test_the_first_answer_counts_and_no_later_one() -> None:
    story = Story().opened().later(minutes=1).taken("alice").later(minutes=2).taken("bob")
    found = measure(story.log)
    assert found is not None
    assert found.answered_at == START + timedelta(minutes=1)


def test_folding_in_two_halves_is_folding_at_once() -> None:
    story = Story().opened().later(minutes=12).taken().does(Resolve("alice", "web"))
    for cut in range(len(story.log) + 1):
        assert measure(story.log[cut:], measure(story.log[:cut])) == measure(story.log)


def test_nothing_finished_has_no_median() -> None:
    assert spread([], 3) == spread([], 3)
    assert spread([], 3).median_s is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_medians_and_percentiles_really_occurred(values: list[float]) -> None:
    found = spread(values, 0)
    assert found.median_s in values
    assert found.p90_s in values
    assert found.median_s is not None
    assert found.p90_s is not None
    assert found.median_s <= found.p90_s
    assert sum(value <= found.median_s for value in values) * 2 >= len(values)
    assert sum(value <= found.p90_s for value in values) * 10 >= 9 * len(values)
