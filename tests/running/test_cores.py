"""Which processors the web has to itself."""

from __future__ import annotations

import pytest

from incident.running.cores import own


@pytest.mark.parametrize(
    ("cores", "web"),
    [
        ({0}, {0}),
        ({0, 1}, {1}),
        ({3, 7}, {7}),
        ({0, 1, 2, 3}, {0, 1, 2, 3}),
    ],
)
def test_of_exactly_two_it_is_one(cores: set[int], web: set[int]) -> None:
    assert own(cores) == web
