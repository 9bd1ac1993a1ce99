"""What is measured is what is claimed: the long log is as long as it says and still a drill."""

from bench.drills import LONG, long
from drills.measures import Item
from drills.score import profile
from tests.drills.test_simulate import played


def test_the_long_log_is_long_and_scores_as_before():
    drill = played()
    longer = long(drill)
    assert len(longer.entries) == LONG
    assert longer.score(profile()).mark(Item.ACKNOWLEDGE) == drill.score(profile()).mark(Item.ACKNOWLEDGE)
