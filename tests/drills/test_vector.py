"""The test vector of the specification, line by line and as a whole."""

import pytest

from drills.measures import Dimension, Item
from drills.score import Rating
from drills.score.scale import f2, tl, word
from tests.drills.tale import vector


def test_the_vector_to_four_places():
    score = vector().score()
    assert score.total is not None
    assert round(score.total, 4) == 84.4687
    assert score.rating is Rating.SOME
    assert score.gates == ()
    assert score.dropped == 0


@pytest.mark.parametrize(
    ("item", "points"),
    [
        (Item.ACKNOWLEDGE, 12.0),
        (Item.COMMAND, 5.0),
        (Item.POSTS, 7.5),
        (Item.STEPS, 10.56),
        (Item.ORDER, 4.5),
        (Item.GRADING, 4.0),
        (Item.REMEDY, 3.0),
        (Item.ESCALATION, 5.714286),
        (Item.CONTAINMENT, 4.166667),
        (Item.WORD, 6.027778),
        (Item.RESTORE, 10.0),
        (Item.CLOSEOUT, 4.0),
        (Item.SATISFACTION, 8.0),
    ],
)
def test_each_line_of_the_vector(item: Item, points: float):
    assert vector().score().mark(item).points == pytest.approx(points, abs=1e-6)


def test_the_dimensions_of_the_vector():
    sums = {each.dimension: each.points for each in vector().score().sums}
    assert sums == {
        Dimension.RESPONSE: pytest.approx(24.5),
        Dimension.HANDLING: pytest.approx(22.06),
        Dimension.CONTROL: pytest.approx(15.908730),
        Dimension.RECOVERY: pytest.approx(14.0),
        Dimension.SATISFACTION: pytest.approx(8.0),
    }


def test_every_point_earned_or_lost_names_an_entry_of_the_log():
    tale = vector()
    positions = {entry.position for entry in tale.log}
    for mark in tale.score().marks:
        assert mark.evidence, mark.item
        assert {line.position for line in mark.evidence} <= positions


def test_the_scales():
    assert [tl(t, 15) for t in (0, 15, 18, 30, 31, None)] == [1, 1, pytest.approx(0.8), 0, 0, 0]
    assert round(tl(16, 15), 2) == 0.93
    assert f2(2, 3, 0) == pytest.approx(0.714286, abs=1e-6)
    assert f2(3, 3, 0) == 1
    assert f2(3, 3, 3) < 1
    assert f2(0, 3, 0) == 0
    assert word([5, 30, 45, 30, 30, 40], 30) == pytest.approx(0.861111, abs=1e-6)
    assert word([], 30) is None
