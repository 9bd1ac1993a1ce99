"""The floor beneath the ladder is measured from the commit, and no work is done before it is due."""

from __future__ import annotations

import pytest

from bench import ladder, ladder_peers


def test_due_moments_are_random_within_the_span_and_the_same_for_both_sides() -> None:
    first = ladder.due(200, seed=1)
    assert first == ladder.due(200, seed=1) != ladder.due(200, seed=2)
    assert first == sorted(first)
    assert 0 <= first[0] < first[-1] <= ladder.SPAN_S


def test_the_floor_does_all_of_it_and_nothing_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder_peers, "_LEAD_S", 0.05)
    late = ladder_peers.sleeping([0.0, 0.001, 0.001, 0.03])
    assert len(late) == 4
    assert all(0 <= each < 5 for each in late)
